package graph

import (
	"cmp"
	"context"
	"slices"
)

// Neighborhood collects what is around some entities, in breadth: each entity within the depth contributes the
// counterparts with which it has the newest relations. What had to be left out is in the truncation.
//
// Where there are more relations than asked for, first come those by which entities were found, then the newest
// one of each other pair, then the newest.
func (v *View) Neighborhood(ctx context.Context, in NeighborhoodInput) (*Subgraph, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	w, err := v.newWalker(ctx, in.Relations, in.Entities)
	if err != nil {
		return nil, err
	}
	w.dated = true
	n := &neighborhood{walker: w, in: in, depth: map[uint64]int{}, found: map[pair]bool{}, followed: map[pair]bool{}}
	if err := n.seeds(ctx); err != nil {
		return nil, err
	}
	for at := 0; at < len(n.nodes) && n.depth[n.nodes[at]] < in.Depth; at++ {
		if err := n.expand(ctx, n.nodes[at]); err != nil {
			return nil, err
		}
	}
	relations, err := n.relations(ctx)
	if err != nil {
		return nil, err
	}
	if err := n.examine(ctx); err != nil {
		return nil, err
	}
	out := &Subgraph{Revision: v.rev, relations: relations, input: in, view: v}
	for _, num := range n.nodes {
		e, err := v.entity(ctx, num)
		if err != nil {
			return nil, err
		}
		out.Nodes, out.Depths = append(out.Nodes, e), append(out.Depths, n.depth[num])
	}
	out.Truncation, err = n.truncation(ctx, n.nodes)
	return out, err
}

func (in *NeighborhoodInput) check() error {
	if len(in.Seeds) == 0 {
		return badInput("seeds: name at least one entity")
	}
	for _, c := range []struct {
		name         string
		value, least int
		most         int
	}{
		{"depth", in.Depth, 0, MaxDepth},
		{"perNode", in.PerNode, 1, MaxNeighborhoodNodes},
		{"maxNodes", in.MaxNodes, 1, MaxNeighborhoodNodes},
		{"maxRelations", in.MaxRelations, 0, MaxNeighborhoodRelations},
		{"seeds", len(in.Seeds), 1, min(in.MaxNodes, MaxSeeds)},
	} {
		if c.name == "seeds" && c.value > c.most {
			return badInput("there are %d seeds and room for %d: name fewer, or raise maxNodes to at most %d", c.value, c.most, MaxNeighborhoodNodes)
		}
		if c.value < c.least || c.value > c.most {
			return badInput("%s is %d; it is %d to %d", c.name, c.value, c.least, c.most)
		}
	}
	return nil
}

// pair are two entities, the one with the smaller number first.
type pair [2]uint64

func pairOf(a, b uint64) pair { return pair{min(a, b), max(a, b)} }

type neighborhood struct {
	*walker
	in       NeighborhoodInput
	nodes    []uint64
	depth    map[uint64]int
	found    map[pair]bool // an entity and the one by which it was found
	followed map[pair]bool // an entity and a counterpart that it contributed
	perNode  []uint64      // entities that have more counterparts than they may contribute
}

func (n *neighborhood) seeds(ctx context.Context) error {
	for _, id := range n.in.Seeds {
		s, err := n.v.entitySet(ctx, []string{id}, "seeds")
		if err != nil {
			return err
		}
		root, err := n.root(ctx, sortedSet(s)[0])
		if err != nil {
			return err
		}
		if _, ok := n.depth[root]; !ok {
			n.depth[root] = 0
			n.nodes = append(n.nodes, root)
		}
	}
	return nil
}

