package schema

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// priceOf is what an operation costs in a schema, with the walk that worked it out.
func priceOf(t *testing.T, s *ast.Schema, query string, variables map[string]any) (int, *costWalk) {
	t.Helper()
	compiled, err := compileCosts(s)
	if err != nil {
		t.Fatal(err)
	}
	doc, errs := gqlparser.LoadQueryWithRules(s, query, rules.NewDefaultRules())
	if len(errs) > 0 {
		t.Fatalf("%s: %v", query, errs)
	}
	w := newCostWalk(Limits{}.withDefaults(), compiled, variables)
	sum, refusal := w.set(doc.Operations[0].SelectionSet, true)
	if refusal != nil {
		t.Fatalf("%s: %v", query, refusal)
	}
	return sum.whole(1), w
}

func TestCost(t *testing.T) {
	s := servedSchema()
	for _, c := range []struct {
		query string
		want  int
	}{
		{`{__typename}`, 0},
		{`{server{entities limits{maxCost}}}`, 2},
		{`{entity(id:"a"){id name kind}}`, 1},
		{`{entity(id:"a"){names{text} externalIds{value}}}`, 3},
		// A page costs its size, whatever is selected of it.
		{`{relations{nodes{id}}}`, 25},
		{`{relations{edges{cursor}}}`, 25},
		{`{relations{edges{node{id}}}}`, 50},
		{`{relations{pageInfo{hasNextPage}}}`, 26},
		{`{relations(first:0){totalCount}}`, 10},
		{`{relations(last:7){nodes{id}}}`, 7},
		{`{relations(first:null){nodes{id}}}`, 25},
		{`{relations(first:1000){nodes{from{name} to{name}}}}`, 3000},
		{`{relations(first:1000){nodes{status from{name} to{name} citations(first:1){quote document{title}}}}}`, 5000},
		// What hangs on the connection does not grow with the page.
		{`{relations(first:100){nodes{id} totalCount stats{count facets(by:[TYPE,FROM]){values{entity{name}}}}}}`, 100 + 10 + 1 + 10 + 50 + 2*20*3},
		{`{relations(first:0){stats{groups(by:[TYPE],limit:10){count keys{entity{name}} sample{id}}}}}`, 1 + 50 + 10*(1+2*2+1+3)},
		{`{relations(first:0){stats{timeline(interval:MONTH){buckets{count}} matrix(rows:FROM,columns:TO){cells{count}}}}}`, 1 + 50 + 12*(1+10) + 50 + 30*10},
		{`{entity(id:"a"){relations(first:10){nodes{to{relations(first:10){nodes{citations(first:1){document{title}}}}}}}}}`, 1 + 1 + 10*(1+1+1+10*(1+2))},
		{`{entity(id:"a"){degree neighbors(first:5){edges{node{name} relations{id}} totalCount}}}`, 1 + 10 + 20 + 5*(1+1+1+3)},
		{`{nodes(ids:["a","b","c"]){id}}`, 3},
		{`{nodes(ids:"a"){id}}`, 1},
		{`{vocabulary{id narrower{id}}}`, 1 + 100*(1+5)},
		{`{relations{nodes{qualifiers{role entity{name}}}}}`, 25 * (1 + 2*2)},
		// Fragments count wherever they are spread; what is left out does not.
		{`{a:relations(first:10){...C} b:relations(first:20){...C}} fragment C on RelationConnection{nodes{...R} totalCount} fragment R on Relation{from{name}}`, 10*2 + 10 + 20*2 + 10},
		{`{relations(first:10){nodes{from @skip(if:true){name} to @include(if:false){name} ...R @skip(if:true)}}} fragment R on Relation{from{id}}`, 10},
		{`{relations(first:10) @include(if:true){nodes{id}}}`, 10},
		{`mutation{apply(input:{changes:[{deleteEntity:{id:"a",reason:"x"}},{deleteEntity:{id:"b",reason:"x"}}]}){revision results{index} userErrors{code}}}`, 10},
		{`mutation{apply(input:{changes:[{deleteEntity:{id:"a",reason:"x"}},{deleteEntity:{id:"b",reason:"x"}}]}){results{node{id}}}}`, 12},
		{`{entities(first:1000){nodes{relations(first:100){nodes{from{relations(first:100){nodes{from{relations(first:100){nodes{citations(first:100){id}}}}}}}}}}}}`, ceiling},
	} {
		if got, _ := priceOf(t, s, c.query, nil); got != c.want {
			t.Errorf("%s\ncosts %d, want %d", c.query, got, c.want)
		}
	}
}

