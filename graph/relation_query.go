package graph

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"chancery/store"
)

// listing is a list of relations: where its candidates come from, what they must meet, how they are sorted.
type listing struct {
	v        *View
	reader   store.Reader // of the edges of entities; nil for the view's
	test     relationTest
	retired  bool                  // withdrawn relations may be in it
	proofs   bool                  // the test reads citations
	words    bool                  // the test reads what citations say, and not only whose they are
	newest   sortDay               // a day after which no relation of the list begins; 0 for none
	edge     func(*candidate) bool // what the edge alone must meet; nil for nothing
	part     byte                  // how the entity of an adjacency row must take part; 0 for any way
	entities set                   // the adjacency rows to read; nil for others
	types    []uint32
	document set
	cites    relationTest // what walks of the document keep; nil where it is not asked for
	order    []RelationOrder
}

// Relations lists the relations that meet a filter, newest first unless another order is asked for. Without an
// entity, type or document to start from, all relations are looked at.
func (v *View) Relations(ctx context.Context, f *RelationFilter, order []RelationOrder, p PageArgs) (*Page[*Relation], error) {
	return v.relationPage(ctx, listID("relations", f, order), order, p, func(ctx context.Context, v *View) (*listing, error) {
		c, err := v.compileRelations(ctx, f)
		if err != nil {
			return nil, err
		}
		return v.plan(ctx, c, f)
	})
}

// Relations lists the relations at whose ends the entity stands.
func (e *Entity) Relations(ctx context.Context, f *RelationFilter, dir Direction, order []RelationOrder, p PageArgs) (*Page[*Relation], error) {
	q := relationQuestion{f, dir, order, p}
	if page := e.relationsPage(ctx, q); page != nil {
		return page, nil
	}
	return e.view.relationPage(ctx, e.relationList(q), order, p, func(ctx context.Context, v *View) (*listing, error) {
		return e.listing(ctx, v, f, dir)
	})
}

// relationQuestion is what an entity's list of relations is asked for.
type relationQuestion struct {
	filter    *RelationFilter
	direction Direction
	order     []RelationOrder
	page      PageArgs
}

// relationList identifies the entity's list of relations.
func (e *Entity) relationList(q relationQuestion) [8]byte {
	return listID("entity", e.ID, q.filter, q.direction, q.order)
}

func (e *Entity) listing(ctx context.Context, v *View, f *RelationFilter, dir Direction) (*listing, error) {
	c, err := v.compileRelations(ctx, f)
	if err != nil {
		return nil, err
	}
	return e.questionListing(ctx, v, c, relationQuestion{filter: f, direction: dir})
}

// questionListing is the list that a question is about. Its filter was compiled before.
func (e *Entity) questionListing(ctx context.Context, v *View, c *compiledRelations, q relationQuestion) (*listing, error) {
	l, err := e.listingOf(ctx, v, c, q.direction)
	if err == nil {
		l.retired = q.filter.asksForRetracted()
	}
	return l, err
}

// listingOf is the list of an entity's relations that meet a filter compiled before.
func (e *Entity) listingOf(ctx context.Context, v *View, c *compiledRelations, dir Direction) (*listing, error) {
	self := set{}
	if err := v.addShown(ctx, self, e.num); err != nil {
		return nil, err
	}
	l := &listing{v: v, test: c.test, proofs: c.proofs, words: c.words, newest: c.newest, entities: self, part: edgeOut | edgeIn}
	switch dir {
	case Out:
		l.part = edgeOut
	case In:
		l.part = edgeIn
	}
	return l, nil
}

// Degree is how many relations the entity has at its ends. It reads its list of relations once.
func (e *Entity) Degree(ctx context.Context, f *RelationFilter, dir Direction) (int, error) {
	if f == nil {
		if k := e.view.links(ctx, false); k != nil {
			return e.view.degreeInArrays(ctx, k, e.num, dir)
		}
	}
	l, err := e.listing(ctx, e.view, f, dir)
	if err != nil {
		return 0, err
	}
	return l.count(ctx)
}

// Relations lists the relations that cite the document, in the order they were recorded.
func (d *Document) Relations(ctx context.Context, f *RelationFilter, p PageArgs) (*Page[*Relation], error) {
	order := []RelationOrder{{Field: ByRecorded}}
	return d.view.relationPage(ctx, listID("document", d.ID, f), order, p, func(ctx context.Context, v *View) (*listing, error) {
		return v.listCiting(ctx, d.num, f)
	})
}

