package text

import (
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestTextFragment(t *testing.T) {
	long := "The parties agreed, on the second day of talks in Jeddah, to a thirty-day cease-fire and to the return of prisoners & children without delay"
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{" \n ", ""},
		{"ready", "ready"},
		{"we are ready", "we%20are%20ready"},
		{"  we  are\tready ", "we%20are%20ready"},
		{"cease-fire, now & here", "cease%2Dfire%2C%20now%20%26%20here"},
		{"100% #1 ~a_b.c", "100%25%20%231%20~a_b.c"},
		{"Мы", "%D0%9C%D1%8B"},
		{"🇺🇦", "%F0%9F%87%BA%F0%9F%87%A6"},
		{long, "The%20parties%20agreed%2C%20on%20the%20second,of%20prisoners%20%26%20children%20without%20delay"},
		{"first line here\n\nand the last", "first%20line%20here,and%20the%20last"},
		{strings.Repeat("x", 150), strings.Repeat("x", 48) + "," + strings.Repeat("x", 48)},
	} {
		if got := TextFragment(c.in); got != c.want {
			t.Errorf("TextFragment(%q)\n got %s\nwant %s", c.in, got, c.want)
		}
	}
}

func TestTextFragmentURL(t *testing.T) {
	for _, c := range []struct{ url, quote, want string }{
		{"https://example.org/a", "we are", "https://example.org/a#:~:text=we%20are"},
		{"https://example.org/a?b=c", "x", "https://example.org/a?b=c#:~:text=x"},
		{"https://example.org/a#part", "x", "https://example.org/a#part:~:text=x"},
		{"https://example.org/a#:~:text=y", "x", "https://example.org/a#:~:text=y&text=x"},
		{"https://example.org/a", "", "https://example.org/a"},
		{"", "x", ""},
	} {
		if got := TextFragmentURL(c.url, c.quote); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// What the directive says stands at the beginning and the end of the quote, and
// the two parts of a range do not overlap.
func TestTextFragmentNamesTheQuote(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		quote := rapid.StringOfN(rapid.SampledFrom([]rune("abc  -,&%я🙂")), 1, 300, -1).Draw(t, "quote")
		flat := strings.Join(strings.Fields(quote), " ")
		value := TextFragment(quote)
		if flat == "" {
			if value != "" {
				t.Fatalf("%q for no words", value)
			}
			return
		}
		parts := strings.Split(value, ",")
		if strings.ContainsAny(value, "-& ") || len(parts) > 2 {
			t.Fatalf("%q is no directive", value)
		}
		first, err := url.PathUnescape(parts[0])
		if err != nil {
			t.Fatal(err)
		}
		if len(parts) == 1 {
			if first != flat {
				t.Fatalf("%q, want %q", first, flat)
			}
			return
		}
		last, err := url.PathUnescape(parts[1])
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(flat, first) || !strings.HasSuffix(flat, last) || first == "" || last == "" || len(first)+len(last) > len(flat) {
			t.Fatalf("%q and %q of %q", first, last, flat)
		}
	})
}
