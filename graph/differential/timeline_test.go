package differential

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"chancery/graph"
	"chancery/graph/edtf"
)

// bucket is where a day lies, by the calendar of package time: its first day, and how it is written.
func bucket(day edtf.Day, width graph.TimeInterval) (start time.Time, name string) {
	at := day.Time()
	switch width {
	case graph.IntervalYear:
		at = time.Date(at.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
		return at, at.Format("2006")
	case graph.IntervalQuarter:
		at = time.Date(at.Year(), (at.Month()-1)/3*3+1, 1, 0, 0, 0, 0, time.UTC)
		return at, at.Format("2006-01")
	case graph.IntervalMonth:
		at = time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
		return at, at.Format("2006-01")
	case graph.IntervalWeek:
		for at.Weekday() != time.Monday {
			at = at.AddDate(0, 0, -1)
		}
	}
	return at, at.Format("2006-01-02")
}

// dateOn is the date of a fact that a timeline goes by.
func (s *state) dateOn(x *fact, on graph.TimeField) edtf.Date {
	switch on {
	case graph.TimePublished:
		var oldest edtf.Date
		for _, c := range s.standing(x) {
			// Of a month and its first day the month counts: it is the less certain one.
			if d := c.document.date; !d.IsZero() && (oldest.IsZero() || dayOf(d) < dayOf(oldest) || dayOf(d) == dayOf(oldest) && d.String() < oldest.String()) {
				oldest = d
			}
		}
		return oldest
	case graph.TimeRecorded:
		return edtf.OfDay(edtf.DayAt(recordedAt))
	}
	return x.date
}

func (s *state) timeline(facts []*fact, in graph.TimelineInput) (out []string) {
	series := map[string][]*fact{}
	for _, x := range facts {
		if in.Range != nil && !within(&graph.DateRange{From: in.Range.From, To: in.Range.To, Match: graph.MatchPossible}, s.dateOn(x, in.On)) {
			continue
		}
		keys := []string{""}
		if in.SplitBy != nil {
			keys = s.values(x, *in.SplitBy)
		}
		for _, k := range keys {
			series[k] = append(series[k], x)
		}
	}
	if in.SplitBy == nil {
		return s.buckets("", series[""], in)
	}
	counts := map[string]int{}
	for k, list := range series {
		counts[k] = len(list)
	}
	for _, k := range mostFrequent(counts, in.Limit) {
		out = append(out, s.buckets(k, series[k], in)...)
	}
	return out
}

func (s *state) buckets(key string, facts []*fact, in graph.TimelineInput) []string {
	imprecise, none := 0, 0
	in2 := map[string][]*fact{}
	var first, last time.Time
	seen := false
	for _, x := range facts {
		d := s.dateOn(x, in.On)
		b := d.Bounds()
		if d.IsZero() {
			none++
			continue
		}
		if b.StartEarliest == edtf.DistantPast || b.EndLatest == edtf.DistantFuture {
			imprecise++
			continue
		}
		start, name := bucket(b.StartEarliest, in.Interval)
		if _, end := bucket(b.EndLatest, in.Interval); end != name {
			imprecise++
			continue
		}
		in2[name] = append(in2[name], x)
		if !seen || start.Before(first) {
			first = start
		}
		if !seen || start.After(last) {
			last = start
		}
		seen = true
	}
	out := []string{fmt.Sprint("series ", key, " imprecise ", imprecise, " undated ", none)}
	one := func(name string) {
		out = append(out, fmt.Sprint(name, " ", len(in2[name]), " ", net(in2[name])))
	}
	if !in.Fill {
		for _, name := range slices.Sorted(maps.Keys(in2)) {
			one(name)
		}
		return out
	}
	if in.Range != nil {
		days := window(in.Range)
		if days.HasFrom {
			first, _ = bucket(days.From, in.Interval)
		}
		if days.HasTo {
			last = (days.To - 1).Time()
		}
		seen = seen || days.HasFrom && days.HasTo
	}
	if !seen {
		return out
	}
	// Day by day is slow and cannot miss a bucket.
	written := ""
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if _, name := bucket(edtf.DayAt(day), in.Interval); name != written {
			one(name)
			written = name
		}
	}
	return out
}

func timelineLines(all []graph.TimeSeries) (out []string) {
	for _, s := range all {
		key := ""
		if s.Key != nil {
			key = s.Key.Value
		}
		out = append(out, fmt.Sprint("series ", key, " imprecise ", s.Imprecise, " undated ", s.Undated))
		for _, b := range s.Buckets {
			out = append(out, fmt.Sprint(b.Start, " ", b.Count, " ", b.NetStance))
		}
	}
	return out
}
