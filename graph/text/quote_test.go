package text

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

const speech = "🇺🇦 Президент сказал: «Мы готовы к переговорам». Later, “we are ready for talks”, he said.\n" +
	"We are ready. We are ready! No cease-fire — yet."

func at(n int) *int { return &n }

func TestFind(t *testing.T) {
	for _, c := range []struct {
		name  string
		q     Quote
		start int
		end   int
	}{
		{"once", Quote{Exact: "Мы готовы к переговорам"}, 22, 45},
		{"flag", Quote{Exact: "🇺🇦"}, 0, 2},
		{"half of a flag", Quote{Exact: "🇦"}, 1, 2},
		{"across a line end", Quote{Exact: "said.\nWe"}, 84, 92},
		{"start", Quote{Exact: "We are ready", Start: at(104)}, 104, 116},
		{"start and end", Quote{Exact: "We are ready", Start: at(90), End: at(102)}, 90, 102},
		{"end alone", Quote{Exact: "We are ready", End: at(116)}, 104, 116},
		{"suffix", Quote{Exact: "We are ready", Suffix: "!"}, 104, 116},
		{"prefix", Quote{Exact: "We are ready", Prefix: "\n"}, 90, 102},
		{"both", Quote{Exact: "ready", Prefix: "We are ", Suffix: "."}, 97, 102},
		{"long prefix", Quote{Exact: "ready", Prefix: "We are ready. We are "}, 111, 116},
		{"whole text", Quote{Exact: speech}, 0, Length(speech)},
		// A context is not needed where the words stand once, nor is one looked at beside a place.
		{"once, other context", Quote{Exact: "cease-fire", Prefix: "a "}, 121, 131},
		{"start, other context", Quote{Exact: "We are ready", Start: at(90), Suffix: "?"}, 90, 102},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Find(speech, c.q)
			if err != nil {
				t.Fatal(err)
			}
			if m.Start != c.start || m.End != c.end {
				t.Errorf("found at %d to %d, want %d to %d", m.Start, m.End, c.start, c.end)
			}
			if speech[m.StartByte:m.EndByte] != c.q.Exact {
				t.Errorf("the bytes hold %q", speech[m.StartByte:m.EndByte])
			}
		})
	}
}

func TestFindNotFound(t *testing.T) {
	for _, c := range []struct {
		name      string
		q         Quote
		nearest   string
		start     int
		elsewhere bool
		says      string
	}{
		{"quotation marks", Quote{Exact: `"we are ready for talks"`}, "“we are ready for talks”", 55, false, "the nearest passage, at code point 55, is \"“we are ready for talks”\""},
		{"case", Quote{Exact: "we ARE ready for talks"}, "we are ready for talks", 56, false, ""},
		{"typo", Quote{Exact: "Мы готовы к перговорам"}, "Мы готовы к переговорам", 22, false, ""},
		{"dash", Quote{Exact: "No cease-fire - yet"}, "No cease-fire — yet", 118, false, ""},
		{"decomposed", Quote{Exact: "переговора\u0301м"}, "переговорам", 34, false, ""},
		{"wrong start", Quote{Exact: "We are ready", Start: at(105)}, "We are ready", 104, true, "at code point 105; it stands at code points 104 to 116"},
		{"closest of several", Quote{Exact: "We are ready", Start: at(91)}, "We are ready", 90, true, ""},
		{"wrong end", Quote{Exact: "We are ready", Start: at(90), End: at(103)}, "We are ready", 90, true, "has 12 code points and the place 13"},
		{"wrong end alone", Quote{Exact: "We are ready", End: at(117)}, "We are ready", 104, true, "up to code point 117"},
		{"start outside", Quote{Exact: "We are ready", Start: at(9999)}, "We are ready", 104, true, ""},
		{"negative start", Quote{Exact: "We are ready", Start: at(-3)}, "We are ready", 90, true, ""},
		{"end before the length", Quote{Exact: "We are ready", End: at(3)}, "We are ready", 90, true, ""},
		{"start and typo", Quote{Exact: "cease-fires", Start: at(1)}, "cease-fire", 121, false, ""},
		{"nothing like it", Quote{Exact: "qqqq zzzz wwww vvvv"}, "", -1, false, "nor does anything like it"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m, err := Find(speech, c.q)
			var nf *NotFoundError
			if !errors.As(err, &nf) {
				t.Fatalf("got %v, %v", m, err)
			}
			if nf.Nearest != c.nearest || nf.NearestStart != c.start || nf.Elsewhere != c.elsewhere {
				t.Errorf("nearest %q at %d (elsewhere %v), want %q at %d", nf.Nearest, nf.NearestStart, nf.Elsewhere, c.nearest, c.start)
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("message does not say %q: %v", c.says, err)
			}
		})
	}
}

