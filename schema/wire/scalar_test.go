package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
)

// written is what a marshaler writes.
func written(m graphql.Marshaler) string {
	var b bytes.Buffer
	m.MarshalGQL(&b)
	return b.String()
}

// isBadInput fails the test unless err is for the caller to see.
func isBadInput(t *testing.T, err error, value any) {
	t.Helper()
	var e *graph.Error
	if !errors.As(err, &e) || e.Kind != graph.BadInput {
		t.Errorf("%v (%T): got error %v, want one of kind BadInput", value, value, err)
	}
}

func TestDateTime(t *testing.T) {
	for in, want := range map[string]string{
		"2025-04-25T14:03:00Z":           `"2025-04-25T14:03:00Z"`,
		"2025-04-25T14:03:00.5Z":         `"2025-04-25T14:03:00.5Z"`,
		"2025-04-25T16:03:00+02:00":      `"2025-04-25T14:03:00Z"`,
		"2025-01-01T00:30:00+05:45":      `"2024-12-31T18:45:00Z"`,
		"2025-04-25T14:03:00.123456789Z": `"2025-04-25T14:03:00.123456789Z"`,
	} {
		got, err := UnmarshalDateTime(in)
		if err != nil {
			t.Errorf("%s: %v", in, err)
			continue
		}
		if w := written(MarshalDateTime(got)); w != want || got.Location() != time.UTC {
			t.Errorf("%s: written as %s in %s, want %s in UTC", in, w, got.Location(), want)
		}
	}
	for _, in := range []any{"", "2025-04-25", "2025-04-25 14:03:00Z", "2025-04-25T14:03:00", "2025-04-25T24:00:00Z", "2025-02-29T00:00:00Z", "2025-04-25T1:03:00Z", "2025-04-25T14:03:00,5Z", 5, nil} {
		_, err := UnmarshalDateTime(in)
		isBadInput(t, err, in)
	}
}

func TestRevision(t *testing.T) {
	for _, in := range []any{"42", json.Number("42"), int64(42), 42, 42.0} {
		got, err := UnmarshalRevision(in)
		if err != nil || got != 42 {
			t.Errorf("%v (%T): %d, %v", in, in, got, err)
		}
	}
	if got, err := UnmarshalRevision("18446744073709551615"); err != nil || written(MarshalRevision(got)) != `"18446744073709551615"` {
		t.Errorf("the largest revision: %d, %v", got, err)
	}
	for _, in := range []any{"", "-1", "+1", "1.5", "x", "18446744073709551616", -1, 1.5, true, nil, json.Number("1.5")} {
		_, err := UnmarshalRevision(in)
		isBadInput(t, err, in)
	}
}

func TestInt(t *testing.T) {
	for _, in := range []any{int64(7), 7, json.Number("7"), 7.0} {
		if got, err := UnmarshalInt(in); err != nil || got != 7 {
			t.Errorf("%v (%T): %d, %v", in, in, got, err)
		}
	}
	for _, in := range []any{int64(math.MaxInt32 + 1), int64(math.MinInt32 - 1), 1.5, "7", json.Number("1e3"), nil, true} {
		_, err := UnmarshalInt(in)
		isBadInput(t, err, in)
	}
	for in, want := range map[int]string{math.MaxInt32: "2147483647", math.MinInt32: "-2147483648", math.MaxInt32 + 1: "null"} {
		if got := written(MarshalInt(in)); got != want {
			t.Errorf("%d is written as %s, want %s", in, got, want)
		}
	}
}

func TestFloat(t *testing.T) {
	for _, in := range []any{0.25, json.Number("0.25")} {
		if got, err := UnmarshalFloat(in); err != nil || written(MarshalFloat(got)) != "0.25" {
			t.Errorf("%v (%T): %v, %v", in, in, got, err)
		}
	}
	if got, err := UnmarshalFloat(int64(1)); err != nil || got != 1 {
		t.Errorf("an integer: %v, %v", got, err)
	}
	for _, in := range []any{"0.5", math.NaN(), math.Inf(1), json.Number("1e999"), nil} {
		_, err := UnmarshalFloat(in)
		isBadInput(t, err, in)
	}
	if got := written(MarshalFloat(math.NaN())); got != "null" {
		t.Errorf("not a number is written as %s", got)
	}
}

func TestID(t *testing.T) {
	for in, want := range map[any]string{"person/a": "person/a", 7: "7", int64(8): "8", json.Number("9"): "9", "": ""} {
		if got, err := UnmarshalID(in); err != nil || got != want {
			t.Errorf("%v (%T): %q, %v", in, in, got, err)
		}
	}
	for _, in := range []any{true, 1.5, json.Number("1.5"), map[string]any{}} {
		_, err := UnmarshalID(in)
		isBadInput(t, err, in)
	}
}

func TestTextScalars(t *testing.T) {
	for name, unmarshal := range map[string]func(any) (string, error){
		"EDTF": UnmarshalEDTF, "Language": UnmarshalLanguage, "Cursor": UnmarshalCursor, "URL": UnmarshalURL,
		"String": func(v any) (string, error) { return UnmarshalString(context.Background(), v) },
	} {
		if got, err := unmarshal("x"); err != nil || got != "x" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
		if got, err := unmarshal(nil); err != nil || got != "" {
			t.Errorf("%s of null: %q, %v", name, got, err)
		}
		for _, in := range []any{5, json.Number("5"), true, []any{"x"}} {
			_, err := unmarshal(in)
			isBadInput(t, err, in)
		}
	}
	for name, marshal := range map[string]func(string) graphql.Marshaler{
		"EDTF": MarshalEDTF, "Language": MarshalLanguage, "Cursor": MarshalCursor, "URL": MarshalURL,
	} {
		if got := written(marshal("")); got != "null" {
			t.Errorf("no %s is written as %s", name, got)
		}
		if got := written(marshal("é\"")); got != `"é\""` {
			t.Errorf("%s is written as %s", name, got)
		}
	}
}

func TestBoolean(t *testing.T) {
	for in, want := range map[any]bool{true: true, false: false, nil: false} {
		if got, err := UnmarshalBoolean(in); err != nil || got != want {
			t.Errorf("%v: %v, %v", in, got, err)
		}
	}
	_, err := UnmarshalBoolean("true")
	isBadInput(t, err, "true")
}

func TestJSON(t *testing.T) {
	in := map[string]any{"b": json.Number("1.10"), "a": []any{nil, "<é>"}, "n": int64(1)}
	got, err := UnmarshalJSON(in)
	if want := `{"a":[null,"<é>"],"b":1.10,"n":1}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if w := written(MarshalJSON(got)); w != string(got) {
		t.Errorf("written as %s", w)
	}
	if w := written(MarshalJSON(nil)); w != "null" {
		t.Errorf("nothing is written as %s", w)
	}
	if _, err := UnmarshalJSON(math.Inf(1)); err == nil {
		t.Error("an infinite number passes as JSON")
	}
}

func TestDescribeIsShort(t *testing.T) {
	_, err := UnmarshalInt(strings.Repeat("x", 10_000))
	if len(err.Error()) > 300 {
		t.Errorf("the message has %d bytes", len(err.Error()))
	}
}
