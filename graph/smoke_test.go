package graph

import (
	"context"
	"testing"

	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/memory"
)

func TestSmoke(t *testing.T) {
	ctx := context.Background()
	g, err := Open(ctx, mem(t), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	ent := func(id string, k vocab.Kind, name string) Change {
		return Change{PutEntity: &EntityInput{ID: id, Kind: Some(k), Name: Some(name)}}
	}
	out, err := g.Apply(ctx, Batch{By: "me", Changes: []Change{
		ent("a", vocab.KindPerson, "A"), ent("b", vocab.KindPerson, "B"),
		{PutDocument: &DocumentInput{ID: "d", Title: Some("T"), Publisher: Some("P"), Text: Some("A met B. Later A met C.")}},
		{AddRelation: &RelationInput{Type: "met-with", From: "a", To: "b", Occurred: "2025-04-25", Citations: []CitationInput{{Document: "d", Quote: "A met B"}}}},
	}})
	if err != nil || len(out.Errors) > 0 {
		t.Fatal(out, err)
	}
	v, err := g.View(ctx, At{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Release()
	p, err := v.Relations(ctx, &RelationFilter{From: []string{"b"}}, nil, PageArgs{})
	if err != nil || len(p.Items) != 1 {
		t.Fatal(p, err)
	}
	cs, err := p.Items[0].Citations(ctx, nil, 10)
	if err != nil || len(cs) != 1 || cs[0].Verification != Verified || *cs[0].Start != 0 {
		t.Fatal(cs, err)
	}
	for r, err := range v.Records(ctx) {
		t.Log(r, err)
	}
	s, err := v.Stats(ctx)
	t.Log(s, err)
	out, err = g.Apply(ctx, Batch{Changes: []Change{{AddRelation: &RelationInput{Type: "met-wit", From: "a", To: "z", Occurred: "2025-13", Citations: []CitationInput{{Document: "d", Quote: "A met"}, {Document: "d", Quote: "B met A"}}}}}})
	for _, e := range out.Errors {
		t.Log(e)
	}
	if len(out.Errors) != 5 {
		t.Error(out, err)
	}
}

func mem(t *testing.T) store.Store { return memory.New() }
