package graph

import (
	"context"
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"chancery/graph/search"
	"chancery/graph/vocab"
)

// SearchScope is where a search looks.
type SearchScope string

// The scopes: names of entities, quotes of live citations, and titles and texts of documents.
const (
	InEntities  SearchScope = "entities"
	InQuotes    SearchScope = "quotes"
	InDocuments SearchScope = "documents"
)

// SearchScopes lists them in the contract's order.
var SearchScopes = []SearchScope{InEntities, InQuotes, InDocuments}

// SearchHit is one find: an entity by its names, a relation by a quote, or a document by its title or text.
type SearchHit struct {
	Node       Node
	Score      float64
	Highlights []Highlight
}

// Highlight is a piece of what was searched, with the places of the words found.
type Highlight struct {
	Field string // name, quote, title or text
	Text  string
	Spans []Span // in order, apart from each other
}

// Span is a half-open range of code points.
type Span struct{ Start, End int }

// Bounds of one search.
const (
	maxTextHits      = 5_000 // that are ranked, in each scope
	maxTextsRead     = 200   // of documents that were changed since they were indexed, to see whether they still have the words; further ones are left out
	maxQuery         = 1_000 // code points
	rankingCacheSize = 32
)

// rankingKey names the ranking that a walk goes through.
type rankingKey struct {
	list [8]byte
	rev  Revision
}

// ranking is what a search found, the best first.
type ranking struct {
	hits  walk[rankedHit]
	total int
}

// rankedHit is a hit without what it shows. Kind is changedEntity, changedRelation or changedDocument.
type rankedHit struct {
	kind  byte
	num   uint64
	score float64
}

// Search finds entities by their names, relations by quotes and documents by title and text, the best first.
//
// Scores are comparable between the scopes. An entity has 3 where one of its names is the query, 2 where every word of
// it is in its main name, 1.75 where some are in other names, 1.5 and 1.25 where they are spelled otherwise, and 1
// where there is a typo; to which comes log(1+n)/log(1001) for its n relations, of which 1,000 count. A text has b/(1+b)
// for its BM25 sum b, less than 1. Kinds keep entities alone from being found.
//
// Quotes and texts are found as the text index has them, see [View.TextState], and shown as the view
// has them: what the view does not have, or not with these words, is not shown. The best 5,000 of each scope are ranked; what the index has beyond is in the total.
// Walks go forward only, each through one ranking as long as it is kept, of which there are 32.
func (v *View) Search(ctx context.Context, query string, in []SearchScope, kinds []vocab.Kind, p PageArgs) (*Page[*SearchHit], error) {
	switch {
	case strings.TrimSpace(query) == "":
		return nil, badInput("the query is empty: give at least one word")
	case runeCount(query) > maxQuery:
		return nil, badInput("the query has %d code points; give at most %d", runeCount(query), maxQuery)
	case len(in) == 0:
		return nil, badInput("in is empty: name where to look, one or more of %s", listed(SearchScopes))
	case p.Last != nil || p.Before != nil:
		return nil, badInput("a search is walked forward only: give first and after")
	}
	r, w, err := v.open(ctx, listID("search", query, in, kinds), p)
	if err != nil {
		return nil, err
	}
	found, err := w.ranked(ctx, r, query, in, kinds)
	if err != nil {
		return nil, err
	}
	items, page := []rankedHit{}, &Page[rankedHit]{Revision: w.rev}
	if r.size > 0 {
		if items, page, err = collect(ctx, r, w.rev, false, found.hits); err != nil {
			return nil, err
		}
	}
	hits, m := make([]*SearchHit, len(items)), search.NewMatcher(query)
	for i, h := range items {
		if hits[i], err = w.hit(ctx, h, query, m); err != nil {
			return nil, err
		}
	}
	out := paged(page, hits)
	out.total = func() (int, error) { return found.total, nil }
	return out, nil
}

// ranked is the ranking of a search: for a further page that of the page before, if it is still kept.
func (v *View) ranked(ctx context.Context, r request, query string, in []SearchScope, kinds []vocab.Kind) (*ranking, error) {
	key := rankingKey{r.list, v.rev}
	if r.after != nil {
		if found, ok := v.g.rankings.Get(key); ok {
			return found, nil
		}
	}
	out, all := &ranking{}, []keyed[rankedHit]{}
	for _, scope := range SearchScopes {
		if !slices.Contains(in, scope) {
			continue
		}
		var hits []rankedHit
		var total int
		var err error
		switch {
		case scope == InEntities:
			hits, err = v.searchNames(ctx, query, kinds)
			total = len(hits)
		case v.g.indexer == nil:
			continue
		case scope == InQuotes:
			hits, total, err = v.searchTexts(ctx, query, search.Relation)
		default:
			hits, total, err = v.searchTexts(ctx, query, search.Document)
		}
		if err != nil {
			return nil, err
		}
		out.total += total
		for _, h := range hits {
			k := binary.BigEndian.AppendUint64(nil, ^math.Float64bits(h.score)) // scores are positive
			all = append(all, keyed[rankedHit]{binary.BigEndian.AppendUint64(append(k, h.kind), h.num), h})
		}
	}
	out.hits = sorted(all)
	v.g.rankings.Add(key, out)
	return out, nil
}

