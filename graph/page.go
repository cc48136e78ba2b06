package graph

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"iter"
	"slices"
)

// DefaultPageSize is how many items a page has where neither first nor last is given.
const DefaultPageSize = 25

// A cursor names the list it belongs to, the revision the walk is read at, and the sort key of its item.
type cursor struct {
	list [8]byte
	rev  Revision
	key  []byte
}

func (c cursor) encode() string {
	var e enc
	e.byte(1)
	e.raw(c.list[:])
	e.u(uint64(c.rev))
	e.raw(c.key)
	return base64.RawURLEncoding.EncodeToString(e)
}

func parseCursor(s string) (c cursor, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		return c, false
	}
	d := &dec{b: b}
	version := d.byte()
	copy(c.list[:], d.raw(8))
	c.rev = Revision(d.u())
	if d.bad || version != 1 {
		return c, false
	}
	c.key = d.b
	return c, true
}

// listID identifies a list by everything that decides what is in it and in which order.
func listID(parts ...any) (id [8]byte) {
	j, err := json.Marshal(parts)
	if err != nil {
		panic("graph: a filter cannot be encoded: " + err.Error())
	}
	d := digest(string(j))
	copy(id[:], d[:])
	return id
}

// keyed is an item with its sort key.
type keyed[T any] struct {
	key  []byte
	item T
}

// walk yields the items whose keys are between two others, both left out and
// each nil for no bound, in key order or in reverse. Keys are lent until the next step.
type walk[T any] func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[T], error]

// request is a page asked for, with its cursors taken apart.
type request struct {
	list          [8]byte
	size          int
	backward      bool // the last so many
	after, before []byte
}

// open checks page arguments and finds the view that the page is read at: that of its cursor, or v.
func (v *View) open(ctx context.Context, list [8]byte, p PageArgs) (request, *View, error) {
	r := request{list: list, size: DefaultPageSize}
	switch {
	case p.First != nil && p.Last != nil:
		return r, nil, badInput("first and last are both given: ask for the first %d or the last %d", *p.First, *p.Last)
	case p.First != nil:
		r.size = *p.First
	case p.Last != nil:
		r.size, r.backward = *p.Last, true
	case p.Before != nil && p.After == nil:
		r.backward = true
	}
	if r.size < 0 {
		return r, nil, badInput("a page of %d items cannot be: first and last are 0 or more", r.size)
	}
	w := v
	for i, s := range []*string{p.After, p.Before} {
		if s == nil {
			continue
		}
		c, ok := parseCursor(*s)
		if !ok {
			return r, nil, badInput("%s is no cursor: use a cursor that an earlier page gave", quoted(*s))
		}
		if c.list != list {
			return r, nil, badInput("the cursor belongs to another list: a walk keeps its filter and its order")
		}
		if v.pinned && c.rev != v.rev {
			return r, nil, badInput("the cursor belongs to a walk at revision %d and the snapshot is revision %d: leave the snapshot out, or begin the walk anew", c.rev, v.rev)
		}
		if i == 1 && p.After != nil && c.rev != w.rev {
			return r, nil, badInput("the cursors belong to walks at the revisions %d and %d: use two of one walk", w.rev, c.rev)
		}
		var err error
		if w, err = v.At(ctx, c.rev); err != nil {
			return r, nil, err
		}
		if i == 0 {
			r.after = c.key
		} else {
			r.before = c.key
		}
	}
	return r, w, nil
}

// collect walks to the items of a page. Reversed says that the list is presented against key order.
func collect[T any](ctx context.Context, r request, rev Revision, reversed bool, all walk[T]) ([]T, *Page[T], error) {
	lo, hi := r.after, r.before
	if reversed {
		lo, hi = hi, lo
	}
	var items []keyed[T]
	more := false
	for k, err := range all(ctx, lo, hi, reversed != r.backward) {
		if err != nil {
			return nil, nil, err
		}
		if len(items) == r.size {
			more = true
			break
		}
		items = append(items, keyed[T]{bytes.Clone(k.key), k.item})
	}
	if r.backward {
		slices.Reverse(items)
	}
	p := &Page[T]{Revision: rev, HasNext: more, HasPrevious: r.after != nil}
	if r.backward {
		p.HasNext, p.HasPrevious = r.before != nil, more
	} else if r.before != nil {
		p.HasNext = true
	}
	if r.backward && r.after != nil {
		p.HasPrevious = true
	}
	values := make([]T, len(items))
	for i, k := range items {
		values[i] = k.item
		p.Cursors = append(p.Cursors, cursor{r.list, rev, k.key}.encode())
	}
	return values, p, nil
}

// paged fills a page with what its items become.
func paged[T, U any](p *Page[T], items []U) *Page[U] {
	return &Page[U]{Items: items, Cursors: p.Cursors, HasNext: p.HasNext, HasPrevious: p.HasPrevious, Revision: p.Revision}
}

// sorted is a walk over items held in memory, which it sorts by key.
func sorted[T any](items []keyed[T]) walk[T] {
	slices.SortFunc(items, func(a, b keyed[T]) int { return bytes.Compare(a.key, b.key) })
	return func(_ context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[T], error] {
		lo, hi := 0, len(items)
		if after != nil {
			lo, _ = slices.BinarySearchFunc(items, after, func(k keyed[T], key []byte) int {
				if bytes.Compare(k.key, key) <= 0 {
					return -1
				}
				return 1
			})
		}
		if before != nil {
			hi, _ = slices.BinarySearchFunc(items, before, func(k keyed[T], key []byte) int { return bytes.Compare(k.key, key) })
		}
		return func(yield func(keyed[T], error) bool) {
			for i := 0; i < hi-lo; i++ {
				at := lo + i
				if reverse {
					at = hi - 1 - i
				}
				if !yield(items[at], nil) {
					return
				}
			}
		}
	}
}

// merged joins walks over disjoint or overlapping parts of one list; equal keys are yielded once.
func merged[T any](walks []walk[T]) walk[T] {
	if len(walks) == 1 {
		return walks[0]
	}
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[T], error] {
		return func(yield func(keyed[T], error) bool) {
			type head struct {
				next func() (keyed[T], error, bool)
				item keyed[T]
				ok   bool
			}
			heads := make([]*head, 0, len(walks))
			advance := func(h *head) bool {
				k, err, ok := h.next()
				if ok && err != nil {
					yield(keyed[T]{}, err)
					return false
				}
				h.item, h.ok = k, ok
				return true
			}
			for _, w := range walks {
				next, stop := iter.Pull2(w(ctx, after, before, reverse))
				defer stop()
				h := &head{next: next}
				heads = append(heads, h)
				if !advance(h) {
					return
				}
			}
			for {
				var best *head
				for _, h := range heads {
					if !h.ok {
						continue
					}
					if best == nil || (bytes.Compare(h.item.key, best.item.key) < 0) != reverse && !bytes.Equal(h.item.key, best.item.key) {
						best = h
					}
				}
				if best == nil {
					return
				}
				k := keyed[T]{bytes.Clone(best.item.key), best.item.item}
				if !yield(k, nil) {
					return
				}
				for _, h := range heads {
					if h.ok && bytes.Equal(h.item.key, k.key) && !advance(h) {
						return
					}
				}
			}
		}
	}
}
