package graph

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"chancery/graph/text"
	"chancery/graph/vocab"
	"chancery/store"
)

// Bounds of the work of one look-up by name.
const (
	maxQueryWords = 8      // words of a query that count
	maxWordRows   = 20_000 // rows read for one word
	maxTypoKeys   = 50_000 // keys looked at for words that are spelled nearly so
	maxTypoWords  = 32     // such words that are followed
	maxRanked     = 2_000  // entities of which it is asked how well they are known
	fewMatches    = 3      // below so many matches, nearly equal words are looked for as well
)

// How well a word of a query meets a word of a name, the better the smaller. A
// word of the same script that is spelled otherwise comes after those that are spelled as typed; a word of another script has no one spelling.
const (
	inMainName = iota
	inOtherName
	inMainNameOtherwise
	inOtherNameOtherwise
	nearlySo // and two more for each edit; one more where it is not in the main name
)

// nameMatch is an entity, after merges, whose names meet a query.
type nameMatch struct {
	num  uint64
	cost int // of its worst word; -1: one of its names is the query
}

// Suggest finds entities by what was typed so far of their names: every word
// begins a word of one of the entity's names, in any script and order. First come
// those that have the whole of it as a name, then those whose main name is met,
// then the others, and last those that are met with one typo in a word of 5
// letters or two in one of 8; in each group the best known are first. An empty prefix finds nothing. At most 20,000 rows are read for each word.
func (v *View) Suggest(ctx context.Context, prefix string, kinds []vocab.Kind, first int) ([]*Entity, error) {
	if first < 0 {
		return nil, badInput("first is %d; it is 0 or more", first)
	}
	found, err := v.findNames(ctx, prefix, kinds, true)
	if err != nil {
		return nil, err
	}
	ranked, err := v.bestKnown(ctx, found, first)
	if err != nil {
		return nil, err
	}
	out := make([]*Entity, len(ranked))
	for i, m := range ranked {
		if out[i], err = v.entity(ctx, m.num); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nameQuery is a query by name. Its words begin words of names where prefix is set, and are words of names where it is not.
type nameQuery struct {
	v      *View
	kinds  []vocab.Kind
	prefix bool
}

// findNames finds the entities whose names meet a query, the best group first, in no order inside a group.
func (v *View) findNames(ctx context.Context, query string, kinds []vocab.Kind, prefix bool) ([]nameMatch, error) {
	words := text.NameWords(query)
	if len(words) == 0 {
		return nil, nil
	}
	words = words[:min(len(words), maxQueryWords)]
	q := &nameQuery{v: v, kinds: kinds, prefix: prefix}
	found, err := q.meeting(ctx, words, false)
	if err != nil {
		return nil, err
	}
	if len(found) < fewMatches {
		near, err := q.meeting(ctx, words, true)
		if err != nil {
			return nil, err
		}
		for num, cost := range near {
			if _, ok := found[num]; !ok {
				found[num] = cost
			}
		}
	}
	if err := q.exact(ctx, query, found); err != nil {
		return nil, err
	}
	out := make([]nameMatch, 0, len(found))
	for num, cost := range found {
		out = append(out, nameMatch{num, cost})
	}
	slices.SortFunc(out, func(a, b nameMatch) int { return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.num, b.num)) })
	return out, nil
}

// meeting are the entities that every word meets, with the cost of the worst word. The longest word, which the fewest meet, is looked for first.
func (q *nameQuery) meeting(ctx context.Context, words []text.NameWord, typos bool) (map[uint64]int, error) {
	words = slices.Clone(words)
	slices.SortStableFunc(words, func(a, b text.NameWord) int { return cmp.Compare(len(b.Key), len(a.Key)) })
	var all map[uint64]int
	for _, w := range words {
		found := map[uint64]int{}
		if err := q.word(ctx, w, found); err != nil {
			return nil, err
		}
		if typos {
			if err := q.nearly(ctx, w, found); err != nil {
				return nil, err
			}
		}
		if all == nil {
			all = found
			continue
		}
		for num, cost := range all {
			if more, ok := found[num]; ok {
				all[num] = max(cost, more)
			} else {
				delete(all, num)
			}
		}
		if len(all) == 0 {
			break
		}
	}
	return all, nil
}