// TestCostOfInputs takes sizes from fields of input objects, by their values, their defaults and variables.
func TestCostOfInputs(t *testing.T) {
	s := parseSDL(t, "test", `
		directive @cost(weight: Int! = 1, multipliers: [String!], assumedSize: Int) on FIELD_DEFINITION
		type Query {
			network(input: NetworkInput): Network! @cost(weight: 100, multipliers: ["input.limit"])
			paths(input: PathsInput!): PathResult! @cost(weight: 10, multipliers: ["input.k", "input.bounds.length"])
			open(input: OpenInput, first: Int): [Node!]! @cost(weight: 0, multipliers: ["input.size"], assumedSize: 7)
		}
		input NetworkInput { limit: Int! = 200 }
		type Network { nodes: [Node!]! ties: [Tie!]! statements: Int! }
		type Tie { from: Node! to: Node! relations(first: Int! = 10): [Node!]! @cost(multipliers: ["first"]) }
		input PathsInput { k: Int! = 2 bounds: Bounds }
		input Bounds { length: Int! = 4 }
		type PathResult { paths: [Path!]! }
		type Path { steps: [Node!]! @cost(weight: 0, assumedSize: 4) }
		input OpenInput { size: Int }
		type Node { id: ID! }`)
	for _, c := range []struct {
		query     string
		variables map[string]any
		want      int
	}{
		{`{network{nodes{id}}}`, nil, 300},
		{`{network(input:{}){nodes{id} ties{from{id} relations{id}} statements}}`, nil, 100 + 200*(1+1+1+1+10)},
		{`{network(input:{limit:3}){nodes{id}}}`, nil, 103},
		{`{network(input:{limit:3}){statements}}`, nil, 103},
		{`query($n:Int!){network(input:{limit:$n}){nodes{id}}}`, map[string]any{"n": json.Number("5")}, 105},
		{`query($i:NetworkInput){network(input:$i){nodes{id}}}`, map[string]any{"i": map[string]any{"limit": int64(6)}}, 106},
		{`query($i:NetworkInput){network(input:$i){nodes{id}}}`, map[string]any{"i": map[string]any{}}, 300},
		{`query($i:NetworkInput){network(input:$i){nodes{id}}}`, nil, 300},
		{`{paths(input:{}){paths{steps{id}}}}`, nil, 10 + 8*(1+4)},
		{`{paths(input:{k:3,bounds:{length:5}}){paths{steps{id}}}}`, nil, 10 + 15*(1+4)},
		{`{open{id}}`, nil, 7},
		{`{open(input:{size:null}){id}}`, nil, 7},
		{`{open(input:{size:2}){id}}`, nil, 2},
		{`{open(input:{size:-2}){id}}`, nil, 0},
	} {
		if got, _ := priceOf(t, s, c.query, c.variables); got != c.want {
			t.Errorf("%s with %v costs %d, want %d", c.query, c.variables, got, c.want)
		}
	}
	for _, wrong := range []string{`["nothing"]`, `["input.nothing"]`} {
		s := parseSDL(t, "test", `directive @cost(weight: Int! = 1, multipliers: [String!]) on FIELD_DEFINITION
			type Query { a(input: I): Int @cost(multipliers: `+wrong+`) } input I { size: Int }`)
		if _, err := compileCosts(s); err == nil || !strings.Contains(err.Error(), "nothing") {
			t.Errorf("multipliers %s: %v", wrong, err)
		}
	}
}

