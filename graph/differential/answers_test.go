package differential

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/text"
)

// numbers writes facts by their numbers.
func numbers(facts []*fact) (out []string) {
	for _, x := range facts {
		out = append(out, fmt.Sprint("#", x.number))
	}
	return out
}

// sortFacts sorts by several keys; newest first, and then as recorded, where they are equal. A single key that
// goes upwards is the list read from its end.
func sortFacts(facts []*fact, order []graph.RelationOrder) []*fact {
	out := slices.Clone(facts)
	slices.SortStableFunc(out, func(a, b *fact) int {
		for _, o := range order {
			c := 0
			switch o.Field {
			case graph.ByOccurred:
				c = cmp.Compare(a.day, b.day)
			case graph.ByRecorded:
				c = cmp.Compare(a.number, b.number)
			case graph.ByType:
				c = cmp.Compare(a.typ.ID, b.typ.ID)
			}
			if o.Descending {
				c = -c
			}
			if c != 0 {
				return c
			}
		}
		return newestFirst(a, b)
	})
	if len(order) == 1 && order[0].Field == graph.ByOccurred && !order[0].Descending {
		out = slices.Clone(facts)
		slices.Reverse(out)
	}
	return out
}

// neighbor is one counterpart with what ties it.
type neighbor struct {
	who   *actor
	facts []*fact
}

func (s *state) neighbors(a *actor, f *graph.RelationFilter, others *graph.EntityFilter, dir graph.Direction, order *graph.NeighborOrder) []*neighbor {
	by := map[*actor]*neighbor{}
	var out []*neighbor
	for _, x := range s.of(a, f, dir) {
		who := s.other(a, x)
		if by[who] == nil {
			by[who] = &neighbor{who: who}
			if s.meets(others, who) {
				out = append(out, by[who])
			}
		}
		by[who].facts = append(by[who].facts, x)
	}
	if order == nil {
		order = &graph.NeighborOrder{Field: graph.ByRelationCount, Descending: true}
	}
	slices.SortFunc(out, func(a, b *neighbor) int {
		c := 0
		switch order.Field {
		case graph.ByRelationCount:
			c = cmp.Compare(len(a.facts), len(b.facts))
		case graph.ByLastOccurred:
			c = cmp.Compare(a.facts[0].day, b.facts[0].day)
		case graph.ByNeighborName:
			c = strings.Compare(text.Fold(a.who.Name), text.Fold(b.who.Name))
		}
		if order.Descending {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.who.number, b.who.number))
	})
	return out
}

func (n *neighbor) line() string {
	counts := map[string]int{}
	for _, x := range n.facts {
		counts[x.typ.ID]++
	}
	line := fmt.Sprint(n.who.ID, " ", len(n.facts), " net ", net(n.facts))
	for _, id := range mostFrequent(counts, len(counts)) {
		line += fmt.Sprint(" ", id, " ", counts[id])
	}
	first, last := span(n.facts)
	return line + " " + first + " " + last + " " + strings.Join(numbers(n.facts[:min(2, len(n.facts))]), " ")
}

// stand is where an actor stands on a target, with the position before.
type stand struct {
	actor, target *actor
	basis         []*fact
	previous      *stand
}

func (s *state) positions(either *actor, f *graph.PositionFilter) []*stand {
	if f == nil {
		f = &graph.PositionFilter{}
	}
	type pair [2]*actor
	statements := map[pair][]*fact{}
	for _, x := range s.newest {
		from, to := s.from(x), s.to(x)
		if s.gone[x] || x.stance == nil || either != nil && either != from && either != to ||
			f.Actors != nil && !s.is(f.Actors, from) || f.Targets != nil && !s.is(f.Targets, to) || f.Occurred != nil && !within(f.Occurred, x.date) {
			continue
		}
		statements[pair{from, to}] = append(statements[pair{from, to}], x)
	}
	var out []*stand
	for p, list := range statements {
		slices.SortFunc(list, func(a, b *fact) int {
			return cmp.Or(cmp.Compare(b.day, a.day), cmp.Compare(s.lastPublished(b), s.lastPublished(a)), cmp.Compare(b.number, a.number))
		})
		var first, last *stand
		for i, x := range list {
			if i > 0 && *x.stance == *list[i-1].stance {
				last.basis = append(last.basis, x)
				continue
			}
			next := &stand{actor: p[0], target: p[1], basis: []*fact{x}}
			if last == nil {
				first = next
			} else {
				last.previous = next
			}
			last = next
		}
		if s.keepsStand(f, first) {
			out = append(out, first)
		}
	}
	slices.SortFunc(out, func(a, b *stand) int {
		return cmp.Or(cmp.Compare(a.actor.number, b.actor.number), cmp.Compare(a.target.number, b.target.number))
	})
	return out
}

