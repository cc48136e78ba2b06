package graph

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"chancery/graph/search"
	"chancery/store"
)

// Bounds of one batch of the text index.
const (
	maxIndexEntries = 2_000   // documents and relations
	maxIndexBytes   = 4 << 20 // of texts, beyond which a batch is closed
)

// How long the indexer waits: for commits of other processes, after a failure, and at least between two batches.
const (
	indexEvery    = 10 * time.Second
	indexRetry    = time.Minute
	indexPause    = 5 * time.Millisecond
	indexPauseMax = 250 * time.Millisecond
)

// indexer keeps the text index up with the commits.
type indexer struct {
	g     *Graph
	index *search.Index
	wake  chan struct{}
	moved chan struct{} // closed and replaced when the index has moved on; guarded by Graph.indexed
	done  chan struct{}
	stop  context.CancelFunc
}

func (g *Graph) startIndexer(ctx context.Context, x *search.Index) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	g.indexer = &indexer{g: g, index: x, wake: make(chan struct{}, 1), moved: make(chan struct{}), done: make(chan struct{}), stop: stop}
	go g.indexer.run(ctx)
}

// committed tells the indexer that there is something new.
func (x *indexer) committed() {
	if x == nil {
		return
	}
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

func (x *indexer) close() {
	if x != nil {
		x.stop()
		<-x.done
	}
}

func (x *indexer) run(ctx context.Context) {
	defer close(x.done)
	for {
		began := time.Now()
		more, err := x.step(ctx)
		wait := indexEvery
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			x.g.log.Error("the text index is not up to date", "error", err, "again in", indexRetry)
			wait = indexRetry
		case more:
			// Half of the time is left to others.
			wait = min(max(time.Since(began), indexPause), indexPauseMax)
		}
		wake := x.wake
		if more || err != nil {
			wake = nil
		}
		select {
		case <-ctx.Done():
			return
		case <-wake:
		case <-time.After(wait):
		}
	}
}

// step indexes what the next commits changed, up to the bounds of a batch, and tells whether there is more.
func (x *indexer) step(ctx context.Context) (more bool, err error) {
	v, err := x.g.View(ctx, At{})
	if err != nil {
		return false, err
	}
	defer v.Release()
	from, err := x.from(ctx, v)
	if err != nil || from == v.rev {
		return false, err
	}
	var changed []search.Key
	to := from
	for to < v.rev && len(changed) < maxIndexEntries {
		to++
		c, err := commitAt(ctx, v.rows, to)
		if err != nil {
			return false, err
		}
		for _, e := range c.changes {
			if e.kind == changedDocument || e.kind == changedRelation {
				changed = append(changed, search.Key{Kind: search.Kind(e.kind), Num: e.num})
			}
		}
	}
	w, err := v.At(ctx, to)
	if err != nil {
		return false, err
	}
	before, err := v.At(ctx, from)
	if err != nil {
		return false, err
	}
	b := &indexBatch{indexer: x, v: w, before: before, checkpoint: x.index.Checkpoint(), seen: map[search.Key]bool{}}
	if err := b.add(ctx, changed); err != nil {
		return false, err
	}
	b.checkpoint = search.Checkpoint{Revision: uint64(to), At: w.commit.at}
	if err := b.flush(); err != nil {
		return false, err
	}
	x.g.indexed.Lock()
	close(x.moved)
	x.moved = make(chan struct{})
	x.g.indexed.Unlock()
	return to < v.rev, nil
}

// from is the revision whose state the index holds. An index of another graph, or of a later state than there is, is emptied.
func (x *indexer) from(ctx context.Context, v *View) (Revision, error) {
	at := x.index.Checkpoint()
	if at == (search.Checkpoint{}) {
		return 0, nil
	}
	if rev := Revision(at.Revision); rev <= v.newest {
		c, err := commitHeadAt(ctx, v.rows, rev)
		if err != nil {
			return 0, err
		}
		if c.at == at.At {
			return rev, nil
		}
	}
	x.g.log.Warn("the text index is of another graph and is begun anew")
	return 0, x.index.Reset()
}

// indexBatch gathers entries. What goes beyond the bounds is written before the rest, with the checkpoint as it was.
type indexBatch struct {
	*indexer
	v, before  *View
	checkpoint search.Checkpoint
	seen       map[search.Key]bool
	entries    []search.Entry
	bytes      int
}

func (b *indexBatch) flush() error {
	err := b.index.Apply(b.entries, b.checkpoint)
	b.entries, b.bytes = b.entries[:0], 0
	return err
}

func (b *indexBatch) add(ctx context.Context, keys []search.Key) error {
	var relations []uint64
	for _, k := range keys {
		if b.seen[k] {
			continue
		}
		b.seen[k] = true
		if k.Kind == search.Relation {
			relations = append(relations, k.Num)
			continue
		}
		citing, err := b.document(ctx, k.Num)
		if err != nil {
			return err
		}
		if err := b.add(ctx, citing); err != nil {
			return err
		}
	}
	return b.relations(ctx, relations)
}