func TestTooCostly(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	ids := make([]any, 1000)
	for i := range ids {
		ids[i] = "a"
	}
	for _, c := range []struct {
		query, field, hint string
		cost               int // 0: passes
	}{
		{`{relations(first:1000){nodes{citations(first:4){id}}}}`, "", "", 0}, // 5,000
		{`{relations(first:1000){nodes{citations(first:5){id}}}}`, "relations.nodes.citations", "lower first of relations.nodes.citations (5)", 6000},
		{`{all:relations(first:1000){...C}} fragment C on RelationConnection{edges{node{from{name} to{name} qualifiers{role}}}}`, "all", "lower first of all (1000)", 6000},
		{`query($n:Int){entities(first:500){nodes{relations(last:$n){pageInfo{endCursor}}}}}`, "entities.nodes.relations", "lower last of entities.nodes.relations (30)", 500 * (1 + 1 + 1 + 30)},
		{`{entities(first:1000){nodes{positions{totalCount}}}}`, "entities.nodes.positions", "give first of entities.nodes.positions, which is 25 when left out", 66_000},
		{`{entities(first:1000){nodes{degree}}}`, "entities", "lower first of entities (1000)", 11_000},
		{`{entities(first:1000){nodes{relations(first:100){nodes{from{relations(first:100){nodes{id}}}}}}}}`, "entities.nodes.relations.nodes.from.relations", "", 1000 * (1 + 1 + 100*(1+1+1+100))},
		{`query($ids:[ID!]!){nodes(ids:$ids){... on Entity{degree}}}`, "nodes", "give fewer in ids of nodes (1000)", 11_000},
		{`{vocabulary{narrower{narrower{narrower{id}}}}}`, "vocabulary.narrower.narrower.narrower", "select less below", 1 + 100*(1+5*(1+5*(1+5)))},
	} {
		a := ask(t, h, c.query, map[string]any{"n": 30, "ids": ids})
		if c.cost == 0 {
			if len(a.errors) > 0 || a.added.Cost == nil || *a.added.Cost != (operationCost{5000, 5000}) {
				t.Errorf("%s: %s", c.query, a.raw)
			}
			continue
		}
		if a.code() != "TOO_COSTLY" || a.data != nil {
			t.Errorf("%s: %s", c.query, a.raw)
			continue
		}
		x := a.errors[0].Extensions
		hint, _ := x["hint"].(string)
		if x["cost"] != float64(c.cost) || x["limit"] != 5000.0 || x["field"] != c.field || !strings.HasPrefix(hint, c.hint) || !strings.Contains(a.errors[0].Message, hint) {
			t.Errorf("%s: %s", c.query, a.raw)
		}
	}
	small := Handler(newGraph(t, "memory:"), Config{Limits: Limits{Cost: 3}})
	if a := ask(t, small, `{server{limits{maxCost}}}`, nil); a.at(t, "server.limits.maxCost") != json.Number("3") {
		t.Errorf("the limit served: %s", a.raw)
	}
	if a := ask(t, small, `{entities(first:4){nodes{id}}}`, nil); a.code() != "TOO_COSTLY" {
		t.Errorf("a smaller limit: %s", a.raw)
	}
}

func TestCostIsLinear(t *testing.T) {
	s := servedSchema()
	for _, n := range []int{5, 10, 20} {
		// Each fragment spreads the next one twice, under pages of different sizes.
		var b strings.Builder
		b.WriteString("{...F0}")
		for i := range n {
			next := "...F" + string(rune('a'+i+1))
			if i == n-1 {
				next = "nodes{id}"
			}
			name := "F" + string(rune('a'+i))
			b.WriteString(" fragment " + name + " on RelationConnection{nodes{from{x:relations(first:3){" + next + "} y:relations(first:4){" + next + "}}}}")
		}
		b.WriteString(" fragment F0 on Query{a:relations(first:2){...Fa} b:relations(first:5){...Fa}}")
		_, w := priceOf(t, s, b.String(), nil)
		doc, err := gqlparser.LoadQueryWithRules(s, b.String(), rules.NewDefaultRules())
		if err != nil {
			t.Fatal(err)
		}
		if most := 2 * selections(doc); w.visited > most {
			t.Errorf("%d fragments: %d selections were visited, at most %d were expected", n, w.visited, most)
		}
	}
}

// TestOrdinaryQueriesCostLittle prices what the README, the documents and the playground ask.
func TestOrdinaryQueriesCostLittle(t *testing.T) {
	s, priced := servedSchema(), 0
	files, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "../README.md", "../web/playground/default-query.graphql") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		queries := []string{string(text)}
		if strings.HasSuffix(file, ".md") {
			queries = nil
			for i, part := range strings.Split(string(text), "```graphql\n") {
				if i > 0 {
					query, _, _ := strings.Cut(part, "```")
					queries = append(queries, query)
				}
			}
		}
		for _, q := range queries {
			got, _ := priceOf(t, s, q, nil)
			if got > DefaultLimits.Cost/2 {
				t.Errorf("%s: %s\ncosts %d", file, q, got)
			}
			if claim := regexp.MustCompile(`^# costs (\d+)`).FindStringSubmatch(q); claim != nil && claim[1] != fmt.Sprint(got) {
				t.Errorf("%s: %s\ncosts %d, and is said to cost %s", file, q, got, claim[1])
			}
			priced++
		}
	}
	if priced < 2 {
		t.Errorf("only %d queries were found", priced)
	}
}
