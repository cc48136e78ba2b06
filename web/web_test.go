package web_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/store"
	"chancery/store/memory"
	"chancery/web"
)

// faulty is a store whose reads can be made to fail.
type faulty struct {
	store.Store
	down  atomic.Bool  // Ping fails
	scans atomic.Int64 // above 0: a scan fails after so many rows
}

var errDisk = errors.New("input/output error on disk 7")

func (f *faulty) Ping(ctx context.Context) error {
	if f.down.Load() {
		return errDisk
	}
	return f.Store.Ping(ctx)
}

func (f *faulty) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	s, err := f.Store.Snapshot(ctx, o)
	return faultySnapshot{s, f}, err
}

type faultySnapshot struct {
	store.Snapshot
	f *faulty
}

func (s faultySnapshot) Scan(ctx context.Context, r store.Range) iter.Seq2[store.KV, error] {
	most := s.f.scans.Load()
	if most == 0 {
		return s.Snapshot.Scan(ctx, r)
	}
	return func(yield func(store.KV, error) bool) {
		n := int64(0)
		for kv, err := range s.Snapshot.Scan(ctx, r) {
			if n++; n > most {
				yield(store.KV{}, errDisk)
				return
			}
			if !yield(kv, err) {
				return
			}
		}
	}
}

// rig is a service with a graph of its own.
type rig struct {
	*testing.T
	graph *graph.Graph
	store *faulty
	url   string
	drain atomic.Bool
}

func start(t *testing.T, change func(*web.Config)) *rig {
	t.Helper()
	r := &rig{T: t, store: &faulty{Store: memory.New()}}
	g, err := graph.Open(t.Context(), r.store, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	r.graph = g
	c := web.Config{
		Graph: g, SDL: "type Query { a: Int }", Version: "v1.2.3", Draining: r.drain.Load,
		Docs: fstest.MapFS{"settings.md": {Data: []byte("# Settings\n\nAll of them.\n")}},
		GraphQL: http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.URL.Query().Get("query") == "panic" {
				panic("a secret")
			}
			w.Header().Set("Content-Type", "application/json")
			fmt.Fprintf(w, `{"data":%q}`, strings.Repeat("x", 3_000))
		}),
	}
	if change != nil {
		change(&c)
	}
	h, err := web.Handler(c)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(func() { s.Close(); g.Close(); r.store.Close() })
	r.url = s.URL
	return r
}

type answer struct {
	*http.Response
	body string
	err  error // of reading the body
}

func (r *rig) do(method, path, body string, headers ...string) answer {
	r.Helper()
	req, err := http.NewRequestWithContext(r.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
		}
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := (&http.Transport{DisableCompression: true}).RoundTrip(req)
	if err != nil {
		r.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp, string(text), err}
}

func (r *rig) get(path string, headers ...string) answer {
	r.Helper()
	return r.do(http.MethodGet, path, "", headers...)
}

const jsonl = "application/x-ndjson"

// lines make a small graph.
const lines = `{"document":{"id":"d","title":"D","publisher":"P","text":"Ada met Bob."}}
{"entity":{"id":"ada","kind":"person","name":"Ada"}}
{"entity":{"id":"bob","kind":"person","name":"Bob <b>"}}
{"relation":{"type":"met-with","from":"ada","to":"bob","citations":[{"document":"d","quote":"Ada met Bob"}]}}
`

func (r *rig) fill() {
	r.Helper()
	if _, err := format.Import(r.Context(), r.graph, strings.NewReader(lines), format.ImportOptions{}); err != nil {
		r.Fatal(err)
	}
}

// manyLines are n entities.
func manyLines(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `{"entity":{"id":"e/%06d","kind":"actor","name":"Actor number %d"}}`+"\n", i, i)
	}
	return b.String()
}

