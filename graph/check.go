package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"chancery/graph/edtf"
	"chancery/graph/text"
	"chancery/graph/vocab"
)

// languageTag is the shape of a BCP 47 tag; which subtags are registered is not checked.
var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

// typeID is the shape of a relation type's id.
var typeID = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// normal brings what somebody wrote about a source into the text profile and checks its length in code points.
func (x *tx) normal(s string, most int, at ...string) string {
	return x.profiled(text.NormalizeField, s, most, at)
}

// words is normal for what may be words of a source, which are kept as they are.
func (x *tx) words(s string, most int, at ...string) string {
	return x.profiled(text.Normalize, s, most, at)
}

func (x *tx) profiled(normalize func(string) (string, error), s string, most int, at []string) string {
	n, err := normalize(s)
	if err != nil {
		x.fail(CodeInvalid, at, "%s", err)
		return ""
	}
	if len(n) > most && text.Length(n) > most {
		x.fail(CodeLimit, at, "this has %d code points; at most %d are stored", text.Length(n), most)
	}
	return n
}

// requiredText is normal for a string that may not be empty.
func (x *tx) requiredText(s string, most int, what string, at ...string) string {
	if s == "" {
		x.fail(CodeRequired, at, "%s is required", what)
		return ""
	}
	return x.normal(s, most, at...)
}

func (x *tx) language(tag string, at ...string) string {
	if tag != "" && !languageTag.MatchString(tag) {
		x.fail(CodeInvalid, at, "%s is no language tag: write BCP 47, e.g. en, uk or zh-Hans", quoted(tag))
	}
	return tag
}

// date checks an EDTF date and keeps it as written.
func (x *tx) date(s string, at ...string) edtf.Date {
	if s == "" {
		return edtf.Date{}
	}
	d, err := edtf.Parse(s)
	if err != nil {
		x.fail(CodeInvalid, at, "%s", err)
	}
	return d
}

func (x *tx) link(s string, at ...string) string {
	s = x.normal(s, 2*maxShort, at...)
	if s == "" {
		return ""
	}
	if u, err := url.Parse(s); err != nil || !u.IsAbs() || (u.Host == "" && u.Opaque == "") {
		x.fail(CodeInvalid, at, "%s is no absolute URL: write it with its scheme, e.g. https://example.org/page", quoted(s))
	}
	return s
}

// oneOf checks a value against its table; the zero value becomes fallback.
func oneOf[T ~string](x *tx, v, fallback T, table []T, at ...string) T {
	if v == "" {
		v = fallback
	}
	if !slices.Contains(table, v) {
		x.fail(CodeInvalid, at, "%s is not one of %s", quoted(string(v)), listed(table))
		return table[0]
	}
	return v
}

func listed[T ~string](table []T) string {
	var b bytes.Buffer
	for i, v := range table {
		switch {
		case i > 0 && i == len(table)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		b.WriteString(string(v))
	}
	return b.String()
}

func (x *tx) kinds(given []vocab.Kind, at string) []vocab.Kind {
	for i, k := range given {
		if !k.Valid() {
			x.fail(CodeInvalid, []string{at, strconv.Itoa(i)}, "%s is not one of %s", quoted(string(k)), listed(vocab.Kinds))
		}
	}
	return given
}

const maxAttributes = 64 << 10 // bytes

// canonicalObject writes a JSON object with sorted keys and without white space; nil for an empty one.
func canonicalObject(raw json.RawMessage) (json.RawMessage, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var v map[string]any
	err := d.Decode(&v)
	if _, more := d.Token(); err != nil || v == nil || !errors.Is(more, io.EOF) {
		return nil, errors.New("attributes are a JSON object, e.g. {\"born\": \"1952\"}")
	}
	if len(v) == 0 {
		return nil, nil
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	out := bytes.TrimSuffix(b.Bytes(), []byte("\n"))
	if len(out) > maxAttributes {
		return nil, errors.New("attributes take at most 64 KiB of JSON")
	}
	return out, nil
}
