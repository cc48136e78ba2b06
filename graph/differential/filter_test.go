package differential

import (
	"slices"
	"strings"
	"unicode"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/text"
)

// state is a world in which relations were withdrawn and entities merged since.
type state struct {
	*world
	gone      map[*fact]bool     // with all their citations
	withdrawn map[*citation]bool // of facts that others are cited for
	merged    map[*actor]*actor  // what was absorbed, with its survivor

	ties map[*actor][]*fact // of each survivor at its ends, newest first, made when asked for
	meet map[meeting]bool
}

type meeting struct {
	filter *graph.EntityFilter
	who    *actor
}

func newState(w *world) *state {
	return &state{world: w, gone: map[*fact]bool{}, withdrawn: map[*citation]bool{}, merged: map[*actor]*actor{}, meet: map[meeting]bool{}}
}

// shown is the entity that stands for another after merges.
func (s *state) shown(a *actor) *actor {
	for a != nil && s.merged[a] != nil {
		a = s.merged[a]
	}
	return a
}

func (s *state) from(f *fact) *actor { return s.shown(f.from) }
func (s *state) to(f *fact) *actor   { return s.shown(f.to) }

// is tells whether an entity is shown under one of the ids.
func (s *state) is(ids []string, a *actor) bool {
	return slices.ContainsFunc(ids, func(id string) bool { return s.shown(s.actorOf[id]) == a })
}

// around are the live facts at whose ends a survivor stands, newest first.
func (s *state) around(a *actor) []*fact {
	if s.ties == nil {
		s.ties = map[*actor][]*fact{}
		for _, f := range s.newest {
			if s.gone[f] {
				continue
			}
			from, to := s.from(f), s.to(f)
			s.ties[from] = append(s.ties[from], f)
			if to != from {
				s.ties[to] = append(s.ties[to], f)
			}
		}
	}
	return s.ties[a]
}

// stands tells whether a survivor stands at the end of a fact that a direction names.
func (s *state) stands(a *actor, f *fact, dir graph.Direction) bool {
	from, to := s.from(f) == a, s.to(f) == a
	switch {
	case dir == graph.Both || dir == "" || f.typ.Symmetric:
		return from || to
	case dir == graph.Out:
		return from
	}
	return to
}

// other is the counterpart of a survivor in a fact.
func (s *state) other(a *actor, f *fact) *actor {
	if s.from(f) == a {
		return s.to(f)
	}
	return s.from(f)
}

// list are the facts that meet a filter, newest first.
func (s *state) list(f *graph.RelationFilter) []*fact { return s.keep(s.newest, f) }

// of are the facts of a survivor in a direction that meet a filter, newest first.
func (s *state) of(a *actor, f *graph.RelationFilter, dir graph.Direction) []*fact {
	all := s.around(a)
	if namesRetracted(f) {
		all = s.newest
	}
	var out []*fact
	for _, x := range all {
		if s.stands(a, x, dir) {
			out = append(out, x)
		}
	}
	return s.keep(out, f)
}

func (s *state) keep(facts []*fact, f *graph.RelationFilter) []*fact {
	withdrawn := namesRetracted(f)
	var out []*fact
	for _, x := range facts {
		if (withdrawn || !s.gone[x]) && s.matches(f, x) {
			out = append(out, x)
		}
	}
	return out
}

// namesRetracted tells whether a filter asks for withdrawn relations.
func namesRetracted(f *graph.RelationFilter) bool {
	return f != nil && (slices.Contains(f.Status, graph.StatusRetracted) || slices.ContainsFunc(f.And, namesRetracted) || slices.ContainsFunc(f.Or, namesRetracted) || namesRetracted(f.Not))
}

