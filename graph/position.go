package graph

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"chancery/graph/edtf"
)

// statement is one statement of a stance: a relation with a stance, under the entities shown after merges.
type statement struct {
	actor, target uint64
	*candidate
}

// Positions lists who stands where, by actor and then target, in the order in which they were recorded first.
// Without actors or targets every statement of a stance is read.
func (v *View) Positions(ctx context.Context, f *PositionFilter, p PageArgs) (*Page[*Position], error) {
	return v.positionPage(ctx, listID("positions", f), p, func(ctx context.Context, w *View) (*positionListing, error) {
		return w.listPositions(ctx, f)
	})
}

// Positions lists where the entity stands on its targets and, asked of a target, who stands where on it.
func (e *Entity) Positions(ctx context.Context, f *PositionFilter, p PageArgs) (*Page[*Position], error) {
	return e.view.positionPage(ctx, listID("entity positions", e.ID, f), p, func(ctx context.Context, w *View) (*positionListing, error) {
		l, err := w.listPositions(ctx, f)
		if err != nil {
			return nil, err
		}
		l.either = set{}
		return l, w.addShown(ctx, l.either, e.num)
	})
}

// positionListing is a list of positions. A nil set asks for nothing.
type positionListing struct {
	v               *View
	actors, targets set
	either          set // the actor or the target is one of these
	stance          []StanceLabel
	when            *dateTest
	since           *edtf.Day
}

func (v *View) listPositions(ctx context.Context, f *PositionFilter) (*positionListing, error) {
	l := &positionListing{v: v}
	if f == nil {
		return l, nil
	}
	var err error
	if f.Actors != nil {
		if l.actors, err = v.entitySet(ctx, f.Actors, "actors"); err != nil {
			return nil, err
		}
	}
	if f.Targets != nil {
		if l.targets, err = v.entitySet(ctx, f.Targets, "targets"); err != nil {
			return nil, err
		}
	}
	if l.when, err = f.Occurred.test("occurred"); err != nil {
		return nil, err
	}
	if f.ChangedSince != nil {
		d, err := edtf.Parse(*f.ChangedSince)
		if err != nil {
			return nil, badInput("changedSince: %s", err)
		}
		if day, ok := d.Earliest(); ok {
			l.since = &day
		}
	}
	l.stance = f.Stance
	return l, nil
}

func (v *View) positionPage(ctx context.Context, list [8]byte, p PageArgs, make func(context.Context, *View) (*positionListing, error)) (*Page[*Position], error) {
	r, w, err := v.open(ctx, list, p)
	if err != nil {
		return nil, err
	}
	l, err := make(ctx, w)
	if err != nil {
		return nil, err
	}
	items, page := []*Position{}, &Page[*Position]{Revision: w.rev}
	if r.size > 0 {
		if items, page, err = collect(ctx, r, w.rev, false, l.all); err != nil {
			return nil, err
		}
	}
	page.Items = items
	page.total = func() (int, error) { return l.count(ctx) }
	return page, nil
}

// all walks the positions by actor and target.
func (l *positionListing) all(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*Position], error] {
	return func(yield func(keyed[*Position], error) bool) {
		fail := func(err error) { yield(keyed[*Position]{}, err) }
		keys := together(l.groups, l.read)
		for k, err := range keys(ctx, after, before, reverse) {
			if err != nil {
				fail(err)
				return
			}
			p, err := l.position(ctx, k.item)
			if err != nil {
				fail(err)
				return
			}
			if l.keeps(p) && !yield(keyed[*Position]{k.key, p}, nil) {
				return
			}
		}
	}
}

// group gathers the statements by actor and target.
func (l *positionListing) group(ctx context.Context) ([]keyed[[]*statement], error) {
	src := &listing{v: l.v}
	for _, s := range []set{l.either, l.actors, l.targets} {
		if s != nil && (src.entities == nil || len(s) < len(src.entities)) {
			src.entities = s
		}
	}
	all, err := src.candidates(ctx)
	if err != nil {
		return nil, err
	}
	by := map[[2]uint64][]*statement{}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		s, err := l.statement(ctx, k.item)
		if err != nil {
			return nil, err
		}
		if s != nil {
			by[[2]uint64{s.actor, s.target}] = append(by[[2]uint64{s.actor, s.target}], s)
		}
	}
	out := make([]keyed[[]*statement], 0, len(by))
	for pair, statements := range by {
		out = append(out, keyed[[]*statement]{positionKey(pair[0], pair[1]), statements})
	}
	return out, nil
}

