package store

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// maxAttempts bounds the retries of Update: with the pauses of pause it gives
// up after several seconds without a single success.
const maxAttempts = 256

// Update runs fn in a transaction of s and commits it, again and again while
// the engine answers ErrConflict, with a growing random pause in between. It
// returns the version of the commit. It gives up when ctx ends, or with
// ErrConflict after many attempts. ErrUnknownOutcome is not retried.
func Update(ctx context.Context, s Store, fn func(Txn) error) (Version, error) {
	for attempt := 1; ; attempt++ {
		version, err := s.TryUpdate(ctx, fn)
		if !errors.Is(err, ErrConflict) || attempt == maxAttempts {
			return version, err
		}
		if err := pause(ctx, attempt); err != nil {
			return "", err
		}
	}
}

// pause waits a random time before attempt n+1: up to 100 µs after the first,
// doubling each time up to 50 ms.
func pause(ctx context.Context, attempt int) error {
	limit := min(100*time.Microsecond<<min(attempt-1, 9), 50*time.Millisecond)
	timer := time.NewTimer(rand.N(limit) + 1)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// View runs fn over the newest committed state of s, which does not move meanwhile.
func View(ctx context.Context, s Store, fn func(Reader) error) error {
	snapshot, err := s.Snapshot(ctx, ReadOptions{})
	if err != nil {
		return err
	}
	defer snapshot.Release()
	return fn(snapshot)
}

// Copy loads everything that from shows into the empty store to, byte for
// byte, and returns the number of pairs. It fails where [Store.Load] does.
func Copy(ctx context.Context, from Reader, to Store) (int64, error) {
	return to.Load(ctx, from.Scan(ctx, Range{}))
}

// PrefixEnd returns the end of the range of all keys that begin with prefix: the
// smallest key above all of them. It is nil, which stands for no end, when no
// key is above them, as for an empty prefix.
func PrefixEnd(prefix []byte) []byte {
	for i := len(prefix) - 1; i >= 0; i-- {
		if prefix[i] < 0xff {
			end := append([]byte(nil), prefix[:i+1]...)
			end[i]++
			return end
		}
	}
	return nil
}
