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

// Impact reads every relation that cites the document.
func (d *Document) Impact(ctx context.Context) (*Impact, error) {
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
		e, err := k.item.evidence(ctx)
		if err != nil {
			return nil, err
		}
		left := weighing{v: d.view}
		for _, ref := range e.order {
			if ref.document == d.num {
				out.Citations++
			} else {
				left.live = append(left.live, citationBrief{mark: ref.mark, document: ref.document, verdict: ref.verdict})
			}
		}
		after, err := left.result(ctx)
		if err != nil {
			return nil, err
		}
		if after.status == e.status {
			continue
		}
		if after.live == 0 {
			out.RelationsLost++
		} else {
			out.RelationsWeakened++
		}
		out.changed = append(out.changed, k.item.num)
	}
	return out, nil
}
