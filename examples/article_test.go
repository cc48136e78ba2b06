package examples

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

// advertisement is how many lines at the end of the file are not the report's.
const advertisement = 3

// article returns the report's text as code points, in NFC with LF line ends,
// and the offset at which the advertisement below it begins. It looks for
// shared/seed/article.txt beside the repository, and skips the test where there
// is none: the text belongs to its publisher and is not part of the repository.
func article(t *testing.T) (text []rune, end int) {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		raw, err := os.ReadFile(filepath.Join(dir, "shared", "seed", "article.txt"))
		if err == nil {
			s := norm.NFC.String(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(raw)))
			lines := strings.SplitAfter(strings.TrimRight(s, "\n"), "\n")
			report := strings.Join(lines[:len(lines)-advertisement], "")
			return []rune(s), len([]rune(report))
		}
		if !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("the report's text, shared/seed/article.txt, is not beside the repository; quotes cannot be held against it")
		}
		dir = parent
	}
}

func TestQuotesStandInTheReport(t *testing.T) {
	text, end := article(t)
	checked := 0
	for _, r := range read(t).relations {
		for _, c := range r.Citations {
			if c.Start == nil || c.End == nil || *c.Start < 0 || *c.Start >= *c.End || *c.End > len(text) {
				t.Errorf("%v: %q has no place in a text of %d code points", r, c.Quote, len(text))
				continue
			}
			checked++
			if got := string(text[*c.Start:*c.End]); got != c.Quote {
				t.Errorf("%v: at %d to %d stands %q, not %q", r, *c.Start, *c.End, got, c.Quote)
			}
			if *c.End > end {
				t.Errorf("%v: %q is from the advertisement", r, c.Quote)
			}
		}
	}
	if checked < 100 {
		t.Errorf("only %d quotes were checked", checked)
	}
}

// maxQuoted is how much of the report may stand in quotes, in percent of its
// code points.
const maxQuoted = 45

// TestQuotesAreNotTheReport checks that the quotes together do not amount to
// the text: the greater part of it must stand in none of them.
func TestQuotesAreNotTheReport(t *testing.T) {
	text, end := article(t)
	quoted := make([]bool, len(text))
	for _, r := range read(t).relations {
		for _, c := range r.Citations {
			for i := *c.Start; i < *c.End; i++ {
				quoted[i] = true
			}
		}
	}
	n := 0
	for _, q := range quoted[:end] {
		if q {
			n++
		}
	}
	if 100*n > maxQuoted*end {
		t.Errorf("%d of %d code points are quoted, want %d %% at most", n, end, maxQuoted)
	}
}
