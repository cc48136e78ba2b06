package graph

import (
	"context"
	"slices"
	"strings"
	"testing"

	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/memory"
)

// written is a graph with one relation between two persons, quoted from a text.
func written(t *testing.T) (*Graph, store.Store) {
	t.Helper()
	st := memory.New()
	g, err := Open(t.Context(), st, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	person := func(id, name string) Change {
		return Change{PutEntity: &EntityInput{ID: id, Kind: Some(vocab.KindPerson), Name: Some(name), ExternalIDs: Some(ExternalIDs{{"wikidata", "Q" + id}})}}
	}
	out, err := g.Apply(t.Context(), Batch{Changes: []Change{
		person("1", "Ann"), person("2", "Ben"), person("3", "Cid"),
		{PutDocument: &DocumentInput{ID: "doc", Title: Some("T"), Publisher: Some("P"), Published: Some("2025"), Text: Some("Ann met Ben.")}},
		{AddRelation: &RelationInput{Type: "met-with", From: "1", To: "2", Occurred: "2025-04-25", Citations: []CitationInput{{Document: "doc", Quote: "Ann met Ben", Speaker: "3"}}}},
		{MergeEntities: &MergeInput{Keep: "2", Absorb: []string{"3"}, Reason: "r"}},
	}})
	if err != nil || len(out.Errors) > 0 {
		t.Fatal(out, err)
	}
	return g, st
}

func verified(t *testing.T, g *Graph, repair bool) *VerifyReport {
	t.Helper()
	r, err := g.Verify(t.Context(), VerifyOptions{Repair: repair})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestVerifyFindsAndRepairs harms every derived table in each way and expects it found, repaired, and then nothing to find.
func TestVerifyFindsAndRepairs(t *testing.T) {
	for _, tb := range keySpace {
		if !tb.derived || tb == tableDerived { // no document here is a copy
			continue
		}
		harms := map[string]func(store.Txn, []byte) error{
			"a missing row": func(x store.Txn, k []byte) error { return x.Delete(k) },
			"a left-over row": func(x store.Txn, k []byte) error {
				other := slices.Clone(k)
				other[1] ^= 0x40
				return x.Set(other, []byte{present, 1})
			},
		}
		if tb.versioned {
			harms["a row with another value"] = func(x store.Txn, k []byte) error { return x.Set(k, []byte{present, 200, 200, 200}) }
		}
		if tb == tableTypeCount {
			delete(harms, "a left-over row")
		}
		for name, harm := range harms {
			t.Run(tb.name+"/"+name, func(t *testing.T) {
				g, st := written(t)
				if r := verified(t, g, false); len(r.Problems) > 0 {
					t.Fatalf("before: %v", r.Problems)
				}
				_, err := store.Update(context.Background(), st, func(x store.Txn) error {
					for kv, err := range x.Scan(t.Context(), store.Range{Start: []byte{tb.tag}, End: []byte{tb.tag + 1}, Limit: 1}) {
						if err != nil {
							return err
						}
						return harm(x, slices.Clone(kv.Key))
					}
					t.Fatal("the table is empty")
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				found := verified(t, g, false)
				if len(found.Problems) == 0 || found.Repaired != 0 {
					t.Fatal("nothing was found")
				}
				if r := verified(t, g, true); r.Repaired == 0 || !r.Problems[0].Repaired {
					t.Fatalf("nothing was repaired: %+v", r)
				}
				if r := verified(t, g, false); len(r.Problems) > 0 {
					t.Errorf("after the repair: %v", r.Problems)
				}
			})
		}
	}
}

// What verify cannot put right it names.
func TestVerifyNamesWhatIsLost(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(store.Txn) error
		says string
	}{
		"a text that was altered": {func(x store.Txn) error {
			return x.Set(tableText.key().u64(1).u64(1).u32(0).row(), []byte("Ann met Bob."))
		}, "SHA-256"},
		"a quote that does not stand there": {func(x store.Txn) error {
			return x.Set(tableText.key().u64(1).u64(1).u32(0).row(), []byte("Ann met Bob."))
		}, "does not stand at code point 0"},
		"a record that cannot be decoded": {func(x store.Txn) error {
			return x.Set(tableRelation.key().u64(1).row(), []byte{1, 2, 3})
		}, "cannot be decoded"},
		"a commit that was never made": {func(x store.Txn) error {
			return x.Set(tableCommit.key().u64(7).row(), []byte{0})
		}, "cannot be one of this table"},
		"a key of no table": {func(x store.Txn) error { return x.Set([]byte{0xff, 1}, []byte{1}) }, "belongs to no table"},
	} {
		t.Run(name, func(t *testing.T) {
			g, st := written(t)
			if _, err := store.Update(t.Context(), st, c.harm); err != nil {
				t.Fatal(err)
			}
			r := verified(t, g, true)
			if !slices.ContainsFunc(r.Problems, func(p Problem) bool { return strings.Contains(p.Message, c.says) && !p.Repaired }) {
				t.Errorf("%v; want one that says %q", r.Problems, c.says)
			}
		})
	}
}

// A damaged record is an error to the reader, never an absence.
func TestDamageIsNotAbsence(t *testing.T) {
	g, st := written(t)
	v, err := g.View(t.Context(), At{})
	if err != nil {
		t.Fatal(err)
	}
	page, err := v.Relations(t.Context(), nil, nil, PageArgs{})
	if err != nil || len(page.Items) != 1 {
		t.Fatal(page, err)
	}
	v.Release()
	_, err = store.Update(t.Context(), st, func(x store.Txn) error { return x.Delete(tableRelation.key().u64(1).row()) })
	if err != nil {
		t.Fatal(err)
	}
	if v, err = g.View(t.Context(), At{}); err != nil {
		t.Fatal(err)
	}
	defer v.Release()
	if _, err := v.Relation(t.Context(), page.Items[0].ID); err == nil || IsNotFound(err) {
		t.Errorf("a relation whose record is gone: %v", err)
	}
	if _, err := v.Relations(t.Context(), nil, nil, PageArgs{}); err == nil {
		t.Error("a list left a damaged relation out")
	}
}

func TestAnotherStoreIsRefused(t *testing.T) {
	st := memory.New()
	set := func(k, v []byte) {
		if _, err := store.Update(t.Context(), st, func(x store.Txn) error { return x.Set(k, v) }); err != nil {
			t.Fatal(err)
		}
	}
	set([]byte("x"), []byte("y"))
	if _, err := Open(t.Context(), st, Options{}); err == nil || !strings.Contains(err.Error(), "other than a graph") {
		t.Errorf("a store of something else: %v", err)
	}
	set(formatKey, []byte{99})
	if _, err := Open(t.Context(), st, Options{}); err == nil || !strings.Contains(err.Error(), "format 63") {
		t.Errorf("a store of another format: %v", err)
	}
}
