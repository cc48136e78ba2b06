package badger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"slices"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4"

	"chancery/store"
)

// reader reads one commit.
type reader struct {
	store    *Store
	txn      *badger.Txn
	n        uint64 // the commit
	released atomic.Bool
}

// visit is one call into Badger, from enter to leave.
type visit struct {
	trips uint64 // damage met in this process before
	fault bool   // what the goroutine did on a fault before
}

// enter begins a call into Badger. A file that got shorter under its mapping
// shall be a panic, which leave turns into an error, not the end of the process.
func (r *reader) enter(ctx context.Context) (visit, error) {
	if r.released.Load() || !r.store.gate.enter() {
		return visit{}, store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		r.store.gate.leave()
		return visit{}, err
	}
	return visit{trips: r.store.tripwire.trips(), fault: debug.SetPanicOnFault(true)}, nil
}

// check fails when damage was met since the call began. Badger takes a block that
// it cannot read for the end of its table, hence no answer counts before this.
func (r *reader) check(v visit) error {
	if r.store.tripwire.trips() != v.trips {
		return r.store.tripped()
	}
	return nil
}

// leave ends a call into Badger. It must be deferred itself.
func (r *reader) leave(v visit, err *error) {
	if cause := recover(); cause != nil {
		*err = r.store.panicked(cause)
	}
	debug.SetPanicOnFault(v.fault)
	r.store.gate.leave()
}

// Get returns the value of key, or ErrNotFound.
func (r *reader) Get(ctx context.Context, key []byte) (value []byte, err error) {
	if err := store.CheckKey(key); err != nil {
		return nil, err
	}
	v, err := r.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer r.leave(v, &err)
	if value, err = r.get(v, storedKey(key)); value == nil && err == nil {
		return nil, store.ErrNotFound
	}
	return value, err
}

// get returns nil for an absent key.
func (r *reader) get(v visit, key []byte) ([]byte, error) {
	if err := r.store.vouchKey(key); err != nil {
		return nil, err
	}
	item, err := r.txn.Get(key)
	if damaged := r.check(v); damaged != nil {
		return nil, damaged
	}
	if errors.Is(err, badger.ErrKeyNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("store/badger: reading key %q: %w", key, err)
	}
	raw, err := item.ValueCopy(nil)
	if err != nil {
		return nil, fmt.Errorf("store/badger: reading the value of key %q: %w", key, err)
	}
	return unseal(key, raw)
}

