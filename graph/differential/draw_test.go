package differential

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/vocab"
)

// drawer draws questions about what a world holds.
type drawer struct {
	*rand.Rand
	*world
	large      bool
	tied       []*actor // what has relations, the most first
	typeIDs    []string
	publishers []string
	langs      []string
}

func newDrawer(w *world, seed uint64) *drawer {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, 1)), world: w, large: len(w.facts) > 100_000}
	degree := map[*actor]int{}
	types, publishers, langs := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, x := range w.facts {
		degree[x.from]++
		degree[x.to]++
		types[x.typ.ID] = true
	}
	for _, x := range w.documents {
		publishers[x.Publisher] = true
		if x.Lang != "" {
			langs[x.Lang] = true
		}
	}
	d.tied = slices.SortedFunc(maps.Keys(degree), func(a, b *actor) int {
		return cmp.Or(cmp.Compare(degree[b], degree[a]), cmp.Compare(a.number, b.number))
	})
	d.typeIDs, d.publishers, d.langs = slices.Sorted(maps.Keys(types)), slices.Sorted(maps.Keys(publishers)), slices.Sorted(maps.Keys(langs))
	return d
}

func oneOf[T any](d *drawer, list []T) T { return list[d.IntN(len(list))] }

func some[T any](d *drawer, list []T, most int) (out []T) {
	for range 1 + d.IntN(most) {
		out = append(out, oneOf(d, list))
	}
	return out
}

func (d *drawer) chance(percent int) bool { return d.IntN(100) < percent }

// actor draws a hub, an end of a relation, or anything that has relations.
func (d *drawer) actor() *actor {
	switch n := d.IntN(10); {
	case n < 3:
		return oneOf(d, d.tied[:min(10, len(d.tied))])
	case n < 7:
		if x := oneOf(d, d.facts); d.chance(50) {
			return x.from
		} else {
			return x.to
		}
	}
	return oneOf(d, d.tied)
}

func (d *drawer) actors(most int) (out []string) {
	for range 1 + d.IntN(most) {
		out = append(out, d.actor().ID)
	}
	return out
}

// date draws a date that the data have, at times a coarser one.
func (d *drawer) date() string {
	s := "2015-10-27"
	for range 20 {
		if day := oneOf(d, d.facts).day; day > openStart {
			if y, _, _ := day.Date(); y > 1000 && y < 3000 {
				s = day.String()
				break
			}
		}
	}
	return s[:[]int{10, 10, 10, 7, 4}[d.IntN(5)]]
}

func (d *drawer) window() *graph.DateRange {
	r := &graph.DateRange{Match: oneOf(d, graph.DateMatches)}
	from := d.date()
	if d.chance(90) {
		r.From = &from
	}
	if r.From == nil || d.chance(80) {
		day, _ := edtf.MustParse(from).Earliest()
		to := (day + edtf.Day(1+d.IntN([]int{2, 40, 400, 4000}[d.IntN(4)]))).String()
		if d.chance(20) {
			to = to[:7]
			if to <= from[:min(7, len(from))] {
				to = (day + 40).String()
			}
		}
		r.To = &to
	}
	return r
}

func (d *drawer) stance() *graph.IntRange {
	low := d.IntN(5) - 2
	high := low + d.IntN(3)
	switch d.IntN(3) {
	case 0:
		return &graph.IntRange{GTE: &low}
	case 1:
		return &graph.IntRange{LTE: &low}
	}
	return &graph.IntRange{GTE: &low, LTE: &high}
}

// name draws a piece of a name of the data.
func (d *drawer) name(of string) *graph.StringFilter {
	switch w := words(of); {
	case d.chance(15):
		return &graph.StringFilter{Eq: &of}
	case len(w) == 0 || d.chance(50):
		r := []rune(of)
		prefix := string(r[:min(len(r), 1+d.IntN(5))])
		if d.chance(30) {
			prefix = strings.ToUpper(prefix)
		}
		return &graph.StringFilter{Prefix: &prefix}
	default:
		match := oneOf(d, w)
		return &graph.StringFilter{Match: &match}
	}
}

