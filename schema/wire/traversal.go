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

// ExportFormats are the formats of files, by the names that addresses of exports have for them.
var ExportFormats = []string{"jsonl", "csv", "graphml", "gexf", "cytoscape", "nodelink", "jsonld", "turtle", "dot"}

var exportFormats = newEnum("ExportFormat", ExportFormats)

// MarshalExportFormat writes the format of a file.
func MarshalExportFormat(v string) graphql.Marshaler { return exportFormats.marshal(v) }

// UnmarshalExportFormat reads the format of a file.
func UnmarshalExportFormat(v any) (string, error) { return exportFormats.unmarshal(v) }
