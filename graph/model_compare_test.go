package graph_test

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/edtf"
)

// compare asks the graph everything at one revision and expects what the model says.
func (x *machine) compare(t *rapid.T, rev graph.Revision, m *model) {
	v := x.view(t, &rev)
	defer v.Release()
	if !bytes.Equal(x.exports[rev], exportAt(t, x.ctx, x.g, rev)) {
		t.Fatalf("the export at revision %d is no longer what it was", rev)
	}
	expect(t, rev, "counts", counts(t, x, v), m.counts())
	for _, id := range modelIDs {
		expect(t, rev, "entity "+id, x.describeEntity(t, v, id), m.describeEntity(id))
	}
	n := 1000
	p, err := v.Relations(x.ctx, nil, nil, graph.PageArgs{First: &n})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range p.Items {
		got = append(got, x.describeRelation(t, r))
	}
	expect(t, rev, "relations", got, m.describeRelations())
	total, err := p.Total()
	if err != nil || total != len(got) {
		t.Fatalf("revision %d: total %d, %v; %d listed", rev, total, err, len(got))
	}
	x.comparePages(t, v, rev, got)
	expect(t, rev, "positions", x.positions(t, v), m.positions())
}

func expect(t *rapid.T, rev graph.Revision, what string, got, want any) {
	if g, w := fmt.Sprintf("%v", got), fmt.Sprintf("%v", want); g != w {
		t.Fatalf("revision %d, %s:\n  graph %s\n  model %s", rev, what, g, w)
	}
}

