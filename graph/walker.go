package graph

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"
)

// checkInterval is how many visits are between two looks at the clock. A visit looks at one relation in the list of one entity.
const checkInterval = 1_024

// walker goes from entity to entity, as they are shown after merges, over the relations that meet a filter, within budgets.
// It is used by one goroutine.
type walker struct {
	v        *View
	k        *links // nil: rows are read
	listing  listing
	dated    bool // hops have their day
	budget   int  // visits left
	looked   int  // the budget when the clock was looked at last
	deadline time.Time
	cut      map[TruncationReason]bool
	frontier map[uint64]bool // entities whose surroundings were cut
	roots    map[uint64]uint64
	passed   map[uint64]bool // entities that were tested
	test     entityTest
}

// hop is one relation from the entity that is looked at.
type hop struct {
	to  uint64 // the entity at the other end
	num uint64 // the relation
	day sortDay
}

func (v *View) newWalker(ctx context.Context, relations *RelationFilter, entities *EntityFilter) (*walker, error) {
	c, err := v.compileRelations(ctx, relations)
	if err != nil {
		return nil, err
	}
	w := &walker{v: v, k: v.links(ctx, true), budget: v.g.visits, looked: v.g.visits, cut: map[TruncationReason]bool{}, frontier: map[uint64]bool{},
		roots: map[uint64]uint64{}, passed: map[uint64]bool{}}
	w.listing = listing{v: v, test: c.test, proofs: c.proofs, words: c.words, newest: c.newest, retired: relations.asksForRetracted()}
	if entities != nil {
		if w.test, err = v.compileEntity(ctx, entities); err != nil {
			return nil, err
		}
	}
	w.deadline = time.Now().Add(v.g.patience)
	if end, ok := ctx.Deadline(); ok {
		// What was found must still be read and written.
		if half := time.Now().Add(time.Until(end) / 2); half.Before(w.deadline) {
			w.deadline = half
		}
	}
	return w, nil
}

// unbounded is a walker over the same relations that has no budget, for what was found within one.
func (w *walker) unbounded() *walker {
	u := *w
	u.dated, u.budget, u.looked = true, math.MaxInt, math.MaxInt
	u.deadline = time.Now().Add(time.Hour) // the context ends before
	u.cut, u.frontier = map[TruncationReason]bool{}, map[uint64]bool{}
	return &u
}

// exhausted tells whether a budget is spent, and notes which.
func (w *walker) exhausted() bool {
	switch {
	case w.cut[VisitBudget] || w.cut[TimeBudget]:
	case w.budget <= 0:
		w.cut[VisitBudget] = true
	case w.looked-w.budget < checkInterval:
		return false
	default:
		w.looked = w.budget
		if time.Now().Before(w.deadline) {
			return false
		}
		w.cut[TimeBudget] = true
	}
	return true
}

// leave notes that the surroundings of an entity were cut.
func (w *walker) leave(reason TruncationReason, num uint64) {
	w.cut[reason], w.frontier[num] = true, true
}

// root is the survivor of an entity.
func (w *walker) root(ctx context.Context, num uint64) (uint64, error) {
	if w.v.commit.counts.merges == 0 {
		return num, nil
	}
	if r, ok := w.roots[num]; ok {
		return r, nil
	}
	r, err := w.v.canonical(ctx, num)
	w.roots[num] = r
	return r, err
}

// passes tells whether an entity meets the filter.
func (w *walker) passes(ctx context.Context, num uint64) (bool, error) {
	if w.test == nil {
		return true, nil
	}
	ok, known := w.passed[num]
	if known {
		return ok, nil
	}
	e, err := w.v.entity(ctx, num)
	if err != nil {
		return false, err
	}
	ok, err = w.test(ctx, e)
	w.passed[num] = ok
	return ok, err
}

// partOf is how an entity takes part in the relations of a direction.
func partOf(dir Direction) byte {
	switch dir {
	case Out:
		return edgeOut
	case In:
		return edgeIn
	}
	return edgeOut | edgeIn
}

