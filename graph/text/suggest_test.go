package text

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

var asciiTable = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 1, Hi: 0x7f, Stride: 1}}, LatinOffset: 1}

func TestNearestIds(t *testing.T) {
	types := []string{"met-with", "proposes", "supports", "opposes", "rejects", "signs", "warns", "criticises"}
	for _, c := range []struct {
		word string
		n    int
		want []string
	}{
		{"oposes", 1, []string{"opposes"}},
		{"met with", 1, []string{"met-with"}},
		{"MET-WITH", 1, []string{"met-with"}},
		{"singns", 2, []string{"signs", "warns"}},
		{"sings", 1, []string{"signs"}}, // a swap is one step
		{"proposse", 2, []string{"proposes", "opposes"}},
		{"xyz", 3, []string{}},
		{"", 3, nil},
		{"signs", 0, nil},
		{strings.Repeat("s", 500), 3, nil},
	} {
		got := Nearest(c.word, slices.Values(types), c.n)
		if !slices.Equal(got, c.want) {
			t.Errorf("Nearest(%q, %d) = %q, want %q", c.word, c.n, got, c.want)
		}
	}
	if got := Nearest("persn/anna", slices.Values([]string{"person/bert", "person/anna", "person/anna", strings.Repeat("p", 300)}), 5); !slices.Equal(got, []string{"person/anna", "person/bert"}) {
		t.Errorf("got %q", got)
	}
}

func TestNearestDoesNotDependOnOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.StringOfN(rapid.SampledFrom([]rune("abя")), 1, 6, -1)
		word, list := gen.Draw(t, "word"), rapid.SliceOfN(gen, 0, 12).Draw(t, "list")
		want := Nearest(word, slices.Values(list), 3)
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if got := Nearest(word, slices.Values(list), 3); !slices.Equal(got, want) {
			t.Fatalf("%q and %q", got, want)
		}
		if len(list) > 0 && slices.Contains(list, word) && (len(want) == 0 || want[0] != word) {
			t.Fatalf("%q is among the candidates, but first comes %q", word, want)
		}
	})
}

// plainDistance is optimal string alignment by its definition.
func plainDistance(a, b []rune) int {
	switch {
	case len(a) == 0:
		return len(b)
	case len(b) == 0:
		return len(a)
	}
	cost := 1
	if a[len(a)-1] == b[len(b)-1] {
		cost = 0
	}
	d := min(plainDistance(a[:len(a)-1], b)+1, plainDistance(a, b[:len(b)-1])+1, plainDistance(a[:len(a)-1], b[:len(b)-1])+cost)
	if len(a) > 1 && len(b) > 1 && a[len(a)-1] == b[len(b)-2] && a[len(a)-2] == b[len(b)-1] {
		d = min(d, plainDistance(a[:len(a)-2], b[:len(b)-2])+1)
	}
	return d
}

func TestEditDistance(t *testing.T) {
	var d editDistance
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.SampledFrom([]rune("abc")), 0, 6)
		a, b := gen.Draw(t, "a"), gen.Draw(t, "b")
		limit := rapid.IntRange(0, 7).Draw(t, "limit")
		want := plainDistance(a, b)
		got, ok := d.within(a, b, limit)
		if ok != (want <= limit) || (ok && got != want) {
			t.Fatalf("%q and %q within %d: %d, %v; want %d", string(a), string(b), limit, got, ok, want)
		}
	})
}
