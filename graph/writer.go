package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"

	lru "github.com/hashicorp/golang-lru/v2"

	"chancery/graph/text"
	"chancery/graph/vocab"
	"chancery/store"
)

// writer keeps what the one writer read before, so that a bulk import need not
// read it again. What it keeps is good for the state after one commit, known by
// its mark, and is dropped when a transaction begins at any other: after a
// commit that failed, or one of another process.
type writer struct {
	g       *Graph
	mark    uint64
	valid   bool
	nodes   map[string]nodeRef
	heads   map[uint64]entityHead
	docs    map[uint64]*documentRecord
	counts  map[uint32]int // live relations per type
	types   *vocabulary
	indexes *lru.Cache[textKey, *text.Index]
}

type entityHead struct {
	kind    vocab.Kind
	deleted bool
}

type textKey struct {
	document uint64
	rev      Revision
}

// How much the writer keeps, in entries; texts are kept whole.
const (
	writerNodes = 1 << 20
	writerTexts = 16
)

func newWriter(g *Graph) *writer {
	indexes, err := lru.New[textKey, *text.Index](writerTexts)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	w := &writer{g: g, indexes: indexes}
	w.reset()
	return w
}

func (w *writer) reset() {
	w.valid = false
	w.nodes, w.heads, w.docs = map[string]nodeRef{}, map[uint64]entityHead{}, map[uint64]*documentRecord{}
	w.counts, w.types = map[uint32]int{}, nil
	w.indexes.Purge()
}

// trim keeps the caches bounded.
func (w *writer) trim() {
	if len(w.nodes) > writerNodes || len(w.docs) > writerNodes {
		w.reset()
	}
}

// tx is one batch inside the writer's transaction.
type tx struct {
	rows
	ctx   context.Context
	t     store.Txn
	w     *writer
	state stateRecord // as it will be written
	rev   Revision    // the revision being made

	path     []string // of the change at hand
	errs     []UserError
	promised map[string]bool // ids whose change failed: naming them is not a second mistake
	entries  []changeEntry
	place    map[[2]uint64]int // of entries by kind and number
	counts   map[uint32]int    // new counts of relations per type
	results  []Result
}

// errNothingWritten makes the committer drop what a batch wrote.
var errNothingWritten = errors.New("graph: nothing to write")

// MaxBatchChanges is how many changes one batch may hold.
const MaxBatchChanges = 5_000

// ErrBatchTooLarge says that a batch would write more than one transaction can hold.
var ErrBatchTooLarge = errors.New("graph: the batch writes more than one transaction can hold")

// Apply writes all changes of a batch or none. Mistakes in the input are in the
// outcome, all of them at once; the error is for faults. It returns when the writes are durable.
func (g *Graph) Apply(ctx context.Context, b Batch) (*Outcome, error) {
	out, err := g.commit(ctx, &b, false)
	if errors.Is(err, store.ErrTooLarge) {
		return &Outcome{Errors: []UserError{{Code: CodeLimit, Path: []string{"changes"},
			Message: "the batch writes more than one transaction can hold (8 MiB or 65,536 rows): split it"}}}, nil
	}
	return out, err
}

// ApplyEach writes every right change of a batch in one commit and reports the
// wrong ones. It fails with ErrBatchTooLarge, having written nothing, where the batch must be split.
func (g *Graph) ApplyEach(ctx context.Context, b Batch) (*Outcome, error) {
	out, err := g.commit(ctx, &b, true)
	if errors.Is(err, store.ErrTooLarge) {
		return nil, ErrBatchTooLarge
	}
	return out, err
}

func (g *Graph) commit(ctx context.Context, b *Batch, each bool) (*Outcome, error) {
	if g.readOnly {
		return nil, store.ErrReadOnly
	}
	if len(b.Changes) > MaxBatchChanges {
		return &Outcome{Errors: []UserError{{Code: CodeLimit, Path: []string{"changes"},
			Message: fmt.Sprintf("a batch has at most %d changes; this one has %d: split it", MaxBatchChanges, len(b.Changes))}}}, nil
	}
	var out *Outcome
	err := g.commits.Commit(ctx, func(t store.Txn) error {
		var err error
		out, err = g.writer.run(ctx, t, b, each)
		return err
	})
	if err != nil && !errors.Is(err, errNothingWritten) {
		return nil, err
	}
	if err == nil {
		g.indexer.committed()
		g.feeds.wake()
	}
	return out, nil
}

