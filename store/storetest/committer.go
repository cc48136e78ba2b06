package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"chancery/store"
)

func newCommitter(t testing.TB, s store.Store, o store.CommitterOptions) *store.Committer {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	committer := store.NewCommitter(s, o)
	t.Cleanup(committer.Close)
	return committer
}

// occupy keeps the committer busy with one request until the returned function
// is called, so that requests made meanwhile become one batch.
func occupy(t testing.TB, committer *store.Committer) (free func()) {
	t.Helper()
	started, leave, left := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		var once sync.Once
		left <- committer.Commit(context.Background(), func(store.Txn) error {
			once.Do(func() {
				close(started)
				<-leave
			})
			return nil
		})
	}()
	<-started
	return func() {
		close(leave)
		if err := <-left; err != nil {
			t.Errorf("the occupying request: %v", err)
		}
	}
}

// enqueue commits fn in the background and returns when it is in the queue.
func enqueue(committer *store.Committer, ctx context.Context, fn func(store.Txn) error) <-chan error {
	before := committer.Stats().Waiting
	done := make(chan error, 1)
	go func() { done <- committer.Commit(ctx, fn) }()
	for committer.Stats().Waiting == before && len(done) == 0 {
	}
	return done
}

func testCommitter(t *testing.T, c Config) {
	tests := []struct {
		name string
		run  func(t *testing.T, s store.Store)
	}{
		{"counters", committerCounts},
		{"group", committerGroup},
		{"too large", committerTooLarge},
		{"split", committerSplits},
		{"context", committerContext},
		{"close", committerCloses},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, c.open(t)) })
	}
}

// committerCounts has many writers add to counters, each request to two of them, and
// every fifth request fail after it has written.
func committerCounts(t *testing.T, s store.Store) {
	ctx := context.Background()
	committer := newCommitter(t, s, store.CommitterOptions{})
	failure := errors.New("on purpose")
	add := func(txn store.Txn, key string) error {
		n, err := number(ctx, txn, key)
		if err != nil {
			return err
		}
		return setNumber(txn, key, n+1)
	}
	var running sync.WaitGroup
	for w := range 16 {
		running.Go(func() {
			for i := range 40 {
				fail := (w+i)%5 == 0
				err := committer.Commit(ctx, func(txn store.Txn) error {
					if err := errors.Join(add(txn, "all"), add(txn, fmt.Sprintf("writer/%d", w))); err != nil {
						return err
					}
					if fail {
						return failure
					}
					return nil
				})
				if fail && !errors.Is(err, failure) || !fail && err != nil {
					t.Errorf("request %d of writer %d: %v", i, w, err)
				}
			}
		})
	}
	running.Wait()
	r := snapshotOf(t, s)
	wantGet(t, r, "all", "512") // 640 requests, of which every fifth failed
	for w := range 16 {
		wantGet(t, r, fmt.Sprintf("writer/%d", w), "32")
	}
	stats := committer.Stats()
	if stats.Requests != 640 || stats.Refused != 128 || stats.Waiting != 0 || stats.Batches == 0 || stats.Batches > 640 {
		t.Errorf("stats are %+v", stats)
	}
}

