package graph

import (
	"context"

	"chancery/graph/network"
)

// frontierLength is how many of the nodes that were left out are named.
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
	if out.Truncation, err = v.leftOut(ctx, left); err != nil {
		return nil, err
	}
	ties, err := table.Ties(ctx, options)
	if err != nil {
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

// leftOut names the nodes with the most statements of those that the limit left out.
func (v *View) leftOut(ctx context.Context, nodes []network.Node) (*Truncation, error) {
	if len(nodes) == 0 {
		return nil, nil
	}
	t := &Truncation{Reasons: []TruncationReason{NodeLimit}}
	for _, n := range nodes[:min(frontierLength, len(nodes))] {
		e, err := v.entity(ctx, n.Entity)
		if err != nil {
			return nil, err
		}
		t.Frontier = append(t.Frontier, e.ID)
	}
	return t, nil
}
