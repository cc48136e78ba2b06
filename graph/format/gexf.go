package format

import (
	"context"
	"fmt"
	"io"
	"strings"

	"chancery/graph"
)

const gexfLacks = "control characters, which become U+FFFD; lists are JSON in text; start and end are days, the date as written is the attribute occurred"

// gexf13 is the format of Gephi.
var gexf13 = Format{
	Name:       "gexf",
	Extensions: []string{".gexf"},
	MediaTypes: []string{"application/gexf+xml"},
	Shapes:     Shapes,
	Lacks:      gexfLacks,
	Write: func(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
		return writeGEXF(ctx, p, o, w, gexfVersion{"http://gexf.net/1.3", "1.3", true})
	},
}

// gexf12 is the version that older readers know.
var gexf12 = Format{
	Name:       "gexf-1.2",
	Extensions: []string{".12.gexf"},
	MediaTypes: []string{"application/gexf+xml; version=1.2"},
	Shapes:     Shapes,
	Lacks:      gexfLacks + "; edges have no kind, the type of the relation is an attribute only",
	Write: func(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
		return writeGEXF(ctx, p, o, w, gexfVersion{"http://www.gexf.net/1.2draft", "1.2", false})
	},
}

type gexfVersion struct {
	space, number string
	kinds         bool // edges have a kind
}

func writeGEXF(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer, version gexfVersion) (int, error) {
	n := newNetwork(p, o)
	about, err := n.about(ctx)
	if err != nil {
		return 0, err
	}
	at, err := p.Time(ctx)
	if err != nil {
		return 0, err
	}
	t := newTextWriter(w)
	t.put(`<?xml version="1.0" encoding="UTF-8"?>`, "\n", `<gexf xmlns="`, version.space, `" version="`, version.number, `">`, "\n")
	var description []string
	for _, a := range about[1:] {
		description = append(description, a[0]+": "+a[1])
	}
	t.put(`<meta lastmodifieddate="`, at.Format("2006-01-02"), `"><creator>`, about[0][1], "</creator><description>", escaped(strings.Join(description, "; ")), "</description></meta>\n")
	t.put(`<graph defaultedgetype="directed" mode="dynamic" timeformat="date">`, "\n")
	t.gexfAttributes("node", nodeAttributes)
	t.gexfAttributes("edge", edgeAttributes[n.shape])
	count := 0
	t.put("<nodes>\n")
	for x, err := range n.nodes(ctx) {
		if err != nil {
			return count, err
		}
		t.put(`<node id="`, escaped(x.id), `" label="`, escaped(x.label), `">`)
		t.gexfValues(nodeAttributes, x.values)
		t.put("</node>\n")
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	t.put("</nodes>\n<edges>\n")
	for x, err := range n.edges(ctx) {
		if err != nil {
			return count, err
		}
		t.gexfEdge(x, n.shape, version)
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	t.put("</edges>\n</graph>\n</gexf>\n")
	return count, t.out.Flush()
}

func (t *textWriter) gexfEdge(x *edge, shape Shape, version gexfVersion) {
	t.put(`<edge id="`, escaped(x.id), `" source="`, escaped(x.from), `" target="`, escaped(x.to), `" label="`, escaped(x.label), `" weight="`, plain(x.weight), `"`)
	if version.kinds {
		t.put(` kind="`, escaped(x.typ), `"`)
	}
	if x.first != "" {
		t.put(` start="`, x.first, `"`)
	}
	if x.last != "" {
		t.put(` end="`, x.last, `"`)
	}
	t.put(">")
	t.gexfValues(edgeAttributes[shape], x.values)
	t.put("</edge>\n")
}

// ownInGEXF are attributes that nodes and edges have by themselves.
func ownInGEXF(a attribute) bool { return a.name == "label" || a.name == "weight" }

func (t *textWriter) gexfAttributes(class string, attributes []attribute) {
	t.put(`<attributes class="`, class, `" mode="static">`, "\n")
	for i, a := range attributes {
		if ownInGEXF(a) {
			continue
		}
		typ := string(a.typ)
		switch a.typ {
		case wholeAttribute:
			typ = "integer"
		case encodedAttribute:
			typ = string(textAttribute)
		}
		t.put(fmt.Sprintf(`<attribute id="%d" title="%s" type="%s"/>`, i, a.name, typ), "\n")
	}
	t.put("</attributes>\n")
}

func (t *textWriter) gexfValues(attributes []attribute, values []any) {
	t.put("<attvalues>")
	for i, v := range values {
		if v != nil && !ownInGEXF(attributes[i]) {
			t.put(fmt.Sprintf(`<attvalue for="%d" value="`, i), escaped(plain(v)), `"/>`)
		}
	}
	t.put("</attvalues>")
}
