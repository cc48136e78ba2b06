package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/vocab"
)

// fixture is a graph with three persons, a state, a proposal, an issue and two documents; doc/1 has a text.
type fixture struct {
	*testing.T
	g *graph.Graph
}

const fixtureText = "Ann met Ben in Rome. Ann rejects the plan. Ann met Ben again. 🇺🇦 Київ: “Ні”."

func newFixture(t *testing.T, open int) *fixture {
	t.Helper()
	st := engines[open].open(t)
	g, err := graph.Open(t.Context(), st, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	f := &fixture{t, g}
	f.mustApply(
		entity("ann", vocab.KindPerson, "Ann"), entity("ben", vocab.KindPerson, "Ben"), entity("cid", vocab.KindPerson, "Cid"),
		entity("plan", vocab.KindProposal, "The plan"), entity("crimea", vocab.KindIssue, "Crimea"), entity("rome", vocab.KindPlace, "Rome"),
		document("doc/1", "Press", fixtureText), document("doc/2", "Herald", ""),
	)
	return f
}

func entity(id string, kind vocab.Kind, name string) graph.Change {
	return graph.Change{PutEntity: &graph.EntityInput{ID: id, Kind: graph.Some(kind), Name: graph.Some(name)}}
}

func document(id, publisher, text string) graph.Change {
	return graph.Change{PutDocument: &graph.DocumentInput{ID: id, Title: graph.Some("Title"), Publisher: graph.Some(publisher), Published: graph.Some("2025-04-25"), Text: graph.Some(text)}}
}

func relation(typ, from, to string, cites ...graph.CitationInput) graph.Change {
	return graph.Change{AddRelation: &graph.RelationInput{Type: typ, From: from, To: to, Citations: cites}}
}

func quote(doc, words string) graph.CitationInput {
	return graph.CitationInput{Document: doc, Quote: words}
}

func row(doc, locator string) graph.CitationInput {
	return graph.CitationInput{Document: doc, Locator: locator}
}

func (f *fixture) apply(b graph.Batch) *graph.Outcome {
	f.Helper()
	out, err := f.g.Apply(f.Context(), b)
	if err != nil {
		f.Fatal(err)
	}
	return out
}

func (f *fixture) mustApply(changes ...graph.Change) *graph.Outcome {
	f.Helper()
	out := f.apply(graph.Batch{Changes: changes, By: "tester", Note: "a note"})
	if len(out.Errors) > 0 {
		f.Fatalf("refused: %v", out.Errors)
	}
	return out
}

func (f *fixture) view() *graph.View {
	f.Helper()
	v, err := f.g.View(f.Context(), graph.At{})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(v.Release)
	return v
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("%+v", err))
	}
	return v
}

