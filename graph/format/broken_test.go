package format_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
)

var errGone = errors.New("nobody reads on")

// shortWriter takes so many bytes.
type shortWriter struct{ left int }

func (w *shortWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errGone
	}
	return len(b), nil
}

func TestFilesThatNobodyTakesAreNotWrittenOn(t *testing.T) {
	const entities = 20_000
	var lines strings.Builder
	for i := range entities {
		// Numbers that do not repeat themselves, so that packing them leaves much.
		fmt.Fprintf(&lines, `{"entity":{"id":"e%d","kind":"person","name":"N %x %x"}}`+"\n", i, uint64(i)*0x9e3779b97f4a7c15, uint64(i)*0xc2b2ae3d27d4eb4f)
	}
	g := openGraph(t)
	mustImport(t, g, lines.String())
	p := selected(t, newestView(t, g), graph.Selection{})
	for _, f := range format.Formats {
		n, err := f.Write(t.Context(), p, format.WriteOptions{}, &shortWriter{left: 100_000})
		if !errors.Is(err, errGone) || n >= entities {
			t.Errorf("%s: wrote %d of %d, %v", f.Name, n, entities, err)
		}
	}
}
