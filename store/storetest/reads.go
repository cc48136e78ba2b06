package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/store"
)

// awkward are keys at which encodings of order go wrong, and those that engines
// keep for themselves.
var awkward = []string{
	"\x00", "\x00\x00", "\x00\xff", "\x01", "!", "!\x00", "!\x01", "!badger!", "!badger!txn", "!\xff", "\"",
	"a", "a\x00", "a\x00\x00", "a\x00b", "ab", "a\xfe", "a\xff", "a\xff\x00", "a\xff\xff", "b", "\xfe", "\xff", "\xff\x00", "\xff\xff",
}

func testOrder(t *testing.T, c Config) {
	s := c.open(t)
	var pairs, want []string
	for i := range awkward {
		key := awkward[(i*7)%len(awkward)] // not in order
		pairs = append(pairs, key, "v"+key)
	}
	put(t, s, pairs...)
	sorted := slices.Clone(awkward)
	slices.Sort(sorted)
	for _, key := range sorted {
		want = append(want, key+"=v"+key)
	}
	r := snapshotOf(t, s)
	wantScan(t, r, store.Range{}, want...)
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	wantScan(t, r, store.Range{Reverse: true}, backwards...)
	for _, key := range awkward {
		wantGet(t, r, key, "v"+key)
	}
	wantGet(t, r, "!badger", "")
	wantGet(t, r, "a\xff\xff\x00", "")
}

// testRanges compares every range between two awkward bounds, with limits and in
// both directions, with the answer from a sorted list.
func testRanges(t *testing.T, c Config) {
	s := c.open(t)
	var keys, pairs []string
	for i, key := range awkward {
		if i%2 == 0 {
			keys, pairs = append(keys, key), append(pairs, key, "1")
		}
	}
	put(t, s, pairs...)
	slices.Sort(keys)
	bounds := [][]byte{nil, {}}
	for _, key := range awkward {
		bounds = append(bounds, []byte(key))
	}
	var ranges []store.Range
	for i, start := range bounds {
		for j, end := range bounds {
			k := i + j
			ranges = append(ranges, store.Range{Start: start, End: end, Limit: k % 4, Reverse: k%3 == 0, KeysOnly: k%5 == 0})
		}
		ranges = append(ranges, store.Range{Start: start, End: store.PrefixEnd(start)},
			store.Range{Start: start, End: store.PrefixEnd(start), Reverse: true})
	}
	r := snapshotOf(t, s)
	many, err := r.ScanMany(context.Background(), ranges)
	if err != nil || len(many) != len(ranges) {
		t.Fatalf("ScanMany of %d ranges: %d answers, %v", len(ranges), len(many), err)
	}
	for i, rg := range ranges {
		want := listedIn(keys, rg)
		got, err := scanned(r, rg)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("scan %s = %q, want %q", show(rg), got, want)
		}
		got = nil
		for _, kv := range many[i] {
			got = append(got, fmt.Sprintf("%s=%s", kv.Key, kv.Value))
		}
		if !slices.Equal(got, want) {
			t.Errorf("ScanMany %s = %q, want %q", show(rg), got, want)
		}
	}
}

// listedIn is the answer to rg where each of the sorted keys has the value "1".
func listedIn(keys []string, rg store.Range) []string {
	var out []string
	for _, key := range keys {
		if key >= string(rg.Start) && (rg.End == nil || key < string(rg.End)) {
			value := "1"
			if rg.KeysOnly {
				value = ""
			}
			out = append(out, key+"="+value)
		}
	}
	if rg.Reverse {
		slices.Reverse(out)
	}
	if rg.Limit > 0 && len(out) > rg.Limit {
		out = out[:rg.Limit]
	}
	return out
}

