package format

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"chancery/graph"
)

// Applier is the graph as an import needs it; *graph.Graph is one.
type Applier interface {
	// Apply writes all changes of a batch or none.
	Apply(ctx context.Context, b graph.Batch) (*graph.Outcome, error)
	// ApplyEach writes every right change of a batch in one commit and reports the wrong ones.
	ApplyEach(ctx context.Context, b graph.Batch) (*graph.Outcome, error)
}

// MaxLine is how long a line may be, in bytes.
const MaxLine = 64 << 20

// ImportOptions say how to import. The zero value is usable.
type ImportOptions struct {
	// File is the name under which mistakes are reported and commits noted.
	File string
	// Size is the length of the source in bytes as it is read, packed or not; 0 when unknown. Progress shows it.
	Size int64
	// Strict ends the import at the first bad line. What was written before stays.
	Strict bool
	// By is who imports; it is kept in the history.
	By string
	// TempDir is where lines that must wait are kept when they are many; empty for the system's place.
	TempDir string
	// Reject is told of each bad line, most of them in the order of lines. Its error ends the import.
	Reject func(Reject) error
	// Progress is told after each batch. What it is told is durable.
	Progress func(Progress)
}

// Progress is how far an import has come.
type Progress struct {
	Lines     int            `json:"lines"`     // all lines up to this one are written, put by or rejected
	Bytes     int64          `json:"bytes"`     // of the source, as far as it was read
	Total     int64          `json:"total"`     // bytes of the source, 0 when unknown
	Relations int            `json:"relations"` // relation lines among Lines
	Waiting   int            `json:"waiting"`   // lines put by, because they name what is not known yet
	Rejected  int            `json:"rejected"`  // lines found bad
	Revision  graph.Revision `json:"revision"`  // of the newest commit of this import
	Seconds   float64        `json:"seconds"`   // since it began
}

// Rate is the number of relation lines a second so far.
func (p Progress) Rate() float64 {
	if p.Seconds <= 0 {
		return 0
	}
	return float64(p.Relations) / p.Seconds
}

// LineCounts are numbers of lines by what they bring.
type LineCounts struct {
	Documents     int `json:"documents"`
	Entities      int `json:"entities"`
	RelationTypes int `json:"relationTypes"`
	Relations     int `json:"relations"`
	Judgements    int `json:"judgements"`
}

func (c *LineCounts) of(k kind) *int {
	switch k {
	case kindDocument:
		return &c.Documents
	case kindEntity:
		return &c.Entities
	case kindRelationType:
		return &c.RelationTypes
	case kindRelation:
		return &c.Relations
	default:
		return &c.Judgements
	}
}

// Report is what an import did.
type Report struct {
	File string `json:"file"`
	// Lines counts the lines that are not empty.
	Lines int `json:"lines"`
	// Read counts the lines that could be read, by kind, whether they were accepted or not.
	Read LineCounts `json:"read"`
	// Created counts what was not there before, by kind; relations are counted once.
	Created LineCounts `json:"created"`
	// Updated counts the lines that added to, or changed, what was there; of a relation, new citations.
	Updated LineCounts `json:"updated"`
	// Unchanged counts the lines that said nothing new.
	Unchanged LineCounts `json:"unchanged"`
	// Rejected counts bad lines.
	Rejected int `json:"rejected"`
	// Waiting counts the lines put by that were not tried again because the import ended early.
	Waiting int `json:"waiting,omitempty"`
	// Revision is that of the newest commit of this import; 0 when nothing was written.
	Revision graph.Revision `json:"revision"`
	// Seconds is how long it took.
	Seconds float64 `json:"seconds"`
	// Stopped is the mistake that ended a strict import.
	Stopped *LineError `json:"stopped,omitempty"`
}

// Changed tells whether anything was written.
func (r *Report) Changed() bool { return r.Revision != 0 }

// LineError is one mistake in one line.
type LineError struct {
	File    string              `json:"file"`
	Line    int                 `json:"line"`
	Path    string              `json:"path"`
	Code    graph.UserErrorCode `json:"code"`
	Message string              `json:"message"`
}

// Error is the mistake with its place, as compilers write it.
func (e *LineError) Error() string {
	at := fmt.Sprintf("%s:%d: ", e.File, e.Line)
	if e.Path != "" {
		at += e.Path + ": "
	}
	return at + e.Message
}

// LineErrors are the mistakes of a rejected line, each with its place.
func (r Reject) LineErrors() []*LineError {
	out := make([]*LineError, len(r.Errors))
	for i, p := range r.Errors {
		out[i] = &LineError{r.File, r.Line, p.Path, p.Code, p.Message}
	}
	return out
}

// RejectWriter returns a function for [ImportOptions] that writes each bad line as one line of a reject file.
func RejectWriter(w io.Writer) func(Reject) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return func(r Reject) error { return e.Encode(r) }
}
