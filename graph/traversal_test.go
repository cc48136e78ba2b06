package graph_test

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/vocab"
)

// piece is a state of a drawn graph with the naive facts beside it: live facts, newest first.
type piece struct {
	*cast
	facts []cited
	view  *graph.View
}

// pieces are a graph before and after some relations were withdrawn, each read from the arrays, where they show the
// state, and from rows.
func pieces(t *rapid.T, f *fixture) []piece {
	c, facts := drawCited(t, f)
	before := must(f.g.View(f.Context(), graph.At{}))
	f.Cleanup(before.Release)
	if rapid.Bool().Draw(t, "topology is there before") && before.Revision() > 0 && !graph.Linked(before) {
		t.Fatal("the arrays do not show the newest state")
	}
	left := slices.Clone(facts)
	for range rapid.IntRange(0, 2).Draw(t, "withdrawn") {
		if len(left) == 0 {
			break
		}
		i := rapid.IntRange(0, len(left)-1).Draw(t, "which")
		f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: left[i].id, Reason: "r"}})
		left = slices.Delete(left, i, i+1)
	}
	after := must(f.g.View(f.Context(), graph.At{}))
	f.Cleanup(after.Release)
	rev := before.Revision()
	then := must(f.g.View(f.Context(), graph.At{Revision: &rev}))
	f.Cleanup(then.Release)
	return []piece{{c, left, after}, {c, left, graph.ByRows(after)}, {c, facts, then}, {c, facts, graph.ByRows(then)}}
}

// link is a fact as seen from one of its ends.
type link struct {
	cited
	to string
}

// around are the facts of an entity, newest first, that meet the drawn filter.
func (p *piece) around(id string, dir graph.Direction, types []string) (out []link) {
	for _, x := range p.facts {
		from, to := p.shown(x.from), p.shown(x.to)
		symmetric := x.typ == "met-with"
		if types != nil && !slices.Contains(types, x.typ) {
			continue
		}
		switch {
		case from == id && (dir != graph.In || symmetric || to == id):
			out = append(out, link{x, to})
		case to == id && (dir != graph.Out || symmetric):
			out = append(out, link{x, from})
		}
	}
	return out
}

func (x cited) sources() int {
	affirming := map[string]bool{}
	for i, d := range x.documents {
		if !x.deny[i] {
			affirming[publishers[d]] = true
		}
	}
	return len(affirming)
}

// drawTypes is a filter by type, or none.
func drawTypes(t *rapid.T) ([]string, *graph.RelationFilter) {
	types := rapid.SampledFrom([][]string{nil, {"met-with"}, {"is-for", "is-against"}}).Draw(t, "types")
	if types == nil {
		return nil, nil
	}
	return types, &graph.RelationFilter{Types: types}
}

func TestNeighborhoodAgreesWithANaiveSearch(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		all := pieces(rt, newFixture(t, 0))
		types, filter := drawTypes(rt)
		in := graph.NeighborhoodInput{
			Seeds: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ann", "ben", "dan", "plan"}), 1, 2, rapid.ID).Draw(rt, "seeds"),
			Depth: rapid.IntRange(0, 3).Draw(rt, "depth"), Direction: rapid.SampledFrom(graph.Directions).Draw(rt, "direction"),
			Relations: filter, Induced: rapid.Bool().Draw(rt, "induced"),
			PerNode: rapid.IntRange(1, 3).Draw(rt, "per node"), MaxNodes: rapid.IntRange(2, 5).Draw(rt, "nodes"), MaxRelations: rapid.IntRange(0, 9).Draw(rt, "relations"),
		}
		if rapid.Bool().Draw(rt, "without eve") {
			in.Entities = &graph.EntityFilter{Not: &graph.EntityFilter{IDs: []string{"eve"}}}
		}
		for i, p := range all {
			s := must(p.view.Neighborhood(t.Context(), in))
			var got []string
			for j, e := range s.Nodes {
				got = append(got, fmt.Sprint(e.ID, s.Depths[j]))
			}
			for _, r := range must(s.Relations(t.Context())) {
				got = append(got, r.ID)
			}
			if s.Truncation != nil {
				got = append(got, fmt.Sprint(s.Truncation.Reasons, s.Truncation.Frontier))
			}
			if want := p.neighborhood(in, types); !slices.Equal(got, want) {
				rt.Fatalf("state %d:\n%v; want\n%v", i, got, want)
			}
		}
	})
}

