package wire

import "chancery/graph"

// FacetValue is one value of a facet. Entity is nil where values are not entities.
type FacetValue struct {
	Value, Label string
	Entity       *graph.Entity
	Count        int
}

// ChangeResult is what one change of a batch did. The node with this id is read
// at Revision, or at the newest one where nothing was written and Revision is 0.
type ChangeResult struct {
	Index    int
	Outcome  graph.Operation
	ID       string
	Revision graph.Revision
}
