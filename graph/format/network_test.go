package format_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/format"
)

// element is a node or an edge as a reader finds it: its attributes as text, JSON with sorted keys. Edges have @id, @from and @to.
type element map[string]string

// readNetwork is what a reader finds in a file.
type readNetwork struct{ nodes, edges map[string]element }

func (n readNetwork) add(t *testing.T, to map[string]element, id string, e element) {
	t.Helper()
	if to[id] != nil {
		t.Errorf("two elements have the id %q", id)
	}
	to[id] = e
}

func newReadNetwork() readNetwork { return readNetwork{map[string]element{}, map[string]element{}} }

// lists are the attributes that hold JSON.
var lists = []string{"names", "external_ids", "attributes", "qualifiers", "citations", "relation_ids"}

// normal is JSON with sorted keys.
func normal(t *testing.T, text string) string {
	t.Helper()
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// nasty is a graph of everything that is hard to write into files.
func nasty(t *testing.T) *graph.View {
	t.Helper()
	text, err := os.ReadFile("testdata/nasty.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	g := openGraph(t)
	mustImport(t, g, string(text))
	return newestView(t, g)
}

func selected(t *testing.T, v *graph.View, s graph.Selection) *graph.Piece {
	t.Helper()
	p, err := v.Select(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// written is a piece as a file.
func written(t *testing.T, name string, p *graph.Piece, o format.WriteOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := format.ByName(name).Write(t.Context(), p, o, &b)
	if err != nil || n == 0 {
		t.Fatalf("writing %s: %d, %v", name, n, err)
	}
	return b.Bytes()
}

func check[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func jsonText(t *testing.T, v any) string {
	return normal(t, string(check[[]byte](t)(json.Marshal(v))))
}

// wanted is the network as the graph has it, asked list by list.
func wanted(t *testing.T, v *graph.View) readNetwork {
	out := newReadNetwork()
	first := 1_000
	entities := check[*graph.Page[*graph.Entity]](t)(v.Entities(t.Context(), nil, nil, graph.PageArgs{First: &first}))
	for _, e := range entities.Items {
		x := element{"entity_id": e.ID, "label": e.MainName, "kind": string(e.Kind)}
		if e.Description != "" {
			x["description"] = e.Description
		}
		if len(e.Names()) > 1 {
			x["names"] = jsonText(t, e.Names()[1:])
		}
		if len(e.ExternalIDs) > 0 {
			x["external_ids"] = jsonText(t, graph.ExternalIDs(e.ExternalIDs))
		}
		if string(e.Attributes) != "{}" {
			x["attributes"] = normal(t, string(e.Attributes))
		}
		out.nodes[e.ID] = x
	}
	relations := check[*graph.Page[*graph.Relation]](t)(v.Relations(t.Context(), nil, nil, graph.PageArgs{First: &first}))
	for _, r := range relations.Items {
		out.edges[r.ID] = wantedEdge(t, r)
	}
	return out
}

func wantedEdge(t *testing.T, r *graph.Relation) element {
	ctx := t.Context()
	kind := check[*graph.RelationType](t)(r.RelationType(ctx))
	support := check[graph.Support](t)(r.Support(ctx))
	x := element{
		"@from": check[*graph.Entity](t)(r.From(ctx)).ID, "@to": check[*graph.Entity](t)(r.To(ctx)).ID, "relation_id": r.ID, "weight": "1",
		"label": check[string](t)(r.Label(ctx)), "type": r.Type, "symmetric": strconv.FormatBool(kind.Symmetric),
		"status": string(check[graph.RelationStatus](t)(r.Status(ctx))), "document_count": fmt.Sprint(support.Documents),
		"publisher_count": fmt.Sprint(support.Publishers), "independent_sources": fmt.Sprint(support.IndependentSources),
		"citation_count": fmt.Sprint(check[int](t)(r.CitationCount(ctx))),
	}
	if r.Occurred != "" {
		x["occurred"] = r.Occurred
		d := check[edtf.Date](t)(edtf.Parse(r.Occurred))
		if day, ok := d.Earliest(); ok {
			x["first_day"] = day.String()
		}
		if day, ok := d.Latest(); ok {
			x["last_day"] = day.String()
		}
	}
	if r.Stance != nil {
		x["stance"] = fmt.Sprint(*r.Stance)
	}
	if r.Condition != "" {
		x["condition"] = r.Condition
	}
	var qualifiers []map[string]string
	for _, q := range r.Qualifiers {
		m := map[string]string{"role": q.Role, "text": q.Text}
		if e := check[*graph.Entity](t)(q.Entity(ctx)); e != nil {
			m["entity"], m["name"] = e.ID, e.MainName
		}
		maps.DeleteFunc(m, func(_, v string) bool { return v == "" })
		qualifiers = append(qualifiers, m)
	}
	if len(qualifiers) > 0 {
		x["qualifiers"] = jsonText(t, qualifiers)
	}
	x["citations"] = jsonText(t, wantedCitations(t, r))
	return x
}

func wantedCitations(t *testing.T, r *graph.Relation) []map[string]any {
	ctx := t.Context()
	var out []map[string]any
	for _, c := range check[[]*graph.Citation](t)(r.Citations(ctx, nil, math.MaxInt)) {
		d := check[*graph.Document](t)(c.Document(ctx))
		m := map[string]any{
			"id": c.ID, "document": d.ID, "title": d.Title, "publisher": d.Publisher, "document_kind": d.Kind,
			"verdict": c.Verdict, "modality": c.Modality, "verification": c.Verification,
		}
		for name, s := range map[string]string{
			"url": d.URL, "published": d.Published, "lang": d.Lang, "license": d.License, "quote": c.Quote, "locator": c.Locator, "stated_on": c.StatedOn, "note": c.Note,
		} {
			if s != "" {
				m[name] = s
			}
		}
		if d.Authors != nil {
			m["authors"] = d.Authors
		}
		if c.Start != nil {
			m["start"], m["end"] = *c.Start, *c.End
		}
		if c.Confidence != nil {
			m["confidence"] = *c.Confidence
		}
		if s := check[*graph.Entity](t)(c.Speaker(ctx)); s != nil {
			m["speaker"] = s.ID
		}
		var via []string
		for _, e := range check[[]*graph.Entity](t)(c.Via(ctx)) {
			via = append(via, e.ID)
		}
		if via != nil {
			m["via"] = via
		}
		out = append(out, m)
	}
	return out
}

// wantedTies are the relations of a network joined by ordered pair and type, without what the dates come to.
func wantedTies(t *testing.T, n readNetwork) readNetwork {
	out := readNetwork{n.nodes, map[string]element{}}
	groups := map[[3]string][]element{}
	for _, e := range n.edges {
		k := [3]string{e["@from"], e["@to"], e["type"]}
		if e["symmetric"] == "true" && k[1] < k[0] {
			k[0], k[1] = k[1], k[0]
		}
		groups[k] = append(groups[k], e)
	}
	for k, all := range groups {
		var ids []string
		documents, publishers, citations := map[any]bool{}, map[any]bool{}, 0
		for _, e := range all {
			ids = append(ids, e["relation_id"])
			var cited []map[string]any
			if err := json.Unmarshal([]byte(e["citations"]), &cited); err != nil {
				t.Fatal(err)
			}
			for _, c := range cited {
				documents[c["document"]], publishers[c["publisher"]] = true, true
				citations++
			}
		}
		slices.Sort(ids)
		id := "tie/" + strings.TrimPrefix(ids[0], "relation/")
		out.edges[id] = element{
			"@from": k[0], "@to": k[1], "tie_id": id, "type": k[2], "label": all[0]["label"], "symmetric": all[0]["symmetric"], "weight": fmt.Sprint(len(all)),
			"citation_count": fmt.Sprint(citations), "document_count": fmt.Sprint(len(documents)), "publisher_count": fmt.Sprint(len(publishers)), "relation_ids": jsonText(t, ids),
		}
	}
	return out
}

func compare(t *testing.T, what string, got, want map[string]element) {
	t.Helper()
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if !maps.Equal(got[id], want[id]) {
			t.Errorf("%s %q is\n%q\nwant\n%q", what, id, got[id], want[id])
		}
	}
	if len(got) != len(want) {
		t.Errorf("there are %d %ss; want %d", len(got), what, len(want))
	}
}

func TestEveryFormatHoldsTheNastyGraph(t *testing.T) {
	v := nasty(t)
	want := wanted(t, v)
	if len(want.nodes) != 5 || len(want.edges) != 8 {
		t.Fatalf("the graph has %d entities and %d relations; want 5 and 8", len(want.nodes), len(want.edges))
	}
	ties := wantedTies(t, want)
	dates := map[string]bool{}
	for name, read := range readers {
		t.Run(name, func(t *testing.T) {
			p := selected(t, v, graph.Selection{})
			got := read(t, written(t, name, p, format.WriteOptions{}))
			compare(t, "node", got.nodes, want.nodes)
			compare(t, "edge", got.edges, want.edges)

			if !slices.Contains(format.ByName(name).Shapes, format.Ties) {
				return
			}
			file := written(t, name, p, format.WriteOptions{Shape: format.Ties})
			got = read(t, file)
			for _, e := range got.edges {
				dates[fmt.Sprintf("%s %s to %s: %s, %s, %s, %s", e["type"], e["@from"], e["@to"], e["first_date"], e["last_date"], e["first_day"], e["last_day"])] = true
				for _, d := range []string{"first_date", "last_date", "first_day", "last_day"} {
					delete(e, d)
				}
			}
			compare(t, "node", got.nodes, ties.nodes)
			compare(t, "tie", got.edges, ties.edges)
			if again := written(t, name, selected(t, v, graph.Selection{}), format.WriteOptions{Shape: format.Ties}); !bytes.Equal(again, file) {
				t.Error("the same selection is other bytes the second time")
			}
		})
	}
	wantDates := []string{
		"names 123 to 123: 2023~, 2023~, 2023-01-01, 2023-12-31",
		"names ada to 123: 2025-03, 2025-03, 2025-03-01, 2025-03-31",
		"names ada to عربي/😀: , , , ",
		"names entity/Ї-é_x0041_ to عربي/😀: 2022-01-01/2022-02, 2022-01-01/2022-02, 2022-01-01, 2022-02-28",
		"talks-at-length-with 123 to ada: 2024/.., 2024/.., 2024-01-01, ",
	}
	if got := slices.Sorted(maps.Keys(dates)); !slices.Equal(got, wantDates) {
		t.Errorf("the dates of the ties are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(wantDates, "\n"))
	}
}

// The whole graph is written in the same way, whichever way it is selected.
func TestFilesOfSelections(t *testing.T) {
	v := nasty(t)
	all := selected(t, v, graph.Selection{})
	filtered := selected(t, v, graph.Selection{Filter: &graph.RelationFilter{}})
	around := selected(t, v, graph.Selection{Neighborhood: check[*graph.NeighborhoodInput](t)(graph.ParseNeighborhood(`{"seeds": ["عربي/😀"], "depth": 10}`))})
	for name, read := range readers {
		whole := read(t, written(t, name, all, format.WriteOptions{}))
		for what, p := range map[string]*graph.Piece{"an empty filter": filtered, "a neighbourhood that reaches everything": around} {
			got := read(t, written(t, name, p, format.WriteOptions{}))
			compare(t, what+": edge", got.edges, whole.edges)
			if _, ok := got.nodes["alone"]; ok || len(got.nodes) != len(whole.nodes)-1 {
				t.Errorf("%s, %s: %d nodes; want all but the one without relations", name, what, len(got.nodes))
			}
		}
	}
	lines := string(written(t, "jsonl", filtered, format.WriteOptions{}))
	g := openGraph(t)
	mustImport(t, g, lines)
	if got := exportText(t, g); got != lines {
		t.Errorf("the lines of a filter are exported as\n%s\nfrom\n%s", got, lines)
	}
	if strings.Contains(lines, `"alone"`) || !strings.Contains(lines, `"ada-2"`) {
		t.Error("the lines of a filter have an entity without relations, or lack one that was merged away")
	}
}
