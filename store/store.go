// Package store is the ordered, transactional key-value promise under the graph.
//
// Engines (one package each below this one) implement [Store] over the same
// keys and the same values, so that data moves from one to the other byte for
// byte. What every engine promises, and package storetest checks line by line:
//
//   - Order is unsigned byte order, as bytes.Compare has it.
//   - Keys have 1 to [MaxKey] bytes and values 1 to [MaxValue] bytes. Empty
//     keys and empty values are refused by every engine, because some
//     distributed engines cannot store them. One transaction writes at most
//     [MaxTxnWrites] keys and [MaxTxnBytes] bytes. Beyond a limit every engine
//     answers [ErrTooLarge].
//   - A [Snapshot] is consistent and does not move: however long it is held,
//     whatever is committed meanwhile, it answers as at the instant it was taken.
//   - [Store.TryUpdate] is atomic, durable when it returns nil, and serialisable
//     over the keys it read: if another transaction committed a write to a key
//     this one read after this one's snapshot, it fails with [ErrConflict] and
//     has no effect. Reading a key that is absent counts as reading it. Keys
//     yielded by a scan count as read.
//   - Phantoms are not promised away: a key that another transaction inserts
//     into a scanned range need not conflict. Code whose invariant is "no such
//     key is in this range" reads and writes a guard key as well. The graph
//     does so by construction: each of its commits reads and writes one
//     revision key.
//   - An engine may answer [ErrConflict] where a serial order existed, so
//     callers always retry; [Update] and [Committer] do. The function given to
//     TryUpdate may therefore run several times, and must not have effects
//     outside its transaction until the commit is known.
//   - Bytes read by Get, BatchGet and ScanMany belong to the caller. Bytes
//     yielded by Scan, and those of the sequence given to Load, are lent until
//     the next step of the iteration and must not be changed. Bytes given to
//     Set and Delete belong to the transaction from then on.
//   - A refused Set or Delete spoils its transaction: TryUpdate then fails with
//     [ErrTooLarge] even when the function ignored the refusal.
//   - Damage is reported: a read that meets bytes it cannot vouch for fails with
//     [ErrCorrupt]. Damage is never answered as absence, and an iteration that
//     ends without an error has yielded everything.
package store

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Limits that hold on every engine. MaxKey is set by PostgreSQL's index rows
// (2,704 bytes). MaxValue leaves room for an engine's checksum below the 1 MiB
// at which Badger moves a value out of line. MaxTxnBytes is set by Badger (15 %
// of a 64 MiB memtable).
const (
	MaxKey       = 2 << 10    // bytes
	MaxValue     = 1<<20 - 16 // bytes; larger payloads are chunked by the caller
	MaxTxnBytes  = 8 << 20    // bytes, keys and values together
	MaxTxnWrites = 65_536     // different keys set or deleted
)

// Errors of every engine. Engines wrap them, so test with errors.Is.
var (
	// ErrNotFound: the key is absent in this snapshot.
	ErrNotFound = errors.New("store: key not found")
	// ErrConflict: another commit touched what this one read. Nothing was applied; retry.
	ErrConflict = errors.New("store: conflict, nothing was applied")
	// ErrUnknownOutcome: the connection was lost while committing; the writes may or may not be there.
	ErrUnknownOutcome = errors.New("store: commit outcome unknown")
	// ErrSnapshotTooOld: the engine no longer has this snapshot; start again on a new one.
	ErrSnapshotTooOld = errors.New("store: snapshot no longer readable")
	// ErrTooLarge: a key, value or transaction is empty or beyond the limits. Nothing was applied.
	ErrTooLarge = errors.New("store: key, value or transaction outside the limits")
	// ErrUnavailable: the engine cannot be reached or cannot write. Nothing was applied.
	ErrUnavailable = errors.New("store: engine unavailable, nothing was applied")
	// ErrReadOnly: the store was opened for reading.
	ErrReadOnly = errors.New("store: opened read-only")
	// ErrCorrupt: stored bytes are damaged.
	ErrCorrupt = errors.New("store: stored data is damaged")
	// ErrInUse: another process holds this store.
	ErrInUse = errors.New("store: held by another process")
	// ErrNotEmpty: Load was called on a store that holds keys. Nothing was applied.
	ErrNotEmpty = errors.New("store: load needs an empty store")
	// ErrUnsorted: the keys given to Load do not ascend strictly.
	ErrUnsorted = errors.New("store: keys to load do not ascend")
	// ErrClosed: the store, or the snapshot, was closed.
	ErrClosed = errors.New("store: closed")
)

