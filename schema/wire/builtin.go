package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
)

func badInput(format string, args ...any) error {
	return &graph.Error{Kind: graph.BadInput, Message: fmt.Sprintf(format, args...)}
}

// describe names a value that was not expected, shortened for a message.
func describe(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprintf("a %T", v)
	}
	if r := []rune(string(b)); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return string(b)
}

// MarshalString writes a string. An empty one becomes null where the field's type is nullable.
func MarshalString(s string) graphql.ContextMarshaler {
	return graphql.ContextWriterFunc(func(ctx context.Context, w io.Writer) error {
		if s == "" && inNullableField(ctx) {
			graphql.Null.MarshalGQL(w)
			return nil
		}
		graphql.MarshalString(s).MarshalGQL(w)
		return nil
	})
}

// inNullableField tells whether the value being written may be null; for a list, whether its elements may.
func inNullableField(ctx context.Context) bool {
	fc := graphql.GetFieldContext(ctx)
	if fc == nil || fc.Field.Field == nil || fc.Field.Definition == nil {
		return false
	}
	t := fc.Field.Definition.Type
	for t.Elem != nil {
		t = t.Elem
	}
	return !t.NonNull
}

// UnmarshalString reads a string. Null reads as the empty string where the Go value cannot be absent.
func UnmarshalString(_ context.Context, v any) (string, error) {
	return text(v, "a string")
}

// text reads what is a JSON string, or nothing. A json.Number is a number, although Go's kind of it is string.
func text(v any, want string) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case nil:
		return "", nil
	}
	return "", badInput("%s is not %s", describe(v), want)
}

// MarshalID writes an id.
func MarshalID(id string) graphql.Marshaler { return graphql.MarshalString(id) }

// UnmarshalID reads an id: a string, or an integer, which is taken as its digits.
func UnmarshalID(v any) (string, error) {
	if n, ok := integer(v); ok {
		return strconv.FormatInt(n, 10), nil
	}
	return text(v, "an id: give a string")
}

// integer reads a whole number in any form in which a literal or a variable brings it.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int64:
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
			return int64(v), true
		}
	case json.Number:
		n, err := strconv.ParseInt(string(v), 10, 64)
		return n, err == nil
	}
	return 0, false
}

// MarshalInt writes a number of at most 32 bits; a larger one becomes null, since GraphQL has no way to write it.
func MarshalInt(i int) graphql.Marshaler {
	if i < math.MinInt32 || i > math.MaxInt32 {
		return graphql.Null
	}
	return graphql.MarshalInt(i)
}

// UnmarshalInt reads a whole number of at most 32 bits.
func UnmarshalInt(v any) (int, error) {
	n, ok := integer(v)
	if !ok || n < math.MinInt32 || n > math.MaxInt32 {
		return 0, badInput("%s is not a whole number from %d to %d", describe(v), math.MinInt32, math.MaxInt32)
	}
	return int(n), nil
}

// MarshalFloat writes a number; what is not finite becomes null.
func MarshalFloat(f float64) graphql.Marshaler {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = io.WriteString(w, strconv.FormatFloat(f, 'g', -1, 64)) })
}

// UnmarshalFloat reads a finite number.
func UnmarshalFloat(v any) (float64, error) {
	if n, ok := integer(v); ok {
		return float64(n), nil
	}
	switch v := v.(type) {
	case float64:
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			return v, nil
		}
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f, nil
		}
	}
	return 0, badInput("%s is not a number", describe(v))
}

// MarshalBoolean writes true or false.
func MarshalBoolean(b bool) graphql.Marshaler { return graphql.MarshalBoolean(b) }

// UnmarshalBoolean reads true or false; nothing reads as false where the Go value cannot be absent.
func UnmarshalBoolean(v any) (bool, error) {
	switch v := v.(type) {
	case bool:
		return v, nil
	case nil:
		return false, nil
	}
	return false, badInput("%s is neither true nor false", describe(v))
}
