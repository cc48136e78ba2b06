package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *changeResultResolver) Node(ctx context.Context, obj *wire.ChangeResult) (graph.Node, error) {
	if obj.ID == "" {
		return nil, nil
	}
	view, err := operationFrom(ctx).viewAfter(ctx, obj.Revision)
	if err != nil {
		return nil, err
	}
	return find(ctx, obj.ID, view.Node)
}

func (r *resolver) ChangeResult() gql.ChangeResultResolver { return &changeResultResolver{r} }

type changeResultResolver struct{ *resolver }
