package graph

import (
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"chancery/graph/topology"
)

// adjacent walks the relations of the list's entities in the arrays, as edges does in the rows.
func (l *listing) adjacent(k *links) walk[*candidate] {
	entities := make([]uint32, 0, len(l.entities))
	for num := range l.entities {
		entities = append(entities, uint32(num))
	}
	slices.Sort(entities)
	return l.kept(func(_ context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		return func(yield func(keyed[*candidate], error) bool) {
			entries := k.between(k.Adjacent(entities...), after, before)
			var block []candidate
			key := make([]byte, 12)
			for i := range entries {
				n := entries[i]
				if reverse {
					n = entries[len(entries)-1-i]
				}
				if n.Relation() >= k.end {
					continue
				}
				if len(block) == 0 {
					block = make([]candidate, min(64, len(entries)-i))
				}
				c := &block[0]
				block = block[1:]
				c.edge, c.v = k.edge(n), l.v
				binary.BigEndian.PutUint32(key, uint32(c.occurred))
				binary.BigEndian.PutUint64(key[4:], c.num)
				if !yield(keyed[*candidate]{key, c}, nil) {
					return
				}
			}
		}
	})
}

// between cuts a list down to what lies between two keys of a day and a number, both left out.
func (l *links) between(entries []topology.Entry, after, before []byte) []topology.Entry {
	place := func(key []byte) (int, bool) {
		day, num := binary.BigEndian.Uint32(key), binary.BigEndian.Uint64(key[4:])
		return slices.BinarySearchFunc(entries, struct{}{}, func(n topology.Entry, _ struct{}) int {
			switch d := l.Edge(n.Relation()).Day; {
			case d != day:
				return cmp.Compare(d, day)
			default:
				return cmp.Compare(uint64(n.Relation()), num)
			}
		})
	}
	hi := len(entries)
	if len(before) == 12 {
		hi, _ = place(before)
	}
	lo := 0
	if len(after) == 12 {
		var found bool
		if lo, found = place(after); found {
			lo++
		}
	}
	return entries[min(lo, hi):hi]
}
