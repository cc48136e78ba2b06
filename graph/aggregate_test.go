package graph_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/vocab"
)

// cited is a fact with its sources: a document for each citation, and a speaker or none.
type cited struct {
	fact
	documents, speakers []string
	deny                []bool
}

var (
	publishers = map[string]string{"doc/1": "Press", "doc/2": "Herald", "doc/3": "Press"}
	languages  = map[string]string{"doc/3": "uk"}
)

// drawCited is a graph of cited facts with the naive facts beside it.
func drawCited(t *rapid.T, f *fixture) (*cast, []cited) {
	c := drawCast(t, f)
	d := document("doc/3", "Press", "")
	d.PutDocument.Published, d.PutDocument.Lang, d.PutDocument.Kind = graph.Some("2024"), graph.Some("uk"), graph.Some(graph.DocumentPost)
	f.mustApply(d)
	var out []cited
	for _, x := range c.facts {
		y := cited{fact: x, documents: []string{"doc/2"}, speakers: []string{""}, deny: []bool{false}}
		for i := range rapid.IntRange(0, 3).Draw(t, "citations") {
			doc, speaker := rapid.SampledFrom([]string{"doc/1", "doc/2", "doc/3"}).Draw(t, "document"), rapid.SampledFrom([]string{"", "ben", "dan"}).Draw(t, "speaker")
			in := row(doc, fmt.Sprint("more ", i))
			in.Speaker = speaker
			deny := rapid.Bool().Draw(t, "deny")
			if deny {
				in.Verdict = graph.Denies
			}
			rel := relation(x.typ, x.from, x.to, in)
			rel.AddRelation.Occurred = x.date
			f.mustApply(rel)
			y.documents, y.speakers, y.deny = append(y.documents, doc), append(y.speakers, speaker), append(y.deny, deny)
		}
		out = append(out, y)
	}
	slices.SortStableFunc(out, func(a, b cited) int { return cmp.Compare(day(b.date), day(a.date)) })
	return c, out
}

// values is the naive reading of a key.
func (c *cast) values(x cited, key graph.StatsKey) []string {
	set := map[string]bool{}
	switch key {
	case graph.KeyType:
		set[x.typ] = true
	case graph.KeyFrom:
		set[c.shown(x.from)] = true
	case graph.KeyTo:
		set[c.shown(x.to)] = true
	case graph.KeyStance:
		if x.stance != nil {
			set[fmt.Sprint(*x.stance)] = true
		}
	case graph.KeyStatus:
		set[naiveStatus(x)] = true
	}
	for i, d := range x.documents {
		switch key {
		case graph.KeyDocument:
			set[d] = true
		case graph.KeyPublisher:
			set[publishers[d]] = true
		case graph.KeySpeaker:
			if x.speakers[i] != "" {
				set[c.shown(x.speakers[i])] = true
			}
		case graph.KeyLang:
			if languages[d] != "" {
				set[languages[d]] = true
			}
		case graph.KeyDocumentKind:
			set[map[bool]string{true: "post", false: "other"}[d == "doc/3"]] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

func naiveStatus(x cited) string {
	affirming, denied := map[string]bool{}, false
	for i, d := range x.documents {
		if x.deny[i] {
			denied = true
		} else {
			affirming[publishers[d]] = true
		}
	}
	switch {
	case denied:
		return "contested" // the first citation always affirms
	case len(affirming) > 1:
		return "corroborated"
	}
	return "reported"
}

func TestFacetsAgreeWithANaiveCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, facts := drawCited(rt, newFixture(t, 0))
		limit := rapid.IntRange(0, 3).Draw(rt, "limit")
		p := must(c.view().Relations(t.Context(), nil, nil, graph.PageArgs{}))
		if n := must(p.Stats().Count(t.Context())); n != len(facts) {
			rt.Fatalf("count %d; want %d", n, len(facts))
		}
		facets := must(p.Stats().Facets(t.Context(), graph.StatsKeys, limit))
		for i, key := range graph.StatsKeys {
			counts, missing, other := map[string]int{}, 0, 0
			for _, x := range facts {
				for _, v := range c.values(x, key) {
					counts[v]++
				}
			}
			order := slices.SortedFunc(maps.Keys(counts), func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
			order = order[:min(limit, len(order))]
			for _, x := range facts {
				values := c.values(x, key)
				if len(values) == 0 {
					missing++
				} else if !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(order, v) }) {
					other++
				}
			}
			var got, want []string
			for _, v := range facets[i].Values {
				got = append(got, fmt.Sprint(v.Value, v.Count))
			}
			for _, v := range order {
				want = append(want, fmt.Sprint(v, counts[v]))
			}
			if !slices.Equal(got, want) || facets[i].Missing != missing || facets[i].Other != other {
				rt.Fatalf("%s: %v, missing %d, other %d; want %v, %d, %d", key, got, facets[i].Missing, facets[i].Other, want, missing, other)
			}
		}
	})
}

