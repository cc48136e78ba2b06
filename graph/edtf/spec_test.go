package edtf

import "testing"

// specCase is one string of the specification and what it must mean. Days are
// written YYYY-MM-DD; ".." stands for a bound that is open or unknown.
type specCase struct {
	in                       string
	earliest, latest         string
	prec                     Precision
	uncertain, approximate   bool
	startLatest, endEarliest string // checked where not empty
}

// specification holds the examples of the Library of Congress specification of
// 4 February 2019, levels 0 and 1, in its order.
var specification = []specCase{
	// Level 0: date.
	{in: "1985-04-12", earliest: "1985-04-12", latest: "1985-04-12", prec: PrecisionDay},
	{in: "1985-04", earliest: "1985-04-01", latest: "1985-04-30", prec: PrecisionMonth},
	{in: "1985", earliest: "1985-01-01", latest: "1985-12-31", prec: PrecisionYear},
	// Level 0: date and time.
	{in: "1985-04-12T23:20:30", earliest: "1985-04-12", latest: "1985-04-12", prec: PrecisionDay},
	{in: "1985-04-12T23:20:30Z", earliest: "1985-04-12", latest: "1985-04-12", prec: PrecisionDay},
	{in: "1985-04-12T23:20:30-04", earliest: "1985-04-12", latest: "1985-04-12", prec: PrecisionDay},
	{in: "1985-04-12T23:20:30+04:30", earliest: "1985-04-12", latest: "1985-04-12", prec: PrecisionDay},
	// Level 0: time interval.
	{in: "1964/2008", earliest: "1964-01-01", latest: "2008-12-31", prec: PrecisionInterval, startLatest: "1964-12-31", endEarliest: "2008-01-01"},
	{in: "2004-06/2006-08", earliest: "2004-06-01", latest: "2006-08-31", prec: PrecisionInterval, startLatest: "2004-06-30", endEarliest: "2006-08-01"},
	{in: "2004-02-01/2005-02-08", earliest: "2004-02-01", latest: "2005-02-08", prec: PrecisionInterval, startLatest: "2004-02-01", endEarliest: "2005-02-08"},
	{in: "2004-02-01/2005-02", earliest: "2004-02-01", latest: "2005-02-28", prec: PrecisionInterval, endEarliest: "2005-02-01"},
	{in: "2004-02-01/2005", earliest: "2004-02-01", latest: "2005-12-31", prec: PrecisionInterval, endEarliest: "2005-01-01"},
	{in: "2005/2006-02", earliest: "2005-01-01", latest: "2006-02-28", prec: PrecisionInterval, startLatest: "2005-12-31"},
	// Level 1: letter-prefixed year.
	{in: "Y170000002", earliest: "170000002-01-01", latest: "170000002-12-31", prec: PrecisionYear},
	{in: "Y-170000002", earliest: "-170000002-01-01", latest: "-170000002-12-31", prec: PrecisionYear},
	// Level 1: seasons.
	{in: "2001-21", earliest: "2001-03-01", latest: "2001-05-31", prec: PrecisionSeason},
	// Level 1: qualification.
	{in: "1984?", earliest: "1984-01-01", latest: "1984-12-31", prec: PrecisionYear, uncertain: true},
	{in: "2004-06~", earliest: "2004-06-01", latest: "2004-06-30", prec: PrecisionMonth, approximate: true},
	{in: "2004-06-11%", earliest: "2004-06-11", latest: "2004-06-11", prec: PrecisionDay, uncertain: true, approximate: true},
	// Level 1: unspecified digits from the right.
	{in: "201X", earliest: "2010-01-01", latest: "2019-12-31", prec: PrecisionDecade},
	{in: "20XX", earliest: "2000-01-01", latest: "2099-12-31", prec: PrecisionCentury},
	{in: "2004-XX", earliest: "2004-01-01", latest: "2004-12-31", prec: PrecisionYear},
	{in: "1985-04-XX", earliest: "1985-04-01", latest: "1985-04-30", prec: PrecisionMonth},
	{in: "1985-XX-XX", earliest: "1985-01-01", latest: "1985-12-31", prec: PrecisionYear},
	// Level 1: extended intervals, open end.
	{in: "1985-04-12/..", earliest: "1985-04-12", latest: "..", prec: PrecisionInterval, startLatest: "1985-04-12", endEarliest: ".."},
	{in: "1985-04/..", earliest: "1985-04-01", latest: "..", prec: PrecisionInterval, startLatest: "1985-04-30", endEarliest: ".."},
	{in: "1985/..", earliest: "1985-01-01", latest: "..", prec: PrecisionInterval, startLatest: "1985-12-31", endEarliest: ".."},
	// Open start.
	{in: "../1985-04-12", earliest: "..", latest: "1985-04-12", prec: PrecisionInterval, startLatest: "..", endEarliest: "1985-04-12"},
	{in: "../1985-04", earliest: "..", latest: "1985-04-30", prec: PrecisionInterval, startLatest: "..", endEarliest: "1985-04-01"},
	{in: "../1985", earliest: "..", latest: "1985-12-31", prec: PrecisionInterval, startLatest: "..", endEarliest: "1985-01-01"},
	// Unknown end: not before the start.
	{in: "1985-04-12/", earliest: "1985-04-12", latest: "..", prec: PrecisionInterval, startLatest: "1985-04-12", endEarliest: "1985-04-12"},
	{in: "1985-04/", earliest: "1985-04-01", latest: "..", prec: PrecisionInterval, startLatest: "1985-04-30", endEarliest: "1985-04-01"},
	{in: "1985/", earliest: "1985-01-01", latest: "..", prec: PrecisionInterval, startLatest: "1985-12-31", endEarliest: "1985-01-01"},
	// Unknown start: not after the end.
	{in: "/1985-04-12", earliest: "..", latest: "1985-04-12", prec: PrecisionInterval, startLatest: "1985-04-12", endEarliest: "1985-04-12"},
	{in: "/1985-04", earliest: "..", latest: "1985-04-30", prec: PrecisionInterval, startLatest: "1985-04-30", endEarliest: "1985-04-01"},
	{in: "/1985", earliest: "..", latest: "1985-12-31", prec: PrecisionInterval, startLatest: "1985-12-31", endEarliest: "1985-01-01"},
	// Level 1: negative year.
	{in: "-1985", earliest: "-1985-01-01", latest: "-1985-12-31", prec: PrecisionYear},
}

