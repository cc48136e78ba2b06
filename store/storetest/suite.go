// Package storetest is the suite that every engine of package store passes. It
// checks the promises of that package line by line, and those of its Committer
// on top of the engine.
package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"chancery/store"
)

// Config says how to get at one engine.
type Config struct {
	// Open returns a new, empty store. The suite closes it.
	Open func(t testing.TB) store.Store
	// Reopen closes s and opens the same data again. Nil if the engine keeps none.
	Reopen func(t testing.TB, s store.Store) store.Store
	// Compact has the engine drop what no snapshot sees any more. Nil if there is no such thing.
	Compact func(t testing.TB, s store.Store)
	// DamageOpen changes stored bytes of s while it is open. Nil if the engine has no files.
	DamageOpen func(t testing.TB, s store.Store)
	// DamageClosed closes s, changes stored bytes and opens it again, which may fail.
	DamageClosed func(t testing.TB, s store.Store) (store.Store, error)
}

// Run runs the whole suite as subtests of t.
func Run(t *testing.T, c Config) {
	tests := []struct {
		name string
		run  func(t *testing.T, c Config)
	}{
		{"Order", testOrder},
		{"Ranges", testRanges},
		{"Limits", testLimits},
		{"TxnLimits", testTxnLimits},
		{"Ownership", testOwnership},
		{"Model", testModel},
		{"OwnWrites", testOwnWrites},
		{"ManyWrites", testManyWrites},
		{"Isolation", testIsolation},
		{"Phantoms", testPhantoms},
		{"HotCounter", testHotCounter},
		{"NoTrace", testNoTrace},
		{"Cancel", testCancel},
		{"Snapshots", testSnapshots},
		{"Versions", testVersions},
		{"LongScan", testLongScan},
		{"Closed", testClosed},
		{"Load", testLoad},
		{"LoadFails", testLoadFails},
		{"Copy", testCopy},
		{"Reopen", testReopen},
		{"Damage", testDamage},
		{"Committer", testCommitter},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, c) })
	}
}

func (c Config) open(t testing.TB) store.Store {
	t.Helper()
	s := c.Open(t)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return s
}

// put commits pairs of key and value; an empty value deletes the key.
func put(t testing.TB, s store.Store, pairs ...string) store.Version {
	t.Helper()
	version, err := store.Update(context.Background(), s, func(txn store.Txn) error {
		for i := 0; i < len(pairs); i += 2 {
			var err error
			if pairs[i+1] == "" {
				err = txn.Delete([]byte(pairs[i]))
			} else {
				err = txn.Set([]byte(pairs[i]), []byte(pairs[i+1]))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("putting %q: %v", pairs, err)
	}
	return version
}

func snapshotOf(t testing.TB, s store.Store) store.Snapshot {
	t.Helper()
	snapshot, err := s.Snapshot(context.Background(), store.ReadOptions{})
	if err != nil {
		t.Fatalf("snapshot: %v", err)
	}
	t.Cleanup(snapshot.Release)
	return snapshot
}

// scanned is what a scan yields as text, "key=value" each, and its error.
func scanned(r store.Reader, rg store.Range) ([]string, error) {
	var out []string
	for kv, err := range r.Scan(context.Background(), rg) {
		if err != nil {
			return out, err
		}
		out = append(out, fmt.Sprintf("%s=%s", kv.Key, kv.Value))
	}
	return out, nil
}

// wantScan checks one range read by Scan, and by ScanMany between two others.
func wantScan(t testing.TB, r store.Reader, rg store.Range, want ...string) {
	t.Helper()
	got, err := scanned(r, rg)
	if err != nil {
		t.Fatalf("scan %s: %v", show(rg), err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("scan %s = %q, want %q", show(rg), got, want)
	}
	all, err := r.ScanMany(context.Background(), []store.Range{{Limit: 1}, rg, {Limit: 1, Reverse: true}})
	if err != nil || len(all) != 3 {
		t.Fatalf("ScanMany %s = %d answers, %v", show(rg), len(all), err)
	}
	got = nil
	for _, kv := range all[1] {
		got = append(got, fmt.Sprintf("%s=%s", kv.Key, kv.Value))
	}
	if !slices.Equal(got, want) {
		t.Errorf("ScanMany %s = %q, want %q", show(rg), got, want)
	}
}

// wantGet checks one key read by Get and BatchGet; want "" is an absent key.
func wantGet(t testing.TB, r store.Reader, key, want string) {
	t.Helper()
	value, err := r.Get(context.Background(), []byte(key))
	switch {
	case want == "" && !errors.Is(err, store.ErrNotFound):
		t.Errorf("Get %q = %q, %v, want ErrNotFound", key, value, err)
	case want != "" && (err != nil || string(value) != want):
		t.Errorf("Get %q = %q, %v, want %q", key, value, err, want)
	}
	values, err := r.BatchGet(context.Background(), [][]byte{[]byte(key)})
	if err != nil || len(values) != 1 || string(values[0]) != want || (want == "") != (values[0] == nil) {
		t.Errorf("BatchGet %q = %q, %v, want %q", key, values, err, want)
	}
}

func show(r store.Range) string {
	bound := func(b []byte) string {
		if b == nil {
			return "open"
		}
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("[%s, %s) limit %d reverse %t keysOnly %t", bound(r.Start), bound(r.End), r.Limit, r.Reverse, r.KeysOnly)
}

// everything reads all pairs of s.
func everything(t testing.TB, s store.Store) []store.KV {
	t.Helper()
	var all []store.KV
	err := store.View(context.Background(), s, func(r store.Reader) error {
		for kv, err := range r.Scan(context.Background(), store.Range{}) {
			if err != nil {
				return err
			}
			all = append(all, store.KV{Key: bytes.Clone(kv.Key), Value: bytes.Clone(kv.Value)})
		}
		return nil
	})
	if err != nil {
		t.Fatalf("reading everything: %v", err)
	}
	return all
}

func equalPairs(a, b []store.KV) bool {
	return slices.EqualFunc(a, b, func(x, y store.KV) bool {
		return bytes.Equal(x.Key, y.Key) && bytes.Equal(x.Value, y.Value)
	})
}