func TestGroupsAndMatrixAgreeWithANaiveCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c, facts := drawCited(rt, newFixture(t, 0))
		rows, columns := rapid.SampledFrom(graph.StatsKeys).Draw(rt, "rows"), rapid.SampledFrom(graph.StatsKeys).Draw(rt, "columns")
		counts, net, docs := map[string]int{}, map[string]int{}, map[string]map[string]bool{}
		for _, x := range facts {
			for _, r := range c.values(x, rows) {
				for _, col := range c.values(x, columns) {
					k := r + "|" + col
					counts[k]++
					if x.stance != nil {
						net[k] += *x.stance
					}
					if docs[k] == nil {
						docs[k] = map[string]bool{}
					}
					for _, d := range x.documents {
						docs[k][d] = true
					}
				}
			}
		}
		s := must(c.view().Relations(t.Context(), nil, nil, graph.PageArgs{})).Stats()
		got := map[string]string{}
		last := 1 << 30
		for _, g := range must(s.Groups(t.Context(), []graph.StatsKey{rows, columns}, graph.GroupsByCount, nil, 1000)) {
			k := g.Keys[0].Value + "|" + g.Keys[1].Value
			got[k] = fmt.Sprint(g.Count, g.NetStance, must(g.Documents(t.Context())))
			if g.Count > last || len(must(g.Sample(t.Context(), 100))) != g.Count {
				rt.Fatal("groups are not sorted, or a sample is not whole")
			}
			last = g.Count
		}
		want := map[string]string{}
		for k, n := range counts {
			want[k] = fmt.Sprint(n, net[k], len(docs[k]))
		}
		if !maps.Equal(got, want) {
			rt.Fatalf("groups by %s and %s: %v; want %v", rows, columns, got, want)
		}
		m := must(s.Matrix(t.Context(), rows, columns, 1000))
		cells := map[string]string{}
		for _, cell := range m.Cells {
			cells[m.Rows[cell.Row].Value+"|"+m.Columns[cell.Column].Value] = fmt.Sprint(cell.Count, cell.NetStance)
		}
		for k := range want {
			want[k] = fmt.Sprint(counts[k], net[k])
		}
		if !maps.Equal(cells, want) {
			rt.Fatalf("matrix of %s by %s: %v; want %v", rows, columns, cells, want)
		}
	})
}

// TestTimeline holds the rules for coarse and missing dates by a table.
func TestTimeline(t *testing.T) {
	f := newFixture(t, 0)
	for i, date := range []string{"2024-02-28", "2024-02-29", "2024-03-01", "2024-03", "2024", "", "2024-12-30", "2025-01-01", "2024-02-10/2024-02-20", "2025/.."} {
		c := relation("met-with", "ann", "ben", row("doc/2", "1"))
		c.AddRelation.Occurred, c.AddRelation.Condition = date, fmt.Sprint(i)
		f.mustApply(c)
	}
	s := must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{})).Stats()
	for _, c := range []struct {
		interval graph.TimeInterval
		from, to string
		fill     bool
		want     string
	}{
		{graph.IntervalYear, "", "", true, "2024:7 2025:1 imprecise 1 undated 1"},
		{graph.IntervalQuarter, "", "", true, "2024-01:5 2024-04:0 2024-07:0 2024-10:1 2025-01:1 imprecise 2 undated 1"},
		{graph.IntervalMonth, "", "", false, "2024-02:3 2024-03:2 2024-12:1 2025-01:1 imprecise 2 undated 1"},
		{graph.IntervalMonth, "2024-02", "2024-04", true, "2024-02:3 2024-03:2 imprecise 1 undated 0"},
		{graph.IntervalWeek, "2024-12", "2025-02", false, "2024-12-30:2 imprecise 2 undated 0"},
		{graph.IntervalDay, "2024-02-28", "2024-03-03", true, "2024-02-28:1 2024-02-29:1 2024-03-01:1 2024-03-02:0 imprecise 2 undated 0"},
	} {
		in := graph.TimelineInput{Interval: c.interval, Fill: c.fill, Limit: 12}
		if c.from != "" {
			in.Range = &graph.DateRange{From: &c.from, To: &c.to}
		}
		series := must(s.Timeline(t.Context(), in))
		var got []string
		for _, b := range series[0].Buckets {
			got = append(got, fmt.Sprint(b.Start, ":", b.Count))
		}
		got = append(got, fmt.Sprint("imprecise ", series[0].Imprecise, " undated ", series[0].Undated))
		if line := strings.Join(got, " "); line != c.want {
			t.Errorf("%s from %s to %s: %s; want %s", c.interval, c.from, c.to, line, c.want)
		}
	}
	_, err := s.Timeline(t.Context(), graph.TimelineInput{Interval: graph.IntervalDay, Fill: true, Range: &graph.DateRange{From: ptr("1000"), To: ptr("2000")}})
	if err == nil || !strings.Contains(err.Error(), "10000 buckets") {
		t.Errorf("a timeline of 1,000 years in days: %v", err)
	}
}

