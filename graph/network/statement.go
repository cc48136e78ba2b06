package network

import (
	"cmp"
	"slices"

	"chancery/graph/edtf"
)

// Statement is one statement: an actor takes a stance on a target in a document.
type Statement struct {
	Actor, Target uint64 // numbers of entities, given in the order in which they were recorded
	Relation      uint64 // number of the relation stated
	Document      uint64 // number of the document that says so
	Day           int32  // of the statement, in days from 1970-01-01; without meaning unless Dated
	Dated         bool
	Stance        int8 // -2 to 2
}

// DuplicateRule says which statements repeat another. Of those by one actor on one target with one stance, one counts
// within each document, day, ISO week, month or year, or one at all. Statements without a date repeat each other only within a document.
type DuplicateRule string

// The rules.
const (
	Include     DuplicateRule = "include" // nothing is a repetition
	PerDocument DuplicateRule = "document"
	PerDay      DuplicateRule = "day"
	PerWeek     DuplicateRule = "week"
	PerMonth    DuplicateRule = "month"
	PerYear     DuplicateRule = "year"
	Once        DuplicateRule = "all"
)

// DuplicateRules lists them in the contract's order.
var DuplicateRules = []DuplicateRule{Include, PerDocument, PerDay, PerWeek, PerMonth, PerYear, Once}

// bucket is what statements of one actor, target and stance share that repeat each other.
type bucket struct {
	stance  int8
	undated bool // the number is that of a document, in place of a time
	number  uint64
}

func (r DuplicateRule) bucket(s *Statement) bucket {
	b := bucket{stance: s.Stance}
	switch {
	case r == Once:
	case r == PerDocument:
		b.number = s.Document
	case !s.Dated:
		b.undated, b.number = true, s.Document
	default:
		b.number = uint64(r.period(edtf.Day(s.Day)))
	}
	return b
}

// period numbers the days, weeks, months or years of the calendar.
func (r DuplicateRule) period(d edtf.Day) int64 {
	switch r {
	case PerWeek:
		// An ISO week begins on Monday, and 1970-01-01 is a Thursday. Weeks are numbered throughout, so that none is cut by a new year.
		monday := int64(d) + 3
		if monday < 0 {
			monday -= 6
		}
		return monday / 7
	case PerMonth:
		year, month, _ := d.Date()
		return int64(year)*12 + int64(month)
	case PerYear:
		year, _, _ := d.Date()
		return int64(year)
	}
	return int64(d)
}

func (b bucket) compare(o bucket) int {
	undated := 0
	if b.undated != o.undated {
		undated = 1
		if o.undated {
			undated = -1
		}
	}
	return cmp.Or(cmp.Compare(b.stance, o.stance), undated, cmp.Compare(b.number, o.number))
}

// counts is x(i,j,.): how many statements of each stance, by stance plus 2.
type counts [steps]uint32

func (c *counts) total() (n int64) {
	for _, x := range c {
		n += int64(x)
	}
	return n
}

func (c *counts) squares() (n int64) {
	for _, x := range c {
		n += int64(x) * int64(x)
	}
	return n
}

// counting counts the statements of one actor on one target. It keeps its buffer between cells.
type counting struct {
	rule    DuplicateRule
	buckets []bucket
}

func (c *counting) of(statements []Statement, cell []uint32) (x counts) {
	if c.rule == Include || len(cell) == 1 {
		for _, at := range cell {
			x[statements[at].Stance+2]++
		}
		return x
	}
	c.buckets = c.buckets[:0]
	for _, at := range cell {
		c.buckets = append(c.buckets, c.rule.bucket(&statements[at]))
	}
	slices.SortFunc(c.buckets, bucket.compare)
	for _, b := range slices.Compact(c.buckets) {
		x[b.stance+2]++
	}
	return x
}
