// Package differential compares the answers of package graph with those of a naive program. The program reads the same
// JSON Lines into plain structures and answers by loops over all of them: it knows the contract, and nothing of rows,
// indexes, arrays or budgets. Of the service it uses the types of filters and, where it reads dates and folds names,
// the packages edtf and text, which have tests of their own.
package differential

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/vocab"
)

// line is one line of interchange, as far as the program reads it.
type line struct {
	Document     *documentLine `json:"document,omitempty"`
	Entity       *entityLine   `json:"entity,omitempty"`
	RelationType *typeLine     `json:"relationType,omitempty"`
	Relation     *relationLine `json:"relation,omitempty"`
}

type documentLine struct {
	ID          string             `json:"id"`
	Title       string             `json:"title"`
	Publisher   string             `json:"publisher"`
	Published   string             `json:"published,omitempty"`
	Lang        string             `json:"lang,omitempty"`
	Kind        graph.DocumentKind `json:"kind,omitempty"`
	DerivedFrom string             `json:"derivedFrom,omitempty"`
	Text        string             `json:"text,omitempty"`
}

type entityLine struct {
	ID    string     `json:"id"`
	Kind  vocab.Kind `json:"kind"`
	Name  string     `json:"name"`
	Names []struct {
		Text string `json:"text"`
		Kind string `json:"kind"`
	} `json:"names,omitempty"`
	ExternalIDs map[string]any `json:"externalIds,omitempty"`
}

type typeLine struct {
	ID        string `json:"id"`
	Label     string `json:"label"`
	Symmetric bool   `json:"symmetric,omitempty"`
	Stance    *int   `json:"stance,omitempty"`
	Broader   string `json:"broader,omitempty"`
}

type relationLine struct {
	Type       string          `json:"type"`
	From       string          `json:"from"`
	To         string          `json:"to"`
	Occurred   string          `json:"occurred,omitempty"`
	Qualifiers []qualifierLine `json:"qualifiers,omitempty"`
	Stance     *int            `json:"stance,omitempty"`
	Condition  string          `json:"condition,omitempty"`
	Citations  []citationLine  `json:"citations"`
}

type qualifierLine struct {
	Role   string `json:"role"`
	Entity string `json:"entity,omitempty"`
	Text   string `json:"text,omitempty"`
}

type citationLine struct {
	Document string         `json:"document"`
	Quote    string         `json:"quote,omitempty"`
	Start    *int           `json:"start,omitempty"`
	Locator  string         `json:"locator,omitempty"`
	Speaker  string         `json:"speaker,omitempty"`
	Verdict  graph.Verdict  `json:"verdict,omitempty"`
	Modality graph.Modality `json:"modality,omitempty"`
}

// world is what the lines say. Everything is numbered in the order of its first line.
type world struct {
	documents []*document
	actors    []*actor
	types     map[string]*predicate
	facts     []*fact
	newest    []*fact // the facts, newest first

	documentOf map[string]*document
	actorOf    map[string]*actor
	factOf     map[string]*fact // by content
}

type document struct {
	documentLine
	number int
	date   edtf.Date
	source *document // what it copies
}

type actor struct {
	entityLine
	number int
}

type predicate struct {
	typeLine
	broader *predicate
}

// fact is one relation: all lines of equal content.
type fact struct {
	number     int
	typ        *predicate
	from, to   *actor
	occurred   string
	date       edtf.Date
	day        edtf.Day // the earliest possible one
	stance     *int
	condition  string
	qualifiers []filler
	citations  []*citation
}

type filler struct {
	role, text string
	entity     *actor
}

type citation struct {
	document *document
	speaker  *actor
	citationLine
}

// undated is before every day, also before openStart, the day of a date that has no earliest one.
const (
	undated   edtf.Day = math.MinInt64
	openStart edtf.Day = math.MinInt64 + 1
)

func dayOf(d edtf.Date) edtf.Day {
	if d.IsZero() {
		return undated
	}
	if day, ok := d.Earliest(); ok {
		return day
	}
	return openStart
}

