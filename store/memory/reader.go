package memory

import (
	"bytes"
	"context"
	"iter"
	"sync/atomic"
	"unsafe"

	"chancery/store"
)

// reader reads one state.
type reader struct {
	store    *Store
	state    *state
	released atomic.Bool
}

func (r *reader) ready(ctx context.Context) error {
	if r.released.Load() || r.store.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// Get returns a copy of the value of key.
func (r *reader) Get(ctx context.Context, key []byte) ([]byte, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	if err := store.CheckKey(key); err != nil {
		return nil, err
	}
	value, ok := r.state.tree.Get(viewString(key))
	if !ok {
		return nil, store.ErrNotFound
	}
	return bytes.Clone(value), nil
}

// BatchGet returns copies of the values of keys.
func (r *reader) BatchGet(ctx context.Context, keys [][]byte) ([][]byte, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	values := make([][]byte, len(keys))
	for i, key := range keys {
		if err := store.CheckKey(key); err != nil {
			return nil, err
		}
		value, _ := r.state.tree.Get(viewString(key))
		values[i] = bytes.Clone(value)
	}
	return values, nil
}

// scanCheck is how many pairs a scan yields between two looks at its context.
const scanCheck = 256

// Scan yields the range. The pairs are those of the tree, not copies.
func (r *reader) Scan(ctx context.Context, rg store.Range) iter.Seq2[store.KV, error] {
	return func(yield func(store.KV, error) bool) {
		if err := r.ready(ctx); err != nil {
			yield(store.KV{}, err)
			return
		}
		n, end := 0, viewString(rg.End)
		visit := func(key string, value []byte) bool {
			if n++; n%scanCheck == 0 {
				if err := r.ready(ctx); err != nil {
					yield(store.KV{}, err)
					return false
				}
			}
			kv := store.KV{Key: viewBytes(key), Value: value}
			if rg.KeysOnly {
				kv.Value = nil
			}
			return yield(kv, nil) && n != rg.Limit
		}
		start := viewString(rg.Start)
		switch {
		case !rg.Reverse:
			r.state.tree.Ascend(start, func(key string, value []byte) bool {
				return (rg.End == nil || key < end) && visit(key, value)
			})
		case rg.End == nil:
			r.state.tree.Reverse(func(key string, value []byte) bool {
				return key >= start && visit(key, value)
			})
		default:
			r.state.tree.Descend(end, func(key string, value []byte) bool {
				return key == end || key >= start && visit(key, value)
			})
		}
	}
}

// ScanMany returns copies of the pairs of each range.
func (r *reader) ScanMany(ctx context.Context, rs []store.Range) ([][]store.KV, error) {
	if err := r.ready(ctx); err != nil {
		return nil, err
	}
	all := make([][]store.KV, len(rs))
	for i, rg := range rs {
		for kv, err := range r.Scan(ctx, rg) {
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], store.KV{Key: bytes.Clone(kv.Key), Value: bytes.Clone(kv.Value)})
		}
	}
	return all, nil
}

// snapshot is a reader that is handed out.
type snapshot struct{ reader }

// Version is the number of the commit that made this state.
func (sn *snapshot) Version() store.Version { return store.NumberedVersion(sn.state.n) }

// Release ends the use of the snapshot.
func (sn *snapshot) Release() { sn.released.Store(true) }

// tracker is a reader that notes the keys it was asked for and those it yields.
type tracker struct {
	reader
	reads map[string]struct{}
}

// Get notes key, present or absent.
func (t *tracker) Get(ctx context.Context, key []byte) ([]byte, error) {
	t.reads[string(key)] = struct{}{}
	return t.reader.Get(ctx, key)
}

// BatchGet notes all keys, present or absent.
func (t *tracker) BatchGet(ctx context.Context, keys [][]byte) ([][]byte, error) {
	for _, key := range keys {
		t.reads[string(key)] = struct{}{}
	}
	return t.reader.BatchGet(ctx, keys)
}

// Scan notes the keys it yields.
func (t *tracker) Scan(ctx context.Context, rg store.Range) iter.Seq2[store.KV, error] {
	return func(yield func(store.KV, error) bool) {
		for kv, err := range t.reader.Scan(ctx, rg) {
			if err == nil {
				t.reads[string(kv.Key)] = struct{}{}
			}
			if !yield(kv, err) {
				return
			}
		}
	}
}

// ScanMany notes the keys it returns.
func (t *tracker) ScanMany(ctx context.Context, rs []store.Range) ([][]store.KV, error) {
	all, err := t.reader.ScanMany(ctx, rs)
	for _, kvs := range all {
		for _, kv := range kvs {
			t.reads[string(kv.Key)] = struct{}{}
		}
	}
	return all, err
}

// viewString lets the bytes of b be read as a string without copying them.
func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// viewBytes is the reverse of viewString. The bytes must not be changed.
func viewBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }
