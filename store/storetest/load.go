package storetest

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"testing"

	"chancery/store"
	"chancery/store/memory"
)

// pairs yields n pairs in order, lending the same buffers again and again.
func pairs(n int) iter.Seq2[store.KV, error] {
	return func(yield func(store.KV, error) bool) {
		random := rand.New(rand.NewPCG(1, 2))
		key := make([]byte, 0, 64)
		value := make([]byte, 0, 4096)
		for i := range n {
			key = binary.BigEndian.AppendUint32(key[:0], uint32(i)*3)
			key = append(key, make([]byte, random.IntN(20))...)
			value = value[:1+random.IntN(200)]
			for j := range value {
				value[j] = byte(random.Uint32())
			}
			if !yield(store.KV{Key: key, Value: value}, nil) {
				return
			}
		}
	}
}

func testLoad(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	const n = 50_000
	before := snapshotOf(t, s)
	count, err := s.Load(ctx, pairs(n))
	if count != n || err != nil {
		t.Fatalf("Load = %d, %v", count, err)
	}
	wantScan(t, before, store.Range{}) // it does not move
	check := func(s store.Store) {
		t.Helper()
		i := 0
		all := everything(t, s)
		for kv := range pairs(n) {
			if i >= len(all) || string(all[i].Key) != string(kv.Key) || string(all[i].Value) != string(kv.Value) {
				t.Fatalf("pair %d of %d is not the one that was loaded", i, len(all))
			}
			i++
		}
		if len(all) != n {
			t.Fatalf("%d pairs are stored, want %d", len(all), n)
		}
	}
	check(s)
	if err := s.Check(ctx); err != nil {
		t.Errorf("Check: %v", err)
	}
	if _, err := s.Load(ctx, pairs(1)); !errors.Is(err, store.ErrNotEmpty) {
		t.Errorf("loading again: %v, want ErrNotEmpty", err)
	}
	put(t, s, "\x00\x00\x00\x00", "", "new", "1") // transactions go on from there
	wantGet(t, snapshotOf(t, s), "new", "1")
	put(t, s, "new", "")
	if c.Reopen != nil {
		s = c.Reopen(t, s)
		t.Cleanup(func() { _ = s.Close() })
	}
	first := everything(t, s)
	if len(first) < n-1 {
		t.Errorf("%d pairs are left, want %d or one less", len(first), n)
	}
}

func testLoadFails(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	failure := errors.New("of the sequence")
	kv := func(key, value string) store.KV { return store.KV{Key: []byte(key), Value: []byte(value)} }
	for _, test := range []struct {
		name string
		kvs  []store.KV
		err  error // yielded at the end
		want error
	}{
		{"not ascending", []store.KV{kv("b", "1"), kv("a", "1")}, nil, store.ErrUnsorted},
		{"twice", []store.KV{kv("a", "1"), kv("a", "2")}, nil, store.ErrUnsorted},
		{"empty key", []store.KV{kv("", "1")}, nil, store.ErrTooLarge},
		{"empty value", []store.KV{kv("a", "1"), kv("b", "")}, nil, store.ErrTooLarge},
		{"failing sequence", []store.KV{kv("a", "1")}, failure, failure},
	} {
		_, err := s.Load(ctx, func(yield func(store.KV, error) bool) {
			for _, kv := range test.kvs {
				if !yield(kv, nil) {
					return
				}
			}
			if test.err != nil {
				yield(store.KV{}, test.err)
			}
		})
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
		if all := everything(t, s); len(all) != 0 {
			t.Errorf("%s: %d pairs are left", test.name, len(all))
		}
	}
	if n, err := s.Load(ctx, func(func(store.KV, error) bool) {}); n != 0 || err != nil {
		t.Errorf("loading nothing = %d, %v", n, err)
	}
	put(t, s, "a", "1")
	put(t, s, "a", "")
	if n, err := s.Load(ctx, pairs(10)); n != 10 || err != nil {
		t.Errorf("loading after failures and after a deletion = %d, %v", n, err)
	}
	if n := len(everything(t, s)); n != 10 {
		t.Errorf("%d pairs are stored, want 10", n)
	}
}

// testCopy copies to the engine in memory and back, byte for byte.
func testCopy(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	random := rand.New(rand.NewPCG(3, 4))
	_, err := store.Update(ctx, s, func(txn store.Txn) error {
		for i := range 3000 {
			key := fmt.Appendf([]byte(awkward[i%len(awkward)]), "%d", random.IntN(1000))
			value := make([]byte, 1+random.IntN(300))
			for j := range value {
				value[j] = byte(random.Uint32())
			}
			if err := txn.Set(key, value); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	original := everything(t, s)
	between, back := memory.New(), c.open(t)
	for _, step := range []struct{ from, to store.Store }{{s, between}, {between, back}} {
		n, err := store.Copy(ctx, snapshotOf(t, step.from), step.to)
		if n != int64(len(original)) || err != nil {
			t.Fatalf("Copy from %s to %s = %d, %v", step.from.Caps().Engine, step.to.Caps().Engine, n, err)
		}
		if !equalPairs(everything(t, step.to), original) {
			t.Fatalf("the copy from %s to %s differs", step.from.Caps().Engine, step.to.Caps().Engine)
		}
	}
}

func testReopen(t *testing.T, c Config) {
	if c.Reopen == nil {
		t.Skip("the engine keeps nothing")
	}
	s := c.Open(t)
	defer func() { _ = s.Close() }()
	var version store.Version
	for round := range 5 {
		var changes []string
		for i := range 300 {
			value := fmt.Sprintf("%d-%d", round, i)
			if i%4 == round {
				value = ""
			}
			changes = append(changes, fmt.Sprintf("k%03d", i), value)
		}
		version = put(t, s, changes...)
		before := everything(t, s)
		s = c.Reopen(t, s)
		if !equalPairs(everything(t, s), before) {
			t.Fatalf("round %d: what is stored changed by opening it again", round)
		}
		sn, err := s.Snapshot(context.Background(), store.ReadOptions{AtLeast: version})
		if err != nil {
			t.Fatalf("the version of a commit from before: %v", err)
		}
		sn.Release()
	}
	// A commit that only deletes must not be forgotten either.
	wipe(t, s)
	version = put(t, s, "k", "")
	if c.Compact != nil {
		c.Compact(t, s)
	}
	s = c.Reopen(t, s)
	short, cancel := context.WithTimeout(context.Background(), meetingTime)
	defer cancel()
	sn, err := s.Snapshot(short, store.ReadOptions{AtLeast: version})
	if err != nil {
		t.Fatalf("the version of a deletion from before: %v", err)
	}
	sn.Release()
}
