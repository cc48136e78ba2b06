package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the search key of a name: two names that people would type alike
// have the same key. It
//
//   - decomposes by compatibility (NFKD), which unifies full-width and half-width
//     forms, ligatures and the like, and removes accents: the non-spacing marks of
//     Latin, Greek, Cyrillic, Hebrew and Arabic letters. Marks that make another
//     letter in their script (Devanagari vowels, Japanese voicing) stay;
//   - replaces letters that people type as plain ones but that do not decompose
//     (ł, ø, đ, ı, æ), and the many shapes of apostrophes and hyphens;
//   - removes invisible format characters (soft hyphens, direction marks);
//   - folds case;
//   - turns runs of white space into one space, and drops it at both ends.
//
// The key is in normalisation form C. Fold is deterministic and idempotent; its
// result depends on nothing but s.
func Fold(s string) string {
	if isASCII(s) {
		return foldASCII(s)
	}
	return foldUnicode(s)
}

func foldUnicode(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false // white space was seen since the last character written
	for _, r := range norm.NFKD.String(strings.ToValidUTF8(s, "\ufffd")) {
		plain, replaced := "", false
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case isLetterOnly(r):
			r = foldCase(r)
		case isAccent(r) || unicode.Is(unicode.Cf, r):
			continue
		default:
			plain, replaced = plainLetters[r]
			r = foldCase(r)
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		if replaced {
			b.WriteString(plain)
		} else {
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String())
}

// isLetterOnly reports whether r is in a range that has nothing to remove or to
// replace, which is where most characters of names are.
func isLetterOnly(r rune) bool {
	return r < 0x80 && r != '`' || 0x370 <= r && r < 0x483
}

// foldCase returns the one code point that stands for all cases of r: lower-case,
// by way of upper-case, which joins the forms of sigma. Foldings to several code
// points (ß, ŉ, ligatures) have been done by decomposition and plainLetters. The
// Caser of golang.org/x/text/cases is not used because it swaps the cases of
// Cherokee letters instead of joining them.
func foldCase(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z', 'А' <= r && r <= 'Я':
		return r + 0x20
	case 'Ѐ' <= r && r <= 'Џ':
		return r + 0x50
	case r < 0x80, 'а' <= r && r <= 'џ':
		return r
	}
	return unicode.ToLower(unicode.ToUpper(r))
}

// isAccent reports whether r is a mark that readers take as optional.
func isAccent(r rune) bool {
	if !unicode.Is(unicode.Mn, r) || r == 0x3099 || r == 0x309A { // Japanese voicing marks
		return false
	}
	return unicode.In(r, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic)
}

// plainLetters are what people type, in lower case, for letters and signs that
// have no decomposition in Unicode.
var plainLetters = map[rune]string{
	'Ł': "l", 'ł': "l", 'Ø': "o", 'ø': "o", 'Đ': "d", 'đ': "d", 'Ħ': "h", 'ħ': "h", 'Ŧ': "t", 'ŧ': "t",
	'ı': "i", 'ĸ': "k", 'Æ': "ae", 'æ': "ae", 'Œ': "oe", 'œ': "oe", 'ẞ': "ss", 'ß': "ss",
	'Ð': "d", 'ð': "d", 'Þ': "th", 'þ': "th", 'Ŋ': "ng", 'ŋ': "ng", 'Ə': "a", 'ə': "a",
	'`': "'", '‘': "'", '’': "'", '‛': "'", 'ʼ': "'", 'ʹ': "'", 'ʻ': "'", '′': "'",
	'‐': "-", '‑': "-", '‒': "-", '–': "-", '—': "-", '―': "-", '−': "-",
	'“': `"`, '”': `"`, '„': `"`, '«': `"`, '»': `"`,
}

// foldASCII is Fold for ASCII; it returns s itself where nothing changes.
func foldASCII(s string) string {
	if isFoldedASCII(s) {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case isSpace(c):
			if len(b) > 0 && b[len(b)-1] != ' ' {
				b = append(b, ' ')
			}
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		case c == '`':
			c = '\''
		}
		b = append(b, c)
	}
	if len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return string(b)
}

func isFoldedASCII(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if 'A' <= c && c <= 'Z' || c == '`' {
			return false
		}
		if isSpace(c) {
			if space || c != ' ' {
				return false
			}
			space = true
			continue
		}
		space = false
	}
	return !space || s == ""
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }
