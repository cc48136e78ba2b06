package schema

import (
	"context"

	"chancery/graph"
	"chancery/graph/vocab"
)

func (r *queryResolver) Suggest(ctx context.Context, prefix string, kinds []vocab.Kind, first int) ([]*graph.Entity, error) {
	return viewFrom(ctx).Suggest(ctx, prefix, kinds, first)
}
