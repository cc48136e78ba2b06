package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/whitespace"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"
	bolterrors "go.etcd.io/bbolt/errors"
)

// version is that of the terms and fields; an index of another is begun anew.
const version = "1"

// A Kind is what an entry is of.
type Kind byte

// The kinds of entries.
const (
	Document Kind = 'd'
	Relation Kind = 's'
)

// Key names an entry: the document or relation of that number.
type Key struct {
	Kind Kind
	Num  uint64
}

func (k Key) String() string { return string(k.Kind) + strconv.FormatUint(k.Num, 10) }

func parseKey(s string) (Key, error) {
	if len(s) < 2 {
		return Key{}, fmt.Errorf("search: %q is no key", s)
	}
	n, err := strconv.ParseUint(s[1:], 10, 64)
	return Key{Kind(s[0]), n}, err
}

// Text is a piece of text with the tag of its language, which may be empty.
type Text struct{ Text, Lang string }

// An Entry is what is to be found of a document, its title and text, or of a
// relation, the quotes of its live citations. An entry without texts is taken out.
type Entry struct {
	Key
	Title Text
	Texts []Text
}

// A Checkpoint says which state of which graph an index holds: that after a
// revision, and when that was recorded, which tells one graph from another. The zero value is the empty graph.
type Checkpoint struct {
	Revision uint64
	At       int64
}

// Index is the full-text index. It is safe for use by several goroutines; one at a time may write.
type Index struct {
	dir string
	log *slog.Logger

	mu  sync.RWMutex // held to write while the index is replaced
	idx bleve.Index  // nil when closed

	state sync.Mutex // guards at and next
	at    Checkpoint
	next  Checkpoint // of a batch that is being written; equal to at while there is none
}

var checkpointKey, versionKey = []byte("checkpoint"), []byte("version")

// Errors of an index.
var (
	// ErrInUse: another process has the index open.
	ErrInUse = errors.New("search: the text index is held by another process")
	// ErrClosed: the index was closed.
	ErrClosed = errors.New("search: the text index is closed")
)

// Open opens the index in a directory and makes it where there is none; one that
// cannot be opened, or is of another version, is begun anew. Without a
// directory, the index is in memory. It fails with ErrInUse.
func Open(dir string, log *slog.Logger) (*Index, error) {
	x := &Index{dir: dir, log: log}
	if dir == "" {
		return x, x.create()
	}
	err := x.reopen()
	if err == nil {
		return x, nil
	}
	if errors.Is(err, bolterrors.ErrTimeout) {
		return nil, ErrInUse
	}
	if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, bleve.ErrorIndexPathDoesNotExist) {
		log.Warn("the text index cannot be used and is begun anew", "dir", dir, "error", err)
	}
	return x, x.create()
}

func (x *Index) reopen() error {
	idx, err := bleve.OpenUsing(x.dir, map[string]any{"bolt_timeout": "2s"})
	if err != nil {
		return err
	}
	v, err := idx.GetInternal(versionKey)
	if err == nil && string(v) != version {
		err = fmt.Errorf("search: the index has version %q; this program writes %q", v, version)
	}
	var b []byte
	if err == nil {
		b, err = idx.GetInternal(checkpointKey)
	}
	if err != nil {
		return errors.Join(err, idx.Close())
	}
	x.idx = idx
	if len(b) == 16 {
		at := Checkpoint{binary.BigEndian.Uint64(b), int64(binary.BigEndian.Uint64(b[8:]))}
		x.move(at, at)
	}
	return nil
}

// create begins an empty index in place of what is there.
func (x *Index) create() error {
	if x.dir != "" {
		if err := os.RemoveAll(x.dir); err != nil {
			return fmt.Errorf("search: %w", err)
		}
	}
	m, err := fields()
	if err != nil {
		return err
	}
	idx, err := bleve.NewUsing(x.dir, m, scorch.Name, scorch.Name, nil)
	if err != nil {
		return fmt.Errorf("search: making an index: %w", err)
	}
	if err := idx.SetInternal(versionKey, []byte(version)); err != nil {
		return errors.Join(err, idx.Close())
	}
	x.idx = idx
	x.move(Checkpoint{}, Checkpoint{})
	return nil
}

// Fields of an entry. Each has the terms of its texts, separated by spaces.
const (
	fieldTitle = "title"
	fieldText  = "text"
	fieldQuote = "quote"
)

func fields() (mapping.IndexMapping, error) {
	m := bleve.NewIndexMapping()
	m.ScoringModel = index.BM25Scoring
	if err := m.AddCustomAnalyzer("terms", map[string]any{"type": custom.Name, "tokenizer": whitespace.Name}); err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	f := bleve.NewTextFieldMapping()
	f.Analyzer, f.Store, f.IncludeInAll, f.IncludeTermVectors, f.DocValues = "terms", false, false, false, false
	d := bleve.NewDocumentStaticMapping()
	for _, name := range []string{fieldTitle, fieldText, fieldQuote} {
		d.AddFieldMappingsAt(name, f)
	}
	m.DefaultMapping = d
	return m, nil
}

