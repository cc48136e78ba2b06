package schema

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// peer is the other end of a WebSocket.
type peer struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial opens a WebSocket without a word.
func dial(t *testing.T, s *httptest.Server, protocols ...string) *peer {
	t.Helper()
	conn, resp, err := websocket.Dial(t.Context(), s.URL, &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		t.Fatal(err)
	}
	if resp.Body != nil {
		resp.Body.Close()
	}
	conn.SetReadLimit(16 << 20)
	t.Cleanup(func() { _ = conn.CloseNow() }) // it may be closed already
	return &peer{t, conn}
}

// greeted opens one that is ready for operations.
func greeted(t *testing.T, s *httptest.Server) *peer {
	t.Helper()
	p := dial(t, s, subprotocol)
	p.send(`{"type":"connection_init"}`)
	p.want(`{"type":"connection_ack"}`)
	return p
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.conn.Write(p.t.Context(), websocket.MessageText, []byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

func (p *peer) subscribe(id, query string, variables map[string]any) {
	p.t.Helper()
	payload, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		p.t.Fatal(err)
	}
	p.send(fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":%s}`, id, payload))
}

func (p *peer) want(text string) {
	p.t.Helper()
	_, got, err := p.conn.Read(p.t.Context())
	if err != nil {
		p.t.Fatalf("%v, want %s", err, text)
	}
	if withoutCost(string(got)) != text {
		p.t.Fatalf("the message is %s, want %s", got, text)
	}
}

// wantClose reads until the connection is closed.
func (p *peer) wantClose(code websocket.StatusCode, reason string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	for {
		_, _, err := p.conn.Read(ctx)
		if err == nil {
			continue
		}
		var closed websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || !strings.Contains(closed.Reason, reason) {
			p.t.Errorf("the connection ends with %v, want %d %q", err, code, reason)
		}
		return
	}
}

func TestOperationsOnAWebSocket(t *testing.T) {
	g, st, s := serveStreams(t, Config{})
	p := greeted(t, s)
	p.send(`{"type":"ping","payload":{"n":1}}`)
	p.want(`{"type":"pong","payload":{"n":1}}`)
	p.send(`{"type":"pong"}`)

	p.subscribe("q", `{entity(id:"ann"){name}}`, nil)
	p.want(`{"id":"q","type":"next","payload":{"data":{"entity":{"name":"Ann"}},"extensions":{"revision":"1"}}}`)
	p.want(`{"id":"q","type":"complete"}`)
	p.subscribe("q", `mutation{putEntity(input:{id:"ben",kind:PERSON,name:"Ben"}){revision}}`, nil)
	p.want(`{"id":"q","type":"next","payload":{"data":{"putEntity":{"revision":"2"}},"extensions":{"revision":"2"}}}`)
	p.want(`{"id":"q","type":"complete"}`)
	p.subscribe("q", `{entity(id:""){name}}`, nil) // an error of a field is no error of the operation
	p.want(`{"id":"q","type":"next","payload":{"errors":[{"message":"the id is empty: give the id of a node, or an external id such as wikidata:Q7747","path":["entity"],"locations":[{"line":1,"column":2}],"extensions":{"code":"BAD_INPUT"}}],"data":{"entity":null},"extensions":{"revision":"2"}}}`)
	p.want(`{"id":"q","type":"complete"}`)

	p.subscribe("s", followChanges, nil)
	p.want(`{"id":"s","type":"next","payload":` + toldPut(1, "CREATED", "ann", "Ann") + `}`)
	p.want(`{"id":"s","type":"next","payload":` + toldPut(2, "CREATED", "ben", "Ben") + `}`)
	for n := 3; n < 8; n++ {
		putPerson(t, g, "ben", fmt.Sprint("Ben ", n))
		p.want(`{"id":"s","type":"next","payload":` + toldPut(n, "UPDATED", "ben", fmt.Sprint("Ben ", n)) + `}`)
	}
	p.send(`{"id":"s","type":"complete"}`)
	waitUntil(t, func() bool { return g.FeedStats().Open == 0 })
	p.subscribe("s", followChanges, map[string]any{"since": "6"}) // the id is free again
	p.want(`{"id":"s","type":"next","payload":` + toldPut(7, "UPDATED", "ben", "Ben 7") + `}`)
	if n := st.held.Load(); n != 0 {
		t.Errorf("%d snapshots are held by a subscription that waits", n)
	}
	p.send(`{"id":"unknown","type":"complete"}`) // may come late, and is no mistake
	if err := p.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	waitUntil(t, func() bool { return g.FeedStats().Open == 0 })
}

// What is refused is one message of errors, and the connection goes on.
func TestErrorsOnAWebSocket(t *testing.T) {
	_, _, s := serveStreams(t, Config{ReadOnly: true, NoIntrospection: true, Limits: Limits{Depth: 5}})
	p := greeted(t, s)
	for query, want := range map[string]string{
		`{`:         "Expected Name",
		`{nothing}`: "Cannot query field",
		`mutation{putEntity(input:{}){revision}}`:                        "read-only",
		`{__schema{types{name}}}`:                                        "introspection is switched off",
		`{entity(id:"a"){relations{nodes{from{relations{nodes{id}}}}}}}`: "limit of depth",
		`{entities(first:-1){totalCount}}`:                               "give 0 or more",
		`subscription{changes(since:"9"){revision}}`:                     "the newest is 1",
		`subscription{changes(since:1e400){revision}}`:                   "1e400",
		`subscription{changes(filter:{involves:["nobody"]}){revision}}`:  "no entity has the id",
	} {
		p.subscribe("x", query, nil)
		_, got, err := p.conn.Read(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var m struct {
			ID, Type string
			Payload  []shownError
		}
		if err := json.Unmarshal(got, &m); err != nil || m.ID != "x" || m.Type != "error" || len(m.Payload) == 0 || !strings.Contains(m.Payload[0].Message, want) {
			t.Errorf("%s is answered with %s (%v), want an error with %q", query, got, err, want)
		}
	}
}

// The close codes of the protocol.
func TestCloseCodes(t *testing.T) {
	_, _, s := serveStreams(t, Config{Limits: Limits{BodyBytes: 1_000}})
	for _, c := range []struct {
		name   string
		sent   []string
		code   websocket.StatusCode
		reason string
	}{
		{"no JSON", []string{`{`}, 4400, "not valid JSON"},
		{"no object", []string{`[]`}, 4400, "an array"},
		{"no type", []string{`{}`}, 4400, "no type"},
		{"unknown type", []string{`{"type":"start"}`}, 4400, "no messages of the type start"},
		{"payload of init", []string{`{"type":"connection_init","payload":1}`}, 4400, "object"},
		{"subscribe too early", []string{`{"id":"1","type":"subscribe","payload":{"query":"{__typename}"}}`}, 4401, "Unauthorized"},
		{"two inits", []string{`{"type":"connection_init"}`, `{"type":"connection_init","payload":null}`}, 4429, "Too many initialisation requests"},
		{"no id", []string{`{"type":"connection_init","payload":{}}`, `{"type":"subscribe","payload":{"query":"{__typename}"}}`}, 4400, "no id"},
		{"no query", []string{`{"type":"connection_init"}`, `{"id":"1","type":"subscribe","payload":{}}`}, 4400, "no query"},
		{"no payload", []string{`{"type":"connection_init"}`, `{"id":"1","type":"subscribe"}`}, 4400, "payload"},
		{"wrong payload", []string{`{"type":"connection_init"}`, `{"id":"1","type":"subscribe","payload":{"query":1}}`}, 4400, "give a string"},
		{"complete without id", []string{`{"type":"connection_init"}`, `{"type":"complete"}`}, 4400, "no id"},
		{"one id twice", []string{`{"type":"connection_init"}`, `{"id":"1","type":"subscribe","payload":{"query":"subscription{changes{revision}}"}}`,
			`{"id":"1","type":"subscribe","payload":{"query":"subscription{changes{revision}}"}}`}, 4409, "Subscriber for 1 already exists"},
		{"too large", []string{`{"type":"ping","payload":"` + strings.Repeat("x", 2_000) + `"}`}, 1009, ""},
		{"a long reason", []string{`{"type":"` + strings.Repeat("ü", 200) + `"}`}, 4400, "no messages of the type üüü"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := dial(t, s, subprotocol)
			for _, m := range c.sent {
				p.send(m)
			}
			p.wantClose(c.code, c.reason)
		})
	}
	t.Run("binary", func(t *testing.T) {
		p := dial(t, s, subprotocol)
		if err := p.conn.Write(t.Context(), websocket.MessageBinary, []byte(`{"type":"ping"}`)); err != nil {
			t.Fatal(err)
		}
		p.wantClose(4400, "text")
	})
	t.Run("no subprotocol", func(t *testing.T) { dial(t, s).wantClose(4406, "graphql-transport-ws") })
	t.Run("another subprotocol", func(t *testing.T) { dial(t, s, "graphql-ws").wantClose(4406, "graphql-transport-ws") })
}

func TestNobodyIntroducesHimself(t *testing.T) {
	_, _, s := serveStreams(t, Config{InitTimeout: 20 * time.Millisecond})
	late := dial(t, s, subprotocol)
	late.wantClose(4408, "initialisation timeout")
	p := greeted(t, s)
	time.Sleep(60 * time.Millisecond) // the time is over, and is of no concern to who has introduced himself
	p.send(`{"type":"ping"}`)
	p.want(`{"type":"pong"}`)
}

// Pages of other sites get no WebSocket.
func TestOriginsOfWebSockets(t *testing.T) {
	_, _, s := serveStreams(t, Config{})
	for origin, status := range map[string]int{"": 101, s.URL: 101, "http://evil.example": 403, "null": 403, "https://" + strings.TrimPrefix(s.URL, "http://"): 101} {
		h := http.Header{}
		if origin != "" {
			h.Set("Origin", origin)
		}
		conn, resp, err := websocket.Dial(t.Context(), s.URL, &websocket.DialOptions{Subprotocols: []string{subprotocol}, HTTPHeader: h})
		if resp == nil || resp.StatusCode != status {
			t.Errorf("from %q: %v, want %d", origin, err, status)
		}
		if err == nil {
			_ = conn.CloseNow() // it was opened only to see that it can be
		}
	}
	r := httptest.NewRequest(http.MethodGet, "/graphql?query=%7B__typename%7D", http.NoBody)
	r.Header.Set("Upgrade", "h2c") // may be ignored
	if a := do(t, Handler(newGraph(t, "memory:"), Config{}), r); a.status != http.StatusOK {
		t.Errorf("a request that would upgrade to something else is answered with %d", a.status)
	}
}

func TestManyOperationsOnAWebSocket(t *testing.T) {
	g, _, s := serveStreams(t, Config{})
	p := greeted(t, s)
	for n := range maxOperations {
		p.subscribe(strconv.Itoa(n), `subscription{changes(since:"1"){revision}}`, nil)
		p.want(fmt.Sprintf(`{"id":"%d","type":"next","payload":{"data":{"changes":{"revision":"1"}},"extensions":{"revision":"1"}}}`, n))
	}
	p.subscribe("more", `subscription{changes(since:"1"){revision}}`, nil)
	p.want(`{"id":"more","type":"error","payload":[{"message":"100 operations run on this WebSocket, and no more may: complete some, or open another","extensions":{"actual":101,"code":"TOO_COSTLY","limit":"operations","max":100}}]}`)
	putPerson(t, g, "ben", "Ben")
	seen := map[string]bool{}
	for range maxOperations {
		_, got, err := p.conn.Read(t.Context())
		if err != nil || !strings.Contains(string(got), `"revision":"2"`) {
			t.Fatal(string(got), err)
		}
		seen[strings.Split(string(got), `"`)[3]] = true
	}
	if len(seen) != maxOperations {
		t.Errorf("%d subscriptions were told", len(seen))
	}
}

func TestWebSocketsEndWithTheService(t *testing.T) {
	stopping := make(chan struct{})
	g, st, s := serveStreams(t, Config{Stopping: stopping})
	p := greeted(t, s)
	p.subscribe("1", followChanges, map[string]any{"since": "1"})
	p.want(`{"id":"1","type":"next","payload":` + told(1, "") + `}`)
	close(stopping)
	p.wantClose(websocket.StatusGoingAway, "connect again")
	waitUntil(t, func() bool { return g.FeedStats().Open == 0 && st.held.Load() == 0 })
}

// A client that is gone without a word does not keep its subscriptions.
func TestAPeerThatVanishes(t *testing.T) {
	g, st, s := serveStreams(t, Config{})
	p := greeted(t, s)
	p.subscribe("1", followChanges, map[string]any{"since": "1"})
	p.want(`{"id":"1","type":"next","payload":` + told(1, "") + `}`)
	if err := p.conn.CloseNow(); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool { return g.FeedStats().Open == 0 && st.held.Load() == 0 })
}

// A reader that pauses is told why it is dropped, and has lost nothing when it comes back.
func TestASlowReaderOnAWebSocket(t *testing.T) {
	g, _, s := serveStreams(t, Config{Patience: 20 * time.Millisecond})
	last := int(largeNames(t, g))
	var seen []int
	since := 1
	read := func(p *peer) (err error) {
		for since < last {
			_, got, err := p.conn.Read(t.Context())
			if err != nil {
				return err
			}
			var m struct {
				Payload struct {
					Data struct{ Changes struct{ Revision string } }
				}
			}
			if err := json.Unmarshal(got, &m); err != nil {
				return err
			}
			if since, err = strconv.Atoi(m.Payload.Data.Changes.Revision); err != nil {
				return err
			}
			seen = append(seen, since)
		}
		return nil
	}
	p := greeted(t, s)
	p.subscribe("1", followLarge, map[string]any{"since": "1"})
	waitUntilStuck(t, g)
	var closed websocket.CloseError
	if err := read(p); !errors.As(err, &closed) || closed.Code != closeTooSlow || closed.Reason != "too slow: resume with since: "+strconv.Itoa(since) {
		t.Fatalf("at %d the slow reader is dropped with %v", since, err)
	}
	waitUntil(t, func() bool { return g.FeedStats().Dropped == 1 })
	for n := 0; since < last; n++ {
		if n > 100 {
			t.Fatalf("after %d connections the reader is only at %d", n, since)
		}
		p := greeted(t, s)
		p.subscribe("1", followLarge, map[string]any{"since": strconv.Itoa(since)})
		_ = read(p) // it may be too slow again
	}
	for i, rev := range seen {
		if rev != i+2 {
			t.Fatalf("the revisions seen are %v", seen)
		}
	}
}

// Readers that never read again are cut off, and cost nothing after that.
func TestReadersThatNeverRead(t *testing.T) {
	g, st, s := serveStreams(t, Config{Patience: 20 * time.Millisecond, Grace: 20 * time.Millisecond})
	last := int(largeNames(t, g))
	p := greeted(t, s)
	p.subscribe("1", followLarge, map[string]any{"since": "1"})
	stream(t, s, followLarge, map[string]any{"since": "1"}, "")
	waitUntil(t, func() bool { return g.FeedStats().Dropped == 2 && g.FeedStats().Open == 0 && st.held.Load() == 0 })
	if told := g.FeedStats().Batches; told >= uint64(2*(last-1)) {
		t.Errorf("%d batches went to readers that did not read, which is all of them", told)
	}
}
