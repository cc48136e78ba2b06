package graph

import (
	"bytes"
	"context"
	"iter"

	"chancery/store"
)

// together walks the same items as all, and reads what belongs to them in chunks, each before its first item is
// yielded. Chunks begin small, for lists of which only a page is wanted.
func together[T any](all walk[T], read func(ctx context.Context, items []T) error) walk[T] {
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[T], error] {
		return func(yield func(keyed[T], error) bool) {
			var chunk []keyed[T]
			size := firstChunk
			flush := func() bool {
				items := make([]T, len(chunk))
				for i, k := range chunk {
					items[i] = k.item
				}
				if err := read(ctx, items); err != nil {
					yield(keyed[T]{}, err)
					return false
				}
				for _, k := range chunk {
					if !yield(k, nil) {
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
				if chunk = append(chunk, keyed[T]{bytes.Clone(k.key), k.item}); len(chunk) == size && !flush() {
					return
				}
			}
			if len(chunk) > 0 {
				flush()
			}
		}
	}
}

// numbers walks the numbers at the ends of the keys of a table. The keys of its items are what follows the prefix.
func (v *View) numbers(prefix []byte) walk[uint64] {
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[uint64], error] {
		lo, hi := bounds(prefix, after, before)
		return func(yield func(keyed[uint64], error) bool) {
			for r, err := range v.scan(ctx, lo, hi, reverse) {
				if err != nil {
					yield(keyed[uint64]{}, err)
					return
				}
				if !yield(keyed[uint64]{r.key[len(prefix):], relationNumOf(r.key)}, nil) {
					return
				}
			}
		}
	}
}

// headReader is a reader that has the beginnings of some ranges already.
type headReader struct {
	store.Reader
	heads map[string]rangeHead // by the first key of the range
}

type rangeHead struct {
	end   []byte
	kvs   []store.KV
	whole bool // the range has no more
}

// readHeads reads the first so many rows under each prefix in one round trip.
func (v *View) readHeads(ctx context.Context, prefixes [][]byte, rows int) (*headReader, error) {
	ranges := make([]store.Range, len(prefixes))
	for i, p := range prefixes {
		ranges[i] = store.Range{Start: p, End: store.PrefixEnd(p), Limit: rows}
	}
	found, err := v.r.ScanMany(ctx, ranges)
	if err != nil {
		return nil, err
	}
	h := &headReader{Reader: v.r, heads: make(map[string]rangeHead, len(prefixes))}
	for i, rg := range ranges {
		h.heads[string(rg.Start)] = rangeHead{rg.End, found[i], len(found[i]) < rows}
	}
	return h, nil
}

// Scan yields what is there already, and reads on only where more is wanted.
func (h *headReader) Scan(ctx context.Context, r store.Range) iter.Seq2[store.KV, error] {
	head, ok := h.heads[string(r.Start)]
	if !ok || r.Reverse || r.KeysOnly || r.Limit > 0 || !bytes.Equal(r.End, head.end) {
		return h.Reader.Scan(ctx, r)
	}
	return func(yield func(store.KV, error) bool) {
		for _, kv := range head.kvs {
			if !yield(kv, nil) {
				return
			}
		}
		if head.whole {
			return
		}
		r.Start = append(bytes.Clone(head.kvs[len(head.kvs)-1].Key), 0)
		for kv, err := range h.Reader.Scan(ctx, r) {
			if !yield(kv, err) {
				return
			}
		}
	}
}
