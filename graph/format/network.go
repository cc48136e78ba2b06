package format

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"

	"chancery/graph"
	"chancery/graph/edtf"
)

// The formats of network analysis all hold the same nodes and edges. This file makes them of a piece.

// attributeType is what the values of an attribute are, by the names that GraphML has for it.
type attributeType string

const (
	textAttribute    attributeType = "string"
	wholeAttribute   attributeType = "int"
	realAttribute    attributeType = "double"
	truthAttribute   attributeType = "boolean"
	encodedAttribute attributeType = "json" // a list or an object; JSON in text where a format has none
)

// attribute is one column of nodes or edges.
type attribute struct {
	name string
	typ  attributeType
}

// nodeAttributes are those of entities.
var nodeAttributes = []attribute{
	{"entity_id", textAttribute}, {"label", textAttribute}, {"kind", textAttribute}, {"description", textAttribute},
	{"names", encodedAttribute}, {"external_ids", encodedAttribute}, {"attributes", encodedAttribute},
}

// edgeAttributes are those of edges, by shape.
var edgeAttributes = map[Shape][]attribute{
	Relations: {
		{"relation_id", textAttribute}, {"label", textAttribute}, {"type", textAttribute}, {"symmetric", truthAttribute}, {"weight", realAttribute},
		{"occurred", textAttribute}, {"first_day", textAttribute}, {"last_day", textAttribute},
		{"stance", wholeAttribute}, {"condition", textAttribute}, {"status", textAttribute}, {"qualifiers", encodedAttribute},
		{"citation_count", wholeAttribute}, {"document_count", wholeAttribute}, {"publisher_count", wholeAttribute},
		{"independent_sources", wholeAttribute}, {"citations", encodedAttribute},
	},
	Ties: {
		{"tie_id", textAttribute}, {"label", textAttribute}, {"type", textAttribute}, {"symmetric", truthAttribute}, {"weight", realAttribute},
		{"first_date", textAttribute}, {"last_date", textAttribute}, {"first_day", textAttribute}, {"last_day", textAttribute},
		{"citation_count", wholeAttribute}, {"document_count", wholeAttribute}, {"publisher_count", wholeAttribute},
		{"relation_ids", encodedAttribute},
	},
}

// node is an entity. Values are aligned with the attributes; each is a string, an int, a float64, a bool, a json.RawMessage or nil for none.
type node struct {
	id, label string
	values    []any
}

// edge is a relation or a tie.
type edge struct {
	id, from, to, label, typ string
	weight                   float64
	first, last              string // days in ISO 8601; empty when unknown or open
	values                   []any
}

// network is a piece in a shape.
type network struct {
	piece   *graph.Piece
	shape   Shape
	uncited bool // the edges are made without their citations, which the format has elsewhere
}

func newNetwork(p *graph.Piece, o WriteOptions) network {
	if o.Shape == "" {
		o.Shape = Relations
	}
	return network{piece: p, shape: o.Shape}
}

// about is what a file says of itself: names and texts, in order.
func (n network) about(ctx context.Context) ([][2]string, error) {
	at, err := n.piece.Time(ctx)
	if err != nil {
		return nil, err
	}
	selection, err := compact(n.piece.Selection)
	if err != nil {
		return nil, err
	}
	out := [][2]string{
		{"generator", "Chancery"}, {"revision", fmt.Sprint(n.piece.Revision())}, {"recorded", at.UTC().Format("2006-01-02T15:04:05.999999999Z")},
		{"selection", string(selection)}, {"shape", string(n.shape)},
	}
	if t := n.piece.Truncation; t != nil {
		left, err := compact(map[string]any{"reasons": t.Reasons, "frontier": t.Frontier})
		if err != nil {
			return nil, err
		}
		out = append(out, [2]string{"truncation", string(left)})
	}
	return out, nil
}

