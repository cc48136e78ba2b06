package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"chancery/graph"
)

// stallTimeout ends a download or an upload of which nothing was taken or sent for so long.
const stallTimeout = time.Minute

// export streams a piece of the graph as a file. An answer that cannot be finished ends in
// a broken connection, so that nobody takes it for the whole.
func (s *server) export(w http.ResponseWriter, r *http.Request) {
	q, err := parseExport(r.URL.Query())
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "%s", err)
		return
	}
	v, err := s.Graph.View(r.Context(), q.at)
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	defer v.Release()
	p, err := v.Select(r.Context(), q.selection)
	if err != nil {
		s.refuseError(w, r, err)
		return
	}
	tag, err := q.tag(r.Context(), v, p)
	if err != nil {
		s.fault(w, r, err)
		return
	}
	h := w.Header()
	h.Set("ETag", tag)
	h.Set("Cache-Control", "no-cache")
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", q.format.MediaTypes[0])
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="chancery-%d%s"`, v.Revision(), q.format.Extensions[0]))
	if r.Method == http.MethodHead {
		return
	}
	s.stream(w, r, q, p)
}

func (s *server) stream(w http.ResponseWriter, r *http.Request, q *exportQuestion, p *graph.Piece) {
	out := &patientWriter{w: w, control: http.NewResponseController(w)}
	_, err := q.format.Write(r.Context(), p, q.options, out)
	switch {
	case err == nil:
	case out.begun || r.Context().Err() != nil:
		if r.Context().Err() == nil {
			s.log.ErrorContext(r.Context(), "an export broke off", "id", requestID(r.Context()), "error", err)
		}
		panic(http.ErrAbortHandler)
	default:
		for _, name := range []string{"ETag", "Content-Disposition", "Content-Type"} {
			w.Header().Del(name)
		}
		s.refuseError(w, r, err)
	}
}

// patientWriter lets an answer take any time as long as the other side keeps reading.
type patientWriter struct {
	w       io.Writer
	control *http.ResponseController
	begun   bool
}

// Write sends p and sets the time limit anew. Writers without time limits have none to set.
func (p *patientWriter) Write(b []byte) (int, error) {
	p.begun = true
	if err := p.control.SetWriteDeadline(time.Now().Add(stallTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.w.Write(b)
}

// matches tells whether an If-None-Match header names a tag.
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
		if part == tag || part == "*" {
			return true
		}
	}
	return false
}

// refuseError answers an error of the graph: in its own words where they are for users.
func (s *server) refuseError(w http.ResponseWriter, r *http.Request, err error) {
	var e *graph.Error
	switch {
	case errors.As(err, &e):
		refuse(w, r, statusOf(e.Kind), "%s", e.Message)
	case errors.Is(err, context.Canceled):
		panic(http.ErrAbortHandler)
	default:
		s.fault(w, r, err)
	}
}

func statusOf(kind graph.ErrorKind) int {
	switch kind {
	case graph.BadInput:
		return http.StatusBadRequest
	case graph.NotFound:
		return http.StatusNotFound
	case graph.SnapshotGone:
		return http.StatusGone
	case graph.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusInternalServerError
}
