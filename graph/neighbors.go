package graph

import (
	"cmp"
	"context"
	"encoding/binary"
	"maps"
	"slices"
)

// NeighborOrderField is what neighbours are sorted by.
type NeighborOrderField string

// The orders of neighbours. ByLastOccurred compares the dates of the newest relations; ByNeighborName folded main names.
const (
	ByRelationCount NeighborOrderField = "relation-count"
	ByLastOccurred  NeighborOrderField = "last-occurred"
	ByNeighborName  NeighborOrderField = "name"
)

// NeighborOrderFields lists them in the contract's order.
var NeighborOrderFields = []NeighborOrderField{ByRelationCount, ByLastOccurred, ByNeighborName}

// NeighborOrder is how neighbours are sorted. Equal ones follow in the order in which they were recorded.
type NeighborOrder struct {
	Field      NeighborOrderField
	Descending bool
}

// Neighbor is one counterpart of an entity with the relations that tie the two. An entity with a relation to itself is its own neighbour.
type Neighbor struct {
	Entity        *Entity
	RelationCount int
	Types         []TypeTally // most frequent first
	// FirstOccurred and LastOccurred are the dates of the oldest and the newest dated relation; empty when none is dated.
	FirstOccurred, LastOccurred string
	NetStance                   int // sum of the stances; a relation without one counts 0

	relations *relationLists // of the page, newest first
	at        int            // which of the lists is the neighbour's
}

// Relations are the first so many relations between the two, newest first.
func (n *Neighbor) Relations(ctx context.Context, first int) ([]*Relation, error) {
	return n.relations.first(ctx, n.at, first)
}

// ties gathers the relations between an entity and one counterpart.
type ties struct {
	other                uint64
	relations            []uint64
	types                map[uint32]int
	newest               sortDay // of the newest relation
	firstDated, lastDate uint64  // the oldest and the newest dated relation; 0 for none
	net                  int
}

func (t *ties) add(c *candidate) {
	if len(t.relations) == 0 {
		t.newest = c.occurred
	}
	t.relations = append(t.relations, c.num)
	t.types[c.typ]++
	if c.occurred != undated {
		if t.lastDate == 0 {
			t.lastDate = c.num
		}
		t.firstDated = c.num
	}
	if c.stance != nil {
		t.net += *c.stance
	}
}

// Neighbors lists the entities at the other ends of the entity's relations,
// the most often tied first unless another order is asked for. The relations are read once for each page.
func (e *Entity) Neighbors(ctx context.Context, f *RelationFilter, others *EntityFilter, dir Direction, order *NeighborOrder, p PageArgs) (*Page[*Neighbor], error) {
	r, w, err := e.view.open(ctx, listID("neighbors", e.ID, f, others, dir, order), p)
	if err != nil {
		return nil, err
	}
	if order == nil {
		order = &NeighborOrder{Field: ByRelationCount, Descending: true}
	}
	groups, err := e.ties(ctx, w, f, others, dir)
	if err != nil {
		return nil, err
	}
	if order.Field == ByNeighborName {
		if err := w.readEntities(ctx, slices.Collect(maps.Keys(groups))); err != nil {
			return nil, err
		}
	}
	items := make([]keyed[*ties], 0, len(groups))
	for _, t := range groups {
		key, err := w.neighborKey(ctx, t, *order)
		if err != nil {
			return nil, err
		}
		items = append(items, keyed[*ties]{key, t})
	}
	found, page, err := collect(ctx, r, w.rev, false, sorted(items))
	if err != nil {
		return nil, err
	}
	out, err := w.neighbors(ctx, found)
	if err != nil {
		return nil, err
	}
	result := paged(page, out)
	result.total = func() (int, error) { return len(groups), nil }
	return result, nil
}

// ties gathers the entity's relations by counterpart, without those whose counterpart the filter leaves out.
func (e *Entity) ties(ctx context.Context, w *View, f *RelationFilter, others *EntityFilter, dir Direction) (map[uint64]*ties, error) {
	l, err := e.listing(ctx, w, f, dir)
	if err != nil {
		return nil, err
	}
	all, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	groups := map[uint64]*ties{}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		other := k.item.from
		if l.entities.has(other) {
			other = k.item.to
		}
		if other, err = w.canonical(ctx, other); err != nil {
			return nil, err
		}
		if groups[other] == nil {
			groups[other] = &ties{other: other, types: map[uint32]int{}}
		}
		groups[other].add(k.item)
	}
	if others == nil {
		return groups, nil // only those on the page are read
	}
	test, err := w.compileEntity(ctx, others)
	if err != nil {
		return nil, err
	}
	if err := w.readEntities(ctx, slices.Collect(maps.Keys(groups))); err != nil {
		return nil, err
	}
	for num := range groups {
		x, err := w.entity(ctx, num)
		if err != nil {
			return nil, err
		}
		ok, err := test(ctx, x)
		if err != nil {
			return nil, err
		}
		if !ok {
			delete(groups, num)
		}
	}
	return groups, nil
}

func (v *View) neighborKey(ctx context.Context, t *ties, o NeighborOrder) ([]byte, error) {
	var k []byte
	switch o.Field {
	case ByRelationCount:
		k = binary.BigEndian.AppendUint64(k, uint64(len(t.relations)))
	case ByLastOccurred:
		k = binary.BigEndian.AppendUint32(k, ^uint32(t.newest)) // a sortDay grows with age
	case ByNeighborName:
		e, err := v.entity(ctx, t.other)
		if err != nil {
			return nil, err
		}
		k = appendKeyString(k, nameKey(e.MainName))
	}
	if o.Descending {
		invert(k)
	}
	return binary.BigEndian.AppendUint64(k, t.other), nil
}

// neighbors are what the gathered relations come to. The dates are read from the oldest and the newest of each.
func (v *View) neighbors(ctx context.Context, found []*ties) ([]*Neighbor, error) {
	lists := &relationLists{view: v}
	out := make([]*Neighbor, len(found))
	others := make([]uint64, len(found))
	for i, t := range found {
		others[i] = t.other
	}
	if err := v.readCounterparts(ctx, others); err != nil {
		return nil, err
	}
	var ends []uint64
	var dates []*string
	for i, t := range found {
		e, err := v.entity(ctx, t.other)
		if err != nil {
			return nil, err
		}
		n := &Neighbor{Entity: e, RelationCount: len(t.relations), NetStance: t.net, relations: lists, at: i}
		out[i], lists.lists = n, append(lists.lists, t.relations)
		for code, count := range t.types {
			n.Types = append(n.Types, TypeTally{v.types.byCode[code].ID, count})
		}
		slices.SortFunc(n.Types, byCount)
		if t.firstDated != 0 {
			ends, dates = append(ends, t.firstDated, t.lastDate), append(dates, &n.FirstOccurred, &n.LastOccurred)
		}
	}
	records, err := v.relationContents(ctx, ends)
	for i, r := range records {
		*dates[i] = r.occurred
	}
	return out, err
}

// byCount sorts tallies by count, the largest first, then by id.
func byCount(a, b TypeTally) int {
	return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
}