func (b *indexBatch) put(e search.Entry) error {
	b.entries = append(b.entries, e)
	b.bytes += len(e.Title.Text)
	for _, t := range e.Texts {
		b.bytes += len(t.Text)
	}
	if len(b.entries) >= maxIndexEntries || b.bytes >= maxIndexBytes {
		return b.flush()
	}
	return nil
}

// document adds a document, and returns the relations whose quotes are now in another language.
func (b *indexBatch) document(ctx context.Context, num uint64) ([]search.Key, error) {
	d, err := b.v.document(ctx, num)
	if err != nil {
		return nil, err
	}
	e := search.Entry{Key: search.Key{Kind: search.Document, Num: num}, Title: search.Text{Text: d.Title, Lang: d.Lang}}
	if s, stored, err := d.Text(ctx, nil, nil); err != nil {
		return nil, err
	} else if stored {
		e.Texts = []search.Text{{Text: s, Lang: d.Lang}}
	}
	if err := b.put(e); err != nil || d.created > b.before.rev {
		return nil, err
	}
	was, err := b.before.document(ctx, num)
	if err != nil || was.Lang == d.Lang {
		return nil, err
	}
	var citing []search.Key
	prefix := tableByDocument.key().u64(num).prefix()
	for r, err := range b.v.scanPlain(ctx, prefix, prefixEnd(prefix), false) {
		if err != nil {
			return nil, err
		}
		citing = append(citing, search.Key{Kind: search.Relation, Num: relationNumOf(r.key[:len(prefix)+8])})
	}
	return citing, nil
}

// relationsPerRead is how many relations' citations are read in one round trip.
const relationsPerRead = 500

// relations adds the quotes of the live citations of relations. Relations without words, which had none before, are left out.
func (b *indexBatch) relations(ctx context.Context, nums []uint64) error {
	for part := range slices.Chunk(nums, relationsPerRead) {
		ranges := make([]store.Range, len(part))
		for i, num := range part {
			prefix := tableCitation.key().u64(num).prefix()
			ranges[i] = store.Range{Start: prefix, End: prefixEnd(prefix)}
		}
		found, err := b.v.r.ScanMany(ctx, ranges)
		if err != nil {
			return err
		}
		for i, versions := range found {
			if err := b.relation(ctx, part[i], versions); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *indexBatch) relation(ctx context.Context, num uint64, versions []store.KV) error {
	quotes, err := b.v.quotesIn(ctx, versions)
	if err != nil {
		return err
	}
	if len(quotes) == 0 {
		if had, err := b.before.quotesIn(ctx, versions); err != nil || len(had) == 0 {
			return err
		}
	}
	return b.put(search.Entry{Key: search.Key{Kind: search.Relation, Num: num}, Texts: quotes})
}

// quotesOf are the different quotes of a relation's live citations, with the languages of their documents.
func (v *View) quotesOf(ctx context.Context, num uint64) ([]search.Text, error) {
	prefix := tableCitation.key().u64(num).prefix()
	found, err := v.r.ScanMany(ctx, []store.Range{{Start: prefix, End: prefixEnd(prefix)}})
	if err != nil {
		return nil, err
	}
	return v.quotesIn(ctx, found[0])
}

// quotesIn are the different quotes of the citations among whose versions the view's is live.
func (v *View) quotesIn(ctx context.Context, versions []store.KV) ([]search.Text, error) {
	var out []search.Text
	var last []byte
	for _, kv := range versions {
		logical, wrote := splitVersion(kv.Key)
		if wrote > v.rev || bytes.Equal(logical, last) {
			continue
		}
		last = logical
		p, ok := payload(kv.Value)
		if !ok {
			continue
		}
		c, err := decodeCitation(p)
		if err != nil {
			return nil, damaged("citation %x", logical)
		}
		if c.retracted != 0 || c.quote == "" {
			continue
		}
		d, err := v.document(ctx, c.document)
		if err != nil {
			return nil, err
		}
		if t := (search.Text{Text: c.quote, Lang: d.Lang}); !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out, nil
}

// TextState is how far the text index has come.
type TextState struct {
	Revision Revision // quotes and documents are found as they were after this one
	Lag      int      // commits since
}

// TextState reads it. It reports false where the graph has no text index.
func (v *View) TextState() (TextState, bool) {
	if v.g.indexer == nil {
		return TextState{}, false
	}
	at := min(Revision(v.g.indexer.index.Checkpoint().Revision), v.newest)
	return TextState{at, int(v.newest - at)}, true
}

// AwaitText waits until the text index holds a revision, or ctx ends.
func (g *Graph) AwaitText(ctx context.Context, rev Revision) error {
	if g.indexer == nil {
		return errors.New("the graph has no text index")
	}
	for {
		g.indexed.Lock()
		moved := g.indexer.moved
		g.indexed.Unlock()
		if Revision(g.indexer.index.Checkpoint().Revision) >= rev {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-moved:
		}
	}
}
