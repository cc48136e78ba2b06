package graph_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store"
)

// The model is a naive graph: plain maps, copied whole after every revision.
// What the graph answers at any revision is compared with what the model was then.

type modelEntity struct {
	kind    vocab.Kind
	name    string
	deleted bool
	order   int
}

type modelDocument struct{ publisher, published, derivedFrom, text string }

type modelCitation struct {
	document, quote, locator string
	start                    int // -1 without a place
	verdict                  graph.Verdict
	live                     bool
	verification             graph.Verification
}

type modelRelation struct {
	typ, from, to, occurred string
	order                   int
	citations               map[string]*modelCitation // by what identifies them
}

type model struct {
	entities  map[string]*modelEntity
	parents   map[string]string
	documents map[string]*modelDocument
	relations map[string]*modelRelation // by content
	made      int
}

func newModel() *model {
	return &model{map[string]*modelEntity{}, map[string]string{}, map[string]*modelDocument{}, map[string]*modelRelation{}, 0}
}

func (m *model) copy() *model {
	c := newModel()
	c.made = m.made
	for id, e := range m.entities {
		x := *e
		c.entities[id] = &x
	}
	maps.Copy(c.parents, m.parents)
	for id, d := range m.documents {
		x := *d
		c.documents[id] = &x
	}
	for key, r := range m.relations {
		x := *r
		x.citations = map[string]*modelCitation{}
		for k, cit := range r.citations {
			y := *cit
			x.citations[k] = &y
		}
		c.relations[key] = &x
	}
	return c
}

func (m *model) survivor(id string) string {
	for m.parents[id] != "" {
		id = m.parents[id]
	}
	return id
}

func (m *model) there(id string) bool { return m.entities[id] != nil && !m.entities[id].deleted }

func (r *modelRelation) live() (out []*modelCitation) {
	for _, c := range r.citations {
		if c.live {
			out = append(out, c)
		}
	}
	return out
}

var (
	modelTypes  = []string{"met-with", "is-for", "is-against"}
	modelStance = map[string]int{"is-for": 1, "is-against": -2}
	modelDates  = []string{"", "2025-04-25", "2025-04", "2024/..", "2025-04-26?"}
	modelTexts  = []string{"", "Ann met Ben. Cid was away.", "Cid was away. Ann met Ben. Ann met Ben.", "Перед встречей: Ann met Ben.", "Nothing of the sort."}
	modelQuotes = []string{"Ann met Ben", "Cid was away", "Ann"}
	modelIDs    = []string{"a", "b", "c", "d"}
	modelDocs   = []string{"doc/1", "doc/2", "doc/3"}
)

func contentKey(typ, from, to, occurred string) string {
	if typ == "met-with" && to < from {
		from, to = to, from
	}
	return strings.Join([]string{typ, from, to, occurred}, "|")
}

// machine drives the graph and the model side by side.
type machine struct {
	ctx     context.Context
	g       *graph.Graph
	m       *model
	states  []*model // by revision
	exports [][]byte
}

func (x *machine) apply(t *rapid.T, c graph.Change, want graph.UserErrorCode, change func()) {
	out, err := x.g.Apply(x.ctx, graph.Batch{Changes: []graph.Change{c}, By: "model"})
	if err != nil {
		t.Fatal(err)
	}
	got := graph.UserErrorCode("")
	if len(out.Errors) > 0 {
		got = out.Errors[0].Code
	}
	if got != want {
		t.Fatalf("the graph answers %v, the model %q", out.Errors, want)
	}
	before := len(x.states)
	if want == "" {
		change()
	}
	if out.Revision == 0 {
		if want == "" && out.Results[0].Operation != graph.Unchanged {
			t.Fatalf("nothing was written, yet the operation is %s", out.Results[0].Operation)
		}
		return
	}
	if int(out.Revision) != before {
		t.Fatalf("revision %d follows %d", out.Revision, before-1)
	}
	x.states = append(x.states, x.m.copy())
	x.exports = append(x.exports, exportAt(t, x.ctx, x.g, out.Revision))
}