// nameScores are the scores of matches of names, before what comes to them for being known.
var nameScores = map[int]float64{-1: 3, inMainName: 2, inOtherName: 1.75, inMainNameOtherwise: 1.5, inOtherNameOtherwise: 1.25}

func (v *View) searchNames(ctx context.Context, query string, kinds []vocab.Kind) ([]rankedHit, error) {
	found, err := v.findNames(ctx, query, kinds, false)
	if err != nil {
		return nil, err
	}
	out := make([]rankedHit, len(found))
	for i, m := range found {
		score, ok := nameScores[m.cost]
		if !ok {
			score = 1
		}
		if i < maxRanked {
			n, err := v.fame(ctx, m.num, maxFame)
			if err != nil {
				return nil, err
			}
			score += math.Log1p(float64(n)) / math.Log1p(maxFame)
		}
		out[i] = rankedHit{changedEntity, m.num, score}
	}
	return out, nil
}

// searchTexts finds what the index has and the view shows. The total is that of the index, without what the view does not show of the hits.
func (v *View) searchTexts(ctx context.Context, query string, kind search.Kind) ([]rankedHit, int, error) {
	found, err := v.g.indexer.index.Find(ctx, query, kind, maxTextHits)
	if err != nil {
		return nil, 0, err
	}
	nums := make([]uint64, len(found.Hits))
	for i, h := range found.Hits {
		nums[i] = h.Num
	}
	shown, err := v.shownAsIndexed(ctx, nums, kind, Revision(found.Low), Revision(found.High))
	if err != nil {
		return nil, 0, err
	}
	m, texts := search.NewMatcher(query), 0
	out := make([]rankedHit, 0, len(found.Hits))
	for i, h := range found.Hits {
		ok := shown[i] == asIndexed
		if shown[i] == changedSince && (kind == search.Relation || texts < maxTextsRead) {
			texts++
			if ok, err = v.hasWords(ctx, h.Key, m); err != nil {
				return nil, 0, err
			}
		}
		if ok {
			out = append(out, rankedHit{byte(kind), h.Num, h.Score / (1 + h.Score)})
		}
	}
	return out, found.Total - (len(found.Hits) - len(out)), nil
}

// How a view shows an entry of the index.
const (
	notThere     = iota
	asIndexed    // as it was when it was indexed
	changedSince // in another version, which may lack the words
)

// shownAsIndexed tells of documents or relations how the view shows them, against an index whose entries are in their states after revisions from low to high.
func (v *View) shownAsIndexed(ctx context.Context, nums []uint64, kind search.Kind, low, high Revision) ([]int, error) {
	here, err := v.changedLast(ctx, nums, kind)
	if err != nil {
		return nil, err
	}
	there := here
	switch {
	case high > v.newest:
		there = nil // by a commit since the view was opened: nothing is known
	case high > v.rev:
		w, err := v.At(ctx, high)
		if err != nil {
			return nil, err
		}
		if there, err = w.changedLast(ctx, nums, kind); err != nil {
			return nil, err
		}
	}
	out := make([]int, len(nums))
	for i, rev := range here {
		switch {
		case rev == 0:
			out[i] = notThere
		case there != nil && rev <= low && there[i] == rev:
			out[i] = asIndexed
		default:
			out[i] = changedSince
		}
	}
	return out, nil
}

// changedLast are the last revisions that changed documents or relations; 0 for one that is not there yet.
func (v *View) changedLast(ctx context.Context, nums []uint64, kind search.Kind) ([]Revision, error) {
	keys := make([][]byte, len(nums))
	if kind == search.Document {
		for i, n := range nums {
			keys[i] = tableDocument.key().u64(n).logical()
		}
		_, wrote, err := v.latestMany(ctx, keys)
		return wrote, err
	}
	for i, n := range nums {
		keys[i] = tableRelation.key().u64(n).row()
	}
	records, err := v.r.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, n := range nums {
		keys[i] = tableRelationHead.key().u64(n).logical()
	}
	_, wrote, err := v.latestMany(ctx, keys)
	if err != nil {
		return nil, err
	}
	for i, b := range records {
		if b == nil {
			continue // of a later commit than the snapshot has
		}
		r, err := decodeRelation(b)
		if err != nil {
			return nil, damaged("relation %d", nums[i])
		}
		if r.created <= v.rev {
			wrote[i] = max(wrote[i], r.created)
		}
	}
	return wrote, nil
}

// hasWords looks the words of a query up in what the view shows of a document or relation.
func (v *View) hasWords(ctx context.Context, k search.Key, m *search.Matcher) (bool, error) {
	has := map[int]bool{}
	look := func(s, lang string) {
		_, found := m.Find(s, lang)
		for i := range found {
			has[i] = true
		}
	}
	if k.Kind == search.Document {
		d, err := v.document(ctx, k.Num)
		if err != nil {
			return false, err
		}
		s, _, err := d.Text(ctx, nil, nil)
		if err != nil {
			return false, err
		}
		look(d.Title, d.Lang)
		look(s, d.Lang)
		return len(has) == m.Words(), nil
	}
	quotes, err := v.quotesOf(ctx, k.Num)
	for _, q := range quotes {
		look(q.Text, q.Lang)
	}
	return err == nil && len(has) == m.Words(), err
}
