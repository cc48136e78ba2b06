package graph

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"chancery/graph/search"
	"chancery/graph/vocab"
	"chancery/store"
)

// Options of a graph. The zero value is usable.
type Options struct {
	Logger   *slog.Logger     // nil: nothing is logged
	Now      func() time.Time // the clock; nil: time.Now
	ReadOnly bool             // refuse writes
	Text     *search.Index    // the index of quotes and documents, which the graph keeps up to date and does not close; nil: texts are not searched
	Visits   int              // relations that one neighbourhood or search for paths looks at, at most; 0: DefaultVisits
	Patience time.Duration    // how long one of them takes, at most; 0: DefaultPatience
}

// Budgets of a traversal, where Options leave them open. It takes no longer than half of the time that is left for the operation.
const (
	DefaultVisits   = 5_000_000
	DefaultPatience = 3 * time.Second
)

// Graph is the whole graph in one store. It is safe for use by several goroutines.
type Graph struct {
	store    store.Store
	log      *slog.Logger
	now      func() time.Time
	readOnly bool
	visits   int
	patience time.Duration

	bundled  []vocab.Type
	writer   *writer
	commits  *store.Committer
	indexer  *indexer                         // of texts; nil for none
	indexed  sync.Mutex                       // guards what waits for the indexer
	rankings *lru.Cache[rankingKey, *ranking] // of searches that are being paged through
	feeds    feeds

	vocabulary struct {
		sync.Mutex
		newest, older madeVocabulary // older: the last one asked for besides the newest
	}
	evidence *lru.Cache[evidenceKey, *evidence] // of relations with many citations
	sources  *lru.Cache[sourceKey, *source]     // what status and support need of documents
	arrays   arrays

	closing context.Context // ends when the graph is closed
	close   context.CancelFunc
}

// Sizes of the caches, in entries. An evidence entry takes about 40 bytes a
// citation, a source about 150 bytes.
const (
	evidenceCacheSize = 256
	sourceCacheSize   = 65_536
)

var formatKey = tableMeta.key().str("format").row()
var stateKey = tableMeta.key().str("state").row()

// Open opens the graph in a store and creates it in an empty one. A store of
// format 1 is brought to the present format, unless it is opened for reading
// alone, which fails. Open fails on a store written by another format, saying which.
func Open(ctx context.Context, st store.Store, o Options) (*Graph, error) {
	g := &Graph{store: st, log: o.Logger, now: o.Now, readOnly: o.ReadOnly, visits: cmp.Or(o.Visits, DefaultVisits), patience: cmp.Or(o.Patience, DefaultPatience)}
	g.closing, g.close = context.WithCancel(context.WithoutCancel(ctx))
	if g.log == nil {
		g.log = slog.New(slog.DiscardHandler)
	}
	if g.now == nil {
		g.now = time.Now
	}
	var err error
	if g.bundled, err = vocab.Bundled(); err != nil {
		return nil, err
	}
	if g.evidence, err = lru.New[evidenceKey, *evidence](evidenceCacheSize); err != nil {
		return nil, err
	}
	if g.sources, err = lru.New[sourceKey, *source](sourceCacheSize); err != nil {
		return nil, err
	}
	if g.rankings, err = lru.New[rankingKey, *ranking](rankingCacheSize); err != nil {
		return nil, err
	}
	if err := g.checkFormat(ctx); err != nil {
		return nil, err
	}
	g.writer = newWriter(g)
	g.commits = store.NewCommitter(st, store.CommitterOptions{Logger: g.log})
	if o.Text != nil {
		g.startIndexer(ctx, o.Text)
	}
	return g, nil
}

// checkFormat refuses a store of another format, brings one of format 1 to the present one, and marks an empty one.
func (g *Graph) checkFormat(ctx context.Context) error {
	s, err := g.store.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		return err
	}
	defer s.Release()
	v, err := (rows{r: s}).get(ctx, formatKey)
	if err != nil {
		return err
	}
	if v == nil {
		for _, err := range s.Scan(ctx, store.Range{Limit: 1, KeysOnly: true}) {
			if err != nil {
				return err
			}
			return fmt.Errorf("the store holds something other than a graph: choose another place for it")
		}
		if g.readOnly {
			return nil
		}
		_, err = store.Update(ctx, g.store, func(t store.Txn) error {
			return t.Set(formatKey, []byte{FormatVersion})
		})
		return err
	}
	if len(v) == 1 && v[0] == formatWithoutWords {
		return g.addNameWords(ctx)
	}
	if len(v) != 1 || v[0] != FormatVersion {
		return fmt.Errorf("the store has format %x and this program reads format %d: use the program that wrote it to export, and import that", v, FormatVersion)
	}
	return nil
}

