package graph

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"iter"
	"math"
	"slices"
	"time"
)

// History lists what happened to the entity itself, newest first: its record, and the judgements that name it.
// Its relations, and the entities it absorbed, have histories of their own.
func (e *Entity) History(ctx context.Context, first *int, after *string) (*Page[*Event], error) {
	return e.view.historyPage(ctx, e.ID, changedEntity, e.num, first, after, func(w *View) ([]Revision, error) {
		prefixes := [][]byte{tableEntity.key().u64(e.num).logical(), tableParent.key().u64(e.num).logical(), tableChild.key().u64(e.num).prefix()}
		return w.versions(ctx, prefixes)
	})
}

// History lists what happened to the relation and its citations, newest first.
func (r *Relation) History(ctx context.Context, first *int, after *string) (*Page[*Event], error) {
	return r.view.historyPage(ctx, r.ID, changedRelation, r.num, first, after, func(w *View) ([]Revision, error) {
		revs, err := w.versions(ctx, [][]byte{tableRelationHead.key().u64(r.num).logical()})
		return append(revs, r.created), err
	})
}

// versions are the revisions up to the view's that wrote a version of a row under one of the prefixes.
func (v *View) versions(ctx context.Context, prefixes [][]byte) ([]Revision, error) {
	var out []Revision
	for _, p := range prefixes {
		for r, err := range v.scanPlain(ctx, p, prefixEnd(p), false) {
			if err != nil {
				return nil, err
			}
			if _, rev := splitVersion(r.key); rev <= v.rev {
				out = append(out, rev)
			}
		}
	}
	return out, nil
}

func (v *View) historyPage(ctx context.Context, id string, kind byte, num uint64, first *int, after *string, find func(*View) ([]Revision, error)) (*Page[*Event], error) {
	r, w, err := v.open(ctx, listID("history", id), PageArgs{First: first, After: after})
	if err != nil {
		return nil, err
	}
	revs, err := find(w)
	if err != nil {
		return nil, err
	}
	slices.Sort(revs)
	revs = slices.Compact(revs)
	var items []keyed[Revision]
	for _, rev := range revs {
		items = append(items, keyed[Revision]{binary.BigEndian.AppendUint64(nil, uint64(rev)), rev})
	}
	all := sorted(items)
	events := func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*Event], error] {
		return func(yield func(keyed[*Event], error) bool) {
			for k, err := range all(ctx, after, before, reverse) {
				var e *Event
				if err == nil {
					e, err = w.event(ctx, k.item, id, kind, num)
				}
				if !yield(keyed[*Event]{k.key, e}, err) || err != nil {
					return
				}
			}
		}
	}
	found, page, err := collect(ctx, r, w.rev, true, events)
	if err != nil {
		return nil, err
	}
	page.Items = found
	page.total = func() (int, error) { return len(revs), nil }
	return page, nil
}

// event describes one revision's change to an object.
func (v *View) event(ctx context.Context, rev Revision, id string, kind byte, num uint64) (*Event, error) {
	c, err := commitAt(ctx, v.rows, rev)
	if err != nil {
		return nil, err
	}
	e := &Event{Revision: rev, At: time.Unix(0, c.at).UTC(), By: c.by, Note: c.note, Operation: Updated, ID: id, kind: kind, num: num, view: v}
	for _, entry := range c.changes {
		if entry.kind == kind && entry.num == num {
			e.Operation, e.reason = entry.op, entry.reason
			e.Note = joinNotes(entry.reason, c.note)
		}
	}
	return e, nil
}

// joinNotes puts the reason of a change before the note of its batch.
func joinNotes(reason, note string) string {
	if reason == "" || note == "" {
		return reason + note
	}
	return reason + "\n" + note
}

// Node is the object as it was after the change; nil for a relation type, and for what was not there any more.
func (e *Event) Node(ctx context.Context) (Node, error) {
	w, err := e.view.At(ctx, e.Revision)
	if err != nil {
		return nil, err
	}
	switch e.kind {
	case changedEntity:
		if n, err := w.entityIfLive(ctx, e.num); n != nil {
			return n, err
		}
		return nil, err
	case changedRelation:
		return w.relation(ctx, e.num)
	case changedDocument:
		return w.document(ctx, e.num)
	}
	return nil, nil
}

// Before is the object's interchange form before the change; nil when the change made it. A
// relation comes with all its live citations.
func (e *Event) Before(ctx context.Context) (json.RawMessage, error) {
	if e.Operation == Created || e.Revision == 0 {
		return nil, nil
	}
	w, err := e.view.At(ctx, e.Revision-1)
	if err != nil {
		return nil, err
	}
	rec, err := w.objectRecord(ctx, e)
	if err != nil || rec == (Record{}) {
		return nil, err
	}
	return plainJSON(rec)
}

// objectRecord is the interchange form of an event's object at the view's revision, whole; empty when it was not there.
func (v *View) objectRecord(ctx context.Context, e *Event) (rec Record, err error) {
	switch e.kind {
	case changedEntity, changedDocument:
		return v.nodeRecord(ctx, nodeRef{kind: e.kind, num: e.num})
	case changedType:
		t := v.types.byID[e.ID]
		if t == nil {
			return rec, nil
		}
		return Record{RelationType: typeRecordOf(&t.Type, v.g.bundledType(e.ID))}, nil
	}
	r, err := v.relation(ctx, e.num)
	if err != nil {
		return rec, err
	}
	all, err := r.Citations(ctx, nil, math.MaxInt)
	if err != nil {
		return rec, err
	}
	rec.Relation, err = r.record(ctx, all)
	return rec, err
}