func exportAt(t *rapid.T, ctx context.Context, g *graph.Graph, rev graph.Revision) []byte {
	v, err := g.View(ctx, graph.At{Revision: &rev})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Release()
	var b bytes.Buffer
	for r, err := range v.Records(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		j, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		b.Write(append(j, '\n'))
	}
	return b.Bytes()
}

func (x *machine) putEntity(t *rapid.T) {
	id, name := rapid.SampledFrom(modelIDs).Draw(t, "id"), rapid.SampledFrom([]string{"Ann", "Ben", "Кирилл"}).Draw(t, "name")
	x.apply(t, graph.Change{PutEntity: &graph.EntityInput{ID: id, Kind: graph.Some(vocab.KindPerson), Name: graph.Some(name)}}, "", func() {
		e := x.m.entities[id]
		if e == nil {
			x.m.made++
			e = &modelEntity{order: x.m.made}
			x.m.entities[id] = e
		}
		e.kind, e.name, e.deleted = vocab.KindPerson, name, false
	})
}

func (x *machine) deleteEntity(t *rapid.T) {
	id := rapid.SampledFrom(modelIDs).Draw(t, "id")
	want := graph.UserErrorCode("")
	switch {
	case !x.m.there(id):
		want = graph.CodeNotFound
	case x.m.parents[id] != "" || slices.Contains(slices.Collect(maps.Values(x.m.parents)), id):
		want = graph.CodeConflict
	}
	for _, r := range x.m.relations {
		if (r.from == id || r.to == id) && len(r.live()) > 0 && x.m.there(id) {
			want = graph.CodeConflict
		}
	}
	x.apply(t, graph.Change{DeleteEntity: &graph.RetractInput{ID: id, Reason: "r"}}, want, func() { x.m.entities[id].deleted = true })
}

func (x *machine) putDocument(t *rapid.T) {
	id := rapid.SampledFrom(modelDocs).Draw(t, "id")
	d := modelDocument{
		publisher: rapid.SampledFrom([]string{"P", "Q"}).Draw(t, "publisher"),
		published: rapid.SampledFrom([]string{"2025-01-01", "2025-02", ""}).Draw(t, "published"),
		text:      rapid.SampledFrom(modelTexts).Draw(t, "text"),
	}
	if from := rapid.SampledFrom(append([]string{""}, modelDocs...)).Draw(t, "from"); from != "" && x.m.documents[from] != nil {
		d.derivedFrom = from
	}
	want := graph.UserErrorCode("")
	for at := d.derivedFrom; at != ""; at = x.m.documents[at].derivedFrom {
		if at == id {
			want = graph.CodeInvalid
			break
		}
	}
	in := &graph.DocumentInput{ID: id, Title: graph.Some("T"), Publisher: graph.Some(d.publisher), Published: graph.Some(d.published), DerivedFrom: graph.Some(d.derivedFrom), Text: graph.Some(d.text)}
	x.apply(t, graph.Change{PutDocument: in}, want, func() {
		old := x.m.documents[id]
		x.m.documents[id] = &d
		if old != nil && old.text != d.text {
			x.recheck(id, d.text)
		}
	})
}

// recheck is the rule for a new text, in plain words: where it stood, else the only place, else orphaned.
func (x *machine) recheck(doc, text string) {
	for _, r := range x.m.relations {
		for _, c := range r.citations {
			if c.document != doc || c.quote == "" {
				continue
			}
			at := places(text, c.quote)
			switch {
			case text == "":
				c.verification = graph.Unverified
			case slices.Contains(at, c.start):
				c.verification = graph.Verified
			case len(at) == 1:
				c.verification, c.start = graph.Verified, at[0]
			default:
				c.verification = graph.Orphaned
			}
		}
	}
}

// places are the code points at which a quote begins.
func places(text, quote string) (out []int) {
	runes, q := []rune(text), []rune(quote)
	for i := 0; i+len(q) <= len(runes); i++ {
		if slices.Equal(runes[i:i+len(q)], q) {
			out = append(out, i)
		}
	}
	return out
}

