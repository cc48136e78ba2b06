package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
)

// batch is what the goroutine of a committer works on. Nothing else touches it.
type batch struct {
	requests []*request // run in this batch, in order
	carried  []*request // run once already, to be the first of the next batch
	writes   int        // keys written by requests, repeated ones counted again
	bytes    int        // of these
}

// errGoexit is the answer to requests in a batch whose goroutine was ended from
// inside one of their functions, as testing.T.FailNow does.
var errGoexit = errors.New("store: a request of the same batch ended the committer's goroutine (runtime.Goexit)")

// loop commits batches until the committer is closed and the queue empty.
func (c *Committer) loop() {
	ended := false
	defer func() {
		if ended {
			close(c.finished)
			return
		}
		if cause := recover(); cause != nil {
			panic(cause) // of the engine: requests' own panics do not get here
		}
		c.answer(errGoexit)
		go c.loop()
	}()
	for {
		if empty, forever := c.idle(); len(c.batch.carried) == 0 && empty {
			if forever {
				ended = true
				return
			}
			<-c.wake
			continue
		}
		c.commitBatch()
		runtime.Gosched() // who was answered may have the next request: it fits into the next batch
	}
}

// commitBatch runs and commits one batch, again when it conflicts, and answers
// its requests.
func (c *Committer) commitBatch() {
	ctx := context.Background() // a batch belongs to no single caller
	for attempt := 1; ; attempt++ {
		_, err := c.store.TryUpdate(ctx, c.runAll)
		if errors.Is(err, ErrConflict) && attempt < maxBatchAttempts {
			c.retries.Add(1)
			if pause(ctx, attempt) == nil {
				continue
			}
		}
		if err != nil {
			c.failures.Add(1)
			c.log.Error("store: batch not committed", "requests", len(c.batch.requests), "attempts", attempt, "error", err)
		} else {
			c.batches.Add(1)
			c.largestBatch.Store(max(c.largestBatch.Load(), int64(len(c.batch.requests))))
		}
		c.answer(err)
		return
	}
}

// answer ends the batch. A request gets its own error when the batch was
// committed; else the error of the batch, because its own may rest on writes
// of the batch that are not there.
func (c *Committer) answer(err error) {
	for i, r := range c.batch.requests {
		outcome := err
		if err == nil {
			outcome = r.err
		}
		if r.err != nil {
			c.refused.Add(1)
		}
		c.requests.Add(1)
		r.done <- outcome
		c.batch.requests[i] = nil
	}
	c.batch.requests = c.batch.requests[:0]
}

// runAll is the function of one attempt at the batch's transaction: it runs the
// requests of an earlier attempt again, then those carried over, then those in the
// queue, until a bound is reached.
func (c *Committer) runAll(txn Txn) error {
	b := &c.batch
	b.writes, b.bytes = 0, 0
	for i := 0; i < c.maxRequests; i++ {
		if i == len(b.requests) {
			if b.bytes >= c.maxBytes || b.writes >= MaxTxnWrites {
				return nil
			}
			r := c.take()
			if r == nil {
				return nil
			}
			b.requests = append(b.requests, r)
		}
		fits, err := c.runOne(txn, b.requests[i])
		if err != nil {
			return err
		}
		if !fits {
			c.splits.Add(1)
			b.carried = append(append([]*request(nil), b.requests[i:]...), b.carried...)
			b.requests = b.requests[:i]
			return nil
		}
	}
	return nil
}

// take returns the next request to run, nil when none is there.
func (c *Committer) take() *request {
	if len(c.batch.carried) == 0 {
		return c.next()
	}
	r := c.batch.carried[0]
	c.batch.carried = c.batch.carried[1:]
	return r
}

// runOne runs r and, when it succeeds, moves its writes into txn. It reports
// false, and moves nothing, when they do not fit any more. The error is of txn.
func (c *Committer) runOne(txn Txn, r *request) (fits bool, err error) {
	own := NewOverlay(txn)
	r.err = c.call(r.fn, own)
	if refused := own.Finish(); r.err == nil {
		r.err = refused
	}
	if r.err != nil {
		return true, nil
	}
	writes, bytes := c.batch.writes+own.Len(), c.batch.bytes+own.Bytes()
	if CheckTxn(writes, bytes) != nil {
		return false, nil
	}
	c.batch.writes, c.batch.bytes = writes, bytes
	if below, ok := txn.(*Overlay); ok && below.adopt(own) {
		return true, nil
	}
	for key, value := range own.Writes() {
		if value == nil {
			err = txn.Delete(key)
		} else {
			err = txn.Set(key, value)
		}
		if err != nil {
			return true, err
		}
	}
	return true, nil
}

// call runs fn and turns a panic into an error.
func (c *Committer) call(fn func(Txn) error, txn Txn) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			c.log.Error("store: request panicked", "panic", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("store: request panicked: %v", cause)
		}
	}()
	return fn(txn)
}
