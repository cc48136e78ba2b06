package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *relationResolver) Label(ctx context.Context, obj *graph.Relation, lang []string) (string, error) {
	return obj.Label(ctx, lang...)
}

func (r *relationResolver) Citations(ctx context.Context, obj *graph.Relation, filter *graph.CitationFilter, first int) ([]*graph.Citation, error) {
	return obj.Citations(ctx, filter, first)
}

func (r *relationResolver) Conflicts(ctx context.Context, obj *graph.Relation, first int) ([]*graph.Relation, error) {
	return obj.Conflicts(ctx, first)
}

func (r *relationResolver) History(ctx context.Context, obj *graph.Relation, first *int, after *string) (*wire.Connection[*graph.Event], error) {
	return connection(obj.History(ctx, first, after))
}

func (r *resolver) Relation() gql.RelationResolver { return &relationResolver{r} }

type relationResolver struct{ *resolver }
