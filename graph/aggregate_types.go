package graph

import "sync"

// StatsKey is what relations are counted by.
type StatsKey string

// The keys. A relation counts once for each value it has: it may have several
// publishers, speakers, documents, kinds and languages, those of its live citations.
const (
	KeyType         StatsKey = "type"
	KeyFrom         StatsKey = "from"
	KeyTo           StatsKey = "to"
	KeyPublisher    StatsKey = "publisher"
	KeySpeaker      StatsKey = "speaker"
	KeyDocument     StatsKey = "document"
	KeyDocumentKind StatsKey = "document-kind"
	KeyLang         StatsKey = "lang"
	KeyStance       StatsKey = "stance"
	KeyStatus       StatsKey = "status"
)

// StatsKeys lists them in the contract's order.
var StatsKeys = []StatsKey{KeyType, KeyFrom, KeyTo, KeyPublisher, KeySpeaker, KeyDocument, KeyDocumentKind, KeyLang, KeyStance, KeyStatus}

// GroupKey is one value of a key. Entity is set for from, to and speaker.
type GroupKey struct {
	Key    StatsKey
	Value  string
	Label  string
	Entity *Entity
}

// KeyFacet is how often the values of one key occur.
type KeyFacet struct {
	Key     StatsKey
	Values  []KeyCount // the most frequent first, equal ones by value
	Other   int        // relations with values, none of which is shown
	Missing int        // relations without a value
}

// KeyCount is how many relations have a value.
type KeyCount struct {
	GroupKey
	Count int
}

// GroupOrder is what groups are sorted by.
type GroupOrder string

// The orders of groups, the largest or newest first; GroupsByKey goes by the values. Equal ones go by their values.
const (
	GroupsByCount        GroupOrder = "count"
	GroupsByDocuments    GroupOrder = "documents"
	GroupsByLastOccurred GroupOrder = "last-occurred"
	GroupsByKey          GroupOrder = "key"
)

// GroupOrders lists them in the contract's order.
var GroupOrders = []GroupOrder{GroupsByCount, GroupsByDocuments, GroupsByLastOccurred, GroupsByKey}

// RelationGroup are the relations that share a value of each key.
type RelationGroup struct {
	Keys                        []GroupKey
	Count                       int
	FirstOccurred, LastOccurred string // EDTF of the oldest and the newest dated relation; empty for none
	NetStance                   int    // sum of the stances

	members               []uint64 // newest first
	sources               sync.Once
	sourcesErr            error
	documents, publishers int // known after sources
	newest                sortDay
	firstDated, lastDated uint64
	samples               *relationLists // the members of all groups of the answer
	at                    int            // which of the lists is the group's
	view                  *View
	sortedBy              string // the values, joined
}

// TimeInterval is the width of a bucket of a timeline.
type TimeInterval string

// The intervals. Weeks begin on Monday.
const (
	IntervalDay     TimeInterval = "day"
	IntervalWeek    TimeInterval = "week"
	IntervalMonth   TimeInterval = "month"
	IntervalQuarter TimeInterval = "quarter"
	IntervalYear    TimeInterval = "year"
)

// TimeIntervals lists them in the contract's order.
var TimeIntervals = []TimeInterval{IntervalDay, IntervalWeek, IntervalMonth, IntervalQuarter, IntervalYear}

// TimeField is which date of a relation a timeline goes by.
type TimeField string

// The dates of a relation. TimePublished is the earliest publication among its live citations,
// TimeRecorded the day on which the service recorded it.
const (
	TimeOccurred  TimeField = "occurred"
	TimePublished TimeField = "published"
	TimeRecorded  TimeField = "recorded"
)

// TimeFields lists them in the contract's order.
var TimeFields = []TimeField{TimeOccurred, TimePublished, TimeRecorded}

// TimelineInput asks for a timeline. Range leaves out what surely lies outside
// of it. SplitBy makes one series for each of the most frequent values of a key. Fill adds the empty buckets between the
// first and the last, or of the range.
type TimelineInput struct {
	Interval TimeInterval
	On       TimeField // empty: occurred
	Range    *DateRange
	SplitBy  *StatsKey
	Fill     bool
	Limit    int // of series
}

// TimeSeries counts relations by time. A relation is in the bucket that all its possible days lie in.
type TimeSeries struct {
	Key       *GroupKey // nil where nothing splits
	Buckets   []TimeBucket
	Imprecise int // relations whose date is too coarse for the interval
	Undated   int
}

// TimeBucket is one interval; Start is its first day, month or year in EDTF.
type TimeBucket struct {
	Start     string
	Count     int
	NetStance int
}

// Matrix counts relations by the most frequent values of two keys.
type Matrix struct {
	Rows, Columns []GroupKey
	Cells         []MatrixCell // those that are not empty, row by row
}

// MatrixCell is one cell; Row and Column are places in the lists of the matrix.
type MatrixCell struct {
	Row, Column      int
	Count, NetStance int
}