// word adds the entities that have a word with the key, or with one that begins so.
func (q *nameQuery) word(ctx context.Context, w text.NameWord, found map[uint64]int) error {
	if !q.prefix {
		return q.rows(ctx, tableNameWord.key().str(w.Key).prefix(), found, q.spelled(w))
	}
	for _, form := range text.NamePrefixes(w.Folded) {
		if err := q.rows(ctx, tableNameWord.key().str(form).stringPrefix(), found, q.spelled(w)); err != nil {
			return err
		}
	}
	return nil
}

// spelled tells what it costs that a typed word meets a spelling of a name.
func (q *nameQuery) spelled(w text.NameWord) func(spelling) int {
	return func(s spelling) int {
		as := s.folded == w.Folded || q.prefix && strings.HasPrefix(s.folded, w.Folded)
		cost := inMainName
		if !as && text.SameScript(s.folded, w.Folded) {
			cost = inMainNameOtherwise
		}
		if !s.main {
			cost++
		}
		return cost
	}
}

// rows adds the entities of the rows under a prefix, each at its lowest cost.
func (q *nameQuery) rows(ctx context.Context, prefix []byte, found map[uint64]int, cost func(spelling) int) error {
	n := 0
	for r, err := range q.v.scanPrefix(ctx, prefix) {
		if err != nil {
			return err
		}
		if n++; n > maxWordRows {
			return nil
		}
		kind, spellings, err := decodeNameWord(r.value)
		if err != nil {
			return damaged("name word row %x", r.key)
		}
		num := relationNumOf(r.key)
		shown, ok, err := q.shown(ctx, num, kind)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		for _, s := range spellings {
			s.main = s.main && shown == num // the main name of one that was absorbed is a further name
			if c, known := found[shown]; !known || cost(s) < c {
				found[shown] = cost(s)
			}
		}
	}
	return nil
}

// shown is the entity that an entity is shown as, if it is of a kind that is asked for.
func (q *nameQuery) shown(ctx context.Context, num uint64, kind vocab.Kind) (uint64, bool, error) {
	shown, err := q.v.canonical(ctx, num)
	if err != nil || q.kinds == nil {
		return shown, err == nil, err
	}
	if shown != num {
		e, err := q.v.entity(ctx, shown)
		if err != nil {
			return 0, false, err
		}
		kind = e.Kind
	}
	return shown, slices.Contains(q.kinds, kind), nil
}

// nearly adds the entities that have a word which is nearly the one typed.
func (q *nameQuery) nearly(ctx context.Context, w text.NameWord, found map[uint64]int) error {
	most := typosIn(w.Key)
	if most == 0 {
		return nil
	}
	words, err := q.v.wordsLike(ctx, w.Key, most, q.prefix)
	if err != nil {
		return err
	}
	for _, n := range words {
		cost := func(s spelling) int { return nearlySo + 2*n.edits + 1 - int(flag(s.main)) }
		if err := q.rows(ctx, tableNameWord.key().str(n.key).prefix(), found, cost); err != nil {
			return err
		}
	}
	return nil
}

// typosIn is how many typos a word may have.
func typosIn(key string) int {
	switch n := utf8.RuneCountInString(key); {
	case n >= 8:
		return 2
	case n >= 5:
		return 1
	}
	return 0
}

// nearWord is a key of words that differs from one looked for.
type nearWord struct {
	key   string
	edits int
}

// wordsLike are the keys within so many edits of one, or that begin so, the nearest first: those with its first letter, and where there are none, any.
func (v *View) wordsLike(ctx context.Context, key string, most int, prefix bool) ([]nearWord, error) {
	_, size := utf8.DecodeRuneInString(key)
	left := maxTypoKeys
	out, err := v.nearWords(ctx, tableNameWord.key().str(key[:size]).stringPrefix(), key, most, prefix, &left)
	if err == nil && len(out) == 0 {
		out, err = v.nearWords(ctx, tableNameWord.key().prefix(), key, most, prefix, &left)
	}
	slices.SortStableFunc(out, func(a, b nearWord) int { return cmp.Compare(a.edits, b.edits) })
	return out[:min(len(out), maxTypoWords)], err
}

