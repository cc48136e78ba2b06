package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"chancery/graph"
	"chancery/graph/format"
)

// exportQuestion is what the address of an export asks for.
type exportQuestion struct {
	format    *format.Format
	options   format.WriteOptions
	at        graph.At
	selection graph.Selection

	simple *graph.RelationFilter // of the parameters that stand for one condition each
}

// exportParameters read one parameter each; values is never empty. Where one value is meant, the last counts.
var exportParameters = []struct {
	name string
	read func(q *exportQuestion, values []string) error
}{
	{"format", readFormat},
	{"shape", func(q *exportQuestion, values []string) error {
		q.options.Shape = format.Shape(last(values))
		return nil
	}},
	{"excel", readExcel},
	{"revision", readRevision},
	{"filter", func(q *exportQuestion, values []string) (err error) {
		q.selection.Filter, err = graph.ParseFilter(last(values))
		return err
	}},
	{"neighborhood", func(q *exportQuestion, values []string) (err error) {
		q.selection.Neighborhood, err = graph.ParseNeighborhood(last(values))
		return err
	}},
	{"type", func(q *exportQuestion, values []string) error { q.condition().Types = values; return nil }},
	{"involves", func(q *exportQuestion, values []string) error { q.condition().Involves = values; return nil }},
	{"from", func(q *exportQuestion, values []string) error { q.condition().From = values; return nil }},
	{"to", func(q *exportQuestion, values []string) error { q.condition().To = values; return nil }},
	{"since", func(q *exportQuestion, values []string) error { q.occurred().From = new(last(values)); return nil }},
	{"until", func(q *exportQuestion, values []string) error { q.occurred().To = new(last(values)); return nil }},
}

func last(values []string) string { return values[len(values)-1] }

func (q *exportQuestion) condition() *graph.RelationFilter {
	if q.simple == nil {
		q.simple = &graph.RelationFilter{}
	}
	return q.simple
}

func (q *exportQuestion) occurred() *graph.DateRange {
	f := q.condition()
	if f.Occurred == nil {
		f.Occurred = &graph.DateRange{}
	}
	return f.Occurred
}

// parseExport reads the query of an address. Its errors are for users.
func parseExport(query url.Values) (*exportQuestion, error) {
	q := &exportQuestion{format: &format.Formats[0]}
	known := map[string]bool{}
	var names []string
	for _, p := range exportParameters {
		known[p.name] = true
		names = append(names, p.name)
		if values := query[p.name]; len(values) > 0 {
			if err := p.read(q, values); err != nil {
				return nil, err
			}
		}
	}
	for name := range query {
		if !known[name] {
			return nil, fmt.Errorf("there is no parameter %q; there are %s", name, strings.Join(names, ", "))
		}
	}
	return q, q.finish()
}

// finish checks what depends on several parameters, and joins the conditions.
func (q *exportQuestion) finish() error {
	if q.options.Shape == "" {
		q.options.Shape = q.format.Shapes[0]
	}
	if err := q.format.Check(q.options); err != nil {
		return err
	}
	switch s := &q.selection; {
	case s.Neighborhood != nil && (s.Filter != nil || q.simple != nil):
		return fmt.Errorf("a neighborhood takes its filter as its field relations, not as a parameter of its own")
	case s.Filter == nil:
		s.Filter = q.simple
	case q.simple != nil:
		s.Filter = &graph.RelationFilter{And: []*graph.RelationFilter{s.Filter, q.simple}}
	}
	return nil
}

// tag is the entity tag of the file. The counts tell apart stores that were served one after the other at the same address.
func (q *exportQuestion) tag(ctx context.Context, v *graph.View, p *graph.Piece) (string, error) {
	counts, err := v.Counts(ctx)
	if err != nil {
		return "", err
	}
	selection, err := json.Marshal(struct {
		Selection  graph.Selection
		Truncation *graph.Truncation
		Holds      string
		Options    format.WriteOptions
	}{q.selection, p.Truncation, p.Digest(), q.options})
	if err != nil {
		return "", err
	}
	h := sha256.Sum256(selection)
	return fmt.Sprintf(`"%s-%d-%d-%d-%d-%d-%s"`, q.format.Name, v.Revision(), counts.Documents, counts.Entities, counts.Relations, counts.Citations,
		base64.RawURLEncoding.EncodeToString(h[:9])), nil
}

func readFormat(q *exportQuestion, values []string) error {
	name := last(values)
	f := format.ByName(name)
	if f == nil || f.Write == nil {
		return fmt.Errorf("there is no format %q to export; there is %s", name, formatNames())
	}
	q.format = f
	return nil
}

func readExcel(q *exportQuestion, values []string) (err error) {
	if q.options.Excel, err = strconv.ParseBool(last(values)); err != nil {
		return fmt.Errorf("excel is %q, which is neither true nor false", last(values))
	}
	return nil
}

func readRevision(q *exportQuestion, values []string) error {
	n, err := strconv.ParseUint(last(values), 10, 64)
	if err != nil {
		return fmt.Errorf("the revision %q is not a whole number, as in revision=12", last(values))
	}
	q.at.Revision = new(graph.Revision(n))
	return nil
}

func formatNames() string {
	var names []string
	for _, f := range format.Formats {
		if f.Write != nil {
			names = append(names, f.Name)
		}
	}
	return strings.Join(slices.Compact(names), ", ")
}
