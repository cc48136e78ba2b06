package bench

import (
	"context"
	"fmt"
	"slices"

	"chancery/graph"
)

// further are kinds of questions that were not asked of other programs.
func further() []question {
	return []question{cited(), facets(), timeline(), neighborhood(), suggest(), changes(), positions(), texts()}
}

func cited() question {
	return question{
		name: "cited", about: "newest 100 of a hub with their sources", set: "icews-events",
		query: fmt.Sprintf(`{ entity(id: %q) { relations(first: 100) { nodes { `+relationFields+` status citations(first: 1) { quote locator document { id title } } } } } }`, hub),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			e, err := v.Entity(ctx, hub)
			if err != nil {
				return 0, err
			}
			first := 100
			p, err := e.Relations(ctx, nil, graph.Both, nil, graph.PageArgs{First: &first})
			if err != nil {
				return 0, err
			}
			for _, r := range p.Items {
				if _, err := r.Status(ctx); err != nil {
					return 0, err
				}
				citations, err := r.Citations(ctx, nil, 1)
				if err != nil {
					return 0, err
				}
				for _, c := range citations {
					if _, err := c.Document(ctx); err != nil {
						return 0, err
					}
				}
			}
			return readEnds(ctx, p.Items)
		},
		lookup: func(m *memory, _ string) any { return m.actors[hub].newest(100) },
		rows:   newestRows,
	}
}

func facets() question {
	return question{
		name: "facets", about: "a hub's relations by type", set: "icews-events",
		query: fmt.Sprintf(`{ entity(id: %q) { relations(first: 0) { stats { facets(by: [TYPE], limit: 300) { values { value count } } } } } }`, hub),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			e, err := v.Entity(ctx, hub)
			if err != nil {
				return 0, err
			}
			p, err := e.Relations(ctx, nil, graph.Both, nil, graph.PageArgs{First: new(int)})
			if err != nil {
				return 0, err
			}
			f, err := p.Stats().Facets(ctx, []graph.StatsKey{graph.KeyType}, 300)
			if err != nil {
				return 0, err
			}
			return len(f[0].Values), nil
		},
		lookup: func(m *memory, _ string) any {
			counts := map[string]int{}
			for _, r := range m.actors[hub].ends {
				counts[r.Type]++
			}
			return counts
		},
		rows: comparing(
			func(a rootAnswer) (out []string) {
				for _, v := range a.Entity.Relations.Stats.Facets[0].Values {
					out = append(out, fmt.Sprint(v.Value, " ", v.Count))
				}
				slices.Sort(out)
				return out
			}, counted),
	}
}

// counted are the rows of counts by a name.
func counted(counts map[string]int) (out []string) {
	for name, n := range counts {
		out = append(out, fmt.Sprint(name, " ", n))
	}
	slices.Sort(out)
	return out
}

func timeline() question {
	return question{
		name: "timeline", about: "all 350,876 relations by month", set: "icews-events",
		query: `{ relations(first: 0) { stats { timeline(interval: MONTH, fill: false) { buckets { start count } } } } }`,
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			p, err := v.Relations(ctx, nil, nil, graph.PageArgs{First: new(int)})
			if err != nil {
				return 0, err
			}
			t, err := p.Stats().Timeline(ctx, graph.TimelineInput{Interval: graph.IntervalMonth, Limit: 12})
			if err != nil {
				return 0, err
			}
			return len(t[0].Buckets), nil
		},
		lookup: func(m *memory, _ string) any {
			counts := map[string]int{}
			for _, r := range m.relations {
				counts[r.Occurred[:7]]++
			}
			return counts
		},
		rows: comparing(
			func(a rootAnswer) (out []string) {
				for _, b := range a.Relations.Stats.Timeline[0].Buckets {
					out = append(out, fmt.Sprint(b.Start, " ", b.Count))
				}
				return out
			}, counted),
	}
}

// neighborhood is compared by its entities: which relations come first where there are too many is a rule of its own.
func neighborhood() question {
	return question{
		name: "neighborhood", about: "200 around a person, 2 hops, with 1,000 relations", set: "icews-events",
		query: fmt.Sprintf(`{ neighborhood(input: {seeds: [%q], depth: 2}) { nodes { id kind name } depths relations { `+relationFields+` } } }`, person),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			s, err := v.Neighborhood(ctx, graph.NeighborhoodInput{Seeds: []string{person}, Depth: 2, Direction: graph.Both, Induced: true, PerNode: 25, MaxNodes: 200, MaxRelations: 1_000})
			if err != nil {
				return 0, err
			}
			relations, err := s.Relations(ctx)
			if err != nil {
				return 0, err
			}
			_, err = readEnds(ctx, relations)
			return len(s.Nodes), err
		},
		lookup: func(m *memory, _ string) any { return m.around(m.actors[person], 2, 25, 200) },
		rows: comparing(
			func(a struct {
				Neighborhood struct {
					Nodes     []entityAnswer
					Relations []relationAnswer
				}
			}) (out []string) {
				for _, e := range a.Neighborhood.Nodes {
					out = append(out, e.ID)
				}
				return out
			},
			func(p piece) (out []string) {
				for _, a := range p.actors {
					out = append(out, a.ID)
				}
				return out
			}),
	}
}

// piece is a part of the graph.
type piece struct {
	actors    []*actor
	relations []*relation
}

