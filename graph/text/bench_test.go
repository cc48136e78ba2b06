package text

import (
	"strings"
	"testing"
)

// benchText is a text of 115,000 code points in two scripts.
func benchText() string {
	text, _ := SliceCodePoints(essay(13_000), 0, 115_000)
	return text
}

func BenchmarkFind(b *testing.B) {
	text := benchText()
	runes := []rune(text)
	place := 80_000
	unlike := strings.NewReplacer("w", "v", "о", "а", "1", "7").Replace(string(runes[70_000:75_000]))
	for _, c := range []struct {
		name string
		q    Quote
		ok   bool
	}{
		{"place", Quote{Exact: string(runes[place : place+200]), Start: &place}, true},
		{"search", Quote{Exact: string(runes[60_000:115_000])}, true},
		{"near 200", Quote{Exact: string(runes[place:place+100]) + "x" + string(runes[place+100:place+200])}, false},
		{"near 5000", Quote{Exact: unlike}, false},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Find(text, c.q); (err == nil) != c.ok {
					b.Fatal(err)
				}
			}
		})
	}
	same := strings.Repeat("a", 115_000)
	b.Run("repetitive", func(b *testing.B) {
		for b.Loop() {
			if _, err := Find(same, Quote{Exact: same[:5000], Prefix: same[:50_000]}); err == nil {
				b.Fatal("found")
			}
		}
	})
	b.Run("repetitive near", func(b *testing.B) {
		q := Quote{Exact: same[:4999] + "b" + same[:4999]}
		for b.Loop() {
			if _, err := Find(same, q); err == nil {
				b.Fatal("found")
			}
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for _, s := range []string{"steve witkoff", "Steve Witkoff", "Müller", "Володимир Зеленський"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Fold(s)
			}
		})
	}
}

func BenchmarkNormalize(b *testing.B) {
	text := benchText()
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := Normalize(text); err != nil {
			b.Fatal(err)
		}
	}
}
