package search

import (
	"slices"
	"strings"
	"testing"
)

// TestFind marks what a query finds with brackets.
func TestFind(t *testing.T) {
	for _, c := range []struct{ query, lang, text, want string }{
		{"переговоров", "ru", "🇷🇺 В Москве прошли переговоры. Переговорам — да!", "🇷🇺 В Москве прошли [переговоры]. [Переговорам] — да!"},
		{"самолетов", "ru", "Самолёты", "[Самолёты]"},
		{"Verhandlung", "de", "👍 Die Verhandlungen über den Frieden", "👍 Die [Verhandlungen] über den Frieden"},
		{"gesprache", "de", "Gespräche", "[Gespräche]"},
		{"negotiate peace", "en", "They negotiated; Peace's price.", "They [negotiated]; [Peace's] price."},
		{"ukraine", "fr", "l’Ukraine", "[l’Ukraine]"},
		{"négociations", "fr", "la négociation", "la [négociation]"},
		{"ZELENSKYY", "", "Ｚelenskyy", "[Ｚelenskyy]"},
		{"президент", "uk", "Президент України, президента", "[Президент] України, президента"},
		{"переговоры", "", "переговоров", "[переговоров]"},
		{"北京", "zh", "在北京会谈", "在[北京]会谈"},
		{"京", "zh", "北京", "北京"},
		{"京", "zh", "京。北京", "[京]。北京"},
		{"北京会", "zh", "在北京会谈", "在[北京会]谈"},
		{"it's", "en", "its it's", "[its] [it's]"},
		{"walks", "en", "e\u0301 walking", "e\u0301 [walking]"},
		{"", "en", "nothing", "nothing"},
		{"…", "en", "no word", "no word"},
	} {
		m := NewMatcher(c.query)
		spans, has := m.Find(c.text, c.lang)
		r := []rune(c.text)
		for _, s := range slices.Backward(spans) {
			r = slices.Concat(r[:s.Start], []rune{'['}, r[s.Start:s.End], []rune{']'}, r[s.End:])
		}
		if got := string(r); got != c.want {
			t.Errorf("%q in %s: %s; want %s", c.query, c.lang, got, c.want)
		}
		if strings.Contains(c.want, "[") != (len(has) == m.Words() && m.Words() > 0) {
			t.Errorf("%q in %q: has %v of %d words", c.query, c.text, has, m.Words())
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("京 peace's", "北京 Peace’s 🇺🇦 l'x", "en")
	f.Fuzz(func(t *testing.T, query, s, lang string) {
		spans, _ := NewMatcher(query).Find(s, lang)
		n, at := len([]rune(s)), 0
		for _, p := range spans {
			if p.Start < at || p.End <= p.Start || p.End > n {
				t.Fatalf("spans %v of a text of %d code points", spans, n)
			}
			at = p.End
		}
		for term := range strings.FieldsSeq(terms(s, lang)) {
			if !strings.ContainsAny(term, "=:") {
				t.Fatalf("the terms of %q have %q", s, term)
			}
		}
	})
}
