package text

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// InvalidTextError says where a text cannot be stored, and why. Offsets are those
// of the text as given, before normalisation.
type InvalidTextError struct {
	Byte      int  // offset in bytes
	CodePoint int  // offset in code points
	Rune      rune // the character that is refused; utf8.RuneError if the bytes are no character
}

// Error names the place and the remedy.
func (e *InvalidTextError) Error() string {
	where := fmt.Sprintf("at byte %d (code point %d)", e.Byte, e.CodePoint)
	switch {
	case e.Rune == utf8.RuneError:
		return "the text is not valid UTF-8 " + where + "; convert it to UTF-8 first"
	case e.Rune == '\f':
		return "the text has a form feed (U+000C) " + where + "; replace page breaks by line feeds"
	}
	return fmt.Sprintf("the text has the character %U %s; remove it", e.Rune, where)
}

// Normalize brings the text of a source into the text profile:
//
//   - Bytes that are not valid UTF-8 are an *[InvalidTextError], and so is U+0000.
//   - CR LF and single CR become LF. Other line separators (U+0085, U+2028) stay.
//   - The result is in normalisation form C, with the stream-safe limit of
//     Unicode Standard Annex 15: after 30 combining marks in a row a combining
//     grapheme joiner (U+034F) is inserted.
//
// Everything else stays, so that the words are those of the source: documents
// that were converted from print have stray control characters in them, which
// XML cannot carry and an export to XML must replace.
//
// Normalize is idempotent, and returns s itself if nothing has to change.
func Normalize(s string) (string, error) { return normalize(s, false) }

// NormalizeField is Normalize for what people write about sources: names,
// labels, notes. It also refuses what XML 1.0 cannot carry: control
// characters below U+0020 other than tab and line ends, and U+FFFE and U+FFFF.
func NormalizeField(s string) (string, error) { return normalize(s, true) }

func normalize(s string, strict bool) (string, error) {
	ascii, hasCR, err := inspect(s, strict)
	if err != nil {
		return "", err
	}
	if hasCR {
		s = strings.ReplaceAll(s, "\r\n", "\n")
		s = strings.ReplaceAll(s, "\r", "\n")
	}
	if ascii || norm.NFC.QuickSpanString(s) == len(s) {
		return s, nil
	}
	return norm.NFC.String(s), nil
}

// inspect looks for what is refused, and tells whether s is all ASCII and
// whether it contains a carriage return.
func inspect(s string, strict bool) (ascii, hasCR bool, err error) {
	ascii = true
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c == '\r':
				hasCR = true
			case c == 0, strict && c < ' ' && c != '\t' && c != '\n':
				return false, false, invalid(s, i, rune(c))
			}
			i++
			continue
		}
		ascii = false
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return false, false, invalid(s, i, utf8.RuneError)
		case strict && (r == 0xFFFE || r == 0xFFFF):
			return false, false, invalid(s, i, r)
		}
		i += size
	}
	return ascii, hasCR, nil
}

func invalid(s string, at int, r rune) error {
	return &InvalidTextError{Byte: at, CodePoint: utf8.RuneCountInString(s[:at]), Rune: r}
}
