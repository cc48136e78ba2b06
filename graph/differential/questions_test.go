package differential

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"chancery/graph"
)

// question is one that both the service and the naive program answer, as lines of text.
type question struct {
	text string
	ask  func(ctx context.Context, a *asked) []string
	want func(s *state) []string
}

// asked is a view of the service, with the numbers that the naive program gives to relations.
type asked struct {
	*graph.View
	number map[string]int // of relations, by id
	id     []string       // of relations, by number
}

// failure carries an error of the service to the answer.
type failure struct{ error }

func must[T any](v T, err error) T {
	if err != nil {
		panic(failure{err})
	}
	return v
}

func (a *asked) numbers(relations []*graph.Relation) (out []string) {
	for _, r := range relations {
		out = append(out, fmt.Sprint("#", a.number[r.ID]))
	}
	return out
}

func written(kind string, parts ...any) string {
	b, err := json.Marshal(parts)
	if err != nil {
		panic(err)
	}
	return kind + " " + unset.ReplaceAllString(string(b), "")
}

// unset are the fields of a filter that ask for nothing.
var unset = regexp.MustCompile(`,"\w+":null|"\w+":null,|"\w+":null`)

func total(n int) string { return fmt.Sprint("total ", n) }

// question draws one of a kind.
func (d *drawer) question(kind string) question {
	draw := map[string]func() question{
		"relations": d.askRelations, "evidence": d.askEvidence, "degree": d.askDegree, "neighbors": d.askNeighbors,
		"facets": d.askFacets, "groups": d.askGroups, "matrix": d.askMatrix, "timeline": d.askTimeline,
		"positions": d.askPositions, "conflicts": d.askConflicts, "entities": d.askEntities, "documents": d.askDocuments,
		"impact": d.askImpact, "neighborhood": d.askNeighborhood, "paths": d.askPaths, "network": d.askNetwork,
	}[kind]
	return draw()
}

// kinds are the kinds of questions.
var kinds = []string{"relations", "neighbors", "facets", "neighborhood", "paths", "timeline", "degree", "groups", "positions",
	"entities", "relations", "evidence", "matrix", "conflicts", "documents", "impact", "network"}

// source is a list of relations: of all, of an entity, or of a document.
type source struct {
	text string
	page func(ctx context.Context, a *asked, order []graph.RelationOrder, p graph.PageArgs) *graph.Page[*graph.Relation]
	want func(s *state) []*fact
	// byRecording: the list is sorted as recorded unless another order is asked for.
	byRecording bool
}

func (d *drawer) source() source {
	f := d.filter()
	switch n := d.IntN(10); {
	case n < 5 || d.large && f != nil && f.Citation != nil:
		return source{
			text: written("relations", f),
			page: func(ctx context.Context, a *asked, order []graph.RelationOrder, p graph.PageArgs) *graph.Page[*graph.Relation] {
				return must(a.Relations(ctx, f, order, p))
			},
			want: func(s *state) []*fact { return s.list(f) },
		}
	case n < 8 || len(d.documents) == 1: // what cites the only document is the first list once more
		who, dir := d.actor(), oneOf(d, graph.Directions)
		return source{
			text: written("relations of", who.ID, dir, f),
			page: func(ctx context.Context, a *asked, order []graph.RelationOrder, p graph.PageArgs) *graph.Page[*graph.Relation] {
				return must(must(a.Entity(ctx, who.ID)).Relations(ctx, f, dir, order, p))
			},
			want: func(s *state) []*fact { return s.of(s.shown(who), f, dir) },
		}
	}
	doc := oneOf(d, d.documents)
	return source{
		text: written("relations citing", doc.ID, f),
		page: func(ctx context.Context, a *asked, _ []graph.RelationOrder, p graph.PageArgs) *graph.Page[*graph.Relation] {
			return must(must(a.Document(ctx, doc.ID)).Relations(ctx, f, p))
		},
		want: func(s *state) (out []*fact) {
			for _, x := range s.list(f) {
				if slices.ContainsFunc(s.listed(x), func(c *citation) bool { return c.document == doc }) {
					out = append(out, x)
				}
			}
			return out
		},
		byRecording: true,
	}
}

