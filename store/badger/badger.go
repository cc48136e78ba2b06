// Package badger is the engine "badger:DIR": Badger v4 in one directory, owned by
// one process. DESIGN.md of package store says which parts of Badger are used,
// which are avoided, and why.
package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"

	"chancery/store"
)

// Options of Open.
type Options struct {
	// ReadOnly opens a store that was closed cleanly, next to other readers.
	ReadOnly bool
	// Logger gets the messages of the engine and of Badger. Nil: slog.Default.
	Logger *slog.Logger

	tune func(*badger.Options) // tests make tables small
}

// Store is one Badger directory. It implements store.Store.
//
// Commits are numbered from 1, and the numbers are Badger's timestamps in its
// managed mode. TryUpdate is serialised, so Badger's own conflict
// detection is off, and a snapshot is a transaction at the number of the newest
// commit, which waits for nothing.
type Store struct {
	db        *badger.DB
	dir       string
	readOnly  bool
	log       *slog.Logger
	unlock    func() error
	gate      *gate
	writing   chan struct{} // has room for one: full while TryUpdate, Load or Close run
	watermark store.Watermark
	snapshots snapshots
	space     *space
	tripwire  *tripwire
	damage    damage
	scrub     *scrubber
	broken    atomic.Pointer[error] // why commits are refused until the store is opened again
}

var _ store.Store = (*Store)(nil)

// Snapshot returns the newest commit. It never waits for commits in progress.
func (s *Store) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	if s.gate.shut.Load() {
		return nil, store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := s.watermark.Wait(ctx, o.AtLeast); err != nil {
		return nil, err
	}
	if !s.gate.enter() {
		return nil, store.ErrClosed
	}
	defer s.gate.leave()
	n := s.snapshots.hold()
	return &snapshot{reader: reader{store: s, n: n, txn: s.db.NewTransactionAt(n, false)}}, nil
}