// TestRefused holds the mistakes that an input can have: the code, the place, and words of the message that say what would be right.
func TestRefused(t *testing.T) {
	two, minus, ten, half := 2, -1, 10, 1.5
	occurred := func(date string) graph.Change {
		c := relation("met-with", "ann", "ben", row("doc/2", "1"))
		c.AddRelation.Occurred = date
		return c
	}
	stance := func(n int) graph.Change {
		c := relation("takes-stance-on", "ann", "plan", row("doc/2", "1"))
		c.AddRelation.Stance = &n
		return c
	}
	for _, c := range []struct {
		name   string
		change graph.Change
		code   graph.UserErrorCode
		path   string
		says   string
	}{
		{"a relation without a citation", relation("met-with", "ann", "ben"), graph.CodeRequired, "addRelation citations", "at least one citation"},
		{"a quote that is not in the text", relation("met-with", "ann", "ben", quote("doc/1", "Ann met Bea")), graph.CodeQuoteNotFound, "addRelation citations 0 quote", "Ann met Ben"},
		{"an ambiguous quote", relation("met-with", "ann", "ben", quote("doc/1", "Ann met Ben")), graph.CodeQuoteAmbiguous, "addRelation citations 0 quote", "2 times"},
		{"a quote at the wrong place", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/1", Quote: "Ann met Ben", Start: &two}), graph.CodeQuoteNotFound, "addRelation citations 0 quote", "stands at code points"},
		{"a range that does not fit the quote", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/1", Quote: "Ann met Ben", Start: new(int), End: &two}), graph.CodeInvalid, "addRelation citations 0 end", "has 11 code points"},
		{"a negative place", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/2", Quote: "x", Start: &minus}), graph.CodeInvalid, "addRelation citations 0 start", "from 0"},
		{"a range without a quote", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/2", Locator: "1", Start: &two}), graph.CodeInvalid, "addRelation citations 0 start", "exact words"},
		{"a citation of nothing", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/2"}), graph.CodeRequired, "addRelation citations 0 quote", "a locator"},
		{"a confidence above one", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/2", Locator: "1", Confidence: &half}), graph.CodeInvalid, "addRelation citations 0 confidence", "0 to 1"},
		{"an unknown speaker", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/2", Locator: "1", Speaker: "bem"}), graph.CodeNotFound, "addRelation citations 0 speaker", "“ben”"},
		{"an unknown document", relation("met-with", "ann", "ben", row("doc/3", "1")), graph.CodeNotFound, "addRelation citations 0 document", "“doc/1” or “doc/2”"},
		{"an entity for a document", relation("met-with", "ann", "ben", row("ann", "1")), graph.CodeInvalid, "addRelation citations 0 document", "is an entity"},
		{"an unknown type", relation("met-wiht", "ann", "ben", row("doc/2", "1")), graph.CodeNotFound, "addRelation type", "“met-with”"},
		{"an unknown end", relation("met-with", "ann", "bob", row("doc/2", "1")), graph.CodeNotFound, "addRelation to", "no entity has the id “bob”"},
		{"an end of the wrong kind", relation("met-with", "ann", "crimea", row("doc/2", "1")), graph.CodeVocabulary, "addRelation to", "of kind issue"},
		{"a stance above the scale", stance(3), graph.CodeInvalid, "addRelation stance", "-2 rejects"},
		{"a stance below the scale", stance(-3), graph.CodeInvalid, "addRelation stance", "2 proposes"},
		{"a month that does not exist", occurred("2025-13"), graph.CodeInvalid, "addRelation occurred", "01 to 12"},
		{"a day that does not exist", occurred("2025-02-30"), graph.CodeInvalid, "addRelation occurred", "2025-02-30"},
		{"an interval that runs backwards", occurred("2025/2024"), graph.CodeInvalid, "addRelation occurred", "2025/2024"},
		{"a qualifier of nothing", graph.Change{AddRelation: &graph.RelationInput{Type: "met-with", From: "ann", To: "ben", Qualifiers: []graph.QualifierInput{{Role: "place"}}, Citations: []graph.CitationInput{row("doc/2", "1")}}}, graph.CodeRequired, "addRelation qualifiers 0", "an entity or has a text"},
		{"an unknown verdict", relation("met-with", "ann", "ben", graph.CitationInput{Document: "doc/2", Locator: "1", Verdict: "perhaps"}), graph.CodeInvalid, "addRelation citations 0 verdict", "affirms and denies"},
		{"an entity without a kind", graph.Change{PutEntity: &graph.EntityInput{ID: "x", Name: graph.Some("X")}}, graph.CodeRequired, "putEntity kind", "person"},
		{"an entity without a name", graph.Change{PutEntity: &graph.EntityInput{ID: "x", Kind: graph.Some(vocab.KindPerson)}}, graph.CodeRequired, "putEntity name", "a name"},
		{"a name that is cleared", graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Name: graph.Optional[string]{Set: true, Null: true}}}, graph.CodeRequired, "putEntity name", "a name"},
		{"an unknown kind", entity("x", "persn", "X"), graph.CodeInvalid, "putEntity kind", "person"},
		{"an id with white space", entity("a b", vocab.KindPerson, "X"), graph.CodeInvalid, "putEntity id", "white space"},
		{"an id that is too long", entity(strings.Repeat("é", 201), vocab.KindPerson, "X"), graph.CodeInvalid, "putEntity id", "200 code points"},
		{"an id that is a relation's", entity("relation/00000000000000000000000000", vocab.KindPerson, "X"), graph.CodeInvalid, "putEntity id", "given to relations"},
		{"an id that a document has", entity("doc/1", vocab.KindPerson, "X"), graph.CodeConflict, "putEntity id", "of a document"},
		{"attributes that are no object", graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Attributes: graph.Some(json.RawMessage(`[1]`))}}, graph.CodeInvalid, "putEntity attributes", "JSON object"},
		{"a language that is none", graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Names: graph.Some([]graph.Name{{Text: "A", Lang: "english!"}})}}, graph.CodeInvalid, "putEntity names 0 lang", "BCP 47"},
		{"a second main name of no language", graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Names: graph.Some([]graph.Name{{Text: "A", Kind: graph.NameMain}})}}, graph.CodeRequired, "putEntity names 0 lang", "another language"},
		{"a text that is not UTF-8", document("doc/9", "P", "a\xffb"), graph.CodeInvalid, "putDocument text", "byte 1"},
		{"a document without a publisher", graph.Change{PutDocument: &graph.DocumentInput{ID: "d", Title: graph.Some("T")}}, graph.CodeRequired, "putDocument publisher", "a publisher"},
		{"a URL without a scheme", graph.Change{PutDocument: &graph.DocumentInput{ID: "doc/1", URL: graph.Some("example.org")}}, graph.CodeInvalid, "putDocument url", "https://"},
		{"a copy of itself", graph.Change{PutDocument: &graph.DocumentInput{ID: "doc/1", DerivedFrom: graph.Some("doc/1")}}, graph.CodeInvalid, "putDocument derivedFrom", "one origin"},
		{"a merge with itself", graph.Change{MergeEntities: &graph.MergeInput{Keep: "ann", Absorb: []string{"ann"}, Reason: "r"}}, graph.CodeInvalid, "mergeEntities absorb 0", "absorb itself"},
		{"a merge without a reason", graph.Change{MergeEntities: &graph.MergeInput{Keep: "ann", Absorb: []string{"ben"}}}, graph.CodeRequired, "mergeEntities reason", "a reason"},
		{"an unmerge of what was not merged", graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: "ann", From: "ben", Reason: "r"}}, graph.CodeNotFound, "unmergeEntities id", "not merged"},
		{"a retraction of nothing", graph.Change{RetractRelation: &graph.RetractInput{ID: "relation/x", Reason: "r"}}, graph.CodeNotFound, "retractRelation id", "no relation"},
		{"a retraction of no citation", graph.Change{RetractCitation: &graph.RetractInput{ID: "citation/x", Reason: "r"}}, graph.CodeNotFound, "retractCitation id", "no citation"},
		{"a type with a bad id", graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "Met With", Label: graph.Some("x")}}, graph.CodeInvalid, "putRelationType id", "met-with"},
		{"a type without a label", graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "nods-at"}}, graph.CodeRequired, "putRelationType label", "a label"},
		{"a type narrower than itself", graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "opposes", Broader: graph.Some("rejects")}}, graph.CodeVocabulary, "putRelationType broader", "circle"},
		{"a type's stance off the scale", graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "nods-at", Label: graph.Some("nods at"), Stance: graph.Some(ten)}}, graph.CodeInvalid, "putRelationType stance", "-2 to 2"},
		{"nothing at all", graph.Change{}, graph.CodeInvalid, "", "exactly one"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, 0)
			before := f.view().Revision()
			out := f.apply(graph.Batch{Changes: []graph.Change{c.change}})
			if len(out.Errors) != 1 {
				t.Fatalf("errors %v; want one", out.Errors)
			}
			e := out.Errors[0]
			if path := strings.TrimSpace("changes 0 " + c.path); e.Code != c.code || strings.Join(e.Path, " ") != path || !strings.Contains(e.Message, c.says) {
				t.Errorf("%s at %v: %s\nwant %s at %s, with %q", e.Code, e.Path, e.Message, c.code, path, c.says)
			}
			if after := f.view().Revision(); after != before || out.Revision != 0 {
				t.Errorf("a refused change made revision %d", after)
			}
		})
	}
}

