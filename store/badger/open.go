package badger

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"chancery/store"
)

// magic marks a directory as written with trailers and escaped keys, so that
// this engine does not open Badger directories of other programs, nor they its own.
const magic = 0xC4A1

// memTableSize in bytes. Badger allows a transaction 15 % of it, which
// store.MaxTxnBytes and store.MaxTxnWrites with trailers stay below.
const memTableSize = 64 << 20

// Open opens the store in dir and creates it unless o says read-only. It
// reads everything stored once and fails with store.ErrCorrupt when something
// is damaged. When another process holds dir it fails with store.ErrInUse.
func Open(dir string, o Options) (*Store, error) {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("store/badger: %w", err)
	}
	if err := prepareDir(dir, o.ReadOnly); err != nil {
		return nil, err
	}
	unlock, err := lockDir(dir, o.ReadOnly)
	if err != nil {
		return nil, err
	}
	s := &Store{
		dir:      dir,
		readOnly: o.ReadOnly,
		log:      o.Logger,
		unlock:   unlock,
		gate:     newGate(),
		writing:  make(chan struct{}, 1),
		space:    newSpace(dir),
		tripwire: theTripwire(),
	}
	if err := s.open(o); err != nil {
		return nil, errors.Join(err, unlock())
	}
	return s, nil
}

func prepareDir(dir string, readOnly bool) error {
	if readOnly {
		if _, err := os.Stat(filepath.Join(dir, badger.ManifestFilename)); err != nil {
			return fmt.Errorf("store/badger: no store to read in %s: %w", dir, err)
		}
		return nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("store/badger: creating %s: %w", dir, err)
	}
	return nil
}

// open opens Badger in the locked directory.
func (s *Store) open(o Options) error {
	bo := badgerOptions(s.dir, o)
	if err := s.dropUnborn(); err != nil {
		return err
	}
	if err := inspect(s.dir); err != nil {
		return err
	}
	db, err := openManaged(bo)
	if err != nil {
		return s.openFailed(err)
	}
	s.db = db
	s.snapshots = snapshots{held: make(map[uint64]int), newest: s.watermark.Newest, discard: db.SetDiscardTs}
	if err := s.dropInterruptedLoad(); err != nil {
		return errors.Join(err, db.Close())
	}
	s.watermark.Move(db.MaxVersion())
	s.snapshots.moved()
	s.scrub = s.startScrub()
	return nil
}

// openManaged opens Badger, whose panics on damage are errors here.
func openManaged(bo badger.Options) (db *badger.DB, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: opening panicked: %.200v", store.ErrCorrupt, cause)
		}
	}()
	return badger.OpenManaged(bo)
}

func badgerOptions(dir string, o Options) badger.Options {
	bo := badger.DefaultOptions(dir)
	bo.ReadOnly = o.ReadOnly
	bo.Logger = logger{o.Logger}
	bo.ExternalMagicVersion = magic
	bo.BypassLockGuard = true // lockDir holds the same lock, from before inspect on
	bo.SyncWrites = true
	bo.DetectConflicts = false
	bo.NumVersionsToKeep = 1 // of those no snapshot sees
	bo.MetricsEnabled = false
	bo.Compression, bo.BlockCacheSize, bo.IndexCacheSize = options.None, 0, 0
	bo.MemTableSize, bo.NumMemtables, bo.NumCompactors = memTableSize, 3, 2
	bo.CompactL0OnClose = !o.ReadOnly
	bo.ValueLogFileSize = 64 << 20
	bo.ValueThreshold = 1 << 20 // above store.MaxValue and its trailer: every value is inline
	bo.ChecksumVerificationMode = options.OnBlockRead
	if o.tune != nil {
		o.tune(&bo)
	}
	return bo
}

// openFailed says what an error of Badger's Open means here. Badger formats
// the errors it wraps, so only their text is left.
func (s *Store) openFailed(err error) error {
	if s.readOnly && strings.Contains(err.Error(), badger.ErrTruncateNeeded.Error()) {
		return s.unclean(err)
	}
	return fmt.Errorf("store/badger: opening %s: %w", s.dir, err)
}
