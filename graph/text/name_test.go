package text_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"chancery/graph/text"
)

func keyOf(t *testing.T, word string) string {
	t.Helper()
	words := text.NameWords(word)
	if len(words) != 1 {
		t.Fatalf("%q has the words %v; want one", word, words)
	}
	return words[0].Key
}

// Spellings of one name, in any script, have one key.
func TestSpellingsOfOneName(t *testing.T) {
	for _, same := range [][]string{
		{"Zelenskyy", "Zelensky", "Zelenskiy", "Zelenskij", "Zełenski", "Selenskyj", "ZELENSKYI", "Ｚｅｌｅｎｓｋｙ", "Зеленский", "Зеленський", "Зеленски"},
		{"Putin", "Путин", "Путін"},
		{"Yeltsin", "Jeltsin", "Eltsin", "Ельцин"},
		{"Yulia", "Julia", "Yuliya", "Iulia", "Юлия", "Юлія"},
		{"Khrushchev", "Hrushchev", "Хрущев", "Хрущёв"},
		{"Zhukov", "Schukow", "Žukov", "Жуков"},
		{"Vučić", "Vucic", "Vuchich", "Вучић", "Вучич"},
		{"Milošević", "Milosevic", "Miloshevich", "Милошевић"},
		{"Makron", "Macron", "Макрон"},
		{"Wladimir", "Vladimir", "Владимир"},
		{"Dostoevsky", "Dostoyevskiy", "Достоевский"},
		{"Papandréou", "Papandreou", "Παπανδρέου"},
		{"Lukashenko", "Lukaschenko", "Лукашенко"},
		{"O'Brien", "O’Brien", "OBrien"},
		{"Øst", "Ost"},
		{"beijing", "北京"},
	} {
		want := keyOf(t, same[0])
		for _, w := range same[1:] {
			if got := keyOf(t, w); got != want {
				t.Errorf("the key of %s is %s; that of %s is %s", w, got, same[0], want)
			}
		}
	}
}

func TestDifferentNamesDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, w := range []string{"Putin", "Witkoff", "Trump", "Zelenskyy", "Lavrov", "Rubio", "Macron", "Merz", "Starmer", "Xi", "2022", "202", "Kim"} {
		k := keyOf(t, w)
		if other := seen[k]; other != "" {
			t.Errorf("%s and %s share the key %s", w, other, k)
		}
		seen[k] = w
	}
}

func TestNameWords(t *testing.T) {
	for name, want := range map[string]string{
		"":                              "",
		" - ":                           "",
		"Jean-Claude Juncker":           "jean claude juncker",
		"A.K. Antony":                   "a k antony",
		"Сергей  Лавров (МИД)":          "сергеи лавров мид",
		"D'Artagnan's":                  "dartagnans",
		"G20":                           "g20",
		"हिन्दी":                        "हिन्दी",
		"👍 yes":                         "yes",
		strings.Repeat("é", 200) + " x": strings.Repeat("e", 64) + " x",
	} {
		var got []string
		for _, w := range text.NameWords(name) {
			got = append(got, w.Folded)
			if w.Key == "" {
				t.Errorf("the word %q of %q has no key", w.Folded, name)
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("words of %q: %q; want %q", name, s, want)
		}
	}
}

// Whatever is typed of a word leads to the word.
func TestPrefixesLeadToTheWord(t *testing.T) {
	alphabets := []string{"abcdefghijklmnopqrstuvwxyz", "schkpheyijxz", "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґўђјљњћџ", "αβγδεζηθικλμνξοπρστυφχψω", "אבגדהוזחטיכלמנסעפצקרשת", "ابتثجحخدذرزسشصضطظعغفقكلمنهوي", "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "あいうえおかきくけこアイウ", "北京中国金正恩"}
	rapid.Check(t, func(t *rapid.T) {
		letters := []rune(rapid.SampledFrom(alphabets).Draw(t, "alphabet"))
		word := text.Fold(string(rapid.SliceOfN(rapid.SampledFrom(letters), 1, 20).Draw(t, "word")))
		key := text.NameKey(word)
		n := rapid.IntRange(1, utf8.RuneCountInString(word)).Draw(t, "typed")
		typed := string([]rune(word)[:n])
		if key != word && text.NameKey(typed) == typed && typed[0] >= 0x80 {
			t.Skip("signs without a sound, such as ъ, lead nowhere until a letter follows")
		}
		forms := text.NamePrefixes(typed)
		if !slices.ContainsFunc(forms, func(f string) bool { return strings.HasPrefix(key, f) }) {
			t.Fatalf("%q, typed of %q with the key %q, leads to %q", typed, word, key, forms)
		}
		if len(forms) > 3 {
			t.Fatalf("%q leads to %q", typed, forms)
		}
	})
}

func FuzzNameWords(f *testing.F) {
	f.Add("Зеленський, Володимир")
	f.Add("x\xff\u0300ﬁ")
	f.Fuzz(func(t *testing.T, s string) {
		for _, w := range text.NameWords(s) {
			if w.Key == "" || len(w.Key) > 64 || len(w.Folded) > 64 || !utf8.ValidString(w.Key) {
				t.Fatalf("%q has the word %q with the key %q", s, w.Folded, w.Key)
			}
			if again := text.NameKey(w.Folded); again != w.Key {
				t.Fatalf("the key of %q is %q and then %q", w.Folded, w.Key, again)
			}
		}
	})
}

func TestEditsBetween(t *testing.T) {
	for _, c := range []struct {
		a, b   string
		most   int
		prefix bool
		want   int // -1: more than most
	}{
		{"putin", "putin", 1, false, 0}, {"pubin", "putin", 1, false, 1}, {"uptin", "putin", 1, false, 1}, {"putn", "putin", 1, false, 1},
		{"puton", "pubin", 1, false, -1}, {"selinski", "selenskii", 2, false, 2}, {"selin", "selenski", 1, true, 1}, {"selin", "selenski", 1, false, -1},
		{"slenk", "selenski", 2, true, 2}, {"abcde", "ab", 2, true, -1}, {"abc", "ab", 1, true, 1},
	} {
		got, ok := text.EditsBetween(c.a, c.b, c.most, c.prefix)
		if !ok {
			got = -1
		}
		if got != c.want {
			t.Errorf("from %s to %s, prefix %v: %d edits; want %d", c.a, c.b, c.prefix, got, c.want)
		}
	}
}
