package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"chancery/graph"
	"chancery/graph/network"
)

// cell is a month of one type.
type cell struct{ month, kind string }

func aggregates() []question {
	return []question{{
		name: "Q7", about: "Q7 a hub's year by month and type", set: "icews-events", size: 559, agreed: []string{"sum 6285"},
		query: fmt.Sprintf(`{ entity(id: %q) { relations(filter: {occurred: {from: "2014", to: "2015"}}, first: 0) { stats { timeline(interval: MONTH, splitBy: TYPE, fill: false, limit: 300) { key { value } buckets { start count } } } } } }`, hub),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			begin, end, none, key := "2014", "2015", 0, graph.KeyType
			e, err := v.Entity(ctx, hub)
			if err != nil {
				return 0, err
			}
			p, err := e.Relations(ctx, &graph.RelationFilter{Occurred: &graph.DateRange{From: &begin, To: &end}}, graph.Both, nil, graph.PageArgs{First: &none})
			if err != nil {
				return 0, err
			}
			all, err := p.Stats().Timeline(ctx, graph.TimelineInput{Interval: graph.IntervalMonth, SplitBy: &key, Limit: 300})
			rows := 1 // the sum
			for _, s := range all {
				rows += len(s.Buckets)
			}
			return rows, err
		},
		lookup: func(m *memory, _ string) any {
			cells := map[cell]int{}
			for _, r := range m.actors[hub].ends {
				if r.Occurred >= "2014" && r.Occurred < "2015" {
					cells[cell{r.Occurred[:7], r.Type}]++
				}
			}
			return cells
		},
		rows: comparing(
			func(a rootAnswer) []string {
				sum := 0
				var out []string
				for _, s := range a.Entity.Relations.Stats.Timeline {
					for _, b := range s.Buckets {
						out = append(out, fmt.Sprint(b.Start, " ", s.Key.Value, " ", b.Count))
						sum += b.Count
					}
				}
				return sortedRows(out, fmt.Sprint("sum ", sum))
			},
			func(cells map[cell]int) []string {
				sum := 0
				var out []string
				for c, n := range cells {
					out = append(out, fmt.Sprint(c.month, " ", c.kind, " ", n))
					sum += n
				}
				return sortedRows(out, fmt.Sprint("sum ", sum))
			}),
		peers: peers{10.3, 57, 12.6, 92},
	}, {
		name: "Q8", about: "Q8 a hub's 20 most frequent counterparts", set: "icews-events", size: 20,
		query: fmt.Sprintf(`{ entity(id: %q) { neighbors(first: 20) { edges { relationCount node { id name } } } } }`, hub),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			e, err := v.Entity(ctx, hub)
			if err != nil {
				return 0, err
			}
			first := 20
			p, err := e.Neighbors(ctx, nil, nil, graph.Both, nil, graph.PageArgs{First: &first})
			if err != nil {
				return 0, err
			}
			return len(p.Items), nil
		},
		lookup: func(m *memory, _ string) any {
			all := m.actors[hub].counterparts()
			slices.SortFunc(all, func(x, y counterpart) int { return cmp.Or(y.count-x.count, x.order-y.order) })
			return all[:20]
		},
		rows: comparing(
			func(a rootAnswer) (out []string) {
				for _, e := range a.Entity.Neighbors.Edges {
					out = append(out, fmt.Sprint(e.RelationCount, " ", e.Node.ID, " ", e.Node.Name))
				}
				return out
			},
			func(all []counterpart) (out []string) {
				for _, c := range all {
					out = append(out, fmt.Sprint(c.count, " ", c.ID, " ", c.Name))
				}
				return out
			}),
		peers: peers{24.0, 169, 16.9, 359},
	}}
}

func sortedRows(rows []string, last string) []string {
	slices.Sort(rows)
	return append(rows, last)
}

func distances() []question {
	type pathsAnswer struct {
		Paths struct {
			Complete bool
			Paths    []struct {
				Length int
				Nodes  []struct{ ID string }
			}
		}
	}
	paths := func(k, steps int) string {
		return fmt.Sprintf(`{ paths(input: {from: [%q], to: [%q], k: %d, maxLength: %d}) { complete paths { length nodes { id name } } } }`, nearEnd, farEnd, k, steps)
	}
	find := func(k, steps int) func(context.Context, *graph.View, string) (int, error) {
		return func(ctx context.Context, v *graph.View, _ string) (int, error) {
			p, err := v.Paths(ctx, graph.PathsInput{From: []string{nearEnd}, To: []string{farEnd}, K: k, MaxLength: steps, Direction: graph.Both, Weight: graph.WeightHops})
			if err != nil {
				return 0, err
			}
			return len(p.Paths), nil
		}
	}
	lengths := func(a pathsAnswer) (out []string) {
		for _, p := range a.Paths.Paths {
			out = append(out, fmt.Sprint("length ", p.Length, " ", len(p.Nodes)-p.Length))
		}
		return out
	}
	return []question{{
		name: "Q9", about: "Q9 a shortest path of 4 steps", set: "icews-events", size: 1, agreed: []string{"length 4 1"},
		query: paths(1, 4), graph: find(1, 4),
		lookup: func(m *memory, _ string) any { return distance(m.actors[nearEnd], m.actors[farEnd]) },
		rows:   comparing(lengths, func(d int) []string { return []string{fmt.Sprint("length ", d, " 1")} }),
		peers:  peers{485, 4303, 448, 8416},
	}, {
		name: "paths", about: "the ten best paths between the same, of 5 steps at most", set: "icews-events",
		query: paths(10, 5), graph: find(10, 5),
		lookup: func(m *memory, _ string) any { return tenPaths(m.actors[nearEnd], m.actors[farEnd], 5) },
		rows: comparing(lengths, func(all [][]*actor) (out []string) {
			for _, p := range all {
				out = append(out, fmt.Sprint("length ", len(p)-1, " 1"))
			}
			return out
		}),
	}}
}

