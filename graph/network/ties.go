package network

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Tie joins two nodes. Among actors and among targets there is one tie for a pair, from the one with the lower number;
// in the affiliation mode a tie goes from an actor to a target.
type Tie struct {
	From, To uint64
	Weight   float64
	// Shared is how many targets both actors speak of, or how many actors speak of both targets; between an actor and a target, how
	// many statements there are.
	Shared int
}

// Options say which ties are asked for.
type Options struct {
	Mode          Mode
	Aggregation   Aggregation
	Normalization Normalization
	MinWeight     *float64 // ties that weigh less are left out; negative weights are less than 0
	Nodes         []uint64 // ties are among these; nil for all. They do not change what a weight is divided by.
}

// Ties computes the ties, the heaviest first, then by their ends. Two nodes that share something are tied, also
// where agreement and disagreement cancel out and the weight is 0; nodes that share nothing are not tied.
//
// Among actors the time is proportional to the number of pairs of actors that speak of one target, summed over the
// targets; the memory to the statements and the ties. It fails only when the context ends.
func (t *Table) Ties(ctx context.Context, o Options) ([]Tie, error) {
	var ties []Tie
	var err error
	if o.Mode == AffiliationMode {
		ties, err = t.affiliations(ctx, o)
	} else {
		ties, err = t.meetings(ctx, o)
	}
	if err != nil {
		return nil, err
	}
	slices.SortFunc(ties, func(a, b Tie) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return ties, nil
}

// keep tells whether a tie is heavy enough.
func (o *Options) keep(weight float64) bool { return o.MinWeight == nil || weight >= *o.MinWeight }

// chosen tells for each node whether ties to it are asked for.
func (o *Options) chosen(nodes []node) []bool {
	wanted := map[uint64]bool{}
	for _, n := range o.Nodes {
		wanted[n] = true
	}
	out := make([]bool, len(nodes))
	for i, n := range nodes {
		out[i] = o.Nodes == nil || wanted[n.entity]
	}
	return out
}

func (t *Table) affiliations(ctx context.Context, o Options) ([]Tie, error) {
	actors, targets := o.chosen(t.actors), o.chosen(t.targets)
	support := o.Aggregation.pairs()[steps-1]
	var ties []Tie
	for i, c := range t.cells {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if !actors[c.actor] || !targets[c.target] {
			continue
		}
		sum := int64(0)
		for k, x := range c.x {
			sum += int64(x) * support[k]
		}
		a, b, both := &t.actors[c.actor], &t.targets[c.target], c.x.total()
		weight := float64(sum) / scale
		switch o.Normalization {
		case Average:
			weight /= float64(a.statements+b.statements) / 2
		case Jaccard:
			weight /= float64(a.statements + b.statements - both)
		case Cosine:
			weight /= math.Sqrt(float64(a.statements)) * math.Sqrt(float64(b.statements))
		}
		if o.keep(weight) {
			ties = append(ties, Tie{a.entity, b.entity, weight, int(both)})
		}
	}
	return ties, nil
}
