package topology

import "fmt"

// Builder makes arrays from rows that come entity by entity.
type Builder struct {
	a      Arrays
	lists  lister
	entity uint32 // of the last row
}

// NewBuilder begins arrays for a graph at a revision. Room is made for about so many relations.
func NewBuilder(revision uint64, relations int) *Builder {
	b := &Builder{}
	b.a.revision, b.a.links, b.a.cites = revision, revision, revision
	b.a.chunks = make([]*chunk, 0, relations/chunkSize+1)
	b.lists.entries = make([]Entry, 0, 2*relations)
	return b
}

// Add takes one row: a relation in the list of an entity. Rows come by entity, then newest first, then by number.
// It fails on numbers beyond what the arrays can hold and on rows out of order.
func (b *Builder) Add(part Part, relation uint32, edge *Edge, dead bool) error {
	if relation > MaxRelation {
		return fmt.Errorf("topology: relation %d is beyond the %d that the arrays can hold", relation, MaxRelation)
	}
	if part.Entity < b.entity {
		return fmt.Errorf("topology: the list of entity %d comes after that of %d", part.Entity, b.entity)
	}
	b.entity = part.Entity
	a := &b.a
	for int(relation>>chunkBits) >= len(a.chunks) {
		a.chunks = append(a.chunks, new(chunk))
	}
	e := a.Edge(relation)
	*e = *edge
	a.relations = max(a.relations, relation+1)
	if dead {
		b.grow(relation)
		a.dead[relation>>6] |= 1 << (relation & 63)
		a.anyDead = true
	}
	b.lists.begin(part.Entity)
	b.lists.entries = append(b.lists.entries, part.entry(relation, e))
	return nil
}

func (b *Builder) grow(relation uint32) {
	if n := int(relation>>6) + 1; n > len(b.a.dead) {
		b.a.dead = append(b.a.dead, make([]uint64, n-len(b.a.dead))...)
	}
}

// Cite notes a live citation that affirms a relation added before.
func (b *Builder) Cite(relation, document uint32) {
	e := b.a.Edge(relation)
	switch {
	case e.document == 0:
		e.document = document
	case e.document&manyDocuments == 0:
		b.a.cite(e, []uint32{e.document, document})
	default:
		list := &b.a.documents[e.document&^manyDocuments]
		*list = append(*list, document)
	}
}

// Deny notes that a live citation denies a relation added before.
func (b *Builder) Deny(relation uint32) { b.a.Edge(relation).Denied = true }

// Arrays are what was built. The builder must not be used again.
func (b *Builder) Arrays() *Arrays {
	b.grow(b.a.relations)
	b.a.segments = []*segment{b.lists.segment()}
	b.a.limits = []limit{{b.a.revision, b.a.relations}}
	return &b.a
}
