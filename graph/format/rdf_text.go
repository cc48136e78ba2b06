package format

import (
	"fmt"
	"strings"
)

// turtleResource writes a resource; a blank one in brackets.
func (t *textWriter) turtleResource(r *resource) {
	separator, end := " ", ""
	if r.name != "" {
		t.put("<", string(r.name), ">")
	} else {
		t.put("[")
		end = " ]"
	}
	t.put(separator, "a ", r.class)
	for _, s := range r.said {
		t.put(" ; ", s.property, " ")
		switch v := s.value.(type) {
		case iri:
			t.put("<", string(v), ">")
		case literal:
			t.turtleLiteral(v)
		case *resource:
			t.turtleResource(v)
		}
	}
	t.put(end)
}

func (t *textWriter) turtleLiteral(v literal) {
	t.put(`"`, turtleText(v.text), `"`)
	switch {
	case v.lang != "":
		t.put("@", v.lang)
	case v.datatype != "":
		t.put("^^", v.datatype)
	}
}

// turtleText escapes what cannot stand in quotation marks.
func turtleText(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// MarshalJSON writes the resource as a node of JSON-LD.
func (r *resource) MarshalJSON() ([]byte, error) {
	var o object
	if r.name != "" {
		o = append(o, member{"@id", string(r.name)})
	}
	o = append(o, member{"@type", r.class})
	at := map[string]int{}
	for _, s := range r.said {
		i, ok := at[s.property]
		if !ok {
			i = len(o)
			at[s.property] = i
			o = append(o, member{s.property, []any{}})
		}
		o[i].value = append(o[i].value.([]any), linkedValue(s.value))
	}
	return o.MarshalJSON()
}

// linkedValue is a value as JSON-LD has it.
func linkedValue(value any) any {
	switch v := value.(type) {
	case iri:
		return object{{"@id", string(v)}}
	case literal:
		o := object{{"@value", v.text}}
		if v.lang != "" {
			return append(o, member{"@language", v.lang})
		}
		if v.datatype != "" {
			return append(o, member{"@type", v.datatype})
		}
		return o
	}
	return value
}
