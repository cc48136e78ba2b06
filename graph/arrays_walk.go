package graph

import (
	"cmp"
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"sort"

	"chancery/graph/topology"
)

// adjacent walks the relations of the list's entities in the arrays, as edges does in the rows.
func (l *listing) adjacent(k *links) walk[*candidate] {
	return l.kept(func(_ context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		return func(yield func(keyed[*candidate], error) bool) {
			entries := k.between(k.around(sortedSet(l.entities)), after, before)
			newest := sort.Search(len(entries), func(i int) bool { return k.Edge(entries[i].Relation()).Day >= uint32(l.newest) })
			entries = entries[newest:]
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

// visit goes over the list in no certain order, and gives candidates that are not to be kept. A list that starts from all
// relations, or from types, is read from the topology where it can be.
func (l *listing) visit(ctx context.Context, visit func(*candidate) error) error {
	k, err := l.visited(ctx)
	if err != nil {
		return err
	}
	if k != nil {
		return l.visitArrays(ctx, k, visit)
	}
	all, err := l.candidates(ctx)
	if err != nil {
		return err
	}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return err
		}
		if err := visit(k.item); err != nil {
			return err
		}
	}
	return nil
}

// visited is the topology where going over all of it is the way to go over the list; else nil.
func (l *listing) visited(ctx context.Context) (*links, error) {
	switch {
	case l.entities != nil || l.proofs:
		return nil, nil
	case l.document == nil:
		return l.v.links(ctx, false), nil
	case l.cites == nil || l.retired:
		return nil, nil
	}
	rarely, err := l.v.citedRarely(ctx, l.document)
	if rarely || err != nil {
		return nil, err
	}
	return l.v.sourceLinks(ctx), nil
}

func (l *listing) visitArrays(ctx context.Context, k *links, visit func(*candidate) error) error {
	var c candidate
	for rel := uint32(1); rel < k.end; rel++ {
		if rel%checkInterval == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		c = candidate{edge: k.edgeOf(rel), v: l.v}
		if c.from == 0 || !l.takes(&c) { // from is 0 for a number that no relation has
			continue
		}
		ok, err := true, error(nil)
		if l.cites != nil {
			ok, err = l.cites(ctx, &c)
		}
		if ok && err == nil && l.test != nil {
			ok, err = l.test(ctx, &c)
		}
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := visit(&c); err != nil {
			return err
		}
	}
	return nil
}