// neighborhood is the naive answer as text.
func (p *piece) neighborhood(in graph.NeighborhoodInput, types []string) (out []string) {
	var nodes []string
	depth, cut, reasons := map[string]int{}, map[string]bool{}, map[graph.TruncationReason]bool{}
	add := func(id string, d int) {
		if _, ok := depth[id]; !ok {
			depth[id] = d
			nodes = append(nodes, id)
		}
	}
	for _, id := range in.Seeds {
		add(p.shown(id), 0)
	}
	seeds := len(nodes)
	passes := func(id string) bool {
		return in.Entities == nil || id != "eve" || slices.Contains(nodes[:seeds], id)
	}
	counterparts := func(id string) (list []string) {
		for _, l := range p.around(id, in.Direction, types) {
			if l.to != id && passes(l.to) && !slices.Contains(list, l.to) {
				list = append(list, l.to)
			}
		}
		return list
	}
	foundBy, followed := map[[2]string]bool{}, map[[2]string]bool{}
	for i := 0; i < len(nodes); i++ {
		id := nodes[i]
		if depth[id] >= in.Depth {
			continue
		}
		list := counterparts(id)
		for _, to := range list[:min(len(list), in.PerNode)] {
			if _, ok := depth[to]; !ok {
				if len(nodes) == in.MaxNodes {
					cut[id], reasons[graph.NodeLimit] = true, true
					continue
				}
				add(to, depth[id]+1)
				foundBy[[2]string{id, to}], foundBy[[2]string{to, id}] = true, true
			}
			followed[[2]string{id, to}], followed[[2]string{to, id}] = true, true
		}
	}
	for _, id := range nodes {
		if list := counterparts(id); depth[id] < in.Depth && len(list) > in.PerNode {
			for _, to := range list[in.PerNode:] {
				if _, ok := depth[to]; !ok {
					cut[id], reasons[graph.PerNodeLimit] = true, true
				}
			}
		}
	}
	// Every fact between two that were collected, and how early it is taken when there are too many.
	type ranked struct {
		cited
		pair [2]string
		rank int
	}
	var relations []ranked
	met := map[[2]string]bool{}
	for _, x := range p.facts {
		from, to := p.shown(x.from), p.shown(x.to)
		_, okFrom := depth[from]
		_, okTo := depth[to]
		if !okFrom || !okTo || types != nil && !slices.Contains(types, x.typ) {
			continue
		}
		if !in.Induced {
			over := false
			for _, end := range []string{from, to} {
				for _, l := range p.around(end, in.Direction, types) {
					if l.id == x.id && depth[end] < in.Depth && (l.to == end || followed[[2]string{end, l.to}]) {
						over = true
					}
				}
			}
			if !over {
				continue
			}
		}
		pair := [2]string{min(from, to), max(from, to)}
		r := ranked{x, pair, 2}
		if !met[pair] {
			met[pair] = true
			if r.rank = 1; foundBy[pair] {
				r.rank = 0
			}
		}
		relations = append(relations, r)
	}
	order := map[string]int{}
	for i, r := range relations {
		order[r.id] = i
	}
	slices.SortStableFunc(relations, func(a, b ranked) int { return cmp.Compare(a.rank, b.rank) })
	for i, r := range relations {
		if i >= in.MaxRelations {
			cut[r.pair[0]], cut[r.pair[1]], reasons[graph.RelationLimit] = true, true, true
		}
	}
	relations = relations[:min(len(relations), in.MaxRelations)]
	slices.SortFunc(relations, func(a, b ranked) int { return cmp.Compare(order[a.id], order[b.id]) })
	for _, id := range nodes {
		out = append(out, fmt.Sprint(id, depth[id]))
	}
	for _, r := range relations {
		out = append(out, r.id)
	}
	return append(out, truncated(nodes, cut, reasons)...)
}

func truncated(nodes []string, cut map[string]bool, reasons map[graph.TruncationReason]bool) []string {
	if len(reasons) == 0 {
		return nil
	}
	var why []graph.TruncationReason
	for _, r := range graph.TruncationReasons {
		if reasons[r] {
			why = append(why, r)
		}
	}
	var frontier []string
	for _, id := range nodes {
		if cut[id] {
			frontier = append(frontier, id)
		}
	}
	return []string{fmt.Sprint(why, frontier)}
}