// dateOf reads a date of the data; the zero date where there is none.
func dateOf(s string) edtf.Date {
	if s == "" {
		return edtf.Date{}
	}
	return edtf.MustParse(s)
}

// contentKey is equal for lines that state one relation.
func contentKey(symmetric bool, r *relationLine) string {
	a, b := r.From, r.To
	if symmetric && b < a {
		a, b = b, a
	}
	key := r.Type + "\x00" + a + "\x00" + b + "\x00" + r.Occurred + "\x00" + r.Condition
	if r.Stance != nil {
		key += fmt.Sprint("\x00", *r.Stance)
	}
	var circumstances []string
	for _, q := range r.Qualifiers {
		circumstances = append(circumstances, "\x01"+q.Role+"\x00"+q.Entity+"\x00"+q.Text)
	}
	slices.Sort(circumstances)
	return key + strings.Join(slices.Compact(circumstances), "")
}

// read reads lines into a world.
func read(t *testing.T, data []byte) *world {
	t.Helper()
	w := &world{types: map[string]*predicate{}, documentOf: map[string]*document{}, actorOf: map[string]*actor{}, factOf: map[string]*fact{}}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		w.add(&l)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	for _, p := range w.types {
		p.broader = w.types[p.Broader]
	}
	for _, d := range w.documents {
		d.source = w.documentOf[d.DerivedFrom]
	}
	w.newest = slices.Clone(w.facts)
	slices.SortFunc(w.newest, newestFirst)
	return w
}

// newestFirst is the order of relations unless another is asked for: by the earliest possible day, then as recorded.
func newestFirst(a, b *fact) int {
	return cmp.Or(cmp.Compare(b.day, a.day), cmp.Compare(a.number, b.number))
}

func (w *world) add(l *line) {
	switch {
	case l.Document != nil:
		d := &document{documentLine: *l.Document, number: len(w.documents), date: dateOf(l.Document.Published)}
		d.Kind = cmp.Or(d.Kind, graph.DocumentOther)
		w.documents = append(w.documents, d)
		w.documentOf[d.ID] = d
	case l.Entity != nil:
		a := &actor{*l.Entity, len(w.actors)}
		w.actors = append(w.actors, a)
		w.actorOf[a.ID] = a
	case l.RelationType != nil:
		w.types[l.RelationType.ID] = &predicate{typeLine: *l.RelationType}
	case l.Relation != nil:
		w.addRelation(l.Relation)
	}
}

func (w *world) addRelation(r *relationLine) {
	typ := w.types[r.Type]
	if r.Stance == nil {
		r.Stance = typ.Stance
	}
	key := contentKey(typ.Symmetric, r)
	f := w.factOf[key]
	if f == nil {
		f = &fact{number: len(w.facts), typ: typ, from: w.actorOf[r.From], to: w.actorOf[r.To], occurred: r.Occurred, date: dateOf(r.Occurred), stance: r.Stance, condition: r.Condition}
		f.day = dayOf(f.date)
		for _, q := range r.Qualifiers {
			f.qualifiers = append(f.qualifiers, filler{q.Role, q.Text, w.actorOf[q.Entity]})
		}
		w.facts = append(w.facts, f)
		w.factOf[key] = f
	}
	for _, c := range r.Citations {
		c.Verdict, c.Modality = cmp.Or(c.Verdict, graph.Affirms), cmp.Or(c.Modality, graph.Asserted)
		known := slices.ContainsFunc(f.citations, func(o *citation) bool {
			return o.place() == c.place() && o.Document == c.Document && o.Quote == c.Quote && o.Speaker == c.Speaker && o.Verdict == c.Verdict
		})
		if !known {
			f.citations = append(f.citations, &citation{w.documentOf[c.Document], w.actorOf[c.Speaker], c})
		}
	}
}

// place is where in its document a citation points to.
func (c *citationLine) place() string {
	if c.Start != nil {
		return fmt.Sprint(*c.Start)
	}
	return c.Locator
}
