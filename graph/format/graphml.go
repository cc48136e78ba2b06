package format

import (
	"context"
	"fmt"
	"io"

	"chancery/graph"
)

// graphML is the XML format of most tools of network analysis.
var graphML = Format{
	Name:       "graphml",
	Extensions: []string{".graphml"},
	MediaTypes: []string{"application/graphml+xml"},
	Shapes:     Shapes,
	Lacks:      "control characters, which become U+FFFD; lists are JSON in text",
	Write:      writeGraphML,
}

const graphMLHead = `<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.1/graphml.xsd">
`

func writeGraphML(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error) {
	n := newNetwork(p, o)
	about, err := n.about(ctx)
	if err != nil {
		return 0, err
	}
	t := newTextWriter(w)
	t.put(graphMLHead)
	for i, a := range about {
		t.graphMLKey("g", "graph", i, attribute{a[0], textAttribute})
	}
	for i, a := range nodeAttributes {
		t.graphMLKey("n", "node", i, a)
	}
	for i, a := range edgeAttributes[n.shape] {
		t.graphMLKey("e", "edge", i, a)
	}
	t.put(`<graph id="G" edgedefault="directed">`, "\n")
	for i, a := range about {
		t.put(fmt.Sprintf(`<data key="g%d">`, i), escaped(a[1]), "</data>\n")
	}
	count := 0
	for x, err := range n.nodes(ctx) {
		if err != nil {
			return count, err
		}
		t.put(`<node id="`, token(x.id), `">`)
		t.graphMLData("n", x.values)
		t.put("</node>\n")
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	for x, err := range n.edges(ctx) {
		if err != nil {
			return count, err
		}
		t.put(`<edge id="`, token(x.id), `" source="`, token(x.from), `" target="`, token(x.to), `">`)
		t.graphMLData("e", x.values)
		t.put("</edge>\n")
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	t.put("</graph>\n</graphml>\n")
	return count, t.out.Flush()
}

func (t *textWriter) graphMLKey(prefix, domain string, i int, a attribute) {
	if a.typ == encodedAttribute {
		a.typ = textAttribute
	}
	t.put(fmt.Sprintf(`<key id="%s%d" for="%s" attr.name="%s" attr.type="%s"/>`, prefix, i, domain, a.name, a.typ), "\n")
}

func (t *textWriter) graphMLData(prefix string, values []any) {
	for i, v := range values {
		if v != nil {
			t.put(fmt.Sprintf(`<data key="%s%d">`, prefix, i), escaped(plain(v)), "</data>")
		}
	}
}
