package edtf

import "strings"

// Parse reads one date. The error is a *[ParseError]. Parsing takes time linear
// in the length of s, and allocates nothing; the Date keeps s.
func Parse(s string) (Date, error) {
	p := parser{in: s, end: len(s)}
	if s == "" {
		return Date{}, p.fail(0, "an empty string is not a date; write for example 2025-04-25, 2025-04 or 2025")
	}
	if slash := strings.IndexByte(s, '/'); slash >= 0 {
		return p.interval(slash)
	}
	pt, err := p.date(false)
	if err != nil {
		return Date{}, err
	}
	b := Bounds{pt.earliest, pt.latest, pt.earliest, pt.latest}
	return Date{text: s, bounds: b, prec: pt.prec, flags: pt.flags}, nil
}

// MustParse is [Parse] for constants and tests; it panics where Parse fails.
func MustParse(s string) Date {
	d, err := Parse(s)
	if err != nil {
		panic("edtf: " + err.Error())
	}
	return d
}

// parser reads in[pos:end]; positions are bytes in the whole input, so that
// messages can name them.
type parser struct {
	in       string
	pos, end int
}

// point is a date that is not an interval: the days it may fall on.
type point struct {
	earliest, latest Day
	prec             Precision
	flags            flags
}

func (p *parser) done() bool { return p.pos >= p.end }

