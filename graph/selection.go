package graph

import (
	"encoding/json"
)

// Selection says which piece of the graph is meant. At most one field is set;
// the empty selection is everything that is live.
type Selection struct {
	Filter       *RelationFilter    // the relations that meet it, with their ends
	Neighborhood *NeighborhoodInput // what is around some entities
}

// ParseFilter reads a relation filter from JSON. Fields and enumerated values have their GraphQL names; null and a field
// left out are the same, and one value stands for a list of one. A mistake is named with its place.
func ParseFilter(text string) (*RelationFilter, error) {
	f := &RelationFilter{}
	return f, parseInput("filter", text, f)
}

// ParseNeighborhood reads a neighbourhood from JSON as [ParseFilter] does. What it leaves out has the defaults of the
// GraphQL input: depth 1, both directions, induced, 25 a node, 200 nodes, 1,000 relations.
func ParseNeighborhood(text string) (*NeighborhoodInput, error) {
	in := &NeighborhoodInput{Depth: 1, Direction: Both, Induced: true, PerNode: 25, MaxNodes: 200, MaxRelations: 1_000}
	if err := parseInput("neighborhood", text, in); err != nil {
		return in, err
	}
	return in, in.check()
}

// MarshalJSON writes {} for everything, or the one field that is set. Equal selections give equal bytes.
func (s Selection) MarshalJSON() ([]byte, error) {
	out := map[string]json.RawMessage{}
	if s.Filter != nil {
		out["filter"] = formatInput(s.Filter)
	}
	if s.Neighborhood != nil {
		out["neighborhood"] = formatInput(s.Neighborhood)
	}
	return json.Marshal(out)
}

// JSON is the neighbourhood as [ParseNeighborhood] reads it.
func (in *NeighborhoodInput) JSON() string { return string(formatInput(in)) }

// JSON is the filter as [ParseFilter] reads it.
func (f *RelationFilter) JSON() string { return string(formatInput(f)) }

// check finds a selection that asks for two things.
func (s Selection) check() error {
	if s.Filter != nil && s.Neighborhood != nil {
		return badInput("a selection is a filter or a neighborhood, not both; a neighborhood takes a filter as its field relations")
	}
	return nil
}
