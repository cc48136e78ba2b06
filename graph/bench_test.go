package graph_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/graph/vocab"
	"chancery/store/badger"
)

// openBench is a graph in a Badger directory with two persons and a document.
func openBench(b *testing.B) *graph.Graph {
	b.Helper()
	st, err := badger.Open(b.TempDir(), badger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	g := must(graph.Open(b.Context(), st, graph.Options{}))
	b.Cleanup(func() {
		if err := g.Close(); err != nil {
			b.Error(err)
		}
		if err := st.Close(); err != nil {
			b.Error(err)
		}
	})
	must(g.Apply(b.Context(), graph.Batch{Changes: []graph.Change{entity("ann", vocab.KindPerson, "Ann"), entity("ben", vocab.KindPerson, "Ben"), document("doc", "Press", "")}}))
	return g
}

// BenchmarkAddRelation is the durable write of one relation with one citation, all checks and indexes included.
func BenchmarkAddRelation(b *testing.B) {
	for _, writers := range []int{1, 32} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			g := openBench(b)
			var n atomic.Int64
			b.SetParallelism((writers + 1) / 2) // two processors
			b.ResetTimer()
			write := func() {
				c := relation("met-with", "ann", "ben", row("doc", "row"))
				c.AddRelation.Condition = fmt.Sprint(n.Add(1))
				if out, err := g.Apply(context.Background(), graph.Batch{Changes: []graph.Change{c}}); err != nil || len(out.Errors) > 0 {
					b.Error(out, err)
				}
			}
			if writers == 1 {
				for b.Loop() {
					write()
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						write()
					}
				})
			}
			b.ReportMetric(float64(n.Load())/b.Elapsed().Seconds(), "relations/s")
		})
	}
}

// BenchmarkRead asks questions of the large data set of dated events.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join("..", "..", "shared", "data", "icews-events.jsonl.gz")
	file, err := os.Open(path)
	if err != nil {
		b.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer file.Close()
	g := openBench(b)
	must(format.Import(b.Context(), g, file, format.ImportOptions{}))
	hundred := 100
	for _, q := range []struct {
		name string
		ask  func(ctx context.Context, v *graph.View) error
	}{
		{"newest 100 of a hub", func(ctx context.Context, v *graph.View) error {
			_, err := must(v.Entity(ctx, "icews/e/china")).Relations(ctx, nil, graph.Both, nil, graph.PageArgs{First: &hundred})
			return err
		}},
		{"degree of a hub", func(ctx context.Context, v *graph.View) error {
			_, err := must(v.Entity(ctx, "icews/e/china")).Degree(ctx, nil, graph.Both)
			return err
		}},
		{"one entity by id", func(ctx context.Context, v *graph.View) error {
			_, err := v.Entity(ctx, "icews/e/vladimir-putin")
			return err
		}},
		{"100 of a type with support", func(ctx context.Context, v *graph.View) error {
			p, err := v.Relations(ctx, &graph.RelationFilter{Types: []string{"consult"}}, nil, graph.PageArgs{First: &hundred})
			for _, r := range p.Items {
				if _, err := r.Support(ctx); err != nil {
					return err
				}
			}
			return err
		}},
		{"count by status", func(ctx context.Context, v *graph.View) error {
			p, err := v.Relations(ctx, &graph.RelationFilter{Status: []graph.RelationStatus{graph.StatusCorroborated}}, nil, graph.PageArgs{First: new(int)})
			if err == nil {
				_, err = p.Total()
			}
			return err
		}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v := must(g.View(b.Context(), graph.At{}))
				if err := q.ask(b.Context(), v); err != nil {
					b.Fatal(err)
				}
				v.Release()
			}
		})
	}
}
