package schema

import (
	"context"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/schema/wire"
)

func (r *queryResolver) Suggest(ctx context.Context, prefix string, kinds []vocab.Kind, first int) ([]*graph.Entity, error) {
	return viewFrom(ctx).Suggest(ctx, prefix, kinds, first)
}

func (r *queryResolver) Search(ctx context.Context, query string, in []graph.SearchScope, kinds []vocab.Kind, first *int, after *string) (*wire.SearchConnection, error) {
	page, err := connection(viewFrom(ctx).Search(ctx, query, in, kinds, pageArgs(first, after, nil, nil)))
	if err != nil {
		return nil, err
	}
	return &wire.SearchConnection{Connection: page}, nil
}
