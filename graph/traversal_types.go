package graph

import "context"

// NeighborhoodInput asks for what is around some entities.
type NeighborhoodInput struct {
	Seeds        []string
	Depth        int // hops from the nearest seed, 0 for the seeds alone
	Direction    Direction
	Relations    *RelationFilter
	Entities     *EntityFilter // of all but the seeds
	Induced      bool          // also the relations among the collected entities that no hop went over
	PerNode      int           // counterparts that one entity contributes, those with the newest relations first
	MaxNodes     int
	MaxRelations int
}

// Limits of a neighbourhood.
const (
	MaxDepth                 = 10
	MaxNeighborhoodNodes     = 10_000
	MaxNeighborhoodRelations = 50_000
	MaxSeeds                 = 1_000
)

// Subgraph is a flat piece of the graph at one revision, without repeats.
type Subgraph struct {
	Revision   Revision
	Nodes      []*Entity // seeds first, then by distance, then as they were met, newest relation first
	Depths     []int     // hops from the nearest seed, aligned with Nodes
	Truncation *Truncation

	relations []uint64 // newest first
	input     NeighborhoodInput
	view      *View
}

// Selection selects the piece again.
func (s *Subgraph) Selection() Selection { return Selection{Neighborhood: &s.input} }

// Relations are the relations of the piece, newest first.
func (s *Subgraph) Relations(ctx context.Context) ([]*Relation, error) {
	return s.view.loadRelations(ctx, s.relations)
}

// PathWeight is what makes a path better than another.
type PathWeight string

// By hops, the shortest path is best. By support, the one with the least sum of 1/(1+n) over its steps, where n is
// the number of independent sources of the step's best supported relation.
const (
	WeightHops    PathWeight = "hops"
	WeightSupport PathWeight = "support"
)

// PathWeights lists them in the contract's order.
var PathWeights = []PathWeight{WeightHops, WeightSupport}

// PathsInput asks for the best simple paths from any of some entities to any of others.
type PathsInput struct {
	From, To  []string
	K         int // how many paths
	MaxLength int // hops
	// Direction is that of the relations, along the path.
	Direction Direction
	Relations *RelationFilter
	Entities  *EntityFilter // of what lies between the ends
	Through   []string      // all of them lie on the path
	Avoid     []string      // none of them does
	// AvoidHubsOverDegree leaves out what has more relations at its ends, unless it is an end of the path; nil for no bound.
	AvoidHubsOverDegree *int
	// TimeRespecting demands that no step is earlier than the one before it, by the earliest possible days; undated relations are left out then.
	TimeRespecting bool
	Weight         PathWeight
}

// Limits of paths.
const (
	MaxPaths      = 100
	MaxPathLength = 10
	MaxPathEnds   = 100
)

// PathResult are the best paths, and whether there are others.
type PathResult struct {
	Revision   Revision
	Paths      []*Path // best first; equally good ones in the order in which their entities were recorded
	Complete   bool    // it is proved that there are no other paths within the length
	Truncation *Truncation
}

// Path is one simple path: no entity is on it twice.
type Path struct {
	Length int
	Cost   float64 // hops, or the sum over the steps of 1/(1+n), n being the independent sources of the best supported relation
	Nodes  []*Entity
	Steps  []*PathStep
}

// PathStep is one hop of a path with every relation behind it.
type PathStep struct {
	From, To *Entity // in the order of the path

	hops   []hop // that can be taken, newest first
	behind []hop // all between the two
	view   *View
}
