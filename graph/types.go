package graph

import (
	"encoding/json"
	"sync/atomic"
	"time"

	"chancery/graph/vocab"
)

// Revision is the number of a commit: 1 for the first, growing by one with each. Revision 0 is the empty store.
type Revision uint64

// NameKind says what sort of name a name is.
type NameKind string

// The kinds of names.
const (
	NameMain            NameKind = "main"
	NameAlias           NameKind = "alias"
	NameTransliteration NameKind = "transliteration"
	NameAbbreviation    NameKind = "abbreviation"
	NameMetonym         NameKind = "metonym"
)

// NameKinds lists every kind of name in the contract's order.
var NameKinds = []NameKind{NameMain, NameAlias, NameTransliteration, NameAbbreviation, NameMetonym}

// Name is one way to name an entity. Lang is a BCP 47 tag, or empty when unknown.
type Name struct {
	Text string   `json:"text"`
	Lang string   `json:"lang,omitempty"`
	Kind NameKind `json:"kind"`
}

// ExternalID names an entity in another scheme, e.g. wikidata Q7747.
type ExternalID struct{ Scheme, Value string }

// Entity is what statements are about, as one view shows it: an entity that was
// merged into another is shown as the survivor, with the names and external ids of all it absorbed.
type Entity struct {
	ID          string
	Kind        vocab.Kind
	MainName    string
	Description string // empty when there is none
	ExternalIDs []ExternalID
	Attributes  json.RawMessage // a JSON object with sorted keys

	names   []Name // without the main name
	num     uint64
	created Revision
	updated Revision
	deleted bool
	view    *View

	counterparts atomic.Pointer[counterparts] // nil until it stands in a list
}

// DocumentKind says what sort of source a document is.
type DocumentKind string

// The kinds of documents.
const (
	DocumentArticle    DocumentKind = "article"
	DocumentTranscript DocumentKind = "transcript"
	DocumentStatement  DocumentKind = "statement"
	DocumentResolution DocumentKind = "resolution"
	DocumentTreaty     DocumentKind = "treaty"
	DocumentPost       DocumentKind = "post"
	DocumentDataset    DocumentKind = "dataset"
	DocumentBook       DocumentKind = "book"
	DocumentOther      DocumentKind = "other"
)

// DocumentKinds lists every kind of document in the contract's order.
var DocumentKinds = []DocumentKind{
	DocumentArticle, DocumentTranscript, DocumentStatement, DocumentResolution,
	DocumentTreaty, DocumentPost, DocumentDataset, DocumentBook, DocumentOther,
}

// Document is a source. Published is EDTF; SHA256 (hex) and Length (code points) describe the stored text.
type Document struct {
	ID        string
	Title     string
	Publisher string
	Authors   []string
	URL       string
	Published string
	Lang      string
	Kind      DocumentKind
	License   string
	SHA256    string // empty when no text is stored
	Length    int

	num         uint64
	derivedFrom uint64   // number of the document this one copies; 0 for none
	textRev     Revision // the revision whose text rows hold the text; 0 for none
	created     Revision
	updated     Revision
	view        *View
}

// Qualifier is a role of a relation filled by an entity, a text, or both.
type Qualifier struct {
	Role string
	Text string

	entity   uint64
	view     *View
	siblings *siblings // of its relation
}

// Relation is one fact, as one view shows it.
type Relation struct {
	ID         string
	Type       string // id in the vocabulary
	Occurred   string // EDTF as written; empty when undated
	Stance     *int   // -2..2; nil when the relation states none
	Condition  string // empty when unconditional
	Qualifiers []Qualifier

	num      uint64
	typ      uint32
	from, to uint64 // as written, before merges
	created  Revision
	view     *View
	siblings *siblings // nil for one that was loaded alone
}

// Verdict says whether a source affirms or denies a relation.
type Verdict string

// The verdicts.
const (
	Affirms Verdict = "affirms"
	Denies  Verdict = "denies"
)

// Verdicts lists them in the contract's order.
var Verdicts = []Verdict{Affirms, Denies}

// Modality says how a source puts a relation.
type Modality string

// The modalities.
const (
	Asserted    Modality = "asserted"
	Reported    Modality = "reported"
	Possible    Modality = "possible"
	Conditional Modality = "conditional"
	Planned     Modality = "planned"
)

