package format

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"chancery/graph"
)

// dot is the language of Graphviz.
var dot = Format{
	Name:       "dot",
	Extensions: []string{".dot", ".gv"},
	MediaTypes: []string{"text/vnd.graphviz"},
	Shapes:     Shapes,
	Lacks:      "types: every value is text, lists are JSON in text; a backslash in plain text is read as two",
	Write:      writeDOT,
}

func writeDOT(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
	n := newNetwork(p, o)
	about, err := n.about(ctx)
	if err != nil {
		return 0, err
	}
	t := newTextWriter(w)
	t.put("digraph chancery {\n")
	for _, a := range about {
		var value any = a[1]
		if a[0] == "selection" || a[0] == "truncation" {
			value = json.RawMessage(a[1])
		}
		t.put(a[0], "=", dotValue(a[0], value), ";\n")
	}
	count := 0
	for x, err := range n.nodes(ctx) {
		if err != nil {
			return count, err
		}
		t.put(dotText(x.id))
		t.dotAttributes("", nodeAttributes, x.values)
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	for x, err := range n.edges(ctx) {
		if err != nil {
			return count, err
		}
		t.put(dotText(x.from), " -> ", dotText(x.to))
		t.dotAttributes("key="+dotText(x.id), edgeAttributes[n.shape], x.values) // with a key, parallel edges stay apart in strict graphs as well
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	t.put("}\n")
	return count, t.out.Flush()
}

func (t *textWriter) dotAttributes(first string, attributes []attribute, values []any) {
	t.put(" [", first)
	separator := ""
	if first != "" {
		separator = ", "
	}
	for i, v := range values {
		if v != nil {
			t.put(separator, attributes[i].name, "=", dotValue(attributes[i].name, v))
			separator = ", "
		}
	}
	t.put("];\n")
}

// dotJSON writes the two escapes of JSON that a quoted string cannot end or hold in a way that it can.
var dotJSON = strings.NewReplacer(`\\`, `\u005c`, `\"`, `\u0022`)

// dotLabel marks what Graphviz would read as an entity or a line end when it draws a label.
var dotLabel = strings.NewReplacer("&", "&amp;", "\r\n", `\n`, "\n", `\n`)

func dotValue(name string, v any) string {
	switch v := v.(type) {
	case json.RawMessage:
		return `"` + strings.ReplaceAll(dotJSON.Replace(string(v)), `"`, `\"`) + `"`
	case string:
		if name == "label" {
			return `"` + dotLabel.Replace(dotEscape.Replace(v)) + `"`
		}
	}
	return dotText(plain(v))
}

var dotEscape = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

// dotText is a quoted string. Graphviz reads \" as a quotation mark and leaves \\ as it is.
func dotText(s string) string { return `"` + dotEscape.Replace(s) + `"` }
