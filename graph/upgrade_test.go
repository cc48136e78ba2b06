package graph

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/memory"
)

// contents is everything in a store.
func contents(t *testing.T, st store.Store) map[string]string {
	t.Helper()
	s, err := st.Snapshot(t.Context(), store.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Release()
	out := map[string]string{}
	for kv, err := range s.Scan(t.Context(), store.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		out[string(kv.Key)] = string(kv.Value)
	}
	return out
}

// asFormat1 makes a store what format 1 made of it.
func asFormat1(t *testing.T, st store.Store) {
	t.Helper()
	all := contents(t, st)
	_, err := store.Update(t.Context(), st, func(x store.Txn) error {
		for k := range all {
			if k[0] == tableNameWord.tag {
				if err := x.Delete([]byte(k)); err != nil {
					return err
				}
			}
		}
		return x.Set(bytes.Clone(formatKey), []byte{formatWithoutWords})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUpgradeFromFormat1 expects of an upgrade the rows that format 2 would have written from the beginning, in all their versions.
func TestUpgradeFromFormat1(t *testing.T) {
	g, st := written(t)
	for _, c := range []Change{
		{PutEntity: &EntityInput{ID: "1", Name: Some("Анна Smith"), Names: Some([]Name{{Text: "Ann", Kind: NameAlias}})}},
		{PutEntity: &EntityInput{ID: "4", Kind: Some(vocab.KindPerson), Name: Some("Dan")}},
		{DeleteEntity: &RetractInput{ID: "4", Reason: "r"}},
		{PutEntity: &EntityInput{ID: "4", Kind: Some(vocab.KindState), Name: Some("Dania")}},
		{PutEntity: &EntityInput{ID: "1", Description: Some("no name changes")}},
	} {
		if out, err := g.Apply(t.Context(), Batch{Changes: []Change{c}}); err != nil || len(out.Errors) > 0 {
			t.Fatal(out, err)
		}
	}
	want := contents(t, st)
	words := 0
	for k := range want {
		words += int(flag(k[0] == tableNameWord.tag))
	}
	if words < 8 {
		t.Fatalf("only %d rows of words", words)
	}
	asFormat1(t, st)
	if _, err := Open(t.Context(), st, Options{ReadOnly: true}); err == nil || !strings.Contains(err.Error(), "open it once for writing") {
		t.Errorf("a store of format 1, to read: %v", err)
	}
	// An upgrade that was cut off has written some of the rows.
	if _, err := store.Update(t.Context(), st, func(x store.Txn) error {
		for k, v := range want {
			if k[0] == tableNameWord.tag {
				return x.Set([]byte(k), []byte(v))
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	again, err := Open(t.Context(), st, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := contents(t, st); !maps.Equal(got, want) {
		t.Errorf("%d rows after the upgrade, %d before", len(got), len(want))
	}
	v, err := again.View(t.Context(), At{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Release()
	found, err := v.Suggest(t.Context(), "анна", nil, 5)
	if err != nil || len(found) != 1 || found[0].ID != "1" {
		t.Errorf("suggest after the upgrade: %v, %v", found, err)
	}
}

// A store of many entities is brought up in several transactions.
func TestUpgradeOfManyEntities(t *testing.T) {
	st := memory.New()
	g, err := Open(t.Context(), st, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var changes []Change
	for i := range 2_500 {
		name := strings.Repeat(string(rune('a'+i%26)), 1+i%40)
		changes = append(changes, Change{PutEntity: &EntityInput{Kind: Some(vocab.KindPerson), Name: Some(name + " " + name + "x y z")}})
	}
	if out, err := g.Apply(t.Context(), Batch{Changes: changes}); err != nil || len(out.Errors) > 0 {
		t.Fatal(out, err)
	}
	g.Close()
	want := contents(t, st)
	asFormat1(t, st)
	if g, err = Open(t.Context(), st, Options{}); err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	got := contents(t, st)
	if !maps.Equal(got, want) {
		t.Errorf("%d rows after the upgrade, %d before", len(got), len(want))
	}
	if n := len(slices.Collect(maps.Keys(got))); n < 10_000 {
		t.Errorf("only %d rows: the test does not need several transactions", n)
	}
}
