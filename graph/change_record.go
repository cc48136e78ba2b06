package graph

import (
	"bytes"
	"context"
	"encoding/json"
)

// ChangeRecord is a change in the terms of the interchange format: with all of them, in order, a reader has the graph.
type ChangeRecord struct {
	Operation Operation `json:"operation"`
	Kind      string    `json:"kind"` // document, entity, relation or relationType
	ID        string    `json:"id"`
	Reason    string    `json:"reason,omitempty"` // of a judgement, its withdrawal, a retraction or a deletion
	// Record is the object after the change, a Record in JSON; null when it is not there any more. A field that the change
	// cleared is null in it, since a reader keeps what is left out. A relation comes with
	// those of its live citations that the commit wrote, since it may have any number.
	Record json.RawMessage `json:"record"`
	// Judgement makes the entity part of another, since this commit.
	Judgement *MergeInput `json:"judgement,omitempty"`
	// Withdrawn are the ids of a relation's citations that the commit withdrew or, of an
	// entity, of the one that it is no part of any more.
	Withdrawn []string `json:"withdrawn,omitempty"`
	// Before is the object before the change, whole. It is there only when it was asked for.
	Before json.RawMessage `json:"before,omitempty"`
}

// Kind is what sort of object was changed, as in ChangeRecord.
func (e *Event) Kind() string {
	switch e.kind {
	case changedEntity:
		return "entity"
	case changedRelation:
		return "relation"
	case changedDocument:
		return "document"
	}
	return "relationType"
}

// Interchange writes the change in the terms of the interchange format.
func (e *Event) Interchange(ctx context.Context, before bool) (*ChangeRecord, error) {
	w, err := e.view.At(ctx, e.Revision)
	if err != nil {
		return nil, err
	}
	out := &ChangeRecord{Operation: e.Operation, Kind: e.Kind(), ID: e.ID, Reason: e.reason}
	switch e.kind {
	case changedRelation:
		err = w.writtenCitations(ctx, e, out)
	case changedEntity:
		err = w.writtenJudgement(ctx, e, out)
	}
	if err != nil {
		return nil, err
	}
	if e.kind != changedRelation {
		if out.Record, err = w.updatedRecord(ctx, e); err != nil {
			return nil, err
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
	if err != nil {
		return err
	}
	out.Record, err = plainJSON(Record{Relation: rec})
	return err
}

// updatedRecord is an object that is not a relation as the view's own revision left it; null when it is gone.
func (v *View) updatedRecord(ctx context.Context, e *Event) (json.RawMessage, error) {
	rec, err := v.objectRecord(ctx, e)
	if err != nil || rec == (Record{}) {
		return nil, err
	}
	after, err := plainJSON(rec)
	if err != nil || e.Operation == Created {
		return after, err
	}
	before, err := e.Before(ctx)
	if err != nil || before == nil {
		return after, err
	}
	return withCleared(before, after)
}

// withCleared adds to a record the fields that only the one before has, as null.
func withCleared(before, after json.RawMessage) (json.RawMessage, error) {
	var was, is map[string]map[string]json.RawMessage
	if err := json.Unmarshal(before, &was); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(after, &is); err != nil {
		return nil, err
	}
	cleared := false
	for kind, fields := range was {
		for name := range fields {
			if _, kept := is[kind][name]; !kept && is[kind] != nil {
				is[kind][name] = json.RawMessage("null")
				cleared = true
			}
		}
	}
	if !cleared {
		return after, nil
	}
	return plainJSON(is)
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

// plainJSON leaves the characters that HTML has a meaning for as they are.
func plainJSON(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
