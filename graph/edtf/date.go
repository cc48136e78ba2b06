package edtf

import (
	"cmp"
	"strconv"
)

// Date is one value of the Extended Date/Time Format. Its zero value is
// "undated": no text, no bounds. The operator == tells whether two dates are written
// alike; [Compare] orders them by their days.
type Date struct {
	text   string
	bounds Bounds // meaningless in the zero value
	prec   Precision
	flags  flags
}

// Bounds are the four days that limit a date in time. For an interval they are
// the earliest and latest day of its start, and of its end. For any other date,
// which falls on one single day, start and end are the same day and so are their
// bounds. [DistantPast] and [DistantFuture] stand for a bound that is open or
// unknown. StartEarliest <= StartLatest, EndEarliest <= EndLatest, StartEarliest
// <= EndEarliest and StartLatest <= EndLatest always hold.
type Bounds struct {
	StartEarliest, StartLatest, EndEarliest, EndLatest Day
}

// Precision says how exactly a date is known.
type Precision uint8

// Precisions, from the finest to the coarsest, then those that have no unit of
// the calendar. An unspecified month or day counts as not known: 1985-04-XX has
// the precision of a month and 1985-XX-XX that of a year.
const (
	PrecisionNone     Precision = iota // the zero Date
	PrecisionDay                       // 1985-04-12, 1985-04-12T23:20:30Z
	PrecisionMonth                     // 1985-04, 1985-04-XX
	PrecisionSeason                    // 2001-21
	PrecisionYear                      // 1985, 1985-XX, Y170000002
	PrecisionDecade                    // 201X
	PrecisionCentury                   // 20XX
	PrecisionInterval                  // 1984/2004-06
	PrecisionNoYear                    // XXXX-04-25
)

var precisionNames = [...]string{"none", "day", "month", "season", "year", "decade", "century", "interval", "no year"}

// String returns the precision in words, for example "month".
func (p Precision) String() string {
	if int(p) < len(precisionNames) {
		return precisionNames[p]
	}
	return "unknown precision"
}

type flags uint8

const (
	flagUncertain flags = 1 << iota
	flagApproximate
	flagTime
)

// OfDay returns the date written as that day, YYYY-MM-DD. Days in years that
// four digits cannot write become the year alone (Y170000002). The two distant
// bounds become the zero Date.
func OfDay(d Day) Date {
	if d == DistantPast || d == DistantFuture {
		return Date{}
	}
	y, _, _ := d.Date()
	if y < -9999 || y > 9999 {
		return MustParse("Y" + strconv.Itoa(y))
	}
	return Date{text: d.String(), bounds: Bounds{d, d, d, d}, prec: PrecisionDay}
}

// String returns the date exactly as it was written; "" for the zero Date.
func (d Date) String() string { return d.text }

// IsZero reports whether d is the zero Date, which stands for "undated".
func (d Date) IsZero() bool { return d.text == "" }

// IsInterval reports whether d is an interval, with a start and an end.
func (d Date) IsInterval() bool { return d.prec == PrecisionInterval }

// Precision says how exactly the date is known.
func (d Date) Precision() Precision { return d.prec }

// Uncertain reports whether the date, or an end of the interval, is marked as
// doubtful (? or %).
func (d Date) Uncertain() bool { return d.flags&flagUncertain != 0 }

// Approximate reports whether the date, or an end of the interval, is marked as
// an estimate (~ or %).
func (d Date) Approximate() bool { return d.flags&flagApproximate != 0 }

// HasTime reports whether the date was written with a time of day.
func (d Date) HasTime() bool { return d.flags&flagTime != 0 }

// YearUnknown reports whether the year is not given (XXXX-04-25).
func (d Date) YearUnknown() bool { return d.prec == PrecisionNoYear }

// Bounds returns the four days that limit the date. Those of the zero Date are
// distant on both sides.
func (d Date) Bounds() Bounds {
	if d.IsZero() {
		return Bounds{DistantPast, DistantFuture, DistantPast, DistantFuture}
	}
	return d.bounds
}

// Earliest returns the first day the date may fall on, or the interval may begin
// on; false if there is none, because the start is open or unknown or the date
// is zero.
func (d Date) Earliest() (Day, bool) {
	e := d.Bounds().StartEarliest
	if e == DistantPast {
		return 0, false
	}
	return e, true
}

// Latest returns the last day the date may fall on, or the interval may end on;
// false if there is none, because the end is open or unknown or the date is zero.
func (d Date) Latest() (Day, bool) {
	l := d.Bounds().EndLatest
	if l == DistantFuture {
		return 0, false
	}
	return l, true
}

// Compare orders dates by their earliest day, those without one first, then by
// their latest day, those without one last. It returns -1, 0 or +1. Dates that
// are written differently compare as equal if they have the same two days.
func Compare(a, b Date) int {
	x, y := a.Bounds(), b.Bounds()
	if c := cmp.Compare(x.StartEarliest, y.StartEarliest); c != 0 {
		return c
	}
	return cmp.Compare(x.EndLatest, y.EndLatest)
}
