package edtf

import (
	"errors"
	"strings"
	"testing"
)

// Strings that are no dates, the position of the mistake, and a part of what must
// be said about it.
var invalid = []struct {
	in       string
	position int
	says     string
}{
	{"", 1, "empty string"},
	{" ", 1, "white space"},
	{" 1863-03-29", 1, "white space"},
	{"1863-03-29 ", 11, "white space"},
	{"1863- 03-29", 6, "white space"},
	{"18 63-03-29", 3, "white space"},
	{"1863-0 3-29", 7, "white space"},
	{"2025-13", 6, "month 13 does not exist; months are 01 to 12"},
	{"2025-00", 6, "month 00 does not exist"},
	{"2025-20", 6, "month 20 does not exist"},
	{"2025-42", 6, "month 42 does not exist"},
	{"2025-02-30", 9, "February of the year 2025 has no day 30; its last is 28"},
	{"2025-02-29", 9, "its last is 28"},
	{"1900-02-29", 9, "its last is 28"},
	{"2024-02-30", 9, "its last is 29"},
	{"2025-04-31", 9, "April of the year 2025 has no day 31"},
	{"2025-04-32", 9, "days are 01 to 31"},
	{"2025-04-00", 9, "day 00 does not exist"},
	{"XXXX-02-30", 9, "February has no day 30"},
	{"XXXX", 1, "leave the date out"},
	{"XXXX-XX", 1, "leave the date out"},
	{"XXXX-XX-XX", 1, "leave the date out"},
	{"-XXXX-04", 1, "no sign"},
	{"985", 1, "four digits"},
	{"-985", 2, "four digits"},
	{"12", 1, "four digits"},
	{"12345", 5, "begins with Y"},
	{"20050924", 5, "separated by hyphens"},
	{"200509", 5, "separated by hyphens"},
	{"2005-9-24", 6, "two digits"},
	{"2005-09-4", 9, "two digits"},
	{"2005-9", 6, "two digits"},
	{"2005-09-245", 11, "two digits"},
	{"2005-109", 6, "days of the year"},
	{"2005-", 6, "stops short"},
	{"2005-09-", 9, "stops short"},
	{"-", 2, "stops short"},
	{"-0000", 1, "write 0000"},
	{"+2006", 1, "unexpected '+'"},
	{"2006+", 5, "unexpected '+'"},
	{"2005–09", 5, "hyphen-minus"},
	{"−1985", 1, "hyphen-minus"},
	{"201x", 4, "capital X"},
	{"199u", 4, "capital X"},
	{"2004-xx", 6, "capital X"},
	{"y170000002", 1, "capital Y"},
	{"Y2006", 1, "more than four digits"},
	{"Y-2006", 1, "more than four digits"},
	{"Y", 2, "stops short"},
	{"Y-", 3, "stops short"},
	{"Y00012345", 2, "leading zeros"},
	{"Y12345-01", 7, "no month or day"},
	{"Y1234567890123", 14, "at most 12 digits"},
	{"1984?~", 6, "one qualifier"},
	{"1984??", 6, "one qualifier"},
	{"2001-21-01", 8, "a season has no day"},
	{"2012-10-10t10:10:10", 11, "capital letter"},
	{"2012-10-10T10:10:10z", 20, "capital letter"},
	{"2012-10-10T10:10:1", 18, "two digits"},
	{"2012-10-10T1:10:10", 12, "two digits"},
	{"2012-10-10T10:1:10", 15, "two digits"},
	{"2012-10-10T10:10", 17, "stops short"},
	{"2012-10-10T10:10:10Z10", 21, "end of the date"},
	{"2012-10-10T24:00:00", 12, "next day"},
	{"2012-10-10T25:00:00", 12, "an hour of 25 does not exist"},
	{"2012-10-10T10:60:00", 15, "a minute of 60 does not exist"},
	{"2012-10-10T10:10:61", 18, "a second of 61 does not exist"},
	{"2012-10-10T10:10:60", 18, "leap second"},
	{"2012-10-10T10:10:10.5Z", 20, "fractions"},
	{"2012-10-10T10:10:10-00:00", 20, "write Z"},
	{"2012-10-10T10:10:10+24:00", 21, "does not exist"},
	{"2012-10-10T10:10:10+01:60", 24, "does not exist"},
	{"2012-10-10T10:10:10?", 20, "no qualifier"},
	{"2012-10-10TXX:10:10", 12, "no unspecified digits"},
	{"2012-10T10:10:10", 8, "complete date"},
	{"2012-10-XXT10:10:10", 11, "complete date"},
	{"2004-01-01T10:10:10Z/2005", 11, "no time of day"},
	{"2005/2004-01-01T10:10:10Z", 16, "no time of day"},
	{"2012/2011", 6, "ends before it begins"},
	{"-1000/-2000", 7, "ends before it begins"},
	{"0800/-0999", 6, "ends before it begins"},
	{"2025-04-25/2025-04-24", 12, "ends before it begins"},
	{"2004-02/2004-01", 9, "ends before it begins"},
	{"/", 1, "needs a date"},
	{"../..", 3, "needs a date"},
	{"/..", 1, "needs a date"},
	{"../", 3, "needs a date"},
	{"2012/2013/2014", 10, "one slash"},
	{"2012///4444", 6, "one slash"},
	{"..", 1, "open end of an interval"},
	{".../2012", 1, "open end of an interval"},
	{"2012\\2013", 5, "unexpected"},
	{"2000/12-12", 6, "four digits"},
	{"unknown/2006", 1, "draft"},
	{"2004-06-01/unknown", 12, "draft"},
	{"2004-01-01/open", 12, "draft"},
	{"XXXX-04-25/XXXX-05-01", 1, "need their year"},
	{"2004/XXXX-05", 6, "need their year"},
	{"NONE/2004", 1, "unexpected 'N'"},
	{"2025-04-25\x00", 11, "unexpected"},
	{"2025\xff", 5, "unexpected"},
	{"yesterday", 1, "capital Y"},
	{"25.04.2025", 3, "unexpected '.'"},
	{"٢٠٢٥", 1, "unexpected"},
}

