package graph

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"chancery/graph/edtf"
)

// maxBuckets is how many buckets one series may have.
const maxBuckets = 10_000

// Timeline counts the relations by time. A relation is in a bucket if all its
// possible days lie in it; one whose date is coarser counts as imprecise, one
// without a date as undated. With a range, what surely lies outside is not counted at all, nor is what is undated.
func (s *RelationStats) Timeline(ctx context.Context, in TimelineInput) ([]TimeSeries, error) {
	when, err := in.Range.test("range")
	if err != nil {
		return nil, err
	}
	t := &timeline{a: newAggregation(ctx, s.l.v), in: in, within: when, series: map[uint64]*series{}, counts: map[uint64]int{}}
	proofs := in.On == TimePublished || in.SplitBy != nil && t.a.needsProof(*in.SplitBy)
	if err := s.each(ctx, proofs, false, func(c *candidate) error { return t.add(ctx, c) }); err != nil {
		return nil, err
	}
	if in.SplitBy == nil {
		one := t.series[0]
		if one == nil {
			one = &series{buckets: map[edtf.Day]*TimeBucket{}}
		}
		out, err := t.finish(one, nil)
		return []TimeSeries{out}, err
	}
	codes, shown, err := t.a.top(ctx, *in.SplitBy, t.counts, in.Limit)
	if err != nil {
		return nil, err
	}
	out := make([]TimeSeries, len(codes))
	for i, code := range codes {
		if out[i], err = t.finish(t.series[code], &shown[i].GroupKey); err != nil {
			return nil, err
		}
	}
	return out, nil
}

type timeline struct {
	a      *aggregation
	in     TimelineInput
	within *dateTest // nil: at any time
	series map[uint64]*series
	counts map[uint64]int // relations of each series
}

type series struct {
	buckets            map[edtf.Day]*TimeBucket // by first day
	imprecise, undated int
}

func (t *timeline) add(ctx context.Context, c *candidate) error {
	date, err := t.date(ctx, c)
	if err != nil {
		return err
	}
	if t.within != nil && (date.IsZero() || !date.PossiblyIn(t.within.days)) {
		return nil
	}
	codes := []uint64{0}
	if t.in.SplitBy != nil {
		if codes, err = t.a.values(ctx, c, *t.in.SplitBy); err != nil {
			return err
		}
	}
	for _, code := range codes {
		s := t.series[code]
		if s == nil {
			s = &series{buckets: map[edtf.Day]*TimeBucket{}}
			t.series[code] = s
		}
		t.counts[code]++
		s.add(date, t.in.Interval, c.stance)
	}
	return nil
}

// date is the date that the timeline goes by; the zero date for none.
func (t *timeline) date(ctx context.Context, c *candidate) (edtf.Date, error) {
	switch t.in.On {
	case TimePublished:
		e, err := c.evidence(ctx)
		if err != nil {
			return edtf.Date{}, err
		}
		return sortDate(e.support.FirstPublished), nil
	case TimeRecorded:
		r, err := c.content(ctx)
		if err != nil {
			return edtf.Date{}, err
		}
		at, err := c.v.timeOf(ctx, r.created)
		return edtf.OfDay(edtf.DayAt(at)), err
	}
	if c.occurred == undated {
		return edtf.Date{}, nil
	}
	if c.flags&edgeComplex == 0 && c.span == 0 {
		day, _ := c.occurred.day()
		return edtf.OfDay(day), nil
	}
	r, err := c.content(ctx)
	if err != nil {
		return edtf.Date{}, err
	}
	return sortDate(r.occurred), nil
}

func (s *series) add(date edtf.Date, width TimeInterval, stance *int) {
	first, okFirst := date.Earliest()
	last, okLast := date.Latest()
	switch {
	case date.IsZero():
		s.undated++
		return
	case !okFirst || !okLast || bucketOf(first, width) != bucketOf(last, width):
		s.imprecise++
		return
	}
	start := bucketOf(first, width)
	b := s.buckets[start]
	if b == nil {
		b = &TimeBucket{Start: bucketName(start, width)}
		s.buckets[start] = b
	}
	b.Count++
	if stance != nil {
		b.NetStance += *stance
	}
}

// bucketOf is the first day of the bucket that a day lies in.
func bucketOf(d edtf.Day, width TimeInterval) edtf.Day {
	y, m, _ := d.Date()
	switch width {
	case IntervalWeek:
		// Day 0 of the calendar, 1970-01-01, was a Thursday.
		return d - edtf.Day(((int64(d)+3)%7+7)%7)
	case IntervalMonth:
		return edtf.DayOf(y, m, 1)
	case IntervalQuarter:
		return edtf.DayOf(y, m-(m-1)%3, 1)
	case IntervalYear:
		return edtf.DayOf(y, 1, 1)
	}
	return d
}

// after is the first day of the bucket that follows.
func after(start edtf.Day, width TimeInterval) edtf.Day {
	y, m, _ := start.Date()
	switch width {
	case IntervalWeek:
		return start + 7
	case IntervalMonth, IntervalQuarter:
		months := 1
		if width == IntervalQuarter {
			months = 3
		}
		m += months
		return edtf.DayOf(y+(m-1)/12, (m-1)%12+1, 1)
	case IntervalYear:
		return edtf.DayOf(y+1, 1, 1)
	}
	return start + 1
}

// bucketName writes the start of a bucket: a year, a month, or the first day.
func bucketName(start edtf.Day, width TimeInterval) string {
	y, m, _ := start.Date()
	switch {
	case y < 0 || y > 9999:
		return edtf.OfDay(start).String()
	case width == IntervalYear:
		return fmt.Sprintf("%04d", y)
	case width == IntervalMonth || width == IntervalQuarter:
		return fmt.Sprintf("%04d-%02d", y, m)
	}
	return start.String()
}

// finish sorts the buckets of a series and adds the empty ones between them.
func (t *timeline) finish(s *series, key *GroupKey) (TimeSeries, error) {
	out := TimeSeries{Key: key, Imprecise: s.imprecise, Undated: s.undated, Buckets: []TimeBucket{}}
	var starts []edtf.Day
	for start := range s.buckets {
		starts = append(starts, start)
	}
	slices.SortFunc(starts, func(a, b edtf.Day) int { return cmp.Compare(a, b) })
	if !t.in.Fill {
		for _, start := range starts {
			out.Buckets = append(out.Buckets, *s.buckets[start])
		}
		return out, nil
	}
	first, end, ok := t.span(starts)
	if !ok {
		return out, nil
	}
	for start := first; start < end; start = after(start, t.in.Interval) {
		if len(out.Buckets) == maxBuckets {
			return out, badInput("the timeline from %s would have more than %d buckets: give a range, a wider interval, or fill: false", bucketName(first, t.in.Interval), maxBuckets)
		}
		b := s.buckets[start]
		if b == nil {
			b = &TimeBucket{Start: bucketName(start, t.in.Interval)}
		}
		out.Buckets = append(out.Buckets, *b)
	}
	return out, nil
}

// span is where filling begins and ends: at the range where one is given, otherwise with the first and the last bucket.
func (t *timeline) span(starts []edtf.Day) (first, end edtf.Day, ok bool) {
	if len(starts) > 0 {
		first, end = starts[0], after(starts[len(starts)-1], t.in.Interval)
		ok = true
	}
	if t.within == nil {
		return first, end, ok
	}
	if t.within.days.HasFrom {
		first = bucketOf(t.within.days.From, t.in.Interval)
	}
	if t.within.days.HasTo {
		end = t.within.days.To
	}
	return first, end, ok || t.within.days.HasFrom && t.within.days.HasTo
}
