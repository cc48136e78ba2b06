package graph

import (
	"cmp"
	"context"
	"slices"
	"strconv"
)

// RelationStats counts a list of relations. Each of its answers reads the list once, whatever page was asked for.
type RelationStats struct{ l *listing }

// Count is the size of the list.
func (s *RelationStats) Count(ctx context.Context) (int, error) { return s.l.count(ctx) }

// aggregation reads the values of keys as numbers, and knows what the numbers stand for.
type aggregation struct {
	v       *View
	linked  *links // where it shows by which documents relations are affirmed; else nil
	strings map[string]uint64
	texts   []string
}

func newAggregation(ctx context.Context, v *View) *aggregation {
	return &aggregation{v: v, linked: v.sourceLinks(ctx), strings: map[string]uint64{}}
}

func (a *aggregation) intern(s string) uint64 {
	n, ok := a.strings[s]
	if !ok {
		n = uint64(len(a.texts))
		a.strings[s] = n
		a.texts = append(a.texts, s)
	}
	return n
}

// each walks the list, newest first where that is asked for. Where a key is about citations, these are read in chunks.
// Visit must not keep the candidate.
func (s *RelationStats) each(ctx context.Context, proofs, ordered bool, visit func(*candidate) error) error {
	l := *s.l
	l.proofs = l.proofs || proofs
	if !ordered {
		return l.visit(ctx, visit)
	}
	l.order = []RelationOrder{{Field: ByOccurred, Descending: true}}
	all, _, err := l.sorted(ctx)
	if err != nil {
		return err
	}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return err
		}
		if err := visit(k.item); err != nil {
			return err
		}
	}
	return nil
}

// needsProof tells whether a key is about the citations of relations. Where the topology shows by which documents
// these are affirmed, all keys but one are known without.
func (a *aggregation) needsProof(keys ...StatsKey) bool {
	return slices.ContainsFunc(keys, func(k StatsKey) bool {
		if a.linked != nil {
			return k == KeySpeaker
		}
		return !slices.Contains([]StatsKey{KeyType, KeyFrom, KeyTo, KeyStance}, k)
	})
}

// values are the different values that a relation has for a key; none where it is missing.
func (a *aggregation) values(ctx context.Context, c *candidate, key StatsKey) ([]uint64, error) {
	switch key {
	case KeyType:
		return []uint64{uint64(c.typ)}, nil
	case KeyFrom, KeyTo:
		num := c.from
		if key == KeyTo {
			num = c.to
		}
		shown, err := a.v.canonical(ctx, num)
		return []uint64{shown}, err
	case KeyStance:
		if c.stance == nil {
			return nil, nil
		}
		return []uint64{uint64(*c.stance + 2)}, nil
	}
	if key == KeyStatus {
		status, err := c.status(ctx, a.linked)
		if err != nil {
			return nil, err
		}
		return []uint64{uint64(indexOf(RelationStatuses, status))}, nil
	}
	var one [1]uint32
	if documents, ok := c.affirmedBy(a.linked, &one); ok && key != KeySpeaker {
		return a.ofDocuments(ctx, documents, key)
	}
	e, err := c.evidence(ctx)
	if err != nil {
		return nil, err
	}
	if e.live == 0 {
		return nil, nil // what is shown of a withdrawn relation are its withdrawn citations
	}
	var out []uint64
	for _, ref := range e.order {
		n, ok, err := a.ofCitation(ctx, ref, key)
		if err != nil {
			return nil, err
		}
		if ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// ofDocuments are the different values that documents give.
func (a *aggregation) ofDocuments(ctx context.Context, documents []uint32, key StatsKey) ([]uint64, error) {
	var out []uint64
	for _, d := range documents {
		n, ok, err := a.ofCitation(ctx, citationRef{document: uint64(d)}, key)
		if err != nil {
			return nil, err
		}
		if ok && !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// ofCitation is the value that one citation gives; false for none.
func (a *aggregation) ofCitation(ctx context.Context, ref citationRef, key StatsKey) (uint64, bool, error) {
	switch key {
	case KeyDocument:
		return ref.document, true, nil
	case KeySpeaker:
		if ref.speaker == 0 {
			return 0, false, nil
		}
		n, err := a.v.canonical(ctx, ref.speaker)
		return n, true, err
	}
	d, err := a.v.document(ctx, ref.document)
	if err != nil {
		return 0, false, err
	}
	switch key {
	case KeyPublisher:
		return a.intern(d.Publisher), true, nil
	case KeyLang:
		return a.intern(d.Lang), d.Lang != "", nil
	default:
		return uint64(indexOf(DocumentKinds, d.Kind)), true, nil
	}
}

// readKeys reads what values stand for, in one round trip.
func (a *aggregation) readKeys(ctx context.Context, key StatsKey, values []uint64) error {
	switch key {
	case KeyFrom, KeyTo, KeySpeaker:
		return a.v.readEntities(ctx, values)
	case KeyDocument:
		return a.v.readDocuments(ctx, values)
	}
	return nil
}

// key is what a value stands for.
func (a *aggregation) key(ctx context.Context, key StatsKey, n uint64) (GroupKey, error) {
	k := GroupKey{Key: key}
	switch key {
	case KeyType:
		t := a.v.types.byCode[uint32(n)]
		k.Value, k.Label = t.ID, t.Label()
	case KeyFrom, KeyTo, KeySpeaker:
		e, err := a.v.entity(ctx, n)
		if err != nil {
			return k, err
		}
		k.Value, k.Label, k.Entity = e.ID, e.MainName, e
	case KeyDocument:
		d, err := a.v.document(ctx, n)
		if err != nil {
			return k, err
		}
		k.Value, k.Label = d.ID, d.Title
	case KeyStance:
		k.Value, k.Label = strconv.Itoa(int(n)-2), string(StanceLabels[n])
	case KeyStatus:
		k.Value, k.Label = string(RelationStatuses[n]), string(RelationStatuses[n])
	case KeyDocumentKind:
		k.Value, k.Label = string(DocumentKinds[n]), string(DocumentKinds[n])
	default:
		k.Value, k.Label = a.texts[n], a.texts[n]
	}
	return k, nil
}

// top are the most frequent values of a key, equal ones by their text.
func (a *aggregation) top(ctx context.Context, key StatsKey, counts map[uint64]int, limit int) ([]uint64, []KeyCount, error) {
	if limit < 0 {
		return nil, nil, badInput("limit is %d; it is 0 or more", limit)
	}
	// Only those at least as frequent as the last one shown need their text.
	order := make([]int, 0, len(counts))
	for _, n := range counts {
		order = append(order, n)
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(y, x) })
	least := 0
	if limit < len(order) {
		if limit == 0 {
			return nil, nil, nil
		}
		least = order[limit-1]
	}
	type shown struct {
		code uint64
		KeyCount
	}
	var frequent []uint64
	for code, n := range counts {
		if n >= least {
			frequent = append(frequent, code)
		}
	}
	if err := a.readKeys(ctx, key, frequent); err != nil {
		return nil, nil, err
	}
	var all []shown
	for _, code := range frequent {
		n := counts[code]
		k, err := a.key(ctx, key, code)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, shown{code, KeyCount{k, n}})
	}
	slices.SortFunc(all, func(x, y shown) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Value, y.Value))
	})
	all = all[:min(limit, len(all))]
	codes, out := make([]uint64, len(all)), make([]KeyCount, len(all))
	for i, s := range all {
		codes[i], out[i] = s.code, s.KeyCount
	}
	return codes, out, nil
}