// BatchGet answers in the order of keys, nil for an absent one.
func (r *reader) BatchGet(ctx context.Context, keys [][]byte) (values [][]byte, err error) {
	v, err := r.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer r.leave(v, &err)
	values = make([][]byte, len(keys))
	for i, key := range keys {
		if err := store.CheckKey(key); err != nil {
			return nil, err
		}
		if i%scanCheck == scanCheck-1 {
			if err := r.interrupted(ctx); err != nil {
				return nil, err
			}
		}
		if values[i], err = r.get(v, storedKey(key)); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// scanCheck is how many pairs are read between two looks at the context.
const scanCheck = 256

func (r *reader) interrupted(ctx context.Context) error {
	if r.store.gate.shut.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// Scan yields the range in order.
func (r *reader) Scan(ctx context.Context, rg store.Range) iter.Seq2[store.KV, error] {
	return func(yield func(store.KV, error) bool) {
		outside, stopped := false, false // the caller's loop body runs; has ended the loop
		err := r.scanGuarded(ctx, rg, &outside, func(kv store.KV) bool {
			outside = true
			stopped = !yield(kv, nil)
			outside = false
			return !stopped
		})
		if err != nil && !stopped {
			yield(store.KV{}, err)
		}
	}
}

// scanGuarded is scan from enter to leave. It does not touch a panic of the
// caller's loop body.
func (r *reader) scanGuarded(ctx context.Context, rg store.Range, outside *bool, yield func(store.KV) bool) (err error) {
	v, err := r.enter(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if !*outside {
			if cause := recover(); cause != nil {
				err = r.store.panicked(cause)
			}
		}
		debug.SetPanicOnFault(v.fault)
		r.store.gate.leave()
	}()
	it := r.iterator(rg.Reverse, commonPrefix(rg))
	defer it.Close()
	return r.scan(ctx, v, it, rg, yield)
}

// iterator returns one of Badger's. Values are not prefetched: that starts a
// goroutine for each, which costs more than the values, all of them inline.
func (r *reader) iterator(reverse bool, prefix []byte) *badger.Iterator {
	return r.txn.NewIterator(badger.IteratorOptions{Reverse: reverse, Prefix: prefix})
}

// commonPrefix returns a prefix, as stored, of every key in rg, by which Badger
// leaves out tables. Going backwards Badger ends at the first key without it, which may be
// the one at the excluded end, so none is used.
func commonPrefix(rg store.Range) []byte {
	if rg.Reverse || rg.End == nil || len(rg.Start) == 0 {
		return nil
	}
	n := 0
	for n < len(rg.Start) && n < len(rg.End) && rg.Start[n] == rg.End[n] {
		n++
	}
	// The range of all keys with one byte more may be meant: [ab1, ab2) is all of ab1….
	if n < len(rg.Start) && len(rg.End) == n+1 && rg.End[n] == rg.Start[n]+1 {
		n++
	}
	return storedKey(rg.Start[:n])
}

// scan walks rg with it, which goes in its direction.
func (r *reader) scan(ctx context.Context, v visit, it *badger.Iterator, rg store.Range, yield func(store.KV) bool) error {
	if rg.End != nil && bytes.Compare(rg.Start, rg.End) >= 0 {
		return nil
	}
	start, end := storedKey(rg.Start), storedKey(rg.End)
	if err := r.store.vouch(start, end); err != nil {
		return err
	}
	from := start
	if rg.Reverse {
		from = end
	}
	var raw []byte
	lend := func(value []byte) error {
		raw = value
		return nil
	}
	n := 0
	for it.Seek(from); it.Valid(); it.Next() {
		item := it.Item()
		stored := item.Key()
		switch {
		case !rg.Reverse && rg.End != nil && bytes.Compare(stored, end) >= 0,
			rg.Reverse && bytes.Compare(stored, start) < 0:
			return r.check(v)
		case rg.Reverse && rg.End != nil && bytes.Compare(stored, end) >= 0:
			continue // the excluded end itself
		}
		key, ok := givenKey(stored)
		if !ok {
			continue
		}
		if n++; n%scanCheck == 0 {
			if err := r.interrupted(ctx); err != nil {
				return err
			}
		}
		if err := r.check(v); err != nil {
			return err
		}
		kv := store.KV{Key: key}
		if !rg.KeysOnly {
			if err := item.Value(lend); err != nil {
				return fmt.Errorf("store/badger: reading the value of key %q: %w", key, err)
			}
			var err error
			if kv.Value, err = unseal(stored, raw); err != nil {
				return err
			}
		}
		if !yield(kv) || n == rg.Limit {
			return nil
		}
	}
	return r.check(v)
}

// ScanMany reads the ranges with one iterator for each direction, in the order
// of their keys, so that neighbours are found near each other.
func (r *reader) ScanMany(ctx context.Context, rs []store.Range) (all [][]store.KV, err error) {
	v, err := r.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer r.leave(v, &err)
	order := make([]int, len(rs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return bytes.Compare(rs[a].Start, rs[b].Start) })
	all = make([][]store.KV, len(rs))
	var its [2]*badger.Iterator
	defer func() {
		for _, it := range its {
			if it != nil {
				it.Close()
			}
		}
	}()
	for _, i := range order {
		rg := rs[i]
		at := 0
		if rg.Reverse {
			at = 1
		}
		if its[at] == nil {
			its[at] = r.iterator(rg.Reverse, nil)
		}
		collect := func(kv store.KV) bool {
			all[i] = append(all[i], store.KV{Key: bytes.Clone(kv.Key), Value: bytes.Clone(kv.Value)})
			return true
		}
		if err := r.interrupted(ctx); err != nil {
			return nil, err
		}
		if err := r.scan(ctx, v, its[at], rg, collect); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// snapshot is a reader that is handed out.
type snapshot struct{ reader }

// Version is the number of the commit.
func (sn *snapshot) Version() store.Version { return store.NumberedVersion(sn.n) }

// Release lets Badger drop versions that only this snapshot could see.
func (sn *snapshot) Release() {
	if !sn.released.Swap(true) {
		sn.store.snapshots.release(sn.n)
	}
}