func TestRoutes(t *testing.T) {
	r := start(t, nil)
	r.fill()
	for _, c := range []struct {
		path   string
		status int
		media  string
		says   string
	}{
		{"/", 200, "text/html; charset=utf-8", "Three questions"},
		{"/graphql?query=x", 200, "application/json", `{"data":`},
		{"/playground/", 200, "text/html; charset=utf-8", "<html"},
		{"/schema.graphql", 200, "text/plain; charset=utf-8", "type Query"},
		{"/docs/settings.md", 200, "text/plain; charset=utf-8", "# Settings"},
		{"/livez", 200, "text/plain; charset=utf-8", "ok"},
		{"/readyz", 200, "text/plain; charset=utf-8", "ok"},
		{"/export?format=jsonl", 200, jsonl, `"met-with"`},
		{"/nothing", 404, "text/plain; charset=utf-8", "/export  the graph as a file"},
		{"/docs", 301, "", ""},
		{"/docs/", 200, "text/plain; charset=utf-8", "/docs/settings.md  Settings"},
		{"/docs/../web.go", 404, "text/plain; charset=utf-8", "nothing"},
		{"/docs/none.md", 404, "text/plain; charset=utf-8", "nothing"},
	} {
		a := r.get(c.path)
		if a.StatusCode != c.status || a.Header.Get("Content-Type") != c.media || !strings.Contains(a.body, c.says) {
			t.Errorf("GET %s: %d, %s, %.200s; want %d, %s and %q", c.path, a.StatusCode, a.Header.Get("Content-Type"), a.body, c.status, c.media, c.says)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("GET %s: %s is %q, want %q", c.path, name, got, want)
			}
		}
		if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("GET %s: Content-Security-Policy is %q", c.path, csp)
		}
		head := r.do(http.MethodHead, c.path, "")
		if head.StatusCode != c.status || head.body != "" {
			t.Errorf("HEAD %s: %d with %d bytes", c.path, head.StatusCode, len(head.body))
		}
	}
	if a := r.get("/playground"); a.StatusCode/100 != 3 || a.Header.Get("Location") == "" {
		t.Errorf("GET /playground: %d", a.StatusCode)
	}
	if a := r.get("/nothing", "Accept", "application/json"); a.StatusCode != 404 || !json.Valid([]byte(a.body)) {
		t.Errorf("a JSON client got %d %s", a.StatusCode, a.body)
	}
}

func TestMethods(t *testing.T) {
	r := start(t, nil)
	for _, c := range []struct{ method, path, allow string }{
		{"POST", "/", "GET, HEAD"}, {"DELETE", "/graphql", "GET, HEAD, POST"}, {"GET", "/import", "POST"}, {"PUT", "/import", "POST"},
		{"POST", "/export", "GET, HEAD"}, {"POST", "/metrics", "GET, HEAD"},
	} {
		a := r.do(c.method, c.path, "")
		if a.StatusCode != 405 || a.Header.Get("Allow") != c.allow || !strings.Contains(a.body, "use "+c.allow) {
			t.Errorf("%s %s: %d, Allow %q, %s; want 405, %q", c.method, c.path, a.StatusCode, a.Header.Get("Allow"), a.body, c.allow)
		}
	}
}

