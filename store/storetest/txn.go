package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"chancery/store"
)

// testOwnWrites reads what the same transaction has written, in all four ways.
func testOwnWrites(t *testing.T, c Config) {
	s := c.open(t)
	put(t, s, "a", "1", "b", "2", "c", "3", "d", "4", "e", "5")
	_, err := s.TryUpdate(context.Background(), func(txn store.Txn) error {
		for _, key := range []string{"a", "c", "d"} {
			if err := txn.Delete([]byte(key)); err != nil {
				return err
			}
		}
		for _, pair := range []string{"a0", "b2", "c3", "d9"} {
			if err := txn.Set([]byte(pair[:1]), []byte(pair[1:])); err != nil {
				return err
			}
		}
		if err := txn.Delete([]byte("c")); err != nil {
			return err
		}
		if err := txn.Set([]byte("f"), []byte("6")); err != nil {
			return err
		}
		for key, want := range map[string]string{"a": "0", "b": "2", "c": "", "d": "9", "e": "5", "f": "6", "g": ""} {
			wantGet(t, txn, key, want)
		}
		wantScan(t, txn, store.Range{}, "a=0", "b=2", "d=9", "e=5", "f=6")
		wantScan(t, txn, store.Range{Limit: 3}, "a=0", "b=2", "d=9")
		wantScan(t, txn, store.Range{Limit: 3, Reverse: true}, "f=6", "e=5", "d=9")
		wantScan(t, txn, store.Range{Start: []byte("b"), End: []byte("d")}, "b=2")
		wantScan(t, txn, store.Range{Start: []byte("b"), End: []byte("d"), KeysOnly: true, Reverse: true}, "b=")
		// Writing while a scan runs is allowed, whether the scan sees it or not.
		for kv, err := range txn.Scan(context.Background(), store.Range{}) {
			if err != nil {
				return err
			}
			if err := txn.Delete([]byte(string(kv.Key))); err != nil {
				return err
			}
			if err := txn.Set([]byte("0"+string(kv.Key)), []byte("moved")); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantScan(t, snapshotOf(t, s), store.Range{}, "0a=moved", "0b=moved", "0d=moved", "0e=moved", "0f=moved")
}

// testManyWrites merges hundreds of writes of a transaction with what is stored,
// one and the other in turn.
func testManyWrites(t *testing.T, c Config) {
	s := c.open(t)
	const keys = 400
	var stored, want []string
	for i := range keys {
		if i%2 == 0 {
			stored = append(stored, fmt.Sprintf("%03d", i), "old")
		}
		switch {
		case i%3 == 0:
		case i%5 == 0 || i%2 == 1:
			want = append(want, fmt.Sprintf("%03d=new", i))
		default:
			want = append(want, fmt.Sprintf("%03d=old", i))
		}
	}
	put(t, s, stored...)
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	_, err := s.TryUpdate(context.Background(), func(txn store.Txn) error {
		for i := range keys {
			var err error
			switch key := fmt.Appendf(nil, "%03d", i); {
			case i%3 == 0:
				err = txn.Delete(key)
			case i%5 == 0 || i%2 == 1:
				err = txn.Set(key, []byte("new"))
			}
			if err != nil {
				return err
			}
		}
		wantScan(t, txn, store.Range{}, want...)
		wantScan(t, txn, store.Range{Reverse: true}, backwards...)
		wantScan(t, txn, store.Range{Limit: 100}, want[:100]...)
		wantScan(t, txn, store.Range{Limit: 100, Reverse: true}, backwards[:100]...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	wantScan(t, snapshotOf(t, s), store.Range{}, want...)
}

// testNoTrace has transactions fail in every way after they have written.
func testNoTrace(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	put(t, s, "a", "1")
	failure := errors.New("of the function")
	_, err := s.TryUpdate(ctx, func(txn store.Txn) error {
		return errors.Join(txn.Set([]byte("a"), []byte("2")), txn.Delete([]byte("a")), txn.Set([]byte("b"), []byte("2")), failure)
	})
	if !errors.Is(err, failure) {
		t.Errorf("the error of the function came back as %v", err)
	}
	func() {
		defer func() {
			if cause := recover(); fmt.Sprint(cause) != "boom" {
				t.Errorf("the panic of the function came back as %v", cause)
			}
		}()
		_, _ = s.TryUpdate(ctx, func(txn store.Txn) error {
			if err := txn.Set([]byte("b"), []byte("2")); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	var late store.Txn
	if _, err := s.TryUpdate(ctx, func(txn store.Txn) error { late = txn; return nil }); err != nil {
		t.Error(err)
	}
	if err := late.Set([]byte("b"), []byte("2")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a transaction used after its function returned answers %v, want ErrClosed", err)
	}
	if _, err := late.Get(ctx, []byte("a")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("a transaction read after its function returned answers %v, want ErrClosed", err)
	}
	wantScan(t, snapshotOf(t, s), store.Range{}, "a=1")
	put(t, s, "a", "3") // and it still works
	wantScan(t, snapshotOf(t, s), store.Range{}, "a=3")
}

func testCancel(t *testing.T, c Config) {
	s := c.open(t)
	put(t, s, "a", "1")
	r := snapshotOf(t, s)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	_, get := r.Get(gone, []byte("a"))
	_, batch := r.BatchGet(gone, [][]byte{[]byte("a")})
	_, many := r.ScanMany(gone, []store.Range{{}})
	var scan error
	for _, err := range r.Scan(gone, store.Range{}) {
		scan = err
	}
	_, snapshot := s.Snapshot(gone, store.ReadOptions{})
	ran := false
	_, before := s.TryUpdate(gone, func(store.Txn) error { ran = true; return nil })
	if ran {
		t.Error("the function ran although its context had ended")
	}
	during, cancel := context.WithCancel(context.Background())
	_, inside := s.TryUpdate(during, func(txn store.Txn) error {
		cancel()
		return txn.Set([]byte("a"), []byte("2"))
	})
	one := func(yield func(store.KV, error) bool) { yield(store.KV{Key: []byte("k"), Value: []byte("v")}, nil) }
	_, load := c.open(t).Load(gone, one)
	for name, err := range map[string]error{"Get": get, "BatchGet": batch, "Scan": scan, "ScanMany": many,
		"Snapshot": snapshot, "TryUpdate": before, "TryUpdate, ended inside": inside, "Load": load} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a context that has ended: %v, want context.Canceled", name, err)
		}
	}
	wantGet(t, r, "a", "1")
	wantGet(t, snapshotOf(t, s), "a", "1")
}

// testSnapshots holds a snapshot while everything it shows is overwritten,
// deleted and compacted.
func testSnapshots(t *testing.T, c Config) {
	s := c.open(t)
	const keys, rounds = 200, 60
	fill := func(round int) []string {
		var pairs []string
		for i := range keys {
			value := fmt.Sprintf("%d.%d %s", round, i, strings.Repeat("x", 200))
			if round > 1 && (i+round)%3 == 0 {
				value = ""
			}
			pairs = append(pairs, fmt.Sprintf("%04d", i), value)
		}
		return pairs
	}
	want := func(round int) (out []string) {
		for pairs := fill(round); len(pairs) > 0; pairs = pairs[2:] {
			if pairs[1] != "" {
				out = append(out, pairs[0]+"="+pairs[1])
			}
		}
		return out
	}
	type held struct {
		store.Snapshot
		round int
	}
	var snapshots []held
	for round := 1; round <= rounds; round++ {
		put(t, s, fill(round)...)
		if round == 1 || round%7 == 0 {
			snapshots = append(snapshots, held{snapshotOf(t, s), round})
		}
		if round%20 == 0 && c.Compact != nil {
			c.Compact(t, s)
		}
		if round == 45 { // the oldest goes, the others stay
			snapshots[0].Release()
			snapshots[0].Release()
			if _, err := snapshots[0].Get(context.Background(), []byte("0001")); !errors.Is(err, store.ErrClosed) {
				t.Errorf("a released snapshot answers %v, want ErrClosed", err)
			}
			snapshots = snapshots[1:]
		}
	}
	if c.Compact != nil {
		c.Compact(t, s)
	}
	for _, sn := range snapshots {
		wantScan(t, sn, store.Range{}, want(sn.round)...)
		wantGet(t, sn, "0001", strings.TrimPrefix(find(want(sn.round), "0001="), "0001="))
	}
	wantScan(t, snapshotOf(t, s), store.Range{}, want(rounds)...)
}

// find returns the first of list that begins with prefix, or "".
func find(list []string, prefix string) string {
	for _, line := range list {
		if strings.HasPrefix(line, prefix) {
			return line
		}
	}
	return ""
}

func testVersions(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	version := put(t, s, "a", "1")
	seen, err := s.Snapshot(ctx, store.ReadOptions{AtLeast: version})
	if err != nil {
		t.Fatal(err)
	}
	defer seen.Release()
	wantGet(t, seen, "a", "1")
	if again, err := s.Snapshot(ctx, store.ReadOptions{AtLeast: seen.Version()}); err != nil {
		t.Errorf("a snapshot at the version of another: %v", err)
	} else {
		again.Release()
	}
	if _, err := s.Snapshot(ctx, store.ReadOptions{AtLeast: "no version"}); err == nil {
		t.Error("a version that is none was accepted")
	}
	// The version of the commit that comes next: wait for it, first in vain.
	next := put(t, c.open(t), "a", "1")
	for next == version {
		next = put(t, s, "a", "2")
	}
	future := next + "0"
	short, cancel := context.WithTimeout(ctx, meetingTime)
	defer cancel()
	if _, err := s.Snapshot(short, store.ReadOptions{AtLeast: future}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a version that is not there yet: %v, want the error of the context", err)
	}
}

// testLongScan ends a scan early, cancels one in the middle, and reads while one runs.
func testLongScan(t *testing.T, c Config) {
	s := c.open(t)
	var pairs []string
	for i := range 5000 {
		pairs = append(pairs, fmt.Sprintf("%05d", i), "v")
	}
	put(t, s, pairs...)
	r := snapshotOf(t, s)
	n := 0
	for kv, err := range r.Scan(context.Background(), store.Range{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n == 10 {
			wantGet(t, r, string(kv.Key), "v")
			wantScan(t, r, store.Range{Limit: 1, Reverse: true}, "04999=v")
			put(t, s, "00011", "") // does not move r
		}
		if n++; n == 20 {
			break
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	n = 0
	var last error
	for _, err := range r.Scan(ctx, store.Range{}) {
		if last = err; err == nil {
			n++
			cancel()
		}
	}
	if !errors.Is(last, context.Canceled) || n == 5000 {
		t.Errorf("a scan went on for %d pairs after its context had ended: %v", n, last)
	}
	func() {
		defer func() {
			if cause := recover(); fmt.Sprint(cause) != "boom" {
				t.Errorf("the panic of a loop body came back as %v", cause)
			}
		}()
		for range r.Scan(context.Background(), store.Range{}) {
			panic("boom")
		}
	}()
	wantGet(t, r, "00011", "v")
}

func testClosed(t *testing.T, c Config) {
	s := c.Open(t)
	ctx := context.Background()
	put(t, s, "a", "1", "b", "2")
	sn, err := s.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping: %v", err)
	}
	if size, err := s.Size(ctx); size <= 0 || err != nil {
		t.Errorf("Size = %d, %v", size, err)
	}
	if err := s.Check(ctx); err != nil {
		t.Errorf("Check: %v", err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := s.Snapshot(ctx, store.ReadOptions{AtLeast: sn.Version() + "0"})
		waiting <- err
	}()
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	_, get := sn.Get(ctx, []byte("a"))
	_, batch := sn.BatchGet(ctx, [][]byte{[]byte("a")})
	_, many := sn.ScanMany(ctx, []store.Range{{}})
	_, scan := scanned(sn, store.Range{})
	sn.Release()
	if err := <-waiting; !errors.Is(err, store.ErrClosed) {
		t.Errorf("waiting for a version while the store is closed: %v, want ErrClosed", err)
	}
	_, snapshot := s.Snapshot(ctx, store.ReadOptions{})
	_, update := s.TryUpdate(ctx, func(store.Txn) error { return nil })
	_, load := s.Load(ctx, func(func(store.KV, error) bool) {})
	_, size := s.Size(ctx)
	for name, err := range map[string]error{"Get": get, "BatchGet": batch, "Scan": scan, "ScanMany": many, "Snapshot": snapshot,
		"TryUpdate": update, "Load": load, "Size": size, "Check": s.Check(ctx), "Ping": s.Ping(ctx)} {
		if !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s after Close: %v, want ErrClosed", name, err)
		}
	}
}
