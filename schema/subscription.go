package schema

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
)

// A subscription is executed once for each event, like a query of its own: with
// one view, of the event's revision, a deadline, and errors of its own. The
// execution before the first event opens the source that the events come from.

// streams is what the transports of subscriptions share.
type streams struct {
	graph     *graph.Graph
	config    Config
	presenter *presenter
}

// event is an answer of a stream.
type event struct {
	answer   *graphql.Response
	revision graph.Revision // of the batch; 0 outside of one
	final    bool           // nothing follows: the subscription failed
}

// errSlow ends a stream of which somebody reads too slowly.
var errSlow = errors.New("schema: the consumer does not read")

// follow runs a subscription until ctx ends, send fails, or an event was final.
// Resume, where it is not nil, is the revision to go on after, whatever the operation says.
func (s streams) follow(ctx context.Context, exec graphql.GraphExecutor, oc *graphql.OperationContext, resume *graph.Revision, send func(event) error) error {
	src := &source{graph: s.graph, heartbeat: s.config.Heartbeat, resume: resume}
	defer src.close()
	ctx = context.WithValue(ctx, sourceKey{}, src)
	if resp := run(ctx, exec, oc); ctx.Err() != nil {
		return ctx.Err() // whoever was cut off is not told that the subscription failed
	} else if resp != nil {
		return send(event{answer: resp, final: true})
	}
	for {
		var err error
		if src.batch, err = src.feed.Next(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			shown := s.presenter.present(graphql.WithOperationContext(ctx, oc), err)
			return send(event{answer: &graphql.Response{Errors: gqlerror.List{shown}}, final: true})
		}
		e := event{answer: run(ctx, exec, oc), revision: src.batch.Revision}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		src.feed.Release() // the answer is written out; sending it may take time
		e.final = failed(e.answer)
		if err := send(e); errors.Is(err, errSlow) {
			src.feed.Dropped()
			return err
		} else if err != nil || e.final {
			return err
		}
	}
}

func run(ctx context.Context, exec graphql.GraphExecutor, oc *graphql.OperationContext) *graphql.Response {
	respond, ctx := exec.DispatchOperation(graphql.StartOperationTrace(ctx), oc)
	return respond(ctx)
}

// failed tells whether an event could not be answered at all, and drops what is left of its data. To
// go on would lose it; a subscriber that comes back gets it again.
func failed(resp *graphql.Response) bool {
	if len(resp.Errors) == 0 {
		return false
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(resp.Data, &fields) == nil {
		for _, v := range fields {
			if !bytes.Equal(v, []byte("null")) {
				return false
			}
		}
	}
	resp.Data = []byte("null")
	return true
}

// source is where the events of one subscription come from. The resolver finds it in its context.
type source struct {
	graph     *graph.Graph
	heartbeat time.Duration
	resume    *graph.Revision

	feed  *graph.Feed        // nil until the resolver opened it
	batch *graph.ChangeBatch // the event at hand; nil while there is none
}

type sourceKey struct{}

// sourceFrom is nil outside of a subscription.
func sourceFrom(ctx context.Context) *source {
	src, _ := ctx.Value(sourceKey{}).(*source)
	return src
}

func (s *source) close() {
	if s.feed != nil {
		s.feed.Close()
	}
}

// changes answers Subscription.changes: with the event at hand or, before the first, with none, when it opens the feed.
func (s *source) changes(ctx context.Context, since *graph.Revision, filter *graph.ChangeFilter) (<-chan *graph.ChangeBatch, error) {
	out := make(chan *graph.ChangeBatch, 1)
	defer close(out)
	if s.batch != nil {
		out <- s.batch
		return out, nil
	}
	o := graph.FeedOptions{Filter: filter, Live: true, Heartbeat: s.heartbeat}
	var err error
	if o.Since, err = s.start(ctx, since); err != nil {
		return nil, err
	}
	s.feed, err = s.graph.Feed(ctx, o)
	return out, err
}

// start is the revision to begin after.
func (s *source) start(ctx context.Context, since *graph.Revision) (graph.Revision, error) {
	at, err := snapshot(graphql.GetOperationContext(ctx))
	switch {
	case err != nil:
		return 0, err
	case at != graph.At{} && since != nil:
		return 0, badInput("since and @snapshot both say where to begin: give one of them")
	case s.resume != nil:
		return *s.resume, nil
	case since != nil:
		return *since, nil
	case at == graph.At{}:
		return 0, nil
	}
	v, err := s.graph.View(ctx, at)
	if err != nil {
		return 0, err
	}
	defer v.Release()
	return v.Revision(), nil
}

// event gives the operation the view of the event at hand.
func (op *operation) event(ctx context.Context) error {
	src := sourceFrom(ctx)
	if src == nil {
		return badInput("a subscription needs a stream: send Accept: text/event-stream, or open a WebSocket")
	}
	if src.batch == nil {
		op.opens = true
		return nil
	}
	op.lent = true
	var err error
	op.view, err = src.batch.View(ctx)
	return err
}
