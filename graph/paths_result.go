package graph

import (
	"context"
	"slices"
)

// path reads what is on a route.
func (s *pathSearch) path(ctx context.Context, r route) (*Path, error) {
	p := &Path{Length: len(r.nodes) - 1, Cost: float64(r.cost) / costUnit}
	for _, num := range r.nodes {
		e, err := s.v.entity(ctx, num)
		if err != nil {
			return nil, err
		}
		p.Nodes = append(p.Nodes, e)
	}
	// What was found is read whole, whatever was spent on finding it.
	reader := s.unbounded()
	for i, from := range p.Nodes[:p.Length] {
		step := &PathStep{From: from, To: p.Nodes[i+1], view: s.v}
		err := reader.between(ctx, r.nodes[i], r.nodes[i+1], s.in.Direction, func(h hop) { step.hops = append(step.hops, h) })
		if err != nil {
			return nil, err
		}
		step.behind = step.hops
		p.Steps = append(p.Steps, step)
	}
	if s.in.TimeRespecting {
		keepTimely(p.Steps)
	}
	return p, nil
}

// between visits the relations from one survivor to another, from the side that has fewer where that is known.
func (w *walker) between(ctx context.Context, from, to uint64, dir Direction, visit func(hop)) error {
	other := to
	if w.k != nil {
		there, err := w.entries(ctx, to)
		if err != nil {
			return err
		}
		here, err := w.entries(ctx, from)
		if err != nil {
			return err
		}
		if there < here {
			from, other, dir = to, from, opposite(dir)
		}
	}
	_, err := w.around(ctx, from, dir, func(h hop) (bool, error) {
		if h.to == other {
			visit(h)
		}
		return true, nil
	})
	return err
}

// entries is how many relations are in the lists of an entity.
func (w *walker) entries(ctx context.Context, num uint64) (n int, err error) {
	members, err := w.v.members(ctx, num)
	for _, m := range members {
		n += w.k.Len(uint32(m))
	}
	return n, err
}

// keepTimely leaves of each step the relations that a choice of one for each step, none earlier than the one before it, can take.
func keepTimely(steps []*PathStep) {
	// A sortDay is smaller the later it is. From the front, the earliest day at which each step can be taken; from the
	// back, the latest.
	after := undated - 1
	for _, s := range steps {
		s.hops = slices.DeleteFunc(slices.Clone(s.hops), func(h hop) bool { return h.day == undated || h.day > after })
		earliest := sortDay(0)
		for _, h := range s.hops {
			earliest = max(earliest, h.day)
		}
		after = earliest
	}
	before := sortDay(0)
	for _, s := range slices.Backward(steps) {
		s.hops = slices.DeleteFunc(s.hops, func(h hop) bool { return h.day < before })
		latest := undated
		for _, h := range s.hops {
			latest = min(latest, h.day)
		}
		before = latest
	}
}

// Relations are those behind the step, newest first: all of them, or the first so many.
func (s *PathStep) Relations(ctx context.Context, first *int) ([]*Relation, error) {
	n := len(s.hops)
	if first != nil {
		if *first < 0 {
			return nil, badInput("first is %d; it is 0 or more", *first)
		}
		n = min(n, *first)
	}
	nums := make([]uint64, n)
	for i := range nums {
		nums[i] = s.hops[i].num
	}
	return s.view.loadRelations(ctx, nums)
}

// Count is the number of relations behind the step.
func (s *PathStep) Count() int { return len(s.hops) }

// Reversed tells whether every relation of the step points against the path. Symmetric ones point either way.
func (s *PathStep) Reversed(ctx context.Context) (bool, error) {
	for _, h := range s.hops {
		r, err := s.view.relation(ctx, h.num)
		if err != nil {
			return false, err
		}
		from, err := s.view.canonical(ctx, r.from)
		if err != nil {
			return false, err
		}
		if from == s.From.num || s.view.types.byID[r.Type].Symmetric {
			return false, nil
		}
	}
	return true, nil
}

// Weakest is the number of independent sources of the path's weakest step. A step is as strong as the best supported
// relation between the two, whenever it was.
func (p *Path) Weakest(ctx context.Context) (int, error) {
	weakest := -1
	for _, s := range p.Steps {
		best := 0
		k := s.view.links(ctx, false)
		for _, h := range s.behind {
			n, err := s.view.independentSources(ctx, k, h.num)
			if err != nil {
				return 0, err
			}
			best = max(best, n)
		}
		if weakest < 0 || best < weakest {
			weakest = best
		}
	}
	return weakest, nil
}
