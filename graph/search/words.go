package search

import (
	"strings"
	"unicode"

	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/arabic"
	"github.com/blevesearch/snowballstem/danish"
	"github.com/blevesearch/snowballstem/dutch"
	"github.com/blevesearch/snowballstem/english"
	"github.com/blevesearch/snowballstem/finnish"
	"github.com/blevesearch/snowballstem/french"
	"github.com/blevesearch/snowballstem/german"
	"github.com/blevesearch/snowballstem/hungarian"
	"github.com/blevesearch/snowballstem/italian"
	"github.com/blevesearch/snowballstem/norwegian"
	"github.com/blevesearch/snowballstem/portuguese"
	"github.com/blevesearch/snowballstem/romanian"
	"github.com/blevesearch/snowballstem/russian"
	"github.com/blevesearch/snowballstem/spanish"
	"github.com/blevesearch/snowballstem/swedish"
	"github.com/blevesearch/snowballstem/turkish"

	"chancery/graph/text"
)

// stemmers are the languages with a stemmer, by primary language subtag. Words of other languages are found as they are spelled.
var stemmers = map[string]func(*snowballstem.Env) bool{
	"ar": arabic.Stem, "da": danish.Stem, "de": german.Stem, "en": english.Stem, "es": spanish.Stem, "fi": finnish.Stem,
	"fr": french.Stem, "hu": hungarian.Stem, "it": italian.Stem, "nl": dutch.Stem, "no": norwegian.Stem, "nb": norwegian.Stem, "nn": norwegian.Stem,
	"pt": portuguese.Stem, "ro": romanian.Stem, "ru": russian.Stem, "sv": swedish.Stem, "tr": turkish.Stem,
}

// maxWord is the greatest length of a word in bytes; longer ones are cut.
const maxWord = 100

// word is one word of a text, with its place in code points.
type word struct {
	start, end int
	text       string
	dense      bool // of a script without spaces: two neighbouring letters, or one that stands alone
}

// wordsOf splits a text into words, in order. A letter of a script without spaces is in two words, with the letter before and with the one after.
func wordsOf(s string) []word {
	var out []word
	for _, w := range text.WordsOf(s) {
		out = appendWords(out, w)
	}
	return out
}

// appendWords adds a run of letters: whole, or where scripts without spaces are in it, in parts.
func appendWords(out []word, w text.PlacedWord) []word {
	first := strings.IndexFunc(w.Text, isDense)
	if first < 0 {
		return append(out, word{start: w.Start, end: w.End, text: w.Text})
	}
	r := []rune(w.Text)
	for i := 0; i < len(r); {
		n := i
		for n < len(r) && isDense(r[n]) == isDense(r[i]) {
			n++
		}
		switch {
		case !isDense(r[i]) || n == i+1:
			out = append(out, word{start: w.Start + i, end: w.Start + n, text: string(r[i:n]), dense: isDense(r[i])})
		default:
			for k := i; k+1 < n; k++ {
				out = append(out, word{start: w.Start + k, end: w.Start + k + 2, text: string(r[k : k+2]), dense: true})
			}
		}
		i = n
	}
	return out
}

func isDense(r rune) bool {
	return r >= 0xE00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// bare takes off what is written together with a word by an apostrophe and is none of it: the English 's, and the French l' and d'.
func bare(s string) string {
	s = strings.ReplaceAll(s, "’", "'")
	if !strings.Contains(s, "'") {
		return s
	}
	s = strings.TrimSuffix(strings.TrimSuffix(s, "'s"), "'S")
	if head, tail, ok := strings.Cut(s, "'"); ok && tail != "" && (len(head) == 1 || strings.EqualFold(head, "qu")) {
		s = tail
	}
	return strings.ReplaceAll(s, "'", "")
}

// plain is the term of a word as it is spelled.
func plain(w word) string { return "=" + cut(strings.ReplaceAll(text.Fold(bare(w.text)), " ", "")) }

// stem is the term of a word's stem in a language; empty where there is none.
func stem(w word, lang string) string {
	f := stemmers[lang]
	if f == nil || w.dense || len(w.text) > maxWord {
		return ""
	}
	e := snowballstem.NewEnv(strings.ToLower(bare(w.text)))
	f(e)
	return lang + ":" + text.Fold(e.Current())
}

func cut(s string) string {
	if len(s) > maxWord {
		s = strings.ToValidUTF8(s[:maxWord], "")
	}
	return s
}

// languageOf is the language whose stemmer a text gets: that of its tag. Where there is no tag, Cyrillic is taken for Russian and the rest for English.
func languageOf(tag, s string) string {
	if tag != "" {
		primary, _, _ := strings.Cut(strings.ToLower(tag), "-")
		return primary
	}
	for _, r := range s {
		if unicode.IsLetter(r) {
			if unicode.Is(unicode.Cyrillic, r) {
				return "ru"
			}
			break
		}
	}
	return "en"
}

// terms are all terms of a text, separated by spaces, as they are indexed. Each word has its own and its stem's.
func terms(s, tag string) string {
	lang := languageOf(tag, s)
	var b strings.Builder
	b.Grow(len(s) * 2)
	stems := map[string]string{}
	for _, w := range wordsOf(s) {
		b.WriteString(plain(w))
		b.WriteByte(' ')
		t, known := stems[w.text]
		if !known {
			t = stem(w, lang)
			stems[w.text] = t
		}
		if t != "" {
			b.WriteString(t)
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// maxQueryWords is how many words of a query count.
const maxQueryWords = 16

// queryTerms are, for each word of a query, the terms that meet it: its own first, then its stems.
func queryTerms(query string) [][]string {
	var out [][]string
	seen := map[string]bool{}
	for _, w := range wordsOf(query) {
		own := plain(w)
		if seen[own] || len(own) == 1 {
			continue
		}
		seen[own] = true
		all := []string{own}
		for lang := range stemmers {
			if t := stem(w, lang); len(t) > len(lang)+1 {
				all = append(all, t)
			}
		}
		if out = append(out, all); len(out) == maxQueryWords {
			break
		}
	}
	return out
}

// A Span is a half-open range of code points.
type Span struct{ Start, End int }

// Matcher finds the words of one query in texts.
type Matcher struct {
	words []map[string]bool
	seen  map[string][]int // by language and word of a text: the words of the query that it meets
}

// NewMatcher prepares a query. It is for one goroutine.
func NewMatcher(query string) *Matcher {
	m := &Matcher{seen: map[string][]int{}}
	for _, all := range queryTerms(query) {
		set := map[string]bool{}
		for _, t := range all {
			set[t] = true
		}
		m.words = append(m.words, set)
	}
	return m
}

// Find returns where words of the query stand in a text in a language, in order and joined where they
// touch, and which of the query's words it has, by their number. A text without a tag is taken as it is by the index.
func (m *Matcher) Find(s, tag string) (spans []Span, has map[int]bool) {
	lang := languageOf(tag, s)
	has = map[int]bool{}
	for _, w := range wordsOf(s) {
		k := lang + " " + w.text
		met, known := m.seen[k]
		if !known {
			own, root := plain(w), stem(w, lang)
			for i, set := range m.words {
				if set[own] || set[root] {
					met = append(met, i)
				}
			}
			m.seen[k] = met
		}
		for _, i := range met {
			has[i] = true
		}
		if len(met) == 0 {
			continue
		}
		if n := len(spans); n > 0 && spans[n-1].End >= w.start {
			spans[n-1].End = w.end
		} else {
			spans = append(spans, Span{w.start, w.end})
		}
	}
	return spans, has
}

// Words is how many words the query has.
func (m *Matcher) Words() int { return len(m.words) }
