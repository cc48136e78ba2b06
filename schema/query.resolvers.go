package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *queryResolver) Node(ctx context.Context, id string) (graph.Node, error) {
	return find(ctx, id, viewFrom(ctx).Node)
}

func (r *queryResolver) Nodes(ctx context.Context, ids []string) ([]graph.Node, error) {
	if most := r.config.Limits.First; len(ids) > most {
		return nil, refuseLimit("ids", most, len(ids), nil, "%d ids are asked for and at most %d are allowed at once", len(ids), most)
	}
	nodes := make([]graph.Node, len(ids))
	for i, id := range ids {
		var err error
		if nodes[i], err = find(ctx, id, viewFrom(ctx).Node); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func (r *queryResolver) Entity(ctx context.Context, id string) (*graph.Entity, error) {
	return find(ctx, id, viewFrom(ctx).Entity)
}

func (r *queryResolver) Entities(ctx context.Context, filter *graph.EntityFilter, orderBy []*graph.EntityOrder, first *int, after *string, last *int, before *string) (*wire.EntityConnection, error) {
	page, err := connection(viewFrom(ctx).Entities(ctx, filter, values(orderBy), pageArgs(first, after, last, before)))
	if err != nil {
		return nil, err
	}
	return &wire.EntityConnection{Connection: page, Filter: filter}, nil
}

func (r *queryResolver) Relation(ctx context.Context, id string) (*graph.Relation, error) {
	return find(ctx, id, viewFrom(ctx).Relation)
}

func (r *queryResolver) Relations(ctx context.Context, filter *graph.RelationFilter, orderBy []*graph.RelationOrder, first *int, after *string, last *int, before *string) (*wire.Connection[*graph.Relation], error) {
	return connection(viewFrom(ctx).Relations(ctx, filter, values(orderBy), pageArgs(first, after, last, before)))
}

func (r *queryResolver) Document(ctx context.Context, id string) (*graph.Document, error) {
	return find(ctx, id, viewFrom(ctx).Document)
}

func (r *queryResolver) Documents(ctx context.Context, filter *graph.DocumentFilter, first *int, after *string, last *int, before *string) (*wire.Connection[*graph.Document], error) {
	return connection(viewFrom(ctx).Documents(ctx, filter, pageArgs(first, after, last, before)))
}

func (r *queryResolver) Positions(ctx context.Context, filter *graph.PositionFilter, first *int, after *string, last *int, before *string) (*wire.Connection[*graph.Position], error) {
	return connection(viewFrom(ctx).Positions(ctx, filter, pageArgs(first, after, last, before)))
}

func (r *queryResolver) Changes(ctx context.Context, since *graph.Revision, filter *graph.ChangeFilter, first *int, after *string) (*wire.Connection[*graph.Event], error) {
	return connection(viewFrom(ctx).Changes(ctx, since, filter, first, after))
}

func (r *queryResolver) Vocabulary(ctx context.Context) ([]*graph.RelationType, error) {
	return viewFrom(ctx).Vocabulary(ctx)
}

func (r *queryResolver) RelationType(ctx context.Context, id string) (*graph.RelationType, error) {
	return find(ctx, id, viewFrom(ctx).RelationType)
}

func (r *queryResolver) Server(ctx context.Context) (*wire.ServerInfo, error) {
	return r.serverInfo(ctx, viewFrom(ctx))
}

func (r *resolver) Query() gql.QueryResolver { return &queryResolver{r} }

type queryResolver struct{ *resolver }
