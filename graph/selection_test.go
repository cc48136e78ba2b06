package graph_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
)

// everyField sets every field of an input to something that is not its default.
func everyField(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Pointer:
		if depth == 0 {
			return
		}
		v.Set(reflect.New(v.Type().Elem()))
		everyField(v.Elem(), depth-1)
	case reflect.Struct:
		for i := range v.NumField() {
			everyField(v.Field(i), depth)
		}
	case reflect.Slice:
		if depth == 0 {
			v.Set(reflect.MakeSlice(v.Type(), 0, 0))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		everyField(v.Index(0), depth)
		everyField(v.Index(1), depth)
	case reflect.Int:
		v.SetInt(-3)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.String:
		v.SetString(map[string]string{
			"Direction": "out", "DateMatch": "certain", "RelationStatus": "contested", "DocumentKind": "treaty", "Verdict": "denies",
			"Modality": "planned", "Verification": "orphaned", "Kind": "agreement", "string": "a \"<Ї>\"",
		}[v.Type().Name()])
	}
}

func TestFilterKeepsEveryFieldAsJSON(t *testing.T) {
	var f graph.RelationFilter
	everyField(reflect.ValueOf(&f).Elem(), 3)
	text := f.JSON()
	got, err := graph.ParseFilter(text)
	if err != nil || !reflect.DeepEqual(got, &f) {
		t.Fatalf("%v: %s is read as %s", err, text, got.JSON())
	}
	for _, name := range []string{`"minIndependentSources":-3`, `"involvesAll":[`, `"gte":-3`, `"kinds":["AGREEMENT"`, `"externalScheme":`, `"match":"CERTAIN"`, `"fromMatches":{`, `"ids":[`} {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not in %s", name, text)
		}
	}
	deep := strings.Repeat(`{"not":`, 100) + "{}" + strings.Repeat("}", 100)
	for text, says := range map[string]string{
		deep: "nested more than 32", `{"types":null,"types":[]}`: "twice", `[]`: "is an object", `{"involves":[null]}`: "involves[0] is null", `{"stance":{"gte":1.5}}`: "whole number",
	} {
		if _, err := graph.ParseFilter(text); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.40s: %v; want %q", text, err, says)
		}
	}
	in, err := graph.ParseNeighborhood(`{"seeds": "ann", "relations": null}`)
	if want := (graph.NeighborhoodInput{Seeds: []string{"ann"}, Depth: 1, Direction: graph.Both, Induced: true, PerNode: 25, MaxNodes: 200, MaxRelations: 1_000}); err != nil || !reflect.DeepEqual(*in, want) {
		t.Errorf("%v: %+v", err, in)
	}
	if again, err := graph.ParseNeighborhood(in.JSON()); err != nil || !reflect.DeepEqual(again, in) {
		t.Errorf("%v: %s is read as %+v", err, in.JSON(), again)
	}
}

// held are the ids of what a piece holds.
func held(t *testing.T, p *graph.Piece) (entities, relations []string) {
	t.Helper()
	for e, err := range p.Entities(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		entities = append(entities, e.ID)
	}
	for r, err := range p.Relations(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		relations = append(relations, r.ID)
	}
	return entities, relations
}

func TestSelect(t *testing.T) {
	for i, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			f := newFixture(t, i)
			for _, c := range []struct{ typ, from, to string }{{"met-with", "ben", "ann"}, {"met-with", "ann", "ben"}, {"supports", "cid", "plan"}, {"supports", "ann", "plan"}, {"met-with", "cid", "ben"}} {
				f.mustApply(graph.Change{AddRelation: &graph.RelationInput{Type: c.typ, From: c.from, To: c.to, Citations: []graph.CitationInput{{Document: "doc/1", Locator: c.from + c.to}}}})
			}
			before := must(f.g.View(t.Context(), graph.At{}))
			defer before.Release()
			f.mustApply(entity("zed", vocab.KindPerson, "Zed"))
			f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: "ann", Absorb: []string{"cid"}, Reason: "one"}})
			v := must(f.g.View(t.Context(), graph.At{}))
			defer v.Release()
			for _, view := range []*graph.View{v, graph.ByRows(v), before, must(v.At(t.Context(), before.Revision()))} {
				checkSelections(t, view)
			}
		})
	}
}

// checkSelections compares pieces with lists.
func checkSelections(t *testing.T, v *graph.View) {
	t.Helper()
	first := 1_000
	for _, filter := range []*graph.RelationFilter{nil, {}, {Types: []string{"supports"}}, {Involves: []string{"ann"}}, {From: []string{"cid"}}, {Types: []string{"mediates"}}} {
		p := must(v.Select(t.Context(), graph.Selection{Filter: filter}))
		entities, relations := held(t, p)
		var want, ends []string
		for _, r := range must(v.Relations(t.Context(), filter, nil, graph.PageArgs{First: &first})).Items {
			want = append(want, r.ID)
			ends = append(ends, must(r.From(t.Context())).ID, must(r.To(t.Context())).ID)
		}
		if filter == nil {
			ends = nil
			for _, e := range must(v.Entities(t.Context(), nil, nil, graph.PageArgs{First: &first})).Items {
				ends = append(ends, e.ID)
			}
		}
		slices.Sort(want)
		slices.Sort(ends)
		if !slices.Equal(relations, want) || !slices.Equal(entities, slices.Compact(ends)) {
			t.Errorf("at revision %d, %s holds %q and %q;\nwant %q and %q", v.Revision(), must(json.Marshal(p.Selection)), entities, relations, slices.Compact(ends), want)
		}
		var bundled []string
		for b, err := range p.Bundles(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			bundled = append(bundled, b.Relations...)
		}
		slices.Sort(bundled)
		if !slices.Equal(bundled, want) {
			t.Errorf("at revision %d, the bundles of %s hold %q; want %q", v.Revision(), must(json.Marshal(p.Selection)), bundled, want)
		}
	}
	if _, err := v.Select(t.Context(), graph.Selection{Filter: &graph.RelationFilter{}, Neighborhood: &graph.NeighborhoodInput{}}); err == nil {
		t.Error("a selection of two things is accepted")
	}
}
