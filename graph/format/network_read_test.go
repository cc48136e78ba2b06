package format_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// readers find the network in a file of each format.
var readers = map[string]func(t *testing.T, file []byte) readNetwork{
	"graphml": readGraphML, "gexf": readGEXF, "gexf-1.2": readGEXF, "nodelink": readNodeLink, "cytoscape": readCytoscape, "csv": readCSV, "dot": readDOT, "jsonld": readJSONLD,
}

// put adds an attribute as text.
func (e element) put(t *testing.T, name, value string) {
	t.Helper()
	if slices.Contains(lists, name) {
		value = normal(t, value)
	}
	if _, twice := e[name]; twice {
		t.Errorf("the attribute %s is given twice", name)
	}
	e[name] = value
}

var tokenEscape = regexp.MustCompile(`_x([0-9A-F]{4,6})_`)

// untoken is the id of which a name token was made.
func untoken(t *testing.T, token string) string {
	if !regexp.MustCompile(`^[-.:_A-Za-z0-9]+$`).MatchString(token) {
		t.Errorf("%q is not a name token", token)
	}
	return tokenEscape.ReplaceAllStringFunc(token, func(m string) string {
		return string(rune(check[uint64](t)(strconv.ParseUint(m[2:len(m)-1], 16, 32))))
	})
}

type graphMLData struct {
	Key  string `xml:"key,attr"`
	Text string `xml:",chardata"`
}

func readGraphML(t *testing.T, file []byte) readNetwork {
	var doc struct {
		Keys []struct {
			ID   string `xml:"id,attr"`
			Name string `xml:"attr.name,attr"`
		} `xml:"key"`
		Graph struct {
			Nodes []struct {
				ID   string        `xml:"id,attr"`
				Data []graphMLData `xml:"data"`
			} `xml:"node"`
			Edges []struct {
				ID     string        `xml:"id,attr"`
				Source string        `xml:"source,attr"`
				Target string        `xml:"target,attr"`
				Data   []graphMLData `xml:"data"`
			} `xml:"edge"`
		} `xml:"graph"`
	}
	if err := xml.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	keys := map[string]string{}
	for _, k := range doc.Keys {
		keys[k.ID] = k.Name
	}
	out := newReadNetwork()
	for _, n := range doc.Graph.Nodes {
		x := element{}
		for _, d := range n.Data {
			x.put(t, keys[d.Key], d.Text)
		}
		out.add(t, out.nodes, untoken(t, n.ID), x)
	}
	for _, e := range doc.Graph.Edges {
		x := element{"@from": untoken(t, e.Source), "@to": untoken(t, e.Target)}
		for _, d := range e.Data {
			x.put(t, keys[d.Key], d.Text)
		}
		out.add(t, out.edges, untoken(t, e.ID), x)
	}
	return out
}

type gexfValue struct {
	For   string `xml:"for,attr"`
	Value string `xml:"value,attr"`
}

func readGEXF(t *testing.T, file []byte) readNetwork {
	var doc struct {
		Graph struct {
			Classes []struct {
				Class      string `xml:"class,attr"`
				Attributes []struct {
					ID    string `xml:"id,attr"`
					Title string `xml:"title,attr"`
				} `xml:"attribute"`
			} `xml:"attributes"`
			Nodes []struct {
				ID     string      `xml:"id,attr"`
				Label  string      `xml:"label,attr"`
				Values []gexfValue `xml:"attvalues>attvalue"`
			} `xml:"nodes>node"`
			Edges []struct {
				ID     string      `xml:"id,attr"`
				Source string      `xml:"source,attr"`
				Target string      `xml:"target,attr"`
				Label  string      `xml:"label,attr"`
				Weight string      `xml:"weight,attr"`
				Start  string      `xml:"start,attr"`
				End    string      `xml:"end,attr"`
				Values []gexfValue `xml:"attvalues>attvalue"`
			} `xml:"edges>edge"`
		} `xml:"graph"`
	}
	if err := xml.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	titles := map[string]string{}
	for _, c := range doc.Graph.Classes {
		for _, a := range c.Attributes {
			titles[c.Class+a.ID] = a.Title
		}
	}
	out := newReadNetwork()
	for _, n := range doc.Graph.Nodes {
		x := element{"label": n.Label}
		for _, v := range n.Values {
			x.put(t, titles["node"+v.For], v.Value)
		}
		out.add(t, out.nodes, n.ID, x)
	}
	for _, e := range doc.Graph.Edges {
		x := element{"label": e.Label, "weight": e.Weight, "@from": e.Source, "@to": e.Target}
		for _, v := range e.Values {
			x.put(t, titles["edge"+v.For], v.Value)
		}
		if e.Start != x["first_day"] || e.End != x["last_day"] {
			t.Errorf("edge %s lasts from %s to %s; want %s and %s", e.ID, e.Start, e.End, x["first_day"], x["last_day"])
		}
		out.add(t, out.edges, e.ID, x)
	}
	return out
}

// members are the fields of an object as text, without those that the format asks for.
func members(t *testing.T, raw json.RawMessage, own ...string) (x element, given map[string]string) {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		t.Fatal(err)
	}
	x, given = element{}, map[string]string{}
	for name, value := range fields {
		text := string(value)
		if value[0] == '"' {
			if err := json.Unmarshal(value, &text); err != nil {
				t.Fatal(err)
			}
		}
		if slices.Contains(own, name) {
			given[name] = text
			continue
		}
		x.put(t, name, text)
	}
	return x, given
}

