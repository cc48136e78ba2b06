package store

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
)

// Bounds of a batch that CommitterOptions leaves at zero, and the retries of a
// batch that conflicts with another process.
const (
	defaultBatchBytes    = 4 << 20
	defaultBatchRequests = 4096
	maxBatchAttempts     = 32
)

// CommitterOptions configure a Committer. The zero value is usable.
type CommitterOptions struct {
	// Logger is told of panics in requests and of failed batches. Nil: slog.Default.
	Logger *slog.Logger
	// MaxBatchBytes of keys and values, once reached, close a batch. Zero: 4 MiB.
	MaxBatchBytes int
	// MaxBatchRequests is the most requests in a batch. Zero: 4,096.
	MaxBatchRequests int
}

// CommitterStats count what a Committer has done since it was made.
type CommitterStats struct {
	Waiting      int    // requests in the queue now
	Requests     uint64 // requests answered, whatever the answer
	Refused      uint64 // of these, by an error or a panic of their own function
	Cancelled    uint64 // requests whose context ended before they ran; not in Requests
	Batches      uint64 // transactions committed
	LargestBatch int    // most requests in one of them
	Retries      uint64 // batches run again because of a conflict
	Splits       uint64 // batches cut because one more request would have passed the limits
	Failures     uint64 // batches that could not be committed
}

// Committer is the one writer of a store. Requests wait in a queue; one
// goroutine takes as many as are there, runs each against an overlay of its
// own over what the earlier ones of the same batch wrote, commits all of them
// in one transaction and then answers them. So a commit that must reach the
// disk is paid once for all who wait, requests are serial by construction, and
// a request that fails leaves no trace in the batch.
type Committer struct {
	store        Store
	log          *slog.Logger
	maxBytes     int
	maxRequests  int
	wake         chan struct{} // has room for one signal
	finished     chan struct{} // closed when the goroutine has ended
	mu           sync.Mutex    // guards queue and closed
	queue        []*request
	closed       bool
	batch        batch // of the goroutine
	requests     atomic.Uint64
	refused      atomic.Uint64
	cancelled    atomic.Uint64
	batches      atomic.Uint64
	largestBatch atomic.Int64
	retries      atomic.Uint64
	splits       atomic.Uint64
	failures     atomic.Uint64
}

// NewCommitter starts the committer of s. Nobody else in this process should
// write to s while it runs. Close ends it.
func NewCommitter(s Store, o CommitterOptions) *Committer {
	c := &Committer{
		store:       s,
		log:         o.Logger,
		maxBytes:    o.MaxBatchBytes,
		maxRequests: o.MaxBatchRequests,
		wake:        make(chan struct{}, 1),
		finished:    make(chan struct{}),
	}
	if c.log == nil {
		c.log = slog.Default()
	}
	if c.maxBytes <= 0 {
		c.maxBytes = defaultBatchBytes
	}
	if c.maxRequests <= 0 {
		c.maxRequests = defaultBatchRequests
	}
	go c.loop()
	return c
}

// request is one call of Commit.
type request struct {
	fn    func(Txn) error
	taken atomic.Bool // by the committer, to run it, or by its caller, to give it up
	err   error       // what fn answered in the newest attempt
	done  chan error  // has room for the answer
}

// Commit runs fn in a transaction and returns nil when what it wrote is durable.
//
// fn sees everything committed before and the writes of the requests ahead of
// it in its batch. It may run several times, so it must set what it computes
// for its caller anew in each run, and it must not use its transaction after it
// returned. It runs on the goroutine of the committer, hence it must be quick and
// must not call Commit. When fn returns an error or panics, nothing of it is
// applied and Commit returns that error, or one that names the panic.
//
// When ctx ends before fn has run, Commit returns the error of ctx and fn does
// not run. Once it has started, Commit waits for the outcome. Errors of the
// engine, [ErrUnknownOutcome] among them, go to every request of the batch. After
// Close the answer is [ErrClosed].
func (c *Committer) Commit(ctx context.Context, fn func(Txn) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := &request{fn: fn, done: make(chan error, 1)}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return ErrClosed
	}
	c.queue = append(c.queue, r)
	c.mu.Unlock()
	c.signal()
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		if r.taken.CompareAndSwap(false, true) {
			c.cancelled.Add(1)
			return ctx.Err()
		}
		return <-r.done
	}
}

// Stats returns the counters. Each is exact, together they are not one instant.
func (c *Committer) Stats() CommitterStats {
	c.mu.Lock()
	waiting := len(c.queue)
	c.mu.Unlock()
	return CommitterStats{
		Waiting:      waiting,
		Requests:     c.requests.Load(),
		Refused:      c.refused.Load(),
		Cancelled:    c.cancelled.Load(),
		Batches:      c.batches.Load(),
		LargestBatch: int(c.largestBatch.Load()),
		Retries:      c.retries.Load(),
		Splits:       c.splits.Load(),
		Failures:     c.failures.Load(),
	}
}

// Close refuses new requests, waits until those in the queue are answered and
// ends the goroutine. It may be called again. It does not close the store.
func (c *Committer) Close() {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	c.signal()
	<-c.finished
}

func (c *Committer) signal() {
	select {
	case c.wake <- struct{}{}:
	default: // a signal is already there
	}
}

// next takes the first request of the queue that is still wanted, or returns nil.
func (c *Committer) next() *request {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 {
		r := c.queue[0]
		c.queue[0] = nil
		c.queue = c.queue[1:]
		if r.taken.CompareAndSwap(false, true) {
			return r
		}
	}
	return nil
}

// idle reports whether the queue is empty, and whether it will stay so.
func (c *Committer) idle() (empty, forever bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.queue) == 0, len(c.queue) == 0 && c.closed
}
