package badger

import (
	"fmt"
	"sync"
	"time"

	"chancery/store"
)

// minFree is how many bytes must be free on the volume for a commit. Badger
// writes through mappings of files with holes: on a full disk the kernel
// kills the process with SIGBUS. A flush and the compaction it causes must
// always find room.
const minFree = max(512<<20, 4*memTableSize)

// space watches the free space of the volume of a directory.
type space struct {
	dir     string
	free    func(dir string) (uint64, error)
	now     func() time.Time
	mu      sync.Mutex
	checked time.Time
	err     error
}

func newSpace(dir string) *space { return &space{dir: dir, free: freeSpace, now: time.Now} }

// check fails with store.ErrUnavailable when too little is free. It asks the
// system at most once a second.
func (s *space) check() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	if !s.checked.IsZero() && now.Sub(s.checked) < time.Second {
		return s.err
	}
	s.checked, s.err = now, nil
	free, err := s.free(s.dir)
	switch {
	case err != nil:
		s.err = fmt.Errorf("%w: asking for the free space of %s: %w", store.ErrUnavailable, s.dir, err)
	case free < minFree:
		s.err = fmt.Errorf("%w: %d MiB are free on the volume of %s, commits need %d MiB and go on as soon as they are free",
			store.ErrUnavailable, free>>20, s.dir, minFree>>20)
	}
	return s.err
}
