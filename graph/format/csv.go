package format

import (
	"archive/zip"
	"context"
	"encoding/json"
	"io"
	"strings"

	"chancery/graph"
)

// csvFiles are tables in a zip file, with the columns that Gephi and spreadsheets look for.
var csvFiles = Format{
	Name:        "csv",
	Extensions:  []string{".csv.zip", ".zip"},
	MediaTypes:  []string{"application/zip"},
	Shapes:      Shapes,
	Spreadsheet: true,
	Lacks:       "types: every value is text, lists are JSON in text; a value that is missing and an empty text are the same",
	Write:       writeCSV,
}

// table writes RFC 4180: UTF-8, lines ended by CR LF, quotation marks where they are needed. encoding/csv does not do it: with
// CR LF between records it also rewrites the line ends within fields.
type table struct {
	t     *textWriter
	guard bool // mark what a spreadsheet would take for a formula
}

// row writes a record. Nil is an empty field.
func (c table) row(values ...any) {
	for i, v := range values {
		if i > 0 {
			c.t.put(",")
		}
		if v == nil {
			continue
		}
		s := plain(v)
		switch v.(type) {
		case string, json.RawMessage:
			if c.guard && s != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(s)[0]) {
				s = "'" + s
			}
		}
		if strings.ContainsAny(s, "\",\r\n") || s != "" && (s[0] == ' ' || s[len(s)-1] == ' ') {
			c.t.put(`"`, strings.ReplaceAll(s, `"`, `""`), `"`)
		} else {
			c.t.put(s)
		}
	}
	c.t.put("\r\n")
}

// Attributes that have a column with the name that Gephi gives it, or a table of their own.
var (
	ownNodeColumns = map[string]bool{"entity_id": true, "label": true}
	ownEdgeColumns = map[string]bool{"relation_id": true, "tie_id": true, "label": true, "type": true, "weight": true, "citations": true}
)

var citationColumns = []any{
	"relation_id", "citation_id", "document_id", "title", "publisher", "authors", "url", "published", "lang", "document_kind", "license",
	"quote", "start", "end", "locator", "speaker_id", "via", "verdict", "modality", "stated_on", "confidence", "verification", "note",
}

func writeCSV(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
	n := newNetwork(p, o)
	at, err := p.Time(ctx)
	if err != nil {
		return 0, err
	}
	z := zip.NewWriter(w)
	parts := []struct {
		name  string
		write func(context.Context, network, table) (int, error)
	}{{"about.csv", aboutTable}, {"nodes.csv", nodeTable}, {"edges.csv", edgeTable}, {"citations.csv", citationTable}}
	if n.shape == Ties {
		parts = parts[:3]
	}
	count := 0
	for _, part := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: at.UTC()})
		if err != nil {
			return count, err
		}
		t := newTextWriter(f)
		if o.Excel {
			t.put("\ufeff")
		}
		rows, err := part.write(ctx, n, table{t, o.Excel})
		if err != nil {
			return count, err
		}
		if err := t.out.Flush(); err != nil {
			return count, err
		}
		count += rows
	}
	return count, z.Close()
}

func aboutTable(ctx context.Context, n network, c table) (int, error) {
	about, err := n.about(ctx)
	if err != nil {
		return 0, err
	}
	c.row("name", "value")
	for _, a := range about {
		c.row(a[0], a[1])
	}
	return 0, nil
}

func nodeTable(ctx context.Context, n network, c table) (int, error) {
	c.row(append([]any{"Id", "Label"}, otherColumns(nodeAttributes, ownNodeColumns)...)...)
	count := 0
	for x, err := range n.nodes(ctx) {
		if err != nil {
			return count, err
		}
		c.row(append([]any{x.id, x.label}, otherValues(nodeAttributes, ownNodeColumns, x.values)...)...)
		if count++; c.t.err() != nil {
			return count, c.t.err()
		}
	}
	return count, nil
}

func edgeTable(ctx context.Context, n network, c table) (int, error) {
	n.uncited = true
	attributes := edgeAttributes[n.shape]
	c.row(append([]any{"Id", "Source", "Target", "Type", "Kind", "Label", "Weight"}, otherColumns(attributes, ownEdgeColumns)...)...)
	count := 0
	for x, err := range n.edges(ctx) {
		if err != nil {
			return count, err
		}
		c.row(append([]any{x.id, x.from, x.to, "Directed", x.typ, x.label, x.weight}, otherValues(attributes, ownEdgeColumns, x.values)...)...)
		if count++; c.t.err() != nil {
			return count, c.t.err()
		}
	}
	return count, nil
}

func otherColumns(attributes []attribute, own map[string]bool) []any {
	var out []any
	for _, a := range attributes {
		if !own[a.name] {
			out = append(out, a.name)
		}
	}
	return out
}

func otherValues(attributes []attribute, own map[string]bool, values []any) []any {
	var out []any
	for i, a := range attributes {
		if !own[a.name] {
			out = append(out, values[i])
		}
	}
	return out
}

func citationTable(ctx context.Context, n network, c table) (int, error) {
	c.row(citationColumns...)
	count := 0
	for r, err := range n.piece.Relations(ctx) {
		if err != nil {
			return count, err
		}
		all, err := citationsOf(ctx, r)
		if err != nil {
			return count, err
		}
		for _, x := range all {
			if err := c.citation(r.ID, &x); err != nil {
				return count, err
			}
			count++
		}
		if err := c.t.err(); err != nil {
			return count, err
		}
	}
	return count, nil
}

func (c table) citation(relation string, x *citationEntry) error {
	authors, err := list(x.Authors)
	if err != nil {
		return err
	}
	via, err := list(x.Via)
	if err != nil {
		return err
	}
	c.row(relation, x.ID, x.Document, x.Title, x.Publisher, authors, x.URL, x.Published, x.Lang, string(x.DocumentKind), x.License,
		x.Quote, given(x.Start), given(x.End), x.Locator, x.Speaker, via, string(x.Verdict), string(x.Modality), x.StatedOn, given(x.Confidence), string(x.Verification), x.Note)
	return nil
}

// given is what a pointer points to, nil for none.
func given[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}
