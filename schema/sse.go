package schema

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
)

// Server-sent events, as the protocol "GraphQL over SSE" has them in its mode
// of distinct connections: an event `next` for each answer, and `complete` after
// the last. Events of a subscription have their revision as id, so that a browser that reconnects goes on by itself.

// eventWriter writes one stream of events.
type eventWriter struct {
	w        http.ResponseWriter
	control  *http.ResponseController
	patience time.Duration
	grace    time.Duration
	begun    bool
}

func (s streams) events(w http.ResponseWriter) *eventWriter {
	return &eventWriter{w: w, control: http.NewResponseController(w), patience: s.config.Patience, grace: s.config.Grace}
}

// serve answers a subscription.
func (s streams) serve(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor, oc *graphql.OperationContext) {
	resume, err := lastEventID(r)
	if err != nil {
		writeHTTPError(w, mediaJSON, err)
		return
	}
	ctx, cancel := s.untilStopping(r.Context())
	defer cancel()
	out := s.events(w)
	// Whatever ends the stream but a failure, the subscriber is to come back: it is not told that the stream is complete.
	_ = s.follow(ctx, exec, oc, resume, func(e event) error {
		if e.final {
			out.finish(e.answer)
			return nil
		}
		return out.next(e)
	})
}

// untilStopping is a context that also ends when the service is about to stop.
func (s streams) untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if s.config.Stopping != nil {
		go func() {
			select {
			case <-s.config.Stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// lastEventID is the revision that a browser saw last before it reconnected; nil where it does not say.
func lastEventID(r *http.Request) (*graph.Revision, error) {
	id := r.Header.Get("Last-Event-ID")
	if id == "" {
		return nil, nil
	}
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return nil, refuseHTTP(http.StatusBadRequest, "Last-Event-ID is %q: send the id of an event, which is the number of a revision", id)
	}
	return new(graph.Revision(n)), nil
}

// finish writes the last answer, and that nothing follows.
func (e *eventWriter) finish(resp *graphql.Response) {
	var b bytes.Buffer
	appendEvent(&b, "next", "", responseParts(resp))
	appendEvent(&b, "complete", "", nil)
	_ = e.write(b.Bytes()) // there is nothing to do about a client that is gone
}

// next writes the answer to an event of a subscription.
func (e *eventWriter) next(ev event) error {
	var b bytes.Buffer
	id := strconv.FormatUint(uint64(ev.revision), 10)
	appendEvent(&b, "next", id, responseParts(ev.answer))
	began := time.Now()
	err := e.write(b.Bytes())
	if time.Since(began) <= e.patience {
		return err
	}
	if err == nil {
		b.Reset()
		told := refuse(codeUnavailable, nil, "%s", tooSlow(ev.revision))
		appendEvent(&b, "next", id, responseParts(&graphql.Response{Errors: gqlerror.List{told}}))
		err = e.write(b.Bytes())
	}
	return errors.Join(errSlow, err)
}

// tooSlow is what a consumer is told that does not read.
func tooSlow(rev graph.Revision) string {
	return "too slow: resume with since: " + strconv.FormatUint(uint64(rev), 10)
}

// appendEvent writes one event.
func appendEvent(b *bytes.Buffer, name, id string, data [][]byte) {
	b.WriteString("event: " + name + "\n")
	if id != "" {
		b.WriteString("id: " + id + "\n")
	}
	b.WriteString("data:")
	for i, part := range data {
		if i == 0 {
			b.WriteByte(' ')
		}
		// Line feeds are only between tokens of JSON, but would end the line of the event.
		for _, c := range part {
			if c == '\n' || c == '\r' {
				c = ' '
			}
			b.WriteByte(c)
		}
	}
	b.WriteString("\n\n")
}

// write sends some events at once.
func (e *eventWriter) write(p []byte) error {
	if !e.begun {
		e.begun = true
		// The body was read: what bounds the time for that must not end the stream.
		if err := e.control.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
			return err
		}
		h := e.w.Header()
		h.Set("Content-Type", string(mediaEvents)+"; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // nginx else holds events back
		h.Add("Vary", "Accept")
		e.w.WriteHeader(http.StatusOK)
	}
	if err := e.control.SetWriteDeadline(time.Now().Add(e.patience + e.grace)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := e.w.Write(p); err != nil {
		return err
	}
	if err := e.control.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
