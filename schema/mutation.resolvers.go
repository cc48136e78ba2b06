package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
	"chancery/schema/wire"
)

func (r *mutationResolver) Apply(ctx context.Context, input wire.ApplyInput) (*wire.ApplyPayload, error) {
	return r.apply(ctx, batch(input))
}

func (r *mutationResolver) PutEntity(ctx context.Context, input wire.EntityInput) (*wire.ApplyPayload, error) {
	return r.applyOne(ctx, "putEntity", graph.Change{PutEntity: entityInput(&input)})
}

func (r *mutationResolver) PutDocument(ctx context.Context, input wire.DocumentInput) (*wire.ApplyPayload, error) {
	return r.applyOne(ctx, "putDocument", graph.Change{PutDocument: documentInput(&input)})
}

func (r *mutationResolver) AddRelation(ctx context.Context, input graph.RelationInput) (*wire.ApplyPayload, error) {
	return r.applyOne(ctx, "addRelation", graph.Change{AddRelation: &input})
}

func (r *mutationResolver) RetractCitation(ctx context.Context, input graph.RetractInput) (*wire.ApplyPayload, error) {
	return r.applyOne(ctx, "retractCitation", graph.Change{RetractCitation: &input})
}

func (r *mutationResolver) MergeEntities(ctx context.Context, input graph.MergeInput) (*wire.ApplyPayload, error) {
	return r.applyOne(ctx, "mergeEntities", graph.Change{MergeEntities: &input})
}

func (r *resolver) Mutation() gql.MutationResolver { return &mutationResolver{r} }

type mutationResolver struct{ *resolver }
