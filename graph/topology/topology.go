// Package topology holds who is tied to whom in compressed arrays in memory, so
// that questions over many hops need not read rows.
//
// A relation takes 28 bytes, and 8 bytes under each entity that takes part in
// it: 44 bytes for one without qualifiers, 44 MB for a million relations; an
// entity takes 4 bytes. Each entity's relations lie together, newest first.
//
// Arrays never change. What a commit adds is a further, small segment with
// lists of its own, and segments are merged as they grow, as in a log-structured
// merge tree: reading an entity looks into a logarithmic number of segments, and
// a relation is moved a logarithmic number of times. Readers therefore never
// wait for anyone, and keep what they hold for as long as they need it.
package topology

import (
	"cmp"
	"iter"
	"slices"
	"sort"
)

// Edge is one relation. Flags and Type mean what the caller wants.
type Edge struct {
	From, To uint32
	Type     uint32
	Day      uint32 // place in time; smaller is newer
	Span     int32
	document uint32 // 0: none; the only one; or, with manyDocuments, where the list is
	Flags    uint8
	Stance   int8 // NoStance, or a stance
	Denied   bool // a live citation denies it
}

// NoStance stands for a relation that states no stance.
const NoStance = -128

// MaxRelation is the largest number of a relation that the arrays can hold.
const MaxRelation = 1<<30 - 1

const (
	entryOut = 1 << 31
	entryIn  = 1 << 30
)

// Entry is one relation in the list of an entity.
type Entry struct {
	Other uint32 // the entity at the other end; the entity itself for a relation to itself or one that it only qualifies
	link  uint32
}

// Relation is the number of the relation.
func (e Entry) Relation() uint32 { return e.link & MaxRelation }

// Out tells whether the relation starts at the entity of the list.
func (e Entry) Out() bool { return e.link&entryOut != 0 }

// In tells whether the relation points to the entity of the list.
func (e Entry) In() bool { return e.link&entryIn != 0 }

const (
	chunkBits = 13
	chunkSize = 1 << chunkBits // relations
)

type chunk [chunkSize]Edge

// Arrays are the relations of a graph at one revision. They never change, and may be read by several goroutines at once.
type Arrays struct {
	revision  uint64
	relations uint32 // one more than the largest number
	chunks    []*chunk
	dead      []uint64 // a bit for each relation
	anyDead   bool
	segments  []*segment // largest first
	documents [][]uint32 // of the relations with several
	limits    []limit    // ascending
	links     uint64     // the last revision that changed whether a relation before it is live
	cites     uint64     // the last revision that changed the documents of one
}

// limit is the number of relations after a revision.
type limit struct {
	revision  uint64
	relations uint32
}

// maxLimits is how many revisions back arrays are kept readable.
const maxLimits = 1 << 16

// Revision is the newest revision that the arrays show.
func (a *Arrays) Revision() uint64 { return a.revision }

// At tells how the arrays show an earlier revision: as the relations below end.
// It is false where relations were withdrawn or revived since, or where the arrays do not go back so far.
func (a *Arrays) At(revision uint64) (end uint32, ok bool) {
	if revision < a.links || revision > a.revision || revision < a.limits[0].revision {
		return 0, false
	}
	i := sort.Search(len(a.limits), func(i int) bool { return a.limits[i].revision > revision })
	return a.limits[i-1].relations, true
}

// DocumentsAt tells whether Documents are those of an earlier revision as well.
func (a *Arrays) DocumentsAt(revision uint64) bool { return revision >= a.cites }

// End is one more than the largest number of a relation.
func (a *Arrays) End() uint32 { return a.relations }

// Edge is a relation below End. It must not be changed.
func (a *Arrays) Edge(relation uint32) *Edge {
	return &a.chunks[relation>>chunkBits][relation&(chunkSize-1)]
}

// Dead tells whether every citation of a relation was withdrawn.
func (a *Arrays) Dead(relation uint32) bool {
	return a.anyDead && a.dead[relation>>6]>>(relation&63)&1 != 0
}

// manyDocuments marks a place in Arrays.documents.
const manyDocuments = 1 << 31

// Documents are the documents whose live citations affirm a relation, one for each citation. Dst is a buffer for one of them.
func (a *Arrays) Documents(relation uint32, dst *[1]uint32) []uint32 {
	switch d := a.Edge(relation).document; {
	case d == 0:
		return nil
	case d&manyDocuments != 0:
		return a.documents[d&^manyDocuments]
	default:
		dst[0] = d
		return dst[:]
	}
}

// Bytes is about how much memory the arrays take.
func (a *Arrays) Bytes() int64 {
	n := int64(len(a.chunks))*chunkSize*28 + int64(len(a.dead))*8 + int64(len(a.limits))*16
	for _, s := range a.segments {
		n += int64(len(s.entries))*8 + int64(len(s.entities)+len(s.offsets))*4
	}
	for _, d := range a.documents {
		n += int64(len(d))*4 + 24
	}
	return n
}

// before is the order of lists: newest first, then by number.
func (a *Arrays) before(x, y Entry) int {
	return cmp.Or(cmp.Compare(a.Edge(x.Relation()).Day, a.Edge(y.Relation()).Day), cmp.Compare(x.Relation(), y.Relation()))
}

// Adjacent are the relations in which an entity takes part, newest first, then by number. Several entities are
// read as one: a relation between two of them has its entry once, as going out and coming in. The answer must not be changed.
func (a *Arrays) Adjacent(entities ...uint32) []Entry {
	var some [8][]Entry
	lists := some[:0]
	for _, e := range entities {
		for _, s := range a.segments {
			if l := s.list(e); len(l) > 0 {
				lists = append(lists, l)
			}
		}
	}
	switch len(lists) {
	case 0:
		return nil
	case 1:
		return lists[0]
	}
	for len(lists) > 1 {
		// Pairs from the end, where the short ones are.
		n := len(lists)
		lists[n-2] = a.mergeLists(nil, lists[n-2], lists[n-1], len(entities) > 1)
		lists = lists[:n-1]
	}
	return lists[0]
}

// Lists are the relations in which an entity takes part, in one or more lists, each of them newest first.
func (a *Arrays) Lists(entity uint32) iter.Seq[[]Entry] {
	return func(yield func([]Entry) bool) {
		for _, s := range a.segments {
			if l := s.list(entity); len(l) > 0 && !yield(l) {
				return
			}
		}
	}
}

// Len is how many relations an entity takes part in, dead ones included.
func (a *Arrays) Len(entity uint32) int {
	n := 0
	for _, s := range a.segments {
		n += len(s.list(entity))
	}
	return n
}

// mergeLists appends two lists in order; where join is set, two entries of one relation become one.
func (a *Arrays) mergeLists(dst, x, y []Entry, join bool) []Entry {
	dst = slices.Grow(dst, len(x)+len(y))
	for len(x) > 0 && len(y) > 0 {
		switch c := a.before(x[0], y[0]); {
		case c == 0 && join:
			both := x[0]
			if !both.Out() && !both.In() {
				both.Other = y[0].Other // the one that stands at an end knows the entity at the other
			}
			both.link |= y[0].link
			dst, x, y = append(dst, both), x[1:], y[1:]
		case c <= 0:
			dst, x = append(dst, x[0]), x[1:]
		default:
			dst, y = append(dst, y[0]), y[1:]
		}
	}
	return append(append(dst, x...), y...)
}
