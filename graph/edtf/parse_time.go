package edtf

// timeOfDay reads and checks Thh:mm:ss with Z, an offset, or neither after the
// complete date pt. It does not change the days.
func (p *parser) timeOfDay(pt point) (point, error) {
	if pt.prec != PrecisionDay {
		return point{}, p.fail(p.pos, "a time of day needs a complete date before it, as in 2004-01-01T10:10:10Z")
	}
	pt.flags |= flagTime
	p.pos++
	if err := p.clock(); err != nil {
		return point{}, err
	}
	if err := p.offset(); err != nil {
		return point{}, err
	}
	switch c := p.peek(); {
	case p.done():
		return pt, nil
	case c == '?' || c == '~' || c == '%':
		return point{}, p.fail(p.pos, "a date with a time of day takes no qualifier")
	}
	return point{}, p.unexpected(p.pos, "the end of the date")
}

// clock reads hh:mm:ss.
func (p *parser) clock() error {
	at := p.pos
	hour, err := p.number("an hour", 23)
	if err != nil {
		if hour == 24 {
			return p.fail(at, "hour 24 is not part of the format; write 00:00:00 of the next day")
		}
		return err
	}
	if err := p.colon(); err != nil {
		return err
	}
	minute, err := p.number("a minute", 59)
	if err != nil {
		return err
	}
	if err := p.colon(); err != nil {
		return err
	}
	at = p.pos
	second, err := p.number("a second", 60)
	if err != nil {
		return err
	}
	// Leap seconds are the last of an hour in UTC, and offsets are whole
	// quarters of an hour.
	if second == 60 && minute%15 != 14 {
		return p.fail(at, "second 60 is a leap second and does not exist in minute %02d", minute)
	}
	if c := p.peek(); c == '.' || c == ',' {
		return p.fail(p.pos, "fractions of a second are not part of the format; seconds are its finest unit")
	}
	return nil
}

// offset reads nothing, Z, ±hh or ±hh:mm.
func (p *parser) offset() error {
	at := p.pos
	switch p.peek() {
	case 'Z':
		p.pos++
		return nil
	case '+', '-':
		p.pos++
	default:
		return nil
	}
	hour, err := p.number("an offset's hour", 23)
	if err != nil {
		return err
	}
	minute := 0
	if !p.done() {
		if err := p.colon(); err != nil {
			return err
		}
		if minute, err = p.number("an offset's minute", 59); err != nil {
			return err
		}
	}
	if p.in[at] == '-' && hour == 0 && minute == 0 {
		return p.fail(at, "an offset of zero has no minus sign; write Z or +00:00")
	}
	return nil
}

func (p *parser) colon() error {
	if p.peek() != ':' {
		return p.unexpected(p.pos, "\":\" (times are hh:mm:ss)")
	}
	p.pos++
	return nil
}

// number reads two digits up to limit. Beyond it the value is returned with the
// error.
func (p *parser) number(what string, limit int) (int, error) {
	at := p.pos
	n, unspecified, err := p.twoDigits(what)
	switch {
	case err != nil:
		return 0, err
	case unspecified:
		return 0, p.fail(at, "times of day have no unspecified digits")
	case n > limit:
		return n, p.fail(at, "%s of %02d does not exist; the last is %02d", what, n, limit)
	}
	return n, nil
}
