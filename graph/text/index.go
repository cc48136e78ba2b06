package text

import "unicode/utf8"

// sampleStep is the number of code points between two samples of an Index: a
// conversion walks at most this far.
const sampleStep = 256

// Index converts between offsets in code points, bytes and UTF-16 units of one
// text. It holds 16 bytes for every 256 code points, nothing for ASCII text. An
// Index does not change and may be shared.
type Index struct {
	text  string
	count int // code points
	units int // UTF-16 units
	// Samples, one for every sampleStep code points from 0: offset in bytes, and
	// in UTF-16 units. Both nil for ASCII text, where all units agree.
	bytes, utf16 []int
}

// NewIndex builds the index of a text in one pass over it.
func NewIndex(text string) *Index {
	ix := &Index{text: text}
	if isASCII(text) {
		ix.count, ix.units = len(text), len(text)
		return ix
	}
	n := len(text)/sampleStep + 1
	ix.bytes, ix.utf16 = make([]int, 0, n), make([]int, 0, n)
	for at, r := range text {
		if ix.count%sampleStep == 0 {
			ix.bytes = append(ix.bytes, at)
			ix.utf16 = append(ix.utf16, ix.units)
		}
		ix.count++
		ix.units += unitsOf(r)
	}
	return ix
}

// unitsOf returns how many UTF-16 units a code point takes.
func unitsOf(r rune) int {
	if r > 0xFFFF {
		return 2
	}
	return 1
}

// Text returns the text that was indexed.
func (ix *Index) Text() string { return ix.text }

// Len returns the length of the text in code points.
func (ix *Index) Len() int { return ix.count }

// UTF16Len returns the length of the text in UTF-16 units.
func (ix *Index) UTF16Len() int { return ix.units }

// ByteOf converts an offset in code points, 0 to Len inclusive, to one in bytes;
// false outside.
func (ix *Index) ByteOf(codePoint int) (int, bool) {
	b, _, ok := ix.seek(codePoint)
	return b, ok
}

// UTF16Of converts an offset in code points, 0 to Len inclusive, to one in UTF-16
// units; false outside.
func (ix *Index) UTF16Of(codePoint int) (int, bool) {
	_, u, ok := ix.seek(codePoint)
	return u, ok
}

// seek returns the offsets in bytes and in UTF-16 units of a code point offset.
func (ix *Index) seek(codePoint int) (byteAt, unitAt int, ok bool) {
	switch {
	case codePoint < 0 || codePoint > ix.count:
		return 0, 0, false
	case ix.bytes == nil:
		return codePoint, codePoint, true
	case codePoint == ix.count:
		return len(ix.text), ix.units, true
	}
	s := codePoint / sampleStep
	byteAt, unitAt = ix.bytes[s], ix.utf16[s]
	for range codePoint % sampleStep {
		r, size := utf8.DecodeRuneInString(ix.text[byteAt:])
		byteAt += size
		unitAt += unitsOf(r)
	}
	return byteAt, unitAt, true
}

// CodePointOf converts an offset in bytes, 0 to the text's length inclusive, to
// one in code points; false outside, or inside a code point.
func (ix *Index) CodePointOf(byteAt int) (int, bool) {
	switch {
	case byteAt < 0 || byteAt > len(ix.text):
		return 0, false
	case ix.bytes == nil:
		return byteAt, true
	}
	s := lastAtMost(ix.bytes, byteAt)
	at, n := ix.bytes[s], s*sampleStep
	for at < byteAt {
		_, size := utf8.DecodeRuneInString(ix.text[at:])
		at += size
		n++
	}
	return n, at == byteAt
}

// CodePointOfUTF16 converts an offset in UTF-16 units, 0 to UTF16Len inclusive, to
// one in code points; false outside, or between the halves of a surrogate pair.
func (ix *Index) CodePointOfUTF16(unit int) (int, bool) {
	switch {
	case unit < 0 || unit > ix.units:
		return 0, false
	case ix.bytes == nil:
		return unit, true
	}
	s := lastAtMost(ix.utf16, unit)
	at, u, n := ix.bytes[s], ix.utf16[s], s*sampleStep
	for u < unit {
		r, size := utf8.DecodeRuneInString(ix.text[at:])
		at += size
		u += unitsOf(r)
		n++
	}
	return n, u == unit
}

// lastAtMost returns the index of the last sample that is not above v. The first
// sample is 0, so there is one for v >= 0.
func lastAtMost(samples []int, v int) int {
	lo, hi := 0, len(samples)
	for hi-lo > 1 {
		if mid := (lo + hi) / 2; samples[mid] <= v {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// Slice returns the text between two offsets in code points; false unless
// 0 <= start <= end <= Len.
func (ix *Index) Slice(start, end int) (string, bool) {
	from, ok1 := ix.ByteOf(start)
	to, ok2 := ix.ByteOf(end)
	if !ok1 || !ok2 || from > to {
		return "", false
	}
	return ix.text[from:to], true
}

// Context returns up to n code points before start and after end. Both are empty
// if the range is not in the text.
func (ix *Index) Context(start, end, n int) (prefix, suffix string) {
	if start < 0 || end < start || end > ix.count || n <= 0 {
		return "", ""
	}
	prefix, _ = ix.Slice(max(0, start-n), start)
	suffix, _ = ix.Slice(end, min(ix.count, end+n))
	return prefix, suffix
}

// Context is [Index.Context] for a single use.
func Context(text string, start, end, n int) (prefix, suffix string) {
	return NewIndex(text).Context(start, end, n)
}

// Length returns the length of s in code points.
func Length(s string) int { return utf8.RuneCountInString(s) }

// SliceCodePoints returns s between two offsets in code points; false unless
// 0 <= start <= end <= Length(s). It takes time linear in end; use an [Index] for
// many slices of one text.
func SliceCodePoints(s string, start, end int) (string, bool) {
	if start < 0 || start > end {
		return "", false
	}
	from, ok := advance(s, 0, start)
	if !ok {
		return "", false
	}
	to, ok := advance(s, from, end-start)
	if !ok {
		return "", false
	}
	return s[from:to], true
}

// advance returns the byte offset n code points after the byte offset at; false
// if s ends before.
func advance(s string, at, n int) (int, bool) {
	for ; n > 0; n-- {
		if at >= len(s) {
			return 0, false
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	return at, true
}

func isASCII(s string) bool {
	for len(s) >= 8 {
		if (s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7])&0x80 != 0 {
			return false
		}
		s = s[8:]
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
