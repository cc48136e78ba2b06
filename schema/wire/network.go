package wire

import (
	"github.com/99designs/gqlgen/graphql"

	"chancery/graph/network"
)

var (
	duplicateRules      = newEnum("DuplicateRule", network.DuplicateRules)
	networkAggregations = newEnum("NetworkAggregation", network.Aggregations)
	networkModes        = newEnum("NetworkMode", network.Modes)
	normalizations      = newEnum("Normalization", network.Normalizations)
)

// MarshalDuplicateRule writes which statements repeat others.
func MarshalDuplicateRule(v network.DuplicateRule) graphql.Marshaler {
	return duplicateRules.marshal(v)
}

// UnmarshalDuplicateRule reads which statements repeat others.
func UnmarshalDuplicateRule(v any) (network.DuplicateRule, error) {
	return duplicateRules.unmarshal(v)
}

// MarshalNetworkAggregation writes what ties measure.
func MarshalNetworkAggregation(v network.Aggregation) graphql.Marshaler {
	return networkAggregations.marshal(v)
}

// UnmarshalNetworkAggregation reads what ties measure.
func UnmarshalNetworkAggregation(v any) (network.Aggregation, error) {
	return networkAggregations.unmarshal(v)
}

// MarshalNetworkMode writes what the nodes of a network are.
func MarshalNetworkMode(v network.Mode) graphql.Marshaler { return networkModes.marshal(v) }

// UnmarshalNetworkMode reads what the nodes of a network are.
func UnmarshalNetworkMode(v any) (network.Mode, error) { return networkModes.unmarshal(v) }

// MarshalNormalization writes what weights are divided by.
func MarshalNormalization(v network.Normalization) graphql.Marshaler {
	return normalizations.marshal(v)
}

// UnmarshalNormalization reads what weights are divided by.
func UnmarshalNormalization(v any) (network.Normalization, error) {
	return normalizations.unmarshal(v)
}
