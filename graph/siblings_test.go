package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/memory"
)

// family writes a graph in which much is shared: entities merged in chains, documents that copy others, a relation
// with many citations, withdrawn citations and relations, older versions of entities and documents.
func family(f *fixture) {
	person := func(i int) string { return fmt.Sprint("p", i%40) }
	var changes []graph.Change
	for i := range 40 {
		changes = append(changes, entity(person(i), vocab.KindPerson, fmt.Sprint("Person ", i)))
	}
	for i := range 6 {
		d := document(fmt.Sprint("d", i), fmt.Sprint("Press ", i%4), "")
		d.PutDocument.Published = graph.Some(fmt.Sprintf("2024-0%d", 1+i))
		if i > 2 {
			d.PutDocument.DerivedFrom = graph.Some(fmt.Sprint("d", i-1))
		}
		changes = append(changes, d)
	}
	f.mustApply(changes...)
	for i := range 240 {
		c := row(fmt.Sprint("d", i%6), fmt.Sprint("row ", i))
		c.Speaker, c.Via = person(i*7), []string{person(i * 3)}
		if i%5 == 0 {
			c.Verdict = graph.Denies
		}
		cites := []graph.CitationInput{c}
		for k := range i % 4 {
			cites = append(cites, row(fmt.Sprint("d", (i+k)%6), fmt.Sprint("line ", k)))
		}
		if i == 17 {
			for k := range 40 {
				cites = append(cites, row(fmt.Sprint("d", k%6), fmt.Sprint("page ", k)))
			}
		}
		r := relation([]string{"met-with", "warns"}[i%2], person(i/3), person(i/3+1+i%11), cites...)
		if i%8 > 0 {
			r.AddRelation.Occurred = fmt.Sprintf("20%02d", 10+i%9)
		}
		r.AddRelation.Condition = fmt.Sprint("of number ", i)
		r.AddRelation.Qualifiers = []graph.QualifierInput{{Role: "mediator", Entity: person(i * 5)}}
		f.mustApply(r)
	}
	v := f.view()
	p := must(v.Relations(f.Context(), nil, nil, graph.PageArgs{First: ptr(240)}))
	for i, r := range p.Items {
		switch all := must(r.Citations(f.Context(), nil, 50)); {
		case i%9 == 0:
			f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: r.ID, Reason: "wrong"}})
		case i%4 == 0 && len(all) > 1:
			f.mustApply(graph.Change{RetractCitation: &graph.RetractInput{ID: all[0].ID, Reason: "wrong"}})
		}
	}
	for i := range 6 {
		f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: person(6*i + 1), Absorb: []string{person(6*i + 2)}, Reason: "the same"}})
	}
	f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: person(0), Absorb: []string{person(1)}, Reason: "the same"}})
	f.mustApply(entity(person(2), vocab.KindPerson, "Renamed"), entity(person(5), vocab.KindPerson, "Renamed too"))
}