func (s *state) keepsStand(f *graph.PositionFilter, p *stand) bool {
	if f.Stance != nil && !slices.Contains(f.Stance, graph.StanceLabels[*p.basis[0].stance+2]) {
		return false
	}
	if f.ChangedSince == nil {
		return true
	}
	since, _ := edtf.MustParse(*f.ChangedSince).Earliest()
	return p.basis[len(p.basis)-1].day >= since
}

func (s *state) lastPublished(x *fact) edtf.Day {
	last := undated
	for _, c := range s.standing(x) {
		last = max(last, dayOf(c.document.date))
	}
	return last
}

func (p *stand) line() string {
	line := p.actor.ID + " on " + p.target.ID
	for ; p != nil; p = p.previous {
		line += fmt.Sprint(" ", *p.basis[0].stance, " conditional ", p.basis[0].condition != "", " since ", p.basis[len(p.basis)-1].occurred, " ", numbers(p.basis))
	}
	return line
}

// conflicts are the live facts that cannot all be true or sincere with one, newest first.
func (s *state) conflicts(x *fact) (out []*fact) {
	for _, y := range s.newest {
		if y == x || s.gone[y] || s.from(y) != s.from(x) || s.to(y) != s.to(x) {
			continue
		}
		against := x.stance != nil && y.stance != nil && *x.stance**y.stance < 0 && mayOverlap(x.date, y.date)
		for _, a := range s.standing(x) {
			for _, b := range s.standing(y) {
				against = against || a.document == b.document && a.Quote == b.Quote && a.place() == b.place() && a.Verdict != b.Verdict
			}
		}
		if against {
			out = append(out, y)
		}
	}
	return out
}

func mayOverlap(a, b edtf.Date) bool {
	x, y := a.Bounds(), b.Bounds()
	return a.IsZero() || b.IsZero() || x.StartEarliest <= y.EndLatest && y.StartEarliest <= x.EndLatest
}

func (s *state) entities(f *graph.EntityFilter) (out []*actor) {
	for _, a := range s.actors {
		if s.merged[a] == nil && s.meets(f, a) {
			out = append(out, a)
		}
	}
	return out
}

func (s *state) sortActors(list []*actor, o graph.EntityOrder) {
	slices.SortStableFunc(list, func(a, b *actor) int {
		c := 0
		switch o.Field {
		case graph.ByName:
			c = strings.Compare(text.Fold(a.Name), text.Fold(b.Name))
		case graph.ByDegree:
			c = cmp.Compare(len(s.around(a)), len(s.around(b)))
		case graph.ByCreated:
			c = cmp.Compare(a.number, b.number)
		}
		if o.Descending {
			c = -c
		}
		return c
	})
}

func (s *state) documentsOf(f *graph.DocumentFilter) (out []*document) {
	var mentioned map[*document]bool
	if f.Mentions != nil {
		mentioned = map[*document]bool{}
		for _, x := range s.newest {
			if !s.gone[x] && s.involves(f.Mentions, x) {
				for _, c := range s.standing(x) {
					mentioned[c.document] = true
				}
			}
		}
	}
	for _, d := range s.documents {
		if (mentioned == nil || mentioned[d]) &&
			(f.IDs == nil || slices.Contains(f.IDs, d.ID)) &&
			(f.Title == nil || like(f.Title, d.Title)) &&
			(f.Publishers == nil || slices.Contains(f.Publishers, d.Publisher)) &&
			(f.Published == nil || within(f.Published, d.date)) &&
			(f.Kinds == nil || slices.Contains(f.Kinds, d.Kind)) &&
			(f.Langs == nil || slices.Contains(f.Langs, d.Lang)) &&
			(f.Text == nil || d.Text != "" && like(f.Text, d.Text)) {
			out = append(out, d)
		}
	}
	slices.SortStableFunc(out, func(a, b *document) int { return cmp.Compare(dayOf(b.date), dayOf(a.date)) })
	return out
}

// impact is what would become of the facts that cite a document, were it withdrawn.
func (s *state) impact(d *document) string {
	citations, lost, weakened := 0, 0, 0
	for _, x := range s.facts {
		if s.gone[x] {
			continue
		}
		left := *x
		left.citations = nil
		for _, c := range s.standing(x) {
			if c.document == d {
				citations++
			} else {
				left.citations = append(left.citations, c)
			}
		}
		switch {
		case len(left.citations) == len(s.standing(x)):
		case len(left.citations) == 0:
			lost++
		case s.status(&left) != s.status(x):
			weakened++
		}
	}
	return fmt.Sprint(citations, " citations, ", lost, " lost, ", weakened, " weakened")
}