func (d *drawer) entityFilter(depth int) *graph.EntityFilter {
	f := &graph.EntityFilter{}
	switch n := d.IntN(10); {
	case n < 2:
		f.Kinds = []vocab.Kind{oneOf(d, d.world.actors).Kind}
		if d.chance(40) {
			f.Kinds = append(f.Kinds, oneOf(d, vocab.Kinds))
		}
	case n < 5:
		f.Name = d.name(d.actor().Name)
	case n < 6:
		f.Degree = &graph.IntRange{GTE: new(d.IntN(30))}
		if d.chance(50) {
			f.Degree.LTE = new(*f.Degree.GTE + d.IntN(200))
		}
	case n < 7:
		f.IDs = d.actors(6)
	case n < 8:
		scheme := oneOf(d, []string{"cameoActor", "wikidata"})
		f.ExternalScheme = &scheme
	default:
		q := &graph.RelationQuantifier{Direction: oneOf(d, graph.Directions)}
		if d.chance(60) {
			q.Some = d.narrow()
		}
		if q.Some == nil || d.chance(30) {
			q.None = d.narrow()
		}
		f.Relations = q
	}
	if depth > 0 && d.chance(30) {
		switch g := d.entityFilter(depth - 1); d.IntN(3) {
		case 0:
			f.And = []*graph.EntityFilter{g}
		case 1:
			f = &graph.EntityFilter{Or: []*graph.EntityFilter{f, g}}
		default:
			f.Not = g
		}
	}
	return f
}

// narrow draws a filter that is cheap for any number of entities.
func (d *drawer) narrow() *graph.RelationFilter {
	f := &graph.RelationFilter{}
	switch d.IntN(4) {
	case 0:
		f.Types = some(d, d.typeIDs, 3)
	case 1:
		f.Occurred = d.window()
	case 2:
		f.Involves = d.actors(2)
	default:
		f.Stance = d.stance()
	}
	return f
}

func (d *drawer) citationFilter() *graph.CitationFilter {
	f := &graph.CitationFilter{}
	for range 1 + d.IntN(2) {
		switch d.IntN(9) {
		case 0, 1:
			f.Publishers = some(d, d.publishers, 3)
		case 2:
			f.Documents = nil
			for range 1 + d.IntN(3) {
				f.Documents = append(f.Documents, oneOf(d, d.documents).ID)
			}
		case 3:
			f.Published = d.window()
		case 4:
			if len(d.langs) > 0 {
				f.Langs = some(d, d.langs, 2)
			}
		case 5:
			f.Kinds = some(d, graph.DocumentKinds, 4)
		case 6:
			f.Verdict = []graph.Verdict{oneOf(d, graph.Verdicts)}
		case 7:
			f.Speakers = d.actors(3)
		case 8:
			if c := oneOf(d, oneOf(d, d.facts).citations); c.Quote != "" {
				f.Quote = d.name(c.Quote)
			} else {
				f.Modality = some(d, graph.Modalities, 2)
			}
		}
	}
	return f
}

// filter draws a filter of relations; at times there is none.
func (d *drawer) filter() *graph.RelationFilter {
	if d.chance(10) {
		return nil
	}
	return d.relationFilter(2)
}

func (d *drawer) relationFilter(depth int) *graph.RelationFilter {
	f := &graph.RelationFilter{}
	for range 1 + d.IntN(3) {
		d.field(f)
	}
	if depth > 0 && d.chance(35) {
		g := d.relationFilter(depth - 1)
		switch d.IntN(4) {
		case 0:
			f.And = []*graph.RelationFilter{g}
		case 1:
			f.Or = []*graph.RelationFilter{g, d.relationFilter(depth - 1)}
		case 2:
			f = &graph.RelationFilter{Or: []*graph.RelationFilter{f, g}}
		default:
			f.Not = g
		}
	}
	return f
}

// field sets one field of a filter.
func (d *drawer) field(f *graph.RelationFilter) {
	switch n := d.IntN(26); {
	case n < 4:
		f.Types = some(d, d.typeIDs, 4)
	case n < 7:
		f.From = d.actors(3)
	case n < 9:
		f.To = d.actors(3)
	case n < 12:
		f.Involves = d.actors(3)
	case n < 13:
		x := oneOf(d, d.facts)
		f.InvolvesAll = []string{x.from.ID, x.to.ID}
	case n < 15:
		f.FromMatches = d.entityFilter(1)
	case n < 17:
		f.ToMatches = d.entityFilter(1)
	case n < 18:
		d.qualifier(f)
	case n < 21:
		f.Occurred = d.window()
	case n < 22:
		f.Stance = d.stance()
	case n < 24:
		f.Status = some(d, graph.RelationStatuses, 2)
	case n < 25:
		f.MinIndependentSources = new(d.IntN(4))
	default:
		f.Citation = d.citationFilter()
	}
}

// qualifier asks for a circumstance that some relation has.
func (d *drawer) qualifier(f *graph.RelationFilter) {
	for range 20 {
		x := oneOf(d, d.facts)
		if len(x.qualifiers) == 0 {
			continue
		}
		q := oneOf(d, x.qualifiers)
		f.Qualifier = &graph.QualifierFilter{Role: &q.role}
		if q.entity != nil {
			f.Qualifier.Entity = []string{q.entity.ID}
			if d.chance(30) {
				f.Qualifier.Role = nil
			}
		}
		return
	}
	role := fmt.Sprint("role", d.IntN(9))
	f.Qualifier = &graph.QualifierFilter{Role: &role}
}
