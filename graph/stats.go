package graph

import (
	"cmp"
	"context"
	"slices"

	"chancery/store"
)

// Stats say what is in the store, how large it is and how it is spread.
type Stats struct {
	Engine        string      `json:"engine"`
	Revision      Revision    `json:"revision"`
	Documents     int         `json:"documents"`
	Entities      int         `json:"entities"`      // as recorded, before merges
	RelationTypes int         `json:"relationTypes"` // with at least one live relation
	Relations     int         `json:"relations"`
	Citations     int         `json:"citations"`
	Merges        int         `json:"merges"`
	SizeBytes     int64       `json:"sizeBytes"`
	Kinds         []TypeTally `json:"entitiesByKind"`
	Types         []TypeTally `json:"relationsByType"`
	Rows          []RowStats  `json:"rows"`
}

// TypeTally is how many there are of one kind or type.
type TypeTally struct {
	ID    string `json:"id"`
	Count int    `json:"count"`
}

// RowStats are the rows of one table of the key space, in all their versions, with the bytes of their keys and values.
type RowStats struct {
	Table string `json:"table"`
	Rows  int    `json:"rows"`
	Bytes int64  `json:"bytes"`
}

// Stats reads every key of the store once.
func (v *View) Stats(ctx context.Context) (*Stats, error) {
	c := v.commit.counts
	s := &Stats{Engine: v.g.Engine(), Revision: v.rev, Documents: c.documents, Entities: c.entities, Relations: c.relations, Citations: c.citations, Merges: c.merges}
	for code, e := range v.types.byCode {
		n, err := v.typeCount(ctx, code)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			s.RelationTypes++
			s.Types = append(s.Types, TypeTally{e.ID, n})
		}
	}
	slices.SortFunc(s.Types, byCount)
	kinds, err := v.EntityKindFacet(ctx, nil)
	if err != nil {
		return nil, err
	}
	for _, k := range kinds {
		s.Kinds = append(s.Kinds, TypeTally{k.Value, k.Count})
	}
	if s.Rows, err = v.rowStats(ctx); err != nil {
		return nil, err
	}
	s.SizeBytes, err = v.g.store.Size(ctx)
	return s, err
}

func (v *View) rowStats(ctx context.Context) ([]RowStats, error) {
	var out []RowStats
	for _, t := range keySpace {
		s := RowStats{Table: t.name}
		prefix := []byte{t.tag}
		for kv, err := range v.r.Scan(ctx, store.Range{Start: prefix, End: store.PrefixEnd(prefix)}) {
			if err != nil {
				return nil, err
			}
			s.Rows++
			s.Bytes += int64(len(kv.Key) + len(kv.Value))
		}
		if s.Rows > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b RowStats) int { return cmp.Compare(b.Bytes, a.Bytes) })
	return out, nil
}
