package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store/memory"
)

// exported are the lines of interchange of the newest state.
func exported(t *testing.T, g *graph.Graph) string {
	t.Helper()
	v := must(g.View(t.Context(), graph.At{}))
	defer v.Release()
	var b strings.Builder
	for r, err := range v.Records(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(must(json.Marshal(r)), '\n'))
	}
	return b.String()
}

// reread writes what a graph exports into an empty one and expects that to export the same.
func (f *fixture) reread() {
	f.Helper()
	want := exported(f.T, f.g)
	g := must(graph.Open(f.Context(), memory.New(), graph.Options{}))
	defer g.Close()
	for line := range strings.Lines(want) {
		var l struct {
			Document     *graph.DocumentInput
			Entity       *graph.EntityInput
			RelationType *graph.RelationTypeInput
			Relation     *graph.RelationInput
			Judgement    *graph.MergeInput
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			f.Fatal(err)
		}
		c := graph.Change{PutDocument: l.Document, PutEntity: l.Entity, PutRelationType: l.RelationType, AddRelation: l.Relation, MergeEntities: l.Judgement}
		if out := must(g.Apply(f.Context(), graph.Batch{Changes: []graph.Change{c}})); len(out.Errors) > 0 {
			f.Errorf("an exported line is refused: %v\n%s", out.Errors, line)
		}
	}
	if got := exported(f.T, g); got != want {
		f.Errorf("the export of a store made from an export differs:\n%s\nfrom\n%s", got, want)
	}
	for _, g := range []*graph.Graph{f.g, g} {
		if r := must(g.Verify(f.Context(), graph.VerifyOptions{})); len(r.Problems) > 0 {
			f.Errorf("verify: %v", r.Problems)
		}
	}
}

// A bundled type that lost what it had is not taken for one that says nothing of it.
func TestExportOfChangedTypes(t *testing.T) {
	f := newFixture(t, 0)
	cleared := graph.Optional[[]vocab.Kind]{Set: true, Null: true}
	f.mustApply(
		graph.Change{PutRelationType: &graph.RelationTypeInput{
			ID: "rejects", Stance: graph.Optional[int]{Set: true, Null: true}, FromKinds: cleared, ToKinds: cleared,
			Broader: graph.Some(""), Definition: graph.Some(""), InverseLabel: graph.Some(""), Codes: graph.Optional[[]vocab.Code]{Set: true, Null: true},
		}},
		graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "met-with", Symmetric: graph.Some(false)}},
		relation("rejects", "rome", "rome", row("doc/2", "1")),
		relation("met-with", "ann", "ben", row("doc/2", "1")), relation("met-with", "ben", "ann", row("doc/2", "1")),
	)
	f.reread()
	if s := exported(t, f.g); !strings.Contains(s, `"relationType":{"id":"rejects","label":"rejects","inverseLabel":"","definition":"","stance":null,"fromKinds":[],"toKinds":[],"broader":"","codes":[]}`) {
		t.Errorf("what was cleared is not said:\n%s", s)
	}
}

// A bundled type without live relations has no line, since reading one would change nothing.
func TestExportOfATypeNoLongerUsed(t *testing.T) {
	f := newFixture(t, 0)
	id := f.mustApply(relation("met-with", "ann", "ben", row("doc/2", "1"))).Results[0].ID
	f.reread()
	f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: id, Reason: "wrong"}})
	f.reread()
}

func TestTypesKeepToTheirRelations(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "nods-at", Label: graph.Some("nods at")}})
	id := f.mustApply(relation("nods-at", "ann", "ben", row("doc/2", "1"))).Results[0].ID
	changes := map[string]graph.RelationTypeInput{
		"stance":    {ID: "nods-at", Stance: graph.Some(1)},
		"fromKinds": {ID: "nods-at", FromKinds: graph.Some([]vocab.Kind{vocab.KindPlace})},
		"toKinds":   {ID: "nods-at", ToKinds: graph.Some([]vocab.Kind{vocab.KindPlace})},
		"symmetric": {ID: "nods-at", Symmetric: graph.Some(true)},
	}
	for at, in := range changes {
		out := f.apply(graph.Batch{Changes: []graph.Change{{PutRelationType: &in}}})
		if len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeConflict || out.Errors[0].Path[3] != at {
			t.Errorf("%s: %v", at, out.Errors)
		}
	}
	f.mustApply(graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "nods-at", FromKinds: graph.Some([]vocab.Kind{vocab.KindPerson, vocab.KindPlace})}})
	f.reread()
	f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: id, Reason: "wrong"}})
	for _, at := range []string{"stance", "fromKinds"} {
		in := changes[at]
		f.mustApply(graph.Change{PutRelationType: &in})
	}
	f.reread()
}