// describe asks a relation for everything that belongs to it.
func describe(ctx context.Context, r *graph.Relation) string {
	var out []any
	add := func(v any, err error) {
		if err != nil {
			out = append(out, "failed: "+err.Error())
			return
		}
		out = append(out, v)
	}
	named := func(e *graph.Entity, err error) {
		if e == nil {
			add(nil, err)
			return
		}
		add([]any{e.ID, e.Names(), e.ExternalIDs, e.Revision()}, err)
	}
	cited := func(all []*graph.Citation, err error) {
		add(len(all), err)
		for _, c := range all {
			add(c, nil)
			d, err := c.Document(ctx)
			add(d, err)
			named(c.Speaker(ctx))
			via, err := c.Via(ctx)
			for _, e := range via {
				named(e, err)
			}
			at, err := c.RecordedAt(ctx)
			add(at, err)
		}
	}
	cited(r.Citations(ctx, nil, 1))
	named(r.To(ctx))
	named(r.From(ctx))
	cited(r.Citations(ctx, nil, 3))
	cited(r.Citations(ctx, &graph.CitationFilter{Verdict: []graph.Verdict{graph.Denies}}, 2))
	status, err := r.Status(ctx)
	add(status, err)
	support, err := r.Support(ctx)
	add(support, err)
	rev, err := r.Revision(ctx)
	add(rev, err)
	created, err := r.CreatedAt(ctx)
	add(created, err)
	updated, err := r.UpdatedAt(ctx)
	add(updated, err)
	for _, q := range r.Qualifiers {
		named(q.Entity(ctx))
	}
	text, err := json.Marshal(out)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// TestSiblingsAnswerAsAlone asks all relations of a page at once, and each of them alone in a view of its own.
func TestSiblingsAnswerAsAlone(t *testing.T) {
	f := newFixture(t, 0)
	family(f)
	newest := f.view().Revision()
	for _, rev := range []graph.Revision{newest, newest - 7, 150} {
		at := graph.At{Revision: &rev}
		v := must(f.g.View(f.Context(), at))
		page := must(v.Relations(f.Context(), &graph.RelationFilter{Status: graph.RelationStatuses}, nil, graph.PageArgs{First: ptr(1000)}))
		if len(page.Items) < 140 {
			t.Fatalf("only %d relations at revision %d", len(page.Items), rev)
		}
		got := make([]string, len(page.Items))
		var wait sync.WaitGroup
		for i, r := range page.Items {
			wait.Go(func() { got[i] = describe(f.Context(), r) })
		}
		wait.Wait()
		for i, r := range page.Items {
			alone := must(f.g.View(f.Context(), at))
			if want := describe(f.Context(), must(alone.Relation(f.Context(), r.ID))); got[i] != want {
				t.Fatalf("relation %d at revision %d\nwith its siblings: %s\nalone:             %s", i, rev, got[i], want)
			}
			alone.Release()
		}
		v.Release()
	}
}

// TestCounterpartsAnswerAsAlone asks the entities at the ends of a page for their relations, and each of them alone.
func TestCounterpartsAnswerAsAlone(t *testing.T) {
	f := newFixture(t, 0)
	family(f)
	v := f.view()
	ids := func(p *graph.Page[*graph.Relation], err error) string {
		if err != nil {
			return "failed: " + err.Error()
		}
		var out []string
		for _, r := range p.Items {
			out = append(out, r.ID)
		}
		total, err := p.Total()
		return fmt.Sprint(out, p.Cursors, p.HasNext, p.HasPrevious, total, err)
	}
	questions := []struct {
		filter *graph.RelationFilter
		dir    graph.Direction
		order  []graph.RelationOrder
		page   graph.PageArgs
	}{
		{nil, graph.Both, nil, graph.PageArgs{}},
		{nil, graph.Both, nil, graph.PageArgs{First: ptr(1)}},
		{nil, graph.Out, nil, graph.PageArgs{First: ptr(4)}},
		{nil, graph.In, nil, graph.PageArgs{Last: ptr(3)}},
		{nil, graph.Both, nil, graph.PageArgs{First: ptr(0)}},
		{nil, graph.Both, []graph.RelationOrder{{Field: graph.ByOccurred}}, graph.PageArgs{First: ptr(5)}},
		{nil, graph.Both, []graph.RelationOrder{{Field: graph.ByRecorded, Descending: true}}, graph.PageArgs{First: ptr(5)}},
		{&graph.RelationFilter{Types: []string{"warns"}}, graph.Both, nil, graph.PageArgs{First: ptr(3)}},
		{&graph.RelationFilter{Status: []graph.RelationStatus{graph.StatusRetracted, graph.StatusContested}}, graph.Both, nil, graph.PageArgs{First: ptr(2)}},
		{&graph.RelationFilter{Types: []string{"no-such-type"}}, graph.Both, nil, graph.PageArgs{First: ptr(2)}},
	}
	page := must(v.Relations(f.Context(), nil, nil, graph.PageArgs{First: ptr(1000)}))
	for n, q := range questions {
		got := make([]string, len(page.Items))
		var wait sync.WaitGroup
		for i, r := range page.Items {
			wait.Go(func() {
				e, err := r.To(f.Context())
				if err != nil {
					got[i] = err.Error()
					return
				}
				got[i] = ids(e.Relations(f.Context(), q.filter, q.dir, q.order, q.page))
			})
		}
		wait.Wait()
		for i, r := range page.Items {
			alone := f.view()
			e := must(alone.Entity(f.Context(), must(r.To(f.Context())).ID))
			want := ids(e.Relations(f.Context(), q.filter, q.dir, q.order, q.page))
			if got[i] != want {
				t.Fatalf("question %d to %s\nwith its counterparts: %s\nalone:                 %s", n, e.ID, got[i], want)
			}
		}
	}
	// A walk goes on where the shared page ended.
	first := must(must(page.Items[0].To(f.Context())).Relations(f.Context(), nil, graph.Both, nil, graph.PageArgs{First: ptr(2)}))
	next := must(must(page.Items[0].To(f.Context())).Relations(f.Context(), nil, graph.Both, nil, graph.PageArgs{First: ptr(2), After: &first.Cursors[1]}))
	both := must(must(page.Items[0].To(f.Context())).Relations(f.Context(), nil, graph.Both, nil, graph.PageArgs{First: ptr(4)}))
	if !slices.Equal(append(slices.Clone(first.Cursors), next.Cursors...), both.Cursors) {
		t.Errorf("two pages of 2 are not the page of 4: %v and %v, %v", first.Cursors, next.Cursors, both.Cursors)
	}
}

// narrowStore cannot read more than a few ranges at once, once it is told so.
type narrowStore struct {
	store.Store
	most    atomic.Int64 // 0: any number
	refused atomic.Int64
}

func (s *narrowStore) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	snap, err := s.Store.Snapshot(ctx, o)
	return &narrowSnapshot{snap, s}, err
}

type narrowSnapshot struct {
	store.Snapshot
	s *narrowStore
}

func (n *narrowSnapshot) ScanMany(ctx context.Context, rs []store.Range) ([][]store.KV, error) {
	if most := n.s.most.Load(); most > 0 && int64(len(rs)) > most {
		n.s.refused.Add(1)
		return nil, store.ErrUnavailable
	}
	return n.Snapshot.ScanMany(ctx, rs)
}

// TestSiblingsDoNotFailTogether has every read ahead fail. Each relation then reads for itself.
func TestSiblingsDoNotFailTogether(t *testing.T) {
	st := &narrowStore{Store: memory.New()}
	g := must(graph.Open(t.Context(), st, graph.Options{}))
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &fixture{t, g}
	family(f)
	want := map[string]string{}
	for _, r := range must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{First: ptr(100)})).Items {
		want[r.ID] = describe(t.Context(), r)
	}
	st.most.Store(7) // enough for the sources of one relation
	page := must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{First: ptr(100)}))
	for _, r := range page.Items {
		if got := describe(t.Context(), r); got != want[r.ID] {
			t.Fatalf("relation %s\nwithout reading ahead: %s\nwith it:               %s", r.ID, got, want[r.ID])
		}
	}
	if len(page.Items) < 100 || st.refused.Load() < 4 {
		t.Errorf("%d relations, %d reads ahead were refused: the test shows little", len(page.Items), st.refused.Load())
	}
}