func readNodeLink(t *testing.T, file []byte) readNetwork {
	var doc struct{ Nodes, Links, Edges []json.RawMessage }
	if err := json.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	out := newReadNetwork()
	for _, n := range doc.Nodes {
		x, own := members(t, n, "id")
		out.add(t, out.nodes, own["id"], x)
	}
	for i, e := range doc.Edges {
		if !bytes.Equal(e, doc.Links[i]) {
			t.Errorf("edge %d is not link %d", i, i)
		}
		x, own := members(t, e, "source", "target", "key")
		x["@from"], x["@to"] = own["source"], own["target"]
		out.add(t, out.edges, own["key"], x)
	}
	return out
}

func readCytoscape(t *testing.T, file []byte) readNetwork {
	var doc struct {
		Elements struct {
			Nodes, Edges []struct{ Data json.RawMessage }
		}
	}
	if err := json.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	out := newReadNetwork()
	for _, n := range doc.Elements.Nodes {
		x, own := members(t, n.Data, "id", "value", "name")
		out.add(t, out.nodes, own["id"], x)
	}
	for _, e := range doc.Elements.Edges {
		x, own := members(t, e.Data, "id", "source", "target", "key", "name", "interaction")
		x["@from"], x["@to"] = own["source"], own["target"]
		if own["interaction"] != x["type"] || own["name"] != own["id"] || own["key"] != own["id"] {
			t.Errorf("edge %s: %v", own["id"], own)
		}
		out.add(t, out.edges, own["id"], x)
	}
	return out
}

// tables are the tables of a zip file, each record by column; empty fields are left out.
func tables(t *testing.T, file []byte) map[string][]element {
	z := check[*zip.Reader](t)(zip.NewReader(bytes.NewReader(file), int64(len(file))))
	out := map[string][]element{}
	for _, f := range z.File {
		text := check[[]byte](t)(io.ReadAll(check[io.ReadCloser](t)(f.Open())))
		if bytes.Count(text, []byte("\r\n")) == 0 || bytes.HasPrefix(text, []byte("\ufeff")) {
			t.Errorf("%s has no CR LF, or a byte order mark", f.Name)
		}
		rows := check[[][]string](t)(csv.NewReader(bytes.NewReader(text)).ReadAll())
		for _, row := range rows[1:] {
			x := element{}
			for i, v := range row {
				if v != "" {
					x.put(t, rows[0][i], v)
				}
			}
			out[f.Name] = append(out[f.Name], x)
		}
	}
	return out
}

// renamed gives columns the names that attributes have elsewhere.
func renamed(x element, names ...string) element {
	for i := 0; i < len(names); i += 2 {
		if v, ok := x[names[i]]; ok {
			delete(x, names[i])
			x[names[i+1]] = v
		}
	}
	return x
}

func readCSV(t *testing.T, file []byte) readNetwork {
	all := tables(t, file)
	out := newReadNetwork()
	for _, x := range all["nodes.csv"] {
		id := x["Id"]
		out.add(t, out.nodes, id, renamed(x, "Id", "entity_id", "Label", "label"))
	}
	for _, x := range all["edges.csv"] {
		if x["Type"] != "Directed" {
			t.Errorf("edge %s is %s", x["Id"], x["Type"])
		}
		id, name := x["Id"], "relation_id"
		if strings.HasPrefix(id, "tie/") {
			name = "tie_id"
		}
		delete(x, "Type")
		out.add(t, out.edges, id, renamed(x, "Source", "@from", "Target", "@to", "Kind", "type", "Label", "label", "Weight", "weight", "Id", name))
	}
	cited := map[string][]map[string]any{}
	for _, x := range all["citations.csv"] {
		m := map[string]any{}
		for name, v := range renamed(maps.Clone(x), "citation_id", "id", "document_id", "document", "speaker_id", "speaker") {
			switch name {
			case "relation_id":
			case "start", "end", "confidence", "authors", "via":
				m[name] = json.RawMessage(v)
			default:
				m[name] = v
			}
		}
		cited[x["relation_id"]] = append(cited[x["relation_id"]], m)
	}
	for id, all := range cited {
		out.edges[id]["citations"] = jsonText(t, all)
	}
	return out
}

var (
	dotString    = `"(?:[^"\\]|\\[\s\S])*"`
	dotStatement = regexp.MustCompile(`(?m)^(` + dotString + `)(?: -> (` + dotString + `))? \[((?:[a-z_]+=` + dotString + `(?:, )?)*)\];$`)
	dotPair      = regexp.MustCompile(`([a-z_]+)=(` + dotString + `)`)
)

// undotted reads a quoted string as Graphviz does, and one backslash where two stand.
func undotted(s string) string {
	return strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(s[1 : len(s)-1])
}

func readDOT(t *testing.T, file []byte) readNetwork {
	out := newReadNetwork()
	for _, m := range dotStatement.FindAllStringSubmatch(string(file), -1) {
		x := element{}
		for _, p := range dotPair.FindAllStringSubmatch(m[3], -1) {
			value := undotted(p[2])
			if p[1] == "label" {
				value = strings.NewReplacer("&amp;", "&", `\n`, "\n").Replace(value)
			}
			x.put(t, p[1], value)
		}
		if m[2] == "" {
			out.add(t, out.nodes, undotted(m[1]), x)
			continue
		}
		x["@from"], x["@to"] = undotted(m[1]), undotted(m[2])
		id := x["key"]
		delete(x, "key")
		out.add(t, out.edges, id, x)
	}
	return out
}
