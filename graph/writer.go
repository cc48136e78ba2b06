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
	"slices"
	"strconv"

	lru "github.com/hashicorp/golang-lru/v2"

	"chancery/graph/text"
	"chancery/graph/vocab"
	"chancery/store"
)

// writer keeps what the one writer read before, so that a bulk import need not
// read it again. What it keeps is good for the state after one revision, and is
// dropped when a transaction begins at any other.
type writer struct {
	g       *Graph
	rev     Revision
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
	out, err := x.apply(b, each)
	if err != nil && len(x.entries) > 0 {
		w.valid = false // what was kept speaks of writes that will not be
		return out, err
	}
	w.rev, w.valid = x.state.revision, true
	w.trim()
	return out, err
}

func (w *writer) begin(ctx context.Context, t store.Txn) (*tx, error) {
	x := &tx{rows: rows{r: t, rev: math.MaxUint64}, ctx: ctx, t: t, w: w,
		promised: map[string]bool{}, place: map[[2]uint64]int{}, counts: map[uint32]int{}}
	var err error
	if x.state, err = readState(ctx, x.rows); err != nil {
		return nil, err
	}
	if !w.valid || w.rev != x.state.revision {
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
	if b.ExpectedRevision != nil && x.state.revision > *b.ExpectedRevision {
		x.fail(CodeStaleRevision, []string{"expectedRevision"}, "the store is at revision %d, past the expected %d: read again and decide anew", x.state.revision, *b.ExpectedRevision)
		return &Outcome{Errors: x.errs}, errNothingWritten
	}
	replay, err := x.replay(b)
	if replay != nil || err != nil {
		return replay, err
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
	x.state.revision = x.rev
	x.state.at = max(x.w.g.now().UnixNano(), x.state.at+1)
	c := commitRecord{at: x.state.at, by: b.By, note: b.Note, counts: x.state.counts, vocabulary: x.state.vocabulary, documents: x.state.documents, changes: x.entries}
	if err := x.t.Set(tableCommit.key().u64(uint64(x.rev)).row(), c.encode()); err != nil {
		return err
	}
	return x.t.Set(stateKey, x.state.encode())
}

// put writes a version of a row.
func (x *tx) put(logical []byte, payload []byte) error {
	v := make([]byte, 1, 1+len(payload))
	v[0] = present
	return x.t.Set(appendVersion(logical, x.rev), append(v, payload...))
}

// drop writes the version that says that a row is gone.
func (x *tx) drop(logical []byte) error {
	return x.t.Set(appendVersion(logical, x.rev), []byte{tombstone})
}

// touched notes in the commit that an object was changed; what a batch does to one object last, or the fact that it made it, counts.
func (x *tx) touched(kind byte, num uint64, op Operation) {
	k := [2]uint64{uint64(kind), num}
	if i, ok := x.place[k]; ok {
		if x.entries[i].op != Created {
			x.entries[i].op = op
		}
		return
	}
	x.place[k] = len(x.entries)
	x.entries = append(x.entries, changeEntry{kind, op, num})
}

// addToType counts live relations of a type up or down.
func (x *tx) addToType(code uint32, by int) error {
	n, ok := x.counts[code]
	if !ok {
		if n, ok = x.w.counts[code]; !ok {
			var err error
			if n, err = x.typeCount(x.ctx, code); err != nil {
				return err
			}
		}
	}
	x.counts[code] = n + by
	return nil
}

// node finds a node by its exact id.
func (x *tx) node(id string) (nodeRef, error) {
	if n, ok := x.w.nodes[id]; ok {
		return n, nil
	}
	n, err := x.nodeByID(x.ctx, id)
	if err == nil && n.num != 0 {
		x.w.nodes[id] = n
	}
	return n, err
}

func (x *tx) head(num uint64) (entityHead, error) {
	if h, ok := x.w.heads[num]; ok {
		return h, nil
	}
	r, _, err := x.entityRecord(x.ctx, num)
	if err != nil {
		return entityHead{}, err
	}
	h := entityHead{r.kind, r.deleted}
	x.w.heads[num] = h
	return h, nil
}

func (x *tx) doc(num uint64) (*documentRecord, error) {
	if d, ok := x.w.docs[num]; ok {
		return d, nil
	}
	d, _, err := x.documentRecord(x.ctx, num)
	if err == nil {
		x.w.docs[num] = d
	}
	return d, err
}

// index reads the whole text of a document.
func (x *tx) index(num uint64, d *documentRecord) (*text.Index, error) {
	k := textKey{num, d.textRev}
	if ix, ok := x.w.indexes.Get(k); ok {
		return ix, nil
	}
	s, err := x.text(x.ctx, num, d.textRev, 0, d.length)
	if err != nil {
		return nil, err
	}
	ix := text.NewIndex(s)
	x.w.indexes.Add(k, ix)
	return ix, nil
}

// entityRef finds the live entity that an input names, by exact id or external id. It notes a mistake and
// returns 0 when there is none; the id returned is the entity's own.
func (x *tx) entityRef(id string, at ...string) (num uint64, exact string, err error) {
	if id == "" {
		x.fail(CodeRequired, at, "the id of an entity is required here")
		return 0, "", nil
	}
	n, err := x.node(id)
	if err != nil {
		return 0, "", err
	}
	exact = id
	if n.num == 0 {
		if n, err = x.lookup(x.ctx, id); err != nil {
			return 0, "", err
		}
		if n.num != 0 && n.kind == changedEntity {
			r, _, err := x.entityRecord(x.ctx, n.num)
			if err != nil {
				return 0, "", err
			}
			exact = r.id
		}
	}
	if n.num != 0 && n.kind != changedEntity {
		x.fail(CodeInvalid, at, "%s is a document; an entity is needed here", quoted(id))
		return 0, "", nil
	}
	if n.num != 0 {
		h, err := x.head(n.num)
		if err != nil || !h.deleted {
			return n.num, exact, err
		}
	}
	return 0, "", x.missing("entity", id, at)
}

// documentRef is entityRef for documents.
func (x *tx) documentRef(id string, at ...string) (uint64, error) {
	if id == "" {
		x.fail(CodeRequired, at, "the id of a document is required here")
		return 0, nil
	}
	n, err := x.node(id)
	if err != nil {
		return 0, err
	}
	if n.num != 0 && n.kind != changedDocument {
		x.fail(CodeInvalid, at, "%s is an entity; a document is needed here", quoted(id))
		return 0, nil
	}
	if n.num != 0 {
		return n.num, nil
	}
	return 0, x.missing("document", id, at)
}

func (x *tx) missing(what, id string, at []string) error {
	if x.promised[id] {
		x.cascade()
		return nil
	}
	near, err := x.nearestIDs(x.ctx, id)
	if err != nil {
		return err
	}
	x.fail(CodeNotFound, at, "no %s has the id %s%s", what, quoted(id), didYouMean(near))
	return nil
}

// nearestIDs are up to three known ids that look like id, sought among those that begin alike.
func (s rows) nearestIDs(ctx context.Context, id string) ([]string, error) {
	const most = 2_000
	r := []rune(id)
	start := string(r[:len(r)/2])
	lo := tableID.key().str(start).stringPrefix()
	var known []string
	for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: store.PrefixEnd(lo), Limit: most, KeysOnly: true}) {
		if err != nil {
			return nil, err
		}
		if parts, _, ok := tableID.parse(kv.Key); ok {
			known = append(known, parts[0].text)
		}
	}
	return text.Nearest(id, slices.Values(known), 3), nil
}
