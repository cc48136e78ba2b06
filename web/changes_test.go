package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/web"
)

func (r *rig) put(id, name string) {
	r.Helper()
	out, err := r.graph.Apply(context.Background(), graph.Batch{By: "tester", Note: "a note", Changes: []graph.Change{{PutEntity: &graph.EntityInput{ID: id, Kind: graph.Some(vocab.KindPerson), Name: graph.Some(name)}}}})
	if err != nil || len(out.Errors) > 0 {
		r.Fatal(err, out)
	}
}

// follow opens a stream that is read line by line.
func (r *rig) follow(path string, headers ...string) (*http.Response, *bufio.Reader) {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), http.MethodGet, r.url+path, http.NoBody)
	if err != nil {
		r.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{}).RoundTrip(req)
	if err != nil {
		r.Fatal(err)
	}
	r.Cleanup(func() { resp.Body.Close() })
	return resp, bufio.NewReader(resp.Body)
}

func (r *rig) line(from *bufio.Reader) string {
	r.Helper()
	line, err := from.ReadString('\n')
	if err != nil {
		r.Fatal(err)
	}
	return strings.TrimSuffix(line, "\n")
}

// batch reads a batch without what differs from run to run.
func (r *rig) batch(text string) string {
	r.Helper()
	var b map[string]any
	if err := json.Unmarshal([]byte(text), &b); err != nil {
		r.Fatalf("%v: %s", err, text)
	}
	if _, err := time.Parse(time.RFC3339, fmt.Sprint(b["at"])); err != nil {
		r.Error(err)
	}
	delete(b, "at")
	back, err := json.Marshal(b)
	if err != nil {
		r.Fatal(err)
	}
	return string(back)
}

const (
	ada2   = `{"by":"tester","changes":[{"id":"ada","kind":"entity","operation":"updated","record":{"entity":{"id":"ada","kind":"person","name":"Ada L."}}}],"note":"a note","revision":2}`
	silent = `{"changes":[],"revision":2}`
)

func TestChangesAsLines(t *testing.T) {
	r := start(t, nil)
	r.fill()
	r.put("ada", "Ada L.")
	a := r.get("/changes?live=false", "Accept", jsonl)
	if a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "application/x-ndjson; charset=utf-8" || a.err != nil {
		t.Fatalf("%d %s %v", a.StatusCode, a.Header.Get("Content-Type"), a.err)
	}
	got := strings.Split(strings.TrimSuffix(a.body, "\n"), "\n")
	if len(got) != 2 {
		t.Fatalf("the answer has %d lines: %s", len(got), a.body)
	}
	for _, want := range []string{`"revision":1`, `"kind":"document","id":"d","record":{"document":{"id":"d",`, `"record":{"entity":{"id":"bob","kind":"person","name":"Bob <b>"}}`,
		`"kind":"relation","id":"relation/`, `"record":{"relation":{"type":"met-with","from":"ada","to":"bob","citations":[{"document":"d","quote":"Ada met Bob",`} {
		if !strings.Contains(got[0], want) {
			t.Errorf("the first batch does not have %s: %s", want, got[0])
		}
	}
	if b := r.batch(got[1]); b != ada2 {
		t.Errorf("the second batch is %s, want %s", b, ada2)
	}
	for path, want := range map[string]string{
		"since=1":                           ada2,
		"since=2":                           silent,
		"operation=Updated":                 ada2,
		"since=1&involves=ada":              ada2,
		"since=1&involves=bob":              silent,
		"type=met-with&since=1":             silent,
		"operation=deleted":                 silent,
		"since=1&before=true":               strings.Replace(ada2, `[{"id"`, `[{"before":{"entity":{"id":"ada","kind":"person","name":"Ada"}},"id"`, 1),
		"involves=bob&involves=ada&since=1": ada2,
	} {
		a := r.get("/changes?live=false&"+path, "Accept", jsonl)
		if b := r.batch(a.body); b != want {
			t.Errorf("%s: %s, want %s", path, b, want)
		}
	}
}

func TestChangesAsEvents(t *testing.T) {
	r := start(t, func(c *web.Config) { c.Heartbeat = 10 * time.Millisecond })
	r.fill()
	r.put("ada", "Ada L.")
	resp, lines := r.follow("/changes?since=0", "Last-Event-ID", "1")
	if resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", resp.StatusCode, resp.Header)
	}
	want := func(name, id, batch string) {
		t.Helper()
		if name != "" {
			if got := r.line(lines); got != "event: "+name {
				t.Fatalf("%s, want event: %s", got, name)
			}
		}
		if got := r.line(lines); got != "id: "+id {
			t.Fatalf("%s, want id: %s", got, id)
		}
		if got := r.batch(strings.TrimPrefix(r.line(lines), "data: ")); got != batch {
			t.Fatalf("%s, want %s", got, batch)
		}
		if got := r.line(lines); got != "" {
			t.Fatalf("after an event comes %q", got)
		}
	}
	if first, second := r.line(lines), r.line(lines); first != "retry: 1000" || second != "" {
		t.Fatalf("the stream begins with %s %s", first, second)
	}
	want("", "2", ada2)
	for range 3 {
		want("heartbeat", "2", silent)
	}
	metrics := r.get("/metrics").body
	for _, want := range []string{"chancery_feeds_open 1", "chancery_feed_batches_total 1", "chancery_feed_dropped_total 0"} {
		if !strings.Contains(metrics, want+"\n") {
			t.Errorf("the metrics do not have %q", want)
		}
	}
}

