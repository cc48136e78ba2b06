package graph

import (
	"cmp"
	"context"
	"iter"
	"reflect"
	"slices"

	"chancery/graph/vocab"
)

// typeRecords are the types that the store defines or uses.
func (v *View) typeRecords(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, id := range v.types.ids {
			e := v.types.byID[id]
			if e.code == 0 {
				continue
			}
			base := v.g.bundledType(id)
			t := typeRecordOf(&e.Type, base)
			if base != nil && reflect.DeepEqual(t, typeRecordOf(base, base)) {
				// Every store knows the bundled definition; only a live relation makes a reader give the type a place.
				n, err := v.typeCount(ctx, e.code)
				if err != nil {
					yield(Record{}, err)
					return
				}
				if n == 0 {
					continue
				}
			}
			if !yield(Record{RelationType: t}, nil) {
				return
			}
		}
	}
}

// bundledType is the bundled definition of a relation type; nil where there is none.
func (g *Graph) bundledType(id string) *vocab.Type {
	i, ok := slices.BinarySearchFunc(g.bundled, id, func(t vocab.Type, id string) int { return cmp.Compare(t.ID, id) })
	if !ok {
		return nil
	}
	return &g.bundled[i]
}

// typeRecordOf writes a type so that reading it over the bundled definition of its id, base, makes it again: what
// base has and the type has not is written as empty.
func typeRecordOf(t, base *vocab.Type) *RelationTypeRecord {
	r := &RelationTypeRecord{ID: t.ID, Label: t.Labels["en"], FromKinds: t.FromKinds, ToKinds: t.ToKinds, Codes: t.Codes}
	if base == nil {
		base = &vocab.Type{}
	}
	given := func(text, was string) *string {
		if text == "" && was == "" {
			return nil
		}
		return &text
	}
	r.InverseLabel, r.Definition, r.Broader = given(t.Inverse["en"], base.Inverse["en"]), given(t.Definition, base.Definition), given(t.Broader, base.Broader)
	if t.Symmetric || base.Symmetric {
		r.Symmetric = &t.Symmetric
	}
	if t.Stance != nil || base.Stance != nil {
		r.Stance = &t.Stance
	}
	if len(t.FromKinds) == 0 {
		r.FromKinds = emptied(base.FromKinds)
	}
	if len(t.ToKinds) == 0 {
		r.ToKinds = emptied(base.ToKinds)
	}
	if len(t.Codes) == 0 {
		r.Codes = emptied(base.Codes)
	}
	return r
}

// emptied is a list that is written as empty where there was something, and left out where there was nothing.
func emptied[T any](was []T) []T {
	if len(was) == 0 {
		return nil
	}
	return []T{}
}