func (x *machine) addRelation(t *rapid.T) {
	typ := rapid.SampledFrom(modelTypes).Draw(t, "type")
	from, to := rapid.SampledFrom(modelIDs).Draw(t, "from"), rapid.SampledFrom(modelIDs).Draw(t, "to")
	occurred := rapid.SampledFrom(modelDates).Draw(t, "occurred")
	doc := rapid.SampledFrom(modelDocs).Draw(t, "document")
	c := &modelCitation{document: doc, start: -1, live: true, verdict: rapid.SampledFrom(graph.Verdicts).Draw(t, "verdict"), verification: graph.Unverified}
	in := graph.CitationInput{Document: doc, Verdict: c.verdict}
	want := graph.UserErrorCode("")
	if rapid.Bool().Draw(t, "quoted") {
		c.quote = rapid.SampledFrom(modelQuotes).Draw(t, "quote")
		in.Quote = c.quote
	} else {
		c.locator = "row 1"
		in.Locator = c.locator
	}
	if !x.m.there(from) || !x.m.there(to) || x.m.documents[doc] == nil {
		want = graph.CodeNotFound
	} else if d := x.m.documents[doc]; c.quote != "" && d.text != "" {
		switch at := places(d.text, c.quote); len(at) {
		case 0:
			want = graph.CodeQuoteNotFound
		case 1:
			c.start, c.verification = at[0], graph.Verified
		default:
			want = graph.CodeQuoteAmbiguous
		}
	}
	rel := graph.RelationInput{Type: typ, From: from, To: to, Occurred: occurred, Citations: []graph.CitationInput{in}}
	x.apply(t, graph.Change{AddRelation: &rel}, want, func() { x.cite(typ, from, to, occurred, c) })
}

func (x *machine) cite(typ, from, to, occurred string, c *modelCitation) {
	key := contentKey(typ, from, to, occurred)
	r := x.m.relations[key]
	if r == nil {
		x.m.made++
		r = &modelRelation{typ, from, to, occurred, x.m.made, map[string]*modelCitation{}}
		x.m.relations[key] = r
	}
	for _, o := range r.citations {
		if o.document == c.document && o.quote == c.quote && o.locator == c.locator && o.start == c.start && o.verdict == c.verdict {
			if !o.live {
				o.live, o.verification = true, c.verification
			}
			return
		}
	}
	r.citations[fmt.Sprint(len(r.citations))] = c
}

