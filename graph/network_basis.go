package graph

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"chancery/graph/network"
)

// Relations are the first so many relations that the tie rests on, the newest first by the day of their statements: those of both
// actors on the targets they share, those of the shared actors on both targets, or those of the actor on the target.
func (t *Tie) Relations(ctx context.Context, first int) ([]*Relation, error) {
	if first < 0 {
		return nil, badInput("first is %d; it is 0 or more", first)
	}
	b := t.basis
	b.once.Do(b.sort)
	var nums []uint64
	switch from, to := t.From.num, t.To.num; b.mode {
	case network.ActorMode:
		nums = sharedRelations(b.actors[from], b.actors[to], first)
	case network.TargetMode:
		nums = sharedRelations(b.targets[from], b.targets[to], first)
	default:
		shorter, other := b.actors[from], to
		if on := b.targets[to]; len(on.relations) < len(shorter.relations) {
			shorter, other = on, from
		}
		nums = relationsWith(shorter, other, first)
	}
	return b.view.loadRelations(ctx, nums)
}

// networkBasis holds the statements of a network for its ties. They are sorted once, when the first tie is asked for its relations.
type networkBasis struct {
	view       *View
	mode       network.Mode
	nodes      map[uint64]*Entity
	statements []network.Statement

	once            sync.Once
	actors, targets map[uint64]*stated // by node
}

// stated are the relations that one node takes part in as an actor, or as a target.
type stated struct {
	relations []statedRelation // newest first
	others    []uint64         // the entities in the other role, ascending
}

type statedRelation struct {
	day             int64 // the newest of its statements
	relation, other uint64
}

func (b *networkBasis) sort() {
	b.actors, b.targets = map[uint64]*stated{}, map[uint64]*stated{}
	add := func(to map[uint64]*stated, node, other uint64, s *network.Statement) {
		if b.nodes[node] == nil {
			return
		}
		if to[node] == nil {
			to[node] = &stated{}
		}
		day := int64(s.Day)
		if !s.Dated {
			day = math.MinInt64
		}
		to[node].relations = append(to[node].relations, statedRelation{day, s.Relation, other})
	}
	for i := range b.statements {
		s := &b.statements[i]
		if b.mode != network.TargetMode {
			add(b.actors, s.Actor, s.Target, s)
		}
		if b.mode != network.ActorMode {
			add(b.targets, s.Target, s.Actor, s)
		}
	}
	b.statements = nil
	for _, nodes := range []map[uint64]*stated{b.actors, b.targets} {
		for _, n := range nodes {
			n.sort()
		}
	}
}

// sort leaves one of the statements of each relation and other entity, and gives it the newest day of the relation.
func (s *stated) sort() {
	slices.SortFunc(s.relations, func(a, b statedRelation) int {
		return cmp.Or(cmp.Compare(a.relation, b.relation), cmp.Compare(b.day, a.day), cmp.Compare(a.other, b.other))
	})
	for i := 1; i < len(s.relations); i++ {
		if s.relations[i].relation == s.relations[i-1].relation {
			s.relations[i].day = s.relations[i-1].day
		}
	}
	slices.SortFunc(s.relations, func(a, b statedRelation) int { return cmp.Or(a.compare(b), cmp.Compare(a.other, b.other)) })
	s.relations = slices.Compact(s.relations)
	for _, r := range s.relations {
		s.others = append(s.others, r.other)
	}
	slices.Sort(s.others)
	s.others = slices.Compact(s.others)
}

// compare puts the newest first, then what was recorded first.
func (r statedRelation) compare(o statedRelation) int {
	return cmp.Or(cmp.Compare(o.day, r.day), cmp.Compare(r.relation, o.relation))
}

// sharedRelations are the newest relations of two nodes with entities that both have relations with.
func sharedRelations(a, b *stated, first int) []uint64 {
	var out []uint64
	left, right := a.relations, b.relations
	for len(out) < first && len(left)+len(right) > 0 {
		next, others := &left, b.others
		if len(left) == 0 || len(right) > 0 && right[0].compare(left[0]) < 0 {
			next, others = &right, a.others
		}
		r := (*next)[0]
		*next = (*next)[1:]
		if _, shared := slices.BinarySearch(others, r.other); shared {
			out = appendNew(out, r.relation)
		}
	}
	return out
}

// relationsWith are the newest relations of a node with an entity.
func relationsWith(s *stated, other uint64, first int) []uint64 {
	var out []uint64
	for _, r := range s.relations {
		if len(out) >= first {
			break
		}
		if r.other == other {
			out = appendNew(out, r.relation)
		}
	}
	return out
}

// appendNew appends a number that does not repeat the last one.
func appendNew(list []uint64, n uint64) []uint64 {
	if len(list) > 0 && list[len(list)-1] == n {
		return list
	}
	return append(list, n)
}
