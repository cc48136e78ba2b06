package schema

import (
	"context"
	"fmt"

	"chancery/graph"
	"chancery/schema/wire"
)

// resolver answers the fields of the schema. Its methods are in the files *.resolvers.go.
type resolver struct {
	graph  *graph.Graph
	config Config
}

func badInput(format string, args ...any) error {
	return &graph.Error{Kind: graph.BadInput, Message: fmt.Sprintf(format, args...)}
}

// find looks an id up. What is not there is null, and not an error.
func find[T any](ctx context.Context, id string, lookup func(context.Context, string) (T, error)) (T, error) {
	var none T
	if id == "" {
		return none, badInput("the id is empty: give the id of a node, or an external id such as wikidata:Q7747")
	}
	n, err := lookup(ctx, id)
	if graph.IsNotFound(err) {
		return none, nil
	}
	return n, err
}

// connection turns a page into what the schema calls a connection.
func connection[T any](p *graph.Page[T], err error) (*wire.Connection[T], error) {
	if err != nil {
		return nil, err
	}
	return wire.NewConnection(p), nil
}

// values copies a list of pointers, none of which is nil, into a list of values.
func values[T any](in []*T) []T {
	if in == nil {
		return nil
	}
	out := make([]T, len(in))
	for i, p := range in {
		out[i] = *p
	}
	return out
}

// pointers is the other way round.
func pointers[T any](in []T) []*T {
	out := make([]*T, len(in))
	for i := range in {
		out[i] = &in[i]
	}
	return out
}

// serverInfo describes the service and what one view of its store holds.
func (r *resolver) serverInfo(ctx context.Context, v *graph.View) (*wire.ServerInfo, error) {
	n, err := v.Counts(ctx)
	if err != nil {
		return nil, err
	}
	info := &wire.ServerInfo{
		Version: r.config.Version, Engine: r.graph.Engine(),
		Revision: v.Revision(), OldestRevision: v.OldestRevision(),
		Entities: n.Entities, Relations: n.Relations, Documents: n.Documents, Citations: n.Citations,
		Limits: &wire.Limits{
			MaxCost: r.config.Limits.Cost, MaxDepth: r.config.Limits.Depth, MaxFirst: r.config.Limits.First,
			TimeoutMillis: int(r.config.Timeout.Milliseconds()),
		},
	}
	if text, searched := v.TextState(); searched {
		info.Search = &text
	}
	return info, nil
}
