package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"chancery/store"
)

// meetingTime is how long transactions wait for each other in the middle. On an
// engine that runs them one by one they never meet, and each waits in vain.
const meetingTime = 20 * time.Millisecond

// interleave runs two transactions at once until both have committed. Each
// calls meet between its reads and its writes; in its first attempt it waits
// there for the other to have read too.
func interleave(t *testing.T, s store.Store, body func(i int, txn store.Txn, meet func()) error) {
	t.Helper()
	arrived := [2]chan struct{}{make(chan struct{}), make(chan struct{})}
	var running sync.WaitGroup
	for i := range 2 {
		running.Go(func() {
			var once sync.Once
			meet := func() {
				once.Do(func() {
					close(arrived[i])
					select {
					case <-arrived[1-i]:
					case <-time.After(meetingTime):
					}
				})
			}
			_, err := store.Update(context.Background(), s, func(txn store.Txn) error { return body(i, txn, meet) })
			if err != nil {
				t.Errorf("transaction %d: %v", i, err)
			}
		})
	}
	running.Wait()
}

func number(ctx context.Context, r store.Reader, key string) (int, error) {
	value, err := r.Get(ctx, []byte(key))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(value))
}

func setNumber(txn store.Txn, key string, n int) error {
	return txn.Set([]byte(key), []byte(strconv.Itoa(n)))
}

// testIsolation has two transactions read the same and write what depends on
// it. In any serial order the second sees what the first wrote.
func testIsolation(t *testing.T, c Config) {
	ctx := context.Background()
	mine := func(i int) string { return fmt.Sprintf("on duty/%d", i) }
	both := [][]byte{[]byte(mine(0)), []byte(mine(1))}
	leave := func(onDuty, i int, txn store.Txn) error {
		if onDuty < 2 {
			return nil
		}
		return setNumber(txn, mine(i), 0)
	}
	countScanned := func(txn store.Txn) (n int, err error) {
		for kv, err := range txn.Scan(ctx, store.Range{Start: []byte("on duty/"), End: store.PrefixEnd([]byte("on duty/"))}) {
			if err != nil {
				return 0, err
			}
			if string(kv.Value) == "1" {
				n++
			}
		}
		return n, nil
	}
	count := map[string]func(txn store.Txn) (int, error){
		"Get": func(txn store.Txn) (int, error) {
			a, err := number(ctx, txn, mine(0))
			b, err2 := number(ctx, txn, mine(1))
			return a + b, errors.Join(err, err2)
		},
		"BatchGet": func(txn store.Txn) (n int, err error) {
			values, err := txn.BatchGet(ctx, both)
			for _, value := range values {
				if string(value) == "1" {
					n++
				}
			}
			return n, err
		},
		"Scan": countScanned,
		"ScanMany": func(txn store.Txn) (n int, err error) {
			all, err := txn.ScanMany(ctx, []store.Range{{Start: both[0], Limit: 1}, {Start: both[1], Limit: 1}})
			for _, kvs := range all {
				for _, kv := range kvs {
					if string(kv.Value) == "1" {
						n++
					}
				}
			}
			return n, err
		},
	}
	for name, count := range count {
		t.Run("write skew by "+name, func(t *testing.T) {
			s := c.open(t)
			put(t, s, mine(0), "1", mine(1), "1")
			interleave(t, s, func(i int, txn store.Txn, meet func()) error {
				n, err := count(txn)
				if err != nil {
					return err
				}
				meet()
				return leave(n, i, txn)
			})
			a, err := number(ctx, snapshotOf(t, s), mine(0))
			b, err2 := number(ctx, snapshotOf(t, s), mine(1))
			if a+b != 1 || err != nil || err2 != nil {
				t.Errorf("%d are on duty, want 1 (%v, %v)", a+b, err, err2)
			}
		})
	}
	t.Run("write skew on absent keys", func(t *testing.T) { testAbsent(t, c.open(t)) })
	t.Run("lost update", func(t *testing.T) { testLostUpdate(t, c.open(t)) })
}

// testAbsent has each of two transactions claim a name if the other is not taken.
func testAbsent(t *testing.T, s store.Store) {
	ctx := context.Background()
	interleave(t, s, func(i int, txn store.Txn, meet func()) error {
		_, err := txn.Get(ctx, fmt.Appendf(nil, "taken/%d", 1-i))
		meet()
		if !errors.Is(err, store.ErrNotFound) {
			return err
		}
		return txn.Set(fmt.Appendf(nil, "taken/%d", i), []byte("1"))
	})
	if all := everything(t, s); len(all) != 1 {
		t.Errorf("%d names were taken, want 1", len(all))
	}
}

func testLostUpdate(t *testing.T, s store.Store) {
	ctx := context.Background()
	interleave(t, s, func(_ int, txn store.Txn, meet func()) error {
		n, err := number(ctx, txn, "counter")
		if err != nil {
			return err
		}
		meet()
		return setNumber(txn, "counter", n+1)
	})
	wantGet(t, snapshotOf(t, s), "counter", "2")
}

// testPhantoms has each of two transactions insert into a range that it found empty.
func testPhantoms(t *testing.T, c Config) {
	ctx := context.Background()
	insert := func(s store.Store, guarded bool) int {
		interleave(t, s, func(i int, txn store.Txn, meet func()) error {
			guard := 0
			if guarded {
				var err error
				if guard, err = number(ctx, txn, "guard"); err != nil {
					return err
				}
			}
			in := store.Range{Start: []byte("in/"), End: store.PrefixEnd([]byte("in/"))}
			found, err := scanned(txn, in)
			meet()
			if err != nil || len(found) > 0 {
				return err
			}
			if guarded {
				if err := setNumber(txn, "guard", guard+1); err != nil {
					return err
				}
			}
			return txn.Set(fmt.Appendf(nil, "in/%d", i), []byte("1"))
		})
		n := 0
		for _, kv := range everything(t, s) {
			if kv.Key[0] == 'i' {
				n++
			}
		}
		return n
	}
	if n := insert(c.open(t), true); n != 1 {
		t.Errorf("with a guard key %d keys were inserted, want 1", n)
	}
	s := c.open(t)
	switch n := insert(s, false); {
	case s.Caps().PhantomSafe && n != 1:
		t.Errorf("without a guard key %d keys were inserted by an engine that says it is safe from phantoms", n)
	case n < 1 || n > 2:
		t.Errorf("without a guard key %d keys were inserted", n)
	}
}

// testHotCounter has 8 writers add 1 to the same key 50 times each.
func testHotCounter(t *testing.T, c Config) {
	s := c.open(t)
	ctx := context.Background()
	var running sync.WaitGroup
	for range 8 {
		running.Go(func() {
			for range 50 {
				_, err := store.Update(ctx, s, func(txn store.Txn) error {
					n, err := number(ctx, txn, "counter")
					if err != nil {
						return err
					}
					return setNumber(txn, "counter", n+1)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	wantGet(t, snapshotOf(t, s), "counter", "400")
}
