package graph

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"chancery/graph/vocab"
)

// maxInputDepth is how deep the conditions of a filter may be nested.
const maxInputDepth = 32

// inputEnums are the values of the enumerated types that inputs have.
var inputEnums = map[reflect.Type][]string{
	reflect.TypeFor[Direction]():      texts(Directions),
	reflect.TypeFor[DateMatch]():      texts(DateMatches),
	reflect.TypeFor[RelationStatus](): texts(RelationStatuses),
	reflect.TypeFor[DocumentKind]():   texts(DocumentKinds),
	reflect.TypeFor[Verdict]():        texts(Verdicts),
	reflect.TypeFor[Modality]():       texts(Modalities),
	reflect.TypeFor[Verification]():   texts(Verifications),
	reflect.TypeFor[vocab.Kind]():     texts(vocab.Kinds),
}

func texts[T ~string](values []T) []string {
	var out []string
	for _, v := range values {
		out = append(out, string(v))
	}
	return out
}

// inputName is the GraphQL name of a field: GTE is gte, InvolvesAll involvesAll.
func inputName(field string) string {
	if strings.ToUpper(field) == field || field == "IDs" {
		return strings.ToLower(field)
	}
	r := []rune(field)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// enumName is the GraphQL name of an enumerated value.
func enumName(value string) string { return strings.ToUpper(strings.ReplaceAll(value, "-", "_")) }

func parseInput(path, text string, out any) error {
	if !json.Valid([]byte(text)) {
		var v any
		return badInput("%s is not JSON: %s", path, json.Unmarshal([]byte(text), &v))
	}
	return readInput(path, []byte(text), reflect.ValueOf(out).Elem(), 0)
}

// readInput reads valid JSON into a field of an input.
func readInput(path string, raw json.RawMessage, out reflect.Value, depth int) error {
	raw = bytes.TrimSpace(raw)
	if depth > 3*maxInputDepth { // a nested condition is a list, a pointer and a struct
		return badInput("%s: conditions are nested more than %d deep", path, maxInputDepth)
	}
	null := string(raw) == "null"
	switch out.Kind() {
	case reflect.Pointer:
		if null {
			return nil
		}
		v := reflect.New(out.Type().Elem())
		if err := readInput(path, raw, v.Elem(), depth+1); err != nil {
			return err
		}
		out.Set(v)
		return nil
	case reflect.Struct:
		return readObject(path, raw, out, depth)
	case reflect.Slice:
		return readList(path, raw, out, depth)
	case reflect.Bool:
		if err := json.Unmarshal(raw, out.Addr().Interface()); err != nil || null {
			return badInput("%s is %s; it is true or false", path, short(raw))
		}
	case reflect.Int:
		n, err := strconv.ParseInt(string(raw), 10, 32)
		if err != nil {
			return badInput("%s is %s; it is a whole number", path, short(raw))
		}
		out.SetInt(n)
	case reflect.String:
		return readText(path, raw, out)
	default:
		panic(fmt.Sprintf("graph: an input has a field of type %s", out.Type()))
	}
	return nil
}

func readText(path string, raw json.RawMessage, out reflect.Value) error {
	var s string
	if raw[0] != '"' || json.Unmarshal(raw, &s) != nil {
		return badInput("%s is %s; it is text in quotation marks", path, short(raw))
	}
	values, enumerated := inputEnums[out.Type()]
	if !enumerated {
		out.SetString(s)
		return nil
	}
	var names []string
	for _, v := range values {
		if enumName(v) == s {
			out.SetString(v)
			return nil
		}
		names = append(names, enumName(v))
	}
	return badInput("%s is %s; it is one of %s", path, short(raw), strings.Join(names, ", "))
}

func readList(path string, raw json.RawMessage, out reflect.Value, depth int) error {
	if string(raw) == "null" {
		return nil
	}
	items := []json.RawMessage{raw}
	if raw[0] == '[' {
		if err := json.Unmarshal(raw, &items); err != nil {
			return badInput("%s is not a list: %s", path, err)
		}
	}
	list := reflect.MakeSlice(out.Type(), len(items), len(items))
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if string(item) == "null" {
			return badInput("%s is null; leave it out", at)
		}
		if err := readInput(at, item, list.Index(i), depth+1); err != nil {
			return err
		}
	}
	out.Set(list)
	return nil
}

func readObject(path string, raw json.RawMessage, out reflect.Value, depth int) error {
	if raw[0] != '{' {
		return badInput("%s is %s; it is an object", path, short(raw))
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	if _, err := d.Token(); err != nil {
		return badInput("%s: %s", path, err)
	}
	seen := map[string]bool{}
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return badInput("%s: %s", path, err)
		}
		name := t.(string) // the JSON is valid
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return badInput("%s.%s: %s", path, name, err)
		}
		at := slices.IndexFunc(reflect.VisibleFields(out.Type()), func(f reflect.StructField) bool { return inputName(f.Name) == name })
		if at < 0 {
			return badInput("%s has no field %q; there are %s", path, name, strings.Join(inputNames(out.Type()), ", "))
		}
		if seen[name] {
			return badInput("%s.%s is given twice", path, name)
		}
		seen[name] = true
		if string(value) == "null" {
			continue
		}
		if err := readInput(path+"."+name, value, out.Field(at), depth+1); err != nil {
			return err
		}
	}
	return nil
}

func inputNames(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		out = append(out, inputName(t.Field(i).Name))
	}
	return out
}

// short is a piece of input in a message.
func short(raw json.RawMessage) string {
	if r := []rune(string(raw)); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return string(raw)
}

// formatInput is the JSON that parseInput reads. What is nil or has no name is left out.
func formatInput(in any) json.RawMessage {
	return appendInput(nil, reflect.ValueOf(in))
}

func appendInput(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Pointer:
		return appendInput(b, v.Elem())
	case reflect.Struct:
		b = append(b, '{')
		for i := range v.NumField() {
			f := v.Field(i)
			if (f.Kind() == reflect.Pointer || f.Kind() == reflect.Slice) && f.IsNil() || f.Kind() == reflect.String && f.Len() == 0 {
				continue
			}
			if b[len(b)-1] != '{' {
				b = append(b, ',')
			}
			b = append(strconv.AppendQuote(b, inputName(v.Type().Field(i).Name)), ':')
			b = appendInput(b, f)
		}
		return append(b, '}')
	case reflect.Slice:
		b = append(b, '[')
		for i := range v.Len() {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendInput(b, v.Index(i))
		}
		return append(b, ']')
	case reflect.Bool:
		return strconv.AppendBool(b, v.Bool())
	case reflect.Int:
		return strconv.AppendInt(b, v.Int(), 10)
	}
	s := v.String()
	if _, enumerated := inputEnums[v.Type()]; enumerated {
		s = enumName(s)
	}
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // texts can always be written
	}
	return append(b, text...)
}
