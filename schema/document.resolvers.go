package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *documentResolver) Length(ctx context.Context, obj *graph.Document) (*int, error) {
	if obj.SHA256 == "" {
		return nil, nil
	}
	return &obj.Length, nil
}

func (r *documentResolver) Text(ctx context.Context, obj *graph.Document, start *int, end *int) (*string, error) {
	text, stored, err := obj.Text(ctx, start, end)
	if err != nil || !stored {
		return nil, err
	}
	return &text, nil
}

func (r *documentResolver) Relations(ctx context.Context, obj *graph.Document, filter *graph.RelationFilter, first *int, after *string, last *int, before *string) (*wire.Connection[*graph.Relation], error) {
	return connection(obj.Relations(ctx, filter, pageArgs(first, after, last, before)))
}

func (r *impactResolver) Relations(ctx context.Context, obj *graph.Impact, first int) ([]*graph.Relation, error) {
	return obj.Relations(ctx, first)
}

func (r *resolver) Document() gql.DocumentResolver { return &documentResolver{r} }

func (r *resolver) Impact() gql.ImpactResolver { return &impactResolver{r} }

type (
	documentResolver struct{ *resolver }
	impactResolver   struct{ *resolver }
)
