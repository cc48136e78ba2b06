package graph

import (
	"bytes"
	"encoding/json"

	"chancery/graph/vocab"
)

// Optional is a field of an update. Left out, the stored value stays; null, it is cleared.
type Optional[T any] struct {
	Value T
	Set   bool // the field was given, as a value or as null
	Null  bool
}

// Some is a given value.
func Some[T any](v T) Optional[T] { return Optional[T]{Value: v, Set: true} }

// UnmarshalJSON notes that the field was there.
func (o *Optional[T]) UnmarshalJSON(b []byte) error {
	o.Set = true
	if bytes.Equal(b, []byte("null")) {
		o.Null = true
		return nil
	}
	return json.Unmarshal(b, &o.Value)
}

// Change is one step of a batch: exactly one field is set.
type Change struct {
	PutEntity       *EntityInput
	PutDocument     *DocumentInput
	AddRelation     *RelationInput
	RetractCitation *RetractInput
	RetractRelation *RetractInput
	MergeEntities   *MergeInput
	UnmergeEntities *UnmergeInput
	DeleteEntity    *RetractInput
	PutRelationType *RelationTypeInput
}

// EntityInput creates or updates an entity by id, or by an external id that is already known.
type EntityInput struct {
	ID          string                    `json:"id"`
	Kind        Optional[vocab.Kind]      `json:"kind"`
	Name        Optional[string]          `json:"name"`
	Names       Optional[[]Name]          `json:"names"`
	Description Optional[string]          `json:"description"`
	ExternalIDs Optional[ExternalIDs]     `json:"externalIds"` // an object of values, or lists of values, by scheme
	Attributes  Optional[json.RawMessage] `json:"attributes"`
}

// DocumentInput creates or updates a document by id. A new text re-checks every quote that cites it.
type DocumentInput struct {
	ID          string                 `json:"id"`
	Title       Optional[string]       `json:"title"`
	Publisher   Optional[string]       `json:"publisher"`
	Authors     Optional[[]string]     `json:"authors"`
	URL         Optional[string]       `json:"url"`
	Published   Optional[string]       `json:"published"`
	Lang        Optional[string]       `json:"lang"`
	Kind        Optional[DocumentKind] `json:"kind"`
	License     Optional[string]       `json:"license"`
	DerivedFrom Optional[string]       `json:"derivedFrom"`
	Text        Optional[string]       `json:"text"`
}

// QualifierInput is a role with an entity, a text, or both.
type QualifierInput struct {
	Role   string `json:"role"`
	Entity string `json:"entity,omitempty"`
	Text   string `json:"text,omitempty"`
}

// RelationInput adds a relation, or new citations to it when it exists.
type RelationInput struct {
	Type       string           `json:"type"`
	From       string           `json:"from"`
	To         string           `json:"to"`
	Occurred   string           `json:"occurred,omitempty"`
	Qualifiers []QualifierInput `json:"qualifiers,omitempty"`
	Stance     *int             `json:"stance,omitempty"`
	Condition  string           `json:"condition,omitempty"`
	Citations  []CitationInput  `json:"citations"`
}

// CitationInput names a document and a quote in it or, for sources without text, a locator.
// Start, End, Prefix and Suffix are in code points of the document's text; they single out a quote that stands more than once.
type CitationInput struct {
	Document   string   `json:"document"`
	Quote      string   `json:"quote,omitempty"`
	Start      *int     `json:"start,omitempty"`
	End        *int     `json:"end,omitempty"`
	Prefix     string   `json:"prefix,omitempty"`
	Suffix     string   `json:"suffix,omitempty"`
	Locator    string   `json:"locator,omitempty"`
	Speaker    string   `json:"speaker,omitempty"`
	Via        []string `json:"via,omitempty"`
	Verdict    Verdict  `json:"verdict,omitempty"`  // empty: affirms
	Modality   Modality `json:"modality,omitempty"` // empty: asserted
	StatedOn   string   `json:"statedOn,omitempty"`
	Note       string   `json:"note,omitempty"`
	Confidence *float64 `json:"confidence,omitempty"`
	// Verification is for interchange: orphaned says that the words stood in an
	// earlier text of the document, so that their absence from the present one is no mistake. Other values are found out by the service.
	Verification Verification `json:"verification,omitempty"`
}

// RetractInput withdraws a citation, all citations of a relation, or an entity, with the reason.
type RetractInput struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// MergeInput is the judgement that all of Absorb are Keep.
type MergeInput struct {
	Keep   string   `json:"keep"`
	Absorb []string `json:"absorb"`
	Reason string   `json:"reason"`
}

// UnmergeInput withdraws the judgement that made ID part of From.
type UnmergeInput struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	Reason string `json:"reason"`
}

// RelationTypeInput defines a relation type, or changes what it gives of one that exists.
type RelationTypeInput struct {
	ID           string                 `json:"id"`
	Label        Optional[string]       `json:"label"`
	InverseLabel Optional[string]       `json:"inverseLabel"`
	Definition   Optional[string]       `json:"definition"`
	Symmetric    Optional[bool]         `json:"symmetric"`
	Stance       Optional[int]          `json:"stance"`
	FromKinds    Optional[[]vocab.Kind] `json:"fromKinds"`
	ToKinds      Optional[[]vocab.Kind] `json:"toKinds"`
	Broader      Optional[string]       `json:"broader"`
	Codes        Optional[[]vocab.Code] `json:"codes"`
}

// Batch is what Apply writes: all of it or nothing.
type Batch struct {
	Changes          []Change
	IdempotencyKey   string
	ExpectedRevision *Revision // refuse when the store has moved past it
	DryRun           bool      // check and report; write nothing
	Note             string
	By               string // who is writing; kept in the history
}

// Outcome is what became of a batch. Revision is 0 when nothing was written.
type Outcome struct {
	Revision Revision
	Replayed bool // the idempotency key was seen before; this is the first outcome
	Errors   []UserError
	Results  []Result
}

// Result is what one change of a batch did, and to which node.
type Result struct {
	Index     int
	Operation Operation
	ID        string // of the node; empty for a relation type
}

// UserErrorCode is the kind of a mistake in an input.
type UserErrorCode string

// The codes of mistakes in an input.
const (
	CodeInvalid        UserErrorCode = "INVALID"
	CodeRequired       UserErrorCode = "REQUIRED"
	CodeNotFound       UserErrorCode = "NOT_FOUND"
	CodeConflict       UserErrorCode = "CONFLICT"
	CodeStaleRevision  UserErrorCode = "STALE_REVISION"
	CodeQuoteNotFound  UserErrorCode = "QUOTE_NOT_FOUND"
	CodeQuoteAmbiguous UserErrorCode = "QUOTE_AMBIGUOUS"
	CodeVocabulary     UserErrorCode = "VOCABULARY"
	CodeLimit          UserErrorCode = "LIMIT"
)

// UserErrorCodes lists them in the contract's order.
var UserErrorCodes = []UserErrorCode{
	CodeInvalid, CodeRequired, CodeNotFound, CodeConflict, CodeStaleRevision,
	CodeQuoteNotFound, CodeQuoteAmbiguous, CodeVocabulary, CodeLimit,
}

// UserError is one mistake in an input: what is wrong, where, and what would be right.
type UserError struct {
	Code    UserErrorCode
	Message string
	Path    []string // into the batch, e.g. changes, 3, addRelation, citations, 0, quote
}
