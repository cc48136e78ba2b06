package text

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The best alignment of a piece is the one with the least edit distance to any
// passage of the text.
func TestAlignIsOptimal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.SampledFrom([]rune("abя "))
		text := []rune(rapid.StringOfN(letters, 1, 12, -1).Draw(t, "text"))
		piece := []rune(rapid.StringOfN(letters, 1, 6, -1).Draw(t, "piece"))
		want := len(piece)
		for i := range text {
			for j := i + 1; j <= len(text); j++ {
				want = min(want, levenshtein(piece, text[i:j]))
			}
		}
		a := NewIndex(string(text)).align(piece)
		if a.distance != min(want, len(piece)) {
			t.Fatalf("distance %d, want %d", a.distance, want)
		}
		if a.start < 0 || a.end > len(text) || levenshtein(piece, text[a.start:a.end]) != a.distance {
			t.Fatalf("%q at %d to %d of %q is not at distance %d", string(piece), a.start, a.end, string(text), a.distance)
		}
	})
}

func levenshtein(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func TestNearestIsBounded(t *testing.T) {
	// A quote of a million code points in a text of as many, nothing in common
	// but a stretch at the end. The passage surrounds the last point before it.
	common := "The envoys left Jeddah on Tuesday evening without a joint statement, and no new date was set for the talks."
	text := strings.Repeat("абв ", 250_000) + common
	quote := strings.Repeat("xyz ", 250_000) + common
	passage, start := NewIndex(text).nearest(quote)
	if !strings.Contains(passage, "абв The envoys left Jeddah") || start != 1_000_000-maxNearest/2-1 {
		t.Errorf("got %q at %d", passage, start)
	}
}