// further holds valid strings beyond the specification's examples.
var further = []specCase{
	{in: "0000", earliest: "0000-01-01", latest: "0000-12-31", prec: PrecisionYear},
	{in: "0000-02-29", earliest: "0000-02-29", latest: "0000-02-29", prec: PrecisionDay},
	{in: "-0001", earliest: "-0001-01-01", latest: "-0001-12-31", prec: PrecisionYear},
	{in: "-9999", earliest: "-9999-01-01", latest: "-9999-12-31", prec: PrecisionYear},
	{in: "9999-12-31", earliest: "9999-12-31", latest: "9999-12-31", prec: PrecisionDay},
	{in: "2024-02", earliest: "2024-02-01", latest: "2024-02-29", prec: PrecisionMonth},
	{in: "1900-02", earliest: "1900-02-01", latest: "1900-02-28", prec: PrecisionMonth},
	{in: "2000-02-29", earliest: "2000-02-29", latest: "2000-02-29", prec: PrecisionDay},
	{in: "2003-22", earliest: "2003-06-01", latest: "2003-08-31", prec: PrecisionSeason},
	{in: "2000-23", earliest: "2000-09-01", latest: "2000-11-30", prec: PrecisionSeason},
	{in: "2010-24", earliest: "2010-12-01", latest: "2011-02-28", prec: PrecisionSeason},
	{in: "2011-24~", earliest: "2011-12-01", latest: "2012-02-29", prec: PrecisionSeason, approximate: true},
	{in: "-198X", earliest: "-1989-01-01", latest: "-1980-12-31", prec: PrecisionDecade},
	{in: "-19XX", earliest: "-1999-01-01", latest: "-1900-12-31", prec: PrecisionCentury},
	{in: "-1985-04-12", earliest: "-1985-04-12", latest: "-1985-04-12", prec: PrecisionDay},
	{in: "201X?", earliest: "2010-01-01", latest: "2019-12-31", prec: PrecisionDecade, uncertain: true},
	{in: "Y12345%", earliest: "12345-01-01", latest: "12345-12-31", prec: PrecisionYear, uncertain: true, approximate: true},
	{in: "2016-12-31T23:59:60Z", earliest: "2016-12-31", latest: "2016-12-31", prec: PrecisionDay},
	{in: "2004-01-01T10:10:10+05:00", earliest: "2004-01-01", latest: "2004-01-01", prec: PrecisionDay},
	{in: "XXXX-04-25", earliest: "-9999-01-01", latest: "9999-12-31", prec: PrecisionNoYear},
	{in: "XXXX-02-29", earliest: "-9999-01-01", latest: "9999-12-31", prec: PrecisionNoYear},
	{in: "XXXX-04", earliest: "-9999-01-01", latest: "9999-12-31", prec: PrecisionNoYear},
	{in: "XXXX-12-XX?", earliest: "-9999-01-01", latest: "9999-12-31", prec: PrecisionNoYear, uncertain: true},
	{in: "1984~/2004-06", earliest: "1984-01-01", latest: "2004-06-30", prec: PrecisionInterval, approximate: true},
	{in: "1984/2004-06~", earliest: "1984-01-01", latest: "2004-06-30", prec: PrecisionInterval, approximate: true},
	{in: "1984-06?/2004-08?", earliest: "1984-06-01", latest: "2004-08-31", prec: PrecisionInterval, uncertain: true},
	{in: "1984-06-02?/2004-08-08~", earliest: "1984-06-02", latest: "2004-08-08", prec: PrecisionInterval, uncertain: true, approximate: true},
	{in: "1984-06-02?/", earliest: "1984-06-02", latest: "..", prec: PrecisionInterval, uncertain: true},
	{in: "2004-06-XX/2004-07-03", earliest: "2004-06-01", latest: "2004-07-03", prec: PrecisionInterval, startLatest: "2004-06-30", endEarliest: "2004-07-03"},
	{in: "2004-21/2004-23", earliest: "2004-03-01", latest: "2004-11-30", prec: PrecisionInterval},
	{in: "-1000/-0999", earliest: "-1000-01-01", latest: "-0999-12-31", prec: PrecisionInterval},
	{in: "Y-10000/2000", earliest: "-10000-01-01", latest: "2000-12-31", prec: PrecisionInterval},
	{in: "2025-04-25/2025-04-25", earliest: "2025-04-25", latest: "2025-04-25", prec: PrecisionInterval},
	// Ends narrow each other: a start is not after the end, an end not before the start.
	{in: "2004/2004-06", earliest: "2004-01-01", latest: "2004-06-30", prec: PrecisionInterval, startLatest: "2004-06-30", endEarliest: "2004-06-01"},
	{in: "2005-06/2005", earliest: "2005-06-01", latest: "2005-12-31", prec: PrecisionInterval, startLatest: "2005-06-30", endEarliest: "2005-06-01"},
}

