package graph

import (
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"chancery/graph/vocab"
)

// entityListing is a list of entities, each shown once as the survivor of its merges.
type entityListing struct {
	v     *View
	f     *EntityFilter
	test  entityTest
	order []EntityOrder
}

// Entities lists the entities that meet a filter, by folded main name unless another order is asked for.
func (v *View) Entities(ctx context.Context, f *EntityFilter, order []EntityOrder, p PageArgs) (*Page[*Entity], error) {
	r, w, err := v.open(ctx, listID("entities", f, order), p)
	if err != nil {
		return nil, err
	}
	l, err := w.listEntities(ctx, f, order)
	if err != nil {
		return nil, err
	}
	items, page := []*Entity{}, &Page[*Entity]{Revision: w.rev}
	if r.size > 0 {
		all, reversed, err := l.sorted(ctx)
		if err != nil {
			return nil, err
		}
		if items, page, err = collect(ctx, r, w.rev, reversed, all); err != nil {
			return nil, err
		}
	}
	newCounterparts(w, items)
	page.Items = items
	page.total = func() (int, error) { return l.count(ctx) }
	return page, nil
}

func (v *View) listEntities(ctx context.Context, f *EntityFilter, order []EntityOrder) (*entityListing, error) {
	t, err := v.compileEntity(ctx, f)
	if err != nil {
		return nil, err
	}
	if len(order) == 0 {
		order = []EntityOrder{{Field: ByName}}
	}
	return &entityListing{v: v, f: f, test: t, order: order}, nil
}