func TestTimelineSplitsAndGoesByOtherDates(t *testing.T) {
	clock := time.Date(2025, 5, 6, 12, 0, 0, 0, time.UTC)
	g := must(graph.Open(t.Context(), engines[0].open(t), graph.Options{Now: func() time.Time { return clock }}))
	defer g.Close()
	f := &fixture{t, g}
	f.mustApply(entity("ann", vocab.KindPerson, "Ann"), entity("plan", vocab.KindProposal, "Plan"), document("doc/1", "P", ""), document("doc/2", "Q", ""))
	f.mustApply(relation("supports", "ann", "plan", row("doc/1", "1")), relation("rejects", "ann", "plan", row("doc/1", "1"), row("doc/2", "1")))
	s := must(f.view().Relations(t.Context(), nil, nil, graph.PageArgs{})).Stats()
	key := graph.KeyPublisher
	for on, want := range map[graph.TimeField]string{graph.TimePublished: "P 2025-04-25 2 -1, Q 2025-04-25 1 -2", graph.TimeRecorded: "P 2025-05-06 2 -1, Q 2025-05-06 1 -2"} {
		var got []string
		for _, series := range must(s.Timeline(t.Context(), graph.TimelineInput{Interval: graph.IntervalDay, On: on, SplitBy: &key, Limit: 5})) {
			for _, b := range series.Buckets {
				got = append(got, fmt.Sprint(series.Key.Value, " ", b.Start, " ", b.Count, " ", b.NetStance))
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("on %s: %v; want %s", on, got, want)
		}
	}
}

// TestCountsOfWithdrawnRelations counts a relation none of whose citations stands: it has no sources to be counted by.
func TestCountsOfWithdrawnRelations(t *testing.T) {
	f := newFixture(t, 0)
	id := f.mustApply(relation("supports", "ann", "plan", row("doc/1", "1"), row("doc/2", "1"))).Results[0].ID
	f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: id, Reason: "a slip"}})
	filter := &graph.RelationFilter{Status: []graph.RelationStatus{graph.StatusRetracted}}
	s := must(f.view().Relations(t.Context(), filter, nil, graph.PageArgs{})).Stats()
	for _, facet := range must(s.Facets(t.Context(), []graph.StatsKey{graph.KeyPublisher, graph.KeyDocument, graph.KeyDocumentKind}, 9)) {
		if len(facet.Values) != 0 || facet.Other != 0 || facet.Missing != 1 {
			t.Errorf("facet %+v; want one relation without a value", facet)
		}
	}
	for _, g := range must(s.Groups(t.Context(), []graph.StatsKey{graph.KeyType}, graph.GroupsByCount, nil, 9)) {
		if g.Count != 1 || must(g.Documents(t.Context())) != 0 || must(g.Publishers(t.Context())) != 0 {
			t.Errorf("%d relations with %d documents; want 1 with none", g.Count, must(g.Documents(t.Context())))
		}
	}
	if series := must(s.Timeline(t.Context(), graph.TimelineInput{Interval: graph.IntervalYear, On: graph.TimePublished})); series[0].Undated != 1 {
		t.Errorf("the timeline by publication is %+v; want one undated relation", series)
	}
}
