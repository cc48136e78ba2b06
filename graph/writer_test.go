package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
)

// What a batch made before it failed as too large is not remembered as made.
func TestABatchTooLargeLeavesNothing(t *testing.T) {
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			f := newFixture(t, i)
			long := strings.Repeat("x", 9_000)
			big := entity("big", vocab.KindPerson, "Big")
			big.PutEntity.Names.Set = true
			var cites []graph.CitationInput
			for n := range 1_500 {
				big.PutEntity.Names.Value = append(big.PutEntity.Names.Value, graph.Name{Text: fmt.Sprint(long, n)})
				cites = append(cites, quote("doc/2", fmt.Sprint(long, n)))
			}
			for _, c := range []graph.Change{big, relation("spoke-with", "ann", "ben", cites...)} {
				if out := f.apply(graph.Batch{Changes: []graph.Change{c}}); len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeLimit {
					t.Fatalf("more than a transaction holds: %v", out.Errors)
				}
			}
			f.mustApply(entity("big", vocab.KindPerson, "Big"), relation("spoke-with", "ann", "big", row("doc/2", "1")))
			if r := must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{})); len(r.Items) != 1 || r.Items[0].Type != "spoke-with" {
				t.Errorf("%d relations", len(r.Items))
			}
			f.reread()
		})
	}
}

// A batch whose answer was lost is sent again as it was, with the revision it expected then.
func TestABatchIsReplayedWhateverItExpects(t *testing.T) {
	f := newFixture(t, 0)
	b := graph.Batch{Changes: []graph.Change{entity("new", vocab.KindPerson, "New")}, IdempotencyKey: "k", ExpectedRevision: ptr(f.view().Revision())}
	first, again := f.apply(b), f.apply(b)
	if len(first.Errors) > 0 || !again.Replayed || again.Revision != first.Revision || len(again.Errors) > 0 {
		t.Errorf("first %+v, again %+v", first, again)
	}
}

func TestAttributesAreOneObject(t *testing.T) {
	f := newFixture(t, 0)
	for text, right := range map[string]bool{`{"b": 1.0, "a": "<"} `: true, `{"a":1} x`: false, `{"a":1}{}`: false, `{"a":1}}`: false, `[1]`: false, ``: false} {
		c := entity("new", vocab.KindPerson, "New")
		c.PutEntity.Attributes.Set, c.PutEntity.Attributes.Value = true, []byte(text)
		if out := f.apply(graph.Batch{Changes: []graph.Change{c}}); (len(out.Errors) == 0) != right {
			t.Errorf("%s: %v", text, out.Errors)
		}
	}
	if e := must(f.view().Entity(t.Context(), "new")); string(e.Attributes) != `{"a":"<","b":1.0}` {
		t.Errorf("attributes %s", e.Attributes)
	}
}

// No string is too long to be looked for, and none of a decomposed form misses its document.
func TestIDsThatCannotBe(t *testing.T) {
	f := newFixture(t, 0)
	v := f.view()
	for _, id := range []string{strings.Repeat("x", 5_000), strings.Repeat("x", 3_000) + ":" + strings.Repeat("y", 3_000), "a:" + strings.Repeat("\x00", 1_000), "\xff"} {
		if _, err := v.Node(t.Context(), id); !graph.IsNotFound(err) {
			t.Errorf("%.10q: %v", id, err)
		}
		if _, err := v.Relations(t.Context(), &graph.RelationFilter{From: []string{id}}, nil, graph.PageArgs{}); err == nil || !strings.Contains(err.Error(), "from: no entity has the id") {
			t.Errorf("%.10q in a filter: %v", id, err)
		}
		for _, c := range []graph.Change{relation("met-with", id, "ann", row("doc/2", "1")), relation("met-with", "ben", "ann", row(id, "1"))} {
			if out := f.apply(graph.Batch{Changes: []graph.Change{c}}); len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeNotFound {
				t.Errorf("%.10q in a relation: %v", id, out.Errors)
			}
		}
	}
	f.mustApply(document("doc/é", "Press", ""), relation("met-with", "ann", "ben", row("doc/e\u0301", "1"), row("doc/é", "1")))
	p := must(f.view().Relations(t.Context(), &graph.RelationFilter{Citation: &graph.CitationFilter{Documents: []string{"doc/e\u0301"}}}, nil, graph.PageArgs{}))
	if len(p.Items) != 1 || must(p.Items[0].CitationCount(t.Context())) != 1 {
		t.Errorf("%d relations cite the document", len(p.Items))
	}
}
