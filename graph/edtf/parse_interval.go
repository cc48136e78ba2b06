package edtf

import "strings"

// interval reads start/end, where the slash is at the byte position given.
func (p *parser) interval(slash int) (Date, error) {
	if again := strings.IndexByte(p.in[slash+1:], '/'); again >= 0 {
		return Date{}, p.fail(slash+1+again, "an interval has one slash, between its start and its end")
	}
	left := parser{in: p.in, pos: 0, end: slash}
	right := parser{in: p.in, pos: slash + 1, end: len(p.in)}
	start, err := left.intervalEnd(point{earliest: DistantPast, latest: DistantPast})
	if err != nil {
		return Date{}, err
	}
	end, err := right.intervalEnd(point{earliest: DistantFuture, latest: DistantFuture})
	if err != nil {
		return Date{}, err
	}
	switch {
	case start.prec == PrecisionNone && end.prec == PrecisionNone:
		return Date{}, p.fail(slash, "an interval needs a date for its start or its end")
	case start.earliest > end.latest:
		return Date{}, p.fail(slash+1, "the interval ends before it begins; its start comes first")
	}
	// The start is not after the end, which narrows the bounds of both.
	b := Bounds{
		StartEarliest: start.earliest,
		StartLatest:   min(start.latest, end.latest),
		EndEarliest:   max(start.earliest, end.earliest),
		EndLatest:     end.latest,
	}
	return Date{text: p.in, bounds: b, prec: PrecisionInterval, flags: start.flags | end.flags}, nil
}

// intervalEnd reads one end of an interval. An open end is the point given, an
// unknown one may be anywhere.
func (p *parser) intervalEnd(open point) (point, error) {
	switch p.in[p.pos:p.end] {
	case "..":
		return open, nil
	case "":
		return point{earliest: DistantPast, latest: DistantFuture}, nil
	}
	return p.date(true)
}
