package text

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Quote says which words of a text are meant. All strings and the text they are
// looked up in must be in the text profile, see [Normalize].
type Quote struct {
	// Exact is the words, code point for code point.
	Exact string
	// Start and End are the half-open range of code points where the words
	// stand. Either alone gives the place.
	Start, End *int
	// Prefix is what stands immediately before the words, Suffix what stands
	// immediately after them, of any length. They are used only where the words
	// stand more than once and no place is given.
	Prefix, Suffix string
}

// Match is the place of a quote in a text.
type Match struct {
	Start, End         int // code points, half-open
	StartByte, EndByte int // bytes, half-open
}

// ErrEmptyQuote is the error for a quote without words.
var ErrEmptyQuote = errors.New("the quote is empty; give the exact words of the text")

// ErrQuoteNotUTF8 is the error for a quote, prefix or suffix that is not valid
// UTF-8.
var ErrQuoteNotUTF8 = errors.New("the quote, its prefix or its suffix is not valid UTF-8")

// NotFoundError says that the words do not stand in the text, or not at the place
// given.
type NotFoundError struct {
	// Quote is the words that were looked for.
	Quote string
	// Start and End are the place given, nil if it was not.
	Start, End *int
	// Nearest is the passage of the text most like the words, at most 120 code
	// points of it; where the words are longer, those around the first
	// difference. It is empty if nothing is like them.
	Nearest string
	// NearestStart is the offset of Nearest in code points, -1 if it is empty.
	NearestStart int
	// Elsewhere is true if the exact words stand at NearestStart, but not at the
	// place given.
	Elsewhere bool
}

// Error says what was looked for and what stands nearest.
func (e *NotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "the quote %q does not stand in the text", ellipsis(e.Quote, 60))
	length := Length(e.Quote)
	switch {
	case e.Start != nil && e.End != nil && *e.End-*e.Start != length:
		fmt.Fprintf(&b, " at code points %d to %d, because it has %d code points and the place %d",
			*e.Start, *e.End, length, *e.End-*e.Start)
	case e.Start != nil:
		fmt.Fprintf(&b, " at code point %d", *e.Start)
	case e.End != nil:
		fmt.Fprintf(&b, " up to code point %d", *e.End)
	}
	switch {
	case e.Elsewhere:
		fmt.Fprintf(&b, "; it stands at code points %d to %d", e.NearestStart, e.NearestStart+length)
	case e.Nearest == "":
		b.WriteString(", nor does anything like it")
	default:
		fmt.Fprintf(&b, "; the nearest passage, at code point %d, is %q", e.NearestStart, e.Nearest)
	}
	return b.String()
}

// AmbiguousError says that the words stand more than once, and nothing singles
// one place out.
type AmbiguousError struct {
	Quote string
	// Count is how often the words stand in the text, overlaps included.
	Count int
	// Starts are the first few of their offsets in code points.
	Starts []int
	// WithContext is how often they stand there between the prefix and suffix
	// given; equal to Count if neither was.
	WithContext int
}

// Error says where the words stand and how to single one place out.
func (e *AmbiguousError) Error() string {
	places := strings.Trim(fmt.Sprint(e.Starts), "[]")
	more := ""
	if e.Count > len(e.Starts) {
		more = " …"
	}
	context := ""
	if e.WithContext != e.Count {
		context = fmt.Sprintf(", %d times between the prefix and suffix given", e.WithContext)
	}
	return fmt.Sprintf("the quote %q stands %d times in the text, at code points %s%s%s; give its start, or a prefix or suffix that singles one out",
		ellipsis(e.Quote, 60), e.Count, places, more, context)
}

// ellipsis cuts s to at most n code points and marks the cut.
func ellipsis(s string, n int) string {
	if at, ok := advance(s, 0, n); ok && at < len(s) {
		return s[:at] + "…"
	}
	return s
}

// Find is [Index.Find] for a single use.
func Find(text string, q Quote) (Match, error) { return NewIndex(text).Find(q) }

// Find locates a quote in the text. If a place is given, the text must equal
// q.Exact there, code point for code point; prefix and suffix are not looked at.
// Otherwise the words must stand once in the text, or once between q.Prefix and
// q.Suffix. Overlapping occurrences count.
//
// The errors are *[NotFoundError], *[AmbiguousError], [ErrEmptyQuote] and
// [ErrQuoteNotUTF8]. A quote that is found takes time linear in the text and the
// quote whatever they contain; one that is not takes the time of the bounded
// search for its nearest passage on top.
func (ix *Index) Find(q Quote) (Match, error) {
	if q.Exact == "" {
		return Match{}, ErrEmptyQuote
	}
	if !utf8.ValidString(q.Exact) || !utf8.ValidString(q.Prefix) || !utf8.ValidString(q.Suffix) {
		return Match{}, ErrQuoteNotUTF8
	}
	if q.Start != nil || q.End != nil {
		return ix.findAt(q)
	}
	all := occurrences(ix.text, q.Exact)
	switch {
	case all.count == 0:
		e := &NotFoundError{Quote: q.Exact}
		e.Nearest, e.NearestStart = ix.nearest(q.Exact)
		return Match{}, e
	case all.count == 1:
		return ix.match(all.first[0], q.Exact), nil
	}
	within := all
	if q.Prefix != "" || q.Suffix != "" {
		// Every place of the words with their context is a place of the words,
		// len(q.Prefix) bytes further on.
		within = occurrences(ix.text, q.Prefix+q.Exact+q.Suffix)
		if within.count == 1 {
			return ix.match(within.first[0]+len(q.Prefix), q.Exact), nil
		}
	}
	starts := make([]int, 0, len(all.first))
	for _, at := range all.first {
		starts = append(starts, ix.match(at, q.Exact).Start)
	}
	return Match{}, &AmbiguousError{Quote: q.Exact, Count: all.count, Starts: starts, WithContext: within.count}
}

// match makes the Match of words that stand at a byte offset.
func (ix *Index) match(at int, words string) Match {
	start, _ := ix.CodePointOf(at)
	return Match{Start: start, End: start + Length(words), StartByte: at, EndByte: at + len(words)}
}

// findAt checks that the words stand at the place given.
func (ix *Index) findAt(q Quote) (Match, error) {
	length := Length(q.Exact)
	var start int
	if q.Start != nil {
		start = *q.Start
	} else {
		start = *q.End - length
	}
	if at, ok := ix.ByteOf(start); ok && strings.HasPrefix(ix.text[at:], q.Exact) {
		if q.End == nil || *q.End == start+length {
			return Match{Start: start, End: start + length, StartByte: at, EndByte: at + len(q.Exact)}, nil
		}
	}
	err := &NotFoundError{Quote: q.Exact, Start: q.Start, End: q.End, NearestStart: -1}
	if at, ok := closest(ix.text, q.Exact, ix.byteNear(start)); ok {
		m := ix.match(at, q.Exact)
		err.Elsewhere, err.NearestStart = true, m.Start
		err.Nearest, _ = ix.Slice(m.Start, min(m.End, m.Start+maxNearest))
		return Match{}, err
	}
	err.Nearest, err.NearestStart = ix.nearest(q.Exact)
	return Match{}, err
}

// byteNear converts an offset in code points to one in bytes, moving it into the
// text first.
func (ix *Index) byteNear(codePoint int) int {
	at, _ := ix.ByteOf(min(max(codePoint, 0), ix.count))
	return at
}
