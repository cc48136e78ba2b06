package graph

import (
	"context"
	"slices"
	"sync"
)

// Entities of one list read their lists of relations together, in groups of
// counterpartsAtOnce: what is read for those that nobody asks stays bounded.
const counterpartsAtOnce = 32

// counterparts are entities that stand in one list. When one is asked for the
// beginning of its list of relations, those of all are read, and all their
// relations are siblings. What was read stays: an entity may stand at the ends of
// many relations of an answer.
type counterparts struct {
	v        *View
	entities []*Entity

	mu    sync.Mutex
	pages map[[8]byte]map[uint64]*Page[*Relation] // by what was asked for, then by entity; nil where reading failed
}

// newCounterparts groups the entities of a list. Those that stand in another list already stay with that.
func newCounterparts(v *View, entities []*Entity) {
	var single []*Entity
	for _, e := range entities {
		if e.counterparts.Load() == nil {
			single = append(single, e)
		}
	}
	for part := range slices.Chunk(single, counterpartsAtOnce) {
		g := &counterparts{v: v}
		g.mu.Lock()
		for _, e := range part {
			if e.counterparts.CompareAndSwap(nil, g) {
				g.entities = append(g.entities, e)
			}
		}
		g.mu.Unlock()
	}
}

// readCounterparts reads the entities of a list, which become counterparts.
func (v *View) readCounterparts(ctx context.Context, nums []uint64) error {
	if err := v.readEntities(ctx, nums); err != nil {
		return err
	}
	list := make([]*Entity, len(nums))
	for i, n := range nums {
		var err error
		if list[i], err = v.entity(ctx, n); err != nil {
			return err
		}
	}
	newCounterparts(v, list)
	return nil
}

// relationsPage is a page of the entity's list of relations; nil where it has to be read for the entity alone.
func (e *Entity) relationsPage(ctx context.Context, q relationQuestion) *Page[*Relation] {
	if q.page.After != nil || q.page.Before != nil {
		return nil
	}
	if e.counterparts.Load() == nil {
		newCounterparts(e.view, []*Entity{e})
	}
	return e.counterparts.Load().page(ctx, e, q)
}

// page is the first or last page of an entity's list of relations; nil where it could not be read.
func (g *counterparts) page(ctx context.Context, e *Entity, q relationQuestion) *Page[*Relation] {
	key := listID(q.filter, q.direction, q.order, q.page)
	g.mu.Lock()
	defer g.mu.Unlock()
	pages, asked := g.pages[key]
	if !asked && ctx.Err() == nil {
		var err error
		if pages, err = g.read(ctx, q); err != nil {
			pages = nil // the entity reads its own list and reports the failure
		}
		if g.pages == nil {
			g.pages = map[[8]byte]map[uint64]*Page[*Relation]{}
		}
		g.pages[key] = pages
	}
	return pages[e.num]
}

// read reads the pages of all the entities.
func (g *counterparts) read(ctx context.Context, q relationQuestion) (map[uint64]*Page[*Relation], error) {
	c, err := g.v.compileRelations(ctx, q.filter)
	if err != nil {
		return nil, err
	}
	lists, err := g.listings(ctx, c, q)
	if err != nil {
		return nil, err
	}
	drawn := make([]*drawnPage, len(g.entities))
	var nums []uint64
	for i, e := range g.entities {
		drawn[i], err = g.v.draw(ctx, e.relationList(q), q.order, q.page, func(context.Context, *View) (*listing, error) { return lists[i], nil })
		if err != nil {
			return nil, err
		}
		nums = append(nums, drawn[i].nums()...)
	}
	relations, err := g.v.loadRelations(ctx, nums)
	if err != nil {
		return nil, err
	}
	out := map[uint64]*Page[*Relation]{}
	for i, e := range g.entities {
		n := len(drawn[i].items)
		out[e.num] = drawn[i].with(ctx, relations[:n:n])
		relations = relations[n:]
	}
	return out, nil
}

// listings are the lists of the entities. Where their pages are at the beginnings of ranges, these are read together.
func (g *counterparts) listings(ctx context.Context, c *compiledRelations, q relationQuestion) ([]*listing, error) {
	lists := make([]*listing, len(g.entities))
	var prefixes [][]byte
	for i, e := range g.entities {
		var err error
		if lists[i], err = e.questionListing(ctx, g.v, c, q); err != nil {
			return nil, err
		}
		for num := range lists[i].entities {
			prefixes = append(prefixes, tableAdjacency.key().u64(num).prefix())
		}
	}
	if len(g.entities) == 1 || q.page.Last != nil || len(q.order) > 0 || g.v.links(ctx, false) != nil {
		return lists, nil
	}
	size := DefaultPageSize
	if q.page.First != nil {
		size = *q.page.First
	}
	if size <= 0 {
		return lists, nil
	}
	// One more tells whether there is a next page; some rows are older versions, or of relations that were withdrawn.
	heads, err := g.v.readHeads(ctx, prefixes, size+1+size/4)
	if err != nil {
		return nil, err
	}
	for _, l := range lists {
		l.reader = heads
	}
	return lists, nil
}