// Facets counts the values of each key, in the order of the keys, at most so many of each.
func (s *RelationStats) Facets(ctx context.Context, by []StatsKey, limit int) ([]KeyFacet, error) {
	a := newAggregation(ctx, s.l.v)
	type column struct {
		counts  map[uint64]int
		values  [][]uint64 // of each relation that has any
		missing int
	}
	columns := make([]column, len(by))
	for i := range columns {
		columns[i].counts = map[uint64]int{}
	}
	err := s.each(ctx, a.needsProof(by...), false, func(c *candidate) error {
		for i, key := range by {
			values, err := a.values(ctx, c, key)
			if err != nil {
				return err
			}
			if len(values) == 0 {
				columns[i].missing++
				continue
			}
			for _, n := range values {
				columns[i].counts[n]++
			}
			columns[i].values = append(columns[i].values, values)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []KeyFacet
	for i, key := range by {
		codes, shown, err := a.top(ctx, key, columns[i].counts, limit)
		if err != nil {
			return nil, err
		}
		f := KeyFacet{Key: key, Values: shown, Missing: columns[i].missing}
		isShown := set{}
		for _, n := range codes {
			isShown[n] = struct{}{}
		}
		for _, values := range columns[i].values {
			if !slices.ContainsFunc(values, isShown.has) {
				f.Other++
			}
		}
		out = append(out, f)
	}
	return out, nil
}

// Matrix counts the relations that have both a shown row and a shown column value.
func (s *RelationStats) Matrix(ctx context.Context, rows, columns StatsKey, limit int) (*Matrix, error) {
	a := newAggregation(ctx, s.l.v)
	type pair struct{ row, column []uint64 }
	type entry struct {
		pair
		stance int
	}
	counts := [2]map[uint64]int{{}, {}}
	var entries []entry
	err := s.each(ctx, a.needsProof(rows, columns), false, func(c *candidate) error {
		var e entry
		var err error
		if e.row, err = a.values(ctx, c, rows); err != nil {
			return err
		}
		if e.column, err = a.values(ctx, c, columns); err != nil {
			return err
		}
		if len(e.row) == 0 || len(e.column) == 0 {
			return nil
		}
		if c.stance != nil {
			e.stance = *c.stance
		}
		for i, values := range [][]uint64{e.row, e.column} {
			for _, n := range values {
				counts[i][n]++
			}
		}
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	m := &Matrix{}
	var place [2]map[uint64]int
	for i, key := range []StatsKey{rows, columns} {
		codes, shown, err := a.top(ctx, key, counts[i], limit)
		if err != nil {
			return nil, err
		}
		place[i] = map[uint64]int{}
		for j, code := range codes {
			place[i][code] = j
			if i == 0 {
				m.Rows = append(m.Rows, shown[j].GroupKey)
			} else {
				m.Columns = append(m.Columns, shown[j].GroupKey)
			}
		}
	}
	cells := map[[2]int]*MatrixCell{}
	for _, e := range entries {
		for _, r := range e.row {
			for _, c := range e.column {
				i, okRow := place[0][r]
				j, okColumn := place[1][c]
				if !okRow || !okColumn {
					continue
				}
				cell := cells[[2]int{i, j}]
				if cell == nil {
					cell = &MatrixCell{Row: i, Column: j}
					cells[[2]int{i, j}] = cell
				}
				cell.Count++
				cell.NetStance += e.stance
			}
		}
	}
	for _, cell := range cells {
		m.Cells = append(m.Cells, *cell)
	}
	slices.SortFunc(m.Cells, func(a, b MatrixCell) int {
		return cmp.Or(cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column))
	})
	return m, nil
}
