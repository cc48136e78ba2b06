package schema

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/coder/websocket"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// subprotocol is the WebSocket protocol spoken here:
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md. gqlgen's own
// transport closes with other codes than it says, and runs two operations under one id.
const subprotocol = "graphql-transport-ws"

// Close codes of the protocol, and one of this service.
const (
	closeTooSlow          websocket.StatusCode = 4000 // clients connect again after it
	closeBadRequest       websocket.StatusCode = 4400
	closeUnauthorized     websocket.StatusCode = 4401
	closeNotAcceptable    websocket.StatusCode = 4406
	closeInitTimeout      websocket.StatusCode = 4408
	closeSubscriberExists websocket.StatusCode = 4409
	closeTooManyInits     websocket.StatusCode = 4429
)

// maxOperations is how many operations one WebSocket may run at the same time.
const maxOperations = 100

// maxReason is how long the reason in a close frame may be, in bytes.
const maxReason = 123

// socketTransport is GraphQL over WebSockets.
type socketTransport struct{ streams }

func asksForSocket(r *http.Request) bool {
	for _, v := range r.Header.Values("Upgrade") {
		for token := range strings.SplitSeq(v, ",") {
			if strings.EqualFold(strings.TrimSpace(token), "websocket") {
				return true
			}
		}
	}
	return false
}

// Supports takes requests for a WebSocket.
func (socketTransport) Supports(r *http.Request) bool { return asksForSocket(r) }

// Do talks over one WebSocket until it is closed.
func (t socketTransport) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	if !sameOrigin(r) {
		writeHTTPError(w, mediaJSON, refuseHTTP(http.StatusForbidden, "a WebSocket is not opened for pages of other sites, because it may write: open it from a page of this service, or from a program"))
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol}})
	if err != nil {
		return // it was answered
	}
	defer func() { _ = conn.CloseNow() }() // when it was closed already, that is what was wanted
	conn.SetReadLimit(int64(t.config.Limits.BodyBytes))
	ctx, cancel := context.WithCancel(r.Context())
	s := &socket{streams: t.streams, conn: conn, exec: exec, header: r.Header, active: map[string]*operating{}, cancel: cancel}
	defer s.running.Wait()
	defer cancel()
	if conn.Subprotocol() != subprotocol {
		s.close(closeNotAcceptable, "Subprotocol not acceptable: ask for "+subprotocol)
		return
	}
	s.running.Go(func() { s.watch(ctx) })
	s.running.Go(func() { s.keepAlive(ctx) })
	s.listen(ctx, r.Context())
}

// sameOrigin tells whether a request comes from a page of this service, or from no page at all.
func sameOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// socket is one connection.
type socket struct {
	streams
	conn    *websocket.Conn
	exec    graphql.GraphExecutor
	header  http.Header
	cancel  context.CancelFunc
	running sync.WaitGroup
	greeted bool // connection_init came; of the goroutine that reads

	mu     sync.Mutex
	ready  bool                  // the same, for the one that watches
	active map[string]*operating // by their ids
}

// operating is an operation that runs. Its id may be used again as soon as the other side may know that it ended.
type operating struct {
	id     string
	cancel context.CancelFunc
}