func (d *drawer) askRelations() question {
	src := d.source()
	var order []graph.RelationOrder
	if !src.byRecording && d.chance(50) {
		order = append(order, graph.RelationOrder{Field: oneOf(d, graph.RelationOrderFields), Descending: d.chance(50)})
		if second := oneOf(d, graph.RelationOrderFields); second != order[0].Field && d.chance(40) {
			order = append(order, graph.RelationOrder{Field: second, Descending: d.chance(50)})
		}
	}
	size := oneOf(d, []int{1, 7, 25, 100})
	return question{
		text: written(src.text, order, size),
		ask: func(ctx context.Context, a *asked) []string {
			p := src.page(ctx, a, order, graph.PageArgs{First: &size})
			out := append([]string{total(must(p.Total())), fmt.Sprint("more ", p.HasNext)}, a.numbers(p.Items)...)
			if p.HasNext {
				next := src.page(ctx, a, order, graph.PageArgs{First: &size, After: &p.Cursors[len(p.Cursors)-1]})
				out = append(out, a.numbers(next.Items)...)
			}
			end := src.page(ctx, a, order, graph.PageArgs{Last: &size})
			return append(append(out, "end"), a.numbers(end.Items)...)
		},
		want: func(s *state) []string {
			facts := src.want(s)
			switch {
			case src.byRecording:
				facts = sortFacts(facts, []graph.RelationOrder{{Field: graph.ByRecorded}})
			case len(order) > 0:
				facts = sortFacts(facts, order)
			}
			out := []string{total(len(facts)), fmt.Sprint("more ", len(facts) > size)}
			out = append(out, numbers(facts[:min(2*size, len(facts))])...)
			return append(append(out, "end"), numbers(facts[max(0, len(facts)-size):])...)
		},
	}
}

// askEvidence asks what the citations of the relations on one page add up to.
func (d *drawer) askEvidence() question {
	f := d.filter()
	size := 20
	return question{
		text: written("evidence", f),
		ask: func(ctx context.Context, a *asked) (out []string) {
			for _, r := range must(a.Relations(ctx, f, nil, graph.PageArgs{First: &size})).Items {
				n := must(r.Support(ctx))
				line := fmt.Sprint("#", a.number[r.ID], " ", must(r.Status(ctx)), " ", must(r.CitationCount(ctx)), n.Affirming, n.Denying, n.Documents, n.Publishers, n.IndependentSources,
					dayOf(dateOf(n.FirstPublished)), dayOf(dateOf(n.LastPublished)))
				var citations []string
				last := dayOf(dateOf("9999"))
				for _, c := range must(r.Citations(ctx, nil, 1_000_000)) {
					doc := must(c.Document(ctx))
					speaker := ""
					if e := must(c.Speaker(ctx)); e != nil {
						speaker = e.ID
					}
					if day := dayOf(dateOf(doc.Published)); day > last {
						line += " not newest first"
					} else {
						last = day
					}
					citations = append(citations, strings.Join([]string{doc.ID, c.Quote, c.Locator, speaker, string(c.Verdict)}, "|"))
				}
				sort.Strings(citations)
				out = append(append(out, line), citations...)
			}
			return out
		},
		want: func(s *state) (out []string) {
			facts := s.list(f)
			for _, x := range facts[:min(size, len(facts))] {
				n := s.support(x)
				count := len(s.standing(x))
				line := fmt.Sprint("#", x.number, " ", s.status(x), " ", count, n.Affirming, n.Denying, n.Documents, n.Publishers, n.IndependentSources,
					dayOf(dateOf(n.FirstPublished)), dayOf(dateOf(n.LastPublished)))
				var citations []string
				for _, c := range s.listed(x) {
					speaker := ""
					if c.speaker != nil {
						speaker = s.shown(c.speaker).ID
					}
					citations = append(citations, strings.Join([]string{c.Document, c.Quote, c.Locator, speaker, string(c.Verdict)}, "|"))
				}
				sort.Strings(citations)
				out = append(append(out, line), citations...)
			}
			return out
		},
	}
}

