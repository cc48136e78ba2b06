package wire

import (
	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
)

var truncationReasons = newEnum("TruncationReason", graph.TruncationReasons)

// MarshalTruncationReason writes why something was left out.
func MarshalTruncationReason(v graph.TruncationReason) graphql.Marshaler {
	return truncationReasons.marshal(v)
}

// UnmarshalTruncationReason reads why something was left out.
func UnmarshalTruncationReason(v any) (graph.TruncationReason, error) {
	return truncationReasons.unmarshal(v)
}