func TestParseInvalid(t *testing.T) {
	for _, c := range invalid {
		t.Run(c.in, func(t *testing.T) {
			d, err := Parse(c.in)
			if err == nil {
				t.Fatalf("accepted, with bounds %v", d.Bounds())
			}
			var pe *ParseError
			if !errors.As(err, &pe) {
				t.Fatalf("error is a %T", err)
			}
			if pe.Level2 {
				t.Errorf("said to be level 2: %v", err)
			}
			if pe.Position != c.position || !strings.Contains(pe.Reason, c.says) {
				t.Errorf("want %q at %d, got: %v", c.says, c.position, err)
			}
			if d != (Date{}) {
				t.Errorf("a date came with the error: %v", d)
			}
		})
	}
}

// Examples of level 2 of the specification, without XXXX-12-XX and
// 2004-06-XX/2004-07-03, which are read.
var level2 = []string{
	"Y-17E7", "Y17E7", "1950S2", "Y171010000S3", "Y3388E2S3",
	"2001-25", "2001-34", "2001-41",
	"[1667,1668,1670..1672]", "[..1760-12-03]", "[1760-12..]", "[1760-01,1760-02,1760-12..]",
	"[1667,1760-12]", "[..1984]", "{1667,1668,1670..1672}", "{1960,1961-12}", "{..1984}",
	"2004-06~-11", "2004?-06-11", "2004?-06", "?2004-06-~11", "2004-%06-11", "2004-~06",
	"156X-12-25", "15XX-12-25", "15XX-12-XX", "1XXX-XX", "1XXX-12", "1984-1X", "1560-XX-25", "1XXX",
	"1X23", "X123", "2004-X1", "2004-06-X1", "XXXX-21",
	"2004-06-~01/2004-06-~20",
}

func TestParseLevel2(t *testing.T) {
	for _, in := range level2 {
		_, err := Parse(in)
		var pe *ParseError
		if !errors.As(err, &pe) || !pe.Level2 || !strings.Contains(err.Error(), "level 2") {
			t.Errorf("%s: error must name level 2, got %v", in, err)
		}
	}
}

func TestErrorMessage(t *testing.T) {
	_, err := Parse("2025-13")
	const want = `"2025-13": month 13 does not exist; months are 01 to 12, seasons 21 to 24 (at character 6)`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = Parse(strings.Repeat("9", 5000))
	if err == nil || len(err.Error()) > 300 {
		t.Errorf("a long input is not shortened in the message: %v", err)
	}
}

func TestMustParsePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	MustParse("2025-13")
}
