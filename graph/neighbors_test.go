package graph_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/vocab"
)

// cast is a graph drawn at random, with the naive facts beside it.
type cast struct {
	*fixture
	facts []fact
	same  map[string]string // merged into
}

type fact struct {
	id, typ, from, to, date string
	stance                  *int
}

func (c *cast) shown(id string) string {
	for c.same[id] != "" {
		id = c.same[id]
	}
	return id
}

// draw writes a few persons, relations between them, and a merge or two.
func drawCast(t *rapid.T, f *fixture) *cast {
	c := &cast{fixture: f, same: map[string]string{}}
	ids := []string{"ann", "ben", "cid", "dan", "eve"}
	f.mustApply(entity("dan", vocab.KindPerson, "Dan"), entity("eve", vocab.KindPerson, "Éva"),
		graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "is-for", Label: graph.Some("is for"), Stance: graph.Some(1)}},
		graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "is-against", Label: graph.Some("is against"), Stance: graph.Some(-2)}})
	stances := map[string]int{"is-for": 1, "is-against": -2}
	for range rapid.IntRange(0, 14).Draw(t, "relations") {
		x := fact{typ: rapid.SampledFrom([]string{"met-with", "is-for", "is-against"}).Draw(t, "type"),
			from: rapid.SampledFrom(ids).Draw(t, "from"), to: rapid.SampledFrom(ids).Draw(t, "to"),
			date: rapid.SampledFrom([]string{"", "2024", "2025-01", "2025-01-03", "2025-02-01/2025-03-01"}).Draw(t, "date")}
		if s, ok := stances[x.typ]; ok {
			x.stance = &s
		}
		in := relation(x.typ, x.from, x.to, row("doc/2", "r"))
		in.AddRelation.Occurred = x.date
		out := f.mustApply(in)
		if out.Results[0].Operation == graph.Created {
			x.id = out.Results[0].ID
			c.facts = append(c.facts, x)
		}
	}
	for _, m := range [][2]string{{"ann", "ben"}, {"cid", "ann"}} {
		if rapid.Bool().Draw(t, "merge") {
			f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: m[0], Absorb: []string{m[1]}, Reason: "r"}})
			c.same[m[1]] = m[0]
		}
	}
	return c
}

// of are the facts at whose ends an entity stands, newest first, each with the other end.
func (c *cast) of(id string, dir graph.Direction) (facts []fact, others []string) {
	order := slices.Clone(c.facts)
	slices.SortStableFunc(order, func(a, b fact) int { return cmp.Compare(day(b.date), day(a.date)) })
	for _, x := range order {
		from, to := c.shown(x.from), c.shown(x.to)
		out, in := from == id, to == id
		if x.typ == "met-with" {
			out, in = out || in, out || in
		}
		if dir == graph.Out && !out || dir == graph.In && !in || !out && !in {
			continue
		}
		other := from
		if from == id {
			other = to
		}
		facts, others = append(facts, x), append(others, other)
	}
	return facts, others
}

func TestNeighborsAgreeWithANaiveCount(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCast(rt, newFixture(t, 0))
		v := c.view()
		for _, id := range []string{"ann", "cid", "dan"} {
			e := must(v.Entity(t.Context(), id))
			for _, dir := range graph.Directions {
				facts, others := c.of(e.ID, dir)
				want := map[string]string{}
				for i, other := range others {
					if _, done := want[other]; done {
						continue
					}
					n, net, first, last := 0, 0, "", ""
					for j, x := range facts {
						if others[j] != other {
							continue
						}
						n++
						if x.stance != nil {
							net += *x.stance
						}
						if x.date != "" {
							first = x.date
							if last == "" {
								last = x.date
							}
						}
					}
					want[other] = fmt.Sprint(n, net, first, last, facts[i].id)
				}
				p := must(e.Neighbors(t.Context(), nil, nil, dir, nil, graph.PageArgs{}))
				if len(p.Items) != len(want) || must(p.Total()) != len(want) {
					rt.Fatalf("%s %s: %d neighbours; want %d", id, dir, len(p.Items), len(want))
				}
				last := 1 << 30
				for _, n := range p.Items {
					newest := must(n.Relations(t.Context(), 1))
					if got := fmt.Sprint(n.RelationCount, n.NetStance, n.FirstOccurred, n.LastOccurred, newest[0].ID); got != want[n.Entity.ID] {
						rt.Fatalf("%s %s %s: %s; want %s", id, dir, n.Entity.ID, got, want[n.Entity.ID])
					}
					if n.RelationCount > last {
						rt.Fatal("not sorted by count")
					}
					last = n.RelationCount
				}
			}
		}
	})
}

