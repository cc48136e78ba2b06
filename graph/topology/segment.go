package topology

import "sort"

// segment holds the lists of some entities, one after the other. A dense one finds an entity by its number,
// a sparse one by bisection.
type segment struct {
	entities []uint32 // ascending; nil in a dense one
	offsets  []uint32 // where each list begins, and the end
	entries  []Entry
}

func (s *segment) list(entity uint32) []Entry {
	i := int(entity)
	if s.entities != nil {
		i = sort.Search(len(s.entities), func(i int) bool { return s.entities[i] >= entity })
		if i == len(s.entities) || s.entities[i] != entity {
			return nil
		}
	}
	if i+1 >= len(s.offsets) {
		return nil
	}
	return s.entries[s.offsets[i]:s.offsets[i+1]]
}

// each visits the lists in the order of their entities.
func (s *segment) each(visit func(entity uint32, list []Entry)) {
	for i := 0; i+1 < len(s.offsets); i++ {
		entity := uint32(i)
		if s.entities != nil {
			entity = s.entities[i]
		}
		if list := s.entries[s.offsets[i]:s.offsets[i+1]]; len(list) > 0 {
			visit(entity, list)
		}
	}
}

// lister builds a segment from lists that come in the order of their entities.
type lister struct {
	entities []uint32
	offsets  []uint32
	entries  []Entry
}

// begin starts the list of an entity; entries appended afterwards are in it.
func (l *lister) begin(entity uint32) {
	if n := len(l.entities); n > 0 && l.entities[n-1] == entity {
		return
	}
	l.entities = append(l.entities, entity)
	l.offsets = append(l.offsets, uint32(len(l.entries)))
}

// denseShare is how much of the range of entities must have a list for a table over the whole range.
const denseShare = 4

func (l *lister) segment() *segment {
	offsets := append(l.offsets, uint32(len(l.entries)))
	n := len(l.entities)
	if n == 0 || int(l.entities[n-1])+2 > denseShare*(n+1) {
		return &segment{entities: l.entities, offsets: offsets, entries: l.entries}
	}
	table := make([]uint32, l.entities[n-1]+2)
	next := uint32(0)
	for i, entity := range l.entities {
		for ; next <= entity; next++ {
			table[next] = offsets[i]
		}
	}
	table[next] = offsets[n]
	return &segment{offsets: table, entries: l.entries}
}

// mergeSegments joins two segments.
func (a *Arrays) mergeSegments(x, y *segment) *segment {
	type part struct {
		entity uint32
		list   []Entry
	}
	var parts []part
	y.each(func(entity uint32, list []Entry) { parts = append(parts, part{entity, list}) })
	out := &lister{entries: make([]Entry, 0, len(x.entries)+len(y.entries))}
	only := func(p part) {
		out.begin(p.entity)
		out.entries = append(out.entries, p.list...)
	}
	x.each(func(entity uint32, list []Entry) {
		for len(parts) > 0 && parts[0].entity < entity {
			only(parts[0])
			parts = parts[1:]
		}
		out.begin(entity)
		if len(parts) > 0 && parts[0].entity == entity {
			out.entries = a.mergeLists(out.entries, list, parts[0].list, false)
			parts = parts[1:]
			return
		}
		out.entries = append(out.entries, list...)
	})
	for _, p := range parts {
		only(p)
	}
	return out.segment()
}