func TestACycleOfMergesIsRefused(t *testing.T) {
	f := newFixture(t, 0)
	merge := func(keep, absorb string) graph.Change {
		return graph.Change{MergeEntities: &graph.MergeInput{Keep: keep, Absorb: []string{absorb}, Reason: "same"}}
	}
	f.mustApply(merge("ann", "ben"), merge("cid", "ann"))
	for _, c := range []graph.Change{merge("ben", "cid"), merge("ben", "ann"), merge("ann", "cid")} {
		out := f.apply(graph.Batch{Changes: []graph.Change{c}})
		if len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeInvalid || !strings.Contains(out.Errors[0].Message, "circle") {
			t.Errorf("%v: %v", c.MergeEntities, out.Errors)
		}
	}
	if out := f.mustApply(merge("cid", "ben")); out.Results[0].Operation != graph.Unchanged || out.Revision != 0 {
		t.Errorf("a judgement that already holds is %v", out)
	}
}

// A batch is all or nothing, and reports every mistake at once; what only follows from another is not reported.
func TestABatchIsAllOrNothing(t *testing.T) {
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			f := newFixture(t, i)
			before := f.view().Revision()
			out := f.apply(graph.Batch{Changes: []graph.Change{
				entity("dan", vocab.KindPerson, "Dan"),
				relation("met-with", "dan", "ann", row("doc/2", "1")),
				{PutEntity: &graph.EntityInput{ID: "eve", Name: graph.Some("Eve")}},
				relation("met-with", "eve", "ann", row("doc/2", "1")),
				relation("met-with", "ann", "nobody", row("doc/2", "1"), quote("doc/1", "gone")),
			}})
			var got []string
			for _, e := range out.Errors {
				got = append(got, string(e.Code)+" "+strings.Join(e.Path, "."))
			}
			want := []string{"REQUIRED changes.2.putEntity.kind", "NOT_FOUND changes.4.addRelation.to", "QUOTE_NOT_FOUND changes.4.addRelation.citations.1.quote"}
			if !slices.Equal(got, want) {
				t.Errorf("errors %v; want %v", got, want)
			}
			v := f.view()
			if _, err := v.Entity(t.Context(), "dan"); !graph.IsNotFound(err) || v.Revision() != before {
				t.Errorf("a part of the batch was written: %v, revision %d", err, v.Revision())
			}
			each := must(f.g.ApplyEach(t.Context(), graph.Batch{Changes: []graph.Change{
				entity("dan", vocab.KindPerson, "Dan"), {PutEntity: &graph.EntityInput{ID: "eve"}}, relation("met-with", "dan", "ann", row("doc/2", "1")),
			}}))
			if len(each.Results) != 2 || len(each.Errors) != 2 || each.Revision == 0 {
				t.Errorf("each on its own: %+v", each)
			}
		})
	}
}