func (s *state) matches(f *graph.RelationFilter, x *fact) bool {
	if f == nil {
		return true
	}
	if f.Types != nil && !slices.ContainsFunc(f.Types, x.typ.within) {
		return false
	}
	if !s.endsMatch(f, s.from(x), s.to(x)) && !(x.typ.Symmetric && s.endsMatch(f, s.to(x), s.from(x))) {
		return false
	}
	if f.Involves != nil && !s.involves(f.Involves, x) {
		return false
	}
	for _, id := range f.InvolvesAll {
		if !s.involves([]string{id}, x) {
			return false
		}
	}
	if q := f.Qualifier; q != nil && !slices.ContainsFunc(x.qualifiers, func(has filler) bool {
		return (q.Role == nil || *q.Role == has.role) && (q.Entity == nil || has.entity != nil && s.is(q.Entity, s.shown(has.entity)))
	}) {
		return false
	}
	if f.Occurred != nil && !within(f.Occurred, x.date) || f.Stance != nil && (x.stance == nil || !inRange(f.Stance, *x.stance)) {
		return false
	}
	if f.Status != nil && !slices.Contains(f.Status, s.status(x)) || f.MinIndependentSources != nil && s.support(x).IndependentSources < *f.MinIndependentSources {
		return false
	}
	if f.Citation != nil && !slices.ContainsFunc(s.listed(x), func(c *citation) bool { return s.cites(f.Citation, c) }) {
		return false
	}
	fails := func(g *graph.RelationFilter) bool { return !s.matches(g, x) }
	return !slices.ContainsFunc(f.And, fails) && (f.Or == nil || !every(f.Or, fails)) && (f.Not == nil || fails(f.Not))
}

func every[T any](list []T, is func(T) bool) bool {
	return !slices.ContainsFunc(list, func(x T) bool { return !is(x) })
}

// within tells whether a type is one, or narrower than it.
func (p *predicate) within(id string) bool {
	for ; p != nil; p = p.broader {
		if p.ID == id {
			return true
		}
	}
	return false
}

func (s *state) endsMatch(f *graph.RelationFilter, from, to *actor) bool {
	return (f.From == nil || s.is(f.From, from)) && (f.To == nil || s.is(f.To, to)) &&
		(f.FromMatches == nil || s.meets(f.FromMatches, from)) && (f.ToMatches == nil || s.meets(f.ToMatches, to))
}

func (s *state) involves(ids []string, x *fact) bool {
	return s.is(ids, s.from(x)) || s.is(ids, s.to(x)) || slices.ContainsFunc(x.qualifiers, func(q filler) bool {
		return q.entity != nil && s.is(ids, s.shown(q.entity))
	})
}

// window reads a range of days.
func window(r *graph.DateRange) (days edtf.Range) {
	if r.From != nil {
		days.From, days.HasFrom = edtf.MustParse(*r.From).Earliest()
	}
	if r.To != nil {
		days.To, days.HasTo = edtf.MustParse(*r.To).Earliest()
	}
	return days
}

// within tells whether a date meets a range: may share a day with it, or must. No date is in no range.
func within(r *graph.DateRange, d edtf.Date) bool {
	if d.IsZero() {
		return false
	}
	days, b := window(r), d.Bounds()
	if days.HasFrom && days.HasTo && days.From >= days.To {
		return false
	}
	first, last := b.StartEarliest, b.EndLatest
	if r.Match == graph.MatchCertain {
		first, last = b.StartLatest, b.EndEarliest
	}
	return (!days.HasTo || first < days.To) && (!days.HasFrom || last >= days.From)
}

func inRange(r *graph.IntRange, n int) bool {
	return (r.GTE == nil || n >= *r.GTE) && (r.LTE == nil || n <= *r.LTE)
}

func (s *state) cites(f *graph.CitationFilter, c *citation) bool {
	d := c.document
	return (f.Documents == nil || slices.Contains(f.Documents, d.ID)) &&
		(f.Publishers == nil || slices.Contains(f.Publishers, d.Publisher)) &&
		(f.Kinds == nil || slices.Contains(f.Kinds, d.Kind)) &&
		(f.Langs == nil || slices.Contains(f.Langs, d.Lang)) &&
		(f.Published == nil || within(f.Published, d.date)) &&
		(f.Speakers == nil || c.speaker != nil && s.is(f.Speakers, s.shown(c.speaker))) &&
		(f.Verdict == nil || slices.Contains(f.Verdict, c.Verdict)) &&
		(f.Modality == nil || slices.Contains(f.Modality, c.Modality)) &&
		(f.Quote == nil || like(f.Quote, c.Quote))
}

