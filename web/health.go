package web

import (
	"context"
	"net/http"
	"time"
)

// pingTimeout is how long the store may take to answer before the service calls itself unready.
const pingTimeout = 2 * time.Second

func (s *server) live(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	writeText(w, r, "ok\n")
}

// ready answers whether the service can serve now: the store takes reads and writes, and no stop is under way.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	if s.Draining != nil && s.Draining() {
		w.Header().Set("Connection", "close")
		refuse(w, r, http.StatusServiceUnavailable, "the service is stopping: ask another one, or wait until it has started again")
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
	defer cancel()
	if err := s.Graph.Ping(ctx); err != nil {
		s.log.ErrorContext(ctx, "the store does not answer", "id", requestID(ctx), "error", err)
		refuse(w, r, http.StatusServiceUnavailable, "the store does not answer; the log says more under %s", requestID(ctx))
		return
	}
	s.live(w, r)
}