// read reads what positions are made of: the relations, what cites them where their order may depend on it, and both entities.
func (l *positionListing) read(ctx context.Context, groups [][]*statement) error {
	var all []*candidate
	var several, entities []uint64
	for _, g := range groups {
		entities = append(entities, g[0].actor, g[0].target)
		for _, s := range g {
			all = append(all, s.candidate)
			if len(g) > 1 {
				several = append(several, s.num)
			}
		}
	}
	if err := l.v.readContents(ctx, all); err != nil {
		return err
	}
	for part := range slices.Chunk(several, lastChunk) {
		if err := l.v.readProofs(ctx, part); err != nil {
			return err
		}
	}
	return l.v.readEntities(ctx, entities)
}

// statement is a candidate as a statement that belongs to the list; nil when it does not.
func (l *positionListing) statement(ctx context.Context, c *candidate) (*statement, error) {
	if c.stance == nil {
		return nil, nil
	}
	in := func(s set, n uint64) bool { return s == nil || s.has(n) }
	if !in(l.actors, c.from) || !in(l.targets, c.to) || l.either != nil && !l.either.has(c.from) && !l.either.has(c.to) {
		return nil, nil
	}
	if l.when != nil {
		r, err := c.content(ctx)
		if err != nil {
			return nil, err
		}
		if !l.when.text(r.occurred) {
			return nil, nil
		}
	}
	actor, err := l.v.canonical(ctx, c.from)
	if err != nil {
		return nil, err
	}
	target, err := l.v.canonical(ctx, c.to)
	if err != nil {
		return nil, err
	}
	return &statement{actor, target, c}, nil
}

// position is what the statements of one actor on one target come to: they
// are sorted newest first, and each run of one value is one position.
func (l *positionListing) position(ctx context.Context, statements []*statement) (*Position, error) {
	if err := l.newestFirst(ctx, statements); err != nil {
		return nil, err
	}
	actor, err := l.v.entity(ctx, statements[0].actor)
	if err != nil {
		return nil, err
	}
	target, err := l.v.entity(ctx, statements[0].target)
	if err != nil {
		return nil, err
	}
	var basis []*Relation
	var first, last *Position
	for len(statements) > 0 {
		n := 1
		for n < len(statements) && *statements[n].stance == *statements[0].stance {
			n++
		}
		p := &Position{Actor: actor, Target: target, Stance: *statements[0].stance, Label: StanceLabels[*statements[0].stance+2]}
		for _, s := range statements[:n] {
			r, err := s.content(ctx)
			if err != nil {
				return nil, err
			}
			rel, err := l.v.relationOf(s.num, r)
			if err != nil {
				return nil, err
			}
			p.Basis = append(p.Basis, rel)
		}
		basis = append(basis, p.Basis...)
		p.Conditional, p.Since = p.Basis[0].Condition != "", p.Basis[n-1].Occurred
		if last == nil {
			first = p
		} else {
			last.Previous = p
		}
		last, statements = p, statements[n:]
	}
	newSiblings(l.v, basis)
	return first, nil
}

// newestFirst sorts by the earliest possible day of occurrence, undated last; then by the newest publication
// that cites the statement; then by the order of recording.
func (l *positionListing) newestFirst(ctx context.Context, statements []*statement) error {
	published := map[uint64]sortDay{}
	for i := range statements {
		if len(statements) == 1 {
			break
		}
		e, err := statements[i].evidence(ctx)
		if err != nil {
			return err
		}
		published[statements[i].num] = undated
		if len(e.order) > 0 {
			published[statements[i].num] = e.order[0].published
		}
	}
	slices.SortFunc(statements, func(a, b *statement) int {
		return cmp.Or(cmp.Compare(a.occurred, b.occurred), cmp.Compare(published[a.num], published[b.num]), cmp.Compare(b.num, a.num))
	})
	return nil
}

func (l *positionListing) keeps(p *Position) bool {
	if l.stance != nil && !slices.Contains(l.stance, p.Label) {
		return false
	}
	if l.since == nil {
		return true
	}
	day, ok := sortDayOfText(p.Since).day()
	return ok && day >= *l.since
}
