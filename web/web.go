package web

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"chancery/graph"
	"chancery/web/playground"
)

// Config of the handler. Graph and GraphQL are required.
type Config struct {
	Graph   *graph.Graph
	GraphQL http.Handler // answers /graphql
	SDL     string       // what /schema.graphql answers
	Docs    fs.FS        // Markdown files served below /docs/; nil for none
	Version string       // of the service
	Logger  *slog.Logger // nil: nothing is logged
	// ReadOnly refuses imports. That GraphQL refuses mutations is its handler's part.
	ReadOnly bool
	// Hosts are the names by which requests may address the service, besides
	// IP addresses and localhost; anything else is refused, so that no web page
	// can reach a service on a private address under a name of its own. Nil allows any name.
	Hosts []string
	// Draining tells that the service is about to stop: /readyz then fails. Nil: never.
	Draining func() bool
	// Stopping is closed when the service is about to stop: streams of changes then end, so that their readers connect again. Nil: never.
	Stopping  <-chan struct{}
	Heartbeat time.Duration // the longest silence of a stream of changes; 0: graph.DefaultHeartbeat
	Patience  time.Duration // a reader of changes for whom a write took longer is told to come back; 0: 10 seconds
	Grace     time.Duration // how much longer a write may take before the connection is cut; 0: 10 seconds
}

// server is what the handlers share.
type server struct {
	Config
	log     *slog.Logger
	metrics *metrics
	routes  []route
	origins *http.CrossOriginProtection

	documents []document // below /docs/
}

// route is one path, or all below one that ends in a slash, with the handler of each method. HEAD is answered by GET.
type route struct {
	path    string
	about   string // in the list of what is here
	methods map[string]http.Handler
}

func (rt *route) matches(path string) bool {
	return path == rt.path || rt.path != "/" && strings.HasSuffix(rt.path, "/") && strings.HasPrefix(path, rt.path)
}

func (rt *route) allow() string {
	var names []string
	for m := range rt.methods {
		names = append(names, m)
		if m == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Handler serves everything of the service. It keeps the graph but does not close it.
func Handler(c Config) (http.Handler, error) {
	if c.Graph == nil || c.GraphQL == nil {
		return nil, errors.New("web: a handler needs a graph and a GraphQL handler")
	}
	s := &server{Config: c, log: c.Logger, origins: http.NewCrossOriginProtection()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.metrics = newMetrics(c.Graph, c.Version, s.log)
	var err error
	if s.documents, err = documentsOf(s.Docs); err != nil {
		return nil, err
	}
	home, err := newPage(s)
	if err != nil {
		return nil, err
	}
	small, err := gzhttp.NewWrapper(gzhttp.ContentTypes([]string{
		"application/json", "application/graphql-response+json", "text/html", "text/plain",
	}))
	if err != nil {
		return nil, err
	}
	s.routes = s.table(home, small)
	return s, nil
}

// table lists all routes. The first that matches a path is taken.
func (s *server) table(home http.Handler, packed func(http.Handler) http.HandlerFunc) []route {
	get := func(h http.Handler) map[string]http.Handler { return map[string]http.Handler{http.MethodGet: h} }
	graphQL := streamsApart(packed(s.GraphQL), s.GraphQL)
	play := playground.Handler("/playground")
	return []route{
		{"/", "what is here", get(packed(home))},
		{"/graphql", "the GraphQL API, by GET and POST, as events and over WebSockets", map[string]http.Handler{http.MethodGet: graphQL, http.MethodPost: graphQL}},
		{"/playground", "", get(play)},
		{"/playground/", "an editor for queries", get(play)},
		{"/schema.graphql", "the schema of the API", get(packed(http.HandlerFunc(s.schema)))},
		{"/export", "the graph as a file: ?format=jsonl&revision=N", get(http.HandlerFunc(s.export))},
		{"/changes", "what is changed, as it happens: ?since=REVISION", get(http.HandlerFunc(s.changes))},
		{"/import", "takes such a file by POST", map[string]http.Handler{http.MethodPost: http.HandlerFunc(s.importFile)}},
		{"/docs", "", get(http.HandlerFunc(toDocs))},
		{"/docs/", "how things are written and set", get(packed(http.HandlerFunc(s.docs)))},
		{"/livez", "whether the process runs", get(http.HandlerFunc(s.live))},
		{"/readyz", "whether it can serve", get(http.HandlerFunc(s.ready))},
		{"/metrics", "figures for Prometheus", get(s.metrics.handler())},
	}
}

// streamsApart keeps streams of events and WebSockets away from what would hold them back to pack them.
func streamsApart(packed, plain http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" || strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "text/event-stream") {
			plain.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(w, r)
	})
}

// find is the route of a path, or nil.
func (s *server) find(path string) *route {
	for i := range s.routes {
		if s.routes[i].matches(path) {
			return &s.routes[i]
		}
	}
	return nil
}

func (s *server) serve(rt *route, w http.ResponseWriter, r *http.Request) {
	if rt == nil {
		s.notFound(w, r)
		return
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	h, ok := rt.methods[method]
	if !ok {
		w.Header().Set("Allow", rt.allow())
		refuse(w, r, http.StatusMethodNotAllowed, "%s is not for %s: use %s", rt.path, r.Method, rt.allow())
		return
	}
	h.ServeHTTP(w, r)
}

func (s *server) notFound(w http.ResponseWriter, r *http.Request) {
	var b strings.Builder
	for _, rt := range s.routes {
		if rt.about != "" {
			b.WriteString("\n  " + rt.path + "  " + rt.about)
		}
	}
	refuse(w, r, http.StatusNotFound, "there is nothing at %s; here are%s", r.URL.Path, b.String())
}

func (s *server) schema(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	writeText(w, r, s.SDL)
}

// toDocs leads to the list of documents by a relative address, so that it also works behind a proxy that adds a prefix.
func toDocs(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Location", "docs/")
	w.WriteHeader(http.StatusMovedPermanently)
}

// docs serves one document, or the list of them.
func (s *server) docs(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/docs/")
	if name == "" && len(s.documents) > 0 {
		var b strings.Builder
		for _, d := range s.documents {
			b.WriteString("/docs/" + d.Name + "  " + d.Title + "\n")
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		writeText(w, r, b.String())
		return
	}
	if s.Docs == nil || !strings.HasSuffix(name, ".md") || !fs.ValidPath(name) {
		s.notFound(w, r)
		return
	}
	text, err := fs.ReadFile(s.Docs, name)
	if err != nil {
		s.notFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	writeText(w, r, string(text))
}
