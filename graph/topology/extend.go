package topology

import (
	"cmp"
	"slices"
)

// Part is how an entity takes part in a relation; one that only qualifies it is neither.
type Part struct {
	Entity  uint32
	Out, In bool
}

// Change is a relation that is new, or whose citations changed. Edge and Parts are read of a new one alone.
type Change struct {
	Relation  uint32
	Edge      Edge
	Parts     []Part
	Dead      bool
	Documents []uint32 // of the live citations that affirm it
	Denied    bool     // a live citation denies it
}

// Commit is what one revision changed. New relations come in the order of their numbers, which begin at End. A
// relation that several commits of one extension change may be given to each of them as the last one leaves it.
type Commit struct {
	Revision uint64
	Changes  []Change
}

// Extend makes the arrays after further commits. The arrays given stay as they are. Only the newest arrays may be
// extended, and by one goroutine at a time. It takes time in proportion to what changed, but for the merging of segments.
func (a *Arrays) Extend(commits []Commit) *Arrays {
	x := &extension{Arrays: *a, own: map[uint32]bool{}, seen: map[uint32]bool{}}
	for _, c := range commits {
		x.revision = c.Revision
		for i := range c.Changes {
			c := &c.Changes[i]
			if c.Relation < x.relations {
				x.change(c)
			} else {
				x.add(c)
			}
			if x.seen[c.Relation] {
				x.links = x.revision
			}
			x.seen[c.Relation] = true
		}
		if n := len(x.limits); x.limits[n-1].relations != x.relations {
			x.limits = append(x.limits, limit{c.Revision, x.relations})
		}
	}
	if n := len(x.limits); n > 2*maxLimits {
		x.limits = slices.Clone(x.limits[n-maxLimits:])
	}
	if len(x.added) > 0 {
		x.segments = append(slices.Clone(x.segments), x.list(x.added))
		x.compact()
	}
	return &x.Arrays
}

// compact merges segments until each is at least twice as long as the next.
func (a *Arrays) compact() {
	for n := len(a.segments); n > 1 && len(a.segments[n-2].entries) < 2*len(a.segments[n-1].entries); n-- {
		a.segments[n-2] = a.mergeSegments(a.segments[n-2], a.segments[n-1])
		a.segments = a.segments[:n-1]
	}
}

// extension is arrays that are being made out of others. What the others show is copied before it is changed; what
// is appended to slices they share lies beyond what they see.
type extension struct {
	Arrays
	own          map[uint32]bool // chunks that were copied
	ownDead      bool
	ownDocuments bool
	seen         map[uint32]bool // relations that changed before: what they were in between is not known
	added        []listed
}

type listed struct {
	entity uint32
	entry  Entry
}

// list makes a segment of entries in any order.
func (a *Arrays) list(added []listed) *segment {
	slices.SortFunc(added, func(x, y listed) int { return cmp.Or(cmp.Compare(x.entity, y.entity), a.before(x.entry, y.entry)) })
	l := &lister{}
	for _, x := range added {
		l.begin(x.entity)
		l.entries = append(l.entries, x.entry)
	}
	return l.segment()
}

func (x *extension) add(c *Change) {
	for int(c.Relation>>chunkBits) >= len(x.chunks) {
		x.chunks = append(x.chunks, new(chunk))
	}
	if n := int(c.Relation>>6) + 1; n > len(x.dead) {
		x.dead, x.ownDead = slices.Concat(x.dead, make([]uint64, n-len(x.dead)+len(x.dead)/4+64)), true
	}
	e := x.Edge(c.Relation)
	*e = c.Edge
	e.Denied = c.Denied
	x.relations = c.Relation + 1
	x.cite(e, c.Documents)
	if c.Dead {
		x.kill(c.Relation, true)
	}
	for _, p := range c.Parts {
		x.added = append(x.added, listed{p.Entity, p.entry(c.Relation, e)})
	}
}

// change replaces what a relation shows, in a copy of its chunk.
func (x *extension) change(c *Change) {
	if x.Dead(c.Relation) != c.Dead {
		x.kill(c.Relation, c.Dead)
		x.links = x.revision
	}
	n := c.Relation >> chunkBits
	if !x.own[n] {
		if len(x.own) == 0 {
			x.chunks = slices.Clone(x.chunks)
		}
		copied := *x.chunks[n]
		x.chunks[n], x.own[n] = &copied, true
	}
	x.cites = x.revision
	e := x.Edge(c.Relation)
	e.Denied = c.Denied
	if e.document&manyDocuments == 0 || len(c.Documents) < 2 {
		x.cite(e, c.Documents)
		return
	}
	if !x.ownDocuments {
		x.documents, x.ownDocuments = slices.Clone(x.documents), true
	}
	x.documents[e.document&^manyDocuments] = c.Documents
}

// cite notes the documents of a relation. Several have a place of their own, which stays with the relation only
// for as long as it has several.
func (a *Arrays) cite(e *Edge, documents []uint32) {
	switch len(documents) {
	case 0:
		e.document = 0
	case 1:
		e.document = documents[0]
	default:
		e.document = manyDocuments | uint32(len(a.documents))
		a.documents = append(a.documents, documents)
	}
}

func (x *extension) kill(relation uint32, dead bool) {
	if !x.ownDead {
		x.dead, x.ownDead = slices.Clone(x.dead), true
	}
	if dead {
		x.dead[relation>>6] |= 1 << (relation & 63)
		x.anyDead = true
	} else {
		x.dead[relation>>6] &^= 1 << (relation & 63)
	}
}

func (p Part) entry(relation uint32, e *Edge) Entry {
	out := Entry{p.Entity, relation}
	if p.Out {
		out.Other, out.link = e.To, out.link|entryOut
	}
	if p.In {
		out.Other, out.link = e.From, out.link|entryIn
	}
	return out
}
