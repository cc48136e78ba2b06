package text

import "strings"

// found is what occurrences knows of the places of a pattern.
type found struct {
	count int
	first []int // byte offsets of the first few
}

func (f *found) add(at int) {
	f.count++
	if len(f.first) < maxStarts {
		f.first = append(f.first, at)
	}
}

const (
	maxStarts = 5 // places named in an AmbiguousError
	// Up to this many hits are found with strings.Index, which is fastest where
	// hits are rare; its restart after each hit costs the pattern's length.
	maxIndexed = 8
)

// occurrences counts the places of a pattern that is not empty, overlaps
// included, in time linear in both.
func occurrences(text, pattern string) found {
	var f found
	at := 0
	for f.count < maxIndexed {
		i := strings.Index(text[at:], pattern)
		if i < 0 {
			return f
		}
		f.add(at + i)
		at += i + 1
	}
	// Knuth-Morris-Pratt for the rest: border[i] is the length of the longest
	// proper prefix of pattern[:i+1] that is also its suffix.
	border := make([]int32, len(pattern))
	for i, k := 1, int32(0); i < len(pattern); i++ {
		for k > 0 && pattern[i] != pattern[k] {
			k = border[k-1]
		}
		if pattern[i] == pattern[k] {
			k++
		}
		border[i] = k
	}
	k := 0
	for i := at; i < len(text); i++ {
		for k > 0 && text[i] != pattern[k] {
			k = int(border[k-1])
		}
		if text[i] == pattern[k] {
			k++
		}
		if k == len(pattern) {
			f.add(i + 1 - len(pattern))
			k = int(border[k-1])
		}
	}
	return f
}

// closest returns the byte offset of the occurrence of pattern closest to at.
func closest(text, pattern string, at int) (int, bool) {
	after := strings.Index(text[at:], pattern)
	before := strings.LastIndex(text[:min(len(text), at+len(pattern))], pattern)
	switch {
	case after < 0 && before < 0:
		return 0, false
	case after < 0 || (before >= 0 && at-before < after):
		return before, true
	}
	return at + after, true
}
