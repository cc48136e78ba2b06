package graph

import (
	"context"
	"slices"
)

// sourceLinks is the topology where it shows by which documents relations are affirmed at the view's revision;
// nil where citations have to be read.
func (v *View) sourceLinks(ctx context.Context) *links {
	if k := v.links(ctx, false); k != nil && k.DocumentsAt(uint64(v.rev)) {
		return k
	}
	return nil
}

// affirmedBy are the documents of the live citations of a relation, one for each, where the topology shows them and none
// denies the relation. It is false where citations have to be read. Dst is a buffer for one document.
func (c *candidate) affirmedBy(k *links, dst *[1]uint32) (documents []uint32, ok bool) {
	if k == nil || c.num >= uint64(k.end) || c.dead() || k.Edge(uint32(c.num)).Denied {
		return nil, false
	}
	return k.Documents(uint32(c.num), dst), true
}

// status is what the live citations of a relation add up to.
func (c *candidate) status(ctx context.Context, k *links) (RelationStatus, error) {
	if c.dead() {
		return StatusRetracted, nil
	}
	var one [1]uint32
	documents, ok := c.affirmedBy(k, &one)
	if !ok {
		e, err := c.evidence(ctx)
		if err != nil {
			return "", err
		}
		return e.status, nil
	}
	return c.v.statusBy(ctx, documents)
}

// statusBy is the status of a relation that these documents affirm and none denies.
func (v *View) statusBy(ctx context.Context, documents []uint32) (RelationStatus, error) {
	if len(documents) == 0 {
		return StatusRetracted, nil
	}
	first := ""
	for i, d := range documents {
		if i == 0 && len(documents) == 1 {
			break
		}
		src, err := v.source(ctx, uint64(d))
		if err != nil {
			return "", err
		}
		if i > 0 && src.rootOwner != first {
			return StatusCorroborated, nil
		}
		first = src.rootOwner
	}
	return StatusReported, nil
}

// independentSources counts them for a relation of a list.
func (c *candidate) independentSources(ctx context.Context, k *links) (int, error) {
	var one [1]uint32
	documents, ok := c.affirmedBy(k, &one)
	if !ok {
		e, err := c.evidence(ctx)
		if err != nil {
			return 0, err
		}
		return e.support.IndependentSources, nil
	}
	return c.v.ownersOf(ctx, documents)
}

// ownersOf counts the publishers at the roots of documents, in which repeats may be.
func (v *View) ownersOf(ctx context.Context, documents []uint32) (int, error) {
	if len(documents) < 2 {
		return len(documents), nil
	}
	owners := make([]string, 0, len(documents))
	for _, d := range documents {
		src, err := v.source(ctx, uint64(d))
		if err != nil {
			return 0, err
		}
		owners = append(owners, src.rootOwner)
	}
	return distinct(owners), nil
}

// without are the documents other than one.
func without(documents []uint32, num uint64) []uint32 {
	return slices.DeleteFunc(slices.Clone(documents), func(d uint32) bool { return uint64(d) == num })
}