// TryUpdate runs fn and commits what it wrote. It never conflicts, because no two run at once.
func (s *Store) TryUpdate(ctx context.Context, fn func(store.Txn) error) (store.Version, error) {
	if err := s.lockWriting(ctx); err != nil {
		return "", err
	}
	defer s.unlockWriting()
	n := s.watermark.Newest()
	base := &reader{store: s, n: n, txn: s.db.NewTransactionAt(n, false)}
	writes := store.NewOverlay(base)
	defer writes.Finish()
	if err := fn(writes); err != nil {
		return "", err
	}
	if err := writes.Finish(); err != nil {
		return "", err
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if writes.Len() == 0 {
		return store.NumberedVersion(n), nil
	}
	if err := s.commit(n+1, writes); err != nil {
		return "", err
	}
	return store.NumberedVersion(n + 1), nil
}

// lockWriting waits for its turn to write, until ctx ends, and fails when nothing
// may be written now.
func (s *Store) lockWriting(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.writing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.writable(ctx); err != nil {
		s.unlockWriting()
		return err
	}
	return nil
}

func (s *Store) unlockWriting() { <-s.writing }

// writable fails when nothing may be written now.
func (s *Store) writable(ctx context.Context) error {
	if s.gate.shut.Load() {
		return store.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.readOnly {
		return store.ErrReadOnly
	}
	if broken := s.broken.Load(); broken != nil {
		return *broken
	}
	if err := s.damage.any(); err != nil {
		return fmt.Errorf("nothing is written to a damaged store: %w", err)
	}
	return s.space.check()
}

// commit writes the batch as commit n and makes it the newest.
func (s *Store) commit(n uint64, writes *store.Overlay) error {
	if !s.gate.enter() {
		return store.ErrClosed
	}
	defer s.gate.leave()
	txn := s.db.NewTransactionAt(n-1, true)
	defer txn.Discard()
	if err := fill(txn, writes); err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	return s.outcome(n, txn.CommitAt(n, nil))
}

// outcome says what Badger's answer to commit n means, and makes it the newest
// when it succeeded.
func (s *Store) outcome(n uint64, err error) error {
	switch {
	case err == nil:
		s.watermark.Move(n)
		s.snapshots.moved()
		return nil
	case errors.Is(err, badger.ErrBlockedWrites), errors.Is(err, badger.ErrDBClosed):
		return fmt.Errorf("%w: %w", store.ErrClosed, err)
	case errors.Is(err, badger.ErrTxnTooBig):
		return fmt.Errorf("%w: %w", store.ErrTooLarge, err)
	default:
		// Part of commit n may be in the log and in memory. Its number must not be
		// used again, nor a later one show it, so nothing more is written.
		broken := fmt.Errorf("%w: commit %d failed in %s, open the store again: %w", store.ErrUnavailable, n, s.dir, err)
		s.broken.Store(&broken)
		return fmt.Errorf("%w: commit %d in %s: %w", store.ErrUnknownOutcome, n, s.dir, err)
	}
}

// fill puts the writes into txn. Values get their trailer in one buffer for all.
func fill(txn *badger.Txn, writes *store.Overlay) error {
	sealed := make([]byte, 0, writes.Bytes()+checksumSize*(writes.Len()+1)+len(markerKey))
	entries := make([]badger.Entry, 0, writes.Len()+1)
	set := func(key, value []byte) error {
		from := len(sealed)
		sealed = seal(sealed, key, value)
		entries = append(entries, badger.Entry{Key: key, Value: sealed[from:len(sealed):len(sealed)]})
		return txn.SetEntry(&entries[len(entries)-1])
	}
	for key, value := range writes.Writes() {
		var err error
		if key = storedKey(key); value == nil {
			err = txn.Delete(key)
		} else {
			err = set(key, value)
		}
		if err != nil {
			return err
		}
	}
	if len(entries) == 0 {
		return set(markerKey, markerKey)
	}
	return nil
}

// Caps describes the engine.
func (s *Store) Caps() store.Caps {
	return store.Caps{Engine: "badger", Durable: true, PhantomSafe: true}
}

// Size is the disk space taken by the directory. Badger's files have holes, so it
// is less than the sum of their lengths.
func (s *Store) Size(ctx context.Context) (int64, error) {
	if !s.gate.enter() {
		return 0, store.ErrClosed
	}
	defer s.gate.leave()
	var size int64
	err := filepath.WalkDir(s.dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil // a compaction removed it
		}
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			size += diskUsage(info)
		}
		return err
	})
	return size, err
}

// Ping fails when the store cannot serve reads and writes now.
func (s *Store) Ping(ctx context.Context) error {
	err := s.writable(ctx)
	if errors.Is(err, store.ErrReadOnly) {
		return nil
	}
	return err
}

// Close waits for calls in progress and closes Badger. A scan counts as in
// progress until its loop ends; its next step answers store.ErrClosed. Close may be
// called again.
func (s *Store) Close() error {
	s.watermark.Close()
	s.writing <- struct{}{}
	defer s.unlockWriting()
	if !s.gate.close() {
		return nil
	}
	return s.closeBadger()
}

// closeWait is how long Close waits for Badger when a compaction hangs because
// its input is damaged. Badger flushes its memory before it waits for compactions.
const closeWait = 10 * time.Second

func (s *Store) closeBadger() error {
	s.scrub.close()
	closed := make(chan error, 1)
	go func() { closed <- s.closeGuarded() }()
	var hanging <-chan time.Time
	if s.tripwire.parked.Load() > 0 {
		hanging = time.After(closeWait)
	}
	select {
	case err := <-closed:
		return errors.Join(err, s.unlock())
	case <-hanging:
		return fmt.Errorf("%w: %s stays locked until the process ends, because a compaction of a damaged table was stopped", store.ErrCorrupt, s.dir)
	}
}

// closeGuarded closes Badger, which looks into its mapped files once more.
func (s *Store) closeGuarded() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: closing %s panicked: %.200v", store.ErrCorrupt, s.dir, cause)
		}
	}()
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("store/badger: closing %s: %w", s.dir, err)
	}
	return nil
}
