package graph

import (
	"encoding/json"

	"chancery/graph/vocab"
)

// Record is one line of interchange; exactly one field is set. Its JSON form is the line. A relation comes with some or all of its live citations.
type Record struct {
	Document     *DocumentRecord     `json:"document,omitempty"`
	Entity       *EntityRecord       `json:"entity,omitempty"`
	RelationType *RelationTypeRecord `json:"relationType,omitempty"`
	Relation     *RelationInput      `json:"relation,omitempty"`
	Judgement    *MergeInput         `json:"judgement,omitempty"`
}

// DocumentRecord is the interchange form of a document.
type DocumentRecord struct {
	ID          string       `json:"id"`
	Title       string       `json:"title"`
	Publisher   string       `json:"publisher"`
	Authors     []string     `json:"authors,omitempty"`
	URL         string       `json:"url,omitempty"`
	Published   string       `json:"published,omitempty"`
	Lang        string       `json:"lang,omitempty"`
	Kind        DocumentKind `json:"kind"`
	License     string       `json:"license,omitempty"`
	DerivedFrom string       `json:"derivedFrom,omitempty"`
	Text        string       `json:"text,omitempty"`
}

// EntityRecord is the interchange form of an entity's own record, before merges.
type EntityRecord struct {
	ID          string          `json:"id"`
	Kind        vocab.Kind      `json:"kind"`
	Name        string          `json:"name"`
	Names       []Name          `json:"names,omitempty"`
	Description string          `json:"description,omitempty"`
	ExternalIDs ExternalIDs     `json:"externalIds,omitempty"`
	Attributes  json.RawMessage `json:"attributes,omitempty"`
}

// RelationTypeRecord is the interchange form of a relation type. What is nil is left out, and a reader keeps what the
// bundled vocabulary says; an empty value, and a stance that points to nil, are written and clear it.
type RelationTypeRecord struct {
	ID           string       `json:"id"`
	Label        string       `json:"label"`
	InverseLabel *string      `json:"inverseLabel,omitempty"`
	Definition   *string      `json:"definition,omitempty"`
	Symmetric    *bool        `json:"symmetric,omitempty"`
	Stance       **int        `json:"stance,omitempty"`
	FromKinds    []vocab.Kind `json:"fromKinds,omitzero"`
	ToKinds      []vocab.Kind `json:"toKinds,omitzero"`
	Broader      *string      `json:"broader,omitempty"`
	Codes        []vocab.Code `json:"codes,omitzero"`
}