func TestIdempotencyKey(t *testing.T) {
	f := newFixture(t, 0)
	b := graph.Batch{Changes: []graph.Change{{PutEntity: &graph.EntityInput{Kind: graph.Some(vocab.KindPerson), Name: graph.Some("Steve Witkoff")}}}, IdempotencyKey: "k1"}
	first := f.apply(b)
	if first.Results[0].ID != "person/steve-witkoff" || first.Replayed {
		t.Fatalf("first: %+v", first)
	}
	again := f.apply(b)
	if !again.Replayed || again.Revision != first.Revision || again.Results[0] != first.Results[0] {
		t.Errorf("again: %+v; want %+v replayed", again, first)
	}
	b.Note = "another"
	if out := f.apply(b); len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeConflict {
		t.Errorf("another input under the key: %+v", out)
	}
	b.IdempotencyKey = "k2"
	if out := f.apply(b); out.Results[0].ID != "person/steve-witkoff-2" {
		t.Errorf("a clash of names makes %s", out.Results[0].ID)
	}
}

func TestExpectedRevisionAndDryRun(t *testing.T) {
	f := newFixture(t, 0)
	rev := f.view().Revision()
	if out := f.apply(graph.Batch{Changes: []graph.Change{entity("dan", vocab.KindPerson, "Dan")}, DryRun: true}); out.Revision != 0 || out.Results[0].Operation != graph.Created {
		t.Errorf("dry run: %+v", out)
	}
	if out := f.apply(graph.Batch{Changes: []graph.Change{entity("dan", vocab.KindPerson, "Dan")}, ExpectedRevision: &rev}); out.Results[0].Operation != graph.Created {
		t.Errorf("the dry run wrote something: %+v", out)
	}
	if out := f.apply(graph.Batch{Changes: []graph.Change{entity("eve", vocab.KindPerson, "Eve")}, ExpectedRevision: &rev}); len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeStaleRevision {
		t.Errorf("past the expected revision: %+v", out)
	}
}

