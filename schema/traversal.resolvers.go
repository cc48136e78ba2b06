package schema

import (
	"context"
	"net/url"
	"strconv"

	"chancery/graph"
	"chancery/schema/gql"
)

func (r *queryResolver) Neighborhood(ctx context.Context, input graph.NeighborhoodInput) (*graph.Subgraph, error) {
	return viewFrom(ctx).Neighborhood(ctx, input)
}

func (r *queryResolver) Paths(ctx context.Context, input graph.PathsInput) (*graph.PathResult, error) {
	return viewFrom(ctx).Paths(ctx, input)
}

func (r *subgraphResolver) ExportURL(ctx context.Context, obj *graph.Subgraph, format string) (string, error) {
	query := url.Values{
		"format": {format}, "neighborhood": {obj.Selection().Neighborhood.JSON()}, "revision": {strconv.FormatUint(uint64(obj.Revision), 10)},
	}
	return "/export?" + query.Encode(), nil
}

func (r *resolver) Subgraph() gql.SubgraphResolver { return &subgraphResolver{r} }

type subgraphResolver struct{ *resolver }
