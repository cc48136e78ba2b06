package graph_test

import (
	"slices"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
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
