package graph

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"sort"

	"chancery/store"
)

// listing is a list of relations: where its candidates come from, what they must meet, how they are sorted.
type listing struct {
	v        *View
	test     relationTest
	retired  bool // withdrawn relations may be in it
	part     byte // how the entity of an adjacency row must take part; 0 for any way
	entities set  // the adjacency rows to read; nil for others
	types    []uint32
	document set
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
		return v.plan(c, f), nil
	})
}

// Relations lists the relations at whose ends the entity stands.
func (e *Entity) Relations(ctx context.Context, f *RelationFilter, dir Direction, order []RelationOrder, p PageArgs) (*Page[*Relation], error) {
	return e.view.relationPage(ctx, listID("entity", e.ID, f, dir, order), order, p, func(ctx context.Context, v *View) (*listing, error) {
		return e.listing(ctx, v, f, dir)
	})
}

func (e *Entity) listing(ctx context.Context, v *View, f *RelationFilter, dir Direction) (*listing, error) {
	c, err := v.compileRelations(ctx, f)
	if err != nil {
		return nil, err
	}
	self, err := v.entitySet(ctx, []string{e.ID}, "id")
	if err != nil {
		return nil, err
	}
	l := &listing{v: v, test: c.test, retired: f.asksForRetracted(), entities: self, part: edgeOut | edgeIn}
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
		c, err := v.compileRelations(ctx, f)
		if err != nil {
			return nil, err
		}
		return &listing{v: v, test: c.test, retired: f.asksForRetracted(), document: set{d.num: {}}}, nil
	})
}

// plan chooses where the candidates of a filter come from: the entities that
// must take part, then the documents that must be cited, then the types.
func (v *View) plan(c *compiledRelations, f *RelationFilter) *listing {
	l := &listing{v: v, test: c.test, retired: f.asksForRetracted()}
	for _, s := range c.entities {
		if l.entities == nil || len(s) < len(l.entities) {
			l.entities = s
		}
	}
	const fewTypes = 16
	switch {
	case l.entities != nil:
	case c.documents != nil:
		l.document = c.documents
	case c.hasTypes && len(c.types) <= fewTypes:
		l.types = []uint32{}
		for code := range c.types {
			l.types = append(l.types, code)
		}
		slices.Sort(l.types)
	}
	return l
}

func (v *View) relationPage(ctx context.Context, list [8]byte, order []RelationOrder, p PageArgs, make func(context.Context, *View) (*listing, error)) (*Page[*Relation], error) {
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
	items, page := []*candidate{}, &Page[*candidate]{Revision: w.rev}
	if r.size > 0 {
		all, reversed, err := l.sorted(ctx)
		if err != nil {
			return nil, err
		}
		if items, page, err = collect(ctx, r, w.rev, reversed, all); err != nil {
			return nil, err
		}
	}
	nums := []uint64{}
	for _, c := range items {
		nums = append(nums, c.num)
	}
	relations, err := w.loadRelations(ctx, nums)
	if err != nil {
		return nil, err
	}
	out := paged(page, relations)
	out.total = func() (int, error) { return l.count(ctx) }
	return out, nil
}

