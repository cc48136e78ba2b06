package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/bits"
	"strings"
	"unicode/utf8"

	"chancery/graph"
)

// line is one line of the interchange form: one field is set. Its fields are in
// the order of kind.
type line struct {
	Document     *graph.DocumentInput     `json:"document"`
	Entity       *graph.EntityInput       `json:"entity"`
	RelationType *graph.RelationTypeInput `json:"relationType"`
	Relation     *graph.RelationInput     `json:"relation"`
	Judgement    *graph.MergeInput        `json:"judgement"`
}

// kind is what a line brings, as a place in the fields of line.
type kind int8

const (
	kindDocument kind = iota
	kindEntity
	kindRelationType
	kindRelation
	kindJudgement
	kindUnknown kind = -1
)

// key is the one key of a line of this kind.
func (k kind) key() string {
	if k == kindUnknown {
		return ""
	}
	return lineShape.fields[k].name
}

func (l *line) change() graph.Change {
	return graph.Change{PutDocument: l.Document, PutEntity: l.Entity, PutRelationType: l.RelationType, AddRelation: l.Relation, MergeEntities: l.Judgement}
}

// decoder turns lines into changes. Its zero value is ready for use by one goroutine.
type decoder struct{ c checker }

// decode checks and reads one line. With problems, the change is not to be used.
func (d *decoder) decode(raw []byte) (graph.Change, kind, []Problem) {
	if fromReject(raw) {
		return d.decodeReject(raw)
	}
	return d.decodeLine(raw)
}

func (d *decoder) decodeLine(raw []byte) (graph.Change, kind, []Problem) {
	d.c.check(raw, lineShape)
	k := kindUnknown
	if bits.OnesCount64(d.c.roots) == 1 {
		k = kind(bits.TrailingZeros64(d.c.roots))
	}
	switch {
	case len(d.c.problems) > 0:
		return graph.Change{}, k, d.c.problems
	case k == kindUnknown:
		return graph.Change{}, k, []Problem{{Code: graph.CodeInvalid, Message: "a line is an object with exactly one of the keys " + lineShape.names() + "; this one has " + rootsText(d.c.roots)}}
	}
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return graph.Change{}, k, []Problem{{k.key(), graph.CodeInvalid, err.Error()}}
	}
	if l == (line{}) {
		return graph.Change{}, k, []Problem{{k.key(), graph.CodeRequired, "null is no " + k.key() + ": give an object"}}
	}
	if nameless(&l) {
		return graph.Change{}, k, []Problem{{k.key() + ".id", graph.CodeRequired, "an id is required in a file, so that importing it again finds the same " + k.key()}}
	}
	return l.change(), k, nil
}

// nameless tells whether a line makes something that another import of it would make once more.
func nameless(l *line) bool {
	return l.Document != nil && l.Document.ID == "" ||
		l.Entity != nil && l.Entity.ID == "" && len(l.Entity.ExternalIDs.Value) == 0
}

func rootsText(roots uint64) string {
	if roots == 0 {
		return "none"
	}
	var names []string
	for ; roots != 0; roots &= roots - 1 {
		names = append(names, lineShape.fields[bits.TrailingZeros64(roots)].name)
	}
	return strings.Join(names, " and ")
}

// fromReject tells whether a line looks like one of a reject file. No line of the interchange form does.
func fromReject(raw []byte) bool {
	return strings.HasPrefix(string(raw[:min(len(raw), 16)]), `{"file":`)
}

// decodeReject reads a line of a reject file: what counts is its input, corrected.
func (d *decoder) decodeReject(raw []byte) (graph.Change, kind, []Problem) {
	d.c.check(raw, rejectShape)
	if len(d.c.problems) > 0 {
		return graph.Change{}, kindUnknown, d.c.problems
	}
	inner := ""
	for _, s := range d.c.spans {
		if rejectShape.fields[s.field].name == "input" {
			inner = string(raw[s.start:s.end])
		}
	}
	if strings.HasPrefix(inner, `"`) {
		if err := json.Unmarshal([]byte(inner), &inner); err != nil {
			return graph.Change{}, kindUnknown, []Problem{{"input", graph.CodeInvalid, err.Error()}}
		}
	}
	if inner == "" || inner == "null" {
		return graph.Change{}, kindUnknown, []Problem{{"input", graph.CodeRequired, "the input of a rejected line is needed to import it: put the corrected line there"}}
	}
	return d.decodeLine([]byte(inner))
}

// Reject is a line that was not imported, as the reject file has it. Such a file
// can be imported again when the inputs in it were corrected.
type Reject struct {
	File   string    `json:"file"`
	Line   int       `json:"line"`
	Errors []Problem `json:"errors"`
	// Input is the line itself where it is JSON, a string with its text where it
	// is not, with \xHH for bytes that are not UTF-8, and null where it was too long to keep.
	Input json.RawMessage `json:"input"`
}

// newReject keeps a line that failed. A line that is itself one of a reject file is unwrapped first.
func newReject(file string, number int, raw []byte, problems []Problem) Reject {
	r := Reject{File: file, Line: number, Errors: problems, Input: json.RawMessage("null")}
	if raw == nil {
		return r
	}
	if fromReject(raw) {
		var old Reject
		if json.Unmarshal(raw, &old) == nil && old.Input != nil {
			r.Input = old.Input
			return r
		}
	}
	if utf8.Valid(raw) && json.Valid(raw) {
		r.Input = json.RawMessage(raw)
		return r
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(legible(raw)); err == nil { // a string can always be encoded
		r.Input = bytes.TrimSpace(b.Bytes())
	}
	return r
}

// legible writes bytes that are not UTF-8 as \xHH, which JSON refuses until somebody has put the right character there.
func legible(raw []byte) string {
	var b strings.Builder
	for len(raw) > 0 {
		r, n := utf8.DecodeRune(raw)
		if r == utf8.RuneError && n == 1 {
			fmt.Fprintf(&b, `\x%02x`, raw[0])
		} else {
			b.Write(raw[:n])
		}
		raw = raw[n:]
	}
	return b.String()
}
