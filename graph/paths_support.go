package graph

import (
	"cmp"
	"container/heap"
	"context"
	"slices"
)

// costUnit is the cost of a step without any independent source. Costs are whole numbers, so that sums taken in
// another order are equal, and up to 15 sources divide the unit without a rest.
const costUnit = 720_720 << 20

// stepCost is what a step costs whose best supported relation has so many independent sources.
func stepCost(sources int) int64 { return costUnit / int64(1+sources) }

// weighed is a counterpart with the cost of the step to it.
type weighed struct {
	to   uint64
	cost int64
	day  sortDay // the earliest of the relations that may be taken
}

// weigh reads the counterparts of an entity with what the steps to them cost. Every relation of a step counts, though
// only one that is not too early can be taken.
func (s *pathSearch) weigh(ctx context.Context, num uint64, dir Direction, after sortDay) ([]weighed, error) {
	place := map[uint64]int{}
	var out []weighed
	late := map[uint64]bool{} // counterparts with a relation that is not too early
	all, err := s.around(ctx, num, dir, func(h hop) (bool, error) {
		if h.to == num || s.dated && h.day == undated {
			return true, nil
		}
		n, err := s.v.independentSources(ctx, s.k, h.num)
		if err != nil {
			return false, err
		}
		i, ok := place[h.to]
		if !ok {
			i = len(out)
			place[h.to] = i
			out = append(out, weighed{h.to, costUnit, 0})
		}
		out[i].cost = min(out[i].cost, stepCost(n))
		if !s.dated || h.day <= after {
			late[h.to], out[i].day = true, max(out[i].day, h.day)
		}
		return true, nil
	})
	if !all {
		s.frontier[num] = true
	}
	out = slices.DeleteFunc(out, func(w weighed) bool { return !late[w.to] })
	slices.SortFunc(out, func(a, b weighed) int { return cmp.Compare(a.to, b.to) })
	return out, err
}

// independentSources counts them for a relation, from the arrays where there are any.
func (v *View) independentSources(ctx context.Context, k *links, num uint64) (int, error) {
	if k == nil || !k.DocumentsAt(uint64(v.rev)) {
		r, err := v.relationRecord(ctx, num)
		if err != nil {
			return 0, err
		}
		e, err := v.evidence(ctx, num, r.created)
		if err != nil {
			return 0, err
		}
		return e.support.IndependentSources, nil
	}
	var one [1]uint32
	return v.ownersOf(ctx, k.Documents(uint32(num), &one))
}

// partial is the beginning of a path.
type partial struct {
	before *partial
	num    uint64
	steps  int
	cost   int64
	least  int64   // of any path that begins so
	day    sortDay // which the next step may not be earlier than
}

func (p *partial) nodes() []uint64 {
	out := make([]uint64, p.steps+1)
	for ; p != nil; p = p.before {
		out[p.steps] = p.num
	}
	return out
}

func (p *partial) has(num uint64) bool {
	for ; p != nil; p = p.before {
		if p.num == num {
			return true
		}
	}
	return false
}

// partials are a heap: the least possible cost first, then in the order of the numbers of their entities.
type partials []*partial

func (h partials) Len() int { return len(h) }
func (h partials) Less(i, j int) bool {
	if h[i].least != h[j].least {
		return h[i].least < h[j].least
	}
	return slices.Compare(h[i].nodes(), h[j].nodes()) < 0
}
func (h partials) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push implements heap.Interface.
func (h *partials) Push(x any) { *h = append(*h, x.(*partial)) }

// Pop implements heap.Interface.
func (h *partials) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// maxPartials is how many beginnings of paths are held at once, in all about 100 MB.
const maxPartials = 1_000_000

// bySupport finds one path more than asked for, if there is one, by A* search over beginnings of paths: the bound is
// the least cost from the last entity to a target, over paths that may be longer than allowed or repeat an entity.
func (s *pathSearch) bySupport(ctx context.Context) ([]route, error) {
	left, err := s.remaining(ctx, s.in.MaxLength)
	if err != nil {
		return nil, err
	}
	bound, err := s.leastCosts(ctx, left)
	if err != nil {
		return nil, err
	}
	open := &partials{}
	for _, source := range s.sources {
		if least, ok := bound[source]; ok {
			heap.Push(open, &partial{num: source, least: least, day: undated - 1})
		}
	}
	var found []route
	for open.Len() > 0 && len(found) <= s.in.K && len(s.cut) == 0 {
		p := heap.Pop(open).(*partial)
		if _, isTarget := slices.BinarySearch(s.targets, p.num); isTarget && p.steps > 0 {
			if nodes := p.nodes(); s.missing(nodes) == 0 {
				found = append(found, route{nodes, p.cost})
			}
			continue
		}
		if err := s.lengthen(ctx, p, left, bound, open); err != nil {
			return nil, err
		}
	}
	if len(found) <= s.in.K {
		for _, p := range *open {
			s.stopped(p.num)
		}
	}
	return found, nil
}

// lengthen pushes every way to go on from the beginning of a path.
func (s *pathSearch) lengthen(ctx context.Context, p *partial, left *ball, bound map[uint64]int64, open *partials) error {
	next, err := s.weigh(ctx, p.num, s.in.Direction, p.day)
	if err != nil {
		return err
	}
	for _, n := range next {
		rest := s.in.MaxLength - p.steps - 1
		least, ok := bound[n.to]
		if !ok || left.at(n.to) > rest || p.has(n.to) {
			continue
		}
		if _, isTarget := slices.BinarySearch(s.targets, n.to); !isTarget {
			if bars, err := s.bars(ctx, n.to); err != nil {
				return err
			} else if bars {
				continue
			}
		}
		if open.Len() >= maxPartials {
			s.leave(VisitBudget, p.num)
			return nil
		}
		cost := p.cost + n.cost
		heap.Push(open, &partial{before: p, num: n.to, steps: p.steps + 1, cost: cost, least: cost + least, day: n.day})
	}
	return nil
}

// leastCosts is Dijkstra's algorithm from the targets back, over what lies on a walk of allowed length.
func (s *pathSearch) leastCosts(ctx context.Context, left *ball) (map[uint64]int64, error) {
	least := map[uint64]int64{}
	done := map[uint64]bool{}
	open := &partials{}
	for _, t := range s.targets {
		least[t] = 0
		heap.Push(open, &partial{num: t})
	}
	for open.Len() > 0 && len(s.cut) == 0 {
		p := heap.Pop(open).(*partial)
		if done[p.num] {
			continue
		}
		done[p.num] = true
		if p.steps > 0 {
			if bars, err := s.bars(ctx, p.num); err != nil {
				return nil, err
			} else if bars {
				continue
			}
		}
		next, err := s.weigh(ctx, p.num, opposite(s.in.Direction), undated-1)
		if err != nil {
			return nil, err
		}
		for _, n := range next {
			cost := p.least + n.cost
			if old, ok := least[n.to]; ok && old <= cost || left.at(n.to) == unreached || s.front.at(n.to)+left.at(n.to) > s.in.MaxLength && s.front.at(n.to) != unreached {
				continue
			}
			least[n.to] = cost
			heap.Push(open, &partial{num: n.to, least: cost, steps: 1})
		}
	}
	return least, nil
}
