package differential

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/network"
)

// claim is one statement of a stance: an actor is heard on a target in a document.
type claim struct {
	actor, target *actor
	fact          *fact
	document      *document
}

// speakers are those for whom a fact counts.
func (s *state) speakers(x *fact, in *graph.NetworkInput) (out []*actor) {
	add := func(a *actor) {
		if a = s.shown(a); (in.Actors == nil || s.is(in.Actors, a)) && (in.Mode == network.TargetMode || in.Kinds == nil || slices.Contains(in.Kinds, a.Kind)) && !slices.Contains(out, a) {
			out = append(out, a)
		}
	}
	named := false
	for _, q := range x.qualifiers {
		if in.RollUp && q.role == "on-behalf-of" && q.entity != nil {
			named = true
			add(q.entity)
		}
	}
	if !named {
		add(x.from)
	}
	return out
}

func (s *state) claims(in *graph.NetworkInput) (out []claim) {
	for _, x := range s.newest {
		target := s.to(x)
		if s.gone[x] || x.stance == nil || in.Targets != nil && !s.is(in.Targets, target) ||
			in.Mode != network.ActorMode && in.Kinds != nil && !slices.Contains(in.Kinds, target.Kind) || !s.matches(in.Filter, x) {
			continue
		}
		for _, a := range s.speakers(x, in) {
			for _, c := range s.standing(x) {
				if c.Verdict == graph.Affirms {
					out = append(out, claim{a, target, x, c.document})
				}
			}
		}
	}
	return out
}

// day is the earliest of the fact, or else of the document.
func (c *claim) day() edtf.Day {
	if c.fact.day > openStart {
		return c.fact.day
	}
	if day := dayOf(c.document.date); day > openStart {
		return day
	}
	return undated
}

// span is what claims of one actor, target and stance share that repeat each other.
func (c *claim) span(rule network.DuplicateRule) string {
	day := c.day()
	switch {
	case rule == network.Once:
		return ""
	case rule == network.PerDocument || day == undated:
		return c.document.ID
	}
	at := day.Time()
	switch rule {
	case network.PerWeek:
		year, week := at.ISOWeek()
		return fmt.Sprint(year, " week ", week)
	case network.PerMonth:
		return at.Format("2006-01")
	case network.PerYear:
		return at.Format("2006")
	}
	return at.Format("2006-01-02")
}

// table holds how many claims of each stance, from -2, an actor makes on a target.
type table map[*actor]map[*actor]*[5]int

func (t table) add(row, column *actor, stance int) {
	if t[row] == nil {
		t[row] = map[*actor]*[5]int{}
	}
	if t[row][column] == nil {
		t[row][column] = &[5]int{}
	}
	t[row][column][stance+2]++
}

// sum is how many claims a node takes part in, and the sum of the squares of the counts.
func (t table) sum(row *actor) (n, squares int) {
	for _, x := range t[row] {
		for _, c := range x {
			n += c
			squares += c * c
		}
	}
	return n, squares
}

// weigh adds up the pairs of claims that two stances give.
func weigh(a network.Aggregation, k, other int) float64 {
	apart := math.Abs(float64(k-other)) / 4
	return map[network.Aggregation]float64{network.Congruence: 1 - apart, network.Conflict: apart, network.Subtract: 1 - 2*apart, network.Ignore: 1}[a]
}

// tie is what joins two rows of a table; shared is 0 where nothing does.
func (t table) tie(in *graph.NetworkInput, a, b *actor) (weight float64, shared int) {
	equal := 0
	for column, x := range t[a] {
		y := t[b][column]
		if y != nil {
			shared++
		}
		for k := range x {
			for other := 0; y != nil && other < 5; other++ {
				weight += float64(x[k]*y[other]) * weigh(in.Aggregation, k, other)
			}
			if y != nil && x[k] > 0 && y[k] > 0 {
				equal += x[k]*y[k] - x[k] - y[k]
			}
		}
	}
	n, squares := t.sum(a)
	m, moreSquares := t.sum(b)
	switch in.Normalization {
	case network.Average:
		weight /= float64(n+m) / 2
	case network.Jaccard:
		weight /= float64(n + m + equal)
	case network.Cosine:
		weight /= math.Sqrt(float64(squares)) * math.Sqrt(float64(moreSquares))
	}
	return weight, shared
}

// affiliation is the tie of an actor with a target.
func affiliation(in *graph.NetworkInput, actors, targets table, a, b *actor) (weight float64, both int) {
	x := actors[a][b]
	if x == nil {
		return 0, 0
	}
	for k, c := range x {
		weight += float64(c) * weigh(in.Aggregation, k, 4)
		both += c
	}
	n, _ := actors.sum(a)
	m, _ := targets.sum(b)
	switch in.Normalization {
	case network.Average:
		weight /= float64(n+m) / 2
	case network.Jaccard:
		weight /= float64(n + m - both)
	case network.Cosine:
		weight /= math.Sqrt(float64(n) * float64(m))
	}
	return weight, both
}