// count is the size of the list.
func (l *listing) count(ctx context.Context) (int, error) {
	if l.test == nil && !l.retired && l.entities == nil && l.types == nil && l.document == nil {
		return l.v.commit.counts.relations, nil
	}
	all, err := l.candidates(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// sorted is the list in its order, as a walk by key, presented in reverse where reversed is set.
func (l *listing) sorted(ctx context.Context) (all walk[*candidate], reversed bool, err error) {
	base, err := l.candidates(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(l.order) == 1 {
		o := l.order[0]
		switch {
		case o.Field == ByOccurred && l.document == nil:
			return base, !o.Descending, nil
		case o.Field == ByRecorded && l.document != nil && len(l.document) == 1:
			return base, o.Descending, nil
		}
	}
	var items []keyed[*candidate]
	for k, err := range base(ctx, nil, nil, false) {
		if err != nil {
			return nil, false, err
		}
		items = append(items, keyed[*candidate]{l.sortKey(k.item), k.item})
	}
	return sorted(items), false, nil
}

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

// candidates walks what the list is drawn from and keeps what meets the test: by
// occurrence, newest first, or, for documents, by number.
func (l *listing) candidates(ctx context.Context) (walk[*candidate], error) {
	switch {
	case l.entities != nil:
		var walks []walk[*candidate]
		for _, num := range sortedSet(l.entities) {
			walks = append(walks, l.edges(tableAdjacency.key().u64(num).prefix()))
		}
		return joined(walks), nil
	case l.document != nil:
		var walks []walk[*candidate]
		for _, num := range sortedSet(l.document) {
			walks = append(walks, l.cited(num))
		}
		return joined(walks), nil
	case l.types != nil:
		var walks []walk[*candidate]
		for _, code := range l.types {
			walks = append(walks, l.edges(tableByType.key().u32(code).prefix()))
		}
		return joined(walks), nil
	}
	return l.edges(tableTime.key().prefix()), nil
}

func joined(walks []walk[*candidate]) walk[*candidate] {
	if len(walks) == 0 {
		return func(context.Context, []byte, []byte, bool) iter.Seq2[keyed[*candidate], error] {
			return func(func(keyed[*candidate], error) bool) {}
		}
	}
	return merged(walks)
}

func sortedSet(s set) []uint64 {
	out := make([]uint64, 0, len(s))
	for n := range s {
		out = append(out, n)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// edges walks edge rows under a prefix. The key of an item is what follows the prefix: the day and the number.
func (l *listing) edges(prefix []byte) walk[*candidate] {
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		lo, hi := bounds(prefix, after, before)
		return func(yield func(keyed[*candidate], error) bool) {
			for r, err := range l.v.scan(ctx, lo, hi, reverse) {
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				key := r.key[len(prefix):]
				if len(key) != 12 {
					yield(keyed[*candidate]{}, damaged("edge row %x", r.key))
					return
				}
				g, err := decodeEdge(r.value, sortDay(binary.BigEndian.Uint32(key)), relationNumOf(key))
				if err != nil {
					yield(keyed[*candidate]{}, damaged("edge row %x", r.key))
					return
				}
				c := &candidate{edge: g, v: l.v}
				ok, err := l.keeps(ctx, c)
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				if ok && !yield(keyed[*candidate]{key, c}, nil) {
					return
				}
			}
		}
	}
}

// bounds are the logical keys under a prefix between two others, both left out.
func bounds(prefix, after, before []byte) (lo, hi []byte) {
	lo, hi = prefix, store.PrefixEnd(prefix)
	if after != nil {
		lo = store.PrefixEnd(slices.Concat(prefix, after))
	}
	if before != nil {
		hi = slices.Concat(prefix, before)
	}
	return lo, hi
}

func (l *listing) keeps(ctx context.Context, c *candidate) (bool, error) {
	if c.dead() && !l.retired {
		return false, nil
	}
	if l.part != 0 && c.flags&l.part == 0 && (c.flags&edgeSymmetric == 0 || c.flags&(edgeOut|edgeIn) == 0) {
		return false, nil
	}
	if l.test == nil {
		return true, nil
	}
	return l.test(ctx, c)
}

// cited walks the relations with a shown citation of a document, by number.
func (l *listing) cited(doc uint64) walk[*candidate] {
	prefix := tableByDocument.key().u64(doc).prefix()
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		lo, hi := bounds(prefix, after, before)
		return func(yield func(keyed[*candidate], error) bool) {
			var last uint64
			for r, err := range l.v.scanPlain(ctx, lo, hi, reverse) {
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				key := r.key[len(prefix) : len(prefix)+8]
				num := relationNumOf(key)
				if num == last {
					continue
				}
				c, err := l.v.citing(ctx, num, doc)
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				if c == nil {
					continue
				}
				last = num
				ok, err := l.keeps(ctx, c)
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				if ok && !yield(keyed[*candidate]{key, c}, nil) {
					return
				}
			}
		}
	}
}

// citing reads a relation as a candidate; nil when at this revision it is not there or does not show a citation of the document.
func (v *View) citing(ctx context.Context, num, doc uint64) (*candidate, error) {
	r, err := v.relationRecord(ctx, num)
	if err != nil || r.created > v.rev {
		return nil, err
	}
	g, err := v.edgeAt(ctx, num, sortDayOfText(r.occurred))
	if err != nil {
		return nil, err
	}
	c := &candidate{edge: g, v: v, record: r}
	shown, err := c.cites(ctx, func(_ context.Context, c *Citation) (bool, error) { return c.document == doc, nil })
	if err != nil || !shown {
		return nil, err
	}
	return c, nil
}
