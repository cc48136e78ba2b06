package badger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/table"
	"github.com/dgraph-io/badger/v4/y"

	"chancery/store"
)

// scrubPause is between two rounds, scrubRate the bytes read in a second meanwhile.
const (
	scrubPause = 10 * time.Minute
	scrubRate  = 32 << 20
)

// scrubber reads all tables in the background again and again, for damage that no
// read has met or could notice, and at once after one did.
type scrubber struct {
	stop   context.CancelFunc
	hurry  chan struct{} // has room for one signal
	rounds atomic.Int64  // ended so far
	ended  chan struct{}
}

func (s *Store) startScrub() *scrubber {
	ctx, cancel := context.WithCancel(context.Background())
	sc := &scrubber{stop: cancel, hurry: make(chan struct{}, 1), ended: make(chan struct{})}
	go func() {
		defer close(sc.ended)
		timer := time.NewTimer(scrubPause)
		defer timer.Stop()
		for {
			rate := int64(scrubRate)
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			case <-sc.hurry:
				rate = 0
			}
			if err := s.checkTables(ctx, rate); err != nil && ctx.Err() == nil {
				s.log.Error("store/badger: damage found", "error", err)
			}
			sc.rounds.Add(1)
			timer.Reset(scrubPause)
		}
	}()
	return sc
}

// now has the next round begin at once and without pauses.
func (sc *scrubber) now() {
	select {
	case sc.hurry <- struct{}{}:
	default:
	}
}

func (sc *scrubber) close() {
	sc.stop()
	<-sc.ended
}

// checkTables verifies every table, notes the damaged ones and returns the
// first damage. A rate above 0 limits the bytes read in a second.
func (s *Store) checkTables(ctx context.Context, rate int64) (first error) {
	infos, err := s.tables()
	if err != nil {
		s.damage.add(damagedTable{all: true, err: err})
		return err
	}
	for _, info := range infos {
		if err := ctx.Err(); err != nil {
			return err
		}
		var bytes int64
		err := verifyTable(filepath.Join(s.dir, table.IDToFilename(info.ID)), func(n int) { bytes += int64(n) })
		switch {
		case errors.Is(err, fs.ErrNotExist) && !s.hasTable(info.ID):
			continue // compacted meanwhile
		case err != nil && !errors.Is(err, store.ErrCorrupt):
			err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
		}
		if err != nil {
			s.damage.add(damagedTable{id: info.ID, left: y.ParseKey(info.Left), right: y.ParseKey(info.Right), err: err})
			if first == nil {
				first = err
			}
		}
		if rate > 0 {
			if err := sleep(ctx, time.Duration(bytes*int64(time.Second)/rate)); err != nil {
				return err
			}
		}
	}
	return first
}

// tables lists Badger's tables. Badger looks into their mapped files for that.
func (s *Store) tables() (infos []badger.TableInfo, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: listing the tables in %s panicked: %.200v", store.ErrCorrupt, s.dir, cause)
		}
	}()
	return s.db.Tables(), nil
}

func (s *Store) hasTable(id uint64) bool {
	infos, err := s.tables()
	return err != nil || slices.ContainsFunc(infos, func(info badger.TableInfo) bool { return info.ID == id })
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Check reads every table, then every pair, and returns the first damage.
func (s *Store) Check(ctx context.Context) error {
	if !s.gate.enter() {
		return store.ErrClosed
	}
	defer s.gate.leave()
	if err := s.checkTables(ctx, 0); err != nil {
		return err
	}
	return store.View(ctx, s, func(r store.Reader) error {
		for _, err := range r.Scan(ctx, store.Range{}) {
			if err != nil {
				return err
			}
		}
		return nil
	})
}
