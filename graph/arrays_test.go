package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
)

// pagesOf are all items of a list, page by page in one direction, as text, with what each page says of others.
func pagesOf[T any](t *rapid.T, size int, backward bool, page func(graph.PageArgs) (*graph.Page[T], error), text func(T) string) (out []string) {
	var args graph.PageArgs
	if args.First = &size; backward {
		args.First, args.Last = nil, &size
	}
	for {
		p := must(page(args))
		for _, x := range p.Items {
			out = append(out, text(x))
		}
		out = append(out, fmt.Sprint(p.HasNext, p.HasPrevious, must(p.Total())))
		if len(out) > 1_000 {
			t.Fatal("the walk does not end")
		}
		if !backward && p.HasNext {
			args.After = &p.Cursors[len(p.Cursors)-1]
		} else if backward && p.HasPrevious {
			args.Before = &p.Cursors[0]
		} else {
			return out
		}
	}
}

// TestListsFromArraysAndRowsAgree walks lists that the topology in memory serves, and compares them with those that rows give.
func TestListsFromArraysAndRowsAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, 0)
		if rapid.Bool().Draw(rt, "stances only") {
			drawSaid(rt, f)
		} else {
			drawCited(rt, f)
		}
		v := f.view()
		if !graph.Linked(v) {
			rt.Fatal("the arrays do not show the newest state")
		}
		rows := graph.ByRows(v)
		size, backward := rapid.IntRange(1, 5).Draw(rt, "size"), rapid.Bool().Draw(rt, "backward")
		position := rapid.SampledFrom([]*graph.PositionFilter{nil, {Stance: []graph.StanceLabel{graph.StanceLabels[4]}}, {Occurred: &graph.DateRange{From: new("2025-01-01")}}, {Actors: []string{"ann"}}}).Draw(rt, "positions")
		relation := rapid.SampledFrom([]*graph.RelationFilter{nil, {Types: []string{"met-with"}}, {Stance: &graph.IntRange{GTE: new(0)}},
			{Status: []graph.RelationStatus{graph.StatusContested}}, {Status: []graph.RelationStatus{graph.StatusReported, graph.StatusRetracted}}, {MinIndependentSources: new(2)},
			{Occurred: &graph.DateRange{From: new("2024-06"), To: new("2025-01-03")}}, {Occurred: &graph.DateRange{From: new("2025-01"), To: new("2025-02"), Match: graph.MatchCertain}},
			{And: []*graph.RelationFilter{{Occurred: &graph.DateRange{To: new("2025-01-02")}}, {Types: []string{"met-with"}}}},
			{Citation: &graph.CitationFilter{Publishers: []string{"Press"}}}, {Involves: []string{"ann"}}, {From: []string{"ben"}, Status: []graph.RelationStatus{graph.StatusReported, graph.StatusRetracted}}, {Citation: &graph.CitationFilter{Verdict: []graph.Verdict{graph.Denies}}}, {Citation: &graph.CitationFilter{Speakers: []string{"ben"}}},
		}).Draw(rt, "relations")
		dir := rapid.SampledFrom(graph.Directions).Draw(rt, "direction")
		order := rapid.SampledFrom([][]graph.RelationOrder{nil, {{Field: graph.ByOccurred}}, {{Field: graph.ByType}}}).Draw(rt, "order")
		id := rapid.SampledFrom([]string{"ann", "ben", "cid", "plan"}).Draw(rt, "entity")
		doc := rapid.SampledFrom([]string{"doc/1", "doc/2"}).Draw(rt, "document")
		lists := func(v *graph.View) (out [][]string) {
			e := must(v.Entity(t.Context(), id))
			out = append(out, pagesOf(rt, size, backward, func(p graph.PageArgs) (*graph.Page[*graph.Position], error) {
				return v.Positions(t.Context(), position, p)
			}, func(p *graph.Position) string {
				return fmt.Sprint(p.Actor.ID, p.Target.ID, p.Stance, p.Since, len(p.Basis))
			}))
			out = append(out, pagesOf(rt, size, backward, func(p graph.PageArgs) (*graph.Page[*graph.Relation], error) {
				return e.Relations(t.Context(), relation, dir, order, p)
			}, func(r *graph.Relation) string { return r.ID }))
			out = append(out, pagesOf(rt, size, backward, func(p graph.PageArgs) (*graph.Page[*graph.Neighbor], error) {
				return e.Neighbors(t.Context(), relation, nil, dir, nil, p)
			}, func(n *graph.Neighbor) string {
				return fmt.Sprint(n.Entity.ID, n.RelationCount, n.Types, n.LastOccurred)
			}))
			d := must(v.Document(t.Context(), doc))
			out = append(out, pagesOf(rt, size, backward, func(p graph.PageArgs) (*graph.Page[*graph.Relation], error) {
				return d.Relations(t.Context(), relation, p)
			}, func(r *graph.Relation) string { return r.ID }))
			all := must(v.Relations(t.Context(), relation, nil, graph.PageArgs{First: new(0)})).Stats()
			for _, f := range must(all.Facets(t.Context(), graph.StatsKeys, 10)) {
				counts := fmt.Sprint(f.Key, f.Other, f.Missing)
				for _, x := range f.Values {
					counts += fmt.Sprint(" ", x.Value, x.Count)
				}
				out = append(out, []string{counts})
			}
			return append(out, []string{fmt.Sprint(must(e.Degree(t.Context(), nil, dir)), must(e.Degree(t.Context(), relation, dir)))})
		}
		got, want := lists(v), lists(rows)
		for i := range got {
			if !slices.Equal(got[i], want[i]) {
				rt.Fatalf("list %d of %s:\n%v; rows have\n%v", i, id, got[i], want[i])
			}
		}
	})
}

func TestImpactFromArraysAndRowsAgrees(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, 0)
		_, facts := drawCited(rt, f)
		if len(facts) > 0 && rapid.Bool().Draw(rt, "withdraw") {
			f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: facts[0].id, Reason: "r"}})
		}
		v := f.view()
		if !graph.Linked(v) {
			rt.Fatal("the arrays do not show the newest state")
		}
		for _, id := range []string{"doc/1", "doc/2", "doc/3"} {
			got := must(graph.ImpactInArrays(t.Context(), must(v.Document(t.Context(), id))))
			want := must(must(graph.ByRows(v).Document(t.Context(), id)).Impact(t.Context()))
			text := func(i *graph.Impact) string {
				s := fmt.Sprint(i.Citations, i.RelationsLost, i.RelationsWeakened)
				for _, r := range must(i.Relations(t.Context(), 100)) {
					s += " " + r.ID
				}
				return s
			}
			if text(got) != text(want) {
				rt.Fatalf("%s: %s; rows have %s", id, text(got), text(want))
			}
		}
	})
}