// committerGroup makes one batch of requests that succeed, fail and panic. Each
// sees in every way of reading what the successful ones before it wrote.
func committerGroup(t *testing.T, s store.Store) {
	ctx := context.Background()
	var log bytes.Buffer
	put(t, s, "a", "1", "b", "1")
	committer := newCommitter(t, s, store.CommitterOptions{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	free := occupy(t, committer)
	failure := errors.New("on purpose")
	see := func(want ...string) func(txn store.Txn) error {
		return func(txn store.Txn) error {
			wantScan(t, txn, store.Range{}, want...)
			wantScan(t, txn, store.Range{Limit: 1, KeysOnly: true}, want[0][:2])
			wantScan(t, txn, store.Range{Limit: 1, Reverse: true}, want[len(want)-1])
			for _, pair := range want {
				wantGet(t, txn, pair[:1], pair[2:])
			}
			return nil
		}
	}
	set := func(pair string) func(store.Txn) error {
		return func(txn store.Txn) error { return txn.Set([]byte(pair[:1]), []byte(pair[2:])) }
	}
	requests := []struct {
		fn   func(store.Txn) error
		want error
	}{
		{set("c=1"), nil},
		{see("a=1", "b=1", "c=1"), nil},
		{func(txn store.Txn) error { return errors.Join(set("a=lost")(txn), failure) }, failure},
		{func(txn store.Txn) error { return txn.Delete([]byte("b")) }, nil},
		{func(txn store.Txn) error { _ = set("d=lost")(txn); panic("boom at request 4") }, errPanic},
		{see("a=1", "c=1"), nil},
		{func(txn store.Txn) error { _ = set("d=")(txn); return nil }, store.ErrTooLarge},
		{func(txn store.Txn) error { return errors.Join(set("a=2")(txn), see("a=2", "c=1")(txn)) }, nil},
	}
	var answers []<-chan error
	for _, request := range requests {
		answers = append(answers, enqueue(committer, ctx, request.fn))
	}
	free()
	for i, answer := range answers {
		err := <-answer
		if want := requests[i].want; want == errPanic {
			if err == nil || !strings.Contains(err.Error(), "boom at request 4") {
				t.Errorf("request %d: %v, want the panic named", i, err)
			}
		} else if !errors.Is(err, want) {
			t.Errorf("request %d: %v, want %v", i, err, want)
		}
	}
	wantScan(t, snapshotOf(t, s), store.Range{}, "a=2", "c=1")
	if stats := committer.Stats(); stats.Batches != 1 || stats.LargestBatch != len(requests)+1 {
		t.Errorf("the requests were not one batch: %+v", stats)
	}
	if !strings.Contains(log.String(), "boom at request 4") {
		t.Errorf("the panic is not in the log: %s", log.String())
	}
}

var errPanic = errors.New("stands for a panic")

func committerTooLarge(t *testing.T, s store.Store) {
	committer := newCommitter(t, s, store.CommitterOptions{})
	free := occupy(t, committer)
	ctx := context.Background()
	fill := func(prefix string, values int) func(store.Txn) error {
		return func(txn store.Txn) error {
			for i := range values {
				if err := txn.Set(fmt.Appendf(nil, "%s%d", prefix, i), make([]byte, store.MaxValue)); err != nil {
					return err
				}
			}
			return nil
		}
	}
	small, large, after := enqueue(committer, ctx, fill("s", 1)), enqueue(committer, ctx, fill("l", 9)), enqueue(committer, ctx, fill("t", 1))
	free()
	if err := <-large; !errors.Is(err, store.ErrTooLarge) {
		t.Errorf("a request of 9 MiB: %v, want ErrTooLarge", err)
	}
	if err := errors.Join(<-small, <-after); err != nil {
		t.Error("its neighbours:", err)
	}
	if n := len(everything(t, s)); n != 2 {
		t.Errorf("%d keys are stored, want 2", n)
	}
}

// committerSplits makes requests that fit into a transaction each, but not all together.
func committerSplits(t *testing.T, s store.Store) {
	committer := newCommitter(t, s, store.CommitterOptions{MaxBatchBytes: store.MaxTxnBytes})
	free := occupy(t, committer)
	ctx := context.Background()
	var answers []<-chan error
	for i := range 7 {
		answers = append(answers, enqueue(committer, ctx, func(txn store.Txn) error {
			n, err := number(ctx, txn, "n")
			if err != nil {
				return err
			}
			if n != i {
				return fmt.Errorf("request %d ran in place %d", i, n)
			}
			for j := range 3 {
				if err := txn.Set(fmt.Appendf(nil, "%d.%d", i, j), make([]byte, store.MaxValue)); err != nil {
					return err
				}
			}
			return setNumber(txn, "n", n+1)
		}))
	}
	free()
	for i, answer := range answers {
		if err := <-answer; err != nil {
			t.Errorf("request %d: %v", i, err)
		}
	}
	wantGet(t, snapshotOf(t, s), "n", "7")
	if n := len(everything(t, s)); n != 22 {
		t.Errorf("%d keys are stored, want 22", n)
	}
	if stats := committer.Stats(); stats.Splits == 0 || stats.Batches < 4 {
		t.Errorf("no batch was split: %+v", stats)
	}
}

func committerContext(t *testing.T, s store.Store) {
	committer := newCommitter(t, s, store.CommitterOptions{})
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	ran := false
	run := func(txn store.Txn) error { ran = true; return nil }
	if err := committer.Commit(gone, run); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that had ended: %v", err)
	}
	free := occupy(t, committer)
	waiting, cancel := context.WithCancel(context.Background())
	answer := enqueue(committer, waiting, run)
	cancel()
	if err := <-answer; !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ended in the queue: %v", err)
	}
	free()
	running, cancel := context.WithCancel(context.Background())
	err := committer.Commit(running, func(txn store.Txn) error {
		cancel() // too late: the outcome is awaited
		return txn.Set([]byte("a"), []byte("1"))
	})
	if err != nil {
		t.Errorf("a context that ended while the request ran: %v", err)
	}
	if ran {
		t.Error("a request ran although its context had ended before")
	}
	wantGet(t, snapshotOf(t, s), "a", "1")
	if stats := committer.Stats(); stats.Cancelled != 1 {
		t.Errorf("stats are %+v, want 1 cancelled", stats)
	}
}

func committerCloses(t *testing.T, s store.Store) {
	committer := newCommitter(t, s, store.CommitterOptions{})
	free := occupy(t, committer)
	ctx := context.Background()
	var answers []<-chan error
	for i := range 20 {
		answers = append(answers, enqueue(committer, ctx, func(txn store.Txn) error {
			return setNumber(txn, fmt.Sprintf("%02d", i), i)
		}))
	}
	closed := make(chan struct{})
	go func() {
		committer.Close()
		close(closed)
	}()
	for refused := false; !refused; { // until Close has begun
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		refused = errors.Is(committer.Commit(short, func(store.Txn) error { return nil }), store.ErrClosed)
		cancel()
	}
	free()
	<-closed
	for i, answer := range answers {
		if err := <-answer; err != nil {
			t.Errorf("request %d, made before Close: %v", i, err)
		}
	}
	if n := len(everything(t, s)); n != 20 {
		t.Errorf("%d keys are stored, want 20", n)
	}
	if err := committer.Commit(ctx, func(store.Txn) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("after Close: %v, want ErrClosed", err)
	}
	committer.Close()
}
