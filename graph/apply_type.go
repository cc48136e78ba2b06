package graph

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"chancery/graph/vocab"
)

// putRelationType defines a relation type, or changes what it gives of one that exists.
func (x *tx) putRelationType(in *RelationTypeInput) (Operation, string, error) {
	before := len(x.errs)
	if !typeID.MatchString(in.ID) || len(in.ID) > maxID {
		x.fail(CodeInvalid, []string{"id"}, "%s is no id of a relation type: write lower-case words joined by hyphens, e.g. met-with", quoted(in.ID))
		return "", "", nil
	}
	old := x.w.types.byID[in.ID]
	next := x.nextType(in, old)
	if len(x.errs) > before {
		return "", "", nil
	}
	if old != nil {
		if bytes.Equal(encodeType(&old.Type), encodeType(next)) {
			return Unchanged, "", nil
		}
		if err := x.checkTypeChange(old, next); err != nil || len(x.errs) > before {
			return "", "", err
		}
	}
	e := &vocabularyEntry{Type: *next, defined: true}
	op := Created
	if old != nil {
		e.code, op = old.code, Updated
	}
	if err := x.nameType(e); err != nil {
		return "", "", err
	}
	x.touched(changedType, uint64(x.w.types.byID[in.ID].code), op)
	return op, "", x.put(tableType.key().u32(x.w.types.byID[in.ID].code).logical(), encodeType(next))
}

// nextType is the definition after the update. A type that exists keeps what was left out.
func (x *tx) nextType(in *RelationTypeInput, old *vocabularyEntry) *vocab.Type {
	t := &vocab.Type{ID: in.ID}
	if old != nil {
		*t = old.Type
	}
	x.requiredField(in.Label, old == nil, "label", "a label")
	if in.Label.Set {
		t.Labels = withEnglish(t.Labels, x.normal(in.Label.Value, maxName, "label"))
	}
	if in.InverseLabel.Set {
		t.Inverse = withEnglish(t.Inverse, x.normal(in.InverseLabel.Value, maxName, "inverseLabel"))
	}
	if in.Definition.Set {
		t.Definition = x.normal(in.Definition.Value, maxLong, "definition")
	}
	if in.Symmetric.Set {
		t.Symmetric = in.Symmetric.Value
	}
	if in.Stance.Set {
		t.Stance = nil
		if s := in.Stance.Value; !in.Stance.Null {
			t.Stance = &s
			if s < -2 || s > 2 {
				x.fail(CodeInvalid, []string{"stance"}, "the stance %d is outside the scale from -2 to 2", s)
			}
		}
	}
	if in.FromKinds.Set {
		t.FromKinds = x.kinds(in.FromKinds.Value, "fromKinds")
	}
	if in.ToKinds.Set {
		t.ToKinds = x.kinds(in.ToKinds.Value, "toKinds")
	}
	if in.Broader.Set {
		t.Broader = x.broader(in.ID, in.Broader.Value)
	}
	if in.Codes.Set {
		t.Codes = in.Codes.Value
	}
	x.checkType(t)
	return t
}

// withEnglish sets or clears the label given without a language.
func withEnglish(old map[string]string, label string) map[string]string {
	if old["en"] == label {
		return old
	}
	// A new wording speaks for itself: translations of the old one go.
	if label == "" {
		return nil
	}
	return map[string]string{"en": label}
}

func (x *tx) checkType(t *vocab.Type) {
	if t.Symmetric && !slices.Equal(t.FromKinds, t.ToKinds) {
		x.fail(CodeVocabulary, []string{"toKinds"}, "the ends of a symmetric type have no order, so both allow the same kinds")
	}
	for i, c := range t.Codes {
		if strings.TrimSpace(c.Scheme) == "" || strings.TrimSpace(c.Value) == "" {
			x.fail(CodeRequired, []string{"codes", strconv.Itoa(i)}, "a code has a scheme and a value")
		}
	}
}

func (x *tx) broader(id, broader string) string {
	for at := broader; at != ""; {
		e := x.w.types.byID[at]
		if e == nil {
			if x.promised[at] {
				x.cascade()
			} else {
				x.fail(CodeNotFound, []string{"broader"}, "%s", x.w.types.unknownType(at))
			}
			return ""
		}
		if at == id {
			x.fail(CodeVocabulary, []string{"broader"}, "%s is itself narrower than %s: that would be a circle", quoted(broader), quoted(id))
			return ""
		}
		at = e.Broader
	}
	return broader
}

// checkTypeChange refuses what existing relations forbid: to change whether their ends have an order, since their ids
// depend on it; to give a stance to those that have none, and to bar the kinds of their ends, since writing them again
// would make other relations or be refused. Unless one of these is asked for, it reads nothing.
func (x *tx) checkTypeChange(old *vocabularyEntry, next *vocab.Type) error {
	order, stance := old.Symmetric != next.Symmetric, old.Stance == nil && next.Stance != nil
	kinds := narrower(old.FromKinds, next.FromKinds) || narrower(old.ToKinds, next.ToKinds)
	if old.code == 0 || !order && !stance && !kinds {
		return nil
	}
	from, to := set{}, set{}
	for r, err := range x.scanPrefix(x.ctx, tableByType.key().u32(old.code).prefix()) {
		if err != nil {
			return err
		}
		g, err := decodeEdge(r.value, 0, relationNumOf(r.key))
		switch {
		case err != nil:
			return damaged("edge row %x", r.key)
		case order:
			x.fail(CodeConflict, []string{"symmetric"}, "relations of type %s exist, and their ids depend on whether the ends have an order", quoted(old.ID))
			return nil
		case g.dead():
		case stance && g.stance == nil:
			x.fail(CodeConflict, []string{"stance"}, "relations of type %s exist that take no stance: define another type for those that do, or give each relation its own", quoted(old.ID))
			return nil
		case kinds:
			from[g.from], to[g.to] = struct{}{}, struct{}{}
		}
	}
	if err := x.checkEnds(from, next.FromKinds, "fromKinds"); err != nil {
		return err
	}
	return x.checkEnds(to, next.ToKinds, "toKinds")
}

// narrower tells whether kinds that were allowed are not any more. No kinds allow all.
func narrower(old, next []vocab.Kind) bool {
	return len(next) > 0 && (len(old) == 0 || slices.ContainsFunc(old, func(k vocab.Kind) bool { return !slices.Contains(next, k) }))
}

// checkEnds refuses kinds that bar one of the entities at an end of existing relations.
func (x *tx) checkEnds(entities set, kinds []vocab.Kind, at string) error {
	for _, num := range sortedSet(entities) {
		h, err := x.head(num)
		if err != nil {
			return err
		}
		if allows(kinds, h.kind) {
			continue
		}
		r, _, err := x.entityRecord(x.ctx, num)
		if err != nil {
			return err
		}
		x.fail(CodeConflict, []string{at}, "%s, of kind %s, stands at this end of a relation of the type: allow its kind, or retract the relation first", quoted(r.id), h.kind)
		return nil
	}
	return nil
}

// nameType gives a type its number when the store first names it, and makes it the vocabulary's entry.
func (x *tx) nameType(e *vocabularyEntry) error {
	if e.code == 0 {
		x.state.nextType++
		c := *e
		c.code = uint32(x.state.nextType)
		e = &c
		if err := x.t.Set(tableTypeID.key().str(e.ID).row(), numbered(uint64(e.code), x.rev)); err != nil {
			return err
		}
	} else if x.w.types.byID[e.ID] == e {
		return nil
	}
	x.w.types = x.w.types.with(e)
	x.state.vocabulary = x.rev
	return nil
}
