package graph

import (
	"context"
	"unicode"

	"chancery/graph/search"
	"chancery/graph/text"
)

// How much is shown of what was found.
const (
	maxHighlights  = 3   // of one field
	fragmentLength = 200 // code points of a text around a find
	fragmentBefore = 60  // of them before it
)

// hit is a find with what it shows.
func (v *View) hit(ctx context.Context, h rankedHit, query string, m *search.Matcher) (*SearchHit, error) {
	out := &SearchHit{Score: h.score, Highlights: []Highlight{}}
	switch h.kind {
	case changedEntity:
		e, err := v.entity(ctx, h.num)
		if err != nil {
			return nil, err
		}
		out.Node = e
		if found := nameHighlight(e, query); len(found.Spans) > 0 {
			out.Highlights = append(out.Highlights, found)
		}
	case changedRelation:
		r, err := v.relation(ctx, h.num)
		if err != nil {
			return nil, err
		}
		out.Node = r
		quotes, err := v.quotesOf(ctx, h.num)
		if err != nil {
			return nil, err
		}
		for _, q := range quotes {
			if len(out.Highlights) < maxHighlights {
				out.Highlights = append(out.Highlights, fragments("quote", q.Text, q.Lang, m, 1)...)
			}
		}
	default:
		d, err := v.document(ctx, h.num)
		if err != nil {
			return nil, err
		}
		out.Node = d
		s, _, err := d.Text(ctx, nil, nil)
		if err != nil {
			return nil, err
		}
		out.Highlights = append(fragments("title", d.Title, d.Lang, m, 1), fragments("text", s, d.Lang, m, maxHighlights)...)
	}
	return out, nil
}

// fragments are up to so many pieces of a text with the words found in them, from the beginning of the text on.
func fragments(field, s, lang string, m *search.Matcher, most int) []Highlight {
	out := []Highlight{}
	spans, _ := m.Find(s, lang)
	if len(spans) == 0 {
		return out
	}
	r := []rune(s)
	for len(spans) > 0 && len(out) < most {
		from, to := fragmentAt(r, spans[0])
		h := Highlight{Field: field, Text: string(r[from:to])}
		for len(spans) > 0 && spans[0].End <= to {
			h.Spans = append(h.Spans, Span{spans[0].Start - from, spans[0].End - from})
			spans = spans[1:]
		}
		for len(spans) > 0 && spans[0].Start < to {
			spans = spans[1:] // cut in two by the end of the piece
		}
		out = append(out, h)
	}
	return out
}

// fragmentAt is the piece of a text around a find: all of a short text, and otherwise from a space before it to a space after it.
func fragmentAt(r []rune, at search.Span) (from, to int) {
	if len(r) <= fragmentLength {
		return 0, len(r)
	}
	from = max(0, at.Start-fragmentBefore)
	if from > 0 {
		for i := from; i < at.Start; i++ {
			if unicode.IsSpace(r[i-1]) {
				from = i
				break
			}
		}
	}
	to = min(len(r), max(from+fragmentLength, at.End))
	if to < len(r) {
		for i := to; i > at.End; i-- {
			if unicode.IsSpace(r[i]) {
				to = i
				break
			}
		}
	}
	return from, to
}

// nameHighlight is the name of an entity that meets a query best, with the places of the words met. Where no name has one, it has no spans.
func nameHighlight(e *Entity, query string) Highlight {
	words := text.NameWords(query)
	best, most := Highlight{Field: "name"}, 0
	for _, n := range e.Names() {
		h, sum := Highlight{Field: "name", Text: n.Text}, 0
		for _, t := range text.WordsOf(n.Text) {
			met := 0
			for _, part := range text.NameWords(t.Text) {
				met = max(met, likeness(part, words))
			}
			if met > 0 {
				h.Spans = append(h.Spans, Span{t.Start, t.End})
				sum += met
			}
		}
		if sum > most {
			best, most = h, sum
		}
	}
	return best
}

// likeness is how well a word of a name meets one of a query: 3 as it is spelled, 2 in another spelling, 1 with a typo, else 0.
func likeness(w text.NameWord, words []text.NameWord) int {
	best := 0
	for _, q := range words {
		switch {
		case w.Folded == q.Folded:
			return 3
		case w.Key == q.Key:
			best = 2
		case best == 0 && typosIn(q.Key) > 0:
			if _, ok := text.EditsBetween(q.Key, w.Key, typosIn(q.Key), false); ok {
				best = 1
			}
		}
	}
	return best
}