// someCitation draws a citation of the model and finds its id in the graph.
func (x *machine) someCitation(t *rapid.T) (key string, c *modelCitation, relation, id string) {
	keys := slices.Sorted(maps.Keys(x.m.relations))
	if len(keys) == 0 {
		t.Skip("no relation yet")
	}
	key = rapid.SampledFrom(keys).Draw(t, "relation")
	r := x.m.relations[key]
	c = r.citations[rapid.SampledFrom(slices.Sorted(maps.Keys(r.citations))).Draw(t, "citation")]
	v := x.view(t, nil)
	defer v.Release()
	rel := x.find(t, v, r)
	cites, err := rel.Citations(x.ctx, nil, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range cites {
		if sameCitation(t, x.ctx, o, c) {
			return key, c, rel.ID, o.ID
		}
	}
	if c.live {
		t.Fatalf("the graph lacks the citation %+v of %s", c, key)
	}
	t.Skip("a withdrawn citation of a live relation is not listed")
	return "", nil, "", ""
}

func sameCitation(t *rapid.T, ctx context.Context, o *graph.Citation, c *modelCitation) bool {
	d, err := o.Document(ctx)
	if err != nil {
		t.Fatal(err)
	}
	start := -1
	if o.Start != nil {
		start = *o.Start
	}
	shown := -1
	if c.verification == graph.Verified {
		shown = c.start
	}
	return d.ID == c.document && o.Quote == c.quote && o.Locator == c.locator && o.Verdict == c.verdict && start == shown && o.Verification == c.verification
}

func (x *machine) view(t *rapid.T, rev *graph.Revision) *graph.View {
	v, err := x.g.View(x.ctx, graph.At{Revision: rev})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// find reads the relation of that content by its ends as written.
func (x *machine) find(t *rapid.T, v *graph.View, r *modelRelation) *graph.Relation {
	f := &graph.RelationFilter{Types: []string{r.typ}, Status: graph.RelationStatuses}
	n := 1000
	p, err := v.Relations(x.ctx, f, []graph.RelationOrder{{Field: graph.ByRecorded}}, graph.PageArgs{First: &n})
	if err != nil {
		t.Fatal(err)
	}
	// The model numbers entities and relations together; among relations of one type the order of recording is the same.
	var same []*modelRelation
	for _, o := range x.m.relations {
		if o.typ == r.typ {
			same = append(same, o)
		}
	}
	slices.SortFunc(same, func(a, b *modelRelation) int { return cmp.Compare(a.order, b.order) })
	if len(same) != len(p.Items) {
		t.Fatalf("%d relations of type %s; the model has %d", len(p.Items), r.typ, len(same))
	}
	return p.Items[slices.Index(same, r)]
}

func (x *machine) retractCitation(t *rapid.T) {
	_, c, _, id := x.someCitation(t)
	x.apply(t, graph.Change{RetractCitation: &graph.RetractInput{ID: id, Reason: "r"}}, "", func() { c.live = false })
}

func (x *machine) retractRelation(t *rapid.T) {
	key, _, id, _ := x.someCitation(t)
	x.apply(t, graph.Change{RetractRelation: &graph.RetractInput{ID: id, Reason: "r"}}, "", func() {
		for _, c := range x.m.relations[key].citations {
			c.live = false
		}
	})
}

func (x *machine) merge(t *rapid.T) {
	keep, absorb := rapid.SampledFrom(modelIDs).Draw(t, "keep"), rapid.SampledFrom(modelIDs).Draw(t, "absorb")
	want := graph.UserErrorCode("")
	already := false
	for at := x.m.parents[absorb]; at != ""; at = x.m.parents[at] {
		already = already || at == keep
	}
	switch {
	case !x.m.there(keep) || !x.m.there(absorb):
		want = graph.CodeNotFound
	case already:
	case x.m.survivor(keep) == x.m.survivor(absorb):
		want = graph.CodeInvalid
	}
	x.apply(t, graph.Change{MergeEntities: &graph.MergeInput{Keep: keep, Absorb: []string{absorb}, Reason: "r"}}, want, func() {
		if !already {
			x.m.parents[x.m.survivor(absorb)] = keep
		}
	})
}

func (x *machine) unmerge(t *rapid.T) {
	id, from := rapid.SampledFrom(modelIDs).Draw(t, "id"), rapid.SampledFrom(modelIDs).Draw(t, "from")
	inside := false
	for at := x.m.parents[id]; at != ""; at = x.m.parents[at] {
		inside = inside || at == from
	}
	want := graph.UserErrorCode("")
	if !inside {
		want = graph.CodeNotFound
	}
	x.apply(t, graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: id, From: from, Reason: "r"}}, want, func() { delete(x.m.parents, id) })
}

// TestModel runs random operations and compares every revision with the model, on every engine.
func TestModel(t *testing.T) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				g, done := openIn(rt, e.open(t))
				defer done()
				x := &machine{ctx: context.Background(), g: g, m: newModel(), states: []*model{newModel()}, exports: [][]byte{nil}}
				for _, typ := range modelTypes[1:] {
					in := &graph.RelationTypeInput{ID: typ, Label: graph.Some(typ), Stance: graph.Some(modelStance[typ])}
					x.apply(rt, graph.Change{PutRelationType: in}, "", func() {})
				}
				rt.Repeat(map[string]func(*rapid.T){
					"put entity": x.putEntity, "put entity again": x.putEntity, "put document": x.putDocument, "delete entity": x.deleteEntity,
					"add relation": x.addRelation, "cite": x.addRelation, "say": x.addRelation,
					"retract citation": x.retractCitation, "retract relation": x.retractRelation,
					"merge": x.merge, "unmerge": x.unmerge,
				})
				for rev, m := range x.states {
					x.compare(rt, graph.Revision(rev), m)
				}
				report, err := g.Verify(x.ctx, graph.VerifyOptions{})
				if err != nil || len(report.Problems) > 0 {
					rt.Fatalf("verify: %v, %v", report, err)
				}
			})
		})
	}
}

func openIn(t *rapid.T, st store.Store) (*graph.Graph, func()) {
	g, err := graph.Open(context.Background(), st, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return g, func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}
}
