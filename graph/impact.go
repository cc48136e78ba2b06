package graph

import "context"

// Impact is what would become of the graph were a document withdrawn.
type Impact struct {
	Citations         int // live ones that cite the document
	RelationsLost     int // that rest on nothing else
	RelationsWeakened int // that would stay, with another status

	changed []uint64 // both, in the order they were recorded
	view    *View
}

// Relations are the first so many relations that would be lost or weakened.
func (i *Impact) Relations(ctx context.Context, first int) ([]*Relation, error) {
	if first < 0 {
		return nil, badInput("first is %d; it is 0 or more", first)
	}
	return i.view.loadRelations(ctx, i.changed[:min(first, len(i.changed))])
}

// Impact reads every relation that cites the document, or goes over all of the topology where the document is cited often.
func (d *Document) Impact(ctx context.Context) (*Impact, error) {
	if k := d.view.sourceLinks(ctx); k != nil {
		rarely, err := d.view.citedRarely(ctx, set{d.num: {}})
		if err != nil {
			return nil, err
		}
		if !rarely {
			return d.impactInArrays(ctx, k)
		}
	}
	l := &listing{v: d.view, document: set{d.num: {}}}
	all, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	out := &Impact{view: d.view}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		if err := out.weigh(ctx, k.item, d.num); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// weigh adds what a relation would lose, by its citations.
func (i *Impact) weigh(ctx context.Context, c *candidate, document uint64) error {
	e, err := c.evidence(ctx)
	if err != nil {
		return err
	}
	left, cited := weighing{v: i.view}, 0
	for _, ref := range e.order {
		if ref.document == document {
			cited++
		} else {
			left.live = append(left.live, citationBrief{mark: ref.mark, document: ref.document, verdict: ref.verdict})
		}
	}
	after, err := left.result(ctx)
	if err != nil {
		return err
	}
	i.add(c.num, cited, e.status, after.status)
	return nil
}

// add notes that a relation has so many citations of the document, and what its status would become of what it is.
func (i *Impact) add(num uint64, cited int, before, after RelationStatus) {
	i.Citations += cited
	switch {
	case after == before:
		return
	case after == StatusRetracted:
		i.RelationsLost++
	default:
		i.RelationsWeakened++
	}
	i.changed = append(i.changed, num)
}

// impactInArrays reads citations only of relations that somebody denies.
func (d *Document) impactInArrays(ctx context.Context, k *links) (*Impact, error) {
	out := &Impact{view: d.view}
	var one [1]uint32
	for rel := uint32(1); rel < k.end; rel++ {
		if rel%checkInterval == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c := candidate{edge: edge{num: uint64(rel)}, v: d.view}
		if k.Dead(rel) {
			continue
		}
		documents, ok := c.affirmedBy(k, &one)
		if !ok {
			if err := out.weigh(ctx, &c, d.num); err != nil {
				return nil, err
			}
			continue
		}
		left := without(documents, d.num)
		if len(left) == len(documents) {
			continue
		}
		before, err := d.view.statusBy(ctx, documents)
		if err != nil {
			return nil, err
		}
		after, err := d.view.statusBy(ctx, left)
		if err != nil {
			return nil, err
		}
		out.add(uint64(rel), len(documents)-len(left), before, after)
	}
	return out, nil
}
