package graph_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/store/memory"
)

// TestFeedOfModel writes random histories, in which ids are merged and given back, relations retracted and texts
// replaced, and compares what filters let through with what lists and lookups at the revisions say.
func TestFeedOfModel(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g, done := openIn(rt, memory.New())
		defer done()
		x := &machine{ctx: context.Background(), g: g, m: newModel(), states: []*model{newModel()}, exports: [][]byte{nil}}
		for _, typ := range modelTypes[1:] {
			x.apply(rt, graph.Change{PutRelationType: &graph.RelationTypeInput{ID: typ, Label: graph.Some(typ), Stance: graph.Some(modelStance[typ])}}, "", func() {})
		}
		rt.Repeat(map[string]func(*rapid.T){
			"put entity": x.putEntity, "put entity again": x.putEntity, "put document": x.putDocument, "delete entity": x.deleteEntity,
			"add relation": x.addRelation, "cite": x.addRelation, "retract citation": x.retractCitation, "retract relation": x.retractRelation,
			"merge": x.merge, "unmerge": x.unmerge,
		})
		h := &history{rt, g, must(g.View(x.ctx, graph.At{}))}
		defer h.newest.Release()
		everything := h.changes(nil)
		for _, id := range modelIDs {
			if x.m.entities[id] == nil {
				continue
			}
			want := slices.DeleteFunc(slices.Clone(everything), func(e *graph.Event) bool { return !h.involves(e, id) })
			h.compare("involves "+id, &graph.ChangeFilter{Involves: []string{id}}, want)
		}
		f := &graph.RelationFilter{Types: []string{rapid.SampledFrom(modelTypes).Draw(rt, "type")}}
		if rapid.Bool().Draw(rt, "by status") {
			f.Status = []graph.RelationStatus{rapid.SampledFrom(graph.RelationStatuses).Draw(rt, "status")}
		}
		want := slices.DeleteFunc(slices.Clone(everything), func(e *graph.Event) bool { return !h.meets(e, f) })
		h.compare("relations", &graph.ChangeFilter{Relations: f}, want)
		if got, want := h.copied(t), string(x.exports[len(x.exports)-1]); got != want {
			rt.Fatalf("a copy made from the changes has\n%s\nwant\n%s", got, want)
		}
	})
}

// copied is the export of a graph to which was done what the changes say.
func (h *history) copied(t *testing.T) string {
	copied, done := openIn(h.T, memory.New())
	defer done()
	var batch []graph.Change
	var at graph.Revision
	write := func() {
		if out := must(copied.Apply(context.Background(), graph.Batch{Changes: batch})); len(out.Errors) > 0 {
			h.Fatalf("the changes of revision %d are refused: %v", at, out.Errors)
		}
	}
	for _, e := range h.changes(nil) {
		if e.Revision != at {
			write()
			at, batch = e.Revision, nil
		}
		batch = append(batch, applied(t, must(h.again(e).Interchange(context.Background(), false)))...)
	}
	write()
	return exported(t, copied)
}

// history reads a graph at its revisions.
type history struct {
	*rapid.T
	g      *graph.Graph
	newest *graph.View
}

// changes are those of a feed, broken off and resumed after each batch.
func (h *history) changes(f *graph.ChangeFilter) (out []*graph.Event) {
	since := graph.Revision(0)
	for {
		feed := must(h.g.Feed(context.Background(), graph.FeedOptions{Since: since, Filter: f}))
		b, err := feed.Next(context.Background())
		feed.Close()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			h.Fatal(err)
		}
		out = append(out, b.Changes...)
		if len(b.Changes) == 0 {
			return out
		}
		since = b.Revision
	}
}

func (h *history) compare(name string, f *graph.ChangeFilter, want []*graph.Event) {
	text := func(all []*graph.Event) (out []string) {
		for _, e := range all {
			out = append(out, fmt.Sprint(e.Revision, " ", e.Operation, " ", e.ID))
		}
		return out
	}
	if got := text(h.changes(f)); !slices.Equal(got, text(want)) {
		h.Fatalf("%s lets through\n%q\nwant\n%q", name, got, text(want))
	}
}

// beforeAndAfter asks a question of the states that a change passes at.
func (h *history) beforeAndAfter(e *graph.Event, question func(*graph.View) bool) bool {
	after := must(h.newest.At(context.Background(), e.Revision))
	if question(after) {
		return true
	}
	return e.Operation != graph.Created && question(must(h.newest.At(context.Background(), e.Revision-1)))
}

// involves tells whether a change is to what is shown under an id, or to a relation of that.
func (h *history) involves(e *graph.Event, id string) bool {
	if e.Kind() == "relation" {
		return h.meets(e, &graph.RelationFilter{Involves: []string{id}, Status: graph.RelationStatuses})
	}
	if e.Kind() != "entity" {
		return false
	}
	return h.beforeAndAfter(e, func(v *graph.View) bool { return h.survivor(v, e.ID) != "" && h.survivor(v, e.ID) == h.survivor(v, id) })
}

// survivor is the id under which an entity is shown at a revision, its own where it was deleted; "" when it was not made yet.
func (h *history) survivor(v *graph.View, id string) string {
	n, err := v.Entity(context.Background(), id)
	if err == nil {
		return n.ID
	}
	if !graph.IsNotFound(err) {
		h.Fatal(err)
	}
	for _, e := range h.changes(nil) {
		if e.ID == id && e.Revision <= v.Revision() {
			return id
		}
	}
	return ""
}

// meets tells whether a change is to a relation that a list shows.
func (h *history) meets(e *graph.Event, f *graph.RelationFilter) bool {
	return e.Kind() == "relation" && h.beforeAndAfter(e, func(v *graph.View) bool {
		if f.Involves != nil && h.survivor(v, f.Involves[0]) == "" {
			return false
		}
		many := 1_000
		p := must(v.Relations(context.Background(), f, nil, graph.PageArgs{First: &many}))
		return slices.ContainsFunc(p.Items, func(r *graph.Relation) bool { return r.ID == e.ID })
	})
}

// again is a change from a list, whose view is still open.
func (h *history) again(e *graph.Event) *graph.Event {
	many := 10_000
	p := must(h.newest.Changes(context.Background(), new(e.Revision-1), nil, &many, nil))
	i := slices.IndexFunc(p.Items, func(o *graph.Event) bool { return o.ID == e.ID && o.Revision == e.Revision })
	return p.Items[i]
}
