package edtf

import (
	"testing"

	"pgregory.net/rapid"
)

func TestRangeMatching(t *testing.T) {
	for _, c := range []struct {
		date, from, to    string // from and to empty: no limit
		possible, certain bool
	}{
		{"2025-04-25", "2025-04-25", "2025-04-26", true, true},
		{"2025-04-25", "2025-04-24", "2025-04-25", false, false}, // the end is exclusive
		{"2025-04-25", "2025-04-26", "", false, false},
		{"2025-04-25", "", "", true, true},
		{"2025-04", "2025-04-10", "2025-04-20", true, false},
		{"2025-04", "2025", "2026", true, true},
		{"2025-04", "2025-04", "2025-05", true, true},
		{"2025", "2025-06", "2025-07", true, false},
		{"2025", "2026", "", false, false},
		{"2025~", "2025", "2026", true, true},
		{"201X", "2015", "", true, false},
		{"2001-24", "2002", "2003", true, false}, // winter reaches into the next year
		{"XXXX-04-25", "2025", "2026", true, false},
		{"XXXX-04-25", "", "", true, true},
		// Intervals: a shared day is enough.
		{"2022-02-24/2025-04-25", "2023", "2024", true, true},
		{"2022/2025", "2023", "2024", true, true},
		{"2022/2025", "2022-06", "2022-07", true, false}, // may begin later
		{"2022/2025", "2025", "2026", true, true},
		{"2022/2025", "2026", "", false, false},
		{"2022/2025", "", "2022", false, false},
		// An open end lasts, an unknown one may be past.
		{"2022/..", "2030", "2031", true, true},
		{"2022/", "2030", "2031", true, false},
		{"2022/", "2022", "2023", true, true},
		{"2022/..", "", "2022", false, false},
		{"2022/..", "2030", "", true, true},
		{"../2022", "1990", "1991", true, true},
		{"/2022", "1990", "1991", true, false},
		{"/2022", "2022", "2023", true, true},
		{"../2022", "2023", "", false, false},
		// Empty ranges.
		{"2025", "2025-06-01", "2025-06-01", false, false},
		{"2022/2025", "2024", "2023", false, false},
	} {
		var from, to Date
		if c.from != "" {
			from = MustParse(c.from)
		}
		if c.to != "" {
			to = MustParse(c.to)
		}
		d, r := MustParse(c.date), RangeOf(from, to)
		if got := d.PossiblyIn(r); got != c.possible {
			t.Errorf("%s possibly in [%s, %s): %v", c.date, c.from, c.to, got)
		}
		if got := d.CertainlyIn(r); got != c.certain {
			t.Errorf("%s certainly in [%s, %s): %v", c.date, c.from, c.to, got)
		}
	}
}

func TestRangeOf(t *testing.T) {
	r := RangeOf(MustParse("2025-04"), MustParse("2026"))
	if r != (Range{From: DayOf(2025, 4, 1), To: DayOf(2026, 1, 1), HasFrom: true, HasTo: true}) {
		t.Errorf("got %+v", r)
	}
	if r := RangeOf(Date{}, MustParse("../2026")); r.HasFrom || r.HasTo {
		t.Errorf("limits from dates that have none: %+v", r)
	}
}

func TestPossiblyOverlaps(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"2025-04-25", "2025-04-25", true},
		{"2025-04-25", "2025-04-26", false},
		{"2025-04", "2025-04-30", true},
		{"2025", "2024/2026", true},
		{"2022/..", "2030-01-01", true},
		{"2022/", "2030-01-01", true},
		{"2022/..", "2021", false},
		{"../2022", "2022-12-31", true},
		{"../2022", "2023-01-01", false},
		{"../2022", "2022/..", true},
		{"XXXX-04-25", "2025-01-01", true},
	} {
		a, b := MustParse(c.a), MustParse(c.b)
		if a.PossiblyOverlaps(b) != c.want || b.PossiblyOverlaps(a) != c.want {
			t.Errorf("%s and %s: want %v", c.a, c.b, c.want)
		}
	}
}

// TestMatchingByEnumeration checks both matches against their meaning: a date is
// possibly in a range if one of the ways to place its ends shares a day with the
// range, and certainly if every way does.
func TestMatchingByEnumeration(t *testing.T) {
	const horizon = 45 // days around the ends; stands for infinity
	base := DayOf(2025, 1, 1)
	ends := []string{"", "..", "2025-01-05", "2025-01", "2025-01-10", "2024-12-28", "2025-01-20", "2025-01-XX"}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.SampledFrom(ends).Draw(t, "start") + "/" + rapid.SampledFrom(ends).Draw(t, "end")
		if rapid.Bool().Draw(t, "single") {
			text = rapid.SampledFrom(ends[2:]).Draw(t, "date")
		}
		d, err := Parse(text)
		if err != nil {
			t.Skip("not a date: " + text)
		}
		from := base + Day(rapid.IntRange(-10, 40).Draw(t, "from"))
		r := Range{From: from, To: from + Day(rapid.IntRange(1, 10).Draw(t, "length")), HasFrom: true, HasTo: true}
		clamp := func(x Day) Day { return max(base-horizon, min(base+horizon, x)) }
		b := d.Bounds()
		some, every := false, true
		for s := clamp(b.StartEarliest); s <= clamp(b.StartLatest); s++ {
			for e := max(s, clamp(b.EndEarliest)); e <= clamp(b.EndLatest); e++ {
				if !d.IsInterval() && e != s {
					continue
				}
				hit := s < r.To && e >= r.From
				some, every = some || hit, every && hit
			}
		}
		if d.PossiblyIn(r) != some || d.CertainlyIn(r) != every {
			t.Fatalf("%s in [%v, %v): possible %v want %v, certain %v want %v",
				text, r.From, r.To, d.PossiblyIn(r), some, d.CertainlyIn(r), every)
		}
	})
}
