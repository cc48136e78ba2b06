package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
)

func (r *queryResolver) Network(ctx context.Context, input graph.NetworkInput) (*graph.Network, error) {
	return viewFrom(ctx).Network(ctx, input)
}

func (r *tieResolver) Relations(ctx context.Context, obj *graph.Tie, first int) ([]*graph.Relation, error) {
	return obj.Relations(ctx, first)
}

func (r *resolver) Tie() gql.TieResolver { return &tieResolver{r} }

type tieResolver struct{ *resolver }
