package wire

import (
	"bytes"
	"encoding/json"
	"io"
	"regexp"
	"strconv"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
)

// textOrNull writes a string, and an empty one as null.
func textOrNull(s string) graphql.Marshaler {
	if s == "" {
		return graphql.Null
	}
	return graphql.MarshalString(s)
}

// MarshalDateTime writes an instant in UTC as RFC 3339 has it, with as many fractional digits as it needs.
func MarshalDateTime(t time.Time) graphql.Marshaler {
	return graphql.MarshalString(t.UTC().Format(time.RFC3339Nano))
}

// rfc3339 is stricter than package time, which takes one-digit hours and decimal commas.
var rfc3339 = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$`)

// UnmarshalDateTime reads an RFC 3339 instant with any offset and turns it into UTC.
func UnmarshalDateTime(v any) (time.Time, error) {
	if s, ok := v.(string); ok && rfc3339.MatchString(s) {
		if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, badInput("%s is not an RFC 3339 instant: write it like 2025-04-25T14:03:00Z", describe(v))
}

// MarshalEDTF writes a date as it is kept; none becomes null.
func MarshalEDTF(date string) graphql.Marshaler { return textOrNull(date) }

// UnmarshalEDTF reads a date. Package graph checks its syntax.
func UnmarshalEDTF(v any) (string, error) {
	return text(v, "a date: write it like \"2025-04-25\", \"2025-04\" or \"2025\"")
}

// MarshalLanguage writes a BCP 47 tag; none becomes null.
func MarshalLanguage(tag string) graphql.Marshaler { return textOrNull(tag) }

// UnmarshalLanguage reads a BCP 47 tag. Package graph checks its syntax.
func UnmarshalLanguage(v any) (string, error) {
	return text(v, "a language tag: write it like \"en\" or \"sr-Latn\"")
}

// MarshalCursor writes a cursor; none becomes null.
func MarshalCursor(cursor string) graphql.Marshaler { return textOrNull(cursor) }

// UnmarshalCursor reads a cursor. Package graph checks that it is one of its own.
func UnmarshalCursor(v any) (string, error) {
	return text(v, "a cursor: give back a string from edges or pageInfo")
}

// MarshalURL writes a web address; none becomes null.
func MarshalURL(url string) graphql.Marshaler { return textOrNull(url) }

// UnmarshalURL reads a web address. Package graph checks its syntax.
func UnmarshalURL(v any) (string, error) {
	return text(v, "a web address: give a string")
}

// MarshalRevision writes a revision as a decimal string.
func MarshalRevision(r graph.Revision) graphql.Marshaler {
	return graphql.MarshalString(FormatRevision(r))
}

// FormatRevision is the decimal string of a revision.
func FormatRevision(r graph.Revision) string { return strconv.FormatUint(uint64(r), 10) }

// UnmarshalRevision reads a decimal string or an integer.
func UnmarshalRevision(v any) (graph.Revision, error) {
	if n, ok := integer(v); ok && n >= 0 {
		return graph.Revision(n), nil
	}
	if s, ok := v.(string); ok {
		if n, err := strconv.ParseUint(s, 10, 64); err == nil {
			return graph.Revision(n), nil
		}
	}
	return 0, badInput("%s is not a revision: give a decimal string such as \"42\"", describe(v))
}

// MarshalJSON writes a JSON value as it is; none becomes null.
func MarshalJSON(raw json.RawMessage) graphql.Marshaler {
	if len(raw) == 0 {
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(raw) })
}

// UnmarshalJSON reads any JSON value. Numbers of variables keep their digits.
func UnmarshalJSON(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, badInput("not a JSON value: %v", err)
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n")), nil
}
