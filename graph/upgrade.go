package graph

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"chancery/store"
)

// formatWithoutWords is the format before the table of words of names.
const formatWithoutWords = 1

// rowsPerUpgrade bounds what one transaction of an upgrade writes, in rows.
const rowsPerUpgrade = 5_000

// addNameWords brings a store of format 1 to format 2: it writes the words of
// names for every version of every entity, in several transactions, and
// then marks the store. The rows are those that the entities ask for, so that an
// upgrade that was cut off is simply begun anew.
func (g *Graph) addNameWords(ctx context.Context) error {
	if g.readOnly {
		return errors.New("the store has format 1, which this program does not read as it is: open it once for writing, which brings it to format 2")
	}
	g.log.Info("bringing the store to format 2: indexing the words of names")
	s, err := g.store.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		return err
	}
	defer s.Release()
	u := &upgrade{g: g}
	prefix := tableEntity.key().prefix()
	for kv, err := range s.Scan(ctx, store.Range{Start: prefix, End: store.PrefixEnd(prefix)}) {
		if err != nil {
			return err
		}
		if err := u.version(ctx, kv); err != nil {
			return err
		}
	}
	u.entity()
	if err := u.flush(ctx); err != nil {
		return err
	}
	_, err = store.Update(ctx, g.store, func(t store.Txn) error { return t.Set(formatKey, []byte{FormatVersion}) })
	if err == nil {
		g.log.Info("the store has format 2", "words", u.written)
	}
	return err
}

// upgrade gathers the versions of one entity at a time, newest first as they are stored.
type upgrade struct {
	g        *Graph
	logical  []byte
	versions []entityVersion
	rows     []store.KV
	written  int
}

type entityVersion struct {
	record *entityRecord
	wrote  Revision
}

func (u *upgrade) version(ctx context.Context, kv store.KV) error {
	logical, wrote := splitVersion(kv.Key)
	if !bytes.Equal(logical, u.logical) {
		u.entity()
		u.logical = bytes.Clone(logical)
		if len(u.rows) >= rowsPerUpgrade {
			if err := u.flush(ctx); err != nil {
				return err
			}
		}
	}
	v, ok := payload(kv.Value)
	if !ok {
		return damaged("entity row %x", kv.Key)
	}
	r, err := decodeEntity(v)
	if err != nil {
		return damaged("entity row %x", kv.Key)
	}
	u.versions = append(u.versions, entityVersion{r, wrote})
	return nil
}

// entity makes the rows of the entity whose versions were gathered.
func (u *upgrade) entity() {
	var num uint64
	if len(u.versions) > 0 {
		num = relationNumOf(u.logical)
	}
	old := map[string][]byte{}
	for _, v := range slices.Backward(u.versions) {
		next := map[string][]byte{}
		if !v.record.deleted {
			nameWordRows(next, num, v.record)
		}
		for _, k := range slices.Sorted(maps.Keys(old)) {
			if _, stays := next[k]; !stays {
				u.rows = append(u.rows, store.KV{Key: appendVersion([]byte(k), v.wrote), Value: []byte{tombstone}})
			}
		}
		for _, k := range slices.Sorted(maps.Keys(next)) {
			if was, there := old[k]; !there || !bytes.Equal(was, next[k]) {
				u.rows = append(u.rows, store.KV{Key: appendVersion([]byte(k), v.wrote), Value: slices.Concat([]byte{present}, next[k])})
			}
		}
		old = next
	}
	u.versions = u.versions[:0]
}

func (u *upgrade) flush(ctx context.Context) error {
	for part := range slices.Chunk(u.rows, rowsPerUpgrade) {
		_, err := store.Update(ctx, u.g.store, func(t store.Txn) error {
			for _, kv := range part {
				// Bytes given to a transaction are its own, and it may run again.
				if err := t.Set(bytes.Clone(kv.Key), bytes.Clone(kv.Value)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		u.written += len(part)
	}
	u.rows = u.rows[:0]
	return nil
}