func TestPage(t *testing.T) {
	r := start(t, nil)
	r.fill()
	a := r.get("/")
	for _, want := range []string{"<dt>entities</dt><dd>2</dd>", "<dt>relation</dt><dd>1</dd>", "<dt>document</dt><dd>1</dd>", "Revision 1", "memory", "v1.2.3", `href="/docs/settings.md">Settings<`, `lang="en"`, "/graphql?query="} {
		if !strings.Contains(a.body, want) {
			t.Errorf("the page does not have %q", want)
		}
	}
	for _, never := range []string{"<script", "http://", " style="} {
		if strings.Contains(strings.ReplaceAll(a.body, "http://www.w3.org/2000/svg", ""), never) {
			t.Errorf("the page has %q", never)
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(a.body)
	if style == nil {
		t.Fatal("the page has no style sheet")
	}
	sum := sha256.Sum256([]byte(style[1]))
	if want := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(a.Header.Get("Content-Security-Policy"), want) {
		t.Errorf("the policy %q does not allow the page's own sheet, %s", a.Header.Get("Content-Security-Policy"), want)
	}
}

func TestPacking(t *testing.T) {
	r := start(t, nil)
	for path, want := range map[string]string{"/": "gzip", "/graphql?query=x": "gzip", "/export": "", "/livez": ""} {
		if a := r.get(path, "Accept-Encoding", "gzip"); a.Header.Get("Content-Encoding") != want {
			t.Errorf("GET %s: Content-Encoding %q, want %q", path, a.Header.Get("Content-Encoding"), want)
		}
	}
}

func TestHealth(t *testing.T) {
	r := start(t, nil)
	r.store.down.Store(true)
	a := r.get("/readyz")
	if a.StatusCode != 503 || !strings.Contains(a.body, "store does not answer") || strings.Contains(a.body, "disk 7") {
		t.Errorf("with a store that is down /readyz answers %d %s", a.StatusCode, a.body)
	}
	if a := r.get("/livez"); a.StatusCode != 200 {
		t.Errorf("with a store that is down /livez answers %d", a.StatusCode)
	}
	r.store.down.Store(false)
	if a := r.get("/readyz"); a.StatusCode != 200 {
		t.Errorf("with the store back /readyz answers %d", a.StatusCode)
	}
	r.drain.Store(true)
	if a := r.get("/readyz"); a.StatusCode != 503 || !strings.Contains(a.body, "stopping") {
		t.Errorf("while stopping /readyz answers %d %s", a.StatusCode, a.body)
	}
}

func TestPanicIsHidden(t *testing.T) {
	r := start(t, nil)
	a := r.get("/graphql?query=panic")
	if a.StatusCode != 500 || strings.Contains(a.body, "secret") || !strings.Contains(a.body, a.Header.Get("X-Request-Id")) {
		t.Errorf("a panic was answered with %d %s", a.StatusCode, a.body)
	}
}

func TestMetrics(t *testing.T) {
	r := start(t, nil)
	r.fill()
	r.get("/nothing-17")
	r.get("/playground/nothing")
	r.get("/schema.graphql")
	a := r.get("/metrics")
	for _, want := range []string{
		"chancery_graph_entities 2", "chancery_graph_revision 1", "chancery_graph_citations 1", "chancery_commit_batches_total 1",
		`chancery_http_request_duration_seconds_count{route="other",status="4xx"} 1`, `chancery_http_request_duration_seconds_count{route="/playground/",status="4xx"} 1`,
		`chancery_http_request_duration_seconds_count{route="/schema.graphql",status="2xx"} 1`, `chancery_build_info{engine="memory",version="v1.2.3"} 1`, "go_goroutines",
	} {
		if !strings.Contains(a.body, want+"\n") && !strings.Contains(a.body, want+" ") {
			t.Errorf("the metrics do not have %q", want)
		}
	}
	if strings.Contains(a.body, "nothing-17") {
		t.Error("a path of a request became a label")
	}
}

func TestOtherSites(t *testing.T) {
	r := start(t, func(c *web.Config) { c.Hosts = []string{"graph.example"} })
	for _, c := range []struct {
		name    string
		method  string
		path    string
		headers []string
		status  int
	}{
		{"a form of another site", "POST", "/import", []string{"Sec-Fetch-Site", "cross-site", "Content-Type", jsonl}, 403},
		{"a page of another origin", "POST", "/graphql", []string{"Origin", "https://evil.example", "Content-Type", "application/json"}, 403},
		{"a page of this service", "POST", "/graphql", []string{"Sec-Fetch-Site", "same-origin", "Content-Type", "application/json"}, 200},
		{"a program", "POST", "/graphql", []string{"Content-Type", "application/json"}, 200},
		{"reading from a link elsewhere", "GET", "/", []string{"Sec-Fetch-Site", "cross-site"}, 200},
		{"a name bound to this address", "GET", "/export", []string{"Host", "evil.example"}, 403},
		{"the name with a port", "GET", "/export", []string{"Host", "evil.example:8080"}, 403},
		{"localhost", "GET", "/livez", []string{"Host", "localhost:8080"}, 200},
		{"an IPv6 address", "GET", "/livez", []string{"Host", "[::1]:8080"}, 200},
		{"a name that is allowed", "GET", "/livez", []string{"Host", "Graph.example"}, 200},
	} {
		if a := r.do(c.method, c.path, "{}", c.headers...); a.StatusCode != c.status {
			t.Errorf("%s: %d %.100s, want %d", c.name, a.StatusCode, a.body, c.status)
		}
	}
}
