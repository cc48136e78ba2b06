package web

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/graph"
)

// Times that hold when Config does not say.
const (
	defaultPatience = 10 * time.Second
	defaultGrace    = 10 * time.Second
)

// retryMillis is how long a browser waits before it connects again.
const retryMillis = 1_000

// changes streams what was changed, one batch for each commit, as server-sent events or as lines of JSON.
func (s *server) changes(w http.ResponseWriter, r *http.Request) {
	lines, ok := asLines(r.Header.Values("Accept"))
	if !ok {
		refuse(w, r, http.StatusNotAcceptable, "the changes come as text/event-stream or application/x-ndjson: accept one of them")
		return
	}
	o, before, err := changesParameters(r)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "%s", err)
		return
	}
	o.Heartbeat = s.Heartbeat
	feed, err := s.Graph.Feed(r.Context(), o)
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	defer feed.Close()
	out := &changeWriter{w: w, control: http.NewResponseController(w), lines: lines, before: before, patience: cmp.Or(s.Patience, defaultPatience), grace: cmp.Or(s.Grace, defaultGrace)}
	if err := out.begin(r.Method); err != nil || r.Method == http.MethodHead {
		return
	}
	ctx, cancel := s.untilStopping(r.Context())
	defer cancel()
	s.report(ctx, r, feed, out.copy(ctx, feed))
}

// report deals with what ended a stream.
func (s *server) report(ctx context.Context, r *http.Request, feed *graph.Feed, err error) {
	switch {
	case err == nil:
	case errors.Is(err, errSlow): // the context may have ended with the connection
		feed.Dropped()
		s.log.InfoContext(r.Context(), "a reader of changes was dropped, because it did not read", "id", requestID(r.Context()), "revision", uint64(feed.Revision()))
	case errors.Is(err, errGone), ctx.Err() != nil:
	default:
		s.log.ErrorContext(r.Context(), "a stream of changes broke off", "id", requestID(r.Context()), "error", err)
		panic(http.ErrAbortHandler)
	}
}

