package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// refuse answers that something cannot be had, and what would be right: as JSON
// to those who ask for it, else as text.
func refuse(w http.ResponseWriter, r *http.Request, status int, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	w.Header().Set("Cache-Control", "no-store")
	if strings.Contains(r.Header.Get("Accept"), "json") {
		writeJSON(w, status, map[string]any{"error": message})
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	writeText(w, r, message+"\n")
}

// writeJSON answers with a value that can be encoded. That nobody reads the answer is no error of the service.
func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v)
}

// writeText writes a body, but not to a HEAD request.
func writeText(w http.ResponseWriter, r *http.Request, text string) {
	if r.Method != http.MethodHead {
		_, _ = io.WriteString(w, text)
	}
}