// message is what either side sends.
type message struct {
	ID      *string         `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

// close ends the connection with a code that tells why, and the operations on it.
func (s *socket) close(code websocket.StatusCode, reason string) {
	s.cancel()
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "")
	}
	_ = s.conn.Close(code, reason) // a client that is gone need not be told
}

// watch ends the connection when nobody introduces himself, and when the service stops.
func (s *socket) watch(ctx context.Context) {
	initTimeout := time.NewTimer(s.config.InitTimeout)
	defer initTimeout.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.config.Stopping:
			s.close(websocket.StatusGoingAway, "the service stops: connect again")
			return
		case <-initTimeout.C:
			s.mu.Lock()
			ready := s.ready
			s.mu.Unlock()
			if !ready {
				s.close(closeInitTimeout, "Connection initialisation timeout")
				return
			}
		}
	}
}

// keepAlive cuts the connection when the other side is gone.
func (s *socket) keepAlive(ctx context.Context) {
	tick := time.NewTicker(s.config.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if !s.ping(ctx) {
				_ = s.conn.CloseNow() // nobody is there to be told
				return
			}
		}
	}
}

func (s *socket) ping(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, s.config.Patience+s.config.Grace)
	defer cancel()
	return s.conn.Ping(ctx) == nil
}

// listen reads messages until the connection ends. The end of ctx ends operations; it
// must not end a read, which would end the connection before the other side is told why.
func (s *socket) listen(ctx, connection context.Context) {
	for {
		kind, data, err := s.conn.Read(connection)
		if err != nil {
			return
		}
		if code, reason := s.receive(ctx, kind, data); code != 0 {
			s.close(code, reason)
			return
		}
	}
}

// receive acts on one message. A code that is not 0 ends the connection.
func (s *socket) receive(ctx context.Context, kind websocket.MessageType, data []byte) (websocket.StatusCode, string) {
	var m message
	if kind != websocket.MessageText {
		return closeBadRequest, "a message is text"
	}
	if err := decode(data, &m); err != nil {
		return closeBadRequest, "the message is wrong: " + err.Error()
	}
	switch m.Type {
	case "connection_init":
		return s.greet(ctx, m)
	case "ping":
		s.send(ctx, message{Type: "pong", Payload: m.Payload})
	case "pong":
	case "subscribe":
		return s.subscribe(ctx, m)
	case "complete":
		if m.ID == nil || *m.ID == "" {
			return closeBadRequest, "complete has no id"
		}
		s.mu.Lock()
		op := s.active[*m.ID]
		s.mu.Unlock()
		s.forget(op)
	case "":
		return closeBadRequest, "the message has no type"
	default:
		return closeBadRequest, "there are no messages of the type " + m.Type
	}
	return 0, ""
}

func (s *socket) greet(ctx context.Context, m message) (websocket.StatusCode, string) {
	if s.greeted {
		return closeTooManyInits, "Too many initialisation requests"
	}
	if p := bytes.TrimSpace(m.Payload); len(p) > 0 && p[0] != '{' && !bytes.Equal(p, []byte("null")) {
		return closeBadRequest, "the payload of connection_init is an object"
	}
	s.greeted = true
	s.mu.Lock()
	s.ready = true
	s.mu.Unlock()
	s.send(ctx, message{Type: "connection_ack"})
	return 0, ""
}

// subscribe begins an operation.
func (s *socket) subscribe(ctx context.Context, m message) (websocket.StatusCode, string) {
	if !s.greeted {
		return closeUnauthorized, "Unauthorized: send connection_init first"
	}
	if m.ID == nil || *m.ID == "" {
		return closeBadRequest, "subscribe has no id"
	}
	var in requestBody
	if err := decode(m.Payload, &in); err != nil {
		return closeBadRequest, "the payload of subscribe is wrong: " + err.Error()
	}
	if in.Query == nil {
		return closeBadRequest, "the payload of subscribe has no query"
	}
	ctx, cancel := context.WithCancel(ctx)
	op := &operating{*m.ID, cancel}
	s.mu.Lock()
	_, twice := s.active[op.id]
	full := len(s.active) >= maxOperations
	if !twice && !full {
		s.active[op.id] = op
	}
	s.mu.Unlock()
	switch {
	case twice:
		cancel()
		return closeSubscriberExists, "Subscriber for " + op.id + " already exists"
	case full:
		s.fail(ctx, op.id, gqlerror.List{refuseLimit("operations", maxOperations, maxOperations+1, nil, "%d operations run on this WebSocket, and no more may: complete some, or open another", maxOperations)})
		cancel()
		return 0, ""
	}
	s.running.Go(func() {
		defer s.forget(op)
		s.operate(ctx, op, in.params(s.header))
	})
	return 0, ""
}

// forget ends an operation, if it runs, and makes its id free.
func (s *socket) forget(op *operating) (ran bool) {
	if op == nil {
		return false
	}
	op.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.active[op.id] != op {
		return false
	}
	delete(s.active, op.id)
	return true
}

// operate runs one operation and sends what comes of it. What was completed by the other side is answered no more.
func (s *socket) operate(ctx context.Context, op *operating, params *graphql.RawParams) {
	defer func() {
		if v := recover(); v != nil {
			s.end(ctx, op, gqlerror.List{s.presenter.present(ctx, s.presenter.recovered(ctx, v))})
		}
	}()
	ctx = graphql.StartOperationTrace(ctx)
	oc, errs := s.exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		s.end(ctx, op, s.exec.DispatchError(graphql.WithOperationContext(ctx, oc), errs).Errors)
		return
	}
	if oc.Operation.Operation != ast.Subscription {
		if s.next(ctx, op, run(ctx, s.exec, oc)) == nil {
			s.end(ctx, op, nil)
		}
		return
	}
	// However it ends, the other side knows: it was told, it ended it itself, or the connection is over.
	_ = s.follow(ctx, s.exec, oc, nil, func(e event) error {
		if e.final {
			s.end(ctx, op, e.answer.Errors)
			return nil
		}
		began := time.Now()
		err := s.next(ctx, op, e.answer)
		if time.Since(began) > s.config.Patience {
			s.close(closeTooSlow, tooSlow(e.revision))
			return errSlow
		}
		return err
	})
}

// next sends one answer.
func (s *socket) next(ctx context.Context, op *operating, resp *graphql.Response) error {
	return s.send(ctx, message{ID: &op.id, Type: "next", Payload: bytes.Join(responseParts(resp), nil)})
}

// end tells that an operation is over: complete, or with errors. It says nothing where the other side ended it first.
func (s *socket) end(ctx context.Context, op *operating, errs gqlerror.List) {
	if !s.forget(op) {
		return
	}
	ctx = context.WithoutCancel(ctx) // forgetting it ended the context
	if len(errs) > 0 {
		s.fail(ctx, op.id, errs)
		return
	}
	s.send(ctx, message{ID: &op.id, Type: "complete"})
}

func (s *socket) fail(ctx context.Context, id string, errs gqlerror.List) {
	var b bytes.Buffer
	writeJSON(&b, errs)
	s.send(context.WithoutCancel(ctx), message{ID: &id, Type: "error", Payload: b.Bytes()})
}

// send writes one message. Where the other side does not take it for long, the connection is cut.
func (s *socket) send(ctx context.Context, m message) error {
	// The end of an operation must not tear a message that is being written, since that would end the connection.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.config.Patience+s.config.Grace)
	defer cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return errors.Join(errors.New("schema: a message cannot be written as JSON"), err)
	}
	return s.conn.Write(write, websocket.MessageText, bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
