package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"chancery/store"
	"chancery/store/memory"
)

// between calls a function before each commit of the store in it, when the
// transaction has read already, and may have the commit fail.
type between struct {
	store.Store
	before func(attempt int) error
	tries  atomic.Int64
}

func (b *between) TryUpdate(ctx context.Context, fn func(store.Txn) error) (store.Version, error) {
	return b.Store.TryUpdate(ctx, func(txn store.Txn) error {
		if err := fn(txn); err != nil {
			return err
		}
		return b.before(int(b.tries.Add(1)))
	})
}

func add(ctx context.Context, txn store.Txn, key string) error {
	n := 0
	value, err := txn.Get(ctx, []byte(key))
	if err == nil {
		n, err = strconv.Atoi(string(value))
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	return txn.Set([]byte(key), []byte(strconv.Itoa(n+1)))
}

func valueOf(t *testing.T, s store.Store, key string) string {
	t.Helper()
	var text string
	err := store.View(context.Background(), s, func(r store.Reader) error {
		value, err := r.Get(context.Background(), []byte(key))
		text = string(value)
		return err
	})
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		t.Fatal(err)
	}
	return text
}

func newCommitter(t *testing.T, s store.Store) *store.Committer {
	c := store.NewCommitter(s, store.CommitterOptions{Logger: slog.New(slog.DiscardHandler)})
	t.Cleanup(c.Close)
	return c
}

// TestCommitterConflicts has another writer change what the batch has read. A
// request that failed because of what it read runs again too.
func TestCommitterConflicts(t *testing.T) {
	ctx := context.Background()
	inner := memory.New()
	interfere := func(int) error { return nil }
	s := &between{Store: inner, before: func(attempt int) error { return interfere(attempt) }}
	c := newCommitter(t, s)
	if err := c.Commit(ctx, func(txn store.Txn) error { return add(ctx, txn, "counter") }); err != nil {
		t.Fatal(err)
	}
	interfere = func(attempt int) error {
		if attempt > 4 {
			return nil
		}
		_, err := inner.TryUpdate(ctx, func(txn store.Txn) error { return add(ctx, txn, "counter") })
		return err
	}
	runs := 0
	err := c.Commit(ctx, func(txn store.Txn) error {
		runs++
		value, err := txn.Get(ctx, []byte("counter"))
		if err != nil {
			return err
		}
		if err := add(ctx, txn, "counter"); err != nil {
			return err
		}
		if string(value) != "4" {
			return fmt.Errorf("too early, it is %s", value)
		}
		return nil
	})
	if err == nil || runs != 1 {
		t.Errorf("a request that failed and wrote nothing: %v after %d runs, want its error after 1", err, runs)
	}
	err = c.Commit(ctx, func(txn store.Txn) error { return add(ctx, txn, "counter") })
	if got := valueOf(t, inner, "counter"); err != nil || got != "5" {
		t.Errorf("the counter is %s, want 5: 1 + 1 and three by the interfering writer (%v)", got, err)
	}
	if stats := c.Stats(); stats.Retries != 2 || stats.Failures != 0 {
		t.Errorf("stats are %+v, want 2 retries", stats)
	}
}

// TestCommitterGivesUp has the other writer interfere for ever.
func TestCommitterGivesUp(t *testing.T) {
	ctx := context.Background()
	inner := memory.New()
	s := &between{Store: inner, before: func(int) error {
		_, err := inner.TryUpdate(ctx, func(txn store.Txn) error { return add(ctx, txn, "counter") })
		return err
	}}
	c := newCommitter(t, s)
	err := c.Commit(ctx, func(txn store.Txn) error {
		return errors.Join(add(ctx, txn, "counter"), add(ctx, txn, "mine"))
	})
	if !errors.Is(err, store.ErrConflict) {
		t.Errorf("%v, want ErrConflict", err)
	}
	if got := valueOf(t, inner, "mine"); got != "" {
		t.Errorf("a batch that was given up left %q", got)
	}
	if stats := c.Stats(); stats.Failures != 1 || stats.Retries == 0 {
		t.Errorf("stats are %+v, want 1 failure after retries", stats)
	}
}

// TestCommitterOutcome has the engine fail: every request of the batch is told,
// also the one that failed by itself.
func TestCommitterOutcome(t *testing.T) {
	ctx := context.Background()
	release := make(chan struct{})
	s := &between{Store: memory.New(), before: func(attempt int) error {
		if attempt == 1 {
			<-release
			return nil
		}
		return fmt.Errorf("%w: cable cut", store.ErrUnknownOutcome)
	}}
	c := newCommitter(t, s)
	answers := make(chan error, 3)
	commit := func(fn func(store.Txn) error) { answers <- c.Commit(ctx, fn) }
	go commit(func(store.Txn) error { return nil })
	for s.tries.Load() == 0 {
		runtime.Gosched()
	}
	go commit(func(txn store.Txn) error { return txn.Set([]byte("a"), []byte("1")) })
	go commit(func(store.Txn) error { return errors.New("its own") })
	for c.Stats().Waiting < 2 {
		runtime.Gosched()
	}
	close(release)
	if err := <-answers; err != nil {
		t.Errorf("the first batch: %v", err)
	}
	for range 2 {
		if err := <-answers; !errors.Is(err, store.ErrUnknownOutcome) {
			t.Errorf("%v, want ErrUnknownOutcome", err)
		}
	}
}

// TestCommitterGoexit ends the goroutine of the committer from a request, as
// testing.T.FailNow would. Later requests are still served.
func TestCommitterGoexit(t *testing.T) {
	ctx := context.Background()
	s := memory.New()
	c := newCommitter(t, s)
	err := c.Commit(ctx, func(store.Txn) error {
		runtime.Goexit()
		return nil
	})
	if err == nil || !strings.Contains(err.Error(), "Goexit") {
		t.Errorf("%v, want an error that says so", err)
	}
	if err := c.Commit(ctx, func(txn store.Txn) error { return txn.Set([]byte("a"), []byte("1")) }); err != nil {
		t.Error(err)
	}
	if got := valueOf(t, s, "a"); got != "1" {
		t.Errorf("a is %q, want 1", got)
	}
}
