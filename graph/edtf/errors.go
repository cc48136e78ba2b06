package edtf

import (
	"fmt"
	"unicode/utf8"
)

// ParseError says why a string is not a date.
type ParseError struct {
	// Input is the whole string.
	Input string
	// Position is where in Input the mistake is, in code points from 1. It is
	// one past the end if something is missing there.
	Position int
	// Reason says what is wrong and what would be right.
	Reason string
	// Level2 is true if the string uses a feature of level 2 of the format,
	// which this package does not read.
	Level2 bool
}

// Error gives the input (its beginning, if it is long), the reason and the
// position.
func (e *ParseError) Error() string {
	return fmt.Sprintf("%q: %s (at character %d)", shorten(e.Input, 60), e.Reason, e.Position)
}

// shorten cuts s to at most n code points and marks the cut with an ellipsis.
func shorten(s string, n int) string {
	i := 0
	for pos := range s {
		if i == n {
			return s[:pos] + "…"
		}
		i++
	}
	return s
}

// fail makes the error for the byte position pos of the parser's input.
func (p *parser) fail(pos int, format string, args ...any) error {
	pos = min(pos, len(p.in))
	return &ParseError{
		Input:    p.in,
		Position: utf8.RuneCountInString(p.in[:pos]) + 1,
		Reason:   fmt.Sprintf(format, args...),
	}
}

// level2 makes the error for a feature of level 2.
func (p *parser) level2(pos int, feature string) error {
	err := p.fail(pos, "%s belong to level 2 of the format, which is not supported; levels 0 and 1 are", feature)
	err.(*ParseError).Level2 = true
	return err
}

// runeAt returns the code point at a byte position, for messages.
func (p *parser) runeAt(pos int) rune {
	r, _ := utf8.DecodeRuneInString(p.in[pos:])
	return r
}

// unexpected makes the error for a character that cannot stand at pos, where
// want describes what can. It knows the usual mistakes.
func (p *parser) unexpected(pos int, want string) error {
	if pos >= p.end {
		return p.fail(pos, "the date stops short; expected %s", want)
	}
	switch r := p.runeAt(pos); r {
	case 'x', 'u':
		return p.fail(pos, "an unspecified digit is written as a capital X, not %q", r)
	case 'y':
		return p.fail(pos, "a year of more than four digits begins with a capital Y, not %q", r)
	case 't', 'z':
		return p.fail(pos, "%q must be a capital letter", r)
	case ' ', '\t', '\n', '\r', '\u00a0':
		return p.fail(pos, "a date has no white space")
	case '‐', '‑', '‒', '–', '—', '−':
		return p.fail(pos, "%q is not the hyphen-minus sign; write \"-\"", r)
	case '[', ']', '{', '}':
		return p.level2(pos, "sets of dates")
	case 'E':
		return p.level2(pos, "years with an exponent")
	case 'S':
		return p.level2(pos, "years with significant digits")
	case '?', '~', '%':
		return p.level2(pos, "qualifiers of a part of a date")
	default:
		return p.fail(pos, "unexpected %q; expected %s", r, want)
	}
}
