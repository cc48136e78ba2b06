package format

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"

	"chancery/graph"
)

// shapeKind is what a JSON value must be.
type shapeKind byte

const (
	shapeAny          shapeKind = iota // any value
	shapeString                        // a string
	shapeInteger                       // a number without fraction or exponent that fits 64 bits
	shapeNumber                        // a number that fits 64 bits of floating point
	shapeBool                          // true or false
	shapeObject                        // an object with the fields listed
	shapeDict                          // an object with any keys and values of one shape
	shapeList                          // an array with elements of one shape
	shapeStringOrList                  // a string or an array of strings
)

// shape is what is allowed at one place of a line.
type shape struct {
	kind   shapeKind
	fields []field        // of an object, at most 64
	index  map[string]int // of fields by name
	elem   *shape         // of a list or dict
}

type field struct {
	name string
	*shape
}

// names lists an object's fields, as a message shows them.
func (s *shape) names() string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return strings.Join(names, ", ")
}

// says is the shape in words.
func (s *shape) says() string {
	switch s.kind {
	case shapeString:
		return "a string"
	case shapeInteger:
		return "a whole number"
	case shapeNumber:
		return "a number"
	case shapeBool:
		return "true or false"
	case shapeObject, shapeDict:
		return "an object"
	case shapeList:
		return "a list"
	case shapeStringOrList:
		return "a string or a list of strings"
	default:
		return "any value"
	}
}

// lineShape is the shape of a line, made from the inputs that lines are decoded
// into, so that it cannot differ from them.
var lineShape = shapeOf(reflect.TypeFor[line]())

// rejectShape is the shape of a line of a reject file.
var rejectShape = shapeOf(reflect.TypeFor[Reject]())

func shapeOf(t reflect.Type) *shape {
	switch t {
	case reflect.TypeFor[json.RawMessage]():
		return &shape{kind: shapeAny}
	case reflect.TypeFor[graph.ExternalIDs]():
		return &shape{kind: shapeDict, elem: &shape{kind: shapeStringOrList, elem: &shape{kind: shapeString}}}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.String:
		return &shape{kind: shapeString}
	case reflect.Int:
		return &shape{kind: shapeInteger}
	case reflect.Float64:
		return &shape{kind: shapeNumber}
	case reflect.Bool:
		return &shape{kind: shapeBool}
	case reflect.Slice:
		return &shape{kind: shapeList, elem: shapeOf(t.Elem())}
	case reflect.Struct:
		if v, ok := optionalValue(t); ok {
			return shapeOf(v)
		}
		return objectShape(t)
	}
	panic("format: no JSON shape for " + t.String())
}

// optionalValue tells whether t is a graph.Optional, and of what.
func optionalValue(t reflect.Type) (reflect.Type, bool) {
	f, ok := t.FieldByName("Value")
	if !ok || t.PkgPath() != reflect.TypeFor[graph.Change]().PkgPath() || !strings.HasPrefix(t.Name(), "Optional[") {
		return nil, false
	}
	return f.Type, true
}

func objectShape(t reflect.Type) *shape {
	s := &shape{kind: shapeObject, index: map[string]int{}}
	for f := range fieldsOf(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		s.index[name] = len(s.fields)
		s.fields = append(s.fields, field{name, shapeOf(f.Type)})
	}
	if len(s.fields) > 64 {
		panic("format: " + t.String() + " has more than 64 fields")
	}
	return s
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return slices.Values(reflect.VisibleFields(t))
}