func TestFindAmbiguous(t *testing.T) {
	for _, c := range []struct {
		name        string
		text        string
		q           Quote
		count       int
		withContext int
		starts      []int
	}{
		{"twice", speech, Quote{Exact: "We are ready"}, 2, 2, []int{90, 104}},
		{"context does not decide", speech, Quote{Exact: "ready", Prefix: "We are "}, 3, 2, []int{63, 97, 111}},
		{"context fits none", speech, Quote{Exact: "We are ready", Prefix: "perhaps "}, 2, 0, []int{90, 104}},
		{"overlaps count", "банана", Quote{Exact: "ана"}, 2, 2, []int{1, 3}},
		{"many", strings.Repeat("а", 100), Quote{Exact: "аа"}, 99, 99, []int{0, 1, 2, 3, 4}},
		{"newline twice", "\n.\n", Quote{Exact: "\n"}, 2, 2, []int{0, 2}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Find(c.text, c.q)
			var amb *AmbiguousError
			if !errors.As(err, &amb) {
				t.Fatalf("got %v", err)
			}
			if amb.Count != c.count || amb.WithContext != c.withContext || !slices.Equal(amb.Starts, c.starts) {
				t.Errorf("got %+v", *amb)
			}
		})
	}
	_, err := Find(speech, Quote{Exact: "ready", Prefix: "We are "})
	const want = `the quote "ready" stands 3 times in the text, at code points 63 97 111, 2 times between the prefix and suffix given; give its start, or a prefix or suffix that singles one out`
	if err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestFindRefusesEmptyAndInvalid(t *testing.T) {
	if _, err := Find("text", Quote{}); !errors.Is(err, ErrEmptyQuote) {
		t.Errorf("empty quote: %v", err)
	}
	for _, q := range []Quote{{Exact: "\xff"}, {Exact: "a", Prefix: "\xd0"}, {Exact: "a", Suffix: "\x80"}} {
		if _, err := Find("text", q); !errors.Is(err, ErrQuoteNotUTF8) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	var nf *NotFoundError
	if _, err := Find("", Quote{Exact: "a"}); !errors.As(err, &nf) || nf.Nearest != "" {
		t.Errorf("empty text: %v", err)
	}
}

func TestNearestOfLongQuoteShowsTheDifference(t *testing.T) {
	text := essay(3000)
	from := strings.Index(text, "w500 ")
	to := strings.Index(text, "w1500 ")
	quote := strings.Replace(text[from:to], "w1200 ", "w12OO ", 1)
	_, err := Find(text, Quote{Exact: quote})
	var nf *NotFoundError
	if !errors.As(err, &nf) {
		t.Fatal(err)
	}
	if !strings.Contains(nf.Nearest, "w1200 ") || Length(nf.Nearest) > 120 {
		t.Errorf("the passage does not show the difference: %q", nf.Nearest)
	}
	if got, _ := SliceCodePoints(text, nf.NearestStart, nf.NearestStart+Length(nf.Nearest)); got != nf.Nearest {
		t.Errorf("at %d stands %q", nf.NearestStart, got)
	}
	// A quote that begins with words of its own departs from the text there.
	_, err = Find(text, Quote{Exact: "Something else entirely, which nobody wrote; and then some more of it, at length: " + text[from:to]})
	if !errors.As(err, &nf) || !strings.Contains(nf.Nearest, "w500 ") {
		t.Errorf("the passage does not show the difference: %v", err)
	}
}

// essay returns n numbered words in mixed scripts.
func essay(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString([]string{"слово", "word", "né", "🙂"}[i%4])
		b.WriteString(" w")
		b.WriteString(strconv.Itoa(i))
		b.WriteByte(' ')
	}
	return b.String()
}

