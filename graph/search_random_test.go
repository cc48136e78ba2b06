package graph

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph/search"
)

// havingWords is what a search should find in texts: every relation and document of the view is looked at.
func (s *searched) havingWords(v *View, query string) []string {
	s.Helper()
	m := search.NewMatcher(query)
	var out []string
	has := func(texts ...search.Text) bool {
		all := map[int]bool{}
		for _, t := range texts {
			_, found := m.Find(t.Text, t.Lang)
			for i := range found {
				all[i] = true
			}
		}
		return len(all) == m.Words()
	}
	for rec, err := range v.Records(s.Context()) {
		if err != nil {
			s.Fatal(err)
		}
		switch {
		case rec.Document != nil:
			d := rec.Document
			if has(search.Text{Text: d.Title, Lang: d.Lang}, search.Text{Text: d.Text, Lang: d.Lang}) {
				out = append(out, d.ID)
			}
		case rec.Relation != nil:
			var quotes []search.Text
			for _, c := range rec.Relation.Citations {
				d, err := v.Document(s.Context(), c.Document)
				if err != nil {
					s.Fatal(err)
				}
				quotes = append(quotes, search.Text{Text: c.Quote, Lang: d.Lang})
			}
			if has(quotes...) {
				out = append(out, rec.Relation.Condition)
			}
		}
	}
	slices.Sort(out)
	return out
}

// textsFound is what it finds; relations are named by their conditions.
func (s *searched) textsFound(v *View, query string) []string {
	s.Helper()
	all := 1_000
	p, err := v.Search(s.Context(), query, []SearchScope{InQuotes, InDocuments}, nil, PageArgs{First: &all})
	if err != nil {
		s.Fatal(err)
	}
	var out []string
	for _, h := range p.Items {
		if r, ok := h.Node.(*Relation); ok {
			out = append(out, r.Condition)
		} else {
			out = append(out, h.Node.NodeID())
		}
	}
	slices.Sort(out)
	return out
}

// TestSearchAgainstNaive writes, withdraws and indexes at random. Whatever the index has seen, nothing is found that
// the view does not have with these words; and an index that has seen everything finds everything that the newest view has.
func TestSearchAgainstNaive(t *testing.T) {
	words := []string{"peace", "talking", "talks", "Frieden", "Gespräche", "Gespräch", "war"}
	langs := []string{"en", "de", ""}
	rapid.Check(t, func(rt *rapid.T) {
		s := newSearched(t)
		some := func(name string, n int) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, n).Draw(rt, name), " ")
		}
		for range rapid.IntRange(3, 15).Draw(rt, "steps") {
			doc := fmt.Sprint("r", rapid.IntRange(0, 2).Draw(rt, "document"))
			switch rapid.IntRange(0, 4).Draw(rt, "step") {
			case 0, 1:
				s.apply(Change{PutDocument: &DocumentInput{ID: doc, Title: Some(some("title", 2)), Publisher: Some("P"), Text: Some(some("text", 4)), Lang: Some(rapid.SampledFrom(langs).Draw(rt, "lang"))}})
			case 2:
				c := s.met("d2", "Nothing of the kind")
				c.AddRelation.Condition = fmt.Sprint("c", rapid.IntRange(0, 2).Draw(rt, "relation"))
				c.AddRelation.Citations[0] = CitationInput{Document: "d2", Quote: rapid.SampledFrom([]string{"Nothing", "kind", "of the"}).Draw(rt, "quote")}
				s.apply(c)
			case 3:
				s.retractOne(rt)
			case 4:
				s.index()
			}
			s.check(rt, some("query", 2), false)
			s.check(rt, rapid.SampledFrom([]string{"nothing", "kind", "of", "met"}).Draw(rt, "quoted"), false)
		}
		s.index()
		for _, w := range append(words, "nothing", "kind", "the", "peace talks") {
			s.check(rt, w, true)
		}
	})
}

// check searches the newest view, where all has to be found if it is said so, and one of the past.
func (s *searched) check(rt *rapid.T, query string, all bool) {
	v, err := s.g.View(s.Context(), At{})
	if err != nil {
		rt.Fatal(err)
	}
	defer v.Release()
	got, want := s.textsFound(v, query), s.havingWords(v, query)
	if all && !slices.Equal(got, want) {
		rt.Fatalf("search %q finds %v; want %v", query, got, want)
	}
	past, err := v.At(s.Context(), Revision(rapid.IntRange(1, int(v.newest)).Draw(rt, "revision")))
	if err != nil {
		rt.Fatal(err)
	}
	for _, w := range []*View{v, past} {
		have := s.havingWords(w, query)
		for _, id := range s.textsFound(w, query) {
			if !slices.Contains(have, id) {
				rt.Fatalf("search %q at revision %d finds %s; the view has the words in %v", query, w.rev, id, have)
			}
		}
	}
}

// retractOne withdraws a citation of a relation that has one.
func (s *searched) retractOne(rt *rapid.T) {
	v, err := s.g.View(s.Context(), At{})
	if err != nil {
		rt.Fatal(err)
	}
	defer v.Release()
	p, err := v.Relations(s.Context(), nil, nil, PageArgs{})
	if err != nil {
		rt.Fatal(err)
	}
	if len(p.Items) == 0 {
		return
	}
	cites, err := p.Items[rapid.IntRange(0, len(p.Items)-1).Draw(rt, "which")].Citations(s.Context(), nil, 1)
	if err != nil {
		rt.Fatal(err)
	}
	s.apply(Change{RetractCitation: &RetractInput{ID: cites[0].ID, Reason: "r"}})
}