// listCiting lists the relations that cite a document. Where the filter names entities that must take part, their lists are read.
func (v *View) listCiting(ctx context.Context, document uint64, f *RelationFilter) (*listing, error) {
	c, err := v.compileRelations(ctx, f)
	if err != nil {
		return nil, err
	}
	cites := v.citesTest(ctx, document)
	if len(c.entities) == 0 {
		return &listing{v: v, test: c.test, retired: f.asksForRetracted(), document: set{document: {}}, cites: cites}, nil
	}
	l, err := v.plan(ctx, c, f)
	if err != nil {
		return nil, err
	}
	l.test, l.proofs = allOf([]relationTest{c.test, cites}), c.proofs || v.sourceLinks(ctx) == nil
	return l, nil
}

// citesTest tells whether a shown citation of a relation is of a document.
func (v *View) citesTest(ctx context.Context, document uint64) relationTest {
	k, test := v.sourceLinks(ctx), &citationTest{sources: set{document: {}}}
	return func(ctx context.Context, c *candidate) (bool, error) {
		var one [1]uint32
		if documents, ok := c.affirmedBy(k, &one); ok {
			return slices.Contains(documents, uint32(document)), nil
		}
		return c.cites(ctx, test)
	}
}

// plan chooses where the candidates of a filter come from: the entities that
// must take part, then the documents that must be cited unless they are cited very often, then the types.
func (v *View) plan(ctx context.Context, c *compiledRelations, f *RelationFilter) (*listing, error) {
	l := &listing{v: v, test: c.test, retired: f.asksForRetracted(), proofs: c.proofs, words: c.words, newest: c.newest}
	if l.entities = v.fewest(ctx, c.entities); l.entities != nil {
		return l, nil
	}
	if c.documents != nil {
		few, err := v.citedRarely(ctx, c.documents)
		if err != nil {
			return nil, err
		}
		if few {
			l.document = c.documents
			return l, nil
		}
	}
	const fewTypes = 16
	if c.hasTypes && len(c.types) <= fewTypes {
		l.types = []uint32{}
		for code := range c.types {
			l.types = append(l.types, code)
		}
		slices.Sort(l.types)
	}
	return l, nil
}

// fewest is the set of entities with the fewest relations or, where the topology does not tell, with the fewest entities; nil for no sets.
func (v *View) fewest(ctx context.Context, sets []set) set {
	if len(sets) == 0 {
		return nil
	}
	size := func(s set) int { return len(s) }
	if k := v.links(ctx, false); k != nil {
		size = k.size
	}
	return slices.MinFunc(sets, func(a, b set) int { return cmp.Compare(size(a), size(b)) })
}

// citedRarely tells whether documents have so few citations that looking at each costs less than looking at all relations.
func (v *View) citedRarely(ctx context.Context, documents set) (bool, error) {
	limit := max(1_000, v.commit.counts.relations/8)
	for num := range documents {
		prefix := tableByDocument.key().u64(num).prefix()
		for _, err := range v.r.Scan(ctx, store.Range{Start: prefix, End: store.PrefixEnd(prefix), Limit: limit, KeysOnly: true}) {
			if err != nil {
				return false, err
			}
			limit--
		}
		if limit <= 0 {
			return false, nil
		}
	}
	return true, nil
}

func (v *View) relationPage(ctx context.Context, list [8]byte, order []RelationOrder, p PageArgs, make func(context.Context, *View) (*listing, error)) (*Page[*Relation], error) {
	d, err := v.draw(ctx, list, order, p, make)
	if err != nil {
		return nil, err
	}
	relations, err := d.list.v.loadRelations(ctx, d.nums())
	if err != nil {
		return nil, err
	}
	return d.with(ctx, relations), nil
}

// drawnPage is a page of which only the edges have been read.
type drawnPage struct {
	list  *listing
	items []*candidate
	page  *Page[*candidate]
	whole bool // the page is the list
}