func testLimits(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	longest := strings.Repeat("k", store.MaxKey)
	largest := strings.Repeat("v", store.MaxValue)
	put(t, s, longest, "1", "large", largest)
	put(t, s, longest, "2")
	r := snapshotOf(t, s)
	wantGet(t, r, longest, "2")
	wantGet(t, r, "large", largest)
	refused := []struct {
		name       string
		key, value []byte
		text       string
	}{
		{"empty key", nil, []byte("v"), "a key has 0 bytes"},
		{"long key", []byte(longest + "k"), []byte("v"), "a key has 2049 bytes"},
		{"nil value", []byte("k"), nil, "a value has 0 bytes"},
		{"empty value", []byte("k"), []byte{}, "a value has 0 bytes"},
		{"large value", []byte("k"), []byte(largest + "v"), "a value has 1048561 bytes"},
	}
	for _, refuse := range refused {
		var inside error
		_, err := s.TryUpdate(ctx, func(txn store.Txn) error {
			if err := txn.Set([]byte("before"), []byte("1")); err != nil {
				return err
			}
			inside = txn.Set(refuse.key, refuse.value)
			return nil // the transaction is spoiled nevertheless
		})
		for _, err := range []error{inside, err} {
			if !errors.Is(err, store.ErrTooLarge) || !strings.Contains(err.Error(), refuse.text) {
				t.Errorf("%s: %v, want ErrTooLarge with %q", refuse.name, err, refuse.text)
			}
		}
	}
	for _, key := range [][]byte{nil, {}, []byte(longest + "k")} {
		_, get := r.Get(ctx, key)
		_, batch := r.BatchGet(ctx, [][]byte{[]byte("large"), key})
		_, txn := s.TryUpdate(ctx, func(txn store.Txn) error { return txn.Delete(key) })
		for i, err := range []error{get, batch, txn} {
			if !errors.Is(err, store.ErrTooLarge) {
				t.Errorf("key of %d bytes, case %d: %v, want ErrTooLarge", len(key), i, err)
			}
		}
	}
	wantGet(t, snapshotOf(t, s), "before", "")
}

func testTxnLimits(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	set := func(count, size int) error {
		_, err := s.TryUpdate(ctx, func(txn store.Txn) error {
			for i := range count {
				if err := txn.Set(fmt.Appendf(nil, "%08d", i), bytes.Repeat([]byte{1}, size)); err != nil {
					return err
				}
				// Writing the same key again does not count twice.
				if err := txn.Set(fmt.Appendf(nil, "%08d", i), bytes.Repeat([]byte{2}, size)); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	}
	const size = 1 << 10
	const most = store.MaxTxnBytes / (size + 8)
	for _, test := range []struct {
		name        string
		count, size int
		fits        bool
	}{
		{"most bytes", most, size, true},
		{"too many bytes", most + 1, size, false},
		{"most writes", store.MaxTxnWrites, 100, true},
		{"too many writes", store.MaxTxnWrites + 1, 1, false},
	} {
		err := set(test.count, test.size)
		if test.fits && err != nil || !test.fits && !errors.Is(err, store.ErrTooLarge) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if n := len(everything(t, s)); n != store.MaxTxnWrites {
		t.Errorf("%d keys are stored, want %d", n, store.MaxTxnWrites)
	}
}

// testOwnership changes everything it is given and then looks again.
func testOwnership(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	put(t, s, "a", "1", "b", "2", "!", "3")
	want := []string{"!=3", "a=1", "b=2", "c=4"}
	spoil := func(r store.Reader) error {
		for _, key := range []string{"a", "c"} {
			value, err := r.Get(ctx, []byte(key))
			if err != nil {
				return err
			}
			clear(value)
		}
		keys := [][]byte{[]byte("a"), []byte("a"), []byte("c"), []byte("!")}
		values, err := r.BatchGet(ctx, keys)
		if err != nil {
			return err
		}
		for _, value := range values {
			clear(value[:cap(value)])
		}
		all, err := r.ScanMany(ctx, []store.Range{{}, {}, {Start: []byte("b")}})
		if err != nil {
			return err
		}
		for _, kvs := range all {
			for _, kv := range kvs {
				clear(kv.Key)
				clear(kv.Value)
			}
		}
		got, err := scanned(r, store.Range{})
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("after changing the bytes that were read: %q, want %q", got, want)
		}
		return err
	}
	_, err := s.TryUpdate(ctx, func(txn store.Txn) error {
		if err := txn.Set([]byte("c"), []byte("4")); err != nil {
			return err
		}
		return spoil(txn)
	})
	if err != nil {
		t.Error("in the transaction:", err)
	}
	r := snapshotOf(t, s)
	for range 2 {
		if err := spoil(r); err != nil {
			t.Error(err)
		}
	}
}
