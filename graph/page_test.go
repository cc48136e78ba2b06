package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"chancery/graph"
)

// A document cited more and more is at some point no longer where a list starts from. Cursors given before still serve.
func TestACursorOutlivesItsPlan(t *testing.T) {
	const before, more, page = 300, 1_200, 10
	for _, order := range [][]graph.RelationOrder{
		nil, {{Field: graph.ByOccurred}}, {{Field: graph.ByRecorded}}, {{Field: graph.ByRecorded, Descending: true}}, {{Field: graph.ByType}, {Field: graph.ByOccurred}},
	} {
		t.Run(fmt.Sprint(order), func(t *testing.T) {
			f := newFixture(t, 0)
			cite := func(n int) {
				var changes []graph.Change
				for i := range n {
					c := relation("met-with", "ann", "ben", row("doc/2", "1"))
					c.AddRelation.Condition, c.AddRelation.Occurred = fmt.Sprint(n, i), fmt.Sprintf("2025-04-%02d", 1+i%7)
					changes = append(changes, c)
				}
				f.mustApply(changes...)
			}
			list := func(p graph.PageArgs) *graph.Page[*graph.Relation] {
				return must(f.view().Relations(t.Context(), &graph.RelationFilter{Citation: &graph.CitationFilter{Documents: []string{"doc/2"}}}, order, p))
			}
			ids := func(p *graph.Page[*graph.Relation]) (out []string) {
				for _, r := range p.Items {
					out = append(out, r.ID)
				}
				return out
			}
			cite(before)
			want := ids(list(graph.PageArgs{First: ptr(before)}))
			first, last := list(graph.PageArgs{First: ptr(page)}), list(graph.PageArgs{Last: ptr(page)})
			cite(more)
			if got := slices.Concat(ids(first), ids(list(graph.PageArgs{First: ptr(before), After: &first.Cursors[page-1]}))); !slices.Equal(got, want) {
				t.Errorf("forward: %d relations; want the %d there were", len(got), before)
			}
			if got := slices.Concat(ids(list(graph.PageArgs{Last: ptr(before), Before: &last.Cursors[0]})), ids(last)); !slices.Equal(got, want) {
				t.Errorf("backward: %d relations; want the %d there were", len(got), before)
			}
		})
	}
}

// Nothing falls into an empty range, however imprecise its date.
func TestAnEmptyRangeOfDays(t *testing.T) {
	f := newFixture(t, 0)
	for _, date := range []string{"2025", "2025-01/2025-12", "2025-06-01"} {
		c := relation("met-with", "ann", "ben", row("doc/2", "1"))
		c.AddRelation.Occurred = date
		f.mustApply(c)
	}
	for days, want := range map[[2]string]int{{"2025-12", "2025-02"}: 0, {"2025-06-01", "2025-06-01"}: 0, {"2025-06-01", "2025-06-02"}: 3} {
		p := must(f.view().Relations(t.Context(), &graph.RelationFilter{Occurred: &graph.DateRange{From: &days[0], To: &days[1]}}, nil, graph.PageArgs{}))
		if len(p.Items) != want {
			t.Errorf("%v: %d relations; want %d", days, len(p.Items), want)
		}
	}
}
