package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-unidecode"
)

// maxNameWord is how many bytes of a word of a name, folded or in its key, are kept.
const maxNameWord = 64

// NameWord is one word of a name: as it is spelled, folded, and the key under
// which all its spellings in all scripts are found.
type NameWord struct{ Folded, Key string }

// NameWords splits a name into words: runs of letters, marks and digits. Apostrophes inside a word are left out of it.
func NameWords(name string) []NameWord {
	var out []NameWord
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			w := cutBytes(b.String(), maxNameWord)
			out = append(out, NameWord{w, NameKey(w)})
			b.Reset()
		}
	}
	for _, r := range Fold(name) {
		switch {
		case unicode.In(r, unicode.L, unicode.M, unicode.N):
			b.WriteRune(r)
		case r != '\'':
			flush()
		}
	}
	flush()
	return out
}

// NameKey is the key of a folded word: written in Latin letters, and without
// what the ways of writing a name in Latin letters differ in. Zelenskyy,
// Zelenskiy, Zełenski, Selenskyj, Зеленский and Зеленський have one key. The rules, applied from left to right:
//
//   - y, j and i are i, and an i before an e is dropped (Yeltsin, Jelzin, Ельцин);
//   - s, z, sh, zh and sch are s;
//   - c, ch, ck, q and k are k; kh is h; x is ks;
//   - w and v are v; ph and f are f;
//   - an h after any other consonant is dropped;
//   - doubled letters are written once.
//
// A word that has no Latin form is its own key.
func NameKey(word string) string {
	if k := neutral(latin(word)); k != "" {
		return cutBytes(k, maxNameWord)
	}
	return word
}

// NamePrefixes are the beginnings of keys that a word can have which begins as
// the folded word typed so far: the key of every such word begins with one of
// them. There are several where the next letter decides what the last one stands for. What has no Latin form yet leads to itself alone.
func NamePrefixes(typed string) []string {
	s := latin(typed)
	whole := neutral(s)
	if whole == "" {
		return []string{typed}
	}
	out := []string{cutBytes(whole, maxNameWord)}
	for _, next := range []string{"h", "e"} {
		k := cutBytes(neutral(s+next), maxNameWord)
		if !strings.HasPrefix(k, out[0]) {
			if strings.HasPrefix(out[0], k) {
				out[0] = k
				continue
			}
			out = append(out, k)
		}
	}
	return out
}

// SameScript tells whether two folded words are written in one script, judged by their first letters.
func SameScript(a, b string) bool { return scriptOf(a) == scriptOf(b) }

// scriptOf numbers scripts by the blocks of Unicode: Latin, Greek and Cyrillic, and others by the block of 256.
func scriptOf(s string) rune {
	switch r, _ := utf8.DecodeRuneInString(s); {
	case r < 0x250:
		return 0
	case r >= 0x400 && r < 0x530:
		return 0x400
	default:
		return r &^ 0xff
	}
}

// latin writes a folded word in the letters a to z and digits: Cyrillic and Greek by
// the table of ids, other scripts letter by letter by the Unidecode tables, which give Chinese characters their Mandarin reading.
func latin(word string) string {
	var b strings.Builder
	b.Grow(len(word))
	var last rune
	for _, r := range word {
		if isPlain(r) {
			b.WriteRune(r)
		} else if s, ok := transliteration(r, last); ok {
			b.WriteString(s)
		} else {
			for _, c := range strings.ToLower(unidecode.Unidecode(string(r))) {
				if isPlain(c) {
					b.WriteRune(c)
				}
			}
		}
		last = r
	}
	return b.String()
}

func isPlain(r rune) bool { return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' }

// neutral applies the rules of NameKey to a word in Latin letters.
func neutral(s string) string {
	out := make([]byte, 0, len(s)+1)
	emit := func(c byte) {
		if n := len(out); n == 0 || out[n-1] != c || c <= '9' {
			out = append(out, c)
		}
	}
	for i := 0; i < len(s); i++ {
		rest := s[i:]
		switch c := s[i]; {
		case strings.HasPrefix(rest, "sch"):
			emit('s')
			i += 2
		case strings.HasPrefix(rest, "kh"):
			emit('h')
			i++
		case strings.HasPrefix(rest, "ph"):
			emit('f')
			i++
		case c == 'h' && i > 0 && isConsonant(s[i-1]):
		case c == 'c' || c == 'q':
			emit('k')
		case c == 'z':
			emit('s')
		case c == 'x':
			emit('k')
			emit('s')
		case c == 'w':
			emit('v')
		case c == 'y' || c == 'j':
			emit('i')
		case c == 'e':
			if n := len(out); n > 0 && out[n-1] == 'i' {
				out = out[:n-1]
			}
			emit('e')
		default:
			emit(c)
		}
	}
	return string(out)
}

func isConsonant(c byte) bool {
	return c > '9' && !strings.ContainsRune("aeiouyjh", rune(c))
}

// cutBytes cuts a text to at most n bytes, between code points.
func cutBytes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// EditsBetween is the number of insertions, deletions, substitutions and swaps of
// neighbouring letters between two words where it is at most most. Where prefix is set, b may go on after what is compared.
func EditsBetween(a, b string, most int, prefix bool) (int, bool) {
	var d editDistance
	x, y := []rune(a), []rune(b)
	if !prefix || len(y) <= len(x)-most {
		return d.within(x, y, most)
	}
	best, found := most, false
	for n := max(0, len(x)-most); n <= min(len(y), len(x)+most); n++ {
		if k, ok := d.within(x, y[:n], best); ok {
			best, found = k, true
		}
	}
	return best, found
}

// PlacedWord is a word of a text with its place in code points.
type PlacedWord struct {
	Start, End int
	Text       string
}

// WordsOf splits a text into runs of letters, marks and digits, which may have apostrophes inside.
func WordsOf(s string) []PlacedWord {
	var out []PlacedWord
	var b strings.Builder
	at, start, end := 0, 0, 0
	flush := func() {
		if b.Len() > 0 {
			out = append(out, PlacedWord{start, end, strings.TrimRight(b.String(), "'’")})
			b.Reset()
		}
	}
	for _, r := range s {
		switch {
		case unicode.In(r, unicode.L, unicode.M, unicode.N):
			if b.Len() == 0 {
				start = at
			}
			b.WriteRune(r)
			end = at + 1
		case (r == '\'' || r == '’') && b.Len() > 0:
			b.WriteRune(r)
		default:
			flush()
		}
		at++
	}
	flush()
	return out
}