// nearWords compares the words under a prefix of the table. Words that no entity has any more at the revision are among them.
func (v *View) nearWords(ctx context.Context, under []byte, key string, most int, prefix bool, left *int) ([]nearWord, error) {
	var out []nearWord
	var last []byte // the word that was compared last, as it is written in keys
	for kv, err := range v.r.Scan(ctx, store.Range{Start: under, End: store.PrefixEnd(under), Limit: *left, KeysOnly: true}) {
		if err != nil {
			return nil, err
		}
		*left--
		if last != nil && bytes.HasPrefix(kv.Key[1:], last) {
			continue
		}
		word, rest, ok := parseKeyString(kv.Key[1:])
		if !ok {
			return nil, damaged("name word row %x", kv.Key)
		}
		last = append(last[:0], kv.Key[1:len(kv.Key)-len(rest)]...)
		if n, ok := text.EditsBetween(key, word, most, prefix); ok {
			out = append(out, nearWord{word, n})
		}
	}
	if *left <= 0 {
		*left = 1 // a limit of 0 would be none
	}
	return out, nil
}

// exact puts the entities first of which one name is the query itself.
func (q *nameQuery) exact(ctx context.Context, query string, found map[uint64]int) error {
	n := 0
	for r, err := range q.v.scanPrefix(ctx, tableName.key().str(nameKey(query)).prefix()) {
		if err != nil {
			return err
		}
		if n++; n > maxWordRows {
			return nil
		}
		shown, err := q.v.canonical(ctx, relationNumOf(r.key))
		if err != nil {
			return err
		}
		if _, ok := found[shown]; ok { // else of another kind
			found[shown] = -1
		}
	}
	return nil
}

// bestKnown are the first so many matches, in each group of equal cost the best known first and then the first recorded.
// Of a group, at most 2,000 are compared.
func (v *View) bestKnown(ctx context.Context, found []nameMatch, first int) ([]nameMatch, error) {
	out := found[:0:0]
	for len(found) > 0 && len(out) < first {
		n := 1
		for n < len(found) && found[n].cost == found[0].cost {
			n++
		}
		ranked, err := v.famous(ctx, found[:min(n, maxRanked)], first-len(out))
		if err != nil {
			return nil, err
		}
		out, found = append(out, ranked...), found[n:]
	}
	return out, nil
}

// famous are the best known so many of a group. Counting goes as far as is needed to tell them apart: only those
// that have a number of relations beyond one bound are counted up to the next.
func (v *View) famous(ctx context.Context, group []nameMatch, first int) ([]nameMatch, error) {
	type counted struct {
		nameMatch
		fame int
	}
	all := make([]counted, len(group))
	for i, m := range group {
		all[i].nameMatch = m
	}
	compare := func(a, b counted) int { return cmp.Or(cmp.Compare(b.fame, a.fame), cmp.Compare(a.num, b.num)) }
	bound, least := maxFame, 8
	if v.links(ctx, false) != nil {
		bound, least = math.MaxInt, math.MaxInt // to count all takes no longer
	}
	for most, open := least, all; ; most *= 5 {
		most = min(most, bound)
		beyond := 0
		for i := range open {
			var err error
			if open[i].fame, err = v.fame(ctx, open[i].num, most); err != nil {
				return nil, err
			}
			if open[i].fame >= most {
				beyond++
			}
		}
		slices.SortFunc(open, compare)
		if most == bound || beyond <= 1 {
			break
		}
		open = open[:beyond]
	}
	out := make([]nameMatch, min(first, len(all)))
	for i := range out {
		out[i] = all[i].nameMatch
	}
	return out, nil
}

// maxFame is up to how many relations it is asked how well an entity is known where rows have to be counted.
const maxFame = 1_000

// fame is how well an entity is known: how many relations it and those merged into it take part in, up to
// most. Withdrawn relations, and further versions of rows, may be among them: it is for order alone.
func (v *View) fame(ctx context.Context, num uint64, most int) (int, error) {
	members, err := v.members(ctx, num)
	if err != nil {
		return 0, err
	}
	n := 0
	if k := v.links(ctx, false); k != nil {
		for _, m := range members {
			n += k.Len(uint32(m))
		}
		return min(n, most), nil
	}
	for _, m := range members {
		prefix := tableAdjacency.key().u64(m).prefix()
		for _, err := range v.r.Scan(ctx, store.Range{Start: prefix, End: store.PrefixEnd(prefix), Limit: most, KeysOnly: true}) {
			if err != nil {
				return 0, err
			}
			if n++; n >= most {
				return n, nil
			}
		}
	}
	return n, nil
}
