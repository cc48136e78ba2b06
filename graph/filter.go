package graph

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"chancery/graph/edtf"
	"chancery/graph/text"
)

// set is a set of numbers of entities or documents.
type set map[uint64]struct{}

func (s set) has(n uint64) bool { _, ok := s[n]; return ok }

// entitySet resolves ids to everything that is shown under them: each entity with all that was merged with it.
func (v *View) entitySet(ctx context.Context, ids []string, what string) (set, error) {
	out := set{}
	for _, id := range ids {
		n, err := v.lookup(ctx, id)
		if err != nil {
			return nil, err
		}
		if n.num == 0 || n.kind != changedEntity {
			if v.lenient {
				continue
			}
			return nil, v.unknownID(ctx, id, what, "entity")
		}
		if err := v.addShown(ctx, out, n.num); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// addShown adds an entity with everything that is shown as the same one after merges.
func (v *View) addShown(ctx context.Context, s set, num uint64) error {
	root, err := v.canonical(ctx, num)
	if err != nil {
		return err
	}
	members, err := v.members(ctx, root)
	for _, m := range members {
		s[m] = struct{}{}
	}
	return err
}

func (v *View) documentSet(ctx context.Context, ids []string, what string) (set, error) {
	out := set{}
	for _, id := range ids {
		n, err := v.nodeByID(ctx, norm.NFC.String(id))
		if err != nil {
			return nil, err
		}
		if n.num == 0 || n.kind != changedDocument {
			if v.lenient {
				continue
			}
			return nil, v.unknownID(ctx, id, what, "document")
		}
		out[n.num] = struct{}{}
	}
	return out, nil
}

func (v *View) unknownID(ctx context.Context, id, where, what string) error {
	near, err := v.nearestIDs(ctx, id)
	if err != nil {
		return err
	}
	return badInput("%s: no %s has the id %s%s", where, what, quoted(id), didYouMean(near))
}

// test compares a string; nil asks for nothing.
func (f *StringFilter) test() func(string) bool {
	if f == nil {
		return nil
	}
	var exact, folded []func(string) bool
	if f.Eq != nil {
		exact = append(exact, func(s string) bool { return s == *f.Eq })
	}
	if f.In != nil {
		exact = append(exact, func(s string) bool { return slices.Contains(f.In, s) })
	}
	if f.Prefix != nil {
		want := text.Fold(*f.Prefix)
		folded = append(folded, func(s string) bool { return strings.HasPrefix(s, want) })
	}
	if f.Match != nil {
		want := words(text.Fold(*f.Match))
		folded = append(folded, func(s string) bool {
			have := words(s)
			return !slices.ContainsFunc(want, func(w string) bool { return !slices.Contains(have, w) })
		})
	}
	return func(s string) bool {
		fails := func(t func(string) bool) bool { return !t(s) }
		if slices.ContainsFunc(exact, fails) {
			return false
		}
		if len(folded) > 0 {
			s = text.Fold(s)
		}
		return !slices.ContainsFunc(folded, fails)
	}
}

func words(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// dateTest is a range of days with the way that imprecise dates meet it.
type dateTest struct {
	days    edtf.Range
	certain bool
}

func (r *DateRange) test(where string) (*dateTest, error) {
	if r == nil {
		return nil, nil
	}
	t := &dateTest{certain: r.Match == MatchCertain}
	for i, s := range []*string{r.From, r.To} {
		if s == nil || *s == "" {
			continue
		}
		d, err := edtf.Parse(*s)
		if err != nil {
			return nil, badInput("%s: %s", where, err)
		}
		day, ok := d.Earliest()
		if !ok {
			continue
		}
		if i == 0 {
			t.days.From, t.days.HasFrom = day, true
		} else {
			t.days.To, t.days.HasTo = day, true
		}
	}
	return t, nil
}

func (t *dateTest) date(d edtf.Date) bool {
	if d.IsZero() {
		return false
	}
	if t.certain {
		return d.CertainlyIn(t.days)
	}
	return d.PossiblyIn(t.days)
}

func (t *dateTest) text(date string) bool {
	if date == "" {
		return false
	}
	d, err := edtf.Parse(date)
	return err == nil && t.date(d)
}

// span tests a date that is known to lie between two days.
func (t *dateTest) span(first, last edtf.Day) bool {
	if t.days.Empty() {
		return false
	}
	if t.certain {
		return (!t.days.HasFrom || first >= t.days.From) && (!t.days.HasTo || last < t.days.To)
	}
	return (!t.days.HasFrom || last >= t.days.From) && (!t.days.HasTo || first < t.days.To)
}

func (r *IntRange) has(n int) bool {
	return r == nil || (r.GTE == nil || n >= *r.GTE) && (r.LTE == nil || n <= *r.LTE)
}

// entityTest tells whether an entity, as it is shown, meets a filter.
type entityTest func(ctx context.Context, e *Entity) (bool, error)

func (v *View) compileEntity(ctx context.Context, f *EntityFilter) (entityTest, error) {
	if f == nil {
		return func(context.Context, *Entity) (bool, error) { return true, nil }, nil
	}
	var tests []entityTest
	plain := func(t func(e *Entity) bool) {
		tests = append(tests, func(_ context.Context, e *Entity) (bool, error) { return t(e), nil })
	}
	if f.IDs != nil {
		s, err := v.entitySet(ctx, f.IDs, "ids")
		if err != nil {
			return nil, err
		}
		plain(func(e *Entity) bool { return s.has(e.num) })
	}
	if f.Kinds != nil {
		plain(func(e *Entity) bool { return slices.Contains(f.Kinds, e.Kind) })
	}
	if name := f.Name.test(); name != nil {
		plain(func(e *Entity) bool {
			return name(e.MainName) || slices.ContainsFunc(e.names, func(n Name) bool { return name(n.Text) })
		})
	}
	if f.ExternalScheme != nil {
		plain(func(e *Entity) bool {
			return slices.ContainsFunc(e.ExternalIDs, func(x ExternalID) bool { return x.Scheme == *f.ExternalScheme })
		})
	}
	ties, err := v.tieTests(ctx, f)
	if err != nil {
		return nil, err
	}
	tests = append(tests, ties...)
	parts, err := compileParts(f.And, f.Or, f.Not, func(f *EntityFilter) (entityTest, error) { return v.compileEntity(ctx, f) })
	if err != nil {
		return nil, err
	}
	return allOf(append(tests, parts...)), nil
}

// tieTests are what a filter asks of the relations of an entity.
func (v *View) tieTests(ctx context.Context, f *EntityFilter) ([]entityTest, error) {
	var tests []entityTest
	if f.Degree != nil {
		tests = append(tests, func(ctx context.Context, e *Entity) (bool, error) {
			n, err := e.Degree(ctx, nil, Both)
			return err == nil && f.Degree.has(n), err
		})
	}
	if f.Relations == nil {
		return tests, nil
	}
	for _, q := range []struct {
		filter *RelationFilter
		want   bool
	}{{f.Relations.Some, true}, {f.Relations.None, false}} {
		if q.filter == nil {
			continue
		}
		c, err := v.compileRelations(ctx, q.filter)
		if err != nil {
			return nil, err
		}
		retired := q.filter.asksForRetracted()
		tests = append(tests, func(ctx context.Context, e *Entity) (bool, error) {
			l, err := e.listingOf(ctx, v, c, f.Relations.Direction)
			if err != nil {
				return false, err
			}
			l.retired = retired
			any, err := l.any(ctx)
			return err == nil && any == q.want, err
		})
	}
	return tests, nil
}

// A test over T, as compiled from a filter.
type test[T any] interface {
	~func(ctx context.Context, item T) (bool, error)
}

// compileParts compiles the and, or and not of a filter.
func compileParts[F any, C test[T], T any](and, or []*F, not *F, compile func(*F) (C, error)) ([]C, error) {
	var out []C
	for _, f := range and {
		c, err := compile(f)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	if or != nil {
		var any []C
		for _, f := range or {
			c, err := compile(f)
			if err != nil {
				return nil, err
			}
			any = append(any, c)
		}
		out = append(out, func(ctx context.Context, item T) (bool, error) {
			for _, c := range any {
				if ok, err := c(ctx, item); ok || err != nil {
					return ok, err
				}
			}
			return false, nil
		})
	}
	if not != nil {
		c, err := compile(not)
		if err != nil {
			return nil, err
		}
		out = append(out, func(ctx context.Context, item T) (bool, error) {
			ok, err := c(ctx, item)
			return !ok, err
		})
	}
	return out, nil
}

func allOf[C test[T], T any](tests []C) C {
	return func(ctx context.Context, item T) (bool, error) {
		for _, t := range tests {
			if ok, err := t(ctx, item); !ok || err != nil {
				return false, err
			}
		}
		return true, nil
	}
}
