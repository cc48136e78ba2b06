package badger

import (
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/dgraph-io/badger/v4/y"
)

// tripwire tells damage from the end of data.
//
// Badger checks the checksum of each block it reads (options.OnBlockRead). But
// on a mismatch its iterators only become invalid, which is also what they are at the
// end of a table: a read then answers "not found", a scan leaves out the rest of the
// table, and a compaction writes its output without that rest and deletes the
// input. Neither Iterator nor Txn tells.
//
// What can be seen from outside is that the mismatch is formatted into another
// error, by calling the method Error of the exported variable
// y.ErrChecksumMismatch, on the goroutine that met it. So a tripwire is put into that
// variable. It counts, and readers compare the count before they answer. A
// compaction it never lets go on, so that the input stays.
//
// The variable is global, and so is the tripwire: damage met in one store makes
// the reads of all stores of the process that run at this instant fail. A test
// of this package fails if a later Badger stops calling it.
type tripwire struct {
	text   string
	met    atomic.Uint64
	parked atomic.Int64
}

// theTripwire puts the tripwire in place at its first call.
var theTripwire = sync.OnceValue(func() *tripwire {
	t := &tripwire{text: y.ErrChecksumMismatch.Error()}
	y.ErrChecksumMismatch = t
	return t
})

// trips is how often a block did not match its checksum so far.
func (t *tripwire) trips() uint64 { return t.met.Load() }

// Error is called by Badger for each block that does not match its checksum.
func (t *tripwire) Error() string {
	t.met.Add(1)
	if compacting() {
		t.parked.Add(1)
		select {} // see above; the process goes on without this compaction
	}
	return t.text
}

// compacting reports whether the calling goroutine is in a compaction.
func compacting() bool {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		frame, more := frames.Next()
		if strings.Contains(frame.Function, "levelsController).subcompact") {
			return true
		}
		if !more {
			return false
		}
	}
}
