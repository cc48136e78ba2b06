package text

import (
	"cmp"
	"iter"
	"slices"
	"strings"
)

// maxWord is the greatest length in code points that Nearest compares; ids are at
// most 200 long.
const maxWord = 200

// Nearest returns up to n of the candidates that are nearest to a word, the
// nearest first, for messages that ask "did you mean". Nearness is the edit
// distance without regard to case: insertions, deletions, substitutions and swaps
// of neighbours (Damerau-Levenshtein, optimal string alignment). Candidates that
// share less than a quarter of their code points with the word are left out, and
// so are those above 200 code points. Equal distances go by the longer common
// beginning, then alphabetically, so that the answer does not depend on the order
// of the candidates.
//
// It costs the product of the lengths for each candidate at worst, and much less
// once n close ones are known.
func Nearest(word string, candidates iter.Seq[string], n int) []string {
	target := []rune(strings.ToLower(word))
	if n <= 0 || len(target) == 0 || len(target) > maxWord {
		return nil
	}
	var best []suggestion
	var d editDistance
	for c := range candidates {
		runes := []rune(strings.ToLower(c))
		if len(runes) > maxWord {
			continue
		}
		limit := max(len(runes), len(target)) * 3 / 4
		if len(best) == n {
			limit = min(limit, best[n-1].distance)
		}
		distance, ok := d.within(target, runes, limit)
		if !ok {
			continue
		}
		s := suggestion{text: c, distance: distance, common: commonPrefix(target, runes)}
		at, known := slices.BinarySearchFunc(best, s, compareSuggestions)
		if known {
			continue
		}
		best = slices.Insert(best, at, s)
		best = best[:min(n, len(best))]
	}
	texts := make([]string, len(best))
	for i, s := range best {
		texts[i] = s.text
	}
	return texts
}

type suggestion struct {
	text     string
	distance int
	common   int // length of the common beginning
}

func compareSuggestions(a, b suggestion) int {
	return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(b.common, a.common), cmp.Compare(a.text, b.text))
}

func commonPrefix(a, b []rune) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// editDistance keeps the three rows of the distance table between calls.
type editDistance struct {
	rows [3][maxWord + 1]int
}

// within returns the distance between a and b if it is at most limit. Both have at
// most maxWord code points. It stops as soon as no way within the limit is left.
func (d *editDistance) within(a, b []rune, limit int) (int, bool) {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return 0, false
	}
	before, last, row := &d.rows[0], &d.rows[1], &d.rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	lastLeast := 0
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			v := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				v = min(v, before[j-2]+1)
			}
			row[j] = v
			least = min(least, v)
		}
		// A swap reaches over one row, so two rows must be beyond the limit.
		if least > limit && lastLeast > limit {
			return 0, false
		}
		lastLeast = least
		before, last, row = last, row, before
	}
	distance := last[len(b)]
	return distance, distance <= limit
}