func TestPathsAgreeWithANaiveSearch(t *testing.T) {
	ids := []string{"ann", "ben", "cid", "dan", "eve"}
	rapid.Check(t, func(rt *rapid.T) {
		all := pieces(rt, newFixture(t, 0))
		types, filter := drawTypes(rt)
		some := func(label string, least, most int) []string {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(ids), least, most, rapid.ID).Draw(rt, label)
		}
		in := graph.PathsInput{
			From: some("from", 1, 2), To: some("to", 1, 2), Through: some("through", 0, 1), Avoid: some("avoid", 0, 1),
			K: rapid.IntRange(1, 4).Draw(rt, "k"), MaxLength: rapid.IntRange(1, 4).Draw(rt, "length"),
			Direction: rapid.SampledFrom(graph.Directions).Draw(rt, "direction"), Relations: filter,
			TimeRespecting: rapid.Bool().Draw(rt, "time respecting"), Weight: rapid.SampledFrom(graph.PathWeights).Draw(rt, "weight"),
		}
		if rapid.Bool().Draw(rt, "hubs") {
			in.AvoidHubsOverDegree = new(3)
		}
		if rapid.Bool().Draw(rt, "without eve") {
			in.Entities = &graph.EntityFilter{Not: &graph.EntityFilter{IDs: []string{"eve"}}}
		}
		for i, p := range all {
			if p.contradicts(in) {
				if _, err := p.view.Paths(t.Context(), in); err == nil {
					rt.Fatal("ends that contradict each other were taken")
				}
				continue
			}
			r := must(p.view.Paths(t.Context(), in))
			var got []string
			for _, x := range r.Paths {
				line := fmt.Sprintf("%d %.6f %d", x.Length, x.Cost, must(x.Weakest(t.Context())))
				for j, e := range x.Nodes {
					line += " " + e.ID
					if j == x.Length {
						continue
					}
					if x.Steps[j].From.ID != e.ID || x.Steps[j].To.ID != x.Nodes[j+1].ID {
						rt.Fatal("a step is not between its entities")
					}
					for _, rel := range must(x.Steps[j].Relations(t.Context(), nil)) {
						line += " " + rel.ID[len(rel.ID)-4:]
					}
					line += fmt.Sprint(" ", must(x.Steps[j].Reversed(t.Context())))
				}
				got = append(got, line)
			}
			want := p.paths(in, types)
			if complete := len(want) <= in.K; r.Complete != complete || r.Truncation != nil {
				rt.Fatalf("state %d: complete %v, truncation %v; there are %d paths", i, r.Complete, r.Truncation, len(want))
			}
			if want = want[:min(len(want), in.K)]; !slices.Equal(got, want) {
				rt.Fatalf("state %d:\n%s; want\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// contradicts tells whether an input cannot be answered.
func (p *piece) contradicts(in graph.PathsInput) bool {
	shown := func(ids []string) (out []string) {
		for _, id := range ids {
			out = append(out, p.shown(id))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	from, to := shown(in.From), shown(in.To)
	avoided := func(id string) bool { return slices.Contains(shown(in.Avoid), id) }
	return len(from) == 1 && slices.Equal(from, to) || slices.ContainsFunc(slices.Concat(from, to, shown(in.Through)), avoided)
}

// paths are all simple paths as text, best first.
func (p *piece) paths(in graph.PathsInput, types []string) []string {
	is := func(ids []string, id string) bool {
		return slices.ContainsFunc(ids, func(x string) bool { return p.shown(x) == id })
	}
	type found struct {
		nodes []string
		cost  float64
		text  string
	}
	var all []found
	var visit func(path []string)
	visit = func(path []string) {
		at := path[len(path)-1]
		if len(path) > 1 && is(in.To, at) {
			if f := (found{nodes: slices.Clone(path)}); p.describe(in, types, &f.nodes, &f.cost, &f.text) {
				all = append(all, f)
			}
			return
		}
		if len(path) > in.MaxLength || len(path) > 1 && is(in.From, at) {
			return
		}
		if len(path) > 1 && (in.Entities != nil && at == "eve" || is(in.Avoid, at) || in.AvoidHubsOverDegree != nil && len(p.around(at, graph.Both, nil)) > *in.AvoidHubsOverDegree) {
			return
		}
		var next []string
		for _, l := range p.around(at, in.Direction, types) {
			if !slices.Contains(path, l.to) && !slices.Contains(next, l.to) {
				next = append(next, l.to)
			}
		}
		for _, to := range next {
			visit(append(slices.Clone(path), to))
		}
	}
	starts := map[string]bool{}
	for _, id := range in.From {
		if !starts[p.shown(id)] {
			starts[p.shown(id)] = true
			visit([]string{p.shown(id)})
		}
	}
	slices.SortFunc(all, func(a, b found) int {
		if math.Abs(a.cost-b.cost) > 1e-6 {
			return cmp.Compare(a.cost, b.cost)
		}
		return slices.Compare(a.nodes, b.nodes)
	})
	var out []string
	for _, f := range all {
		out = append(out, f.text)
	}
	return out
}

// describe writes a path out; false when it does not go through what it must, or no choice of relations respects time.
func (p *piece) describe(in graph.PathsInput, types []string, nodes *[]string, cost *float64, text *string) bool {
	for _, id := range in.Through {
		if !slices.Contains(*nodes, p.shown(id)) {
			return false
		}
	}
	var steps [][]link
	weakest := 1 << 30
	for i, from := range (*nodes)[:len(*nodes)-1] {
		var step []link
		best := 0
		for _, l := range p.around(from, in.Direction, types) {
			if l.to == (*nodes)[i+1] && (!in.TimeRespecting || l.date != "") {
				step = append(step, l)
				best = max(best, l.sources())
			}
		}
		if in.TimeRespecting {
			// A step's strength is that of the best relation between the two, dated or not in the answer's count of sources.
			all := 0
			for _, l := range p.around(from, in.Direction, types) {
				if l.to == (*nodes)[i+1] {
					all = max(all, l.sources())
				}
			}
			weakest = min(weakest, all)
		} else {
			weakest = min(weakest, best)
		}
		if in.Weight == graph.WeightSupport {
			*cost += 1 / float64(1+best)
		} else {
			*cost++
		}
		steps = append(steps, step)
	}
	if in.TimeRespecting {
		steps = timely(steps)
	}
	*text = fmt.Sprintf("%d %.6f %d", len(steps), *cost, weakest)
	for i, step := range steps {
		if len(step) == 0 {
			return false
		}
		*text += " " + (*nodes)[i]
		reversed := true
		for _, l := range step {
			*text += " " + l.id[len(l.id)-4:]
			if l.typ == "met-with" || p.shown(l.from) == (*nodes)[i] {
				reversed = false
			}
		}
		*text += fmt.Sprint(" ", reversed)
	}
	*text += " " + (*nodes)[len(steps)]
	return true
}

// timely keeps of each step what some choice of one relation a step, none before the one before it, has.
func timely(steps [][]link) [][]link {
	keep := make([]map[string]bool, len(steps))
	for i := range keep {
		keep[i] = map[string]bool{}
	}
	var choose func(i int, chosen []link)
	choose = func(i int, chosen []link) {
		if i == len(steps) {
			for j, l := range chosen {
				keep[j][l.id] = true
			}
			return
		}
		for _, l := range steps[i] {
			if i == 0 || day(l.date) >= day(chosen[i-1].date) {
				choose(i+1, append(slices.Clone(chosen), l))
			}
		}
	}
	choose(0, nil)
	out := make([][]link, len(steps))
	for i, step := range steps {
		for _, l := range step {
			if keep[i][l.id] {
				out[i] = append(out[i], l)
			}
		}
	}
	return out
}

// TestHubWithinABudget looks around a hub of many relations to few and to many, and says what was cut.
func TestHubWithinABudget(t *testing.T) {
	f := newFixture(t, 0)
	var changes []graph.Change
	for i := range 300 {
		id := fmt.Sprintf("far/%03d", i)
		changes = append(changes, entity(id, vocab.KindPerson, id))
		r := relation("met-with", "ann", id, row("doc/2", "r"))
		r.AddRelation.Occurred = fmt.Sprintf("2024-%02d-%02d", 1+i/28, 1+i%28)
		changes = append(changes, r)
	}
	for i := range 400 {
		r := relation("met-with", "ann", "ben", row("doc/2", "r"))
		r.AddRelation.Condition = fmt.Sprint(i)
		r.AddRelation.Occurred = "2025-05-01"
		changes = append(changes, r)
	}
	f.mustApply(changes...)
	v := f.view()
	s := must(v.Neighborhood(t.Context(), graph.NeighborhoodInput{Seeds: []string{"ann"}, Depth: 1, Direction: graph.Both, Induced: true, PerNode: 25, MaxNodes: 200, MaxRelations: 100}))
	if len(s.Nodes) != 26 || s.Nodes[1].ID != "ben" || s.Nodes[2].ID != "far/299" {
		t.Errorf("%d nodes, %s first", len(s.Nodes), s.Nodes[1].ID)
	}
	pairs := map[string]int{}
	for _, r := range must(s.Relations(t.Context())) {
		pairs[must(r.To(t.Context())).ID]++
	}
	if len(pairs) != 25 || pairs["ben"] != 76 {
		t.Errorf("%d pairs, %d relations with ben; want each pair once and the rest newest first", len(pairs), pairs["ben"])
	}
	if got := fmt.Sprint(s.Truncation); got != "&{[relation-limit per-node-limit] [ann ben]}" {
		t.Errorf("truncation %s", got)
	}
	r := must(v.Paths(t.Context(), graph.PathsInput{From: []string{"ben"}, To: []string{"far/007"}, K: 1, MaxLength: 4, Direction: graph.Both, Weight: graph.WeightHops}))
	if len(r.Paths) != 1 || !r.Complete || r.Paths[0].Steps[0].Count() != 400 {
		t.Errorf("%+v", r)
	}
}
