package graph_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/graph/vocab"
)

// TestWalkUnderAWriter walks all relations of a large data set in pages while a
// writer adds and retracts. Every relation of the walk's revision comes exactly once, forward and backward.
func TestWalkUnderAWriter(t *testing.T) {
	path := filepath.Join("..", "..", "shared", "data", "icews-events.jsonl.gz")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	if testing.Short() {
		t.Skip("the large data set is left out of short runs")
	}
	f := newFixture(t, 1)
	file := must(os.Open(path))
	defer file.Close()
	must(format.Import(t.Context(), f.g, file, format.ImportOptions{}))
	at := f.view()
	total := must(at.Counts(t.Context())).Relations
	if total != 350_876 {
		t.Fatalf("%d relations", total)
	}
	stop, stopped := make(chan struct{}), make(chan int)
	go func() { stopped <- f.disturb(stop) }()
	n := 1_000
	forward := f.walk(graph.PageArgs{First: &n}, false)
	backward := f.walk(graph.PageArgs{Last: &n}, true)
	close(stop)
	writes := <-stopped
	for name, w := range map[string]walked{"forward": forward, "backward": backward} {
		v := must(f.g.View(t.Context(), graph.At{Revision: &w.rev}))
		want := must(v.Counts(t.Context())).Relations
		seen := map[string]bool{}
		for _, id := range w.ids {
			if seen[id] {
				t.Fatalf("%s: %s comes twice", name, id)
			}
			seen[id] = true
		}
		if len(w.ids) != want {
			t.Errorf("%s: %d relations; revision %d has %d", name, len(w.ids), w.rev, want)
		}
		v.Release()
	}
	if writes < 10 {
		t.Errorf("only %d writes were made meanwhile", writes)
	}
	t.Logf("%d relations at revisions %d and %d, %d writes meanwhile", len(forward.ids), forward.rev, backward.rev, writes)
}

// disturb adds relations of the newest and oldest dates and withdraws them again, until stopped.
func (f *fixture) disturb(stop chan struct{}) (writes int) {
	ctx := f.Context()
	must(f.g.Apply(ctx, graph.Batch{Changes: []graph.Change{entity("w", vocab.KindPerson, "W")}}))
	for i := 0; ; i++ {
		select {
		case <-stop:
			return writes
		default:
		}
		c := relation("met-with", "w", "ann", row("doc/2", fmt.Sprint(i)))
		c.AddRelation.Occurred = fmt.Sprintf("20%02d-%02d-%02d", i%30, 1+i%12, 1+i%28)
		out := must(f.g.Apply(ctx, graph.Batch{Changes: []graph.Change{c}}))
		if i%2 == 0 && len(out.Results) == 1 {
			must(f.g.Apply(ctx, graph.Batch{Changes: []graph.Change{{RetractRelation: &graph.RetractInput{ID: out.Results[0].ID, Reason: "again"}}}}))
		}
		writes += 2
	}
}

type walked struct {
	rev graph.Revision
	ids []string
}

// walk reads all pages, each on a view of its own, as a client does.
func (f *fixture) walk(args graph.PageArgs, backward bool) (w walked) {
	for {
		v := must(f.g.View(f.Context(), graph.At{}))
		p := must(v.Relations(f.Context(), nil, nil, args))
		items := p.Items
		if backward {
			slices.Reverse(items)
		}
		for _, r := range items {
			w.ids = append(w.ids, r.ID)
		}
		w.rev = p.Revision
		if backward && p.HasPrevious {
			args.Before = &p.Cursors[0]
		} else if !backward && p.HasNext {
			args.After = &p.Cursors[len(p.Cursors)-1]
		} else {
			v.Release()
			return w
		}
		v.Release()
	}
}
