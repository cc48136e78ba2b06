package schema

import (
	"context"

	"chancery/graph"
	"chancery/schema/gql"
)

func (r *relationTypeResolver) Label(ctx context.Context, obj *graph.RelationType, lang []string) (string, error) {
	return obj.Label(lang...), nil
}

func (r *relationTypeResolver) InverseLabel(ctx context.Context, obj *graph.RelationType, lang []string) (string, error) {
	return obj.InverseLabel(lang...), nil
}

func (r *resolver) RelationType() gql.RelationTypeResolver { return &relationTypeResolver{r} }

type relationTypeResolver struct{ *resolver }