// tenPaths are the ten shortest paths, on which no entity is twice, of at most so many steps.
func tenPaths(from, to *actor, steps int) (found [][]*actor) {
	toEnd := within(steps, to)
	var walk func(path []*actor, length int)
	walk = func(path []*actor, length int) {
		at := path[len(path)-1]
		if at == to {
			if len(path) == length+1 {
				found = append(found, slices.Clone(path))
			}
			return
		}
		seen := map[*actor]bool{}
		for _, r := range at.ends {
			o := r.other(at)
			d, near := toEnd[o]
			if !near || d > length-len(path) || seen[o] || slices.Contains(path, o) || len(found) == 10 {
				continue
			}
			seen[o] = true
			walk(append(path, o), length)
		}
	}
	for length := toEnd[from]; length <= steps; length++ {
		walk([]*actor{from}, length)
	}
	return found
}

func agreements() []question {
	const (
		pair   = `{mode: ACTOR, aggregation: CONGRUENCE, normalization: NONE, duplicates: INCLUDE, actors: ["un/country/US", "un/country/RU"]%s}`
		stance = `, filter: {stance: {gte: %[1]d, lte: %[1]d}}`
	)
	alike := func(stanceOf int) string { return fmt.Sprintf(pair, fmt.Sprintf(stance, stanceOf)) }
	input := graph.NetworkInput{Mode: network.ActorMode, Aggregation: network.Congruence, Normalization: network.Unnormalized, Duplicates: network.Include, Limit: graph.MaxNetworkNodes}
	tie := func(ctx context.Context, v *graph.View, stances ...int) error {
		in := input
		in.Actors = []string{"un/country/US", "un/country/RU"}
		for _, x := range stances {
			in.Filter = &graph.RelationFilter{Stance: &graph.IntRange{GTE: &x, LTE: &x}}
		}
		_, err := v.Network(ctx, in)
		return err
	}
	return []question{{
		name: "Q11", about: "Q11 agreement of two states, by stance", set: "unga-votes", size: 2, agreed: []string{"common 6119, same 1342: 870 yes, 251 no, 221 abstain"},
		query: `{ all: network(input: ` + fmt.Sprintf(pair, "") + `) { ties { shared weight } } yes: network(input: ` + alike(2) + `) { ties { shared } } no: network(input: ` + alike(-2) + `) { ties { shared } } abstain: network(input: ` + alike(0) + `) { ties { shared } } }`,
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			for _, stances := range [][]int{nil, {2}, {-2}, {0}} {
				if err := tie(ctx, v, stances...); err != nil {
					return 0, err
				}
			}
			return 2, nil
		},
		lookup: func(m *memory, _ string) any { return m.agree("un/country/US", "un/country/RU") },
		rows: comparing(
			func(a struct{ All, Yes, No, Abstain networkAnswer }) []string {
				t := a.All.Ties[0]
				yes, no, abstain := a.Yes.Ties[0].Shared, a.No.Ties[0].Shared, a.Abstain.Ties[0].Shared
				return agreement{t.Shared, yes, no, abstain, t.Weight}.rows()
			},
			agreement.rows),
		peers: peers{11.2, 228, 8.3, 485},
	}, {
		name: "Q11-matrix", about: "Q11 agreement of all pairs of states", set: "unga-votes", size: 19_571, agreed: []string{"sum 64559256"},
		query: `{ network(input: {mode: ACTOR, aggregation: CONGRUENCE, normalization: NONE, duplicates: INCLUDE, limit: 1000}) { ties { from { id } to { id } shared weight } } }`,
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			n, err := v.Network(ctx, input)
			if err != nil {
				return 0, err
			}
			return len(n.Ties) + 1, nil
		},
		lookup: func(m *memory, _ string) any { return m.agreeAll() },
		rows: comparing(
			func(a rootAnswer) []string {
				sum := 0
				var out []string
				for _, t := range a.Network.Ties {
					out = append(out, fmt.Sprint(min(t.From.ID, t.To.ID), " ", max(t.From.ID, t.To.ID), " ", t.Shared, " ", t.Weight))
					sum += t.Shared
				}
				return sortedRows(out, fmt.Sprint("sum ", sum))
			},
			func(all map[[2]string]agreement) []string {
				sum := 0
				var out []string
				for ends, s := range all {
					out = append(out, fmt.Sprint(ends[0], " ", ends[1], " ", s.common, " ", s.congruence))
					sum += s.common
				}
				return sortedRows(out, fmt.Sprint("sum ", sum))
			}),
		peers: peers{postgraphile: 9100},
	}}
}

func (s agreement) rows() []string {
	return []string{
		fmt.Sprintf("common %d, same %d: %d yes, %d no, %d abstain", s.common, s.yes+s.no+s.abstain, s.yes, s.no, s.abstain),
		fmt.Sprint("congruence ", s.congruence),
	}
}

// agreeAll compares every pair of actors that have a target in common.
func (m *memory) agreeAll() map[[2]string]agreement {
	ids := make([]string, 0, len(m.stances))
	for id := range m.stances {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	all := map[[2]string]agreement{}
	for i, a := range ids {
		for _, b := range ids[i+1:] {
			if s := m.agree(a, b); s.common > 0 {
				all[[2]string{a, b}] = s
			}
		}
	}
	return all
}