func counts(t *rapid.T, x *machine, v *graph.View) graph.Counts {
	c, err := v.Counts(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (m *model) counts() graph.Counts {
	c := graph.Counts{Documents: len(m.documents)}
	for id := range m.entities {
		if m.there(id) && m.survivor(id) == id {
			c.Entities++
		}
	}
	for _, r := range m.relations {
		if n := len(r.live()); n > 0 {
			c.Relations++
			c.Citations += n
		}
	}
	return c
}

func (x *machine) describeEntity(t *rapid.T, v *graph.View, id string) string {
	e, err := v.Entity(x.ctx, id)
	if graph.IsNotFound(err) {
		return "none"
	}
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, n := range e.Names() {
		names[n.Text] = true
	}
	out := []string{e.ID, e.MainName, strings.Join(slices.Sorted(maps.Keys(names)), "/")}
	for _, d := range graph.Directions {
		n, err := e.Degree(x.ctx, nil, d)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprint(n))
	}
	return strings.Join(out, " ")
}

func (m *model) describeEntity(id string) string {
	if !m.there(id) {
		return "none"
	}
	id = m.survivor(id)
	names := map[string]bool{}
	for o, e := range m.entities {
		if m.there(o) && m.survivor(o) == id {
			names[e.name] = true
		}
	}
	var outs, ins, both int
	for _, r := range m.relations {
		if len(r.live()) == 0 {
			continue
		}
		from, to := m.survivor(r.from) == id, m.survivor(r.to) == id
		symmetric := r.typ == "met-with"
		if from || symmetric && to {
			outs++
		}
		if to || symmetric && from {
			ins++
		}
		if from || to {
			both++
		}
	}
	return strings.Join([]string{id, m.entities[id].name, strings.Join(slices.Sorted(maps.Keys(names)), "/"), fmt.Sprint(outs), fmt.Sprint(ins), fmt.Sprint(both)}, " ")
}

func (x *machine) describeRelation(t *rapid.T, r *graph.Relation) string {
	from, err := r.From(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	to, err := r.To(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	status, err := r.Status(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Support(x.ctx)
	if err != nil {
		t.Fatal(err)
	}
	cites, err := r.Citations(x.ctx, nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var c []string
	for _, o := range cites {
		d, err := o.Document(x.ctx)
		if err != nil {
			t.Fatal(err)
		}
		start := -1
		if o.Start != nil {
			start = *o.Start
		}
		c = append(c, fmt.Sprint(d.ID, o.Quote, o.Locator, start, o.Verdict, o.Verification))
	}
	slices.Sort(c)
	return fmt.Sprint(r.Type, " ", from.ID, " ", to.ID, " ", r.Occurred, " ", status, " ", s, " ", c, "\n")
}

func (m *model) describeRelations() (out []string) {
	var live []*modelRelation
	for _, r := range m.relations {
		if len(r.live()) > 0 {
			live = append(live, r)
		}
	}
	slices.SortFunc(live, newestFirst)
	for _, r := range live {
		s, status := m.support(r)
		var c []string
		for _, o := range r.live() {
			start := -1
			if o.verification == graph.Verified {
				start = o.start
			}
			c = append(c, fmt.Sprint(o.document, o.quote, o.locator, start, o.verdict, o.verification))
		}
		slices.Sort(c)
		out = append(out, fmt.Sprint(r.typ, " ", m.survivor(r.from), " ", m.survivor(r.to), " ", r.occurred, " ", status, " ", s, " ", c, "\n"))
	}
	return out
}

func day(date string) edtf.Day {
	if date == "" {
		return edtf.DistantPast
	}
	d, _ := edtf.MustParse(date).Earliest()
	return d
}

func newestFirst(a, b *modelRelation) int {
	return cmp.Or(cmp.Compare(day(b.occurred), day(a.occurred)), cmp.Compare(a.order, b.order))
}

func (m *model) support(r *modelRelation) (s graph.Support, status graph.RelationStatus) {
	docs, publishers, roots := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, c := range r.live() {
		d := m.documents[c.document]
		docs[c.document], publishers[d.publisher] = true, true
		if c.verdict == graph.Denies {
			s.Denying++
		} else {
			s.Affirming++
			root := d
			for root.derivedFrom != "" {
				root = m.documents[root.derivedFrom]
			}
			roots[root.publisher] = true
		}
		if d.published == "" {
			continue
		}
		if s.FirstPublished == "" || day(d.published) < day(s.FirstPublished) {
			s.FirstPublished = d.published
		}
		if s.LastPublished == "" || day(d.published) > day(s.LastPublished) {
			s.LastPublished = d.published
		}
	}
	s.Documents, s.Publishers, s.IndependentSources = len(docs), len(publishers), len(roots)
	switch {
	case s.Affirming > 0 && s.Denying > 0:
		return s, graph.StatusContested
	case s.Affirming == 0:
		return s, graph.StatusDenied
	case len(roots) > 1:
		return s, graph.StatusCorroborated
	}
	return s, graph.StatusReported
}

// comparePages walks in pages of two, forward and backward.
func (x *machine) comparePages(t *rapid.T, v *graph.View, rev graph.Revision, want []string) {
	two := 2
	var forward, backward []string
	args := graph.PageArgs{First: &two}
	for {
		p, err := v.Relations(x.ctx, nil, nil, args)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Items {
			forward = append(forward, x.describeRelation(t, r))
		}
		if !p.HasNext {
			break
		}
		args.After = &p.Cursors[len(p.Cursors)-1]
	}
	args = graph.PageArgs{Last: &two}
	for {
		p, err := v.Relations(x.ctx, nil, nil, args)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range slices.Backward(p.Items) {
			backward = append(backward, x.describeRelation(t, r))
		}
		if !p.HasPrevious {
			break
		}
		args.Before = &p.Cursors[0]
	}
	slices.Reverse(backward)
	expect(t, rev, "a walk forward", forward, want)
	expect(t, rev, "a walk backward", backward, want)
}

func (x *machine) positions(t *rapid.T, v *graph.View) (out []string) {
	n := 1000
	p, err := v.Positions(x.ctx, nil, graph.PageArgs{First: &n})
	if err != nil {
		t.Fatal(err)
	}
	for _, pos := range p.Items {
		s := pos.Actor.ID + " on " + pos.Target.ID + ":"
		for at := pos; at != nil; at = at.Previous {
			s += fmt.Sprint(" ", at.Stance, " since ", at.Since, " ", len(at.Basis))
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func (m *model) positions() (out []string) {
	by := map[string][]*modelRelation{}
	for _, r := range m.relations {
		if _, takes := modelStance[r.typ]; takes && len(r.live()) > 0 {
			k := m.survivor(r.from) + " on " + m.survivor(r.to) + ":"
			by[k] = append(by[k], r)
		}
	}
	newest := func(r *modelRelation) edtf.Day {
		best := edtf.DistantPast
		for _, c := range r.live() {
			best = max(best, day(m.documents[c.document].published))
		}
		return best
	}
	for k, rs := range by {
		slices.SortFunc(rs, func(a, b *modelRelation) int {
			return cmp.Or(cmp.Compare(day(b.occurred), day(a.occurred)), cmp.Compare(newest(b), newest(a)), cmp.Compare(b.order, a.order))
		})
		s := k
		for len(rs) > 0 {
			n := 1
			for n < len(rs) && rs[n].typ == rs[0].typ {
				n++
			}
			s += fmt.Sprint(" ", modelStance[rs[0].typ], " since ", rs[n-1].occurred, " ", n)
			rs = rs[n:]
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}