// like tells whether a string meets a filter.
func like(f *graph.StringFilter, s string) bool {
	if f.Eq != nil && s != *f.Eq || f.In != nil && !slices.Contains(f.In, s) {
		return false
	}
	if f.Prefix != nil && !strings.HasPrefix(text.Fold(s), text.Fold(*f.Prefix)) {
		return false
	}
	if f.Match != nil {
		have := words(s)
		for _, w := range words(*f.Match) {
			if !slices.Contains(have, w) {
				return false
			}
		}
	}
	return true
}

func words(s string) []string {
	return strings.FieldsFunc(text.Fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// meets tells whether a survivor meets a filter.
func (s *state) meets(f *graph.EntityFilter, a *actor) bool {
	if f == nil {
		return true
	}
	ok, known := s.meet[meeting{f, a}]
	if !known {
		ok = s.tested(f, a)
		s.meet[meeting{f, a}] = ok
	}
	return ok
}

func (s *state) tested(f *graph.EntityFilter, a *actor) bool {
	if f.IDs != nil && !s.is(f.IDs, a) || f.Kinds != nil && !slices.Contains(f.Kinds, a.Kind) {
		return false
	}
	if f.Name != nil && !slices.ContainsFunc(s.names(a), func(n string) bool { return like(f.Name, n) }) {
		return false
	}
	if f.ExternalScheme != nil && !slices.ContainsFunc(s.shownAs(a), func(m *actor) bool { _, ok := m.ExternalIDs[*f.ExternalScheme]; return ok }) {
		return false
	}
	if f.Degree != nil && !inRange(f.Degree, len(s.around(a))) {
		return false
	}
	if q := f.Relations; q != nil {
		if q.Some != nil && len(s.of(a, q.Some, q.Direction)) == 0 || q.None != nil && len(s.of(a, q.None, q.Direction)) > 0 {
			return false
		}
	}
	fails := func(g *graph.EntityFilter) bool { return !s.meets(g, a) }
	return !slices.ContainsFunc(f.And, fails) && (f.Or == nil || !every(f.Or, fails)) && (f.Not == nil || fails(f.Not))
}

// shownAs are a survivor and all that is shown as it.
func (s *state) shownAs(a *actor) []*actor {
	out := []*actor{a}
	for m := range s.merged {
		if s.shown(m) == a {
			out = append(out, m)
		}
	}
	return out
}

func (s *state) names(a *actor) (out []string) {
	for _, m := range s.shownAs(a) {
		out = append(out, m.Name)
		for _, n := range m.Names {
			out = append(out, n.Text)
		}
	}
	return out
}

// support counts the live citations of a fact.
func (s *state) support(x *fact) graph.Support {
	var out graph.Support
	if s.gone[x] {
		return out
	}
	documents, publishers, affirming := map[*document]bool{}, map[string]bool{}, map[string]bool{}
	var first, last *document
	for _, c := range s.standing(x) {
		d := c.document
		documents[d], publishers[d.Publisher] = true, true
		if c.Verdict == graph.Denies {
			out.Denying++
		} else {
			out.Affirming++
			root := d
			for root.source != nil {
				root = root.source
			}
			affirming[root.Publisher] = true
		}
		if d.date.IsZero() {
			continue
		}
		if first == nil || dayOf(d.date) < dayOf(first.date) {
			first = d
		}
		if last == nil || dayOf(d.date) > dayOf(last.date) {
			last = d
		}
	}
	out.Documents, out.Publishers, out.IndependentSources = len(documents), len(publishers), len(affirming)
	if first != nil {
		out.FirstPublished, out.LastPublished = first.Published, last.Published
	}
	return out
}

func (s *state) status(x *fact) graph.RelationStatus {
	n := s.support(x)
	switch {
	case s.gone[x]:
		return graph.StatusRetracted
	case n.Affirming > 0 && n.Denying > 0:
		return graph.StatusContested
	case n.Affirming == 0:
		return graph.StatusDenied
	case n.IndependentSources > 1:
		return graph.StatusCorroborated
	}
	return graph.StatusReported
}
