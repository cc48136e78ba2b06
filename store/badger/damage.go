package badger

import (
	"bytes"
	"fmt"
	"sync"
	"sync/atomic"

	"chancery/store"
)

// damagedTable is a table that did not match its checksums, with the smallest
// and the largest key in it, as stored.
type damagedTable struct {
	id          uint64
	left, right []byte
	all         bool // which table it is cannot be told
	err         error
}

// damage lists the damaged tables met so far. Reads of keys in their ranges fail:
// neither presence nor absence can be vouched for there. With none, as always but
// once, a look at it is one atomic load.
type damage struct {
	mu     sync.Mutex // of writers
	tables atomic.Pointer[[]damagedTable]
}

func (d *damage) list() []damagedTable {
	if tables := d.tables.Load(); tables != nil {
		return *tables
	}
	return nil
}

// add notes a table and reports whether it is a new one.
func (d *damage) add(t damagedTable) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	known := d.list()
	for _, k := range known {
		if k.id == t.id {
			return false
		}
	}
	tables := append(known[:len(known):len(known)], t)
	d.tables.Store(&tables)
	return true
}

// any returns the first damage met, or nil.
func (d *damage) any() error {
	if tables := d.list(); len(tables) > 0 {
		return tables[0].err
	}
	return nil
}

// vouch fails when the range of stored keys, nil being open, touches a damaged table.
func (s *Store) vouch(start, end []byte) error {
	for _, t := range s.damage.list() {
		if t.all || bytes.Compare(start, t.right) <= 0 && (end == nil || bytes.Compare(end, t.left) > 0) {
			return t.err
		}
	}
	return nil
}

// vouchKey is vouch for one stored key.
func (s *Store) vouchKey(key []byte) error {
	for _, t := range s.damage.list() {
		if t.all || bytes.Compare(key, t.left) >= 0 && bytes.Compare(key, t.right) <= 0 {
			return t.err
		}
	}
	return nil
}

// tripped is the error of a read during which a block did not match. Which table
// it was in, the scrubber finds out.
func (s *Store) tripped() error {
	s.scrub.now()
	return fmt.Errorf("%w: a block of a table read meanwhile does not match its checksum (%s)", store.ErrCorrupt, s.dir)
}

// panicked is the error of a read in which Badger panicked, which it does on
// blocks whose lengths make no sense.
func (s *Store) panicked(cause any) error {
	s.scrub.now()
	return fmt.Errorf("%w: reading a table in %s panicked: %.200v", store.ErrCorrupt, s.dir, cause)
}
