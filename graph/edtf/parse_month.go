package edtf

const firstSeason, lastSeason = 21, 24 // spring, summer, autumn, winter

// twoDigits reads a month, a day, an hour and so on: two digits, or XX.
func (p *parser) twoDigits(what string) (value int, unspecified bool, err error) {
	if p.pos+2 > p.end {
		if p.pos < p.end && (isDigit(p.peek()) || p.peek() == 'X') {
			return 0, false, p.fail(p.pos, "%s has two digits, as in 04", what)
		}
		return 0, false, p.unexpected(p.pos, what+" of two digits")
	}
	a, b := p.in[p.pos], p.in[p.pos+1]
	switch {
	case isDigit(a) && isDigit(b):
		p.pos += 2
		return int(a-'0')*10 + int(b-'0'), false, nil
	case a == 'X' && b == 'X':
		p.pos += 2
		return 0, true, nil
	case (a == 'X' || isDigit(a)) && (b == 'X' || isDigit(b)):
		return 0, false, p.level2(p.pos, "months and days with one unspecified digit")
	case isDigit(a) || a == 'X':
		if b == '-' || b == ':' || b == '?' || b == '~' || b == '%' || b == 'T' {
			return 0, false, p.fail(p.pos, "%s has two digits, as in 04", what)
		}
		return 0, false, p.unexpected(p.pos+1, what+" of two digits")
	}
	return 0, false, p.unexpected(p.pos, what+" of two digits")
}

// afterYear reads what follows "YYYY-": a month or a season, then maybe a day.
func (p *parser) afterYear(y year) (point, error) {
	at := p.pos
	month, unspecified, err := p.twoDigits("a month")
	if err != nil {
		return point{}, err
	}
	if isDigit(p.peek()) {
		return point{}, p.fail(at, "days of the year are not part of the format; write month and day, as in 2005-09-24")
	}
	switch {
	case unspecified:
		return p.monthUnspecified(y)
	case month >= firstSeason && month <= lastSeason:
		return p.season(y, month)
	case month > lastSeason && month <= 41:
		return point{}, p.level2(at, "divisions of the year above 24")
	case month < 1 || month > 12:
		return point{}, p.fail(at, "month %02d does not exist; months are 01 to 12, seasons 21 to 24", month)
	case p.peek() != '-':
		return monthPoint(y, month), nil
	}
	p.pos++
	return p.dayOfMonth(y, month)
}

func monthPoint(y year, month int) point {
	if y.prec == PrecisionNoYear {
		return yearPoint(y.first, y.last, PrecisionNoYear)
	}
	first := DayOf(y.first, month, 1)
	return point{earliest: first, latest: first + Day(daysIn(y.first, month)-1), prec: PrecisionMonth}
}

// monthUnspecified reads what follows "YYYY-XX": nothing, or a day XX.
func (p *parser) monthUnspecified(y year) (point, error) {
	if p.peek() == '-' {
		p.pos++
		at := p.pos
		_, unspecified, err := p.twoDigits("a day")
		if err != nil {
			return point{}, err
		}
		if !unspecified {
			return point{}, p.level2(at, "days of an unspecified month")
		}
	}
	if y.prec == PrecisionNoYear {
		return point{}, p.fail(y.at, "nothing is specified; leave the date out, or give a month: XXXX-04-25")
	}
	return yearPoint(y.first, y.last, PrecisionYear), nil
}

// season gives the three months of a season, see the package comment.
func (p *parser) season(y year, season int) (point, error) {
	if p.peek() == '-' {
		return point{}, p.fail(p.pos, "a season has no day; months are 01 to 12")
	}
	if y.prec == PrecisionNoYear {
		return point{}, p.level2(y.at, "seasons of an unspecified year")
	}
	month := 3 + 3*(season-firstSeason)
	return point{
		earliest: DayOf(y.first, month, 1),
		latest:   DayOf(y.first, month+3, 1) - 1,
		prec:     PrecisionSeason,
	}, nil
}

var monthNames = [...]string{
	"", "January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December",
}

// dayOfMonth reads the day after "YYYY-MM-".
func (p *parser) dayOfMonth(y year, month int) (point, error) {
	at := p.pos
	day, unspecified, err := p.twoDigits("a day")
	if err != nil {
		return point{}, err
	}
	if isDigit(p.peek()) {
		return point{}, p.fail(p.pos, "a day has two digits, as in 04")
	}
	noYear := y.prec == PrecisionNoYear
	switch {
	case unspecified:
		return monthPoint(y, month), nil
	case day == 0 || day > 31:
		return point{}, p.fail(at, "day %02d does not exist; days are 01 to 31", day)
	case noYear && day <= daysIn(0, month): // the year 0 is a leap year
		return yearPoint(y.first, y.last, PrecisionNoYear), nil
	case noYear:
		return point{}, p.fail(at, "%s has no day %d; its last is %d", monthNames[month], day, daysIn(0, month))
	case day > daysIn(y.first, month):
		return point{}, p.fail(at, "%s of the year %d has no day %d; its last is %d",
			monthNames[month], y.first, day, daysIn(y.first, month))
	}
	d := DayOf(y.first, month, day)
	return point{earliest: d, latest: d, prec: PrecisionDay}, nil
}
