package wire

import (
	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
)

var pathWeights = newEnum("PathWeight", graph.PathWeights)

// MarshalPathWeight writes what makes a path better.
func MarshalPathWeight(v graph.PathWeight) graphql.Marshaler { return pathWeights.marshal(v) }

// UnmarshalPathWeight reads what makes a path better.
func UnmarshalPathWeight(v any) (graph.PathWeight, error) { return pathWeights.unmarshal(v) }
