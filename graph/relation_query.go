package graph

import (
	"bytes"
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
	proofs   bool // the test reads citations
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
		return v.plan(ctx, c, f)
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
	l := &listing{v: v, test: c.test, retired: f.asksForRetracted(), proofs: c.proofs, entities: self, part: edgeOut | edgeIn}
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
// must take part, then the documents that must be cited unless they are cited very often, then the types.
func (v *View) plan(ctx context.Context, c *compiledRelations, f *RelationFilter) (*listing, error) {
	l := &listing{v: v, test: c.test, retired: f.asksForRetracted(), proofs: c.proofs}
	for _, s := range c.entities {
		if l.entities == nil || len(s) < len(l.entities) {
			l.entities = s
		}
	}
	if l.entities != nil {
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
	if whole := r.size > 0 && r.after == nil && r.before == nil && !page.HasNext && !page.HasPrevious; whole {
		out.total = func() (int, error) { return len(items), nil }
	}
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
	return l.kept(func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
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
				if !yield(keyed[*candidate]{key, &candidate{edge: g, v: l.v}}, nil) {
					return
				}
			}
		}
	})
}

// Chunks in which candidates are read together begin small, for lists of which only a page is wanted.
const (
	firstChunk = 32
	lastChunk  = 1_024
)

// kept walks those candidates of a walk that belong to the list. Where the test reads citations, those of a chunk are read in one round trip.
func (l *listing) kept(all walk[*candidate]) walk[*candidate] {
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		return func(yield func(keyed[*candidate], error) bool) {
			give := func(k keyed[*candidate]) bool {
				if l.test != nil {
					ok, err := l.test(ctx, k.item)
					if err != nil {
						yield(keyed[*candidate]{}, err)
						return false
					}
					if !ok {
						return true
					}
				}
				return yield(k, nil)
			}
			var chunk []keyed[*candidate]
			size := firstChunk
			flush := func() bool {
				if err := l.v.proveAll(ctx, chunk); err != nil {
					yield(keyed[*candidate]{}, err)
					return false
				}
				for _, k := range chunk {
					if !give(k) {
						return false
					}
				}
				chunk, size = chunk[:0], min(2*size, lastChunk)
				return true
			}
			for k, err := range all(ctx, after, before, reverse) {
				if err != nil {
					yield(k, err)
					return
				}
				if !l.takes(k.item) {
					continue
				}
				if !l.proofs {
					if !give(k) {
						return
					}
					continue
				}
				if chunk = append(chunk, keyed[*candidate]{bytes.Clone(k.key), k.item}); len(chunk) == size && !flush() {
					return
				}
			}
			flush()
		}
	}
}

// proveAll reads the evidence of a chunk of candidates, except for those with many citations.
func (v *View) proveAll(ctx context.Context, chunk []keyed[*candidate]) error {
	nums := make([]uint64, len(chunk))
	for i, k := range chunk {
		nums[i] = k.item.num
	}
	proofs, err := v.prove(ctx, nums)
	if err != nil {
		return err
	}
	for i, p := range proofs {
		chunk[i].item.proof = p
	}
	return nil
}

// takes tells what the edge alone tells: whether the relation is live, and whether the entity stands at the right end.
func (l *listing) takes(c *candidate) bool {
	if c.dead() && !l.retired {
		return false
	}
	return l.part == 0 || c.flags&l.part != 0 || c.flags&edgeSymmetric != 0 && c.flags&(edgeOut|edgeIn) != 0
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

// cited walks the relations with a shown citation of a document, by number.
func (l *listing) cited(doc uint64) walk[*candidate] {
	prefix := tableByDocument.key().u64(doc).prefix()
	read := *l
	read.proofs = false // they are read here
	return read.kept(func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		lo, hi := bounds(prefix, after, before)
		return func(yield func(keyed[*candidate], error) bool) {
			var nums []uint64
			size := firstChunk
			flush := func() bool {
				chunk, err := l.v.citing(ctx, nums, doc)
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return false
				}
				for _, c := range chunk {
					if !yield(keyed[*candidate]{binary.BigEndian.AppendUint64(nil, c.num), c}, nil) {
						return false
					}
				}
				nums, size = nums[:0], min(2*size, lastChunk)
				return true
			}
			for r, err := range l.v.scanPlain(ctx, lo, hi, reverse) {
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				num := relationNumOf(r.key[:len(prefix)+8])
				if len(nums) > 0 && nums[len(nums)-1] == num {
					continue
				}
				if nums = append(nums, num); len(nums) > size {
					// The last one may have further rows; it waits for them.
					last := nums[len(nums)-1]
					nums = nums[:len(nums)-1]
					if !flush() {
						return
					}
					nums = append(nums, last)
				}
			}
			flush()
		}
	})
}

// citing reads relations as candidates, without those that at this revision are not there or show no citation of the document.
func (v *View) citing(ctx context.Context, nums []uint64, doc uint64) ([]*candidate, error) {
	keys := make([][]byte, len(nums))
	for i, n := range nums {
		keys[i] = tableRelation.key().u64(n).row()
	}
	records, err := v.r.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	var out []*candidate
	var edges [][]byte
	var there []uint64
	for i, b := range records {
		if b == nil {
			return nil, damaged("relation %d is missing", nums[i])
		}
		r, err := decodeRelation(b)
		if err != nil {
			return nil, damaged("relation %d", nums[i])
		}
		if r.created > v.rev {
			continue
		}
		day := sortDayOfText(r.occurred)
		out = append(out, &candidate{edge: edge{num: nums[i], occurred: day}, v: v, record: r})
		edges = append(edges, tableTime.key().day(day).u64(nums[i]).logical())
		there = append(there, nums[i])
	}
	values, _, err := v.latestMany(ctx, edges)
	if err != nil {
		return nil, err
	}
	proofs, err := v.prove(ctx, there)
	if err != nil {
		return nil, err
	}
	cites := &citationTest{v: v, sources: set{doc: {}}}
	shown := out[:0]
	for i, c := range out {
		if values[i] == nil {
			return nil, damaged("relation %d is not listed by time", c.num)
		}
		if c.edge, err = decodeEdge(values[i], c.occurred, c.num); err != nil {
			return nil, damaged("edge of relation %d", c.num)
		}
		c.proof = proofs[i]
		ok, err := c.cites(ctx, cites)
		if err != nil {
			return nil, err
		}
		if ok {
			shown = append(shown, c)
		}
	}
	return shown, nil
}
