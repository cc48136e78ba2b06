package graph

import (
	"context"
	"encoding/json"
)

// ChangeRecord is a change in the terms of the interchange format: with all of them, in order, a reader has the graph.
type ChangeRecord struct {
	Operation Operation `json:"operation"`
	Kind      string    `json:"kind"` // document, entity, relation or relationType
	ID        string    `json:"id"`
	Reason    string    `json:"reason,omitempty"` // of a judgement, its withdrawal, a retraction or a deletion
	// Record is the object after the change; null when it is not there any more. A relation comes with
	// those of its live citations that the commit wrote, since it may have any number.
	Record *Record `json:"record"`
	// Judgement makes the entity part of another, since this commit.
	Judgement *MergeInput `json:"judgement,omitempty"`
	// Withdrawn are the ids of a relation's citations that the commit withdrew or, of an
	// entity, of the one that it is no part of any more.
	Withdrawn []string `json:"withdrawn,omitempty"`
	// Before is the object before the change, whole. It is there only when it was asked for.
	Before json.RawMessage `json:"before,omitempty"`
}

// Interchange writes the change in the terms of the interchange format.
func (e *Event) Interchange(ctx context.Context, before bool) (*ChangeRecord, error) {
	w, err := e.view.At(ctx, e.Revision)
	if err != nil {
		return nil, err
	}
	out := &ChangeRecord{Operation: e.Operation, ID: e.ID, Reason: e.reason}
	switch e.kind {
	case changedRelation:
		out.Kind = "relation"
		err = w.writtenCitations(ctx, e, out)
	case changedEntity:
		out.Kind = "entity"
		err = w.writtenJudgement(ctx, e, out)
	case changedDocument:
		out.Kind = "document"
	case changedType:
		out.Kind = "relationType"
	}
	if err != nil {
		return nil, err
	}
	if e.kind != changedRelation {
		rec, err := w.objectRecord(ctx, e)
		if err != nil {
			return nil, err
		}
		if rec != (Record{}) {
			out.Record = &rec
		}
	}
	if before {
		if out.Before, err = e.Before(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// writtenCitations adds a relation with the citations that the view's own revision wrote. It reads all of its citations.
func (v *View) writtenCitations(ctx context.Context, e *Event, out *ChangeRecord) error {
	r, err := v.relationRecord(ctx, e.num)
	if err != nil {
		return err
	}
	x := exporter{v, ctx, map[uint64]string{}}
	live := false
	citations := []CitationInput{}
	for row, err := range v.scanPrefix(ctx, tableCitation.key().u64(e.num).prefix()) {
		if err != nil {
			return err
		}
		c, err := decodeCitation(row.value)
		if err != nil {
			return damaged("citation %x", row.key)
		}
		live = live || c.retracted == 0
		switch {
		case row.wrote != v.rev || c.retracted != 0 && c.retracted != v.rev: // a new text re-checks withdrawn ones as well
		case c.retracted != 0:
			out.Withdrawn = append(out.Withdrawn, citationID(r.hash, citationMarkOf(row.key)))
		default:
			in, err := x.citation(c)
			if err != nil {
				return err
			}
			citations = append(citations, in)
		}
	}
	if !live {
		return nil
	}
	rec, err := x.relation(r, citations)
	out.Record = &Record{Relation: rec}
	return err
}

// writtenJudgement adds the judgements that the view's own revision made and withdrew about an entity.
func (v *View) writtenJudgement(ctx context.Context, e *Event, out *ChangeRecord) error {
	past := rows{r: v.r, rev: v.rev - 1}
	was, err := past.parent(ctx, e.num)
	if err != nil {
		return err
	}
	is, err := v.parent(ctx, e.num)
	if err != nil || is.keep == was.keep {
		return err
	}
	x := exporter{v, ctx, map[uint64]string{}}
	if was.keep != 0 {
		id, err := x.entityID(was.keep)
		if err != nil {
			return err
		}
		out.Withdrawn = []string{id}
	}
	if is.keep != 0 {
		id, err := x.entityID(is.keep)
		if err != nil {
			return err
		}
		out.Judgement = &MergeInput{Keep: id, Absorb: []string{e.ID}, Reason: is.reason}
	}
	return nil
}