// Words that were written before there was a text lose their prefix to the text, in an export as well.
func TestExportOfWordsFoundLater(t *testing.T) {
	f := newFixture(t, 0)
	c := quote("doc/2", "Ann met Ben")
	c.Prefix, c.Suffix = "So: ", "!"
	f.mustApply(relation("met-with", "ann", "ben", c))
	for _, text := range []string{"", "So: Ann met Ben!", "No.", "Ann met Ben. So: Ann met Ben!", ""} {
		f.mustApply(document("doc/2", "Herald", text))
		f.reread()
	}
}

// A new text may move two citations to one place. They are one for whoever reads the export.
func TestExportOfCitationsThatBecameOne(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(document("doc/3", "Herald", "Ann met Ben. Ann met Ben."))
	a, b := quote("doc/3", "Ann met Ben"), quote("doc/3", "Ann met Ben")
	a.Start, a.Note, a.Via = ptr(0), "first", []string{"cid"}
	b.Start, b.StatedOn = ptr(13), "2025-04"
	f.mustApply(relation("met-with", "ann", "ben", a, b))
	f.reread()
	f.mustApply(document("doc/3", "Herald", "So: Ann met Ben."))
	f.reread()
	if s := exported(t, f.g); strings.Count(s, `"quote"`) != 1 || !strings.Contains(s, "first") || !strings.Contains(s, "2025-04") {
		t.Errorf("exported:\n%s", s)
	}
}

// The place from which a citation moved away is free for another.
func TestACitationWhereAnotherStoodBefore(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(document("doc/3", "Herald", "Ann met Ben."), relation("met-with", "ann", "ben", quote("doc/3", "Ann met Ben")))
	f.mustApply(document("doc/3", "Herald", "It is said: Ann met Ben."))
	f.mustApply(document("doc/3", "Herald", "Ann met Ben Ann met Ben."))
	c := quote("doc/3", "Ann met Ben")
	c.Start = ptr(0)
	for _, want := range []graph.Operation{graph.Updated, graph.Unchanged} {
		if out := f.mustApply(relation("met-with", "ann", "ben", c)); out.Results[0].Operation != want {
			t.Errorf("cited where the words also stand: %s; want %s", out.Results[0].Operation, want)
		}
	}
	r := must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{})).Items[0]
	starts := map[int]bool{}
	for _, c := range must(r.Citations(t.Context(), nil, 10)) {
		starts[*c.Start] = true
	}
	if len(starts) != 2 || !starts[0] || !starts[12] {
		t.Errorf("citations at %v; want 0 and 12", starts)
	}
	f.reread()
}

// Whoever stands in the chain of sources of a live citation is needed, in the chain as it is now.
func TestALinkOfAChainIsNotDeleted(t *testing.T) {
	f := newFixture(t, 0)
	c := row("doc/2", "1")
	c.Via = []string{"cid", "cid"}
	f.mustApply(relation("met-with", "ann", "ben", c))
	remove := graph.Batch{Changes: []graph.Change{{DeleteEntity: &graph.RetractInput{ID: "cid", Reason: "unused"}}}}
	if out := f.apply(remove); len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeConflict {
		t.Errorf("deleting a link of a chain: %v", out.Errors)
	}
	f.reread()
	c.Via = []string{"rome"}
	f.mustApply(relation("met-with", "ann", "ben", c))
	if out := f.apply(remove); len(out.Errors) > 0 {
		t.Errorf("deleting what a chain named before: %v", out.Errors)
	}
	f.reread()
}
