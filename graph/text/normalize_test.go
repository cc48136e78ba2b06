package text

import (
	"encoding/xml"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

func TestNormalize(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain\ttext\n", "plain\ttext\n"},
		{"a\r\nb\rc\n\r\n\r\rd", "a\nb\nc\n\n\n\nd"},
		{"e\u0301te\u0301", "été"},
		{"Зелен\u0438\u0306", "Зеленй"},
		{"\u212b", "Å"},              // Angstrom sign
		{"\u1100\u1161\u11a8", "각"},  // Hangul
		{"ﬁ Ａ", "ﬁ Ａ"},               // compatibility forms stay
		{"🇺🇦 x\u0302", "🇺🇦 x\u0302"}, // no composed form exists
		{"\ufeffbom \u007f \u0085 \u2028", "\ufeffbom \u007f \u0085 \u2028"},
		{"\ufffd", "\ufffd"},
	} {
		got, err := Normalize(c.in)
		if err != nil || got != c.want {
			t.Errorf("Normalize(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

func TestNormalizeRefuses(t *testing.T) {
	for _, c := range []struct {
		in              string
		byteAt, pointAt int
		r               rune
		says            string
	}{
		{"a\x00b", 1, 1, 0, "U+0000"},
		{"день\x0bx", 8, 4, '\v', "U+000B"},
		{"page\fpage", 4, 4, '\f', "replace page breaks"},
		{"\x1b[1m", 0, 0, 0x1b, "U+001B"},
		{"Ü\xff", 2, 1, utf8.RuneError, "not valid UTF-8 at byte 2 (code point 1)"},
		{"\xed\xa0\x80", 0, 0, utf8.RuneError, "not valid UTF-8"}, // a surrogate
		{"ok \xd0", 3, 3, utf8.RuneError, "not valid UTF-8"},
		{"x\ufffe", 1, 1, 0xfffe, "U+FFFE"},
		{"x\uffff", 1, 1, 0xffff, "U+FFFF"},
	} {
		got, err := NormalizeField(c.in)
		var bad *InvalidTextError
		if !errors.As(err, &bad) {
			t.Errorf("NormalizeField(%q) = %q, %v", c.in, got, err)
			continue
		}
		if bad.Byte != c.byteAt || bad.CodePoint != c.pointAt || bad.Rune != c.r || !strings.Contains(err.Error(), c.says) {
			t.Errorf("NormalizeField(%q): %+v: %v", c.in, *bad, err)
		}
		always := c.r == 0 || c.r == utf8.RuneError
		if got, err := Normalize(c.in); (err != nil) != always || !always && got != c.in {
			t.Errorf("Normalize(%q) = %q, %v", c.in, got, err)
		}
	}
}

func TestNormalizeKeepsNormalText(t *testing.T) {
	s := strings.Repeat("Встреча в Москве. ", 100)
	if n := testing.AllocsPerRun(10, func() {
		if got, err := Normalize(s); err != nil || got != s {
			t.Errorf("changed: %q, %v", got, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for text that is normal already", n)
	}
}

func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"", "a\r\nb\r", "e\u0301", "a\x00", "\xff", "🇺🇦", "\u1100\u1161", "a" + strings.Repeat("\u0301", 40), "\u0344\u0f73"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if kept, err := Normalize(s); err == nil {
			if again, err := Normalize(kept); err != nil || again != kept || !norm.NFC.IsNormalString(kept) {
				t.Fatalf("%q: not idempotent: %q, then %q, %v", s, kept, again, err)
			}
		} else if _, err := NormalizeField(s); err == nil {
			t.Fatalf("%q: refused as a text and taken as a field", s)
		}
		got, err := NormalizeField(s)
		if err != nil {
			var bad *InvalidTextError
			if !errors.As(err, &bad) || bad.Byte >= len(s) || Length(s[:bad.Byte]) != bad.CodePoint {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !utf8.ValidString(got) || strings.Contains(got, "\r") || !norm.NFC.IsNormalString(got) {
			t.Fatalf("%q: not in the profile: %q", s, got)
		}
		if again, err := NormalizeField(got); err != nil || again != got {
			t.Fatalf("%q: not idempotent: %q, then %q, %v", s, got, again, err)
		}
		var b strings.Builder
		b.WriteString("<t>")
		if err := xml.EscapeText(&b, []byte(got)); err != nil {
			t.Fatal(err)
		}
		b.WriteString("</t>")
		var back string
		if err := xml.Unmarshal([]byte(b.String()), &back); err != nil || back != got {
			t.Fatalf("%q does not survive XML: %q, %v", got, back, err)
		}
	})
}
