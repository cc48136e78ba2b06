package schema

import (
	"context"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/schema/wire"
)

// facets counts the entities that a filter leaves by each of the keys.
func facets(ctx context.Context, v *graph.View, f *graph.EntityFilter, by []string, limit int) ([]*wire.Facet, error) {
	if limit < 0 {
		return nil, badInput("limit is %d: give 0 or more", limit)
	}
	out := make([]*wire.Facet, 0, len(by))
	for range by { // KIND is the only key
		counts, err := v.EntityKindFacet(ctx, f)
		if err != nil {
			return nil, err
		}
		out = append(out, kindFacet(counts, limit))
	}
	return out, nil
}

// kindFacet shows the first counts and sums up the others. Every entity has a kind.
func kindFacet(counts []graph.FacetValue, limit int) *wire.Facet {
	f := &wire.Facet{Key: "KIND"}
	for i, c := range counts {
		if i >= limit {
			f.Other += c.Count
			continue
		}
		f.Values = append(f.Values, &wire.FacetValue{Value: wire.EntityKindName(vocab.Kind(c.Value)), Label: c.Value, Count: c.Count})
	}
	return f
}

// keyFacets are counts of relations in the shape of the schema.
func keyFacets(counted []graph.KeyFacet) []*wire.Facet {
	out := make([]*wire.Facet, 0, len(counted))
	for _, c := range counted {
		f := &wire.Facet{Key: wire.StatsKeyName(c.Key), Other: c.Other, Missing: c.Missing}
		for _, v := range c.Values {
			f.Values = append(f.Values, &wire.FacetValue{Value: wire.StatsValue(c.Key, v.Value), Label: v.Label, Entity: v.Entity, Count: v.Count})
		}
		out = append(out, f)
	}
	return out
}