// opposite is the direction as seen from the other end.
func opposite(dir Direction) Direction {
	switch dir {
	case Out:
		return In
	case In:
		return Out
	}
	return dir
}

// around visits the relations of a survivor, newest first, until visit says no or a budget is spent. It tells
// whether all were visited.
func (w *walker) around(ctx context.Context, num uint64, dir Direction, visit func(hop) (bool, error)) (bool, error) {
	members, err := w.v.members(ctx, num)
	if err != nil {
		return false, err
	}
	if w.k != nil && w.listing.test == nil && !w.listing.retired {
		return w.inArrays(ctx, members, num, dir, visit)
	}
	l := w.listing
	l.part, l.entities = partOf(dir), set{}
	for _, m := range members {
		l.entities[m] = struct{}{}
	}
	// What the filter leaves out is looked at as well.
	inner := l.test
	l.test = func(ctx context.Context, c *candidate) (bool, error) {
		w.budget--
		if w.exhausted() {
			return false, errSpent
		}
		if inner == nil {
			return true, nil
		}
		return inner(ctx, c)
	}
	all, err := l.candidates(ctx)
	if err != nil {
		return false, err
	}
	for k, err := range all(ctx, nil, nil, false) {
		if errors.Is(err, errSpent) {
			return false, ctx.Err()
		}
		if err != nil {
			return false, err
		}
		other := k.item.from
		if l.entities.has(other) {
			other = k.item.to
		}
		h := hop{num: k.item.num, day: k.item.occurred}
		if h.to, err = w.root(ctx, other); err != nil {
			return false, err
		}
		if more, err := visit(h); !more || err != nil {
			return true, err
		}
	}
	return true, ctx.Err()
}

// errSpent ends the reading of a list because a budget is spent.
var errSpent = errors.New("graph: the budget is spent")

// inArrays is around where no relation need be tested.
func (w *walker) inArrays(ctx context.Context, members []uint64, num uint64, dir Direction, visit func(hop) (bool, error)) (bool, error) {
	for _, n := range w.k.around(members) {
		if w.budget--; w.exhausted() {
			return false, ctx.Err()
		}
		rel := n.Relation()
		if rel >= w.k.end || !n.Out() && !n.In() || w.k.Dead(rel) {
			continue
		}
		if dir != Both && !(dir == Out && n.Out() || dir == In && n.In()) && w.k.Edge(rel).Flags&edgeSymmetric == 0 {
			continue
		}
		h := hop{to: uint64(n.Other), num: uint64(rel)}
		if len(members) > 1 && slices.Contains(members, h.to) {
			// Of a relation between two that are shown as one, the entry may name either.
			h.to = num
		}
		var err error
		if h.to, err = w.root(ctx, h.to); err != nil {
			return false, err
		}
		if w.dated {
			h.day = sortDay(w.k.Edge(rel).Day)
		}
		if more, err := visit(h); !more || err != nil {
			return true, err
		}
	}
	return true, ctx.Err()
}

// truncation is what was cut, with the entities in the order given and then by number; nil when nothing was.
func (w *walker) truncation(ctx context.Context, order []uint64) (*Truncation, error) {
	if len(w.cut) == 0 {
		return nil, nil
	}
	t := &Truncation{}
	for _, r := range TruncationReasons {
		if w.cut[r] {
			t.Reasons = append(t.Reasons, r)
		}
	}
	var cut []uint64
	for _, num := range order {
		if w.frontier[num] {
			cut = append(cut, num)
			delete(w.frontier, num)
		}
	}
	for _, num := range append(cut, sortedKeys(w.frontier)...) {
		e, err := w.v.entity(ctx, num)
		if err != nil {
			return nil, err
		}
		t.Frontier = append(t.Frontier, e.ID)
	}
	return t, nil
}

func sortedKeys(m map[uint64]bool) []uint64 {
	out := make([]uint64, 0, len(m))
	for n := range m {
		out = append(out, n)
	}
	slices.Sort(out)
	return out
}