// around collects in breadth: of each actor the counterparts with the newest relations, and then the relations among all.
func (m *memory) around(start *actor, hops, each, most int) piece {
	p := piece{actors: []*actor{start}}
	in := map[*actor]bool{start: true}
	level := p.actors
	for range hops {
		from := len(p.actors)
		for _, a := range level {
			seen := map[*actor]bool{}
			for _, r := range a.ends {
				o := r.other(a)
				if len(seen) == each {
					break
				}
				if o == a || seen[o] {
					continue
				}
				seen[o] = true
				if !in[o] && len(p.actors) < most {
					in[o] = true
					p.actors = append(p.actors, o)
				}
			}
		}
		level = p.actors[from:]
	}
	for _, a := range p.actors {
		for _, r := range a.ends {
			if r.from == a && in[r.to] {
				p.relations = append(p.relations, r)
			}
		}
	}
	slices.SortFunc(p.relations, newestFirst)
	return piece{p.actors, p.relations[:min(1_000, len(p.relations))]}
}

func positions() question {
	const state = "un/country/US"
	return question{
		name: "positions", about: "where a state stands: 50 of 5,000 and more", set: "unga-votes",
		query: fmt.Sprintf(`{ entity(id: %q) { positions(first: 50) { totalCount nodes { target { id name } stance label since } } } }`, state),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			e, err := v.Entity(ctx, state)
			if err != nil {
				return 0, err
			}
			first := 50
			p, err := e.Positions(ctx, nil, graph.PageArgs{First: &first})
			if err != nil {
				return 0, err
			}
			if _, err := p.Total(); err != nil {
				return 0, err
			}
			return len(p.Items) + 1, nil
		},
		lookup: func(m *memory, _ string) any {
			targets := make([]*actor, 0, len(m.stances[state]))
			for id := range m.stances[state] {
				targets = append(targets, m.actors[id])
			}
			slices.SortFunc(targets, func(a, b *actor) int { return a.order - b.order })
			out := make([]stand, 0, 50)
			for _, t := range targets[:50] {
				out = append(out, stand{t, m.stances[state][t.ID], len(targets)})
			}
			return out
		},
		rows: comparing(
			func(a rootAnswer) (out []string) {
				for _, p := range a.Entity.Positions.Nodes {
					out = append(out, fmt.Sprint(p.Target.ID, " ", p.Stance))
				}
				return append(out, fmt.Sprint("total ", a.Entity.Positions.TotalCount))
			},
			func(all []stand) (out []string) {
				for _, s := range all {
					out = append(out, fmt.Sprint(s.target.ID, " ", s.stance))
				}
				return append(out, fmt.Sprint("total ", all[0].of))
			}),
	}
}

// stand is where an actor stands on a target, one of so many.
type stand struct {
	target     *actor
	stance, of int
}

func suggest() question {
	return question{
		name: "suggest", about: "8 suggestions for a prefix, the best known first", set: "icews-events",
		query: `{ suggest(prefix: "vla", first: 8) { id kind name } }`,
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			found, err := v.Suggest(ctx, "vla", nil, 8)
			return len(found), err
		},
		lookup: func(m *memory, _ string) any { return m.suggest("vla", 8) },
		rows: comparing(
			func(a struct{ Suggest []entityAnswer }) (out []string) {
				for _, e := range a.Suggest {
					out = append(out, e.ID)
				}
				return out
			},
			func(all []*actor) (out []string) {
				for _, a := range all {
					out = append(out, a.ID)
				}
				return out
			}),
	}
}

func changes() question {
	return question{
		name: "changes", about: "the first 100 changes that were recorded", set: "icews-events",
		query: `{ changes(first: 100) { nodes { revision at by operation id } } }`,
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			first := 100
			p, err := v.Changes(ctx, nil, nil, &first, nil)
			if err != nil {
				return 0, err
			}
			return len(p.Items), nil
		},
		lookup: func(m *memory, _ string) any { return m.ids[:100] },
		rows: comparing(
			func(a struct {
				Changes struct{ Nodes []struct{ ID string } }
			}) (out []string) {
				for _, c := range a.Changes.Nodes {
					out = append(out, c.ID)
				}
				return out
			},
			func(ids []string) []string { return ids }),
	}
}

// texts is compared by how many documents there are: the maps do not know which is best. The words differ, because
// rankings are kept for those who read on.
func texts() question {
	return question{
		name: "search", about: "20 of the documents with a word", set: "unga-votes",
		query: `query ($id: String!) { search(query: $id, in: [DOCUMENTS], first: 20) { totalCount edges { score node { ... on Document { id title } } } } }`,
		ids: func(*memory) (years []string) {
			for year := range 64 {
				years = append(years, fmt.Sprint(1947+year))
			}
			return years
		},
		graph: func(ctx context.Context, v *graph.View, word string) (int, error) {
			first := 20
			p, err := v.Search(ctx, word, []graph.SearchScope{graph.InDocuments}, nil, graph.PageArgs{First: &first})
			if err != nil {
				return 0, err
			}
			_, err = p.Total()
			return 1, err
		},
		lookup: func(m *memory, word string) any { return m.texts[word] },
		rows: comparing(
			func(a struct{ Search struct{ TotalCount int } }) []string {
				return []string{fmt.Sprint("total ", a.Search.TotalCount)}
			},
			func(all []*document) []string { return []string{fmt.Sprint("total ", len(all))} }),
	}
}
