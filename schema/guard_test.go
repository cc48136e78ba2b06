package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// introspectionQuery is as deep and as wide as the one that graphql-js sends.
const introspectionQuery = `query IntrospectionQuery {
  __schema {
    description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL isOneOf
  fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}`

// nested is a query of entity.relations.nodes.from.relations… of the given number of rounds.
func nested(rounds int) string {
	return `{entity(id:"a"){` + strings.Repeat(`relations(first:1){nodes{from{`, rounds) + "id" + strings.Repeat("}}}", rounds) + "}}"
}

// doubling has n fragments, each of which spreads the next one twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString(`{entity(id:"a"){...F0}}`)
	for i := range n {
		fmt.Fprintf(&b, " fragment F%d on Entity{...F%d ...F%d}", i, i+1, i+1)
	}
	fmt.Fprintf(&b, " fragment F%d on Entity{id}", n)
	return b.String()
}

func TestGuard(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	for _, c := range []struct {
		name, query, limit string // the limit that is named; empty: passes
	}{
		{"introspection", introspectionQuery, ""},
		{"depth 14", nested(4), ""},
		{"depth 17", nested(5), "depth"},
		{"depth through fragments", `{entity(id:"a"){...A}} fragment A on Entity{relations{nodes{from{...B}}}} fragment B on Entity{relations{nodes{from{...C}}}} fragment C on Entity{relations{nodes{from{...D}}}} fragment D on Entity{relations{nodes{from{...E}}}} fragment E on Entity{relations{nodes{from{id}}}}`, "depth"},
		{"deep introspection", "{__schema{types{" + strings.Repeat("fields{type{", 10) + "name" + strings.Repeat("}}", 10) + "}}}", "introspection depth"},
		{"depth hidden in introspection", `{__schema{` + strings.Repeat("a{", 20) + "b" + strings.Repeat("}", 20) + "}}", "introspection depth"},
		{"doubling fragments", doubling(30), "fields"},
		{"doubling with a field each", strings.ReplaceAll(doubling(30), "on Entity{", "on Entity{description "), "fields"},
		{"cycle", `{entity(id:"a"){...A}} fragment A on Entity{id ...B} fragment B on Entity{id ...A}`, "invalid"},
		{"the same field many times", "{" + strings.Repeat("__typename ", 1001) + "}", "fields"},
		{"fields in an unused fragment", "{__typename} fragment A on Query{" + strings.Repeat("__typename ", 1001) + "}", "fields"},
		{"as many root fields as allowed", "{" + strings.Repeat("__typename ", 20) + "}", ""},
		{"root fields", "{" + strings.Repeat("__typename ", 21) + "}", "root fields"},
		{"root fields through fragments", "{" + strings.Repeat("...A ", 5) + "} fragment A on Query{" + strings.Repeat("__typename ", 5) + "}", "root fields"},
		{"aliases", `{entity(id:"a"){` + aliases(51) + "}}", "aliases"},
		{"as many aliases as allowed", `{entity(id:"a"){` + aliases(50) + "}}", ""},
		{"directives", "{__typename" + strings.Repeat(" @include(if:true)", 51) + "}", "directives"},
		{"directives that do not exist", "{__typename" + strings.Repeat(" @aa", 1000) + "}", "directives"},
		{"fragment spreads", `{entity(id:"a"){` + strings.Repeat("...A ", 101) + "}} fragment A on Entity{id}", "fragment spreads"},
		{"tokens", "{" + strings.Repeat("__typename ", 5000) + "}", "tokens"},
		{"comments", "{__typename " + strings.Repeat("#\n", 5000) + "}", "tokens"},
		{"bytes", "{__typename} #" + strings.Repeat("x", 200_000), "query bytes"},
		{"nesting braces", "{" + strings.Repeat("a{", 1500) + "b" + strings.Repeat("}", 1500) + "}", "depth"},
		{"nesting lists", `{entities(filter:{ids:` + strings.Repeat("[", 1200) + strings.Repeat("]", 1200) + "}){totalCount}}", "depth"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := ask(t, h, c.query, nil)
			switch {
			case c.limit == "" && len(a.errors) > 0:
				t.Errorf("refused: %.300s", a.raw)
			case c.limit == "invalid":
				if a.code() != "BAD_INPUT" {
					t.Errorf("code %s: %.300s", a.code(), a.raw)
				}
			case c.limit != "":
				if a.code() != "TOO_COSTLY" || a.errors[0].Extensions["limit"] != c.limit {
					t.Errorf("code %s, limit %v, want %s: %.300s", a.code(), a.errors, c.limit, a.raw)
				}
			}
			if len(a.errors) > 20 {
				t.Errorf("%d errors", len(a.errors))
			}
		})
	}
}