// expand adds the counterparts of an entity.
func (n *neighborhood) expand(ctx context.Context, num uint64) error {
	seen := map[uint64]bool{num: true}
	taken := 0
	all, err := n.around(ctx, num, n.in.Direction, func(h hop) (bool, error) {
		if seen[h.to] {
			return true, nil
		}
		seen[h.to] = true
		ok, collected, err := n.admits(ctx, h.to)
		if !ok || err != nil {
			return true, err
		}
		if taken == n.in.PerNode {
			n.perNode = append(n.perNode, num)
			return false, nil
		}
		taken++
		if !collected {
			if len(n.nodes) == n.in.MaxNodes {
				n.leave(NodeLimit, num)
				return true, nil
			}
			n.depth[h.to] = n.depth[num] + 1
			n.nodes = append(n.nodes, h.to)
			n.found[pairOf(num, h.to)] = true
		}
		n.followed[pairOf(num, h.to)] = true
		return true, nil
	})
	if err == nil && !all {
		n.frontier[num] = true
	}
	return err
}

// examine finds out whether entities with too many counterparts lack any of those beyond in the end.
func (n *neighborhood) examine(ctx context.Context) error {
	for _, num := range n.perNode {
		seen := map[uint64]bool{num: true}
		taken := 0
		all, err := n.around(ctx, num, n.in.Direction, func(h hop) (bool, error) {
			if seen[h.to] {
				return true, nil
			}
			seen[h.to] = true
			ok, collected, err := n.admits(ctx, h.to)
			if !ok || err != nil {
				return true, err
			}
			if taken++; taken > n.in.PerNode && !collected {
				n.leave(PerNodeLimit, num)
				return false, nil
			}
			return true, nil
		})
		if err != nil {
			return err
		}
		if !all {
			n.leave(PerNodeLimit, num) // it was not proved that nothing is missing
		}
	}
	return nil
}

// admits tells whether an entity may be collected, and whether it was. Seeds need not meet the filter.
func (n *neighborhood) admits(ctx context.Context, num uint64) (ok, collected bool, err error) {
	depth, collected := n.depth[num]
	if collected && depth == 0 {
		return true, true, nil
	}
	ok, err = n.passes(ctx, num)
	return ok, collected, err
}

// tie is a relation between two that were collected.
type tie struct {
	hop
	pair
}

// relations among what was collected, newest first.
func (n *neighborhood) relations(ctx context.Context) ([]uint64, error) {
	var ties []tie
	seen := map[uint64]bool{}
	for _, num := range n.nodes {
		dir := n.in.Direction
		if n.in.Induced {
			dir = Both
		} else if n.depth[num] >= n.in.Depth {
			continue
		}
		all, err := n.around(ctx, num, dir, func(h hop) (bool, error) {
			p := pairOf(num, h.to)
			_, collected := n.depth[h.to]
			if collected && !seen[h.num] && (n.in.Induced || num == h.to || n.followed[p]) {
				seen[h.num] = true
				ties = append(ties, tie{h, p})
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
		if !all {
			n.frontier[num] = true
		}
	}
	slices.SortFunc(ties, newestTie)
	out := []uint64{}
	for _, t := range n.most(ties) {
		out = append(out, t.num)
	}
	return out, nil
}

func newestTie(a, b tie) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.num, b.num)) }

// most are as many ties as were asked for, newest first as they were given.
func (n *neighborhood) most(ties []tie) []tie {
	if len(ties) <= n.in.MaxRelations {
		return ties
	}
	var ranks [3][]tie
	met := map[pair]bool{}
	for _, t := range ties {
		rank := 2
		if !met[t.pair] {
			met[t.pair] = true
			if rank = 1; n.found[t.pair] {
				rank = 0
			}
		}
		ranks[rank] = append(ranks[rank], t)
	}
	ranked := slices.Concat(ranks[:]...)
	for _, t := range ranked[n.in.MaxRelations:] {
		n.leave(RelationLimit, t.pair[0])
		n.leave(RelationLimit, t.pair[1])
	}
	ranked = ranked[:n.in.MaxRelations]
	slices.SortFunc(ranked, newestTie)
	return ranked
}
