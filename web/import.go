package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"chancery/graph/format"
)

// Bounds on the bad lines in an answer that is one JSON object. A caller who
// wants all of them accepts application/x-ndjson.
const (
	maxRejects     = 1_000
	maxRejectBytes = 8 << 20 // of their inputs
)

// uploadTypes are media types of bytes whose content says what they are. A form
// of another site can send none of them unasked.
var uploadTypes = []string{"application/gzip", "application/x-gzip", "application/zstd", "application/octet-stream"}

// ImportAnswer is what POST /import answers, in one object.
type ImportAnswer struct {
	Report  *format.Report  `json:"report"`
	Rejects []format.Reject `json:"rejects"`
	// RejectsLeftOut counts the bad lines that the answer has no room for; Report.Rejected counts all.
	RejectsLeftOut int    `json:"rejectsLeftOut"`
	Error          string `json:"error,omitempty"` // why the import ended early
}

// ImportEvent is one line of what POST /import answers to those who accept
// application/x-ndjson: progress, bad lines as they are found, and the report at the end.
type ImportEvent struct {
	Progress *format.Progress `json:"progress,omitempty"`
	Reject   *format.Reject   `json:"reject,omitempty"`
	Report   *format.Report   `json:"report,omitempty"`
	Error    string           `json:"error,omitempty"` // why the import ended early
}

// importFile reads an upload into the graph.
func (s *server) importFile(w http.ResponseWriter, r *http.Request) {
	if s.ReadOnly {
		refuse(w, r, http.StatusForbidden, "this service is read-only: import with one that was started without --read-only")
		return
	}
	f, o, err := importParameters(r)
	if err != nil {
		refuse(w, r, http.StatusBadRequest, "%s", err)
		return
	}
	if f == nil {
		refuse(w, r, http.StatusUnsupportedMediaType, "the media type %q is not one to import; send %s, or for packed data one of %s",
			r.Header.Get("Content-Type"), format.Formats[0].MediaTypes[0], strings.Join(uploadTypes, ", "))
		return
	}
	control := http.NewResponseController(w)
	body := &patientReader{r.Body, control}
	if media, _, err := mime.ParseMediaType(r.Header.Get("Accept")); err == nil && format.ByMediaType(media) != nil {
		s.importEvents(w, r, f, o, body, control)
		return
	}
	s.importAnswer(w, r, f, o, body, control)
}

func importParameters(r *http.Request) (*format.Format, format.ImportOptions, error) {
	o := format.ImportOptions{File: "upload", Size: max(0, r.ContentLength), By: "import"}
	for name, values := range r.URL.Query() {
		value := values[len(values)-1]
		switch name {
		case "strict":
			on, err := strconv.ParseBool(value)
			if err != nil {
				return nil, o, fmt.Errorf("strict=%s is neither true nor false", value)
			}
			o.Strict = on
		case "name":
			o.File = value
		default:
			return nil, o, fmt.Errorf("there is no parameter %q; there are strict and name", name)
		}
	}
	media := r.Header.Get("Content-Type")
	if f := format.ByMediaType(media); f != nil && f.Read != nil {
		return f, o, nil
	}
	if plain, _, err := mime.ParseMediaType(media); err == nil && slices.Contains(uploadTypes, plain) {
		return &format.Formats[0], o, nil
	}
	return nil, o, nil
}

// importAnswer imports and answers with one object.
func (s *server) importAnswer(w http.ResponseWriter, r *http.Request, f *format.Format, o format.ImportOptions, body io.Reader, control *http.ResponseController) {
	answer := ImportAnswer{Rejects: []format.Reject{}}
	size := 0
	o.Reject = func(bad format.Reject) error {
		if size += len(bad.Input); len(answer.Rejects) < maxRejects && size <= maxRejectBytes {
			answer.Rejects = append(answer.Rejects, bad)
		} else {
			answer.RejectsLeftOut++
		}
		return nil
	}
	report, err := f.Read(r.Context(), s.Graph, body, o)
	answer.Report = report
	status := http.StatusOK
	if err != nil {
		status, answer.Error = s.importError(r, err)
	}
	_ = control.SetWriteDeadline(time.Now().Add(stallTimeout)) // where there is no time limit, none need be set
	writeJSON(w, status, answer)
}

// importEvents imports and tells how it goes on, while the upload is still under way.
func (s *server) importEvents(w http.ResponseWriter, r *http.Request, f *format.Format, o format.ImportOptions, body io.Reader, control *http.ResponseController) {
	if err := control.EnableFullDuplex(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.fault(w, r, err)
		return
	}
	w.Header().Set("Content-Type", format.Formats[0].MediaTypes[0])
	w.Header().Set("Cache-Control", "no-store")
	e := json.NewEncoder(&patientWriter{w: w, control: control})
	e.SetEscapeHTML(false)
	send := func(event ImportEvent) error {
		if err := e.Encode(event); err != nil {
			return err
		}
		if event.Reject != nil { // they may be many
			return nil
		}
		return control.Flush()
	}
	o.Reject = func(bad format.Reject) error { return send(ImportEvent{Reject: &bad}) }
	o.Progress = func(p format.Progress) { _ = send(ImportEvent{Progress: &p}) } // a reader who is gone ends the request's context
	report, err := f.Read(r.Context(), s.Graph, body, o)
	last := ImportEvent{Report: report}
	if err != nil {
		_, last.Error = s.importError(r, err)
	}
	if err := send(last); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// importError is the status and the words for why an import ended early.
func (s *server) importError(r *http.Request, err error) (int, string) {
	var bad *format.LineError
	var source *format.SourceError
	switch {
	case errors.As(err, &bad):
		return http.StatusUnprocessableEntity, bad.Error()
	case errors.As(err, &source):
		return http.StatusBadRequest, source.Error()
	}
	id := requestID(r.Context())
	if r.Context().Err() != nil {
		s.log.InfoContext(r.Context(), "an import ended because its connection did", "id", id)
		return http.StatusBadRequest, "the connection ended"
	}
	s.log.ErrorContext(r.Context(), "an import failed", "id", id, "error", err)
	return http.StatusInternalServerError, "the import could not go on; the log says more under " + id
}

// patientReader lets an upload take any time as long as something comes.
type patientReader struct {
	r       io.Reader
	control *http.ResponseController
}

// Read waits for more no longer than stallTimeout.
func (p *patientReader) Read(b []byte) (int, error) {
	if err := p.control.SetReadDeadline(time.Now().Add(stallTimeout)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.r.Read(b)
}
