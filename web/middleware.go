package web

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// recorder notes how a request was answered.
type recorder struct {
	http.ResponseWriter
	status int // 0 while nothing was answered
	bytes  int64
}

// WriteHeader notes the status. Informational answers come before it.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the size.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(p)
	w.bytes += int64(n)
	return n, err
}

// Flush sends what was written so far.
func (w *recorder) Flush() { _ = http.NewResponseController(w.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController find what the connection can do.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// ServerName is what the service calls itself in the Server header.
const ServerName = "chancery"

// requestIDKey is the key of a request's id in its context.
type requestIDKey struct{}

// requestID is the id under which a request's errors are in the log.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// ServeHTTP answers one request with all that holds for every request.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := strings.ToLower(rand.Text()[:12])
	r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
	rt := s.find(r.URL.Path)
	rec := &recorder{ResponseWriter: w}
	secure(w.Header())
	w.Header().Set("X-Request-Id", id)
	done := s.metrics.begin(rt)
	began := time.Now()
	defer func() {
		aborted := s.recovered(recover(), rec, r)
		if rec.status == 0 {
			rec.status = http.StatusOK
		}
		done(rec.status)
		s.log.LogAttrs(r.Context(), slog.LevelDebug, "request", slog.String("id", id), slog.String("method", r.Method), slog.String("path", r.URL.Path),
			slog.Int("status", rec.status), slog.Int64("bytes", rec.bytes), slog.Duration("took", time.Since(began)), slog.String("from", r.RemoteAddr), slog.Bool("aborted", aborted))
		if aborted {
			panic(http.ErrAbortHandler)
		}
	}()
	if s.admits(rec, r) {
		s.serve(rt, rec, r)
	}
}

// recovered deals with a panic of a handler. It reports whether the connection has to be aborted, so
// that an answer begun never looks whole.
func (s *server) recovered(v any, w *recorder, r *http.Request) (abort bool) {
	if v == nil {
		return false
	}
	if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		return true
	}
	s.log.ErrorContext(r.Context(), "a handler panicked", "id", requestID(r.Context()), "path", r.URL.Path, "panic", v, "stack", string(debug.Stack()))
	if w.status != 0 {
		return true
	}
	s.internal(w, r)
	return false
}

// internal answers a fault without its cause; the id leads to it in the log.
func (s *server) internal(w http.ResponseWriter, r *http.Request) {
	refuse(w, r, http.StatusInternalServerError, "this should not have happened; the log says more under %s", requestID(r.Context()))
}

// fault logs a fault and answers it.
func (s *server) fault(w http.ResponseWriter, r *http.Request, err error) {
	s.log.ErrorContext(r.Context(), "a request failed", "id", requestID(r.Context()), "path", r.URL.Path, "error", err)
	s.internal(w, r)
}

// secure sets the headers of every answer. Handlers of pages loosen the policy for what they need.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("Server", ServerName)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// admits answers requests that come from where they should not, and reports whether to go on.
func (s *server) admits(w http.ResponseWriter, r *http.Request) bool {
	if s.Hosts != nil && !allowedHost(r.Host, s.Hosts) {
		refuse(w, r, http.StatusForbidden, "this service does not go by the name %q: use its address or localhost, or start it with --hosts naming it", r.Host)
		return false
	}
	if err := s.origins.Check(r); err != nil {
		refuse(w, r, http.StatusForbidden, "a POST is not taken from pages of other sites, because it may write: send it from a page of this service, or from a program")
		return false
	}
	return true
}

// allowedHost tells whether a Host header is an IP address, localhost or one of hosts.
func allowedHost(host string, hosts []string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if _, err := netip.ParseAddr(host); err == nil {
		return true
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost") ||
		slices.ContainsFunc(hosts, func(h string) bool { return strings.EqualFold(h, host) })
}
