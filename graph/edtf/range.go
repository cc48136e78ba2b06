package edtf

// Range is a half-open range of days: From <= day < To. A side that is not set
// (HasFrom or HasTo is false) has no limit, and its day is ignored.
type Range struct {
	From, To       Day
	HasFrom, HasTo bool
}

// RangeOf returns the range that begins with the first day of from and ends
// before the first day of to, so that 2025 to 2026 is the year 2025. A zero Date,
// or one without an earliest day, sets no limit on its side.
func RangeOf(from, to Date) Range {
	var r Range
	r.From, r.HasFrom = from.Earliest()
	r.To, r.HasTo = to.Earliest()
	return r
}

// Empty reports whether no day is in the range.
func (r Range) Empty() bool { return r.HasFrom && r.HasTo && r.From >= r.To }

// Contains reports whether the day is in the range.
func (r Range) Contains(d Day) bool {
	return (!r.HasFrom || d >= r.From) && (!r.HasTo || d < r.To)
}

// limits returns the range as two days, distant where there is no limit. To
// stays exclusive.
func (r Range) limits() (from, to Day) {
	from, to = DistantPast, DistantFuture
	if r.HasFrom {
		from = r.From
	}
	if r.HasTo {
		to = r.To
	}
	return from, to
}

// PossiblyIn reports whether the date may fall into the range, or the interval
// may share a day with it:
//
//	StartEarliest < To and EndLatest >= From
//
// The zero Date is in no range, since nothing is known of it, and nothing is in
// an empty range.
func (d Date) PossiblyIn(r Range) bool {
	if d.IsZero() || r.Empty() {
		return false
	}
	from, to := r.limits()
	return before(d.bounds.StartEarliest, to) && d.bounds.EndLatest >= from
}

// CertainlyIn reports whether the date must fall into the range, or the interval
// must share a day with it, wherever within their bounds its ends are:
//
//	StartLatest < To and EndEarliest >= From
//
// For a date that is not an interval this says that its whole span lies in the
// range. An interval with an open end (1984/..) lasts through all later days; of
// one with an unknown end (1984/) only the start is sure. The zero Date is in no
// range, and nothing is in an empty range.
func (d Date) CertainlyIn(r Range) bool {
	if d.IsZero() || r.Empty() {
		return false
	}
	from, to := r.limits()
	return before(d.bounds.StartLatest, to) && d.bounds.EndEarliest >= from
}

// before is a < b, except that nothing limits DistantFuture as an exclusive end.
func before(a, b Day) bool { return a < b || b == DistantFuture }

// PossiblyOverlaps reports whether the two dates may share a day. A zero Date
// may share one with every date, because nothing excludes it.
func (d Date) PossiblyOverlaps(other Date) bool {
	a, b := d.Bounds(), other.Bounds()
	return a.StartEarliest <= b.EndLatest && b.StartEarliest <= a.EndLatest
}
