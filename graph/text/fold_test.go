package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"  \t\n ", ""},
		{"zelenskyy", "zelenskyy"},
		{"Zelenskyy", "zelenskyy"},
		{"ZELENSKYY", "zelenskyy"},
		{"  Steve\t Witkoff \n", "steve witkoff"},
		{"Müller", "muller"},
		{"MU\u0308LLER", "muller"},
		{"Straße", "strasse"},
		{"STRASSE", "strasse"},
		{"STRAẞE", "strasse"},
		{"Ёлкин", "елкин"},
		{"ЁЛКИН", "елкин"},
		{"Зеленський", "зеленськии"},
		{"Їжакевич", "іжакевич"},
		{"Лукашэнка\u00a0 Аляксандр", "лукашэнка аляксандр"},
		{"Wałęsa", "walesa"},
		{"Đỗ Mười", "do muoi"},
		{"Åse Øre Æbelø", "ase ore aebelo"},
		{"İstanbul", "istanbul"},
		{"ISTANBUL", "istanbul"},
		{"ırmak", "irmak"},
		{"Παπαδόπουλος", "παπαδοπουλοσ"},
		{"ΠΑΠΑΔΟΠΟΥΛΟΣ", "παπαδοπουλοσ"},
		{"ＮＡＴＯ", "nato"},
		{"ﬁnland", "finland"},
		{"O’Neil", "o'neil"},
		{"O'Neil", "o'neil"},
		{"O`Neil", "o'neil"},
		{"Jean–Noël", "jean-noel"},
		{"soft\u00adhyphen \u200ebidi", "softhyphen bidi"},
		{"محمّد", "محمد"},
		{"יִצְחָק", "יצחק"},
		{"हिन्दी", "हिन्दी"}, // vowel signs make other words
		{"ガザ", "ガザ"},         // and so do voicing marks
		{"ｶﾞｻﾞ", "ガザ"},
		{"김정은", "김정은"},
		{"🇺🇦 Україна", "🇺🇦 украіна"},
	} {
		if got := Fold(c.in); got != c.want {
			t.Errorf("Fold(%q) = %q (%+q), want %q", c.in, got, got, c.want)
		}
	}
}

func TestFoldIsIdempotent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("%q, then %q", once, twice)
		}
	})
}

// Every single character, alone and between letters, folds once and for all, and
// like its other cases.
func TestFoldOfEveryCharacter(t *testing.T) {
	for r := rune(1); r <= 0x1FFFF; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		once := Fold("Aя" + string(r) + "B")
		if twice := Fold(once); twice != once {
			t.Errorf("%U: %q, then %q", r, once, twice)
		}
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			if r == 0x345 || f == 0x345 {
				continue // the iota subscript is an accent and is removed
			}
			if other := Fold("Aя" + string(f) + "B"); other != once {
				t.Errorf("%U and %U are cases of one letter, but fold to %q and %q", r, f, once, other)
			}
		}
	}
}

func TestFoldASCIIDoesNotAllocate(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Fold("steve witkoff") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// The path for ASCII agrees with the general one.
func TestFoldASCIIAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.RuneFrom(nil, asciiTable)).Draw(t, "s")
		if got, want := foldASCII(s), foldUnicode(s); got != want {
			t.Fatalf("%q: %q, want %q", s, got, want)
		}
	})
}

func FuzzFold(f *testing.F) {
	for _, s := range []string{"Müller", "ẞ\u0345", "İ", "\u1e9e", "ｶﾞ", "\xff", "a\u0301\u00ad\u0302"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("%q: %q, then %q", s, once, twice)
		}
		if strings.TrimSpace(once) != once {
			t.Fatalf("%q: space at the ends of %q", s, once)
		}
	})
}

func TestSlug(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Steve Witkoff", "steve-witkoff"},
		{"  --U.S. Department of State (2025)!", "u-s-department-of-state-2025"},
		{"Владимир Путин", "vladimir-putin"},
		{"Ёлкин, Щукин и Цой", "yolkin-shchukin-i-tsoy"},
		{"Володимир Зеленський", "volodimir-zelenskiy"},
		{"Їжакевич Ґалаґан Єва", "yizhakevich-galagan-yeva"},
		{"Аляксандр Лукашэнка ў Мінску", "alyaksandr-lukashenka-u-minsku"},
		{"Подъезд", "podezd"},
		{"Љиљана Ђорђевић", "ljiljana-djordjevic"},
		{"Αλέξης Τσίπρας", "alexis-tsipras"},
		{"Γιώργος Παπανδρέου", "giorgos-papandreou"},
		{"Ουρανός, Αύρα", "ouranos-ayra"},
		{"Müller-Straße", "muller-strasse"},
		{"Mu\u0308ller", "muller"},
		{"Wałęsa Đỗ Øre Æbelø Þór", "walesa-do-ore-aebelo-thor"},
		{"İstanbul ırmak", "istanbul-irmak"},
		{"O’Neil & O'Hara", "oneil-ohara"},
		{"ＮＡＴＯ ½ ﬁx", "nato-12-fix"},
		{"王毅", ""},
		{"王毅 (Wang Yi)", "wang-yi"},
		{"🇺🇦", ""},
		{"peace 🕊️ plan", "peace-plan"},
		{"—", ""},
		{"", ""},
		{"\xff bad \xff", "bad"},
		{strings.Repeat("a", 70), strings.Repeat("a", 60)},
		{strings.Repeat("abcdefghi ", 10), "abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi-abcdefghi"},
		{strings.Repeat("я", 40), strings.Repeat("ya", 30)},
		{"short " + strings.Repeat("z", 70), "short-" + strings.Repeat("z", 54)},
	} {
		if got := Slug(c.in); got != c.want {
			t.Errorf("Slug(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestSlugForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Slug(rapid.OneOf(rapid.String(), rapid.StringOfN(rapid.SampledFrom([]rune("aЯщ -.'ου中é")), 0, 90, -1)).Draw(t, "name"))
		if len(s) > maxSlug || strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" ||
			strings.Contains(s, "--") || strings.HasPrefix(s, "-") || strings.HasSuffix(s, "-") {
			t.Fatalf("%q is not a slug", s)
		}
		if Slug(s) != s {
			t.Fatalf("the slug of %q is %q", s, Slug(s))
		}
	})
}
