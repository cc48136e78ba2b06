package edtf

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDayKnownValues(t *testing.T) {
	for _, c := range []struct {
		y, m, d int
		want    Day
	}{
		{1970, 1, 1, 0}, {1969, 12, 31, -1}, {2000, 3, 1, 11017}, {0, 3, 1, -719468}, {1, 1, 1, -719162},
		{-1, 12, 31, -719529}, {2025, 4, 25, 20203},
		// Counting on past the end of a month or year.
		{2025, 1, 32, 20120}, {2025, 13, 1, 20454}, {2025, 0, 1, 20058}, {2025, -11, 1, 19723},
	} {
		if got := DayOf(c.y, c.m, c.d); got != c.want {
			t.Errorf("DayOf(%d, %d, %d) = %d, want %d", c.y, c.m, c.d, got, c.want)
		}
	}
}

// The standard library counts in the same calendar.
func TestDayAgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		y := rapid.IntRange(-20000, 20000).Draw(t, "year")
		m := rapid.IntRange(-30, 30).Draw(t, "month")
		d := rapid.IntRange(-100, 100).Draw(t, "day")
		want := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
		day := DayOf(y, m, d)
		if !day.Time().Equal(want) {
			t.Fatalf("DayOf gives %v, want %v", day.Time(), want)
		}
		gy, gm, gd := day.Date()
		if gy != want.Year() || gm != int(want.Month()) || gd != want.Day() {
			t.Fatalf("Date() = %d, %d, %d, want %v", gy, gm, gd, want)
		}
		at := want.Add(time.Duration(rapid.Int64Range(0, 24*int64(time.Hour)-1).Draw(t, "nanos")))
		if DayAt(at) != day {
			t.Fatalf("DayAt(%v) = %v, want %v", at, DayAt(at), day)
		}
	})
}

func TestEveryDayRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := Day(rapid.Int64Range(int64(DayOf(-9999, 1, 1)), int64(DayOf(9999, 12, 31))).Draw(t, "day"))
		d, err := Parse(day.String())
		if err != nil {
			t.Fatal(err)
		}
		if d.Bounds() != (Bounds{day, day, day, day}) || d != OfDay(day) {
			t.Fatalf("%v reads as %v", day, d.Bounds())
		}
	})
}

func TestOfDay(t *testing.T) {
	if d := OfDay(DayOf(12345, 6, 7)); d.String() != "Y12345" {
		t.Errorf("got %q", d)
	}
	if d := OfDay(DayOf(-12345, 6, 7)); d.String() != "Y-12345" {
		t.Errorf("got %q", d)
	}
	if !OfDay(DistantPast).IsZero() || !OfDay(DistantFuture).IsZero() {
		t.Error("a distant bound is a date")
	}
}

func TestZeroDate(t *testing.T) {
	var d Date
	_, okE := d.Earliest()
	_, okL := d.Latest()
	if !d.IsZero() || d.String() != "" || okE || okL || d.Precision() != PrecisionNone {
		t.Errorf("the zero Date has content: %+v", d)
	}
	if d.PossiblyIn(Range{}) || d.CertainlyIn(Range{}) {
		t.Error("undated is in a range")
	}
	if !d.PossiblyOverlaps(MustParse("2025")) || !MustParse("2025").PossiblyOverlaps(d) {
		t.Error("undated excludes an overlap")
	}
}

func TestCompare(t *testing.T) {
	ordered := []string{"../1984", "../1985", "-1985", "1984-01-01", "1984-01", "1984", "1984/..", "1984-02", "1985-04-12", "201X"}
	for i, a := range ordered {
		for j, b := range ordered {
			want := 0
			if i < j {
				want = -1
			} else if i > j {
				want = 1
			}
			if got := Compare(MustParse(a), MustParse(b)); got != want {
				t.Errorf("Compare(%s, %s) = %d, want %d", a, b, got, want)
			}
		}
	}
	if Compare(MustParse("1984"), MustParse("1984~")) != 0 {
		t.Error("a qualifier changes the order")
	}
	if Compare(MustParse("/1984"), MustParse("../1984")) != 0 {
		t.Error("unknown and open starts have different days")
	}
	if Compare(Date{}, MustParse("-9999")) != -1 {
		t.Error("undated is not first")
	}
}

func TestPrecisionString(t *testing.T) {
	if PrecisionNoYear.String() != "no year" || PrecisionNone.String() != "none" || Precision(200).String() != "unknown precision" {
		t.Error("names do not fit the constants")
	}
}

func TestDayString(t *testing.T) {
	for _, c := range []struct {
		day  Day
		want string
	}{
		{0, "1970-01-01"}, {DayOf(-1, 2, 3), "-0001-02-03"}, {DayOf(0, 12, 31), "0000-12-31"},
		{DayOf(12345, 1, 2), "12345-01-02"}, {DistantPast, ".."}, {DistantFuture, ".."},
	} {
		if got := c.day.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if DistantPast != math.MinInt64 || DistantFuture != math.MaxInt64 {
		t.Error("the distant bounds do not enclose all days")
	}
}

func FuzzParse(f *testing.F) {
	for _, c := range specification {
		f.Add(c.in)
	}
	for _, c := range further {
		f.Add(c.in)
	}
	for _, c := range invalid {
		f.Add(c.in)
	}
	for _, s := range level2 {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := Parse(s)
		if err != nil {
			if err.Error() == "" || d != (Date{}) {
				t.Fatalf("%q: error %q with date %v", s, err, d)
			}
			return
		}
		if d.String() != s || d.IsZero() {
			t.Fatalf("%q is kept as %q", s, d)
		}
		b := d.Bounds()
		if b.StartEarliest > b.StartLatest || b.EndEarliest > b.EndLatest ||
			b.StartEarliest > b.EndEarliest || b.StartLatest > b.EndLatest {
			t.Fatalf("%q: bounds out of order: %v", s, b)
		}
		if !d.IsInterval() && (b.StartEarliest != b.EndEarliest || b.StartLatest != b.EndLatest) {
			t.Fatalf("%q is one day, but its ends differ: %v", s, b)
		}
		if d.Precision() == PrecisionNone {
			t.Fatalf("%q has no precision", s)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	for _, s := range []string{"2025-04-25", "2025", "2025-04-25/2025-05-01", "2004-01-01T10:10:10+05:00"} {
		b.Run(s, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Parse(s); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestParseDoesNotAllocate(t *testing.T) {
	for _, s := range []string{"2025-04-25", "201X", "2025-04-25/2025-05-01", "2004-01-01T10:10:10Z"} {
		if n := testing.AllocsPerRun(100, func() { MustParse(s) }); n != 0 {
			t.Errorf("%s: %v allocations", s, n)
		}
	}
}