// run is one batch inside the committer's transaction; it may run again.
func (w *writer) run(ctx context.Context, t store.Txn, b *Batch, each bool) (*Outcome, error) {
	// The caller's context may end while the committer is at work for others as well: a batch begun is finished.
	ctx = context.WithoutCancel(ctx)
	x, err := w.begin(ctx, t)
	if err != nil {
		return nil, err
	}
	w.valid = false // until it is known that what is kept speaks of no writes that will not be, whatever ends this batch
	out, err := x.apply(b, each)
	if err == nil || errors.Is(err, errNothingWritten) && len(x.entries) == 0 {
		w.mark, w.valid = x.state.mark, true
		w.trim()
	}
	return out, err
}

func (w *writer) begin(ctx context.Context, t store.Txn) (*tx, error) {
	x := &tx{rows: rows{r: t, rev: math.MaxUint64}, ctx: ctx, t: t, w: w,
		promised: map[string]bool{}, place: map[[2]uint64]int{}, counts: map[uint32]int{}}
	var err error
	if x.state, err = readState(ctx, x.rows); err != nil {
		return nil, err
	}
	if !w.valid || w.mark != x.state.mark {
		w.reset()
	}
	if w.types == nil {
		if w.types, err = w.g.buildVocabulary(ctx, x.rows); err != nil {
			return nil, err
		}
	}
	x.rev = x.state.revision + 1
	return x, nil
}

func (x *tx) apply(b *Batch, each bool) (*Outcome, error) {
	// A batch sent again is answered as it was, though its own commit has moved the store past what it expects.
	replay, err := x.replay(b)
	if replay != nil || err != nil {
		return replay, err
	}
	if b.ExpectedRevision != nil && x.state.revision > *b.ExpectedRevision {
		x.fail(CodeStaleRevision, []string{"expectedRevision"}, "the store is at revision %d, past the expected %d: read again and decide anew", x.state.revision, *b.ExpectedRevision)
		return &Outcome{Errors: x.errs}, errNothingWritten
	}
	if x.normal(b.Note, maxShort, "note"); len(x.errs) > 0 {
		return &Outcome{Errors: x.errs}, errNothingWritten
	}
	for i := range b.Changes {
		x.path = []string{"changes", strconv.Itoa(i)}
		before := len(x.errs)
		op, id, err := x.change(&b.Changes[i])
		if err != nil {
			return nil, err
		}
		if len(x.errs) > before {
			if !each {
				x.promise(&b.Changes[i])
			}
			continue
		}
		x.results = append(x.results, Result{Index: i, Operation: op, ID: id})
	}
	if len(x.errs) > 0 && !each {
		return &Outcome{Errors: x.reported()}, errNothingWritten
	}
	out := &Outcome{Errors: x.reported(), Results: x.results}
	if len(x.entries) == 0 && b.IdempotencyKey == "" {
		return out, errNothingWritten
	}
	if len(x.entries) > 0 {
		out.Revision = x.rev
	}
	if b.DryRun {
		out.Revision = 0
		return out, errNothingWritten
	}
	return out, x.finish(b, out)
}

// promise notes what a failed change would have made.
func (x *tx) promise(c *Change) {
	switch {
	case c.PutEntity != nil:
		x.promised[c.PutEntity.ID] = true
	case c.PutDocument != nil:
		x.promised[c.PutDocument.ID] = true
	case c.PutRelationType != nil:
		x.promised[c.PutRelationType.ID] = true
	}
}

func (x *tx) change(c *Change) (Operation, string, error) {
	set := 0
	for _, given := range []bool{c.PutEntity != nil, c.PutDocument != nil, c.AddRelation != nil, c.RetractCitation != nil, c.RetractRelation != nil,
		c.MergeEntities != nil, c.UnmergeEntities != nil, c.DeleteEntity != nil, c.PutRelationType != nil} {
		set += int(flag(given))
	}
	if set != 1 {
		x.fail(CodeInvalid, nil, "a change is exactly one of putEntity, putDocument, addRelation, retractCitation, retractRelation, mergeEntities, unmergeEntities, deleteEntity and putRelationType; this one is %d of them", set)
		return "", "", nil
	}
	switch {
	case c.PutEntity != nil:
		return x.under("putEntity").putEntity(c.PutEntity)
	case c.PutDocument != nil:
		return x.under("putDocument").putDocument(c.PutDocument)
	case c.AddRelation != nil:
		return x.under("addRelation").addRelation(c.AddRelation)
	case c.RetractCitation != nil:
		return x.under("retractCitation").retractCitation(c.RetractCitation)
	case c.RetractRelation != nil:
		return x.under("retractRelation").retractRelation(c.RetractRelation)
	case c.MergeEntities != nil:
		return x.under("mergeEntities").mergeEntities(c.MergeEntities)
	case c.UnmergeEntities != nil:
		return x.under("unmergeEntities").unmergeEntities(c.UnmergeEntities)
	case c.DeleteEntity != nil:
		return x.under("deleteEntity").deleteEntity(c.DeleteEntity)
	default:
		return x.under("putRelationType").putRelationType(c.PutRelationType)
	}
}

