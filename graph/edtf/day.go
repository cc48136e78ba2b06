package edtf

import (
	"fmt"
	"math"
	"time"
)

// Day is a calendar day: the number of days since 1970-01-01 in the proleptic
// Gregorian calendar, negative before. [DistantPast] and [DistantFuture] stand
// for the absence of a bound and are no calendar days.
type Day int64

// Values of [Day] that stand for "no bound on this side". They order before and
// after every calendar day.
const (
	DistantPast   Day = math.MinInt64
	DistantFuture Day = math.MaxInt64
)

const daysPerEra = 146097 // days in 400 Gregorian years

// DayOf returns the day of a year (astronomical numbering: 0 is 1 BC), a month
// and a day of the month, both from 1. Months and days outside their usual range
// count on into neighbouring years and months, as they do in [time.Date].
func DayOf(year, month, day int) Day {
	m := month - 1
	year += floorDiv(m, 12)
	m = m - floorDiv(m, 12)*12 // 0 is January

	// Count years from 1 March, so that the leap day is the last of its year,
	// and in eras of 400 years, all of one length (H. Hinnant, "chrono-compatible
	// low-level date algorithms", days_from_civil).
	if m < 2 {
		year--
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*((m+10)%12)+2)/5 + day - 1
	dayOfEra := yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear
	return Day(era*daysPerEra + dayOfEra - 719468) // 719468 days from 0000-03-01 to 1970-01-01
}

// DayAt returns the calendar day of an instant in UTC.
func DayAt(t time.Time) Day {
	return Day(floorDiv(int(t.Unix()), 86400))
}

// Date returns the year, the month (1 to 12) and the day of the month (1 to 31).
// It is the inverse of [DayOf] for calendar days.
func (d Day) Date() (year, month, day int) {
	z := int(d) + 719468
	era := floorDiv(z, daysPerEra)
	dayOfEra := z - era*daysPerEra
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153 // 0 is March
	day = dayOfYear - (153*m+2)/5 + 1
	month = m + 3
	year = yearOfEra + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// Time returns the first instant of the day in UTC.
func (d Day) Time() time.Time {
	return time.Unix(int64(d)*86400, 0).UTC()
}

// String formats the day as YYYY-MM-DD, with a leading minus sign before year 0.
// Years of more than four digits take as many digits as they need, which is no
// longer EDTF. The two distant bounds print as "..".
func (d Day) String() string {
	if d == DistantPast || d == DistantFuture {
		return ".."
	}
	y, m, day := d.Date()
	if y >= 0 && y <= 9999 {
		b := [10]byte{4: '-', 7: '-'}
		putDigits(b[0:4], y)
		putDigits(b[5:7], m)
		putDigits(b[8:10], day)
		return string(b[:])
	}
	sign := ""
	if y < 0 {
		sign, y = "-", -y
	}
	return fmt.Sprintf("%s%04d-%02d-%02d", sign, y, m, day)
}

// putDigits writes n into b in decimal, with leading zeros.
func putDigits(b []byte, n int) {
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte('0' + n%10)
		n /= 10
	}
}

// floorDiv divides rounding down, where Go's operator rounds towards zero.
func floorDiv(a, b int) int {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func isLeap(year int) bool {
	return year%4 == 0 && (year%100 != 0 || year%400 == 0)
}

// daysIn returns the length of a month (1 to 12) of a year.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if isLeap(year) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}
