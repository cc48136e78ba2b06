package graph

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"strings"
)

// Groups gathers the relations by all keys together. A relation with several values of a key is in several groups; one that lacks
// a value of any key is in none. Groups with fewer than minCount relations are left out.
func (s *RelationStats) Groups(ctx context.Context, by []StatsKey, order GroupOrder, minCount *int, limit int) ([]*RelationGroup, error) {
	if len(by) == 0 {
		return nil, badInput("groups need at least one key to be grouped by")
	}
	if limit < 0 {
		return nil, badInput("limit is %d; it is 0 or more", limit)
	}
	a := newAggregation(ctx, s.l.v)
	groups := map[string]*RelationGroup{}
	err := s.each(ctx, a.needsProof(by...), true, func(c *candidate) error {
		keys := [][]byte{nil}
		for _, key := range by {
			values, err := a.values(ctx, c, key)
			if err != nil {
				return err
			}
			var longer [][]byte
			for _, k := range keys {
				for _, n := range values {
					longer = append(longer, binary.BigEndian.AppendUint64(slices.Clip(k), n))
				}
			}
			keys = longer
		}
		for _, k := range keys {
			g := groups[string(k)]
			if g == nil {
				g = &RelationGroup{newest: undated, view: s.l.v}
				groups[string(k)] = g
			}
			g.add(c)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := a.readGroupKeys(ctx, by, groups); err != nil {
		return nil, err
	}
	var out []*RelationGroup
	for k, g := range groups {
		if minCount != nil && g.Count < *minCount {
			continue
		}
		if err := g.name(ctx, a, by, []byte(k), order); err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	slices.SortFunc(out, func(x, y *RelationGroup) int { return compareGroups(x, y, order) })
	out = out[:min(limit, len(out))]
	samples := &relationLists{view: s.l.v}
	for i, g := range out {
		g.samples, g.at = samples, i
		samples.lists = append(samples.lists, g.members)
	}
	return out, s.l.v.datesOf(ctx, out)
}

// readGroupKeys reads what the keys of groups stand for.
func (a *aggregation) readGroupKeys(ctx context.Context, by []StatsKey, groups map[string]*RelationGroup) error {
	for i, key := range by {
		values := make([]uint64, 0, len(groups))
		for k := range groups {
			values = append(values, binary.BigEndian.Uint64([]byte(k[8*i:])))
		}
		if err := a.readKeys(ctx, key, values); err != nil {
			return err
		}
	}
	return nil
}

func (g *RelationGroup) add(c *candidate) {
	if g.Count == 0 {
		g.newest = c.occurred
	}
	g.Count++
	g.members = append(g.members, c.num)
	if c.stance != nil {
		g.NetStance += *c.stance
	}
	if c.occurred != undated {
		if g.lastDated == 0 {
			g.lastDated = c.num
		}
		g.firstDated = c.num
	}
}

func (g *RelationGroup) name(ctx context.Context, a *aggregation, by []StatsKey, k []byte, order GroupOrder) error {
	var values []string
	for i, key := range by {
		x, err := a.key(ctx, key, binary.BigEndian.Uint64(k[8*i:]))
		if err != nil {
			return err
		}
		g.Keys = append(g.Keys, x)
		values = append(values, x.Value)
	}
	g.sortedBy = strings.Join(values, "\x00")
	if order == GroupsByDocuments {
		return g.readSources(ctx)
	}
	return nil
}

func compareGroups(x, y *RelationGroup, order GroupOrder) int {
	first := 0
	switch order {
	case GroupsByCount:
		first = cmp.Compare(y.Count, x.Count)
	case GroupsByDocuments:
		first = cmp.Compare(y.documents, x.documents)
	case GroupsByLastOccurred:
		first = cmp.Compare(x.newest, y.newest) // a sortDay grows with age
	}
	return cmp.Or(first, cmp.Compare(x.sortedBy, y.sortedBy))
}

// datesOf reads the dates of the oldest and the newest dated relation of groups as they were written.
func (v *View) datesOf(ctx context.Context, groups []*RelationGroup) error {
	var ends []uint64
	var dates []*string
	for _, g := range groups {
		if g.firstDated != 0 {
			ends, dates = append(ends, g.firstDated, g.lastDated), append(dates, &g.FirstOccurred, &g.LastOccurred)
		}
	}
	records, err := v.relationContents(ctx, ends)
	for i, r := range records {
		*dates[i] = r.occurred
	}
	return err
}

// readSources counts the documents and publishers behind the group, once.
func (g *RelationGroup) readSources(ctx context.Context) error {
	g.sources.Do(func() { g.sourcesErr = g.countSources(ctx) })
	return g.sourcesErr
}

func (g *RelationGroup) countSources(ctx context.Context) error {
	documents, publishers := set{}, map[string]bool{}
	for part := range slices.Chunk(g.members, lastChunk) {
		proofs, err := g.view.prove(ctx, part)
		if err != nil {
			return err
		}
		for i, e := range proofs {
			if e == nil {
				r, err := g.view.relationRecord(ctx, part[i])
				if err != nil {
					return err
				}
				if e, err = g.view.evidence(ctx, part[i], r.created); err != nil {
					return err
				}
			}
			if e.live == 0 {
				continue
			}
			for _, ref := range e.order {
				src, err := g.view.source(ctx, ref.document)
				if err != nil {
					return err
				}
				documents[ref.document] = struct{}{}
				publishers[src.publisher] = true
			}
		}
	}
	g.documents, g.publishers = len(documents), len(publishers)
	return nil
}

// Documents is how many documents the live citations of the group's relations name. It reads them when asked.
func (g *RelationGroup) Documents(ctx context.Context) (int, error) {
	err := g.readSources(ctx)
	return g.documents, err
}

// Publishers is how many publishers these documents have.
func (g *RelationGroup) Publishers(ctx context.Context) (int, error) {
	err := g.readSources(ctx)
	return g.publishers, err
}

// Sample are the first so many relations of the group, newest first.
func (g *RelationGroup) Sample(ctx context.Context, first int) ([]*Relation, error) {
	return g.samples.first(ctx, g.at, first)
}
