package format

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"

	"chancery/graph"
)

// jsonLines is the interchange form, which keeps everything.
var jsonLines = Format{
	Name:       "jsonl",
	Extensions: []string{".jsonl", ".ndjson"},
	MediaTypes: []string{"application/x-ndjson", "application/jsonl", "application/ndjson", "application/x-jsonlines"},
	Shapes:     []Shape{Relations},
	Write: func(ctx context.Context, p *graph.Piece, _ WriteOptions, w io.Writer) (int, error) {
		return writeLines(p.Records(ctx), w)
	},
	Read: Import,
}

// Export writes all that a view shows as JSON Lines, sorted by kind and id, and
// returns how many lines that was. Equal graphs give equal bytes. Memory does
// not grow with the graph.
func Export(ctx context.Context, v *graph.View, w io.Writer) (int, error) {
	return writeLines(v.Records(ctx), w)
}

func writeLines(records iter.Seq2[graph.Record, error], w io.Writer) (n int, err error) {
	out := bufio.NewWriterSize(w, 64<<10)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for r, err := range records {
		if err != nil {
			return n, err
		}
		if err := e.Encode(r); err != nil {
			return n, err
		}
		n++
	}
	return n, out.Flush()
}
