package differential

import (
	"context"
	"fmt"
	"strings"

	"chancery/graph"
)

// stats turns a question about the counts of a list into one that can be asked.
func (d *drawer) stats(what string, src source, ask func(ctx context.Context, a *asked, st *graph.RelationStats) []string, want func(s *state, facts []*fact) []string) question {
	none := 0
	return question{
		text: written(what, src.text),
		ask: func(ctx context.Context, a *asked) []string {
			return ask(ctx, a, src.page(ctx, a, nil, graph.PageArgs{First: &none}).Stats())
		},
		want: func(s *state) []string { return want(s, src.want(s)) },
	}
}

func (d *drawer) askFacets() question {
	by, limit := some(d, graph.StatsKeys, 3), oneOf(d, []int{0, 1, 5, 20})
	return d.stats(written("facets", by, limit), d.source(),
		func(ctx context.Context, _ *asked, st *graph.RelationStats) []string {
			return append(facetLines(must(st.Facets(ctx, by, limit))), total(must(st.Count(ctx))))
		},
		func(s *state, facts []*fact) []string { return append(s.facets(facts, by, limit), total(len(facts))) })
}

func (d *drawer) askGroups() question {
	by, order, limit := some(d, graph.StatsKeys, 2), oneOf(d, graph.GroupOrders), oneOf(d, []int{1, 5, 20})
	var minCount *int
	if d.chance(30) {
		minCount = new(d.IntN(4))
	}
	return d.stats(written("groups", by, order, minCount, limit), d.source(),
		func(ctx context.Context, a *asked, st *graph.RelationStats) (out []string) {
			for _, g := range must(st.Groups(ctx, by, order, minCount, limit)) {
				var keys []string
				for _, k := range g.Keys {
					keys = append(keys, k.Value)
				}
				out = append(out, fmt.Sprint(keys, g.Count, g.FirstOccurred, g.LastOccurred, g.NetStance, must(g.Documents(ctx)), must(g.Publishers(ctx)))+
					" "+strings.Join(a.numbers(must(g.Sample(ctx, 2))), " "))
			}
			return out
		},
		func(s *state, facts []*fact) []string { return s.groups(facts, by, order, minCount, limit) })
}

func (d *drawer) askMatrix() question {
	rows, columns, limit := oneOf(d, graph.StatsKeys), oneOf(d, graph.StatsKeys), oneOf(d, []int{1, 5, 30})
	return d.stats(written("matrix", rows, columns, limit), d.source(),
		func(ctx context.Context, _ *asked, st *graph.RelationStats) []string {
			return matrixLines(must(st.Matrix(ctx, rows, columns, limit)))
		},
		func(s *state, facts []*fact) []string { return s.matrix(facts, rows, columns, limit) })
}

func (d *drawer) askTimeline() question {
	in := graph.TimelineInput{Interval: oneOf(d, graph.TimeIntervals), On: oneOf(d, graph.TimeFields), Fill: d.chance(50), Limit: 1 + d.IntN(5)}
	if d.chance(50) {
		in.On = graph.TimeOccurred
	}
	if d.chance(40) {
		in.Range = d.window()
	}
	if d.chance(40) {
		key := oneOf(d, graph.StatsKeys)
		in.SplitBy = &key
	}
	// So many days cannot be filled in.
	if in.Fill && (in.Interval == graph.IntervalDay || in.Interval == graph.IntervalWeek) && d.facts[len(d.facts)-1].day-d.facts[0].day > 9_000 {
		in.Interval = graph.IntervalMonth
	}
	return d.stats(written("timeline", in), d.source(),
		func(ctx context.Context, _ *asked, st *graph.RelationStats) []string {
			return timelineLines(must(st.Timeline(ctx, in)))
		},
		func(s *state, facts []*fact) []string { return s.timeline(facts, in) })
}
