package differential

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"chancery/graph"
)

// walked are the numbers of all relations of an entity, read page by page.
func (f *fixture) walked(t *testing.T, id string, filter *graph.RelationFilter, dir graph.Direction, size int) (out []string) {
	t.Helper()
	args := graph.PageArgs{First: &size}
	e := must(f.Entity(t.Context(), id))
	for {
		p := must(e.Relations(t.Context(), filter, dir, nil, args))
		out = append(out, f.numbers(p.Items)...)
		if !p.HasNext {
			return out
		}
		if len(p.Items) != size {
			t.Fatalf("a page that is not the last has %d relations; want %d", len(p.Items), size)
		}
		args.After = &p.Cursors[len(p.Cursors)-1]
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %s", what, difference(got, want))
	}
}

// hub walks all relations of the entity that has the most.
func (f *fixture) hub(t *testing.T) {
	s := newState(f.w)
	who := slices.MaxFunc(f.w.actors, func(a, b *actor) int { return cmp.Compare(len(s.around(a)), len(s.around(b))) })
	if n := len(s.around(who)); who.ID != "icews/e/china" || n != 26_779 {
		t.Fatalf("%s has %d relations; the data have 26,779 of icews/e/china", who.ID, n)
	}
	e := must(f.Entity(t.Context(), who.ID))
	for _, dir := range graph.Directions {
		want := s.of(who, nil, dir)
		same(t, "all pages, "+string(dir), f.walked(t, who.ID, nil, dir, 1000), numbers(want))
		if n := must(e.Degree(t.Context(), nil, dir)); n != len(want) {
			t.Errorf("degree %s is %d; want %d", dir, n, len(want))
		}
		whole := 1_000_000
		p := must(e.Neighbors(t.Context(), nil, nil, dir, nil, graph.PageArgs{First: &whole}))
		sum := 0
		for _, n := range p.Items {
			sum += n.RelationCount
		}
		if list := s.neighbors(who, nil, nil, dir, nil); sum != len(want) || len(p.Items) != len(list) {
			t.Errorf("%d neighbours with %d relations %s; want %d with %d", len(p.Items), sum, dir, len(list), len(want))
		}
	}
	// An odd page size, and a filter that leaves some out on each page.
	year := &graph.RelationFilter{Occurred: &graph.DateRange{From: new("2010"), To: new("2012"), Match: graph.MatchPossible}}
	same(t, "the years 2010 and 2011", f.walked(t, who.ID, year, graph.Both, 37), numbers(s.of(who, year, graph.Both)))
}

// parallel looks at the two entities that are tied most often.
func (f *fixture) parallel(t *testing.T) {
	s := newState(f.w)
	directed, ties := map[[2]*actor][]*fact{}, map[[2]*actor][]*fact{}
	var pair [2]*actor
	for _, x := range f.w.newest {
		p := [2]*actor{x.from, x.to}
		ties[ordered(x.from, x.to)] = append(ties[ordered(x.from, x.to)], x)
		if directed[p] = append(directed[p], x); len(directed[p]) > len(directed[pair]) {
			pair = p
		}
	}
	want := numbers(ties[ordered(pair[0], pair[1])])
	a, b := pair[0].ID, pair[1].ID
	if n := len(directed[pair]); n != 3_540 || len(want) != 4_202 || a == b {
		t.Fatalf("%d relations go from %s to %s, and %d either way; the data have 3,540 and 4,202", n, a, b, len(want))
	}
	ctx, whole := t.Context(), 10_000
	for filter, want := range map[*graph.RelationFilter][]string{
		{InvolvesAll: []string{a, b}}:              want,
		{From: []string{a}, To: []string{b}}:       numbers(directed[pair]),
		{From: []string{b}, Involves: []string{a}}: numbers(directed[[2]*actor{pair[1], pair[0]}]),
	} {
		p := must(f.Relations(ctx, filter, nil, graph.PageArgs{First: &whole}))
		same(t, written("relations", filter), f.numbers(p.Items), want)
		if n := must(p.Total()); n != len(want) {
			t.Errorf("total %d; want %d", n, len(want))
		}
	}
	for _, n := range must(must(f.Entity(ctx, a)).Neighbors(ctx, nil, &graph.EntityFilter{IDs: []string{b}}, graph.Both, nil, graph.PageArgs{})).Items {
		if n.RelationCount != len(want) {
			t.Errorf("%d relations tie the neighbour; want %d", n.RelationCount, len(want))
		}
		same(t, "relations of the neighbour", f.numbers(must(n.Relations(ctx, whole))), want)
	}
	for _, dir := range graph.Directions {
		path := graph.PathsInput{From: []string{a}, To: []string{b}, K: 1, MaxLength: 1, Direction: dir, Weight: graph.WeightHops}
		same(t, "path "+string(dir), f.asked.paths(ctx, path), s.paths(path))
	}
	for _, most := range []int{len(want), len(want) - 1, 1000, 1, 0} {
		in := graph.NeighborhoodInput{Seeds: []string{a, b}, Depth: 0, Direction: graph.Both, Induced: true, PerNode: 25, MaxNodes: 2, MaxRelations: most}
		found := must(f.Neighborhood(ctx, in))
		n := len(must(found.Relations(ctx)))
		// Relations of one of the two to itself are among them too.
		if all := len(want) + len(ties[ordered(pair[0], pair[0])]) + len(ties[ordered(pair[1], pair[1])]); n != min(most, all) || (found.Truncation != nil) != (most < all) {
			t.Errorf("%d of %d relations with truncation %v, of at most %d", n, all, found.Truncation, most)
		}
		same(t, fmt.Sprint("neighbourhood of at most ", most), f.hood(ctx, in), s.neighborhood(in))
	}
}

