package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *groupKeyResolver) Value(ctx context.Context, obj *graph.GroupKey) (string, error) {
	return wire.StatsValue(obj.Key, obj.Value), nil
}

func (r *relationGroupResolver) Sample(ctx context.Context, obj *graph.RelationGroup, first int) ([]*graph.Relation, error) {
	return obj.Sample(ctx, first)
}

func (r *relationStatsResolver) Facets(ctx context.Context, obj *graph.RelationStats, by []graph.StatsKey, limit int) ([]*wire.Facet, error) {
	counted, err := obj.Facets(ctx, by, limit)
	return keyFacets(counted), err
}

func (r *relationStatsResolver) Groups(ctx context.Context, obj *graph.RelationStats, by []graph.StatsKey, orderBy graph.GroupOrder, minCount *int, limit int) ([]*graph.RelationGroup, error) {
	return obj.Groups(ctx, by, orderBy, minCount, limit)
}

func (r *relationStatsResolver) Timeline(ctx context.Context, obj *graph.RelationStats, interval graph.TimeInterval, on graph.TimeField, rangeArg *graph.DateRange, splitBy *graph.StatsKey, fill bool, limit int) ([]*graph.TimeSeries, error) {
	series, err := obj.Timeline(ctx, graph.TimelineInput{Interval: interval, On: on, Range: rangeArg, SplitBy: splitBy, Fill: fill, Limit: limit})
	return pointers(series), err
}

func (r *relationStatsResolver) Matrix(ctx context.Context, obj *graph.RelationStats, rows graph.StatsKey, columns graph.StatsKey, limit int) (*graph.Matrix, error) {
	return obj.Matrix(ctx, rows, columns, limit)
}

func (r *resolver) GroupKey() gql.GroupKeyResolver { return &groupKeyResolver{r} }

func (r *resolver) RelationGroup() gql.RelationGroupResolver { return &relationGroupResolver{r} }

func (r *resolver) RelationStats() gql.RelationStatsResolver { return &relationStatsResolver{r} }

type (
	groupKeyResolver      struct{ *resolver }
	relationGroupResolver struct{ *resolver }
	relationStatsResolver struct{ *resolver }
)
