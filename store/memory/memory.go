// Package memory is the engine "memory:": everything in one process, nothing
// on disk. Snapshots are copy-on-write trees. Transactions are optimistic, as
// on a distributed engine: TryUpdate runs its function on a snapshot without a
// lock and answers store.ErrConflict when a key it read has been written since.
// So whatever runs on it is exercised for retries.
package memory

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"

	"chancery/store"
)

// tree is one committed state. Once published it is never changed, so that any
// number of goroutines may read it.
type tree = btree.Map[string, []byte]

// state is a tree with the number of the commit that made it.
type state struct {
	tree  *tree
	bytes int64 // of all keys and values
	n     uint64
}

// commit is kept as long as a running transaction may have to be checked
// against it.
type commit struct {
	n      uint64
	writes *store.Overlay
}

// Store is an engine in memory. It implements store.Store.
type Store struct {
	now       atomic.Pointer[state]
	closed    atomic.Bool
	watermark store.Watermark

	mu      sync.Mutex     // guards what follows, and commits
	commits []commit       // ascending
	running map[uint64]int // transactions by the commit they started from
	loaded  uint64         // the commit that Load made
}

var _ store.Store = (*Store)(nil)

// New returns an empty store.
func New() *Store {
	s := &Store{running: make(map[uint64]int)}
	s.now.Store(&state{tree: new(tree)})
	return s
}

// Snapshot returns the newest committed state.
func (s *Store) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	if s.closed.Load() {
		return nil, store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.watermark.Wait(ctx, o.AtLeast); err != nil {
		return nil, err
	}
	return &snapshot{reader: reader{store: s, state: s.now.Load()}}, nil
}

// TryUpdate runs fn on a snapshot and commits what it wrote, unless a key it
// read was written by another commit meanwhile.
func (s *Store) TryUpdate(ctx context.Context, fn func(store.Txn) error) (store.Version, error) {
	if s.closed.Load() {
		return "", store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	start := s.begin()
	defer s.end(start.n)
	tracked := &tracker{reader: reader{store: s, state: start}, reads: make(map[string]struct{})}
	writes := store.NewOverlay(tracked)
	defer writes.Finish()
	if err := fn(writes); err != nil {
		return "", err
	}
	if err := writes.Finish(); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if writes.Len() == 0 {
		return store.NumberedVersion(start.n), nil // serial where its snapshot is
	}
	return s.commit(start, tracked.reads, writes)
}

// begin returns the newest state and keeps the commits after it.
func (s *Store) begin() *state {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now.Load()
	s.running[now.n]++
	return now
}

// end drops the commits that no running transaction needs.
func (s *Store) end(n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[n]--; s.running[n] == 0 {
		delete(s.running, n)
	}
	oldest := s.now.Load().n
	for n := range s.running {
		oldest = min(oldest, n)
	}
	drop := 0
	for drop < len(s.commits) && s.commits[drop].n <= oldest {
		s.commits[drop] = commit{}
		drop++
	}
	s.commits = s.commits[drop:]
}

func (s *Store) commit(start *state, reads map[string]struct{}, writes *store.Overlay) (store.Version, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed.Load() {
		return "", store.ErrClosed
	}
	if start.n < s.loaded {
		return "", fmt.Errorf("%w: everything was loaded meanwhile", store.ErrConflict)
	}
	for _, c := range s.commits {
		if c.n <= start.n {
			continue
		}
		for key := range reads {
			if c.writes.Wrote(viewBytes(key)) {
				return "", fmt.Errorf("%w: key %q", store.ErrConflict, key)
			}
		}
	}
	now := s.now.Load()
	next := &state{tree: now.tree.Copy(), bytes: now.bytes, n: now.n + 1}
	for key, value := range writes.Writes() {
		next.apply(string(key), value)
	}
	s.commits = append(s.commits, commit{n: next.n, writes: writes})
	s.publish(next)
	return store.NumberedVersion(next.n), nil
}

func (st *state) apply(key string, value []byte) {
	if value == nil {
		if old, had := st.tree.Delete(key); had {
			st.bytes -= int64(len(key) + len(old))
		}
		return
	}
	st.bytes += int64(len(value))
	if old, had := st.tree.Set(key, value); had {
		st.bytes -= int64(len(old))
	} else {
		st.bytes += int64(len(key))
	}
}

func (s *Store) publish(next *state) {
	s.now.Store(next)
	s.watermark.Move(next.n)
}

// Load fills the empty store, all at once.
func (s *Store) Load(ctx context.Context, sorted iter.Seq2[store.KV, error]) (int64, error) {
	if s.closed.Load() {
		return 0, store.ErrClosed
	}
	next := &state{tree: new(tree)}
	var last []byte
	for kv, err := range sorted {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = store.CheckLoad(last, kv)
		}
		if err != nil {
			return 0, err
		}
		last = append(last[:0], kv.Key...)
		next.tree.Load(string(kv.Key), bytes.Clone(kv.Value))
		next.bytes += int64(len(kv.Key) + len(kv.Value))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now.Load()
	if now.tree.Len() > 0 {
		return 0, store.ErrNotEmpty
	}
	next.n = now.n + 1
	s.loaded = next.n
	s.publish(next)
	return int64(next.tree.Len()), nil
}

// Caps describes the engine.
func (s *Store) Caps() store.Caps { return store.Caps{Engine: "memory"} }

// Size is the number of bytes of all keys and values.
func (s *Store) Size(context.Context) (int64, error) {
	if s.closed.Load() {
		return 0, store.ErrClosed
	}
	return s.now.Load().bytes, nil
}

// Check has nothing to read: memory is not checked.
func (s *Store) Check(ctx context.Context) error { return s.Ping(ctx) }

// Ping fails when the store is closed or ctx has ended.
func (s *Store) Ping(ctx context.Context) error {
	if s.closed.Load() {
		return store.ErrClosed
	}
	return ctx.Err()
}

// Close drops everything. It may be called again.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed.Store(true)
	s.watermark.Close()
	s.now.Store(&state{tree: new(tree), n: s.now.Load().n})
	return nil
}