// Modalities lists them in the contract's order.
var Modalities = []Modality{Asserted, Reported, Possible, Conditional, Planned}

// Verification says whether the words were found in the stored text.
type Verification string

// The verifications. Unverified: no text is stored, or there are no words to
// look for. Orphaned: a later version of the text no longer has the words in one certain place.
const (
	Verified   Verification = "verified"
	Unverified Verification = "unverified"
	Orphaned   Verification = "orphaned"
)

// Verifications lists them in the contract's order.
var Verifications = []Verification{Verified, Unverified, Orphaned}

// Citation is where a source says so. Start and End are a half-open range of
// code points in the document's text, nil when the text is not stored or no longer has the words.
type Citation struct {
	ID           string
	Quote        string
	Start, End   *int
	Locator      string
	Verdict      Verdict
	Modality     Modality
	StatedOn     string // EDTF
	Note         string
	Confidence   *float64
	Verification Verification
	RecordedBy   string

	RetractionReason string

	prefix, suffix string // as given, for documents without text
	hash           [8]byte
	relation       uint64
	relationHash   [16]byte
	document       uint64
	speaker        uint64
	via            []uint64
	recorded       Revision
	retracted      Revision // 0 while live
	view           *View
	siblings       *siblings // of its relation
}

// RelationStatus is what the live citations of a relation add up to.
type RelationStatus string

// The statuses of a relation. See [Support] for what counts as an independent source.
const (
	StatusReported     RelationStatus = "reported"     // one independent source affirms
	StatusCorroborated RelationStatus = "corroborated" // two or more do
	StatusContested    RelationStatus = "contested"    // sources affirm and deny
	StatusDenied       RelationStatus = "denied"       // sources only deny
	StatusRetracted    RelationStatus = "retracted"    // every citation was withdrawn
)

// RelationStatuses lists them in the contract's order.
var RelationStatuses = []RelationStatus{StatusReported, StatusCorroborated, StatusContested, StatusDenied, StatusRetracted}

// Support counts the live citations behind a relation. An independent source is
// the root of a document's derivedFrom chain, counted once per publisher of
// that root; IndependentSources counts those that affirm.
type Support struct {
	Affirming, Denying            int // citations
	Documents, Publishers         int
	IndependentSources            int
	FirstPublished, LastPublished string // EDTF; empty when no cited document is dated
}

// StanceLabel names a stance value.
type StanceLabel string

// The labels of the stance values -2 to 2.
const (
	StronglyOpposes  StanceLabel = "strongly-opposes"
	Opposes          StanceLabel = "opposes"
	Neutral          StanceLabel = "neutral"
	Supports         StanceLabel = "supports"
	StronglySupports StanceLabel = "strongly-supports"
)

// StanceLabels lists them from -2 to 2.
var StanceLabels = []StanceLabel{StronglyOpposes, Opposes, Neutral, Supports, StronglySupports}

// Position is where an actor stands on a target, with what that rests on.
type Position struct {
	Actor, Target *Entity
	Stance        int
	Label         StanceLabel
	Conditional   bool
	Since         string      // EDTF; empty when undated
	Basis         []*Relation // newest first
	Previous      *Position   // nil for the first known stance
}

// RelationType is an entry of the vocabulary as one view shows it.
type RelationType struct {
	vocab.Type

	code uint32 // 0 while no row names the type
	view *View
}

// Operation says what a change did.
type Operation string

// The operations.
const (
	Created   Operation = "created"
	Updated   Operation = "updated"
	Unchanged Operation = "unchanged"
	Retracted Operation = "retracted"
	Merged    Operation = "merged"
	Deleted   Operation = "deleted"
)

// Operations lists them in the contract's order.
var Operations = []Operation{Created, Updated, Unchanged, Retracted, Merged, Deleted}

// Node is an entity, a relation or a document: *Entity, *Relation or *Document.
type Node interface{ NodeID() string }

// Event is one change to one object, from its history.
type Event struct {
	Revision  Revision
	At        time.Time
	By        string
	Note      string // the reason given for the change, then the note of its batch
	Operation Operation
	ID        string

	kind   byte
	num    uint64
	place  uint32 // in its commit
	reason string // without the note of the batch
	view   *View
}
