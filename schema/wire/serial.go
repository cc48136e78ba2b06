package wire

import (
	"context"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
)

// MarshalSlice marshals the elements of a list one after the other. One that panics becomes null, with an error.
func MarshalSlice(ctx context.Context, length int, element func(ctx context.Context, i int) graphql.Marshaler) graphql.Array {
	out := make(graphql.Array, length)
	for i := range length {
		at := graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i})
		out[i] = recovered(at, func(ctx context.Context, err any) { graphql.AddError(ctx, graphql.Recover(ctx, err)) },
			func(ctx context.Context) graphql.Marshaler { return element(ctx, i) })
	}
	return out
}

// Resolve resolves a field at once, and counts it as invalid where it is null and must not be. One that panics becomes null, with an error.
func Resolve(ctx context.Context, oc *graphql.OperationContext, out *graphql.FieldSet, i int, nonNull bool, resolve func(context.Context) graphql.Marshaler) {
	out.Values[i] = recovered(ctx, func(ctx context.Context, err any) { oc.Error(ctx, oc.Recover(ctx, err)) }, resolve)
	invalid := graphql.RequiredNull
	if nonNull {
		invalid = graphql.Null
	}
	if out.Values[i] == invalid {
		atomic.AddUint32(&out.Invalids, 1)
	}
}

func recovered(ctx context.Context, report func(context.Context, any), resolve func(context.Context) graphql.Marshaler) (m graphql.Marshaler) {
	defer func() {
		if r := recover(); r != nil {
			report(ctx, r)
			m = graphql.Null
		}
	}()
	return resolve(ctx)
}