// EntityKindFacet counts the entities that meet a filter by kind, the most frequent first.
func (v *View) EntityKindFacet(ctx context.Context, f *EntityFilter) ([]FacetValue, error) {
	l, err := v.listEntities(ctx, f, nil)
	if err != nil {
		return nil, err
	}
	counts := map[vocab.Kind]int{}
	for k, err := range l.candidates(ctx)(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		counts[k.item.Kind]++
	}
	var out []FacetValue
	for kind, n := range counts {
		out = append(out, FacetValue{string(kind), n})
	}
	slices.SortFunc(out, func(a, b FacetValue) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return out, nil
}

func (l *entityListing) count(ctx context.Context) (int, error) {
	if l.f == nil {
		c, err := l.v.Counts(ctx)
		return c.Entities, err
	}
	n := 0
	for _, err := range l.candidates(ctx)(ctx, nil, nil, false) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

func (l *entityListing) sorted(ctx context.Context) (walk[*Entity], bool, error) {
	base := l.candidates(ctx)
	if len(l.order) == 1 && l.order[0].Field == ByName {
		return base, l.order[0].Descending, nil
	}
	var items []keyed[*Entity]
	for k, err := range base(ctx, nil, nil, false) {
		if err != nil {
			return nil, false, err
		}
		key, err := l.sortKey(ctx, k.item)
		if err != nil {
			return nil, false, err
		}
		items = append(items, keyed[*Entity]{key, k.item})
	}
	return sorted(items), false, nil
}

func (l *entityListing) sortKey(ctx context.Context, e *Entity) ([]byte, error) {
	var k []byte
	for _, o := range l.order {
		at := len(k)
		switch o.Field {
		case ByName:
			k = appendKeyString(k, nameKey(e.MainName))
		case ByCreated:
			k = binary.BigEndian.AppendUint64(k, e.num)
		case ByUpdated:
			k = binary.BigEndian.AppendUint64(k, uint64(e.updated))
		case ByDegree:
			n, err := e.Degree(ctx, nil, Both)
			if err != nil {
				return nil, err
			}
			k = binary.BigEndian.AppendUint64(k, uint64(n))
		}
		if o.Descending {
			invert(k[at:])
		}
	}
	return binary.BigEndian.AppendUint64(k, e.num), nil
}

// candidates walks the matching entities by folded main name and number. A filter that names ids
// or the beginning of a name narrows what is looked at.
func (l *entityListing) candidates(ctx context.Context) walk[*Entity] {
	nums, narrowed, err := l.narrow(ctx)
	if err != nil {
		return func(context.Context, []byte, []byte, bool) iter.Seq2[keyed[*Entity], error] {
			return func(yield func(keyed[*Entity], error) bool) { yield(keyed[*Entity]{}, err) }
		}
	}
	if !narrowed {
		return l.byName
	}
	if err := l.v.readEntities(ctx, nums); err != nil {
		return failing(err)
	}
	var items []keyed[*Entity]
	seen := set{}
	for _, n := range nums {
		e, err := l.v.entity(ctx, n)
		if err != nil {
			return failing(err)
		}
		if e.deleted || seen.has(e.num) {
			continue
		}
		seen[e.num] = struct{}{}
		ok, err := l.test(ctx, e)
		if err != nil {
			return failing(err)
		}
		if ok {
			items = append(items, keyed[*Entity]{binary.BigEndian.AppendUint64(appendKeyString(nil, nameKey(e.MainName)), e.num), e})
		}
	}
	return sorted(items)
}

func failing(err error) walk[*Entity] {
	return func(context.Context, []byte, []byte, bool) iter.Seq2[keyed[*Entity], error] {
		return func(yield func(keyed[*Entity], error) bool) { yield(keyed[*Entity]{}, err) }
	}
}

// narrow finds the entities that the filter's own fields leave possible, where an index tells; narrowed is false where all are.
func (l *entityListing) narrow(ctx context.Context) (nums []uint64, narrowed bool, err error) {
	f := l.f
	if f == nil {
		return nil, false, nil
	}
	if f.IDs != nil {
		s, err := l.v.entitySet(ctx, f.IDs, "ids")
		return sortedSet(s), true, err
	}
	if f.ExternalScheme != nil {
		return l.scanNums(ctx, tableExternal.key().str(*f.ExternalScheme).prefix())
	}
	if f.Name == nil {
		return nil, false, nil
	}
	var exact []string
	switch {
	case f.Name.Eq != nil:
		exact = []string{*f.Name.Eq}
	case f.Name.In != nil:
		exact = f.Name.In
	case f.Name.Prefix != nil && *f.Name.Prefix != "":
		return l.scanNums(ctx, tableName.key().str(nameKey(*f.Name.Prefix)).stringPrefix())
	default:
		return nil, false, nil
	}
	for _, name := range exact {
		more, _, err := l.scanNums(ctx, tableName.key().str(nameKey(name)).prefix())
		if err != nil {
			return nil, false, err
		}
		nums = append(nums, more...)
	}
	return nums, true, nil
}

// scanNums collects the entity, the last field of the key, of the rows under a prefix.
func (l *entityListing) scanNums(ctx context.Context, prefix []byte) ([]uint64, bool, error) {
	var nums []uint64
	for r, err := range l.v.scanPrefix(ctx, prefix) {
		if err != nil {
			return nil, false, err
		}
		nums = append(nums, relationNumOf(r.key))
	}
	return nums, true, nil
}

// byName walks all entities in name order.
func (l *entityListing) byName(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*Entity], error] {
	all := together(l.v.numbers(tableNameOrder.key().prefix()), l.v.readEntities)
	return func(yield func(keyed[*Entity], error) bool) {
		for k, err := range all(ctx, after, before, reverse) {
			if err != nil {
				yield(keyed[*Entity]{}, err)
				return
			}
			e, err := l.v.entity(ctx, k.item)
			if err != nil {
				yield(keyed[*Entity]{}, err)
				return
			}
			if e.num != k.item {
				continue // shown as its survivor
			}
			ok, err := l.test(ctx, e)
			if err != nil {
				yield(keyed[*Entity]{}, err)
				return
			}
			if ok && !yield(keyed[*Entity]{k.key, e}, nil) {
				return
			}
		}
	}
}

// Documents lists the documents that meet a filter, newest publication first; undated ones come last.
func (v *View) Documents(ctx context.Context, f *DocumentFilter, p PageArgs) (*Page[*Document], error) {
	r, w, err := v.open(ctx, listID("documents", f), p)
	if err != nil {
		return nil, err
	}
	test, err := w.compileDocument(ctx, f)
	if err != nil {
		return nil, err
	}
	all := func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*Document], error] {
		return w.documentsByDate(ctx, test, after, before, reverse)
	}
	items, page := []*Document{}, &Page[*Document]{Revision: w.rev}
	if r.size > 0 {
		if items, page, err = collect(ctx, r, w.rev, false, all); err != nil {
			return nil, err
		}
	}
	page.Items = items
	page.total = func() (int, error) {
		if f == nil {
			return w.commit.counts.documents, nil
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
	return page, nil
}

func (v *View) documentsByDate(ctx context.Context, test documentTest, after, before []byte, reverse bool) iter.Seq2[keyed[*Document], error] {
	all := together(v.numbers(tablePublished.key().prefix()), v.readDocuments)
	return func(yield func(keyed[*Document], error) bool) {
		for k, err := range all(ctx, after, before, reverse) {
			if err != nil {
				yield(keyed[*Document]{}, err)
				return
			}
			d, err := v.document(ctx, k.item)
			if err != nil {
				yield(keyed[*Document]{}, err)
				return
			}
			ok, err := test(ctx, d)
			if err != nil {
				yield(keyed[*Document]{}, err)
				return
			}
			if ok && !yield(keyed[*Document]{k.key, d}, nil) {
				return
			}
		}
	}
}

type documentTest func(ctx context.Context, d *Document) (bool, error)

func (v *View) compileDocument(ctx context.Context, f *DocumentFilter) (documentTest, error) {
	var tests []documentTest
	plain := func(t func(d *Document) bool) {
		tests = append(tests, func(_ context.Context, d *Document) (bool, error) { return t(d), nil })
	}
	if f == nil {
		return allOf(tests), nil
	}
	if f.IDs != nil {
		s, err := v.documentSet(ctx, f.IDs, "ids")
		if err != nil {
			return nil, err
		}
		plain(func(d *Document) bool { return s.has(d.num) })
	}
	if title := f.Title.test(); title != nil {
		plain(func(d *Document) bool { return title(d.Title) })
	}
	fields, err := documentTests(f.Publishers, f.Kinds, f.Langs, f.Published)
	if err != nil {
		return nil, err
	}
	if fields != nil {
		plain(fields)
	}
	if f.Mentions != nil {
		s, err := v.mentioning(ctx, f.Mentions)
		if err != nil {
			return nil, err
		}
		plain(func(d *Document) bool { return s.has(d.num) })
	}
	if body := f.Text.test(); body != nil {
		tests = append(tests, func(ctx context.Context, d *Document) (bool, error) {
			s, ok, err := d.Text(ctx, nil, nil)
			return ok && err == nil && body(s), err
		})
	}
	return allOf(tests), nil
}

// mentioning are the documents with a live citation of a relation that one of these entities takes part in.
func (v *View) mentioning(ctx context.Context, ids []string) (set, error) {
	entities, err := v.entitySet(ctx, ids, "mentions")
	if err != nil {
		return nil, err
	}
	l := &listing{v: v, entities: entities}
	all, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	out := set{}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		for r, err := range v.scanPrefix(ctx, tableCitation.key().u64(k.item.num).prefix()) {
			if err != nil {
				return nil, err
			}
			c, err := decodeBrief(r.value)
			if err != nil {
				return nil, damaged("citation %x", r.key)
			}
			if !c.retracted {
				out[c.document] = struct{}{}
			}
		}
	}
	return out, nil
}
