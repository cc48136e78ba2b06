package store

import (
	"bytes"
	"iter"

	"github.com/tidwall/btree"
)

// merge yields the pairs of base and the writes, both in the order of r, as
// one sequence in that order, cut at the limit of r. A write hides the pair of
// base with the same key.
func merge(r Range, base iter.Seq2[KV, error], writes *cursor, yield func(KV, error) bool) {
	left := r.Limit // 0: no limit
	emit := func(kv KV) bool {
		left--
		return yield(kv, nil) && left != 0
	}
	for kv, err := range base {
		if err != nil {
			yield(KV{}, err)
			return
		}
		hidden := false
		for w, ok := writes.peek(); ok; w, ok = writes.peek() {
			order := bytes.Compare(w.Key, kv.Key)
			if r.Reverse {
				order = -order
			}
			if order > 0 {
				break
			}
			hidden = order == 0
			writes.skip()
			if !w.deleted && !emit(w.KV) {
				return
			}
			if hidden {
				break
			}
		}
		if !hidden && !emit(kv) {
			return
		}
	}
	for w, ok := writes.peek(); ok; w, ok = writes.peek() {
		writes.skip()
		if !w.deleted && !emit(w.KV) {
			return
		}
	}
}

func listed(kvs []KV) iter.Seq2[KV, error] {
	return func(yield func(KV, error) bool) {
		for _, kv := range kvs {
			if !yield(kv, nil) {
				return
			}
		}
	}
}

// written is one write as a cursor shows it.
type written struct {
	KV
	deleted bool
}

// cursor walks the writes in a range. It fetches them in chunks and finds its
// place again by key, so that writes may be added while it is in use.
type cursor struct {
	writes *btree.Map[string, []byte]
	r      Range // what is still to be fetched
	clone  bool  // bytes shown belong to the caller
	chunk  []written
	at     int
	ended  bool
}

const cursorChunk = 32

func (c *cursor) peek() (written, bool) {
	if c.at == len(c.chunk) && !c.ended {
		c.fetch()
	}
	if c.at == len(c.chunk) {
		return written{}, false
	}
	return c.chunk[c.at], true
}

func (c *cursor) skip() { c.at++ }

func (c *cursor) fetch() {
	c.chunk, c.at, c.ended = c.chunk[:0], 0, true
	walk(c.writes, c.r, func(key string, value []byte) bool {
		if len(c.chunk) == cursorChunk {
			c.ended = false
			return false
		}
		w := written{KV: KV{Key: viewBytes(key), Value: value}, deleted: value == nil}
		if c.r.KeysOnly {
			w.Value = nil
		}
		if c.clone {
			w.Key, w.Value = bytes.Clone(w.Key), bytes.Clone(w.Value)
		}
		c.chunk = append(c.chunk, w)
		return true
	})
	if c.ended {
		return
	}
	last := c.chunk[len(c.chunk)-1].Key
	if c.r.Reverse {
		c.r.End = last
		return
	}
	c.r.Start = append(bytes.Clone(last), 0) // the next possible key
}

// walk calls visit for the writes in r, in its order, until visit returns
// false. It does not look at the limit of r.
func walk(writes *btree.Map[string, []byte], r Range, visit func(key string, value []byte) bool) {
	start, end := viewString(r.Start), viewString(r.End)
	switch {
	case !r.Reverse:
		writes.Ascend(start, func(key string, value []byte) bool {
			return (r.End == nil || key < end) && visit(key, value)
		})
	case r.End == nil:
		writes.Reverse(func(key string, value []byte) bool {
			return key >= start && visit(key, value)
		})
	default:
		writes.Descend(end, func(key string, value []byte) bool {
			return key == end || key >= start && visit(key, value)
		})
	}
}
