package graph

import (
	"cmp"

	"chancery/graph/network"
	"chancery/graph/vocab"
)

// NetworkInput asks for a discourse network. See package network for what its options mean; an empty one
// is the contract's default: actors, subtract, average, one statement within a document.
type NetworkInput struct {
	Mode          network.Mode
	Aggregation   network.Aggregation
	Normalization network.Normalization
	Duplicates    network.DuplicateRule
	// Filter selects relations. All affirming citations of a relation that it leaves are statements.
	Filter *RelationFilter
	// Actors and Targets are those whose statements count; nil for all.
	Actors, Targets []string
	// Kinds are what the nodes may be: the actors in the actor mode, the targets in the target mode, both in the affiliation mode. Nil allows any.
	Kinds []vocab.Kind
	// RollUp counts a statement for those on whose behalf it is made, where the relation names any, and not for the one who makes it.
	RollUp bool
	// MinWeight leaves out the ties that weigh less; so 0 leaves out the negative ones.
	MinWeight *float64
	// Limit is how many nodes are kept, those with the most statements; 0 to [MaxNetworkNodes].
	Limit int
}

func (in NetworkInput) withDefaults() NetworkInput {
	in.Mode = cmp.Or(in.Mode, network.ActorMode)
	in.Aggregation = cmp.Or(in.Aggregation, network.Subtract)
	in.Normalization = cmp.Or(in.Normalization, network.Average)
	in.Duplicates = cmp.Or(in.Duplicates, network.PerDocument)
	return in
}

// MaxNetworkNodes and MaxNetworkTies are how many nodes and ties a network may have. All ties of 200 nodes
// fit; of more, the ones with the largest absolute weights stay.
const (
	MaxNetworkNodes = 1_000
	MaxNetworkTies  = 20_000
)

// Network is a discourse network at one revision.
type Network struct {
	Revision Revision
	Nodes    []*Entity // with at least one statement, those with the most first, then in the order in which they were recorded
	Ties     []*Tie    // the heaviest first
	// Statements is how many were counted, without repetitions, those of nodes that the limit left out included.
	Statements int
	Truncation *Truncation // nil when no node and no tie was left out
}

// Tie joins two nodes of a network. Among actors and among targets From was recorded first; between an actor and a target From is the actor.
type Tie struct {
	From, To *Entity
	Weight   float64
	Shared   int // targets, or actors, or statements; see [network.Tie]

	basis *networkBasis
}
