package graph_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store/memory"
)

// TestAnEntityAtAnEndAndInAQualifier goes over a relation that names one of two merged entities at an end and the
// other in a qualifier, whichever of the two was recorded first.
func TestAnEntityAtAnEndAndInAQualifier(t *testing.T) {
	for _, end := range []string{"first", "second"} {
		f := newFixture(t, 0)
		absorbed := map[string]string{"first": "second", "second": "first"}[end]
		r := relation("met-with", "other", end, row("record", "1"))
		r.AddRelation.Qualifiers = []graph.QualifierInput{{Role: "on-behalf-of", Entity: absorbed}}
		f.mustApply(document("record", "Press", ""), entity("first", vocab.KindPerson, "A"), entity("second", vocab.KindPerson, "B"), entity("other", vocab.KindPerson, "C"), r)
		f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: end, Absorb: []string{absorbed}, Reason: "one person"}})
		v := f.view()
		if !graph.Linked(v) {
			t.Fatal("the arrays do not show the newest state")
		}
		for i, v := range []*graph.View{v, graph.ByRows(v)} {
			s := must(v.Neighborhood(t.Context(), graph.NeighborhoodInput{Seeds: []string{end}, Depth: 1, Direction: graph.Both, PerNode: 5, MaxNodes: 5, MaxRelations: 5}))
			var got []string
			for _, e := range s.Nodes {
				got = append(got, e.ID)
			}
			if want := []string{end, "other"}; !slices.Equal(got, want) {
				t.Errorf("view %d: around %s are %v; want %v", i, end, got, want)
			}
			p := must(v.Paths(t.Context(), graph.PathsInput{From: []string{"other"}, To: []string{absorbed}, K: 1, MaxLength: 2, Direction: graph.Both, Weight: graph.WeightHops}))
			if len(p.Paths) != 1 || p.Paths[0].Steps[0].Count() != 1 {
				t.Errorf("view %d: paths to %s are %+v; want one over one relation", i, end, p.Paths)
			}
		}
	}
}

// TestBudgets looks for what lies around a hub and for paths through it with too little to look at or too little time:
// the answer is what was found, and says what was cut.
func TestBudgets(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      graph.Options
		reason graph.TruncationReason
	}{
		{"visits", graph.Options{Visits: 1_500}, graph.VisitBudget},
		{"time", graph.Options{Patience: time.Nanosecond}, graph.TimeBudget},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := memory.New()
			defer st.Close()
			g := must(graph.Open(t.Context(), st, c.o))
			defer g.Close()
			f := &fixture{t, g}
			changes := []graph.Change{document("record", "Press", ""), entity("hub", vocab.KindPerson, "Hub"), entity("other", vocab.KindPerson, "Other")}
			for i := range 2_000 {
				id := fmt.Sprintf("far/%04d", i)
				changes = append(changes, entity(id, vocab.KindPerson, id), relation("met-with", "hub", id, row("record", "1")))
			}
			f.mustApply(changes...)
			for i, v := range []*graph.View{f.view(), graph.ByRows(f.view())} {
				s := must(v.Neighborhood(t.Context(), graph.NeighborhoodInput{Seeds: []string{"hub"}, Depth: 2, Direction: graph.Both, Induced: true, PerNode: 10_000, MaxNodes: 10_000, MaxRelations: 10_000}))
				if s.Truncation == nil || !slices.Contains(s.Truncation.Reasons, c.reason) || !slices.Contains(s.Truncation.Frontier, "hub") || len(s.Nodes) > 1_600 {
					t.Errorf("view %d: %d entities, truncation %+v", i, len(s.Nodes), s.Truncation)
				}
				for _, weight := range graph.PathWeights {
					p := must(v.Paths(t.Context(), graph.PathsInput{From: []string{"far/0000"}, To: []string{"other"}, K: 1, MaxLength: 4, Direction: graph.Both, Weight: weight}))
					if p.Complete || p.Truncation == nil || !slices.Contains(p.Truncation.Reasons, c.reason) || !slices.Contains(p.Truncation.Frontier, "hub") {
						t.Errorf("view %d, by %s: complete %v, truncation %+v", i, weight, p.Complete, p.Truncation)
					}
				}
			}
		})
	}
}