func (x *tx) under(name string) *tx {
	x.path = append(x.path, name)
	return x
}

// fail notes a mistake at a place below the change at hand.
func (x *tx) fail(code UserErrorCode, at []string, format string, args ...any) {
	x.errs = append(x.errs, UserError{Code: code, Message: fmt.Sprintf(format, args...), Path: slices.Concat(x.path, at)})
}

// cascade notes a mistake that only follows from an earlier one. It keeps the change from being written and is not reported.
func (x *tx) cascade() { x.errs = append(x.errs, UserError{}) }

// reported are the mistakes without those that only follow from others.
func (x *tx) reported() []UserError {
	return slices.DeleteFunc(x.errs, func(e UserError) bool { return e.Code == "" })
}

// replay answers a batch whose idempotency key was seen before.
func (x *tx) replay(b *Batch) (*Outcome, error) {
	if b.IdempotencyKey == "" {
		return nil, nil
	}
	at := []string{"idempotencyKey"}
	if checkID(b.IdempotencyKey) != "" {
		x.fail(CodeInvalid, at, "an idempotency key has 1 to 200 code points and no white space")
		return &Outcome{Errors: x.errs}, errNothingWritten
	}
	v, err := x.get(x.ctx, tableIdempotency.key().str(b.IdempotencyKey).row())
	if err != nil || v == nil {
		return nil, err
	}
	var seen idempotentOutcome
	if err := json.Unmarshal(v, &seen); err != nil {
		return nil, damaged("idempotency key %q", b.IdempotencyKey)
	}
	if !bytes.Equal(seen.Input, hashOf(b)) {
		x.fail(CodeConflict, at, "the idempotency key %s was used for another input: use a new key for a new input", quoted(b.IdempotencyKey))
		return &Outcome{Errors: x.errs}, errNothingWritten
	}
	return &Outcome{Revision: seen.Revision, Replayed: true, Results: seen.Results}, errNothingWritten
}

// idempotentOutcome is kept under an idempotency key.
type idempotentOutcome struct {
	Input    []byte
	Revision Revision
	Results  []Result
}

// hashOf identifies the input of a batch.
func hashOf(b *Batch) []byte {
	j, err := json.Marshal(struct {
		Changes  []Change
		Expected *Revision
		DryRun   bool
		Note     string
	}{b.Changes, b.ExpectedRevision, b.DryRun, b.Note})
	if err != nil {
		panic("graph: a batch cannot be encoded: " + err.Error())
	}
	h := sha256.Sum256(j)
	return h[:]
}

// finish writes what a batch comes to besides its rows: its outcome under its key, the counts, the commit.
func (x *tx) finish(b *Batch, out *Outcome) error {
	if b.IdempotencyKey != "" {
		v, err := json.Marshal(idempotentOutcome{hashOf(b), out.Revision, out.Results})
		if err != nil {
			return err
		}
		if err := x.t.Set(tableIdempotency.key().str(b.IdempotencyKey).row(), v); err != nil {
			return err
		}
	}
	if len(x.entries) == 0 {
		return x.t.Set(stateKey, x.state.encode())
	}
	for _, code := range slices.Sorted(maps.Keys(x.counts)) {
		var e enc
		e.u(uint64(x.counts[code]))
		if err := x.put(tableTypeCount.key().u32(code).logical(), e); err != nil {
			return err
		}
		x.w.counts[code] = x.counts[code]
	}
	return x.record(b)
}

// record writes the commit and the state that make the revision.
func (x *tx) record(b *Batch) error {
	x.state.revision, x.state.mark = x.rev, rand.Uint64()
	x.state.at = max(x.w.g.now().UnixNano(), x.state.at+1)
	c := commitRecord{at: x.state.at, by: b.By, note: b.Note, counts: x.state.counts, vocabulary: x.state.vocabulary, documents: x.state.documents, changes: x.entries}
	if err := x.t.Set(tableCommit.key().u64(uint64(x.rev)).row(), c.encode()); err != nil {
		return err
	}
	return x.t.Set(stateKey, x.state.encode())
}
