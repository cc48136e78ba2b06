package bench

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"chancery/graph"
)

// Who the questions are about.
const (
	hub     = "icews/e/china"          // 26,779 relations
	person  = "icews/e/vladimir-putin" // 1,388
	police  = "icews/e/police-australia"
	citizen = "icews/e/citizen-australia" // 4,202 with the police: no other two have as many
	arrest  = "arrest-detain-or-charge-with-legal-action"
	nearEnd = "icews/e/abdou-labo" // the two have at most 3 relations each
	farEnd  = "icews/e/sergey-yevgenyevich-naryshkin"
)

const relationFields = `id type occurred from { id name } to { id name }`

// questions are those asked of other programs, under their numbers, and then further kinds. A new kind of question
// goes to the end of further; nothing else knows how many there are.
func questions() []question {
	return slices.Concat(lookups(), nested(), aggregates(), distances(), prefix(), agreements(), further())
}

func lookups() []question {
	return []question{{
		name: "Q1", about: "Q1 one entity by id", set: "icews-events", size: 1,
		query: `query ($id: ID!) { entity(id: $id) { id kind name } }`,
		ids:   func(m *memory) []string { return m.some(200, func(*actor) bool { return true }) },
		graph: func(ctx context.Context, v *graph.View, id string) (int, error) {
			_, err := v.Entity(ctx, id)
			return 1, err
		},
		lookup: func(m *memory, id string) any { return m.actors[id] },
		rows: comparing(
			func(a rootAnswer) []string { return []string{a.Entity.ID + a.Entity.Kind + a.Entity.Name} },
			func(a *actor) []string { return []string{a.ID + strings.ToUpper(a.Kind) + a.Name} }),
		peers: peers{1.03, 1.99, 0.64, 0.74},
	}, {
		name: "Q2", about: "Q2 newest 100 of a hub", set: "icews-events", size: 100,
		query:  newestQuery(100),
		ids:    only(hub),
		graph:  newestByGraph(100),
		lookup: newestByMap(100),
		rows:   newestRows,
		peers:  peers{3.43, 291, 2.57, 448},
	}, {
		name: "Q3", about: "Q3 newest 20 of an entity with 3", set: "icews-events", size: 3,
		query:  newestQuery(20),
		ids:    func(m *memory) []string { return m.some(50, func(a *actor) bool { return len(a.ends) == 3 }) },
		graph:  newestByGraph(20),
		lookup: newestByMap(20),
		rows:   newestRows,
		peers:  peers{0.90, 6.1, 0.72, 29.0},
	}, {
		name: "Q4", about: "Q4 one pair, one type, one year: 50 of 152", set: "icews-events", size: 51, agreed: []string{"total 152"},
		query: fmt.Sprintf(`{ relations(filter: {from: [%q], to: [%q], types: [%q], occurred: {from: "2014", to: "2015"}}, first: 50) { totalCount nodes { `+relationFields+` } } }`, police, citizen, arrest),
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			first, begin, end := 50, "2014", "2015"
			p, err := v.Relations(ctx, &graph.RelationFilter{From: []string{police}, To: []string{citizen}, Types: []string{arrest}, Occurred: &graph.DateRange{From: &begin, To: &end}}, nil, graph.PageArgs{First: &first})
			if err != nil {
				return 0, err
			}
			if _, err := p.Total(); err != nil {
				return 0, err
			}
			n, err := readEnds(ctx, p.Items)
			return n + 1, err
		},
		lookup: func(m *memory, _ string) any { return m.between(police, citizen, arrest, "2014", "2015") },
		rows: comparing(
			func(a rootAnswer) []string {
				return append(answeredRelations(a.Relations.Nodes), fmt.Sprint("total ", a.Relations.TotalCount))
			},
			func(all []*relation) []string {
				return append(knownRelations(all[:50]), fmt.Sprint("total ", len(all)))
			}),
		peers: peers{2.70, 52, 2.47, 109},
	}}
}

