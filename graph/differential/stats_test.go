package differential

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"chancery/graph"
)

// values are the different values that a fact has for a key.
func (s *state) values(x *fact, key graph.StatsKey) []string {
	switch key {
	case graph.KeyType:
		return []string{x.typ.ID}
	case graph.KeyFrom:
		return []string{s.from(x).ID}
	case graph.KeyTo:
		return []string{s.to(x).ID}
	case graph.KeyStatus:
		return []string{string(s.status(x))}
	case graph.KeyStance:
		if x.stance == nil {
			return nil
		}
		return []string{strconv.Itoa(*x.stance)}
	}
	different := map[string]bool{}
	for _, c := range s.standing(x) {
		value := ""
		switch key {
		case graph.KeyPublisher:
			value = c.document.Publisher
		case graph.KeyDocument:
			value = c.document.ID
		case graph.KeyDocumentKind:
			value = string(c.document.Kind)
		case graph.KeyLang:
			value = c.document.Lang
		case graph.KeySpeaker:
			if c.speaker != nil {
				value = s.shown(c.speaker).ID
			}
		}
		if value != "" {
			different[value] = true
		}
	}
	return slices.Sorted(maps.Keys(different))
}

// standing are the live citations of a fact.
func (s *state) standing(x *fact) []*citation {
	if s.gone[x] {
		return nil
	}
	if len(s.withdrawn) == 0 {
		return x.citations
	}
	return slices.DeleteFunc(slices.Clone(x.citations), func(c *citation) bool { return s.withdrawn[c] })
}

// listed are the citations that a fact is shown with: those that stand or, where none does, those withdrawn.
func (s *state) listed(x *fact) []*citation {
	if s.gone[x] {
		return x.citations
	}
	return s.standing(x)
}

// mostFrequent are the most frequent values, equal ones by their text.
func mostFrequent(counts map[string]int, limit int) []string {
	out := slices.Collect(maps.Keys(counts))
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return out[:min(limit, len(out))]
}

func net(facts []*fact) (sum int) {
	for _, x := range facts {
		if x.stance != nil {
			sum += *x.stance
		}
	}
	return sum
}

// span are the dates of the oldest and the newest dated of some facts, which are sorted newest first.
func span(facts []*fact) (first, last string) {
	for _, x := range facts {
		if x.occurred != "" {
			last = cmp.Or(last, x.occurred)
			first = x.occurred
		}
	}
	return first, last
}

func (s *state) facets(facts []*fact, by []graph.StatsKey, limit int) (out []string) {
	for _, key := range by {
		counts, missing, other := map[string]int{}, 0, 0
		for _, x := range facts {
			values := s.values(x, key)
			for _, v := range values {
				counts[v]++
			}
			if len(values) == 0 {
				missing++
			}
		}
		shown := mostFrequent(counts, limit)
		isShown := map[string]bool{}
		for _, v := range shown {
			isShown[v] = true
			out = append(out, fmt.Sprint(key, " ", v, " ", counts[v]))
		}
		for _, x := range facts {
			values := s.values(x, key)
			if len(values) > 0 && !slices.ContainsFunc(values, func(v string) bool { return isShown[v] }) {
				other++
			}
		}
		out = append(out, fmt.Sprint(key, " other ", other, " missing ", missing))
	}
	return out
}

func facetLines(facets []graph.KeyFacet) (out []string) {
	for _, f := range facets {
		for _, v := range f.Values {
			out = append(out, fmt.Sprint(f.Key, " ", v.Value, " ", v.Count))
		}
		out = append(out, fmt.Sprint(f.Key, " other ", f.Other, " missing ", f.Missing))
	}
	return out
}

// group are the facts that share values.
type group struct {
	keys                  []string
	facts                 []*fact
	documents, publishers int
}