// draw walks to the items of a page.
func (v *View) draw(ctx context.Context, list [8]byte, order []RelationOrder, p PageArgs, make func(context.Context, *View) (*listing, error)) (*drawnPage, error) {
	r, w, err := v.open(ctx, list, p)
	if err != nil {
		return nil, err
	}
	l, err := make(ctx, w)
	if err != nil {
		return nil, err
	}
	l.order = order
	if len(order) == 0 {
		l.order = []RelationOrder{{Field: ByOccurred, Descending: true}}
	}
	d := &drawnPage{list: l, page: &Page[*candidate]{Revision: w.rev}}
	if r.size > 0 {
		all, reversed, err := l.sorted(ctx)
		if err != nil {
			return nil, err
		}
		if d.items, d.page, err = collect(ctx, r, w.rev, reversed, all); err != nil {
			return nil, err
		}
	}
	d.whole = r.size > 0 && r.after == nil && r.before == nil && !d.page.HasNext && !d.page.HasPrevious
	return d, nil
}

func (d *drawnPage) nums() []uint64 {
	out := make([]uint64, len(d.items))
	for i, c := range d.items {
		out[i] = c.num
	}
	return out
}

// with is the page with its relations.
func (d *drawnPage) with(ctx context.Context, relations []*Relation) *Page[*Relation] {
	out := paged(d.page, relations)
	out.stats = &RelationStats{d.list}
	out.total = func() (int, error) { return d.list.count(ctx) }
	if d.whole {
		out.total = func() (int, error) { return len(d.items), nil }
	}
	return out
}

// count is the size of the list.
func (l *listing) count(ctx context.Context) (int, error) {
	if l.test == nil && !l.retired && l.entities == nil && l.types == nil && l.document == nil {
		return l.v.commit.counts.relations, nil
	}
	n := 0
	err := l.visit(ctx, func(*candidate) error {
		n++
		return nil
	})
	return n, err
}

// any tells whether the list has an item.
func (l *listing) any(ctx context.Context) (bool, error) {
	all, err := l.candidates(ctx)
	if err != nil {
		return false, err
	}
	for _, err := range all(ctx, nil, nil, false) {
		return err == nil, err
	}
	return false, nil
}

// sorted is the list in its order, as a walk by key, presented in reverse where reversed is set.
func (l *listing) sorted(ctx context.Context) (all walk[*candidate], reversed bool, err error) {
	base, err := l.candidates(ctx)
	if err != nil {
		return nil, false, err
	}
	// What is walked and what is sorted in memory has the same keys in one order: which plan a page gets may
	// change with the store, and a cursor of the page before serves any.
	key := l.sortKey
	if len(l.order) == 1 {
		switch o := l.order[0]; o.Field {
		case ByOccurred:
			if l.document == nil {
				return base, !o.Descending, nil
			}
			key, reversed = dayKey, !o.Descending
		case ByRecorded:
			if l.document != nil {
				return base, o.Descending, nil
			}
			key, reversed = numberKey, o.Descending
		}
	}
	var items []keyed[*candidate]
	for k, err := range base(ctx, nil, nil, false) {
		if err != nil {
			return nil, false, err
		}
		items = append(items, keyed[*candidate]{key(k.item), k.item})
	}
	return sorted(items), reversed, nil
}

// dayKey is the key under which a candidate stands in the tables of edges.
func dayKey(c *candidate) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(c.occurred)), numberKey(c)...)
}

// numberKey is the key under which a candidate stands in the table of a document's citations.
func numberKey(c *candidate) []byte { return binary.BigEndian.AppendUint64(nil, c.num) }

// sortKey writes the sort fields so that byte order is the order asked for; newest first and then the number
// break ties, so that no two keys are equal.
func (l *listing) sortKey(c *candidate) []byte {
	var k []byte
	for _, o := range l.order {
		at := len(k)
		switch o.Field {
		case ByOccurred:
			// A sortDay grows with age, so ascending bytes are descending days.
			k = binary.BigEndian.AppendUint32(k, uint32(c.occurred))
			if !o.Descending {
				invert(k[at:])
			}
			continue
		case ByRecorded:
			k = binary.BigEndian.AppendUint64(k, c.num)
		case ByType:
			k = appendKeyString(k, l.v.types.byCode[c.typ].ID)
		}
		if o.Descending {
			invert(k[at:])
		}
	}
	k = binary.BigEndian.AppendUint32(k, uint32(c.occurred))
	return binary.BigEndian.AppendUint64(k, c.num)
}

func invert(b []byte) {
	for i := range b {
		b[i] = ^b[i]
	}
}