// loops looks at the entities that have relations to themselves.
func (f *fixture) loops(t *testing.T) {
	s := newState(f.w)
	loops := map[*actor]int{}
	all := 0
	for _, x := range f.w.facts {
		if x.from == x.to {
			loops[x.from]++
			all++
		}
	}
	if all != 51 {
		t.Fatalf("%d relations of entities to themselves; the data have 51", all)
	}
	for who, n := range loops {
		e := must(f.Entity(t.Context(), who.ID))
		for _, dir := range graph.Directions {
			want := s.of(who, nil, dir)
			if got := must(e.Degree(t.Context(), nil, dir)); got != len(want) {
				t.Errorf("%s: degree %s is %d; want %d", who.ID, dir, got, len(want))
			}
			same(t, who.ID, f.walked(t, who.ID, nil, dir, 1000), numbers(want))
			itself := must(e.Neighbors(t.Context(), nil, &graph.EntityFilter{IDs: []string{who.ID}}, dir, nil, graph.PageArgs{})).Items
			if len(itself) != 1 || itself[0].RelationCount != n {
				t.Errorf("%s: as its own neighbour %s it is there %d times; want once, with %d relations", who.ID, dir, len(itself), n)
			}
		}
		in := graph.NeighborhoodInput{Seeds: []string{who.ID}, Depth: 1, Direction: graph.Out, PerNode: 10, MaxNodes: 12, MaxRelations: 1000}
		same(t, "around "+who.ID, f.hood(t.Context(), in), s.neighborhood(in))
	}
}

// TestThousandsOfCitationsOfOneRelation reads 20,967 citations on four relations.
func TestThousandsOfCitationsOfOneRelation(t *testing.T) {
	f := newFixture(t, unpacked(t, "gdelt-rus-ukr-2022-04"))
	s, ctx, all := newState(f.w), t.Context(), 0
	if len(f.w.facts) != 4 {
		t.Fatalf("%d relations; the data have 4", len(f.w.facts))
	}
	for _, x := range f.w.facts {
		r := must(f.Relation(ctx, f.id[x.number]))
		count := must(r.CitationCount(ctx))
		all += count
		if count != len(x.citations) {
			t.Errorf("%s: %d citations; want %d", x.typ.ID, count, len(x.citations))
		}
		if got, want := must(r.Support(ctx)), s.support(x); got != want {
			t.Errorf("%s: support %+v; want %+v", x.typ.ID, got, want)
		}
		if got, want := must(r.Status(ctx)), s.status(x); got != want {
			t.Errorf("%s: %s; want %s", x.typ.ID, got, want)
		}
		days := []string{}
		for _, c := range x.citations {
			days = append(days, fmt.Sprint(dayOf(c.document.date)))
		}
		slices.SortFunc(days, func(a, b string) int { return cmp.Compare(b, a) })
		for _, first := range []int{0, 1, 100, count, count + 1} {
			got, seen := []string{}, map[string]bool{}
			for _, c := range must(r.Citations(ctx, nil, first)) {
				got = append(got, fmt.Sprint(dayOf(dateOf(must(c.Document(ctx)).Published))))
				seen[c.ID] = true
			}
			same(t, fmt.Sprint(x.typ.ID, ", the first ", first, " citations"), got, days[:min(first, len(days))])
			if len(seen) != len(got) {
				t.Errorf("%s: %d of %d citations are different ones", x.typ.ID, len(seen), len(got))
			}
		}
	}
	if all != 20_967 {
		t.Errorf("%d citations in all; the data have 20,967", all)
	}
	f.compare(64, 1, 0)
}
