// Package edtf reads dates in the Extended Date/Time Format (EDTF) of the
// Library of Congress, published as part of ISO 8601-2:2019: level 0 and level 1
// in full, and from level 2 the one form XXXX-04-25, whose year is not given.
//
// # Terms
//
// A [Date] is one EDTF string together with what it means in days. It is kept as
// written: [Date.String] gives back exactly the characters that were parsed.
//
// A [Day] is a calendar day, counted from 1970-01-01 in the proleptic Gregorian
// calendar, in which the year 0 exists (it is the year before year 1).
//
// The span of a date that is not an interval is the run of days on one of which
// it may fall: 2004-06 spans 30 days, 201X ten years. Date-times are read to
// their day, as written and without regard to the offset.
//
// An interval (1984/2004-06) lasts from one of the days of its start to one of
// the days of its end. It has four bounds, see [Bounds]: each end has an earliest
// and a latest day. An end written ".." is open: the interval has no limit on
// that side. An end left empty is unknown: there is a limit, but nobody knows
// which. At least one end must be a date, and the whole must be able to run
// forwards.
//
// The qualifiers ? (uncertain), ~ (approximate) and % (both) do not widen
// the bounds, because the format does not say by how much they should.
//
// # Choices where the format leaves one
//
// Seasons 21 to 24 (spring, summer, autumn, winter) are the quarters of the
// meteorological year of the northern hemisphere: March to May, June to August,
// September to November, and December to the end of February of the next year.
//
// The end of an interval may be any date of level 0 or 1 without a time of day,
// including seasons and dates with unspecified digits (2004-06-XX/2004-07-03,
// which the specification lists under level 2, has a clear meaning here).
//
// A date whose year is not given spans the years -9999 to 9999.
package edtf