// peek returns the next byte, or 0 at the end.
func (p *parser) peek() byte {
	if p.pos < p.end {
		return p.in[p.pos]
	}
	return 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// date reads in[pos:end] as a date without a slash. inInterval says that it is
// the end of an interval, which may have no time of day and needs its year.
func (p *parser) date(inInterval bool) (point, error) {
	var pt point
	var err error
	start := p.pos
	switch c := p.peek(); {
	case c == 'Y':
		pt, err = p.longYear()
	default:
		pt, err = p.calendarDate()
	}
	if err != nil {
		return point{}, err
	}
	if p.peek() == 'T' {
		if inInterval {
			return point{}, p.fail(p.pos, "the ends of an interval have no time of day; write the date alone")
		}
		return p.timeOfDay(pt)
	}
	if inInterval && pt.prec == PrecisionNoYear {
		return point{}, p.fail(start, "the ends of an interval need their year")
	}
	return p.qualifier(pt)
}

// qualifier reads what may follow a complete date: nothing, or one of ? ~ %.
func (p *parser) qualifier(pt point) (point, error) {
	switch p.peek() {
	case 0:
		if p.done() {
			return pt, nil
		}
		return point{}, p.unexpected(p.pos, "the end of the date")
	case '?':
		pt.flags |= flagUncertain
	case '~':
		pt.flags |= flagApproximate
	case '%':
		pt.flags |= flagUncertain | flagApproximate
	default:
		return point{}, p.unexpected(p.pos, "the end of the date or one of ? ~ %")
	}
	p.pos++
	if p.done() {
		return pt, nil
	}
	switch p.peek() {
	case '?', '~', '%':
		return point{}, p.fail(p.pos, "a date has one qualifier; %% means uncertain and approximate")
	case '-':
		return point{}, p.level2(p.pos-1, "qualifiers of a part of a date")
	}
	return point{}, p.unexpected(p.pos, "the end of the date after its qualifier")
}

// longYear reads a year of more than four digits: Y170000002, Y-170000002.
func (p *parser) longYear() (point, error) {
	const maxDigits = 12 // keeps days far from the limits of 64 bits
	begin := p.pos
	p.pos++
	negative := p.peek() == '-'
	if negative {
		p.pos++
	}
	first, year := p.pos, 0
	for isDigit(p.peek()) {
		if p.pos-first >= maxDigits {
			return point{}, p.fail(p.pos, "a year has at most %d digits", maxDigits)
		}
		year = year*10 + int(p.peek()-'0')
		p.pos++
	}
	switch n := p.pos - first; {
	case n == 0:
		return point{}, p.unexpected(p.pos, "the digits of a year after Y")
	case p.peek() == 'E' || p.peek() == 'S':
		return point{}, p.unexpected(p.pos, "")
	case n <= 4:
		return point{}, p.fail(begin, "Y is for years of more than four digits; write this one as four digits without Y")
	case p.in[first] == '0':
		return point{}, p.fail(first, "a year after Y has no leading zeros")
	case p.peek() == '-':
		return point{}, p.fail(p.pos, "a year of more than four digits has no month or day")
	}
	if negative {
		year = -year
	}
	return yearPoint(year, year, PrecisionYear), nil
}

func yearPoint(first, last int, prec Precision) point {
	return point{earliest: DayOf(first, 1, 1), latest: DayOf(last, 12, 31), prec: prec}
}

// year is the four-character year at the beginning of a date.
type year struct {
	first, last int // equal when every digit is given
	prec        Precision
	at          int // byte position
}

// calendarDate reads YYYY, YYYY-MM or YYYY-MM-DD with the unspecified digits of
// level 1, and XXXX-MM-DD.
func (p *parser) calendarDate() (point, error) {
	y, err := p.year()
	if err != nil {
		return point{}, err
	}
	if p.peek() != '-' {
		if y.prec == PrecisionNoYear {
			return point{}, p.fail(y.at, "nothing is specified; leave the date out, or give a month: XXXX-04-25")
		}
		return yearPoint(y.first, y.last, y.prec), nil
	}
	if y.prec == PrecisionDecade || y.prec == PrecisionCentury {
		return point{}, p.level2(y.at, "months and days after a year with unspecified digits")
	}
	p.pos++
	return p.afterYear(y)
}

// year reads four digits, the last one, two or all of which may be X, and a minus
// sign before them.
func (p *parser) year() (year, error) {
	y := year{at: p.pos, prec: PrecisionYear}
	negative := p.peek() == '-'
	if negative {
		p.pos++
	}
	first, value, unspecified := p.pos, 0, 0
	for p.pos < first+4 {
		switch c := p.peek(); {
		case c == 'X':
			unspecified++
			value *= 10
		case !isDigit(c):
			return y, p.badYear(first)
		case unspecified > 0:
			return y, p.level2(p.pos-1, "unspecified digits left of a given one")
		default:
			value = value*10 + int(c-'0')
		}
		p.pos++
	}
	if isDigit(p.peek()) {
		return y, p.tooManyDigits(first)
	}
	if p.in[first:p.pos] == "0000" && negative {
		return y, p.fail(y.at, "the year zero has no sign; write 0000")
	}
	return p.yearSpan(y, value, unspecified, negative)
}

// yearSpan works out which years a value with unspecified digits may mean.
func (p *parser) yearSpan(y year, value, unspecified int, negative bool) (year, error) {
	y.first, y.last = value, value
	switch unspecified {
	case 1:
		y.last, y.prec = value+9, PrecisionDecade
	case 2:
		y.last, y.prec = value+99, PrecisionCentury
	case 3:
		return y, p.level2(y.at, "years with three unspecified digits")
	case 4:
		if negative {
			return y, p.fail(y.at, "a year that is not given has no sign; write XXXX")
		}
		y.first, y.last, y.prec = -9999, 9999, PrecisionNoYear
	}
	if negative {
		y.first, y.last = -y.last, -y.first
	}
	return y, nil
}

// badYear explains a year that is not four digits.
func (p *parser) badYear(first int) error {
	switch rest := p.in[first:p.end]; {
	case strings.HasPrefix(rest, "unknown") || strings.HasPrefix(rest, "open"):
		return p.fail(first, "the words unknown and open belong to a draft of the format; leave an unknown end of an interval empty, and write \"..\" for an open one")
	case strings.HasPrefix(rest, ".."):
		return p.fail(first, "\"..\" stands only for the open end of an interval, as in 2022/.. or ../2022")
	case p.pos == first:
		return p.unexpected(p.pos, "a year of four digits; dates are written like 2025-04-25, 2025-04 or 2025")
	case p.done() || strings.IndexByte("-/?~%T", p.peek()) >= 0:
		return p.fail(first, "a year has four digits, as in 0985; this one has %d", p.pos-first)
	}
	return p.unexpected(p.pos, "a digit of the year; dates are written like 2025-04-25, 2025-04 or 2025")
}

// tooManyDigits explains a fifth digit right after the year.
func (p *parser) tooManyDigits(first int) error {
	n := 0
	for first+n < p.end && isDigit(p.in[first+n]) {
		n++
	}
	if n == 8 || n == 6 {
		return p.fail(p.pos, "the parts of a date are separated by hyphens, as in 2005-09-24; a year of more than four digits begins with Y")
	}
	return p.fail(p.pos, "a year of more than four digits begins with Y, as in Y170000002")
}