// What is written while somebody follows comes at once.
func TestChangesAsTheyHappen(t *testing.T) {
	r := start(t, nil)
	_, lines := r.follow("/changes", "Accept", jsonl)
	if got := r.batch(r.line(lines)); got != `{"changes":[],"revision":0}` {
		t.Fatalf("the first line is %s", got)
	}
	for n := 1; n < 20; n++ {
		r.put("ada", fmt.Sprint("Ada ", n))
		if got := r.line(lines); !strings.HasPrefix(got, fmt.Sprintf(`{"revision":%d,`, n)) || !strings.Contains(got, fmt.Sprint("Ada ", n)) {
			t.Fatalf("%s, want revision %d", got, n)
		}
	}
}

func TestChangesAreRefused(t *testing.T) {
	r := start(t, nil)
	r.fill()
	for _, c := range []struct {
		path   string
		header []string
		status int
		want   string
	}{
		{"?since=x", nil, 400, `since is "x"`},
		{"?since=-1", nil, 400, `since is "-1"`},
		{"?since=2", nil, 400, "since is revision 2, which is not there; the newest is 1"},
		{"?from=1", nil, 400, `there is no parameter "from"; there are since, live,`},
		{"?live=no", nil, 400, "write true or false"},
		{"?before=", nil, 400, "write true or false"},
		{"?operation=made", nil, 400, "there are created, updated"},
		{"?involves=nobody", nil, 400, "no entity has the id"},
		{"?type=met", nil, 400, "no relation type"},
		{"", []string{"Last-Event-ID", "x"}, 400, "Last-Event-ID is"},
		{"", []string{"Accept", "application/json"}, 406, "text/event-stream or application/x-ndjson"},
	} {
		a := r.get("/changes"+c.path, c.header...)
		if a.StatusCode != c.status || !strings.Contains(a.body, c.want) {
			t.Errorf("%s: %d %s, want %d with %q", c.path, a.StatusCode, a.body, c.status, c.want)
		}
	}
	if a := r.do(http.MethodHead, "/changes", ""); a.StatusCode != http.StatusOK || a.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" {
		t.Errorf("HEAD: %d %v", a.StatusCode, a.Header)
	}
	if n := r.graph.FeedStats().Open; n != 0 {
		t.Errorf("%d feeds are open", n)
	}
}

func TestChangesEndWithTheService(t *testing.T) {
	stopping := make(chan struct{})
	r := start(t, func(c *web.Config) { c.Stopping = stopping })
	_, lines := r.follow("/changes", "Accept", jsonl)
	r.line(lines)
	close(stopping)
	if rest, err := io.ReadAll(lines); err != nil || len(rest) > 0 {
		t.Errorf("at the end comes %q, %v", rest, err)
	}
}

// A fault breaks the connection off, so that nobody takes the answer for whole.
func TestChangesThatBreakOff(t *testing.T) {
	r := start(t, nil)
	r.fill()
	c := graph.RelationInput{Type: "met-with", From: "ada", To: "bob", Citations: []graph.CitationInput{{Document: "d", Quote: "met Bob"}, {Document: "d", Quote: "Ada met"}}}
	if out, err := r.graph.Apply(t.Context(), graph.Batch{Changes: []graph.Change{{AddRelation: &c}}}); err != nil || len(out.Errors) > 0 {
		t.Fatal(err, out)
	}
	r.store.scans.Store(2) // fewer than the relation has citations
	a := r.get("/changes?live=false", "Accept", jsonl)
	if a.err == nil || strings.Contains(a.body, "disk") {
		t.Errorf("the answer %q ends with %v", a.body, a.err)
	}
}

// A reader that never reads is cut off, and what it misses is there when it comes back.
func TestAReaderOfChangesThatDoesNotRead(t *testing.T) {
	r := start(t, func(c *web.Config) { c.Patience, c.Grace = 20*time.Millisecond, 20*time.Millisecond })
	const commits = 60
	for n := range commits {
		var b graph.Batch
		for m := range 50 {
			b.Changes = append(b.Changes, graph.Change{PutEntity: &graph.EntityInput{ID: fmt.Sprint("e", m), Kind: graph.Some(vocab.KindPerson),
				Name: graph.Some(fmt.Sprint("N", n)), Description: graph.Some(strings.Repeat("long ", 1800))}})
		}
		if out, err := r.graph.Apply(t.Context(), b); err != nil || len(out.Errors) > 0 {
			t.Fatal(err, out)
		}
	}
	r.follow("/changes", "Accept", jsonl)
	for n := 0; r.graph.FeedStats().Dropped == 0 || r.graph.FeedStats().Open > 0; n++ {
		if n > 10_000 {
			t.Fatal("the reader is not dropped")
		}
		time.Sleep(time.Millisecond)
	}
	since, seen := 0, 0
	for n := 0; since < commits; n++ {
		if n > 100 {
			t.Fatalf("after %d connections the reader is only at %d", n, since)
		}
		_, lines := r.follow(fmt.Sprint("/changes?live=false&since=", since), "Accept", jsonl)
		for since < commits {
			line, err := lines.ReadString('\n')
			if err != nil || strings.HasPrefix(line, `{"error":`) {
				break // it was too slow again
			}
			if since++; !strings.HasPrefix(line, fmt.Sprintf(`{"revision":%d,`, since)) {
				t.Fatalf("%.40s, want revision %d", line, since)
			}
			seen++
		}
	}
	if seen != commits {
		t.Errorf("%d commits were seen, want %d", seen, commits)
	}
}