// untilStopping is a context that also ends when the service is about to stop.
func (s *server) untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if s.Stopping != nil {
		go func() {
			select {
			case <-s.Stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// asLines tells whether the answer is lines of JSON; not ok where neither form is accepted.
func asLines(accept []string) (lines, ok bool) {
	header := strings.ToLower(strings.Join(accept, ","))
	if strings.Contains(header, "ndjson") {
		return true, true
	}
	return false, strings.TrimSpace(header) == "" || strings.Contains(header, "text/event-stream") || strings.Contains(header, "text/*") || strings.Contains(header, "*/*")
}

// changesParameters reads what is asked of /changes. What a browser saw last counts for more than what its page asked for first.
func changesParameters(r *http.Request) (o graph.FeedOptions, before bool, err error) {
	o.Live = true
	var f graph.ChangeFilter
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "since":
			o.Since, err = revisionOf("since", value)
		case "live":
			o.Live, err = truthOf(name, value)
		case "before":
			before, err = truthOf(name, value)
		case "involves":
			f.Involves = values
		case "type":
			f.Relations = &graph.RelationFilter{Types: values}
		case "operation":
			f.Operations, err = operationsOf(values)
		default:
			err = fmt.Errorf("there is no parameter %q; there are since, live, before, involves, type and operation", name)
		}
		if err != nil {
			return o, false, err
		}
	}
	if f.Involves != nil || f.Relations != nil || f.Operations != nil {
		o.Filter = &f
	}
	if id := r.Header.Get("Last-Event-ID"); id != "" {
		o.Since, err = revisionOf("Last-Event-ID", id)
	}
	return o, before, err
}

func revisionOf(name, value string) (graph.Revision, error) {
	n, err := strconv.ParseUint(value, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%s is %q, and not the number of a revision, as in since=12", name, value)
	}
	return graph.Revision(n), nil
}

func truthOf(name, value string) (bool, error) {
	switch value {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, fmt.Errorf("%s is %q: write true or false", name, value)
}

func operationsOf(values []string) ([]graph.Operation, error) {
	var out []graph.Operation
	for _, v := range values {
		op := graph.Operation(strings.ToLower(v))
		if !slices.Contains(graph.Operations, op) {
			return nil, fmt.Errorf("there is no operation %q; there are created, updated, retracted, merged and deleted", v)
		}
		out = append(out, op)
	}
	return out, nil
}

var (
	errSlow = errors.New("web: the reader does not read")
	errGone = errors.New("web: the reader is gone")
)

// changeWriter writes batches in one of the two forms.
type changeWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	lines    bool
	before   bool
	patience time.Duration
	grace    time.Duration
}

// begin sends the head of the answer.
func (c *changeWriter) begin(method string) error {
	// The request was read: what bounds the time for that must not end the stream.
	if err := c.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	if c.lines {
		h.Set("Content-Type", "application/x-ndjson; charset=utf-8")
	}
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx else holds events back
	h.Add("Vary", "Accept")
	c.w.WriteHeader(http.StatusOK)
	if method == http.MethodHead {
		return nil
	}
	if c.lines {
		return c.control.Flush()
	}
	return c.send([]byte("retry: " + strconv.Itoa(retryMillis) + "\n\n"))
}

// copy writes what a feed brings until it ends.
func (c *changeWriter) copy(ctx context.Context, feed *graph.Feed) error {
	for {
		b, err := feed.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		p, err := c.encode(ctx, b)
		if err != nil {
			return err
		}
		feed.Release() // the batch is written out; sending it may take time
		began := time.Now()
		err = c.send(p)
		if time.Since(began) > c.patience {
			if err == nil {
				err = c.send(c.tooSlow(b.Revision))
			}
			return errors.Join(errSlow, err)
		}
		if err != nil {
			return errors.Join(errGone, err)
		}
	}
}

// changeBatch is a batch as it is written. Without changes it says that nothing up to its revision is still to come.
type changeBatch struct {
	Revision graph.Revision        `json:"revision"`
	At       time.Time             `json:"at"`
	By       string                `json:"by,omitempty"`
	Note     string                `json:"note,omitempty"`
	Changes  []*graph.ChangeRecord `json:"changes"`
}

func (c *changeWriter) encode(ctx context.Context, b *graph.ChangeBatch) ([]byte, error) {
	out := changeBatch{Revision: b.Revision, At: b.At, By: b.By, Note: b.Note, Changes: []*graph.ChangeRecord{}}
	for _, e := range b.Changes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rec, err := e.Interchange(ctx, c.before)
		if err != nil {
			return nil, err
		}
		out.Changes = append(out.Changes, rec)
	}
	name := ""
	if len(b.Changes) == 0 {
		name = "heartbeat"
	}
	return c.pack(name, strconv.FormatUint(uint64(b.Revision), 10), out)
}

// tooSlow is the last that a reader is told that does not read.
func (c *changeWriter) tooSlow(rev graph.Revision) []byte {
	p, err := c.pack("error", "", map[string]string{"error": fmt.Sprintf("too slow: resume with since=%d", rev)})
	if err != nil {
		panic("web: a text cannot be written as JSON: " + err.Error())
	}
	return p
}

// pack writes a value, in one line, as an event or as it is.
func (c *changeWriter) pack(name, id string, v any) ([]byte, error) {
	var b bytes.Buffer
	if !c.lines {
		if name != "" {
			b.WriteString("event: " + name + "\n")
		}
		if id != "" {
			b.WriteString("id: " + id + "\n")
		}
		b.WriteString("data: ")
	}
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	if !c.lines {
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// send writes p and makes sure that it is on its way.
func (c *changeWriter) send(p []byte) error {
	if err := c.control.SetWriteDeadline(time.Now().Add(c.patience + c.grace)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := c.w.Write(p); err != nil {
		return err
	}
	return c.control.Flush()
}
