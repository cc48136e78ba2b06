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
}

// Newest is the number of the newest commit, 0 before the first.
func (w *Watermark) Newest() uint64 { return w.newest.Load() }

// Move makes n the newest commit and wakes the waiting.
func (w *Watermark) Move(n uint64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.newest.Store(n)
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
		w.mu.Lock()
		if w.newest.Load() >= n {
			w.mu.Unlock()
			return nil
		}
		if w.moved == nil {
			w.moved = make(chan struct{})
		}
		moved := w.moved
		w.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return fmt.Errorf("store: waiting for version %s, newest is %d: %w", v, w.Newest(), ctx.Err())
		}
	}
}

// NumberedVersion is the version of commit n.
func NumberedVersion(n uint64) Version { return Version(strconv.FormatUint(n, 10)) }
