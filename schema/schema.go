// Package schema is the GraphQL face of the graph: the schema itself
// (*.graphqls, one file a noun), thin resolvers over package graph, and the
// HTTP handler with its limits and errors.
//
// A request passes, in this order: the HTTP transport ([transport]), which
// knows methods, media types and sizes, or a WebSocket ([socketTransport]); the guard, which measures the document
// in one walk before anything costlier looks at it; gqlgen's validation; the
// check of pages and costs, which needs variables; and the operation, which opens
// one view of the graph, sets a deadline and answers. Each has a file here.
//
// Generated code is in package gql. Make it anew with `go generate ./schema`:
// gqlgen.yml says how, and serialize has it run without a goroutine for each field.
// The files *.resolvers.go hold one method for each field that is not bound to
// a method or field of package graph; gqlgen adds what the schema needs and keeps the bodies.
package schema

import (
	"context"
	"embed"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/handler"
	"github.com/99designs/gqlgen/graphql/handler/extension"

	"chancery/graph"
	"chancery/schema/gql"
)

//go:generate go tool gqlgen generate
//go:generate go run ./serialize

//go:embed *.graphqls
var sources embed.FS

// SDL is the whole schema that is served, as text, file after file in the order of their names.
func SDL() string {
	names, err := fs.Glob(sources, "*.graphqls")
	if err != nil {
		panic("schema: " + err.Error()) // the pattern is wrong
	}
	var b strings.Builder
	for i, name := range names {
		text, err := sources.ReadFile(name)
		if err != nil {
			panic("schema: " + err.Error()) // the file was listed a moment ago
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.Write(text)
	}
	return b.String()
}

// Config of the handler. The zero value is usable.
type Config struct {
	Logger          *slog.Logger                     // nil: nothing is logged
	Version         string                           // of the service, for Query.server
	Limits          Limits                           // fields left 0 are as in DefaultLimits
	Timeout         time.Duration                    // for one operation; 0: DefaultTimeout
	NoIntrospection bool                             // refuse __schema and __type
	ReadOnly        bool                             // refuse mutations
	Who             func(ctx context.Context) string // who asks, for the history; nil or "": "anonymous"

	Heartbeat   time.Duration   // the longest silence of a subscription, and between pings of a WebSocket; 0: graph.DefaultHeartbeat
	Patience    time.Duration   // a subscriber for whom a write took longer is told to come back; 0: DefaultPatience
	Grace       time.Duration   // how much longer a write may take before the connection is cut; 0: DefaultGrace
	InitTimeout time.Duration   // for the first message on a WebSocket; 0: DefaultInitTimeout
	Stopping    <-chan struct{} // closed when the service is about to stop: streams and WebSockets then end; nil: never
}

// Times that hold when Config does not say.
const (
	DefaultTimeout     = 10 * time.Second
	DefaultPatience    = 10 * time.Second
	DefaultGrace       = 10 * time.Second
	DefaultInitTimeout = 10 * time.Second
)

// Limits of one request. What counts what is said in the message of the refusal.
type Limits struct {
	BodyBytes  int // of the HTTP request
	QueryBytes int // of the document
	Tokens     int // of the document, comments included
	Depth      int // fields from the root to the deepest leaf, fragments expanded
	Fields     int // of the operation, fragments expanded
	RootFields int // of the operation, fragments expanded
	Aliases    int // written in the document
	Directives int // written in the document
	Spreads    int // fragment spreads written in the document
	First      int // `first` and `last` at the root; below the root a tenth of it
	Cost       int // of an operation, as @cost in the schema counts it
	Errors     int // in the answer
}

// DefaultLimits holds for what a Config leaves open.
var DefaultLimits = Limits{
	BodyBytes:  1 << 20,
	QueryBytes: 128 << 10,
	Tokens:     4_000,
	Depth:      15,
	Fields:     1_000,
	RootFields: 20,
	Aliases:    50,
	Directives: 50,
	Spreads:    100,
	First:      1_000,
	Cost:       5_000,
	Errors:     20,
}

func (l Limits) withDefaults() Limits {
	for _, f := range []struct {
		value    *int
		fallback int
	}{
		{&l.BodyBytes, DefaultLimits.BodyBytes},
		{&l.QueryBytes, DefaultLimits.QueryBytes},
		{&l.Tokens, DefaultLimits.Tokens},
		{&l.Depth, DefaultLimits.Depth},
		{&l.Fields, DefaultLimits.Fields},
		{&l.RootFields, DefaultLimits.RootFields},
		{&l.Aliases, DefaultLimits.Aliases},
		{&l.Directives, DefaultLimits.Directives},
		{&l.Spreads, DefaultLimits.Spreads},
		{&l.First, DefaultLimits.First},
		{&l.Cost, DefaultLimits.Cost},
		{&l.Errors, DefaultLimits.Errors},
	} {
		if *f.value == 0 {
			*f.value = f.fallback
		}
	}
	return l
}

// nestedFirst is the largest page below the root.
func (l Limits) nestedFirst() int { return max(1, l.First/10) }

func (c Config) withDefaults() Config {
	c.Limits = c.Limits.withDefaults()
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	for _, f := range []struct {
		value    *time.Duration
		fallback time.Duration
	}{{&c.Timeout, DefaultTimeout}, {&c.Heartbeat, graph.DefaultHeartbeat}, {&c.Patience, DefaultPatience}, {&c.Grace, DefaultGrace}, {&c.InitTimeout, DefaultInitTimeout}} {
		if *f.value == 0 {
			*f.value = f.fallback
		}
	}
	return c
}

// Handler serves the graph over HTTP, with GET and POST, as server-sent events and over WebSockets. It keeps the graph but does not close it.
func Handler(g *graph.Graph, c Config) http.Handler {
	c = c.withDefaults()
	p := &presenter{log: c.Logger, limit: c.Limits.Errors}
	cache := newQueryCache()

	s := handler.New(executable(&resolver{graph: g, config: c}))
	t := transport{bodyBytes: int64(c.Limits.BodyBytes), presenter: p, streams: streams{graph: g, config: c, presenter: p}}
	s.AddTransport(socketTransport{t.streams})
	s.AddTransport(t)
	s.SetQueryCache(cache)
	s.SetParserTokenLimit(c.Limits.Tokens)
	s.SetErrorPresenter(p.present)
	s.SetRecoverFunc(p.recovered)
	s.Use(extension.Introspection{}) // the guard refuses it where it is switched off
	s.Use(guard{limits: c.Limits, cache: cache, noIntrospection: c.NoIntrospection})
	s.Use(&costs{limits: c.Limits})
	s.Use(operations{graph: g, timeout: c.Timeout, readOnly: c.ReadOnly, presenter: p})
	return s
}

// executable is the schema with its resolvers. gqlgen adds @defer to every
// schema, which an answer in one piece cannot honour, so it is taken out again.
func executable(r *resolver) graphql.ExecutableSchema {
	served := *gql.NewExecutableSchema(gql.Config{}).Schema()
	served.Directives = maps.Clone(served.Directives)
	delete(served.Directives, "defer")
	return gql.NewExecutableSchema(gql.Config{Schema: &served, Resolvers: r})
}
