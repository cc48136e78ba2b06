package schema

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
	"chancery/schema/wire"
)

// operations runs each operation against one view of the graph, within a
// deadline, and reports in the answer's extensions the revision it saw or made, and what it cost.
type operations struct {
	graph     *graph.Graph
	timeout   time.Duration
	readOnly  bool
	presenter *presenter
}

// ExtensionName names the extension for gqlgen.
func (operations) ExtensionName() string { return "Operations" }

// Validate accepts every schema.
func (operations) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext refuses mutations where the service only reads.
func (o operations) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	if o.readOnly && oc.Operation.Operation == ast.Mutation {
		return refuse(codeForbidden, oc.Operation.Position, "this service is read-only")
	}
	return nil
}

// InterceptOperation opens the view and closes it when the answer is written out in full.
func (o operations) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	op, err := o.open(ctx, graphql.GetOperationContext(ctx))
	if err != nil {
		cancel()
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{o.presenter.present(ctx, err)}})
	}
	respond := next(context.WithValue(ctx, operationKey{}, op))
	return func(ctx context.Context) *graphql.Response { // derived from the one above
		defer cancel()
		defer op.release()
		resp := respond(ctx)
		if resp == nil && op.opens && ctx.Err() == nil {
			return nil
		}
		if err := ctx.Err(); err != nil || resp == nil {
			return &graphql.Response{Errors: gqlerror.List{o.late(ctx, op, err)}, Data: []byte("null")}
		}
		if rev, err := op.revision(ctx); err == nil {
			resp.Extensions = map[string]any{"revision": wire.FormatRevision(rev), costKey: costOf(graphql.GetOperationContext(ctx))}
		}
		return resp
	}
}

// InterceptField resolves nothing more once the deadline has passed. The answer is then dropped as a whole.
func (operations) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	if ctx.Err() != nil {
		return graphql.Null, nil
	}
	return next(ctx)
}

// InterceptResponse keeps the first errors and says how many more there were.
func (o operations) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	resp := next(ctx)
	if resp == nil || len(resp.Errors) <= o.presenter.limit {
		return resp
	}
	shown := make(gqlerror.List, 0, o.presenter.limit)
	for _, e := range resp.Errors {
		// Those that were left out have no code. Fields are resolved at the same time, so they may come before others.
		if codeOf(e) != "" && len(shown) < o.presenter.limit {
			shown = append(shown, e)
		}
	}
	last := *shown[len(shown)-1]
	last.Message = fmt.Sprintf("%s (and %d further errors)", last.Message, len(resp.Errors)-len(shown))
	shown[len(shown)-1] = &last
	resp.Errors = shown
	return resp
}

// late is the answer of an operation that ran out of time.
func (o operations) late(ctx context.Context, op *operation, err error) *gqlerror.Error {
	if err == nil {
		err = context.Canceled
	}
	if err == context.DeadlineExceeded {
		msg := "the operation took longer than %s: ask for less at a time"
		if op.writes {
			msg = "the operation took longer than %s; what it writes may have been written: send it again with the same idempotencyKey to learn the outcome"
		}
		return refuse(codeTimeout, nil, msg, o.timeout)
	}
	return o.presenter.present(ctx, err)
}

func (o operations) open(ctx context.Context, oc *graphql.OperationContext) (*operation, error) {
	op := &operation{graph: o.graph, after: map[graph.Revision]*graph.View{}}
	switch oc.Operation.Operation {
	case ast.Mutation:
		op.writes = true
		return op, nil
	case ast.Subscription:
		return op, op.event(ctx)
	}
	at, err := snapshot(oc)
	if err != nil {
		return nil, err
	}
	op.view, err = o.graph.View(ctx, at)
	return op, err
}

// snapshot reads the arguments of @snapshot.
func snapshot(oc *graphql.OperationContext) (at graph.At, err error) {
	d := oc.Operation.Directives.ForName("snapshot")
	if d == nil {
		return at, nil
	}
	given := 0
	for _, arg := range d.Arguments {
		v, err := arg.Value.Value(oc.Variables)
		if err != nil {
			return at, badInput("%s of @snapshot: %v", arg.Name, err)
		}
		if v == nil {
			continue
		}
		given++
		switch arg.Name {
		case "revision":
			at.Revision, err = read(v, wire.UnmarshalRevision)
		case "atLeast":
			at.AtLeast, err = read(v, wire.UnmarshalRevision)
		case "at":
			at.Time, err = read(v, wire.UnmarshalDateTime)
		}
		if err != nil {
			return at, badInput("%s of @snapshot: %v", arg.Name, err)
		}
	}
	if given > 1 {
		return at, badInput("@snapshot has %d arguments: give one of revision, at and atLeast", given)
	}
	return at, nil
}

func read[T any](v any, unmarshal func(any) (T, error)) (*T, error) {
	t, err := unmarshal(v)
	return &t, err
}

// operation is what the resolvers of one GraphQL operation share.
type operation struct {
	graph  *graph.Graph
	view   *graph.View // of a query, or of the event of a subscription; nil for a mutation
	lent   bool        // the view is not the operation's own
	writes bool        // a mutation
	opens  bool        // a subscription, which is about to open its source
	errors atomic.Int32

	mu      sync.Mutex
	after   map[graph.Revision]*graph.View // of a mutation, by the revision asked for; 0 is the newest
	written graph.Revision                 // by the last write
}

type operationKey struct{}

// operationFrom is nil outside of an operation.
func operationFrom(ctx context.Context) *operation {
	op, _ := ctx.Value(operationKey{}).(*operation)
	return op
}

// viewFrom is the view that a query or an event reads.
func viewFrom(ctx context.Context) *graph.View { return operationFrom(ctx).view }

// viewAfter is the state after a write, opened once for each revision; for revision 0 it is the newest state.
func (op *operation) viewAfter(ctx context.Context, rev graph.Revision) (*graph.View, error) {
	op.mu.Lock()
	defer op.mu.Unlock()
	if v := op.after[rev]; v != nil {
		return v, nil
	}
	at := graph.At{}
	if rev > 0 {
		at.Revision = &rev
	}
	v, err := op.graph.View(ctx, at)
	if err == nil {
		op.after[rev] = v
	}
	return v, err
}

func (op *operation) wrote(rev graph.Revision) {
	op.mu.Lock()
	defer op.mu.Unlock()
	op.written = max(op.written, rev)
}

// revision is the one the operation read, or the last one it wrote, or the newest where it wrote nothing.
func (op *operation) revision(ctx context.Context) (graph.Revision, error) {
	if op.view != nil {
		return op.view.Revision(), nil
	}
	op.mu.Lock()
	written := op.written
	op.mu.Unlock()
	if written > 0 {
		return written, nil
	}
	v, err := op.viewAfter(ctx, 0)
	if err != nil {
		return 0, err
	}
	return v.Revision(), nil
}

func (op *operation) release() {
	if op.view != nil && !op.lent {
		op.view.Release()
	}
	op.mu.Lock()
	defer op.mu.Unlock()
	for _, v := range op.after {
		v.Release()
	}
}
