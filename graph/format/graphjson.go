package format

import (
	"context"
	"encoding/json"
	"io"
	"iter"

	"chancery/graph"
)

// nodeLink is the JSON of NetworkX. Its versions differ in whether edges stand under links or edges, so they stand under both.
var nodeLink = Format{
	Name:       "nodelink",
	Extensions: []string{".nodelink.json"},
	MediaTypes: []string{"application/json"},
	Shapes:     Shapes,
	Write:      writeNodeLink,
}

// cytoscape is the JSON of cytoscape.js and Cytoscape.
var cytoscape = Format{
	Name:       "cytoscape",
	Extensions: []string{".cyjs"},
	MediaTypes: []string{"application/vnd.cytoscape+json"},
	Shapes:     Shapes,
	Write:      writeCytoscape,
}

// member is one field of an object.
type member struct {
	name  string
	value any
}

// object is JSON with its fields in the order given; fields that are nil are left out.
type object []member

// MarshalJSON writes the fields.
func (o object) MarshalJSON() ([]byte, error) {
	b := []byte{'{'}
	for _, m := range o {
		if m.value == nil {
			continue
		}
		if len(b) > 1 {
			b = append(b, ',')
		}
		for i, v := range []any{m.name, m.value} {
			text, err := compact(v)
			if err != nil {
				return nil, err
			}
			if i > 0 {
				b = append(b, ':')
			}
			b = append(b, text...)
		}
	}
	return append(b, '}'), nil
}

// with adds attributes.
func (o object) with(attributes []attribute, values []any) object {
	for i, v := range values {
		o = append(o, member{attributes[i].name, v})
	}
	return o
}

// aboutObject is what a file says of itself. What is JSON stays JSON.
func aboutObject(about [][2]string) object {
	var o object
	for _, a := range about {
		var value any = a[1]
		if a[0] == "selection" || a[0] == "truncation" {
			value = json.RawMessage(a[1])
		}
		o = append(o, member{a[0], value})
	}
	return o
}

// putJSON writes a value in one line.
func (t *textWriter) putJSON(v any) error {
	b, err := compact(v)
	if err == nil {
		t.put(string(b))
	}
	return err
}

// putList writes the items of a list, each on a line of its own, and returns how many there are.
func putList[T any](t *textWriter, items iter.Seq2[T, error], made func(T) object) (int, error) {
	n := 0
	for x, err := range items {
		if err != nil {
			return n, err
		}
		if n > 0 {
			t.put(",")
		}
		t.put("\n")
		if err := t.putJSON(made(x)); err != nil {
			return n, err
		}
		if n++; t.err() != nil {
			return n, t.err()
		}
	}
	t.put("\n]")
	return n, nil
}

func writeNodeLink(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
	n := newNetwork(p, o)
	about, err := n.about(ctx)
	if err != nil {
		return 0, err
	}
	t := newTextWriter(w)
	t.put(`{"directed":true,"multigraph":true,"graph":`)
	if err := t.putJSON(aboutObject(about)); err != nil {
		return 0, err
	}
	t.put(`,"nodes":[`)
	nodes, err := putList(t, n.nodes(ctx), func(x *node) object {
		return object{{"id", x.id}}.with(nodeAttributes, x.values)
	})
	if err != nil {
		return nodes, err
	}
	edges := 0
	for _, name := range []string{"links", "edges"} {
		t.put(`,"`, name, `":[`)
		edges, err = putList(t, n.edges(ctx), func(x *edge) object {
			return object{{"source", x.from}, {"target", x.to}, {"key", x.id}}.with(edgeAttributes[n.shape], x.values)
		})
		if err != nil {
			return nodes + edges, err
		}
	}
	t.put("}\n")
	return nodes + edges, t.out.Flush()
}

func writeCytoscape(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
	n := newNetwork(p, o)
	about, err := n.about(ctx)
	if err != nil {
		return 0, err
	}
	t := newTextWriter(w)
	t.put(`{"format_version":"1.0","generated_by":"Chancery","target_cytoscapejs_version":"~3","data":`)
	if err := t.putJSON(aboutObject(about)); err != nil {
		return 0, err
	}
	t.put(`,"directed":true,"multigraph":true,"elements":{"nodes":[`)
	nodes, err := putList(t, n.nodes(ctx), func(x *node) object {
		return object{{"data", object{{"id", x.id}, {"value", x.id}, {"name", x.label}}.with(nodeAttributes, x.values)}}
	})
	if err != nil {
		return nodes, err
	}
	t.put(`,"edges":[`)
	// Cytoscape takes edges of one name for the same, so an edge is named by its id.
	edges, err := putList(t, n.edges(ctx), func(x *edge) object {
		data := object{{"id", x.id}, {"source", x.from}, {"target", x.to}, {"key", x.id}, {"name", x.id}, {"interaction", x.typ}}
		return object{{"data", data.with(edgeAttributes[n.shape], x.values)}}
	})
	if err != nil {
		return nodes + edges, err
	}
	t.put("}}\n")
	return nodes + edges, t.out.Flush()
}