// compact is JSON that leaves <, > and & as they are.
func compact(v any) (json.RawMessage, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// list is JSON of a list, nil for an empty one.
func list[T any](items []T) (any, error) {
	if len(items) == 0 {
		return nil, nil
	}
	return compact(items)
}

// optional is a text, nil for none.
func optional(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (n network) nodes(ctx context.Context) iter.Seq2[*node, error] {
	return func(yield func(*node, error) bool) {
		for e, err := range n.piece.Entities(ctx) {
			var out *node
			if err == nil {
				out, err = nodeOf(e)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

// nameEntry is a name in a file.
type nameEntry struct {
	Text string         `json:"text"`
	Lang string         `json:"lang,omitempty"`
	Kind graph.NameKind `json:"kind"`
}

func nodeOf(e *graph.Entity) (*node, error) {
	var names []nameEntry
	for _, x := range e.Names()[1:] { // the first is the label
		names = append(names, nameEntry(x))
	}
	n, err := list(names)
	if err != nil {
		return nil, err
	}
	var external any
	if len(e.ExternalIDs) > 0 {
		if external, err = compact(graph.ExternalIDs(e.ExternalIDs)); err != nil {
			return nil, err
		}
	}
	var attributes any
	if string(e.Attributes) != "{}" {
		attributes = e.Attributes
	}
	return &node{id: e.ID, label: e.MainName, values: []any{e.ID, e.MainName, string(e.Kind), optional(e.Description), n, external, attributes}}, nil
}

func (n network) edges(ctx context.Context) iter.Seq2[*edge, error] {
	return func(yield func(*edge, error) bool) {
		if n.shape == Ties {
			for b, err := range n.piece.Bundles(ctx) {
				var out *edge
				if err == nil {
					out, err = n.tie(ctx, b)
				}
				if !yield(out, err) || err != nil {
					return
				}
			}
			return
		}
		for r, err := range n.piece.Relations(ctx) {
			var out *edge
			if err == nil {
				out, err = relationEdge(ctx, r, n.uncited)
			}
			if !yield(out, err) || err != nil {
				return
			}
		}
	}
}

func (n network) tie(ctx context.Context, b *graph.Bundle) (*edge, error) {
	label, err := b.Label(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := list(b.Relations)
	if err != nil {
		return nil, err
	}
	first, _ := daysOf(b.First)
	_, last := daysOf(b.Last)
	e := &edge{
		id: "tie/" + b.Relations[0][len("relation/"):], from: b.From.ID, to: b.To.ID, label: label, typ: b.Type,
		weight: float64(len(b.Relations)), first: first, last: last,
	}
	e.values = []any{
		e.id, label, b.Type, b.Symmetric, e.weight, optional(b.First), optional(b.Last), optional(first), optional(last),
		b.Citations, b.Documents, b.Publishers, ids,
	}
	return e, nil
}

func relationEdge(ctx context.Context, r *graph.Relation, uncited bool) (*edge, error) {
	from, err := r.From(ctx)
	if err != nil {
		return nil, err
	}
	to, err := r.To(ctx)
	if err != nil {
		return nil, err
	}
	t, err := r.RelationType(ctx)
	if err != nil {
		return nil, err
	}
	support, err := r.Support(ctx)
	if err != nil {
		return nil, err
	}
	status, err := r.Status(ctx)
	if err != nil {
		return nil, err
	}
	var cited any
	if !uncited {
		citations, err := citationsOf(ctx, r)
		if err != nil {
			return nil, err
		}
		if cited, err = list(citations); err != nil {
			return nil, err
		}
	}
	qualifiers, err := qualifiersOf(ctx, r)
	if err != nil {
		return nil, err
	}
	qualified, err := list(qualifiers)
	if err != nil {
		return nil, err
	}
	first, last := daysOf(r.Occurred)
	var stance any
	if r.Stance != nil {
		stance = *r.Stance
	}
	return &edge{
		id: r.ID, from: from.ID, to: to.ID, label: t.Label(), typ: r.Type, weight: 1, first: first, last: last,
		values: []any{
			r.ID, t.Label(), r.Type, t.Symmetric, 1.0, optional(r.Occurred), optional(first), optional(last), stance, optional(r.Condition), string(status), qualified,
			support.Affirming + support.Denying, support.Documents, support.Publishers, support.IndependentSources, cited,
		},
	}, nil
}

// qualifierEntry is a qualifier in a file.
type qualifierEntry struct {
	Role   string `json:"role"`
	Entity string `json:"entity,omitempty"`
	Name   string `json:"name,omitempty"`
	Text   string `json:"text,omitempty"`
}

func qualifiersOf(ctx context.Context, r *graph.Relation) ([]qualifierEntry, error) {
	var out []qualifierEntry
	for _, q := range r.Qualifiers {
		e, err := q.Entity(ctx)
		if err != nil {
			return nil, err
		}
		x := qualifierEntry{Role: q.Role, Text: q.Text}
		if e != nil {
			x.Entity, x.Name = e.ID, e.MainName
		}
		out = append(out, x)
	}
	return out, nil
}

// citationEntry is a citation with its document in a file. Start and end count code points.
type citationEntry struct {
	ID           string             `json:"id"`
	Document     string             `json:"document"`
	Title        string             `json:"title"`
	Publisher    string             `json:"publisher"`
	Authors      []string           `json:"authors,omitempty"`
	URL          string             `json:"url,omitempty"`
	Published    string             `json:"published,omitempty"`
	Lang         string             `json:"lang,omitempty"`
	DocumentKind graph.DocumentKind `json:"document_kind"`
	License      string             `json:"license,omitempty"`
	Quote        string             `json:"quote,omitempty"`
	Start        *int               `json:"start,omitempty"`
	End          *int               `json:"end,omitempty"`
	Locator      string             `json:"locator,omitempty"`
	Speaker      string             `json:"speaker,omitempty"`
	Via          []string           `json:"via,omitempty"`
	Verdict      graph.Verdict      `json:"verdict"`
	Modality     graph.Modality     `json:"modality"`
	StatedOn     string             `json:"stated_on,omitempty"`
	Confidence   *float64           `json:"confidence,omitempty"`
	Verification graph.Verification `json:"verification"`
	Note         string             `json:"note,omitempty"`
}

func citationsOf(ctx context.Context, r *graph.Relation) ([]citationEntry, error) {
	all, err := r.Citations(ctx, nil, math.MaxInt)
	if err != nil {
		return nil, err
	}
	out := make([]citationEntry, 0, len(all))
	for _, c := range all {
		x, err := citationOf(ctx, c)
		if err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func citationOf(ctx context.Context, c *graph.Citation) (citationEntry, error) {
	d, err := c.Document(ctx)
	if err != nil {
		return citationEntry{}, err
	}
	speaker, err := c.Speaker(ctx)
	if err != nil {
		return citationEntry{}, err
	}
	via, err := c.Via(ctx)
	if err != nil {
		return citationEntry{}, err
	}
	x := citationEntry{
		ID: c.ID, Document: d.ID, Title: d.Title, Publisher: d.Publisher, Authors: d.Authors, URL: d.URL, Published: d.Published, Lang: d.Lang,
		DocumentKind: d.Kind, License: d.License, Quote: c.Quote, Start: c.Start, End: c.End, Locator: c.Locator,
		Verdict: c.Verdict, Modality: c.Modality, StatedOn: c.StatedOn, Confidence: c.Confidence, Verification: c.Verification, Note: c.Note,
	}
	if speaker != nil {
		x.Speaker = speaker.ID
	}
	for _, e := range via {
		x.Via = append(x.Via, e.ID)
	}
	return x, nil
}

// daysOf are the earliest and the latest day of a date; empty for an open end and for a date that has none.
func daysOf(date string) (first, last string) {
	if date == "" {
		return "", ""
	}
	d, err := edtf.Parse(date)
	if err != nil {
		return "", "" // what is stored was checked
	}
	if day, ok := d.Earliest(); ok {
		first = day.String()
	}
	if day, ok := d.Latest(); ok {
		last = day.String()
	}
	return first, last
}