func TestQuantifiersAgreeWithANaiveFilter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCast(rt, newFixture(t, 0))
		v := c.view()
		typ := rapid.SampledFrom([]string{"met-with", "is-for", "is-against"}).Draw(rt, "type")
		dir := rapid.SampledFrom(graph.Directions).Draw(rt, "direction")
		none := rapid.Bool().Draw(rt, "none")
		least := rapid.IntRange(0, 4).Draw(rt, "degree")
		if v.Revision() == 0 {
			rt.Fatal("nothing was written")
		}
		q := &graph.RelationQuantifier{Some: &graph.RelationFilter{Types: []string{typ}}, Direction: dir}
		if none {
			q = &graph.RelationQuantifier{None: q.Some, Direction: dir}
		}
		p := must(v.Entities(t.Context(), &graph.EntityFilter{Relations: q, Degree: &graph.IntRange{GTE: &least}}, nil, graph.PageArgs{}))
		var got, want []string
		for _, e := range p.Items {
			got = append(got, e.ID)
		}
		for _, id := range []string{"ann", "ben", "cid", "dan", "eve", "plan", "crimea", "rome"} {
			all, _ := c.of(id, graph.Both)
			facts, _ := c.of(id, dir)
			some := slices.ContainsFunc(facts, func(x fact) bool { return x.typ == typ })
			if c.same[id] == "" && some != none && len(all) >= least {
				want = append(want, id)
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			rt.Fatalf("%s %s none=%v degree>=%d: %v; want %v", typ, dir, none, least, got, want)
		}
	})
}

func TestConflicts(t *testing.T) {
	f := newFixture(t, 0)
	dated := func(typ, date string, cites ...graph.CitationInput) graph.Change {
		c := relation(typ, "ann", "plan", cites...)
		c.AddRelation.Occurred = date
		return c
	}
	words := quote("doc/1", "Ann rejects the plan")
	denied := words
	denied.Verdict = graph.Denies
	ids := map[string]string{}
	for name, c := range map[string]graph.Change{
		"supports":       dated("supports", "2025-04", row("doc/2", "1")),
		"rejects":        dated("rejects", "2025-04-25", words),
		"rejected later": dated("rejects", "2025-05", row("doc/2", "2")),
		"undated":        dated("opposes", "", row("doc/2", "3")),
		"neutral":        dated("declines-to-state", "2025-04", row("doc/2", "4")),
		"accepts":        dated("accepts", "2023", denied), // another time, but the words that affirm the rejection deny it
		"other":          relation("rejects", "ben", "plan", row("doc/2", "5")),
	} {
		ids[f.mustApply(c).Results[0].ID] = name
	}
	for name, want := range map[string]string{
		"supports": "rejects undated", "rejects": "accepts supports", "rejected later": "", "undated": "accepts supports", "neutral": "", "accepts": "rejects undated", "other": "",
	} {
		for id, n := range ids {
			if n != name {
				continue
			}
			var got []string
			for _, r := range must(must(f.view().Relation(t.Context(), id)).Conflicts(t.Context(), 10)) {
				got = append(got, ids[r.ID])
			}
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("%s conflicts with %v; want %s", name, got, want)
			}
		}
	}
}

func TestImpact(t *testing.T) {
	f := newFixture(t, 0)
	deny := row("doc/2", "2")
	deny.Verdict = graph.Denies
	out := f.mustApply(
		relation("met-with", "ann", "ben", row("doc/1", "1")),                           // lost
		relation("met-with", "ann", "cid", row("doc/1", "1"), row("doc/2", "1")),        // corroborated, then reported
		relation("met-with", "ben", "cid", row("doc/2", "1")),                           // untouched
		relation("supports", "ann", "plan", row("doc/1", "1"), deny),                    // contested, then denied
		relation("supports", "ben", "plan", row("doc/1", "1"), row("doc/1", "2")),       // lost
		relation("supports", "cid", "plan", row("doc/2", "1"), deny, row("doc/1", "1")), // contested before and after
	)
	i := must(must(f.view().Document(t.Context(), "doc/1")).Impact(t.Context()))
	var changed []string
	for _, r := range must(i.Relations(t.Context(), 10)) {
		changed = append(changed, r.ID)
	}
	want := []string{out.Results[0].ID, out.Results[1].ID, out.Results[3].ID, out.Results[4].ID}
	if i.Citations != 6 || i.RelationsLost != 2 || i.RelationsWeakened != 2 || !slices.Equal(changed, want) {
		t.Errorf("%+v, changed %v; want %v", i, changed, want)
	}
}
