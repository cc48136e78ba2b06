package differential

import (
	"context"
	"fmt"
	"strings"

	"chancery/graph"
)

// spent is the only line of an answer that a budget of time or visits cut: what it says then depends on the machine.
const spent = "cut by a budget"

func (d *drawer) askNeighborhood() question {
	in := graph.NeighborhoodInput{
		Seeds: d.actors(2), Depth: d.IntN(4), Direction: oneOf(d, graph.Directions), Induced: d.chance(50),
		PerNode: oneOf(d, []int{1, 3, 25}), MaxNodes: oneOf(d, []int{3, 20, 200}), MaxRelations: oneOf(d, []int{0, 10, 300, 2000}),
	}
	if d.chance(60) {
		in.Relations = d.narrow()
		if !d.large && d.chance(50) {
			in.Relations = d.filter()
		}
	}
	if d.chance(40) {
		in.Entities = d.entityFilter(1)
	}
	return question{
		text: written("neighborhood", in),
		ask:  func(ctx context.Context, a *asked) []string { return a.hood(ctx, in) },
		want: func(s *state) []string { return s.neighborhood(in) },
	}
}

func (a *asked) hood(ctx context.Context, in graph.NeighborhoodInput) (out []string) {
	s := must(a.Neighborhood(ctx, in))
	if cutByBudget(s.Truncation) {
		return []string{spent}
	}
	for i, e := range s.Nodes {
		out = append(out, fmt.Sprint(e.ID, " at ", s.Depths[i]))
	}
	out = append(out, a.numbers(must(s.Relations(ctx)))...)
	if t := s.Truncation; t != nil {
		out = append(out, fmt.Sprint("cut by ", t.Reasons, " at ", t.Frontier))
	}
	return out
}

func cutByBudget(t *graph.Truncation) bool {
	if t != nil {
		for _, r := range t.Reasons {
			if r == graph.TimeBudget || r == graph.VisitBudget {
				return true
			}
		}
	}
	return false
}

func (d *drawer) askPaths() question {
	in := graph.PathsInput{From: d.actors(2), To: d.actors(2), K: oneOf(d, []int{1, 3, 10}), MaxLength: 1 + d.IntN(3), Direction: oneOf(d, graph.Directions), Weight: graph.WeightHops}
	if d.large && d.chance(20) {
		in.MaxLength = 4
	}
	if d.chance(25) {
		in.Avoid = d.actors(2)
	}
	if d.chance(15) {
		in.Through = d.actors(1)
	}
	if d.chance(25) {
		in.AvoidHubsOverDegree = new(20 + d.IntN(300))
	}
	if d.chance(40) {
		in.Relations = d.narrow()
	}
	if d.chance(20) {
		in.Entities = d.entityFilter(0)
	}
	if !d.large {
		in.TimeRespecting = d.chance(25)
		if !in.TimeRespecting && d.chance(25) {
			in.Weight = graph.WeightSupport
		}
	}
	return question{
		text: written("paths", in),
		ask:  func(ctx context.Context, a *asked) []string { return a.paths(ctx, in) },
		want: func(s *state) []string {
			if s.contradicts(&in) {
				return []string{"refused"}
			}
			return s.paths(in)
		},
	}
}

func (a *asked) paths(ctx context.Context, in graph.PathsInput) []string {
	r, err := a.Paths(ctx, in)
	if e, ok := err.(*graph.Error); ok && e.Kind == graph.BadInput && (strings.Contains(e.Message, "same entity") || strings.Contains(e.Message, "is in avoid")) {
		return []string{"refused"}
	}
	must(r, err)
	if cutByBudget(r.Truncation) {
		return []string{spent}
	}
	out := []string{fmt.Sprint("complete ", r.Complete)}
	for _, p := range r.Paths {
		line := fmt.Sprintf("%d steps, cost %.6f, weakest %d:", p.Length, p.Cost, must(p.Weakest(ctx)))
		for i, st := range p.Steps {
			relations := must(st.Relations(ctx, nil))
			line += fmt.Sprint(" ", p.Nodes[i].ID, " ", a.numbers(relations), " reversed ", must(st.Reversed(ctx)))
			if st.Count() != len(relations) || st.From.ID != p.Nodes[i].ID || st.To.ID != p.Nodes[i+1].ID {
				line += " (a step that is not what it says)"
			}
		}
		out = append(out, line+" "+p.Nodes[p.Length].ID)
	}
	return out
}