func TestParseValid(t *testing.T) {
	for _, c := range append(append([]specCase{}, specification...), further...) {
		t.Run(c.in, func(t *testing.T) {
			d, err := Parse(c.in)
			if err != nil {
				t.Fatal(err)
			}
			if d.String() != c.in {
				t.Errorf("String() = %q", d.String())
			}
			b := d.Bounds()
			check := func(what string, got Day, want string) {
				if want != "" && got.String() != want {
					t.Errorf("%s is %s, want %s", what, got, want)
				}
			}
			check("earliest", b.StartEarliest, c.earliest)
			check("latest", b.EndLatest, c.latest)
			check("latest start", b.StartLatest, c.startLatest)
			check("earliest end", b.EndEarliest, c.endEarliest)
			if e, ok := d.Earliest(); ok != (c.earliest != "..") || (ok && e != b.StartEarliest) {
				t.Errorf("Earliest() = %v, %v", e, ok)
			}
			if l, ok := d.Latest(); ok != (c.latest != "..") || (ok && l != b.EndLatest) {
				t.Errorf("Latest() = %v, %v", l, ok)
			}
			if d.Precision() != c.prec || d.IsInterval() != (c.prec == PrecisionInterval) || d.YearUnknown() != (c.prec == PrecisionNoYear) {
				t.Errorf("precision %v, interval %v, year unknown %v", d.Precision(), d.IsInterval(), d.YearUnknown())
			}
			if d.Uncertain() != c.uncertain || d.Approximate() != c.approximate {
				t.Errorf("uncertain %v, approximate %v", d.Uncertain(), d.Approximate())
			}
		})
	}
}
