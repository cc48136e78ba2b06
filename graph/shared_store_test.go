package graph_test

import (
	"fmt"
	"sync"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store/memory"
)

// TestTwoGraphsOnOneStore writes through two graphs at once, as two processes on
// a distributed engine do: their commits conflict, are run again, and nothing of a commit that failed is taken for true.
func TestTwoGraphsOnOneStore(t *testing.T) {
	st := memory.New()
	var graphs []*graph.Graph
	for range 2 {
		g := must(graph.Open(t.Context(), st, graph.Options{}))
		defer g.Close()
		graphs = append(graphs, g)
	}
	must(graphs[0].Apply(t.Context(), graph.Batch{Changes: []graph.Change{document("doc", "Press", "")}}))
	const writers, each = 4, 60
	var wg sync.WaitGroup
	for i, g := range graphs {
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					// The same entities come from everywhere; the relations are each writer's own.
					a, b := fmt.Sprint("e", n), fmt.Sprint("e", n+1)
					r := relation("met-with", a, b, row("doc", fmt.Sprint(i, w)))
					r.AddRelation.Condition = fmt.Sprint(i, w)
					out, err := g.Apply(t.Context(), graph.Batch{Changes: []graph.Change{entity(a, vocab.KindPerson, a), entity(b, vocab.KindPerson, b), r}})
					if err != nil || len(out.Errors) > 0 {
						t.Error(out, err)
					}
				}
			})
		}
	}
	wg.Wait()
	for _, g := range graphs {
		v := must(g.View(t.Context(), graph.At{}))
		want := graph.Counts{Entities: each + 1, Documents: 1, Relations: 2 * writers * each, Citations: 2 * writers * each}
		if c := must(v.Counts(t.Context())); c != want {
			t.Errorf("counts %+v; want %+v", c, want)
		}
		v.Release()
		if r := must(g.Verify(t.Context(), graph.VerifyOptions{})); len(r.Problems) > 0 {
			t.Errorf("verify: %v", r.Problems)
		}
	}
}