func TestALongNoteIsRefused(t *testing.T) {
	f := newFixture(t, 0)
	out := f.apply(graph.Batch{Changes: []graph.Change{entity("dan", vocab.KindPerson, "Dan")}, Note: strings.Repeat("x", 1001)})
	if len(out.Errors) != 1 || out.Errors[0].Code != graph.CodeLimit || !slices.Equal(out.Errors[0].Path, []string{"note"}) {
		t.Errorf("%+v", out)
	}
}

func TestAbsentStaysAndNullClears(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Description: graph.Some("D"), Names: graph.Some([]graph.Name{{Text: "Анна", Lang: "ru", Kind: graph.NameTransliteration}}), ExternalIDs: graph.Some(graph.ExternalIDs{{"wikidata", "Q1"}})}})
	f.mustApply(graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Description: graph.Optional[string]{Set: true, Null: true}}})
	e := must(f.view().Entity(t.Context(), "wikidata:Q1"))
	if e.ID != "ann" || e.Description != "" || e.Name("ru") != "Анна" || e.Name("fr") != "Ann" || e.Kind != vocab.KindPerson {
		t.Errorf("after clearing the description: %+v, %v", e, e.Names())
	}
	out := f.mustApply(graph.Change{PutEntity: &graph.EntityInput{ExternalIDs: graph.Some(graph.ExternalIDs{{"wikidata", "Q1"}}), Name: graph.Some("Anna")}})
	if out.Results[0].ID != "ann" || out.Results[0].Operation != graph.Updated {
		t.Errorf("an update by external id: %+v", out.Results)
	}
}

// A second source for a fact is a second citation of one relation.
func TestASecondSourceIsASecondCitation(t *testing.T) {
	f := newFixture(t, 0)
	a := f.mustApply(relation("met-with", "ann", "ben", quote("doc/1", "Ann met Ben in Rome"))).Results[0]
	b := f.mustApply(relation("met-with", "ben", "ann", row("doc/2", "p. 3"))).Results[0]
	if a.ID != b.ID || a.Operation != graph.Created || b.Operation != graph.Updated {
		t.Fatalf("%+v, %+v", a, b)
	}
	r := must(f.view().Relation(t.Context(), a.ID))
	if s := must(r.Status(t.Context())); s != graph.StatusCorroborated || must(r.CitationCount(t.Context())) != 2 {
		t.Errorf("status %s", s)
	}
	if from := must(r.From(t.Context())); from.ID != "ann" {
		t.Errorf("shown from %s; the order first written is from ann", from.ID)
	}
	c := f.mustApply(relation("met-with", "ann", "ben", row("doc/2", "p. 3"))).Results[0]
	if c.Operation != graph.Unchanged {
		t.Errorf("the same citation again is %s", c.Operation)
	}
}

func TestHistory(t *testing.T) {
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			f := newFixture(t, i)
			ctx := t.Context()
			id := f.mustApply(relation("met-with", "ann", "ben", quote("doc/1", "Ann met Ben in Rome"))).Results[0].ID
			f.mustApply(relation("met-with", "ann", "ben", row("doc/2", "p. 3")))
			f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: id, Reason: "wrong"}})
			r := must(f.view().Relation(ctx, id))
			p := must(r.History(ctx, nil, nil))
			var ops []string
			for _, e := range p.Items {
				ops = append(ops, string(e.Operation))
				if e.By != "tester" || !strings.HasSuffix(e.Note, "a note") || e.ID != id || time.Since(e.At) > time.Hour {
					t.Errorf("event %+v", e)
				}
			}
			if note := p.Items[0].Note; note != "wrong\na note" {
				t.Errorf("the retraction is noted as %q", note)
			}
			if want := "retracted updated created"; strings.Join(ops, " ") != want {
				t.Errorf("history %v; want %s", ops, want)
			}
			before := string(must(p.Items[0].Before(ctx)))
			if !strings.Contains(before, `"locator":"p. 3"`) || !strings.Contains(before, "Ann met Ben in Rome") {
				t.Errorf("before the retraction: %s", before)
			}
			if b := must(p.Items[2].Before(ctx)); b != nil {
				t.Errorf("before it was made: %s", b)
			}
			f.mustApply(graph.Change{PutEntity: &graph.EntityInput{ID: "ann", Name: graph.Some("Anna")}})
			f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: "ann", Absorb: []string{"cid"}, Reason: "one"}})
			h := must(must(f.view().Entity(ctx, "ann")).History(ctx, nil, nil))
			ops = nil
			for _, e := range h.Items {
				ops = append(ops, string(e.Operation))
			}
			if note := h.Items[0].Note; note != "absorbed cid: one\na note" {
				t.Errorf("the judgement is noted as %q", note)
			}
			if want := "merged updated created"; strings.Join(ops, " ") != want {
				t.Errorf("history of the entity %v; want %s", ops, want)
			}
			if b := string(must(h.Items[1].Before(ctx))); !strings.Contains(b, `"name":"Ann"`) {
				t.Errorf("before the renaming: %s", b)
			}
		})
	}
}

