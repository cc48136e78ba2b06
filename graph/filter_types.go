package graph

import "chancery/graph/vocab"

// A filter's fields are joined by and; the values of one list by or. A nil
// field asks for nothing; an empty list matches nothing.

// StringFilter compares a string: Eq and In letter for letter, Prefix and
// Match without regard to case, accents and width. Match asks that every word of its value be among the words of the string.
type StringFilter struct {
	Eq     *string
	In     []string
	Prefix *string
	Match  *string
}

// DateMatch says how imprecise dates meet a range.
type DateMatch string

// POSSIBLE keeps what may fall inside, CERTAIN what must. An undated relation matches no range.
const (
	MatchPossible DateMatch = "possible"
	MatchCertain  DateMatch = "certain"
)

// DateMatches lists them in the contract's order.
var DateMatches = []DateMatch{MatchPossible, MatchCertain}

// DateRange is half-open on days: the earliest day of From <= day < the earliest day of To.
type DateRange struct {
	From, To *string // EDTF
	Match    DateMatch
}

// IntRange is closed on both ends; a nil end is open.
type IntRange struct{ GTE, LTE *int }

// EntityFilter selects entities. A name condition is met by any name of an entity.
type EntityFilter struct {
	And            []*EntityFilter
	Or             []*EntityFilter
	Not            *EntityFilter
	IDs            []string
	Kinds          []vocab.Kind
	Name           *StringFilter
	ExternalScheme *string
	Relations      *RelationQuantifier
	Degree         *IntRange // number of live relations at its ends
}

// RelationQuantifier asks for at least one relation that meets Some, and for
// none that meets None, of those at whose ends the entity stands. A nil field asks for nothing.
type RelationQuantifier struct {
	Some, None *RelationFilter
	Direction  Direction // empty: both
}

// RelationFilter selects relations. Ids stand for the entity after merges. A
// type includes its narrower types. Without Status, retracted relations are left out.
type RelationFilter struct {
	And                   []*RelationFilter
	Or                    []*RelationFilter
	Not                   *RelationFilter
	Types                 []string
	From, To              []string
	Involves              []string // any of these at either end or as a qualifier
	InvolvesAll           []string // each of these, at an end or as a qualifier; an empty list asks for nothing
	FromMatches           *EntityFilter
	ToMatches             *EntityFilter
	Qualifier             *QualifierFilter
	Occurred              *DateRange
	Stance                *IntRange
	Status                []RelationStatus
	MinIndependentSources *int
	Citation              *CitationFilter
}

// QualifierFilter asks for a qualifier with this role and one of these entities.
type QualifierFilter struct {
	Role   *string
	Entity []string
}

// CitationFilter asks for a live citation that meets all of its fields.
type CitationFilter struct {
	Documents    []string
	Publishers   []string
	Speakers     []string
	Kinds        []DocumentKind
	Langs        []string
	Published    *DateRange
	Recorded     *DateRange
	Verdict      []Verdict
	Modality     []Modality
	Verification []Verification
	Quote        *StringFilter
}

// DocumentFilter selects documents. Mentions asks for documents that cite a
// relation with one of these entities at an end or as a qualifier.
type DocumentFilter struct {
	IDs        []string
	Title      *StringFilter
	Publishers []string
	Published  *DateRange
	Kinds      []DocumentKind
	Langs      []string
	Text       *StringFilter
	Mentions   []string
}

// PositionFilter selects positions. Occurred limits the statements they are
// computed from; ChangedSince keeps positions that began on or after its earliest day.
type PositionFilter struct {
	Actors       []string
	Targets      []string
	Stance       []StanceLabel
	Occurred     *DateRange
	ChangedSince *string
}

// Direction says on which end of a relation an entity stands. Relations of symmetric types match both.
type Direction string

// The directions.
const (
	Out  Direction = "out"
	In   Direction = "in"
	Both Direction = "both"
)

// Directions lists them in the contract's order.
var Directions = []Direction{Out, In, Both}

// EntityOrderField is what entities are sorted by.
type EntityOrderField string

// The orders of entities. ByName compares folded main names.
const (
	ByName    EntityOrderField = "name"
	ByDegree  EntityOrderField = "degree"
	ByCreated EntityOrderField = "created"
	ByUpdated EntityOrderField = "updated"
)

// EntityOrderFields lists them in the contract's order.
var EntityOrderFields = []EntityOrderField{ByName, ByDegree, ByCreated, ByUpdated}

// EntityOrder is one sort key of entities.
type EntityOrder struct {
	Field      EntityOrderField
	Descending bool
}

// RelationOrderField is what relations are sorted by.
type RelationOrderField string

// The orders of relations. ByOccurred compares earliest days; undated relations
// are the oldest. ByType compares type ids.
const (
	ByOccurred RelationOrderField = "occurred"
	ByRecorded RelationOrderField = "recorded"
	ByType     RelationOrderField = "type"
)

// RelationOrderFields lists them in the contract's order.
var RelationOrderFields = []RelationOrderField{ByOccurred, ByRecorded, ByType}

// RelationOrder is one sort key of relations.
type RelationOrder struct {
	Field      RelationOrderField
	Descending bool
}

// PageArgs ask for one page: the first so many after a cursor, or the last so
// many before one. First of 0 asks for the total alone.
type PageArgs struct {
	First, Last   *int
	After, Before *string
}

// Page is one page of a walk, in the order of the walk. Every page of a walk is
// read at the revision of its first page.
type Page[T any] struct {
	Items       []T
	Cursors     []string // aligned with Items
	HasNext     bool
	HasPrevious bool
	Revision    Revision

	total func() (int, error)
	stats *RelationStats
}

// Total is the size of the whole filtered set, whatever the page. It is counted when asked for.
func (p *Page[T]) Total() (int, error) { return p.total() }

// Stats counts the whole filtered set in other ways, whatever the page; nil for lists of other things than relations.
func (p *Page[T]) Stats() *RelationStats { return p.stats }

// FacetValue is how many entities have one kind.
type FacetValue struct {
	Value string
	Count int
}