func prefix() []question {
	return []question{{
		name: "Q10", about: "Q10 names that begin with a word", set: "icews-events", size: 8,
		query: `{ entities(filter: {name: {prefix: "vladimir"}}, first: 8) { nodes { id kind name } } }`,
		graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
			first, prefix := 8, "vladimir"
			p, err := v.Entities(ctx, &graph.EntityFilter{Name: &graph.StringFilter{Prefix: &prefix}}, nil, graph.PageArgs{First: &first})
			return len(p.Items), err
		},
		lookup: func(m *memory, _ string) any {
			from, _ := slices.BinarySearchFunc(m.byName, "vladimir", func(a *actor, s string) int { return strings.Compare(a.folded, s) })
			to := from
			for to < len(m.byName) && to-from < 8 && strings.HasPrefix(m.byName[to].folded, "vladimir") {
				to++
			}
			return m.byName[from:to]
		},
		rows: comparing(
			func(a rootAnswer) (out []string) {
				for _, e := range a.Entities.Nodes {
					out = append(out, e.ID+" "+e.Name)
				}
				return out
			},
			func(all []*actor) (out []string) {
				for _, a := range all {
					out = append(out, a.ID+" "+a.Name)
				}
				return out
			}),
		peers: peers{0.86, 137, 0.76, 162},
	}}
}

func only(id string) func(*memory) []string { return func(*memory) []string { return []string{id} } }

func newestQuery(first int) string {
	return fmt.Sprintf(`query ($id: ID!) { entity(id: $id) { relations(first: %d) { nodes { `+relationFields+` } } } }`, first)
}

func newestByGraph(first int) func(context.Context, *graph.View, string) (int, error) {
	return func(ctx context.Context, v *graph.View, id string) (int, error) {
		e, err := v.Entity(ctx, id)
		if err != nil {
			return 0, err
		}
		return newestOf(ctx, e, first)
	}
}

func newestByMap(first int) func(*memory, string) any {
	return func(m *memory, id string) any { return m.actors[id].newest(first) }
}

var newestRows = comparing(func(a rootAnswer) []string { return answeredRelations(a.Entity.Relations.Nodes) }, knownRelations)

// nested are the relations of counterparts: those of the counterparts tied most lately.
func nested() []question {
	at := func(n int, p peers) question {
		return question{
			name: map[int]string{10: "Q5", 30: "Q6"}[n], about: fmt.Sprintf("%s newest %d of each of %[2]d counterparts", map[int]string{10: "Q5", 30: "Q6"}[n], n), set: "icews-events",
			query: fmt.Sprintf(`{ entity(id: %q) { neighbors(first: %d, orderBy: {field: LAST_OCCURRED}) { edges { relationCount node { id kind name relations(first: %[2]d) { nodes { `+relationFields+` } } } } } } }`, person, n),
			graph: func(ctx context.Context, v *graph.View, _ string) (int, error) {
				e, err := v.Entity(ctx, person)
				if err != nil {
					return 0, err
				}
				p, err := e.Neighbors(ctx, nil, nil, graph.Both, &graph.NeighborOrder{Field: graph.ByLastOccurred, Descending: true}, graph.PageArgs{First: &n})
				if err != nil {
					return 0, err
				}
				rows := 0
				for _, o := range p.Items {
					leaves, err := newestOf(ctx, o.Entity, n)
					if err != nil {
						return 0, err
					}
					rows += 1 + leaves
				}
				return rows, nil
			},
			lookup: func(m *memory, _ string) any { return m.lately(m.actors[person], n) },
			rows: comparing(
				func(a rootAnswer) (out []string) {
					for _, e := range a.Entity.Neighbors.Edges {
						out = append(out, fmt.Sprint(e.Node.ID, " ", e.RelationCount))
						out = append(out, answeredRelations(e.Node.Relations.Nodes)...)
					}
					return out
				},
				func(all []listed) (out []string) {
					for _, o := range all {
						out = append(out, fmt.Sprint(o.ID, " ", o.count))
						out = append(out, knownRelations(o.first)...)
					}
					return out
				}),
			peers: p,
		}
	}
	return []question{at(10, peers{3.86, 97, 2.69, 183}), at(30, peers{22.8, 277, 28.2, 617})}
}

// listed is a counterpart with its newest relations.
type listed struct {
	counterpart
	first []*relation
}

// lately are the counterparts with the newest relations to an actor, and the newest relations of each.
func (m *memory) lately(a *actor, n int) []listed {
	all := a.counterparts()
	slices.SortFunc(all, func(x, y counterpart) int {
		return cmp.Or(strings.Compare(y.last.Occurred, x.last.Occurred), x.order-y.order)
	})
	out := make([]listed, 0, n)
	for _, c := range all[:min(n, len(all))] {
		out = append(out, listed{c, c.actor.newest(n)})
	}
	return out
}
