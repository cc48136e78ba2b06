package store

import (
	"bytes"
	"context"
	"iter"
	"unsafe"

	"github.com/tidwall/btree"
)

// Overlay is a Txn that keeps its writes in memory over a Reader and shows
// both as one state. Engines build their transactions from it, and the
// Committer gives each request its own. It enforces the limits of the package,
// so that they are the same everywhere.
//
// A read costs one look into the writes, O(log n) in their number, before the
// base is asked; with no writes it goes straight to the base.
type Overlay struct {
	base   Reader
	writes btree.Map[string, []byte] // nil value: the key is deleted
	bytes  int                       // of all keys and values in writes
	failed error                     // the first refused write
	done   bool                      // the function it was made for has returned
}

// NewOverlay returns an Overlay without writes over base.
func NewOverlay(base Reader) *Overlay { return &Overlay{base: base} }

// Set stores value under key. Both belong to the overlay from then on.
func (o *Overlay) Set(key, value []byte) error {
	if err := CheckValue(value); err != nil {
		return o.refuse(err)
	}
	return o.write(key, value)
}

// Delete hides key. The bytes of key belong to the overlay from then on.
func (o *Overlay) Delete(key []byte) error { return o.write(key, nil) }

func (o *Overlay) write(key, value []byte) error {
	if o.done {
		return ErrClosed
	}
	if err := CheckKey(key); err != nil {
		return o.refuse(err)
	}
	count, size := o.writes.Len()+1, o.bytes+len(key)+len(value)
	if count > MaxTxnWrites || size > MaxTxnBytes {
		// Only here is it worth looking whether the key is an old one.
		if old, again := o.writes.Get(viewString(key)); again {
			count, size = count-1, size-len(key)-len(old)
		}
		if err := CheckTxn(count, size); err != nil {
			return o.refuse(err)
		}
	}
	old, again := o.writes.Set(viewString(key), value)
	if o.bytes += len(value); again {
		o.bytes -= len(old)
	} else {
		o.bytes += len(key)
	}
	return nil
}

func (o *Overlay) refuse(err error) error {
	if o.failed == nil {
		o.failed = err
	}
	return err
}

// Finish ends the use of o as a Txn and returns the first write it refused, if any.
// Its writes can still be looked at, and every other use answers ErrClosed.
func (o *Overlay) Finish() error {
	o.done = true
	return o.failed
}

// Len is the number of different keys set or deleted.
func (o *Overlay) Len() int { return o.writes.Len() }

// Bytes is the size of all keys and values set and of all keys deleted.
func (o *Overlay) Bytes() int { return o.bytes }

// Wrote reports whether o sets or deletes key.
func (o *Overlay) Wrote(key []byte) bool {
	_, ok := o.writes.Get(viewString(key))
	return ok
}

// Writes yields what o writes in ascending order of keys, with a nil value for
// a deletion. The bytes are those given to Set and Delete.
func (o *Overlay) Writes() iter.Seq2[[]byte, []byte] {
	return func(yield func(key, value []byte) bool) {
		o.writes.Scan(func(key string, value []byte) bool {
			return yield(viewBytes(key), value)
		})
	}
}

// Get returns the value of key as o shows it, or ErrNotFound.
func (o *Overlay) Get(ctx context.Context, key []byte) ([]byte, error) {
	if o.done {
		return nil, ErrClosed
	}
	if o.writes.Len() > 0 && len(key) > 0 {
		if value, ok := o.writes.Get(viewString(key)); ok {
			if value == nil {
				return nil, ErrNotFound
			}
			return bytes.Clone(value), nil
		}
	}
	return o.base.Get(ctx, key)
}

// BatchGet answers in the order of keys, nil for an absent one, with at most
// one BatchGet on the base.
func (o *Overlay) BatchGet(ctx context.Context, keys [][]byte) ([][]byte, error) {
	if o.done {
		return nil, ErrClosed
	}
	if o.writes.Len() == 0 {
		return o.base.BatchGet(ctx, keys)
	}
	values := make([][]byte, len(keys))
	var below [][]byte // keys to ask the base for
	var at []int       // where their values go
	for i, key := range keys {
		if err := CheckKey(key); err != nil {
			return nil, err
		}
		if value, ok := o.writes.Get(viewString(key)); ok {
			values[i] = bytes.Clone(value)
			continue
		}
		below, at = append(below, key), append(at, i)
	}
	if len(below) == 0 {
		return values, ctx.Err()
	}
	got, err := o.base.BatchGet(ctx, below)
	if err != nil {
		return nil, err
	}
	for i, value := range got {
		values[at[i]] = value
	}
	return values, nil
}

// Scan yields r in order, the base and the writes of o merged.
func (o *Overlay) Scan(ctx context.Context, r Range) iter.Seq2[KV, error] {
	return func(yield func(KV, error) bool) {
		switch {
		case o.done:
			yield(KV{}, ErrClosed)
		case o.writes.Len() == 0:
			o.base.Scan(ctx, r)(yield)
		default:
			below := o.widened(r)
			merge(r, o.base.Scan(ctx, below), &cursor{writes: &o.writes, r: r}, yield)
		}
	}
}

// ScanMany reads many short ranges with one ScanMany on the base.
func (o *Overlay) ScanMany(ctx context.Context, rs []Range) ([][]KV, error) {
	if o.done {
		return nil, ErrClosed
	}
	if o.writes.Len() == 0 {
		return o.base.ScanMany(ctx, rs)
	}
	below := make([]Range, len(rs))
	for i, r := range rs {
		below[i] = o.widened(r)
	}
	got, err := o.base.ScanMany(ctx, below)
	if err != nil {
		return nil, err
	}
	for i, r := range rs {
		writes := &cursor{writes: &o.writes, r: r, clone: true}
		if _, any := writes.peek(); !any {
			continue // also: the limit of r was not widened
		}
		var merged []KV
		merge(r, listed(got[i]), writes, func(kv KV, _ error) bool {
			merged = append(merged, kv)
			return true
		})
		got[i] = merged
	}
	return got, nil
}

// widened raises the limit of r by the deletions that may stand in the way of
// the pairs which the base must yield for it.
func (o *Overlay) widened(r Range) Range {
	if r.Limit <= 0 {
		return r
	}
	deleted, set := 0, 0
	walk(&o.writes, r, func(_ string, value []byte) bool {
		if value == nil {
			deleted++
		} else {
			set++
		}
		return set < r.Limit // pairs behind so many sets are not reached
	})
	r.Limit += deleted
	return r
}

// viewString lets the bytes of b be read as a string without copying them. The
// bytes must not change while the string is in use.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// viewBytes is the reverse of viewString. The bytes must not be changed.
func viewBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// adopt takes over the writes of another overlay when o has none yet, and
// reports whether it did. It saves a request that is alone in its batch from
// having every key inserted twice.
func (o *Overlay) adopt(other *Overlay) bool {
	if o.done || o.writes.Len() > 0 {
		return false
	}
	o.writes, o.bytes = other.writes, other.bytes
	return true
}