// A withdrawn citation is still shown, so a new text moves its place too.
func TestAWithdrawnCitationFollowsItsText(t *testing.T) {
	f := newFixture(t, 0)
	id := f.mustApply(relation("met-with", "ann", "ben", quote("doc/1", "Ann met Ben in Rome"))).Results[0].ID
	f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: id, Reason: "wrong"}})
	for text, want := range map[string]graph.Verification{"": graph.Unverified, "So: Ann met Ben in Rome.": graph.Verified, "No.": graph.Orphaned} {
		f.mustApply(document("doc/1", "Press", text))
		c := must(must(f.view().Relation(t.Context(), id)).Citations(t.Context(), nil, 1))[0]
		prefix, err := c.Prefix(t.Context())
		if err != nil || c.Verification != want || (want == graph.Verified) != (prefix == "So: ") {
			t.Errorf("with the text %q: %s, prefix %q, %v", text, c.Verification, prefix, err)
		}
	}
}

// Texts converted from print have stray control characters. They are words of the source and stay; names may not have them.
func TestControlCharactersOfASourceStay(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(document("doc/3", "Press", "page 12\b Ann met Ben\r\nin Rome."), relation("met-with", "ann", "ben", quote("doc/3", "12\b Ann met Ben\nin")))
	d := must(f.view().Document(t.Context(), "doc/3"))
	if s, _, err := d.Text(t.Context(), nil, nil); err != nil || s != "page 12\b Ann met Ben\nin Rome." {
		t.Errorf("the text is %q, %v", s, err)
	}
	out := f.apply(graph.Batch{Changes: []graph.Change{entity("x", vocab.KindPerson, "A\bnn"), document("doc/4", "Press", "a\x00b")}})
	if len(out.Errors) != 2 || !strings.Contains(out.Errors[0].Message, "U+0008") || !strings.Contains(out.Errors[1].Message, "U+0000") {
		t.Errorf("errors %v", out.Errors)
	}
}

// What an absorbed entity went through before is not the history of the one that absorbed it.
func TestHistoryBeginsWithTheEntity(t *testing.T) {
	f := newFixture(t, 0)
	merge := func(keep string) graph.Change {
		return graph.Change{MergeEntities: &graph.MergeInput{Keep: keep, Absorb: []string{"cid"}, Reason: "one"}}
	}
	f.mustApply(merge("ann"))
	f.mustApply(graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: "cid", From: "ann", Reason: "two"}})
	f.mustApply(entity("new", vocab.KindPerson, "New"))
	f.mustApply(merge("new"))
	p := must(must(f.view().Entity(t.Context(), "new")).History(t.Context(), nil, nil))
	if len(p.Items) != 2 || p.Items[0].Operation != graph.Merged || p.Items[1].Operation != graph.Created {
		t.Errorf("%d events", len(p.Items))
	}
	for _, e := range p.Items {
		must(e.Node(t.Context()))
		must(e.Before(t.Context()))
	}
}