func (d *drawer) askDegree() question {
	who := d.actor()
	f := d.filter()
	if d.chance(50) {
		f = nil
	}
	return question{
		text: written("degree", who.ID, f),
		ask: func(ctx context.Context, a *asked) (out []string) {
			e := must(a.Entity(ctx, who.ID))
			for _, dir := range graph.Directions {
				out = append(out, fmt.Sprint(dir, " ", must(e.Degree(ctx, f, dir))))
			}
			return out
		},
		want: func(s *state) (out []string) {
			for _, dir := range graph.Directions {
				out = append(out, fmt.Sprint(dir, " ", len(s.of(s.shown(who), f, dir))))
			}
			return out
		},
	}
}

func (d *drawer) askNeighbors() question {
	who, dir := d.actor(), oneOf(d, graph.Directions)
	var f *graph.RelationFilter
	var others *graph.EntityFilter
	var order *graph.NeighborOrder
	if d.chance(50) {
		f = d.filter()
	}
	if d.chance(30) {
		others = d.entityFilter(1)
	}
	if d.chance(50) {
		order = &graph.NeighborOrder{Field: oneOf(d, graph.NeighborOrderFields), Descending: d.chance(50)}
	}
	size := 30
	return question{
		text: written("neighbors", who.ID, dir, f, others, order),
		ask: func(ctx context.Context, a *asked) []string {
			p := must(must(a.Entity(ctx, who.ID)).Neighbors(ctx, f, others, dir, order, graph.PageArgs{First: &size}))
			out := []string{total(must(p.Total()))}
			for _, n := range p.Items {
				line := fmt.Sprint(n.Entity.ID, " ", n.RelationCount, " net ", n.NetStance)
				for _, t := range n.Types {
					line += fmt.Sprint(" ", t.ID, " ", t.Count)
				}
				out = append(out, line+" "+n.FirstOccurred+" "+n.LastOccurred+" "+strings.Join(a.numbers(must(n.Relations(ctx, 2))), " "))
			}
			return out
		},
		want: func(s *state) []string {
			list := s.neighbors(s.shown(who), f, others, dir, order)
			out := []string{total(len(list))}
			for _, n := range list[:min(size, len(list))] {
				out = append(out, n.line())
			}
			return out
		},
	}
}

func (d *drawer) askPositions() question {
	f := &graph.PositionFilter{}
	var either *actor
	if d.chance(40) {
		either = d.actor()
	}
	if d.chance(40) || d.large && either == nil {
		f.Actors = d.actors(3)
	}
	if d.chance(30) {
		f.Targets = d.actors(4)
	}
	if d.chance(30) {
		f.Stance = some(d, graph.StanceLabels, 2)
	}
	if d.chance(30) {
		f.Occurred = d.window()
	}
	if d.chance(30) {
		since := d.date()
		f.ChangedSince = &since
	}
	size := 40
	return question{
		text: written("positions", either, f),
		ask: func(ctx context.Context, a *asked) []string {
			var p *graph.Page[*graph.Position]
			if either != nil {
				p = must(must(a.Entity(ctx, either.ID)).Positions(ctx, f, graph.PageArgs{First: &size}))
			} else {
				p = must(a.Positions(ctx, f, graph.PageArgs{First: &size}))
			}
			out := []string{total(must(p.Total()))}
			for _, x := range p.Items {
				line := x.Actor.ID + " on " + x.Target.ID
				for ; x != nil; x = x.Previous {
					line += fmt.Sprint(" ", x.Stance, " conditional ", x.Conditional, " since ", x.Since, " ", a.numbers(x.Basis))
				}
				out = append(out, line)
			}
			return out
		},
		want: func(s *state) []string {
			list := s.positions(s.shown(either), f)
			out := []string{total(len(list))}
			for _, p := range list[:min(size, len(list))] {
				out = append(out, p.line())
			}
			return out
		},
	}
}

