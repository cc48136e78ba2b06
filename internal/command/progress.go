package command

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// When progress is shown: not for what is done at once, and in plain lines not too often.
const (
	progressDelay = 2 * time.Second
	plainInterval = 5 * time.Second
)

// meter shows how far something has come. Each way of showing it is one of these.
type meter interface {
	// show tells a step: done of total, which is 0 when it is not known, with a line that says it in words, and the step as a value.
	show(done, total int64, text string, step any)
	// close ends the showing.
	close()
}

// newMeter is the meter that the settings ask for. What says what is under way.
func (s *session) newMeter(what string) meter {
	kind := s.str("progress")
	if kind == "auto" {
		kind = "plain"
		if f, ok := s.stderr.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
			kind = "bar"
		}
	}
	began := time.Now()
	switch kind {
	case "bar":
		return &barMeter{w: s.stderr, what: what, began: began}
	case "plain":
		return &plainMeter{w: s.stderr, what: what, last: began.Add(progressDelay - plainInterval)}
	case "json":
		return jsonMeter{json.NewEncoder(s.stderr)}
	}
	return noMeter{}
}

type noMeter struct{}

func (noMeter) show(int64, int64, string, any) {}
func (noMeter) close()                         {}

// jsonMeter writes each step as one JSON object on a line.
type jsonMeter struct{ e *json.Encoder }

func (m jsonMeter) show(_, _ int64, _ string, step any) { _ = m.e.Encode(step) } // progress nobody can read is no failure
func (jsonMeter) close()                                {}

// plainMeter writes a line now and then.
type plainMeter struct {
	w    io.Writer
	what string
	last time.Time
}

func (m *plainMeter) show(done, total int64, text string, _ any) {
	if now := time.Now(); now.Sub(m.last) >= plainInterval {
		m.last = now
		share := ""
		if total > 0 {
			share = fmt.Sprintf(" %d %%,", min(100, done*100/total))
		}
		fmt.Fprintf(m.w, "%s:%s %s\n", m.what, share, text)
	}
}

func (*plainMeter) close() {}

// barMeter draws a bar, or a spinner while the total is not known.
type barMeter struct {
	w     io.Writer
	what  string
	began time.Time
	bar   *progressbar.ProgressBar
	total int64
}

func (m *barMeter) show(done, total int64, text string, _ any) {
	if time.Since(m.began) < progressDelay {
		return
	}
	if total <= 0 {
		total = -1
	}
	if m.bar == nil || m.total != total {
		m.total = total
		m.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(m.w), progressbar.OptionSetWidth(24), progressbar.OptionClearOnFinish(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false))
	}
	m.bar.Describe(m.what + ": " + text)
	_ = m.bar.Set64(done) // a bar that cannot be drawn is no failure
}

func (m *barMeter) close() {
	if m.bar != nil {
		_ = m.bar.Clear()
	}
}
