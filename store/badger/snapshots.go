package badger

import "sync"

// snapshots counts the snapshots held, by the commit they show. Badger may drop a
// version of a key only when no snapshot can see it any more: discard is told
// the oldest commit that is still looked at.
type snapshots struct {
	mu      sync.Mutex
	held    map[uint64]int
	newest  func() uint64
	discard func(uint64)
}

// hold takes a snapshot of the newest commit and returns its number. The lock
// sees to it that no commit is discarded between reading the number and holding it.
func (s *snapshots) hold() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.newest()
	s.held[n]++
	return n
}

// release ends one snapshot of commit n.
func (s *snapshots) release(n uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[n]--; s.held[n] == 0 {
		delete(s.held, n)
		s.discard(s.oldest())
	}
}

// moved is called after each commit.
func (s *snapshots) moved() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discard(s.oldest())
}

// heldBelow reports whether a snapshot older than commit n is held.
func (s *snapshots) heldBelow(n uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.oldest() < n
}

// oldest is the oldest commit held, or else the newest there is. Callers hold mu.
func (s *snapshots) oldest() uint64 {
	oldest := s.newest()
	for n := range s.held {
		oldest = min(oldest, n)
	}
	return oldest
}
