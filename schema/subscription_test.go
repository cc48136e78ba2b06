package schema

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/engine"
)

func openStore(t testing.TB, url string) store.Store {
	t.Helper()
	st, err := engine.Open(context.Background(), url, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// serveStreams serves a graph with one person, at revision 1, over a real connection.
func serveStreams(t *testing.T, c Config) (*graph.Graph, *countingStore, *httptest.Server) {
	t.Helper()
	st := &countingStore{Store: openStore(t, "memory:")}
	g := newGraphIn(t, st)
	putPerson(t, g, "ann", "Ann")
	s := httptest.NewServer(Handler(g, c))
	t.Cleanup(s.Close)
	return g, st, s
}

func putPerson(t *testing.T, g *graph.Graph, id, name string) graph.Revision {
	t.Helper()
	out, err := g.Apply(context.Background(), graph.Batch{Changes: []graph.Change{{PutEntity: &graph.EntityInput{ID: id, Kind: graph.Some(vocab.KindPerson), Name: graph.Some(name)}}}})
	if err != nil || len(out.Errors) > 0 {
		t.Fatal(err, out)
	}
	return out.Revision
}

// eventStream reads server-sent events.
type eventStream struct {
	t      *testing.T
	resp   *http.Response
	reader *bufio.Reader
}

type sentEvent struct{ name, id, data string }

// stream posts an operation and accepts events alone.
func stream(t *testing.T, s *httptest.Server, query string, variables map[string]any, lastEventID string) *eventStream {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "text/event-stream")
	if lastEventID != "" {
		r.Header.Set("Last-Event-ID", lastEventID)
	}
	return open(t, s, r)
}

func open(t *testing.T, s *httptest.Server, r *http.Request) *eventStream {
	t.Helper()
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return &eventStream{t, resp, bufio.NewReader(resp.Body)}
}

// next reads one event; the error is io.EOF at the end of the stream.
func (e *eventStream) next() (ev sentEvent, err error) {
	for {
		line, err := e.reader.ReadString('\n')
		if err != nil {
			return ev, err
		}
		line = strings.TrimSuffix(line, "\n")
		if line == "" {
			return ev, nil
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			ev.name = value
		case "id":
			ev.id = value
		case "data":
			ev.data += withoutCost(value)
		}
	}
}

var costInAnswer = regexp.MustCompile(`"cost":\{"requested":\d+,"limit":\d+\},?`)

// withoutCost is an answer without what it cost, which other tests are about.
func withoutCost(answer string) string { return costInAnswer.ReplaceAllString(answer, "") }

// want reads one event and compares it; "*" stands for what is not compared.
func (e *eventStream) want(name, id, data string) {
	e.t.Helper()
	got, err := e.next()
	if err != nil {
		e.t.Fatal(err)
	}
	if got.name != name || got.id != id || data != "*" && got.data != data {
		e.t.Fatalf("the event is %+v, want %s %s %s", got, name, id, data)
	}
}

const followChanges = `subscription($since: Revision, $filter: ChangeFilter) { changes(since: $since, filter: $filter) { revision changes { operation id node { ... on Entity { name } } } } }`

func told(rev int, changes string) string {
	return fmt.Sprintf(`{"data":{"changes":{"revision":"%d","changes":[%s]}},"extensions":{"revision":"%d"}}`, rev, changes, rev)
}

func toldPut(rev int, op, id, name string) string {
	return told(rev, fmt.Sprintf(`{"operation":%q,"id":%q,"node":{"name":%q}}`, op, id, name))
}

func TestEventsOfASubscription(t *testing.T) {
	g, st, s := serveStreams(t, Config{})
	putPerson(t, g, "ben", "Ben")
	e := stream(t, s, followChanges, nil, "")
	if got := e.resp.Header.Get("Content-Type"); got != "text/event-stream; charset=utf-8" || e.resp.StatusCode != http.StatusOK {
		t.Fatalf("the answer is %d %s", e.resp.StatusCode, got)
	}
	e.want("next", "1", toldPut(1, "CREATED", "ann", "Ann"))
	e.want("next", "2", toldPut(2, "CREATED", "ben", "Ben"))
	for n := 3; n < 10; n++ {
		putPerson(t, g, "ann", fmt.Sprint("Ann ", n))
		e.want("next", strconv.Itoa(n), toldPut(n, "UPDATED", "ann", fmt.Sprint("Ann ", n)))
	}
	for _, c := range []struct {
		name, query string
		variables   map[string]any
		last        string
	}{
		{"since", followChanges, map[string]any{"since": "8"}, ""},
		{"last event", followChanges, map[string]any{"since": "1"}, "8"},
		{"revision", `subscription @snapshot(revision: "8") { changes { revision changes { operation id node { ... on Entity { name } } } } }`, nil, ""},
		{"at", `subscription @snapshot(at: "2025-05-01T00:08:30Z") { changes { revision changes { operation id node { ... on Entity { name } } } } }`, nil, ""},
		{"filter", followChanges, map[string]any{"since": "2", "filter": map[string]any{"involves": []string{"ben"}}}, ""},
	} {
		e := stream(t, s, c.query, c.variables, c.last)
		if c.name == "filter" {
			e.want("next", "9", told(9, "")) // a heartbeat
		} else {
			e.want("next", "9", toldPut(9, "UPDATED", "ann", "Ann 9"))
		}
	}
	e = stream(t, s, `subscription @snapshot(atLeast: "9") { changes { revision } }`, nil, "")
	e.want("next", "9", `{"data":{"changes":{"revision":"9"}},"extensions":{"revision":"9"}}`)
	if n := st.held.Load(); n != 0 {
		t.Errorf("%d snapshots are held by subscriptions that wait", n)
	}
}

func TestEventsOfOtherOperations(t *testing.T) {
	g, _, s := serveStreams(t, Config{})
	for _, c := range []struct{ name, query, data string }{
		{"query", `{entity(id:"ann"){name}}`, `{"data":{"entity":{"name":"Ann"}},"extensions":{"revision":"1"}}`},
		{"not valid", `{nothing}`, `*`},
		{"since of the future", `subscription{changes(since:"99"){revision}}`, `{"errors":[{"message":"since is revision 99, which is not there; the newest is 1: give the last revision that was seen","path":["changes"],"locations":[{"line":1,"column":14}],"extensions":{"code":"BAD_INPUT"}}],"extensions":{"revision":"1"}}`},
		{"both", `subscription @snapshot(revision:"1"){changes(since:"1"){revision}}`, `*`},
		{"two fields", `subscription{changes{revision} b:changes{revision}}`, `*`},
		{"introspection", `subscription{__typename}`, `*`},
		{"too long a page", `subscription{changes{changes{node{... on Entity{relations(first:500){totalCount}}}}}}`, `*`},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := stream(t, s, c.query, nil, "")
			got, err := e.next()
			if err != nil || got.name != "next" || c.data != "*" && got.data != c.data || c.data == "*" && !strings.HasPrefix(got.data, `{"errors":[`) {
				t.Errorf("the event is %+v, %v; want %s", got, err, c.data)
			}
			e.want("complete", "", "")
			if _, err := e.next(); err != io.EOF {
				t.Errorf("after the end comes %v", err)
			}
		})
	}
	if n := g.FeedStats().Open; n != 0 {
		t.Errorf("%d feeds are open", n)
	}
}

