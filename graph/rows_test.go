package graph

import (
	"context"
	"math"
	"strconv"
	"testing"

	"chancery/store"
	"chancery/store/memory"
)

// gone stands for a version of that revision that says the row is gone.
func gone(rev Revision) Revision { return -rev }

// versionsOf is a snapshot in which rows have versions.
func versionsOf(t *testing.T, byKey map[string][]Revision) store.Reader {
	t.Helper()
	st := memory.New()
	_, err := store.Update(context.Background(), st, func(x store.Txn) error {
		for k, revs := range byKey {
			for _, rev := range revs {
				v := append([]byte{present}, strconv.Itoa(int(rev))...)
				if rev > math.MaxUint64/2 {
					rev = -rev
					v = []byte{tombstone}
				}
				if err := x.Set(appendVersion([]byte(k), rev), v); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s, err := st.Snapshot(context.Background(), store.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Release)
	return s
}