func (s *state) network(in graph.NetworkInput) []string {
	claims := s.claims(&in)
	actors, targets, total := table{}, table{}, 0
	counted := map[string]bool{}
	for i, c := range claims {
		key := fmt.Sprint(i)
		if in.Duplicates != network.Include {
			key = fmt.Sprint(c.actor.number, " ", c.target.number, " ", *c.fact.stance, " ", c.span(in.Duplicates))
		}
		if !counted[key] {
			counted[key] = true
			actors.add(c.actor, c.target, *c.fact.stance)
			targets.add(c.target, c.actor, *c.fact.stance)
			total++
		}
	}
	type node struct {
		*actor
		statements int
	}
	var nodes []node
	for _, a := range s.actors {
		n, _ := actors.sum(a)
		m, _ := targets.sum(a)
		switch in.Mode {
		case network.ActorMode:
			m = 0
		case network.TargetMode:
			n = 0
		default:
			if of := actors[a][a]; of != nil {
				n -= of[0] + of[1] + of[2] + of[3] + of[4] // what is said of oneself counts once
			}
		}
		if n+m > 0 {
			nodes = append(nodes, node{a, n + m})
		}
	}
	slices.SortFunc(nodes, func(a, b node) int {
		return cmp.Or(cmp.Compare(b.statements, a.statements), cmp.Compare(a.number, b.number))
	})
	out := []string{fmt.Sprint(total, " statements")}
	for _, n := range nodes[min(in.Limit, len(nodes)):][:min(100, max(0, len(nodes)-in.Limit))] {
		out = append(out, "without "+n.ID)
	}
	nodes = nodes[:min(in.Limit, len(nodes))]
	var ties []string
	for _, n := range nodes {
		out = append(out, n.ID)
		for _, m := range nodes {
			var weight float64
			var shared int
			switch {
			case in.Mode == network.AffiliationMode:
				weight, shared = affiliation(&in, actors, targets, n.actor, m.actor)
			case n.number < m.number && in.Mode == network.TargetMode:
				weight, shared = targets.tie(&in, n.actor, m.actor)
			case n.number < m.number:
				weight, shared = actors.tie(&in, n.actor, m.actor)
			}
			if shared > 0 && (in.MinWeight == nil || weight >= *in.MinWeight) {
				ties = append(ties, tieLine(n.ID, m.ID, weight, shared, numbers(restsOn(claims, in.Mode, actors, targets, n.actor, m.actor))))
			}
		}
	}
	slices.Sort(ties)
	return append(out, ties...)
}

// restsOn are the facts of the claims by which two nodes are tied, newest first by the days of the claims.
func restsOn(claims []claim, mode network.Mode, actors, targets table, a, b *actor) (out []*fact) {
	newest := map[*fact]edtf.Day{}
	for _, c := range claims {
		ok := c.actor == a && c.target == b
		switch mode {
		case network.ActorMode:
			ok = (c.actor == a || c.actor == b) && actors[a][c.target] != nil && actors[b][c.target] != nil
		case network.TargetMode:
			ok = (c.target == a || c.target == b) && targets[a][c.actor] != nil && targets[b][c.actor] != nil
		}
		if ok {
			day, known := newest[c.fact]
			if !known {
				out = append(out, c.fact)
				day = undated
			}
			newest[c.fact] = max(day, c.day())
		}
	}
	slices.SortFunc(out, func(x, y *fact) int {
		return cmp.Or(cmp.Compare(newest[y], newest[x]), cmp.Compare(x.number, y.number))
	})
	return out[:min(3, len(out))]
}

func tieLine(from, to string, weight float64, shared int, relations []string) string {
	if math.Abs(weight) < 1e-9 {
		weight = 0 // written without a sign
	}
	return fmt.Sprintf("%s - %s weighs %.9f over %d: %s", from, to, weight, shared, strings.Join(relations, " "))
}

func (d *drawer) askNetwork() question {
	in := graph.NetworkInput{
		Mode: oneOf(d, network.Modes), Aggregation: oneOf(d, network.Aggregations), Normalization: oneOf(d, network.Normalizations),
		Duplicates: oneOf(d, network.DuplicateRules), RollUp: d.chance(50), Limit: oneOf(d, []int{0, 3, 20, 100}),
	}
	if d.chance(50) {
		in.Filter = d.filter()
		if d.chance(40) {
			in.Filter = &graph.RelationFilter{}
			d.qualifier(in.Filter)
		}
	}
	if d.large {
		from := d.date()
		in.Filter = &graph.RelationFilter{Occurred: &graph.DateRange{From: &from, To: new(from[:3] + "9-12-31"), Match: graph.MatchCertain}}
		in.Limit = 20
	}
	if d.chance(25) {
		in.Actors = d.actors(8)
	}
	if d.chance(25) {
		in.Targets = d.actors(8)
	}
	if d.chance(20) {
		in.Kinds = append(in.Kinds, oneOf(d, d.world.actors).Kind, oneOf(d, d.world.actors).Kind)
	}
	if d.chance(30) {
		in.MinWeight = new(oneOf(d, []float64{0, 0.123456, -0.4321}))
	}
	return question{
		text: written("network", in),
		ask:  func(ctx context.Context, a *asked) []string { return a.network(ctx, in) },
		want: func(s *state) []string { return s.network(in) },
	}
}

func (a *asked) network(ctx context.Context, in graph.NetworkInput) []string {
	n := must(a.Network(ctx, in))
	out := []string{fmt.Sprint(n.Statements, " statements")}
	if n.Truncation != nil {
		for _, id := range n.Truncation.Frontier {
			out = append(out, "without "+id)
		}
	}
	for _, e := range n.Nodes {
		out = append(out, e.ID)
	}
	var ties []string
	for i, t := range n.Ties {
		if i > 0 && t.Weight > n.Ties[i-1].Weight {
			out = append(out, "the ties are not sorted")
		}
		ties = append(ties, tieLine(t.From.ID, t.To.ID, t.Weight, t.Shared, a.numbers(must(t.Relations(ctx, 3)))))
	}
	slices.Sort(ties)
	return append(out, ties...)
}
