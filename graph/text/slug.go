package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxSlug is the greatest length of a slug, in characters (all ASCII).
const maxSlug = 60

// Slug returns the ASCII form of a name for use inside an id: the letters a to z
// and digits, with single hyphens where the name has spaces or other signs, at
// most 60 characters, cut at a hyphen if there is one in the second half.
//
// Latin letters lose their accents. Cyrillic letters (Russian, Ukrainian,
// Belarusian, Serbian, Macedonian) are transliterated by one table for all
// languages, close to BGN/PCGN without its signs, and Greek ones close to ELOT 743.
// Apostrophes are dropped. Letters of other scripts have no ASCII form here and
// are dropped too: Slug may return "", and then the caller must choose something
// else.
func Slug(name string) string {
	b := make([]byte, 0, maxSlug+8)
	var last rune // last letter that was transliterated, for Greek ου
	for _, r := range norm.NFC.String(name) {
		b = appendSlug(b, r, last)
		last = r
		if len(b) > maxSlug+1 {
			break
		}
	}
	return cutSlug(b)
}

// cutSlug brings a slug to its greatest length and drops a hyphen at its end.
func cutSlug(b []byte) string {
	if len(b) > maxSlug {
		cut := maxSlug
		if b[maxSlug] != '-' {
			if i := strings.LastIndexByte(string(b[:maxSlug]), '-'); i >= maxSlug/2 {
				cut = i
			}
		}
		b = b[:cut]
	}
	return strings.TrimRight(string(b), "-")
}

// appendSlug appends the ASCII form of one character.
func appendSlug(b []byte, r, last rune) []byte {
	switch {
	case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
		return append(b, byte(r))
	case 'A' <= r && r <= 'Z':
		return append(b, byte(r)+'a'-'A')
	case r == '\'' || r == '`':
		return b
	case r < 0x80:
		return appendHyphen(b)
	}
	if s, ok := transliteration(r, last); ok {
		return append(b, s...)
	}
	// Unknown as a whole: try the parts of its decomposition.
	known := false
	for _, part := range norm.NFKD.String(string(r)) {
		if s, ok := transliteration(part, last); ok {
			b, known = append(b, s...), true
		} else if part < 0x80 && part != r {
			b, known = appendSlug(b, part, last), true
		}
	}
	if known || unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.Cf) {
		return b
	}
	return appendHyphen(b)
}

// appendHyphen appends a hyphen unless the slug is empty or ends with one.
func appendHyphen(b []byte) []byte {
	if len(b) == 0 || b[len(b)-1] == '-' {
		return b
	}
	return append(b, '-')
}

// transliteration returns the lower-case ASCII form of a letter, if it has one.
func transliteration(r, last rune) (string, bool) {
	lower := unicode.ToLower(r)
	if lower == 'υ' || lower == 'ύ' {
		if before := unicode.ToLower(last); before == 'ο' {
			return "u", true
		}
	}
	if s, ok := latinForms[lower]; ok {
		return s, true
	}
	switch s, ok := plainLetters[lower]; {
	case !ok:
		return "", false
	case s == "'":
		return "", true
	default:
		return s, s[0] >= 'a' // other signs separate words
	}
}

// latinForms are the ASCII forms of lower-case Cyrillic and Greek letters.
var latinForms = map[rune]string{
	// Russian
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "yo", 'ж': "zh", 'з': "z", 'и': "i",
	'й': "y", 'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t",
	'у': "u", 'ф': "f", 'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "",
	'э': "e", 'ю': "yu", 'я': "ya",
	// Ukrainian, Belarusian
	'і': "i", 'ї': "yi", 'є': "ye", 'ґ': "g", 'ў': "u",
	// Serbian, Macedonian
	'ђ': "dj", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "c", 'џ': "dz", 'ѓ': "gj", 'ќ': "kj", 'ѕ': "dz",
	// Greek
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k",
	'λ': "l", 'μ': "m", 'ν': "n", 'ξ': "x", 'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t",
	'υ': "y", 'φ': "f", 'χ': "ch", 'ψ': "ps", 'ω': "o",
}
