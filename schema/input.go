package schema

import (
	"context"
	"slices"

	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
	"chancery/schema/wire"
)

// apply writes a batch and tells what became of it. Paths of mistakes lose the
// steps that the caller of a mutation for one change did not write.
func (r *resolver) apply(ctx context.Context, b graph.Batch, unwritten ...string) (*wire.ApplyPayload, error) {
	b.By = "anonymous"
	if r.config.Who != nil {
		if who := r.config.Who(ctx); who != "" {
			b.By = who
		}
	}
	out, err := r.graph.Apply(ctx, b)
	if err != nil {
		return nil, err
	}
	p := &wire.ApplyPayload{Replayed: out.Replayed}
	if out.Revision > 0 {
		p.Revision = &out.Revision
		operationFrom(ctx).wrote(out.Revision)
	}
	for _, e := range out.Errors {
		e.Path = withoutPrefix(e.Path, unwritten)
		p.UserErrors = append(p.UserErrors, &e)
	}
	for _, res := range out.Results {
		p.Results = append(p.Results, &wire.ChangeResult{Index: res.Index, Outcome: res.Operation, ID: res.ID, Revision: out.Revision})
	}
	return p, nil
}

// applyOne writes a single change, which the contract's paths know by name.
func (r *resolver) applyOne(ctx context.Context, name string, c graph.Change) (*wire.ApplyPayload, error) {
	return r.apply(ctx, graph.Batch{Changes: []graph.Change{c}}, "changes", "0", name)
}

// withoutPrefix drops as many leading steps as are the same in both.
func withoutPrefix(path, prefix []string) []string {
	for len(path) > 0 && len(prefix) > 0 && path[0] == prefix[0] {
		path, prefix = path[1:], prefix[1:]
	}
	return slices.Clip(path)
}

func batch(in wire.ApplyInput) graph.Batch {
	b := graph.Batch{DryRun: in.DryRun, ExpectedRevision: in.ExpectedRevision.Value()}
	if k := in.IdempotencyKey.Value(); k != nil {
		b.IdempotencyKey = *k
	}
	if n := in.Note.Value(); n != nil {
		b.Note = *n
	}
	for _, c := range in.Changes {
		b.Changes = append(b.Changes, change(c))
	}
	return b
}

// change keeps every field that is not null. That it is exactly one is for
// package graph to check: gqlparser checks @oneOf in literals and not in variables.
func change(in *wire.ChangeInput) graph.Change {
	return graph.Change{
		PutEntity:       entityInput(in.PutEntity.Value()),
		PutDocument:     documentInput(in.PutDocument.Value()),
		AddRelation:     in.AddRelation.Value(),
		RetractCitation: in.RetractCitation.Value(),
		RetractRelation: in.RetractRelation.Value(),
		MergeEntities:   in.MergeEntities.Value(),
		UnmergeEntities: in.UnmergeEntities.Value(),
		DeleteEntity:    in.DeleteEntity.Value(),
		PutRelationType: relationTypeInput(in.PutRelationType.Value()),
	}
}

func entityInput(in *wire.EntityInput) *graph.EntityInput {
	if in == nil {
		return nil
	}
	names, ids := list(in.Names), list(in.ExternalIds)
	return &graph.EntityInput{
		ID:          idOrEmpty(in.ID),
		Kind:        optional(in.Kind),
		Name:        optional(in.Name),
		Names:       names,
		Description: optional(in.Description),
		ExternalIDs: graph.Optional[graph.ExternalIDs]{Value: ids.Value, Set: ids.Set, Null: ids.Null},
		Attributes:  slice(in.Attributes),
	}
}

func documentInput(in *wire.DocumentInput) *graph.DocumentInput {
	if in == nil {
		return nil
	}
	return &graph.DocumentInput{
		ID:          idOrEmpty(in.ID),
		Title:       optional(in.Title),
		Publisher:   optional(in.Publisher),
		Authors:     slice(in.Authors),
		URL:         optional(in.URL),
		Published:   optional(in.Published),
		Lang:        optional(in.Lang),
		Kind:        optional(in.Kind),
		License:     optional(in.License),
		DerivedFrom: optional(in.DerivedFrom),
		Text:        optional(in.Text),
	}
}

func relationTypeInput(in *wire.RelationTypeInput) *graph.RelationTypeInput {
	if in == nil {
		return nil
	}
	return &graph.RelationTypeInput{
		ID:           in.ID,
		Label:        graph.Some(in.Label),
		InverseLabel: optional(in.InverseLabel),
		Definition:   optional(in.Definition),
		Symmetric:    optional(in.Symmetric),
		Stance:       optional(in.Stance),
		FromKinds:    slice(in.FromKinds),
		ToKinds:      slice(in.ToKinds),
		Broader:      optional(in.Broader),
		Codes:        list(in.Codes),
	}
}

// idOrEmpty reads an id that may be left out; null is the same as that.
func idOrEmpty(o graphql.Omittable[*string]) string {
	if id := o.Value(); id != nil {
		return *id
	}
	return ""
}

func optional[T any](o graphql.Omittable[*T]) graph.Optional[T] {
	switch p, set := o.ValueOK(); {
	case !set:
		return graph.Optional[T]{}
	case p == nil:
		return graph.Optional[T]{Set: true, Null: true}
	default:
		return graph.Some(*p)
	}
}

// slice is optional for what is null when it is nil.
func slice[S ~[]T, T any](o graphql.Omittable[S]) graph.Optional[S] {
	s, set := o.ValueOK()
	return graph.Optional[S]{Value: s, Set: set, Null: set && s == nil}
}

// list is optional for lists of objects.
func list[T any](o graphql.Omittable[[]*T]) graph.Optional[[]T] {
	s, set := o.ValueOK()
	return graph.Optional[[]T]{Value: values(s), Set: set, Null: set && s == nil}
}
