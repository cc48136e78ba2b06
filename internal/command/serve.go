package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"chancery/docs"
	"chancery/examples"
	"chancery/graph"
	"chancery/schema"
	"chancery/web"
)

const serveDetails = `
Everybody who reaches the service may read and write, so it listens on this
machine alone unless --read-only is given. SIGINT and SIGTERM let requests under
way end, and then close the store; a second one ends the process at once.`

func serve(ctx context.Context, s *session) (err error) {
	readOnly := s.on("read-only")
	loopback, err := isLoopback(ctx, s.str("listen"))
	if err != nil {
		return wrongUse("--listen: %s", err)
	}
	if !loopback && !readOnly {
		return wrongUse("--listen %s can be reached from other machines, and everybody who reaches the service may write: "+
			"add --read-only, or listen on this machine alone, e.g. --listen 127.0.0.1:8080", s.str("listen"))
	}
	o, err := s.openSearchable(ctx, readOnly)
	if err != nil {
		return err
	}
	defer o.closing(&err)
	if err := s.example(ctx, o.graph); err != nil {
		return err
	}
	o.graph.Warm()
	var draining atomic.Bool
	stopping, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	h, err := s.handler(o.graph, loopback, draining.Load, stopping.Done())
	if err != nil {
		return err
	}
	l, err := listen(ctx, s.str("listen"))
	if err != nil {
		return err
	}
	if err := s.announce(ctx, l.Addr(), o.graph); err != nil {
		return errors.Join(err, l.Close())
	}
	return s.serveUntilStopped(ctx, h, l, &draining, stop)
}

// example loads the bundled example where it is wanted and fits.
func (s *session) example(ctx context.Context, g *graph.Graph) error {
	if !s.on("example") || s.on("read-only") {
		return nil
	}
	src, err := examples.Files.Open(examples.PeacePlan)
	if err != nil {
		return err
	}
	defer src.Close()
	report, err := loadExample(ctx, g, examples.PeacePlan, src)
	if err == nil && report != nil {
		s.log.Info("loaded the bundled example into the empty store", "relations", report.Created.Relations, "revision", report.Revision)
	}
	return err
}

func (s *session) handler(g *graph.Graph, loopback bool, draining func() bool, stopping <-chan struct{}) (http.Handler, error) {
	readOnly := s.on("read-only")
	graphQL := schema.Config{
		Logger: s.log, Version: buildVersion(), Timeout: s.duration("timeout"), ReadOnly: readOnly, Stopping: stopping,
		Limits: schema.Limits{Cost: s.count("max-cost")},
	}
	c := web.Config{
		Graph: g, SDL: schema.SDL(), Docs: docs.Files, Version: buildVersion(), Logger: s.log, ReadOnly: readOnly, Draining: draining, Stopping: stopping,
		GraphQL: schema.Handler(g, graphQL),
	}
	if loopback && !readOnly {
		c.Hosts = s.list("hosts")
	}
	return web.Handler(c)
}

// isLoopback tells whether an address can be reached from this machine alone.
func isLoopback(ctx context.Context, address string) (bool, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return false, fmt.Errorf("%q is no address to listen on: write HOST:PORT, e.g. 127.0.0.1:8080", address)
	}
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil {
		return false, fmt.Errorf("%q is no port: write a number from 0 to 65535, 0 for any that is free", port)
	}
	if host == "" {
		return false, nil
	}
	ips, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return false, fmt.Errorf("the host %q is not known: %w", host, err)
	}
	for _, ip := range ips {
		if !ip.IP.IsLoopback() {
			return false, nil
		}
	}
	return true, nil
}

// listen opens the port, or says who has it and what to do.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	holder := "another program"
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/livez", nil); err == nil {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			if resp.Header.Get("Server") == web.ServerName {
				holder = "another " + program
			}
			resp.Body.Close()
		} else if !isInUse(address) {
			holder = ""
		}
	}
	if holder == "" {
		return nil, err
	}
	return nil, fmt.Errorf("%w: %s serves there; stop it, or choose another port, e.g. --listen 127.0.0.1:0 for any that is free", err, holder)
}

// isInUse tells whether something takes connections at an address.
func isInUse(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	_ = c.Close() // it was only opened to see whether that works
	return true
}

// announce says on standard output where to look.
func (s *session) announce(ctx context.Context, addr net.Addr, g *graph.Graph) error {
	v, err := g.View(ctx, graph.At{})
	if err != nil {
		return err
	}
	defer v.Release()
	c, err := v.Counts(ctx)
	if err != nil {
		return err
	}
	base := "http://" + addr.String()
	if host, port, err := net.SplitHostPort(addr.String()); err == nil && net.ParseIP(host).IsUnspecified() {
		base = "http://" + net.JoinHostPort("127.0.0.1", port)
	}
	mode := ""
	if s.on("read-only") {
		mode = ", read-only"
	}
	_, err = fmt.Fprintf(s.stdout, `%[1]s %[2]s serves %[3]s%[4]s: %[5]s entities, %[6]s relations, %[7]s citations, revision %[8]d

  what is here  %[9]s/
  playground    %[9]s/playground/
  GraphQL       %[9]s/graphql
  schema        %[9]s/schema.graphql
  export        %[9]s/export?format=jsonl
  changes       %[9]s/changes
  metrics       %[9]s/metrics

Ctrl+C stops it.
`, program, buildVersion(), s.str("store"), mode, grouped(c.Entities), grouped(c.Relations), grouped(c.Citations), v.Revision(), base)
	return err
}

// cutOffGrace is how long handlers may take to notice that their connections were cut off.
const cutOffGrace = 5 * time.Second

// serveUntilStopped serves until ctx ends, then ends streams by stop and lets other requests under way end. When it returns, no handler runs any more.
func (s *session) serveUntilStopped(ctx context.Context, h http.Handler, l net.Listener, draining *atomic.Bool, stop func()) error {
	var running sync.WaitGroup
	server := web.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		running.Add(1)
		defer running.Done()
		h.ServeHTTP(w, r)
	}), s.log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	draining.Store(true)
	stop()
	limit := s.duration("drain-timeout")
	s.log.Info("stopping; requests under way may end", "within", limit)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.log.Warn("requests were cut off because they did not end in time", "within", limit)
		err = server.Close()
	}
	waitFor(&running, cutOffGrace) // the server neither waits for WebSockets nor closes them
	if err != nil {
		return fmt.Errorf("stopping: %w", err)
	}
	s.log.Info("stopped")
	return nil
}

func waitFor(g *sync.WaitGroup, limit time.Duration) {
	done := make(chan struct{})
	go func() { g.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(limit):
	}
}