// KV is one key with its value.
type KV struct{ Key, Value []byte }

// Range is the half-open interval [Start, End) of keys. A nil Start is the
// first key, a nil End is after the last. Limit 0 means all. Reverse yields
// descending order. KeysOnly leaves values nil.
type Range struct {
	Start, End []byte
	Limit      int
	Reverse    bool
	KeysOnly   bool
}

// Version is an opaque token of a commit: every snapshot that has reached it
// shows that commit. Only the engine that made two versions can compare them.
type Version string

// Reader reads one consistent state. It may be used by several goroutines at once,
// except where it is a [Txn].
type Reader interface {
	// Get returns the value of key, or ErrNotFound.
	Get(ctx context.Context, key []byte) ([]byte, error)
	// BatchGet answers in the order of keys, nil for an absent one, in one
	// round trip on remote engines. Keys may repeat.
	BatchGet(ctx context.Context, keys [][]byte) ([][]byte, error)
	// Scan yields the range in order. Each pair is lent until the next step. After an
	// error, which is yielded with a zero KV, the iteration ends. Other reads
	// may be made while it runs; writes of the same transaction made after it
	// began may or may not be seen.
	Scan(ctx context.Context, r Range) iter.Seq2[KV, error]
	// ScanMany reads many short ranges in as few round trips as the engine
	// can; the answer is aligned with rs. Ranges may overlap.
	ScanMany(ctx context.Context, rs []Range) ([][]KV, error)
}

// Snapshot is a Reader that does not move. Release it when done; it may be released twice.
type Snapshot interface {
	Reader
	// Version is a token not newer than this snapshot.
	Version() Version
	// Release frees what the engine keeps for this snapshot. Later reads answer ErrClosed.
	Release()
}

// Txn reads its own writes in all four ways of reading. It is used by one
// goroutine, and not after the function it was given to has returned.
type Txn interface {
	Reader
	// Set stores value under key when the transaction commits. It fails with ErrTooLarge.
	Set(key, value []byte) error
	// Delete removes key when the transaction commits; deleting an absent key is no error.
	Delete(key []byte) error
}

// ReadOptions say how fresh a snapshot must be. The zero value asks for the newest state.
type ReadOptions struct {
	// AtLeast waits until this version is visible here, or ctx ends.
	AtLeast Version
	// MaxStaleness above zero allows a replica that is at most so far behind.
	MaxStaleness time.Duration
}

// Caps say what an engine is, for reports and for choosing between plans.
type Caps struct {
	// Engine is its name, e.g. "badger".
	Engine string
	// Distributed: several processes may write at once.
	Distributed bool
	// Durable: an acknowledged commit survives the loss of the process and of power.
	Durable bool
	// PhantomSafe: an insertion into a scanned range conflicts too.
	PhantomSafe bool
}

// Store is one engine, opened. It is safe for use by several goroutines.
type Store interface {
	// Snapshot returns the newest committed state, or one that o allows.
	Snapshot(ctx context.Context, o ReadOptions) (Snapshot, error)
	// TryUpdate makes one attempt to run fn and commit what it wrote. When fn
	// returns an error, nothing is applied and that error is returned as it is.
	TryUpdate(ctx context.Context, fn func(Txn) error) (Version, error)
	// Load fills an empty key space from a strictly ascending sequence and
	// returns how many pairs it stored. It is not atomic as a whole, and may be
	// started again after a failure. It fails with
	// ErrNotEmpty on a store that holds keys, and with ErrUnsorted.
	Load(ctx context.Context, sorted iter.Seq2[KV, error]) (int64, error)
	// Caps describes the engine.
	Caps() Caps
	// Size is the space taken on disk or in memory, in bytes.
	Size(ctx context.Context) (int64, error)
	// Check reads everything stored and reports the first damage as ErrCorrupt.
	Check(ctx context.Context) error
	// Ping fails when the engine cannot serve reads and writes now.
	Ping(ctx context.Context) error
	// Close releases the engine. Snapshots still held answer ErrClosed afterwards.
	Close() error
}