func (d *drawer) askConflicts() question {
	x := oneOf(d, d.facts)
	for range 50 {
		if x.stance != nil && *x.stance != 0 || x.citations[0].Verdict == graph.Denies {
			break
		}
		x = oneOf(d, d.facts)
	}
	return question{
		text: written("conflicts", x.number),
		ask: func(ctx context.Context, a *asked) []string {
			return a.numbers(must(must(a.Relation(ctx, a.id[x.number])).Conflicts(ctx, 100)))
		},
		want: func(s *state) []string {
			list := s.conflicts(x)
			return numbers(list[:min(100, len(list))])
		},
	}
}

func (d *drawer) askEntities() question {
	f := d.entityFilter(2)
	order := graph.EntityOrder{Field: oneOf(d, []graph.EntityOrderField{graph.ByName, graph.ByDegree, graph.ByCreated}), Descending: d.chance(40)}
	size := 40
	return question{
		text: written("entities", f, order),
		ask: func(ctx context.Context, a *asked) []string {
			p := must(a.Entities(ctx, f, []graph.EntityOrder{order}, graph.PageArgs{First: &size}))
			out := []string{total(must(p.Total()))}
			for _, e := range p.Items {
				out = append(out, e.ID)
			}
			for _, k := range must(a.EntityKindFacet(ctx, f)) {
				out = append(out, fmt.Sprint(k.Value, " ", k.Count))
			}
			return out
		},
		want: func(s *state) []string {
			list := s.entities(f)
			s.sortActors(list, order)
			if order.Field == graph.ByName && order.Descending {
				// Equal names are read from the end of the list as well.
				slices.Reverse(list)
				s.sortActors(list, graph.EntityOrder{Field: graph.ByCreated})
				s.sortActors(list, graph.EntityOrder{Field: graph.ByName})
				slices.Reverse(list)
			}
			out := []string{total(len(list))}
			counts := map[string]int{}
			for i, a := range list {
				if i < size {
					out = append(out, a.ID)
				}
				counts[string(a.Kind)]++
			}
			for _, k := range mostFrequent(counts, len(counts)) {
				out = append(out, fmt.Sprint(k, " ", counts[k]))
			}
			return out
		},
	}
}

func (d *drawer) askDocuments() question {
	f := &graph.DocumentFilter{}
	doc := oneOf(d, d.documents)
	for range 1 + d.IntN(2) {
		switch d.IntN(7) {
		case 0:
			f.Title = d.name(doc.Title)
		case 1:
			f.Publishers = some(d, d.publishers, 3)
		case 2:
			f.Published = d.window()
		case 3:
			f.Kinds = some(d, graph.DocumentKinds, 4)
		case 4:
			f.Mentions = d.actors(2)
		case 5:
			if len(d.langs) > 0 {
				f.Langs = some(d, d.langs, 2)
			}
		default:
			if len(doc.Text) > 0 {
				f.Text = d.name(doc.Text)
			} else {
				f.IDs = []string{doc.ID}
			}
		}
	}
	size := 40
	return question{
		text: written("documents", f),
		ask: func(ctx context.Context, a *asked) []string {
			p := must(a.Documents(ctx, f, graph.PageArgs{First: &size}))
			out := []string{total(must(p.Total()))}
			for _, x := range p.Items {
				out = append(out, x.ID)
			}
			return out
		},
		want: func(s *state) []string {
			list := s.documentsOf(f)
			out := []string{total(len(list))}
			for _, x := range list[:min(size, len(list))] {
				out = append(out, x.ID)
			}
			return out
		},
	}
}

func (d *drawer) askImpact() question {
	doc := oneOf(d, d.documents)
	return question{
		text: written("impact", doc.ID),
		ask: func(ctx context.Context, a *asked) []string {
			i := must(must(a.Document(ctx, doc.ID)).Impact(ctx))
			return []string{fmt.Sprint(i.Citations, " citations, ", i.RelationsLost, " lost, ", i.RelationsWeakened, " weakened")}
		},
		want: func(s *state) []string { return []string{s.impact(doc)} },
	}
}