// Which answer a request gets that names several media types.
func TestWhoGetsEvents(t *testing.T) {
	_, _, s := serveStreams(t, Config{})
	const urql = "application/graphql-response+json, application/json, text/event-stream, multipart/mixed"
	sub := "?query=" + "subscription%7Bchanges%7Brevision%7D%7D"
	for _, c := range []struct {
		method, target, accept string
		status                 int
		media                  string
	}{
		{"GET", "?query=%7B__typename%7D", urql, 200, "application/graphql-response+json; charset=utf-8"},
		{"GET", "?query=%7B__typename%7D", "text/event-stream", 200, "text/event-stream; charset=utf-8"},
		{"GET", sub, urql, 200, "text/event-stream; charset=utf-8"},
		{"GET", sub, "text/event-stream", 200, "text/event-stream; charset=utf-8"},
		{"GET", sub, "*/*", 406, "application/json; charset=utf-8"},
		{"GET", sub, "", 406, "application/json; charset=utf-8"},
		{"GET", sub, "text/event-stream;q=0", 406, "application/json; charset=utf-8"},
		{"GET", "?query=mutation%7BputEntity(input:%7B%7D)%7Breplayed%7D%7D", "text/event-stream", 405, "application/json; charset=utf-8"},
		{"GET", "", "text/event-stream", 400, "application/json; charset=utf-8"},
		{"PUT", "", "text/event-stream", 405, "application/json; charset=utf-8"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, s.URL+c.target, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept", c.accept)
		e := open(t, s, r)
		if e.resp.StatusCode != c.status || e.resp.Header.Get("Content-Type") != c.media {
			t.Errorf("%s %s accepting %q: %d %s, want %d %s", c.method, c.target, c.accept, e.resp.StatusCode, e.resp.Header.Get("Content-Type"), c.status, c.media)
		}
		e.resp.Body.Close()
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+sub, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Last-Event-ID", "latest")
	if e := open(t, s, r); e.resp.StatusCode != http.StatusBadRequest {
		t.Errorf("a Last-Event-ID that is no revision is answered with %d", e.resp.StatusCode)
	}
}

// Heartbeats come while nothing is written, and a stream ends without being complete when the service stops.
func TestHeartbeatsAndTheEnd(t *testing.T) {
	stopping := make(chan struct{})
	g, _, s := serveStreams(t, Config{Heartbeat: 5 * time.Millisecond, Stopping: stopping})
	e := stream(t, s, followChanges, map[string]any{"since": "1"}, "")
	for range 5 {
		e.want("next", "1", told(1, ""))
	}
	close(stopping)
	for {
		got, err := e.next()
		if err == io.EOF {
			break
		}
		if err != nil || got.name != "next" {
			t.Fatalf("the stream ends with %+v, %v", got, err)
		}
	}
	s.Close() // waits for the handler
	if n := g.FeedStats().Open; n != 0 {
		t.Errorf("%d feeds are open", n)
	}
}

// A stream outlives the time limits that the server has for other requests.
func TestAStreamTakesItsTime(t *testing.T) {
	st := openStore(t, "memory:")
	g := newGraphIn(t, st)
	s := httptest.NewUnstartedServer(Handler(g, Config{Heartbeat: 50 * time.Millisecond}))
	s.Config.ReadTimeout, s.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	s.Start()
	t.Cleanup(s.Close)
	e := stream(t, s, `subscription{changes{revision}}`, nil, "")
	for range 8 { // 350 ms at least
		e.want("next", "0", `{"data":{"changes":{"revision":"0"}},"extensions":{"revision":"0"}}`)
	}
	e.resp.Body.Close()
}

// An event that takes too long ends the stream with an error: to go on would lose it.
func TestAnEventThatFails(t *testing.T) {
	g, _, s := serveStreams(t, Config{Timeout: time.Nanosecond})
	e := stream(t, s, followChanges, nil, "")
	got, err := e.next()
	if err != nil || !strings.Contains(got.data, `"code":"TIMEOUT"`) {
		t.Fatalf("the event is %+v, %v; want a TIMEOUT", got, err)
	}
	e.want("complete", "", "")
	e.resp.Body.Close()
	s.Close()
	if n := g.FeedStats().Open; n != 0 {
		t.Errorf("%d feeds are open", n)
	}
}

// largeNames writes entities so large that what is told of them does not fit the buffers between two programs.
func largeNames(t *testing.T, g *graph.Graph) (last graph.Revision) {
	t.Helper()
	long := strings.Repeat("long ", 1800)
	for n := range 40 {
		var b graph.Batch
		for m := range 50 {
			b.Changes = append(b.Changes, graph.Change{PutEntity: &graph.EntityInput{ID: fmt.Sprint("e", m), Kind: graph.Some(vocab.KindPerson),
				Name: graph.Some(fmt.Sprint("N", n)), Description: graph.Some(fmt.Sprint(long, n))}})
		}
		out, err := g.Apply(context.Background(), b)
		if err != nil || len(out.Errors) > 0 {
			t.Fatal(err, out)
		}
		last = out.Revision
	}
	return last
}

const followLarge = `subscription($since: Revision) { changes(since: $since) { revision changes { node { ... on Entity { description } } } } }`

// A reader that pauses is told why it is dropped, and has lost nothing when it comes back.
func TestASlowReaderOfEvents(t *testing.T) {
	g, _, s := serveStreams(t, Config{Patience: 20 * time.Millisecond})
	last := largeNames(t, g)
	since, seen := 1, []int{}
	for connections := 0; since < int(last); connections++ {
		if connections > 100 {
			t.Fatalf("after %d connections the reader is only at %d", connections, since)
		}
		e := stream(t, s, followLarge, map[string]any{"since": strconv.Itoa(since)}, "")
		if connections == 0 { // this one does not read until it has been too slow
			waitUntilStuck(t, g)
		}
		dropped := false
		for since < int(last) {
			got, err := e.next()
			if err != nil {
				break
			}
			if strings.Contains(got.data, "too slow: resume with since: "+strconv.Itoa(since)) {
				dropped = true
				continue
			}
			if since, err = strconv.Atoi(got.id); err != nil {
				t.Fatal(err)
			}
			seen = append(seen, since)
		}
		if connections == 0 && !dropped {
			t.Error("the reader that did not read was not told so")
		}
		e.resp.Body.Close()
	}
	for i, rev := range seen {
		if rev != i+2 {
			t.Fatalf("the revisions seen are %v", seen)
		}
	}
	if g.FeedStats().Dropped == 0 {
		t.Error("no reader is counted as dropped")
	}
}

func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for range 10_000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("this has taken ten seconds and is not so")
}

// waitUntilStuck waits until nothing more is told, because nobody reads.
func waitUntilStuck(t *testing.T, g *graph.Graph) {
	t.Helper()
	last, same := uint64(0), 0
	waitUntil(t, func() bool {
		n := g.FeedStats().Batches
		if n == last && n > 0 {
			same++
		} else {
			last, same = n, 0
		}
		return same > 500
	})
}
