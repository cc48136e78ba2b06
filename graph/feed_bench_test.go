package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
)

// BenchmarkFeed reads a feed of 10,000 commits, each of one relation between two of 50 persons, from the beginning.
func BenchmarkFeed(b *testing.B) {
	const commits = 10_000
	g := openBench(b)
	changes := []graph.Change{document("doc", "Press", "")}
	for n := range 50 {
		changes = append(changes, entity(fmt.Sprint("p", n), vocab.KindPerson, "P"))
	}
	must(g.Apply(context.Background(), graph.Batch{Changes: changes}))
	done := make(chan struct{})
	const writers = 50 // share transactions
	for w := range writers {
		go func() {
			for n := w; n < commits; n += writers {
				r := relation("met-with", fmt.Sprint("p", n%50), fmt.Sprint("p", (n+1)%50), row("doc", fmt.Sprint(n)))
				r.AddRelation.Condition = fmt.Sprint(n)
				must(g.Apply(context.Background(), graph.Batch{Changes: []graph.Change{r}}))
			}
			done <- struct{}{}
		}()
	}
	for range writers {
		<-done
	}
	for name, f := range map[string]*graph.ChangeFilter{
		"all": nil, "operations": {Operations: []graph.Operation{graph.Deleted}}, "involves": {Involves: []string{"p7"}},
		"relations": {Relations: &graph.RelationFilter{Types: []string{"met-with"}, From: []string{"p7"}}},
		"citations": {Relations: &graph.RelationFilter{Status: []graph.RelationStatus{graph.StatusContested}}},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				feed := must(g.Feed(context.Background(), graph.FeedOptions{Filter: f}))
				for {
					if _, err := feed.Next(context.Background()); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
				feed.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/commits, "µs/commit")
		})
	}
}