func aliases(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d:id ", i)
	}
	return b.String()
}

// selections counts the selections that are written in a document.
func selections(doc *ast.QueryDocument) int {
	n := 0
	var count func(ast.SelectionSet)
	count = func(set ast.SelectionSet) {
		for _, s := range set {
			n++
			switch s := s.(type) {
			case *ast.Field:
				count(s.SelectionSet)
			case *ast.InlineFragment:
				count(s.SelectionSet)
			}
		}
	}
	for _, op := range doc.Operations {
		count(op.SelectionSet)
	}
	for _, f := range doc.Fragments {
		count(f.SelectionSet)
	}
	return n
}

func TestMeasuringIsLinear(t *testing.T) {
	for _, n := range []int{10, 20, 40, 80} {
		doc, err := parser.ParseQuery(&ast.Source{Input: doubling(n)})
		if err != nil {
			t.Fatal(err)
		}
		m := measure(doc)
		if want := selections(doc); m.visited != want {
			t.Errorf("%d fragments: %d selections were visited, %d are written", n, m.visited, want)
		}
		if want := min(1<<min(n, 40)+1, ceiling); m.most.fields != want {
			t.Errorf("%d fragments: %d fields, want %d", n, m.most.fields, want)
		}
	}
}

func TestMeasure(t *testing.T) {
	doc, err := parser.ParseQuery(&ast.Source{Input: `
		query A @snapshot(at: "x") { a: one { two { three } } ...F ... on Query @skip(if: false) { four } __schema { types { name } } }
		query B { ...F ...F ...F }
		fragment F on Query { five { six } b: seven }
		fragment Unused on Query { eight ...Unused }`})
	if err != nil {
		t.Fatal(err)
	}
	m := measure(doc)
	if want := (size{direct: 6, fields: 10, depth: 3, introspection: 3}); m.most != want {
		t.Errorf("the operations measure %+v, want %+v", m.most, want)
	}
	if m.text.fields != 11 || m.text.aliases != 2 || m.text.directives != 2 || m.text.spreads != 5 {
		t.Errorf("the text measures %+v", m.text)
	}
}

func TestIntrospectionSwitchedOff(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{NoIntrospection: true})
	for _, q := range []string{introspectionQuery, `{__type(name:"Query"){name}}`, `{...A} fragment A on Query{__schema{description}}`} {
		if a := ask(t, h, q, nil); a.code() != "FORBIDDEN" {
			t.Errorf("%.40s: %.200s", q, a.raw)
		}
	}
	if a := ask(t, h, "{__typename}", nil); len(a.errors) > 0 {
		t.Errorf("__typename: %s", a.raw)
	}
}

func TestPageLimits(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	for _, c := range []struct{ args, code, message string }{
		{"first: 1000", "", ""},
		{"last: 1000", "", ""},
		{"first: 0", "", ""},
		{"first: null, last: 5", "", ""},
		{"first: 1001", "TOO_COSTLY", "at most 1000"},
		{"last: 1001", "TOO_COSTLY", "at most 1000"},
		{"first: -1", "BAD_INPUT", "0 or more"},
		{"last: -1", "BAD_INPUT", "0 or more"},
		{"first: 1, last: 1", "BAD_INPUT", "both first and last"},
		{"first: $n", "TOO_COSTLY", "at most 1000"},
	} {
		a := ask(t, h, "query($n: Int = 0){ entities("+c.args+"){totalCount} again: entities(first: $n){totalCount} }", map[string]any{"n": 2000})
		if !strings.Contains(c.args, "$n") {
			a = ask(t, h, "{ entities("+c.args+"){totalCount} }", nil)
		}
		if a.code() != c.code || c.message != "" && !strings.Contains(a.errors[0].Message, c.message) {
			t.Errorf("%s: %s", c.args, a.raw)
		}
	}
	below := "query($n: Int!){ entities(first: 10){nodes{...A}} ...B } fragment A on Entity{relations(first: $n){totalCount}} fragment B on Query{other: entities(first: $n){totalCount}}"
	for n, code := range map[int]string{100: "", 101: "TOO_COSTLY", -1: "BAD_INPUT"} {
		if a := ask(t, h, below, map[string]any{"n": n}); a.code() != code {
			t.Errorf("%d below the root: %s", n, a.raw)
		}
	}
	if a := ask(t, h, `{relations{nodes{citations(first: 101){id}}}}`, nil); a.code() != "TOO_COSTLY" {
		t.Errorf("citations: %s", a.raw)
	}
}
