package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
)

func (r *subscriptionResolver) Changes(ctx context.Context, since *graph.Revision, filter *graph.ChangeFilter) (<-chan *graph.ChangeBatch, error) {
	return sourceFrom(ctx).changes(ctx, since, filter)
}

func (r *resolver) Subscription() gql.SubscriptionResolver { return &subscriptionResolver{r} }

type subscriptionResolver struct{ *resolver }
