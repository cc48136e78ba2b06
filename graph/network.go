package graph

import (
	"cmp"
	"context"
	"math"
	"slices"

	"chancery/graph/network"
)

// frontierLength is how many of the nodes that were left out, or lost ties, are named.
const frontierLength = 100

// Network computes a discourse network of the statements that the input selects. It reads their relations and citations
// once; see [network.Table.Ties] for the cost of what follows. Nodes that are left out change no weight among those that stay.
func (v *View) Network(ctx context.Context, in NetworkInput) (*Network, error) {
	if in.Limit < 0 || in.Limit > MaxNetworkNodes {
		return nil, badInput("limit is %d: a network has 0 to %d nodes; choose them with actors, targets, kinds or filter", in.Limit, MaxNetworkNodes)
	}
	in = in.withDefaults()
	q, err := v.statementQuery(ctx, in)
	if err != nil {
		return nil, err
	}
	statements, err := v.statements(ctx, q)
	if err != nil {
		return nil, err
	}
	table, err := network.Count(ctx, statements, in.Duplicates)
	if err != nil {
		return nil, err
	}
	all := table.Nodes(in.Mode)
	kept, left := all[:min(in.Limit, len(all))], all[min(in.Limit, len(all)):]
	out := &Network{Revision: v.rev, Statements: table.Statements()}
	nodes, err := v.networkNodes(ctx, kept)
	if err != nil {
		return nil, err
	}
	options := network.Options{Mode: in.Mode, Aggregation: in.Aggregation, Normalization: in.Normalization, MinWeight: in.MinWeight, Nodes: []uint64{}}
	for _, n := range kept {
		options.Nodes = append(options.Nodes, n.Entity)
		out.Nodes = append(out.Nodes, nodes[n.Entity])
	}
	ties, err := table.Ties(ctx, options)
	if err != nil {
		return nil, err
	}
	ties, cut := strongest(ties)
	if out.Truncation, err = v.leftOut(ctx, left, cut, out.Nodes); err != nil {
		return nil, err
	}
	basis := &networkBasis{view: v, mode: in.Mode, nodes: nodes, statements: statements}
	out.Ties = make([]*Tie, len(ties))
	for i, t := range ties {
		out.Ties[i] = &Tie{From: nodes[t.From], To: nodes[t.To], Weight: t.Weight, Shared: t.Shared, basis: basis}
	}
	return out, nil
}

// networkNodes are the entities of nodes, by number.
func (v *View) networkNodes(ctx context.Context, nodes []network.Node) (map[uint64]*Entity, error) {
	out := make(map[uint64]*Entity, len(nodes))
	for _, n := range nodes {
		e, err := v.entity(ctx, n.Entity)
		if err != nil {
			return nil, err
		}
		out[n.Entity] = e
	}
	return out, nil
}

// strongest keeps as many ties as a network may have, those with the largest absolute weights, in the order of the list; of equal ones
// the first. Cut are the nodes that lose ties.
func strongest(ties []network.Tie) (kept []network.Tie, cut set) {
	if len(ties) <= MaxNetworkTies {
		return ties, nil
	}
	order := make([]int, len(ties))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(math.Abs(ties[b].Weight), math.Abs(ties[a].Weight)), cmp.Compare(a, b))
	})
	cut = set{}
	for _, i := range order[MaxNetworkTies:] {
		cut[ties[i].From], cut[ties[i].To] = struct{}{}, struct{}{}
	}
	slices.Sort(order[:MaxNetworkTies])
	for _, i := range order[:MaxNetworkTies] {
		kept = append(kept, ties[i])
	}
	return kept, cut
}

// leftOut names the nodes that the limit left out, and then those that lost ties, those with the most statements first.
func (v *View) leftOut(ctx context.Context, left []network.Node, cut set, kept []*Entity) (*Truncation, error) {
	t := &Truncation{}
	if len(left) > 0 {
		t.Reasons = append(t.Reasons, NodeLimit)
	}
	for _, n := range left[:min(frontierLength, len(left))] {
		e, err := v.entity(ctx, n.Entity)
		if err != nil {
			return nil, err
		}
		t.Frontier = append(t.Frontier, e.ID)
	}
	if len(cut) > 0 {
		t.Reasons = append(t.Reasons, RelationLimit)
	}
	for _, e := range kept {
		if cut.has(e.num) && len(t.Frontier) < frontierLength {
			t.Frontier = append(t.Frontier, e.ID)
		}
	}
	if t.Reasons == nil {
		return nil, nil
	}
	return t, nil
}
