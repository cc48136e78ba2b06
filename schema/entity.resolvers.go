package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *entityResolver) Name(ctx context.Context, obj *graph.Entity, lang []string) (string, error) {
	return obj.Name(lang...), nil
}

func (r *entityResolver) Relations(ctx context.Context, obj *graph.Entity, filter *graph.RelationFilter, direction graph.Direction, orderBy []*graph.RelationOrder, first *int, after *string, last *int, before *string) (*wire.Connection[*graph.Relation], error) {
	return connection(obj.Relations(ctx, filter, direction, values(orderBy), pageArgs(first, after, last, before)))
}

func (r *entityResolver) Neighbors(ctx context.Context, obj *graph.Entity, filter *graph.RelationFilter, entities *graph.EntityFilter, direction graph.Direction, orderBy *graph.NeighborOrder, first *int, after *string, last *int, before *string) (*wire.NeighborConnection, error) {
	p, err := obj.Neighbors(ctx, filter, entities, direction, orderBy, pageArgs(first, after, last, before))
	if err != nil {
		return nil, err
	}
	return &wire.NeighborConnection{Connection: wire.NewConnection(p)}, nil
}

func (r *entityResolver) Positions(ctx context.Context, obj *graph.Entity, filter *graph.PositionFilter, first *int, after *string, last *int, before *string) (*wire.Connection[*graph.Position], error) {
	return connection(obj.Positions(ctx, filter, pageArgs(first, after, last, before)))
}

func (r *entityResolver) Degree(ctx context.Context, obj *graph.Entity, filter *graph.RelationFilter, direction graph.Direction) (int, error) {
	return obj.Degree(ctx, filter, direction)
}

func (r *entityResolver) History(ctx context.Context, obj *graph.Entity, first *int, after *string) (*wire.Connection[*graph.Event], error) {
	return connection(obj.History(ctx, first, after))
}

func (r *entityConnectionResolver) Facets(ctx context.Context, obj *wire.EntityConnection, by []string, limit int) ([]*wire.Facet, error) {
	view, err := viewFrom(ctx).At(ctx, obj.Revision())
	if err != nil {
		return nil, err
	}
	return facets(ctx, view, obj.Filter, by, limit)
}

func (r *neighborEdgeResolver) Relations(ctx context.Context, obj *wire.NeighborEdge, first int) ([]*graph.Relation, error) {
	return obj.Neighbor.Relations(ctx, first)
}

func (r *resolver) Entity() gql.EntityResolver { return &entityResolver{r} }

func (r *resolver) EntityConnection() gql.EntityConnectionResolver {
	return &entityConnectionResolver{r}
}

func (r *resolver) NeighborEdge() gql.NeighborEdgeResolver { return &neighborEdgeResolver{r} }

type (
	entityResolver           struct{ *resolver }
	entityConnectionResolver struct{ *resolver }
	neighborEdgeResolver     struct{ *resolver }
)
