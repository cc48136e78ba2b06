package schema

import (
	"context"

	"chancery/graph"
)

func (r *queryResolver) Neighborhood(ctx context.Context, input graph.NeighborhoodInput) (*graph.Subgraph, error) {
	return viewFrom(ctx).Neighborhood(ctx, input)
}

func (r *queryResolver) Paths(ctx context.Context, input graph.PathsInput) (*graph.PathResult, error) {
	return viewFrom(ctx).Paths(ctx, input)
}