func (s *state) gather(facts []*fact, by []graph.StatsKey) []*group {
	groups := map[string]*group{}
	for _, x := range facts {
		keys := [][]string{nil}
		for _, key := range by {
			var longer [][]string
			for _, k := range keys {
				for _, v := range s.values(x, key) {
					longer = append(longer, append(slices.Clone(k), v))
				}
			}
			keys = longer
		}
		for _, k := range keys {
			name := strings.Join(k, "\x00")
			if groups[name] == nil {
				groups[name] = &group{keys: k}
			}
			groups[name].facts = append(groups[name].facts, x)
		}
	}
	return slices.Collect(maps.Values(groups))
}

// sources counts the documents and publishers that a group cites.
func (s *state) sources(g *group) {
	documents, publishers := map[string]bool{}, map[string]bool{}
	for _, x := range g.facts {
		for _, c := range s.standing(x) {
			documents[c.Document], publishers[c.document.Publisher] = true, true
		}
	}
	g.documents, g.publishers = len(documents), len(publishers)
}

func (s *state) groups(facts []*fact, by []graph.StatsKey, order graph.GroupOrder, minCount *int, limit int) (out []string) {
	groups := s.gather(facts, by)
	for _, g := range groups {
		if order == graph.GroupsByDocuments {
			s.sources(g)
		}
	}
	slices.SortFunc(groups, func(a, b *group) int {
		first := 0
		switch order {
		case graph.GroupsByCount:
			first = cmp.Compare(len(b.facts), len(a.facts))
		case graph.GroupsByDocuments:
			first = cmp.Compare(b.documents, a.documents)
		case graph.GroupsByLastOccurred:
			first = cmp.Compare(b.facts[0].day, a.facts[0].day)
		}
		return cmp.Or(first, slices.Compare(a.keys, b.keys))
	})
	for _, g := range groups {
		if minCount != nil && len(g.facts) < *minCount || len(out) == limit {
			continue
		}
		s.sources(g)
		first, last := span(g.facts)
		line := fmt.Sprint(g.keys, len(g.facts), first, last, net(g.facts), g.documents, g.publishers)
		for _, x := range g.facts[:min(2, len(g.facts))] {
			line += fmt.Sprint(" #", x.number)
		}
		out = append(out, line)
	}
	return out
}

func (s *state) matrix(facts []*fact, rows, columns graph.StatsKey, limit int) (out []string) {
	counts := [2]map[string]int{{}, {}}
	var both []*fact
	for _, x := range facts {
		r, c := s.values(x, rows), s.values(x, columns)
		if len(r) == 0 || len(c) == 0 {
			continue
		}
		both = append(both, x)
		for i, values := range [][]string{r, c} {
			for _, v := range values {
				counts[i][v]++
			}
		}
	}
	shown := [2][]string{mostFrequent(counts[0], limit), mostFrequent(counts[1], limit)}
	out = append(out, fmt.Sprint(shown[0]), fmt.Sprint(shown[1]))
	isShown := [2]map[string]bool{{}, {}}
	for i, values := range shown {
		for _, v := range values {
			isShown[i][v] = true
		}
	}
	cells := map[[2]string][]*fact{}
	for _, x := range both {
		for _, r := range s.values(x, rows) {
			if !isShown[0][r] {
				continue
			}
			for _, c := range s.values(x, columns) {
				if isShown[1][c] {
					cells[[2]string{r, c}] = append(cells[[2]string{r, c}], x)
				}
			}
		}
	}
	for i, r := range shown[0] {
		for j, c := range shown[1] {
			if cell := cells[[2]string{r, c}]; len(cell) > 0 {
				out = append(out, fmt.Sprint(i, j, len(cell), net(cell)))
			}
		}
	}
	return out
}

func matrixLines(m *graph.Matrix) (out []string) {
	for _, keys := range [][]graph.GroupKey{m.Rows, m.Columns} {
		values := []string{}
		for _, k := range keys {
			values = append(values, k.Value)
		}
		out = append(out, fmt.Sprint(values))
	}
	for _, c := range m.Cells {
		out = append(out, fmt.Sprint(c.Row, c.Column, c.Count, c.NetStance))
	}
	return out
}