func TestSnapshotByTime(t *testing.T) {
	clock := time.Date(2025, 4, 25, 12, 0, 0, 0, time.UTC)
	g := must(graph.Open(t.Context(), engines[0].open(t), graph.Options{Now: func() time.Time { return clock }}))
	defer g.Close()
	for _, name := range []string{"One", "Two", "Three"} {
		must(g.Apply(t.Context(), graph.Batch{Changes: []graph.Change{entity("x", vocab.KindPerson, name)}}))
		clock = clock.Add(time.Hour)
	}
	clock = clock.Add(-24 * time.Hour) // a clock set back does not turn history round
	must(g.Apply(t.Context(), graph.Batch{Changes: []graph.Change{entity("x", vocab.KindPerson, "Four")}}))
	for at, want := range map[time.Time]graph.Revision{
		time.Date(2025, 4, 25, 11, 59, 59, 0, time.UTC): 0, time.Date(2025, 4, 25, 12, 0, 0, 0, time.UTC): 1,
		time.Date(2025, 4, 25, 13, 30, 0, 0, time.UTC): 2, time.Date(2025, 4, 25, 14, 0, 0, 0, time.UTC): 3, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC): 4,
	} {
		v := must(g.View(t.Context(), graph.At{Time: &at}))
		if v.Revision() != want {
			t.Errorf("at %s: revision %d; want %d", at, v.Revision(), want)
		}
		v.Release()
	}
	if _, err := g.View(t.Context(), graph.At{Revision: ptr(graph.Revision(9))}); err == nil || !strings.Contains(err.Error(), "newest is 4") {
		t.Errorf("a revision to come: %v", err)
	}
	if _, err := g.View(t.Context(), graph.At{AtLeast: ptr(graph.Revision(9))}); err == nil {
		t.Error("a view at least as new as a revision to come")
	}
}

// A snapshot that was asked for and a cursor of another revision contradict each other.
func TestCursorAgainstSnapshot(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(relation("met-with", "ann", "ben", row("doc/2", "1")), relation("met-with", "ann", "cid", row("doc/2", "1")))
	one := 1
	p := must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{First: &one}))
	f.mustApply(relation("met-with", "ben", "cid", row("doc/2", "1")))
	args := graph.PageArgs{First: &one, After: &p.Cursors[0]}
	if next := must(f.view().Relations(t.Context(), nil, nil, args)); next.Revision != p.Revision || len(next.Items) != 1 || next.HasNext {
		t.Errorf("the walk goes on at revision %d with %d items", next.Revision, len(next.Items))
	}
	for rev, ok := range map[graph.Revision]bool{p.Revision: true, p.Revision + 1: false} {
		v := must(f.g.View(t.Context(), graph.At{Revision: &rev}))
		if _, err := v.Relations(t.Context(), nil, nil, args); (err == nil) != ok {
			t.Errorf("a snapshot of revision %d with a cursor of %d: %v", rev, p.Revision, err)
		}
		v.Release()
	}
}

func ptr[T any](v T) *T { return &v }

// TestManyCitations: one relation carries 20,000 citations, and its page stays small and quick to read.
func TestManyCitations(t *testing.T) {
	if testing.Short() {
		t.Skip("20,000 citations are left out of short runs")
	}
	f := newFixture(t, 1)
	const all, step = 20_000, 1_000
	for from := 0; from < all; from += step {
		var cites []graph.CitationInput
		for i := range step {
			cites = append(cites, row(fmt.Sprintf("doc/%d", 1+i%2), fmt.Sprint("row ", from+i)))
		}
		f.mustApply(relation("met-with", "ann", "ben", cites...))
	}
	v := f.view()
	p := must(v.Relations(t.Context(), nil, nil, graph.PageArgs{}))
	r := p.Items[0]
	s := must(r.Support(t.Context()))
	if s.Affirming != all || s.Documents != 2 || s.IndependentSources != 2 || len(must(r.Citations(t.Context(), nil, 10))) != 10 {
		t.Errorf("support %+v", s)
	}
	stats := must(v.Stats(t.Context()))
	for _, rows := range stats.Rows {
		if rows.Table == "relations" && (rows.Rows != 1 || rows.Bytes > 200) {
			t.Errorf("the relation's record takes %d bytes", rows.Bytes)
		}
	}
	if stats.Citations != all {
		t.Errorf("%d citations", stats.Citations)
	}
}