// Close waits for the writes under way and refuses further ones. The store stays open.
func (g *Graph) Close() error {
	g.close()
	g.arrays.done.Wait()
	g.commits.Close()
	g.indexer.close()
	return nil
}

// Engine is the name of the storage engine, e.g. "badger".
func (g *Graph) Engine() string { return g.store.Caps().Engine }

// Ping fails when the storage engine cannot serve reads and writes now.
func (g *Graph) Ping(ctx context.Context) error { return g.store.Ping(ctx) }

// CommitStats are the counters of the one writer.
func (g *Graph) CommitStats() store.CommitterStats { return g.commits.Stats() }

// At names a state of the graph. At most one field is set; the zero value is the newest state.
type At struct {
	Revision *Revision  // exactly the state after this revision
	Time     *time.Time // the newest state recorded at or before this instant
	AtLeast  *Revision  // the newest state, which must have reached this revision
}

// View opens the graph at one state. Release it when its answers were read.
func (g *Graph) View(ctx context.Context, at At) (*View, error) {
	if given := flag(at.Revision != nil) + flag(at.Time != nil) + flag(at.AtLeast != nil); given > 1 {
		return nil, badInput("a snapshot is named by revision, at or atLeast: give one of them, not %d", given)
	}
	s, err := g.store.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		return nil, err
	}
	v, err := g.viewOn(ctx, s, at)
	if err != nil {
		s.Release()
		return nil, err
	}
	return v, nil
}

func (g *Graph) viewOn(ctx context.Context, s store.Snapshot, at At) (*View, error) {
	state, err := readState(ctx, rows{r: s})
	if err != nil {
		return nil, err
	}
	v := &View{g: g, snapshot: s, newest: state.revision, pinned: at.Revision != nil || at.Time != nil}
	rev := state.revision
	switch {
	case at.Revision != nil:
		rev = *at.Revision
	case at.AtLeast != nil && *at.AtLeast > state.revision:
		return nil, &Error{Kind: Unavailable, Message: fmt.Sprintf("revision %d is not there yet; the newest is %d: try again shortly", *at.AtLeast, state.revision)}
	case at.Time != nil:
		if rev, err = revisionAt(ctx, s, state.revision, *at.Time); err != nil {
			return nil, err
		}
	}
	return v.At(ctx, rev)
}

func readState(ctx context.Context, s rows) (stateRecord, error) {
	b, err := s.get(ctx, stateKey)
	if err != nil || b == nil {
		return stateRecord{}, err
	}
	st, err := decodeState(b)
	if err != nil {
		return st, damaged("the state row")
	}
	return st, nil
}

// commitAt reads a commit whole.
func commitAt(ctx context.Context, s rows, rev Revision) (*commitRecord, error) {
	b, err := commitRow(ctx, s, rev)
	if err != nil {
		return nil, err
	}
	c, err := decodeCommit(b)
	if err != nil {
		return nil, damaged("commit %d", rev)
	}
	return c, nil
}

// commitHeadAt reads a commit without its list of changes.
func commitHeadAt(ctx context.Context, s rows, rev Revision) (*commitRecord, error) {
	b, err := commitRow(ctx, s, rev)
	if err != nil {
		return nil, err
	}
	d := &dec{b: b}
	c := d.commitHead()
	if d.bad {
		return nil, damaged("commit %d", rev)
	}
	return c, nil
}

func commitRow(ctx context.Context, s rows, rev Revision) ([]byte, error) {
	b, err := s.get(ctx, tableCommit.key().u64(uint64(rev)).row())
	if err == nil && b == nil {
		return nil, damaged("commit %d is missing", rev)
	}
	return b, err
}

// revisionAt finds the newest revision recorded at or before t by bisection; times grow with revisions.
func revisionAt(ctx context.Context, r store.Reader, newest Revision, t time.Time) (Revision, error) {
	lo, hi := Revision(0), newest
	for lo < hi {
		mid := lo + (hi-lo+1)/2
		c, err := commitHeadAt(ctx, rows{r: r}, mid)
		if err != nil {
			return 0, err
		}
		if time.Unix(0, c.at).After(t) {
			hi = mid - 1
		} else {
			lo = mid
		}
	}
	return lo, nil
}
