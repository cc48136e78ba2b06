package text

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// checkIndex compares every conversion with a naive one.
func checkIndex(t interface {
	Fatalf(string, ...any)
	Helper()
}, text string) {
	t.Helper()
	ix := NewIndex(text)
	cp, unit := 0, 0
	boundary := map[int]int{}     // byte -> code point
	unitBoundary := map[int]int{} // UTF-16 unit -> code point
	step := func(byteAt int) {
		boundary[byteAt], unitBoundary[unit] = cp, cp
		if b, ok := ix.ByteOf(cp); !ok || b != byteAt {
			t.Fatalf("ByteOf(%d) = %d, %v; want %d", cp, b, ok, byteAt)
		}
		if u, ok := ix.UTF16Of(cp); !ok || u != unit {
			t.Fatalf("UTF16Of(%d) = %d, %v; want %d", cp, u, ok, unit)
		}
	}
	for at, r := range text {
		step(at)
		cp++
		unit += utf16.RuneLen(r)
	}
	step(len(text))
	if ix.Len() != cp || ix.Len() != Length(text) || ix.UTF16Len() != unit || ix.Text() != text {
		t.Fatalf("Len %d, UTF16Len %d; want %d, %d", ix.Len(), ix.UTF16Len(), cp, unit)
	}
	for b := -1; b <= len(text)+1; b++ {
		want, inside := boundary[b]
		if got, ok := ix.CodePointOf(b); ok != inside || (ok && got != want) {
			t.Fatalf("CodePointOf(%d) = %d, %v; want %d, %v", b, got, ok, want, inside)
		}
	}
	for u := -1; u <= unit+1; u++ {
		want, inside := unitBoundary[u]
		if got, ok := ix.CodePointOfUTF16(u); ok != inside || (ok && got != want) {
			t.Fatalf("CodePointOfUTF16(%d) = %d, %v; want %d, %v", u, got, ok, want, inside)
		}
	}
	for _, outside := range []int{-1, cp + 1} {
		if _, ok := ix.ByteOf(outside); ok {
			t.Fatalf("ByteOf(%d) is inside", outside)
		}
		if _, ok := ix.UTF16Of(outside); ok {
			t.Fatalf("UTF16Of(%d) is inside", outside)
		}
	}
}

var samples = []string{
	"", "a", "ASCII only, twelve words or so.", "🇺🇦", "🇺🇦 Зеленський met Müller 👨‍👩‍👧 in Zürich",
	"x\u0302y\u0301", "line\nline\r\n", strings.Repeat("я", 256), strings.Repeat("🙂", 257), strings.Repeat("abc", 256),
	strings.Repeat("aя🙂", 300), "broken \xff\xd0 text \xe2\x82 я",
}

func TestIndex(t *testing.T) {
	for _, s := range samples {
		checkIndex(t, s)
	}
}

func TestIndexAgreesWithNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkIndex(t, drawText(t, "text", 700))
	})
}

// drawText draws a text from a small alphabet of one to four byte characters.
func drawText(t *rapid.T, label string, length int) string {
	alphabet := []rune("ab \nяЖé中🙂🇺\u0301")
	return rapid.StringOfN(rapid.SampledFrom(alphabet), 0, length, -1).Draw(t, label)
}

func TestSlice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t, "text", 400)
		runes := []rune(text)
		ix := NewIndex(text)
		start := rapid.IntRange(-2, len(runes)+2).Draw(t, "start")
		end := rapid.IntRange(-2, len(runes)+2).Draw(t, "end")
		inside := 0 <= start && start <= end && end <= len(runes)
		want := ""
		if inside {
			want = string(runes[start:end])
		}
		if got, ok := ix.Slice(start, end); ok != inside || got != want {
			t.Fatalf("Slice(%d, %d) = %q, %v; want %q", start, end, got, ok, want)
		}
		if got, ok := SliceCodePoints(text, start, end); ok != inside || got != want {
			t.Fatalf("SliceCodePoints(%d, %d) = %q, %v; want %q", start, end, got, ok, want)
		}
	})
}

func TestContext(t *testing.T) {
	const text = "🇺🇦 Слава героям"
	for _, c := range []struct {
		start, end, n  int
		prefix, suffix string
	}{
		{3, 8, 3, "🇺🇦 ", " ге"},
		{3, 8, 1, " ", " "},
		{3, 8, 0, "", ""},
		{0, 15, 64, "", ""},
		{5, 5, 2, "Сл", "ав"},
		{8, 3, 4, "", ""},
		{-1, 3, 4, "", ""},
		{3, 99, 4, "", ""},
		{3, 8, 99, "🇺🇦 ", " героям"},
	} {
		prefix, suffix := Context(text, c.start, c.end, c.n)
		if prefix != c.prefix || suffix != c.suffix {
			t.Errorf("Context(%d, %d, %d) = %q, %q; want %q, %q", c.start, c.end, c.n, prefix, suffix, c.prefix, c.suffix)
		}
	}
}

func FuzzIndex(f *testing.F) {
	for _, s := range samples {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkIndex(t, s)
		checkIndex(t, strings.Repeat(s, 1+600/(len(s)+1)))
	})
}

func TestIsASCII(t *testing.T) {
	for n := range 20 {
		s := strings.Repeat("a", n)
		if !isASCII(s) {
			t.Errorf("%q is ASCII", s)
		}
		for i := range n {
			if isASCII(s[:i] + "\x80" + s[i+1:]) {
				t.Errorf("byte %d of %d was not looked at", i, n)
			}
		}
	}
	if utf8.RuneSelf != 0x80 {
		t.Error("ASCII ends elsewhere")
	}
}

func BenchmarkNewIndex(b *testing.B) {
	for name, s := range map[string]string{"ascii": strings.Repeat("Talks in Jeddah. ", 6800), "cyrillic": strings.Repeat("Встреча в Москве. ", 6400)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				NewIndex(s)
			}
		})
	}
}
