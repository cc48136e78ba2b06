package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/pb"
	"github.com/dgraph-io/ristretto/v2/z"

	"chancery/store"
)

// loadBatch is how many bytes of pairs are handed to Badger at once.
const loadBatch = 2 << 20

// loadingFile exists while Load runs. Open finds it after a crash and empties the store.
const loadingFile = "LOADING"

// Load builds Badger's tables straight from the sorted sequence, without log and
// compaction, several times as fast as transactions. What it loads becomes visible at
// once at its end; when it fails the store is emptied again.
func (s *Store) Load(ctx context.Context, sorted iter.Seq2[store.KV, error]) (count int64, err error) {
	if err := s.lockWriting(ctx); err != nil {
		return 0, err
	}
	defer s.unlockWriting()
	if err := s.loadable(ctx); err != nil {
		return 0, err
	}
	if !s.gate.enter() {
		return 0, store.ErrClosed
	}
	defer s.gate.leave()
	if err := s.markLoading(); err != nil {
		return 0, err
	}
	n := s.watermark.Newest() + 1
	count, err = s.stream(ctx, n, sorted)
	if err != nil || count == 0 {
		return 0, errors.Join(err, s.emptyAfterLoad())
	}
	if err := s.unmarkLoading(); err != nil {
		return 0, err
	}
	s.watermark.Move(n)
	s.snapshots.moved()
	return count, nil
}

// loadable fails unless the store is empty, for every snapshot held too: Badger
// deletes all its files before it loads.
func (s *Store) loadable(ctx context.Context) error {
	r := &reader{store: s, n: s.watermark.Newest(), txn: s.db.NewTransactionAt(s.watermark.Newest(), false)}
	for _, err := range r.Scan(ctx, store.Range{Limit: 1, KeysOnly: true}) {
		if err != nil {
			return err
		}
		return store.ErrNotEmpty
	}
	if s.snapshots.heldBelow(s.watermark.Newest()) {
		return fmt.Errorf("%w: snapshots from before the newest commit are still held", store.ErrNotEmpty)
	}
	return nil
}

// stream writes the pairs as commit n. In managed mode Badger's stream writer
// takes their version as it is.
func (s *Store) stream(ctx context.Context, n uint64, sorted iter.Seq2[store.KV, error]) (count int64, err error) {
	w := s.db.NewStreamWriter()
	defer func() {
		if err != nil {
			w.Cancel()
		}
	}()
	if err := w.Prepare(); err != nil {
		return 0, fmt.Errorf("store/badger: preparing to load: %w", err)
	}
	buf := z.NewBuffer(loadBatch+2*store.MaxValue, "chancery load")
	defer func() { err = errors.Join(err, buf.Release()) }()
	flush := func() error {
		if err := errors.Join(ctx.Err(), s.space.check()); err != nil {
			return err
		}
		if err := w.Write(buf); err != nil {
			return fmt.Errorf("store/badger: loading: %w", err)
		}
		buf.Reset()
		return nil
	}
	var last, sealed []byte
	for kv, err := range sorted {
		if err == nil {
			err = store.CheckLoad(last, kv)
		}
		if err != nil {
			return 0, err
		}
		last = append(last[:0], kv.Key...)
		key := storedKey(kv.Key)
		sealed = seal(sealed[:0], key, kv.Value)
		badger.KVToBuffer(&pb.KV{Key: key, Value: sealed, Version: n}, buf)
		count++
		if buf.LenNoPadding() >= loadBatch {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	if err := flush(); err != nil {
		return 0, err
	}
	if err := w.Flush(); err != nil {
		return 0, fmt.Errorf("store/badger: ending the load: %w", err)
	}
	return count, nil
}

func (s *Store) markLoading() error {
	f, err := os.OpenFile(filepath.Join(s.dir, loadingFile), os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		err = errors.Join(f.Sync(), f.Close(), syncDir(s.dir))
	}
	if err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	return nil
}

func (s *Store) unmarkLoading() error {
	if err := errors.Join(os.Remove(filepath.Join(s.dir, loadingFile)), syncDir(s.dir)); err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	return nil
}

// emptyAfterLoad undoes what a failed load has written.
func (s *Store) emptyAfterLoad() error {
	if err := s.empty(s.watermark.Newest()); err != nil {
		broken := fmt.Errorf("%w: emptying %s after a failed load, open the store again: %w", store.ErrUnavailable, s.dir, err)
		s.broken.Store(&broken)
		return broken
	}
	return s.unmarkLoading()
}

// empty drops all keys and keeps commit n as the newest.
func (s *Store) empty(n uint64) error {
	if err := s.db.DropAll(); err != nil {
		return err
	}
	if n == 0 {
		return nil
	}
	txn := s.db.NewTransactionAt(n, true)
	defer txn.Discard()
	if err := txn.Set(markerKey, seal(nil, markerKey, markerKey)); err != nil {
		return err
	}
	return txn.CommitAt(n, nil)
}

// dropInterruptedLoad empties a store whose process ended while it was being loaded.
func (s *Store) dropInterruptedLoad() error {
	_, err := os.Stat(filepath.Join(s.dir, loadingFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store/badger: %w", err)
	}
	if s.readOnly {
		return fmt.Errorf("%w: loading into %s was interrupted, open it once for writing", store.ErrUnavailable, s.dir)
	}
	s.log.Warn("store/badger: loading was interrupted, the store is empty again", "dir", s.dir)
	if err := s.empty(s.db.MaxVersion()); err != nil {
		return fmt.Errorf("store/badger: emptying %s after an interrupted load: %w", s.dir, err)
	}
	return s.unmarkLoading()
}