// TestFindProperties states what Find promises, with overlapping places and
// characters of every width.
func TestFindProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawText(t, "text", 60)
		runes := []rune(text)
		if len(runes) == 0 {
			return
		}
		start := rapid.IntRange(0, len(runes)-1).Draw(t, "start")
		end := rapid.IntRange(start+1, len(runes)).Draw(t, "end")
		exact := string(runes[start:end])
		places := placesOf(runes, runes[start:end])

		m, err := Find(text, Quote{Exact: exact, Start: &start})
		if err != nil || m.Start != start || m.End != end || text[m.StartByte:m.EndByte] != exact {
			t.Fatalf("with its start: %v, %v", m, err)
		}
		m, err = Find(text, Quote{Exact: exact})
		var amb *AmbiguousError
		switch {
		case len(places) == 1 && (err != nil || m.Start != start):
			t.Fatalf("stands once: %v, %v", m, err)
		case len(places) > 1 && (!errors.As(err, &amb) || amb.Count != len(places)):
			t.Fatalf("stands %d times: %v, %v", len(places), m, err)
		}
		prefix, suffix := Context(text, start, end, len(runes))
		m, err = Find(text, Quote{Exact: exact, Prefix: prefix, Suffix: suffix})
		if err != nil || m.Start != start {
			t.Fatalf("with all of its context: %v, %v", m, err)
		}
	})
}

// placesOf finds the places of a pattern the slow way.
func placesOf(text, pattern []rune) []int {
	var places []int
	for i := 0; i+len(pattern) <= len(text); i++ {
		if string(text[i:i+len(pattern)]) == string(pattern) {
			places = append(places, i)
		}
	}
	return places
}

func TestOccurrencesOfRepetitiveText(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	letters := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "aab"[random.IntN(3)]
		}
		return string(b)
	}
	for range 3000 {
		text, pattern := letters(random.IntN(300)), letters(1+random.IntN(7))
		want := placesOf([]rune(text), []rune(pattern))
		got := occurrences(text, pattern)
		if got.count != len(want) || !slices.Equal(got.first, want[:min(len(want), maxStarts)]) {
			t.Fatalf("%q in %q: %+v, want %v", pattern, text, got, want)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add(speech, "We are ready", "", "!", 0, false)
	f.Add(speech, "we are raedy", "", "", 92, true)
	f.Add("банана", "ана", "б", "", 1, false)
	f.Add("a\xff\xd0b", "b", "", "", 3, true)
	f.Add(strings.Repeat("a", 300), strings.Repeat("a", 100)+"b", "", "", -5, true)
	f.Fuzz(func(t *testing.T, text, exact, prefix, suffix string, start int, withStart bool) {
		q := Quote{Exact: exact, Prefix: prefix, Suffix: suffix}
		if withStart {
			q.Start = &start
		}
		m, err := Find(text, q)
		var nf *NotFoundError
		switch {
		case err == nil:
			got, ok := SliceCodePoints(text, m.Start, m.End)
			if !ok || got != exact || text[m.StartByte:m.EndByte] != exact || (withStart && m.Start != start) {
				t.Fatalf("match %+v holds %q", m, got)
			}
		case errors.As(err, &nf):
			if nf.Nearest == "" && nf.NearestStart != -1 {
				t.Fatalf("%+v", *nf)
			}
			got, ok := SliceCodePoints(text, nf.NearestStart, nf.NearestStart+Length(nf.Nearest))
			if nf.Nearest != "" && (!ok || got != nf.Nearest || Length(got) > maxNearest) {
				t.Fatalf("nearest %q at %d, where %q stands", nf.Nearest, nf.NearestStart, got)
			}
			if !withStart && exact != "" && strings.Contains(text, exact) {
				t.Fatal("not found, but it is there")
			}
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error without a message")
		}
	})
}