// Checkpoint is the state of the graph that the index holds.
func (x *Index) Checkpoint() Checkpoint {
	at, _ := x.states()
	return at
}

// states are the state that the index holds and the one that it is brought to now, if it is.
func (x *Index) states() (at, next Checkpoint) {
	x.state.Lock()
	defer x.state.Unlock()
	return x.at, x.next
}

func (x *Index) move(at, next Checkpoint) {
	x.state.Lock()
	defer x.state.Unlock()
	x.at, x.next = at, next
}

// Reset empties the index.
func (x *Index) Reset() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.shut(); err != nil {
		return err
	}
	return x.create()
}

// Apply writes entries, and the state of the graph that the index then holds, at once or not at all.
func (x *Index) Apply(entries []Entry, at Checkpoint) error {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.idx == nil {
		return ErrClosed
	}
	b := x.idx.NewBatch()
	for _, e := range entries {
		if len(e.Texts) == 0 && e.Title.Text == "" {
			b.Delete(e.String())
			continue
		}
		var body strings.Builder
		for _, t := range e.Texts {
			body.WriteString(terms(t.Text, t.Lang))
		}
		values := map[string]any{fieldQuote: body.String()}
		if e.Kind == Document {
			values = map[string]any{fieldTitle: terms(e.Title.Text, e.Title.Lang), fieldText: body.String()}
		}
		if err := b.Index(e.String(), values); err != nil {
			return fmt.Errorf("search: %w", err)
		}
	}
	mark := binary.BigEndian.AppendUint64(nil, at.Revision)
	b.SetInternal(checkpointKey, binary.BigEndian.AppendUint64(mark, uint64(at.At)))
	x.move(x.Checkpoint(), at)
	if err := x.idx.Batch(b); err != nil {
		return fmt.Errorf("search: %w", err)
	}
	x.move(at, at)
	return nil
}

// Hit is an entry that has every word of a query. Score is the BM25 sum over the words; a title counts twice.
type Hit struct {
	Key
	Score float64
}

// Found is what a query finds.
type Found struct {
	Hits  []Hit // the best first
	Total int   // how many there are, also of those beyond the hits asked for
	// Each entry was searched in its state after some revision from Low to High, of which there are several where a batch
	// was written meanwhile.
	Low, High uint64
}

// Find finds the entries of a kind that have every word of a query, and lists at most so many.
func (x *Index) Find(ctx context.Context, words string, kind Kind, most int) (*Found, error) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if x.idx == nil {
		return nil, ErrClosed
	}
	out := &Found{}
	low, _ := x.states()
	out.Low = low.Revision
	if q := queryOf(words, kind); q != nil {
		req := bleve.NewSearchRequestOptions(q.query, most, 0, false)
		req.SortBy([]string{"-_score", "_id"})
		res, err := x.idx.SearchInContext(ctx, req)
		if err != nil {
			return nil, fmt.Errorf("search: %w", err)
		}
		for _, h := range res.Hits {
			k, err := parseKey(h.ID)
			if err != nil {
				return nil, err
			}
			out.Hits = append(out.Hits, Hit{k, h.Score * q.share})
		}
		out.Total = int(min(res.Total, 1<<62))
	}
	_, high := x.states()
	out.High = high.Revision
	return out, nil
}

// asked is a query for the index. bleve divides what a word scores by the number of terms that would meet it; share undoes that.
type asked struct {
	query query.Query
	share float64
}

// queryOf asks for entries that have each word, as it is spelled or by a stem; nil for a query without words.
func queryOf(words string, kind Kind) *asked {
	var all []query.Query
	share := 1
	for _, terms := range queryTerms(words) {
		var some []query.Query
		for i, t := range terms {
			add := func(field string, boost float64) {
				q := bleve.NewTermQuery(t)
				q.SetField(field)
				if i > 0 {
					boost /= 2 // a stem says less than the word itself
				}
				q.SetBoost(boost)
				some = append(some, q)
			}
			if kind == Relation {
				add(fieldQuote, 1)
			} else {
				add(fieldText, 1)
				add(fieldTitle, 2)
			}
		}
		all = append(all, bleve.NewDisjunctionQuery(some...))
		share = max(share, len(some))
	}
	if len(all) == 0 {
		return nil
	}
	return &asked{bleve.NewConjunctionQuery(all...), float64(share)}
}

// Close ends the use of the index. It may be closed twice.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.shut()
}

func (x *Index) shut() error {
	if x.idx == nil {
		return nil
	}
	err := x.idx.Close()
	x.idx = nil
	if err != nil {
		return fmt.Errorf("search: %w", err)
	}
	return nil
}
