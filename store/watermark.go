package store

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
)

// Watermark is the number of the newest commit of an engine that counts its
// commits from 1. Commits move it up, readers may wait for it.
type Watermark struct {
	newest atomic.Uint64
	mu     sync.Mutex
	moved  chan struct{} // closed at the next move; nil while nobody waits
	closed bool
}

// Newest is the number of the newest commit, 0 before the first.
func (w *Watermark) Newest() uint64 { return w.newest.Load() }

// Move makes n the newest commit and wakes the waiting.
func (w *Watermark) Move(n uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.newest.Store(n)
	w.wakeAll()
}

// Close ends all waiting, now and later, with ErrClosed.
func (w *Watermark) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	w.wakeAll()
}

func (w *Watermark) wakeAll() {
	if w.moved != nil {
		close(w.moved)
		w.moved = nil
	}
}

// Wait returns when the commit that v names is visible, or fails with the
// error of ctx, or when v is not the version of such an engine. The empty
// version is always visible.
func (w *Watermark) Wait(ctx context.Context, v Version) error {
	if v == "" {
		return nil
	}
	n, err := strconv.ParseUint(string(v), 10, 64)
	if err != nil {
		return fmt.Errorf("store: %q is not a version of this engine, which numbers its commits: %w", string(v), err)
	}
	for {
		moved, err := w.pending(n)
		if moved == nil {
			return err
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("store: waiting for version %s, newest is %d: %w", v, w.Newest(), ctx.Err())
		}
	}
}

// pending returns nil when commit n is visible, or an error when it cannot be
// waited for; else what is closed at the next move.
func (w *Watermark) pending(n uint64) (<-chan struct{}, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.newest.Load() >= n:
		return nil, nil
	case w.closed:
		return nil, ErrClosed
	case w.moved == nil:
		w.moved = make(chan struct{})
	}
	return w.moved, nil
}

// NumberedVersion is the version of commit n.
func NumberedVersion(n uint64) Version { return Version(strconv.FormatUint(n, 10)) }
