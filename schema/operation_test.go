package schema

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
	"chancery/store/memory"
)

// put creates or updates a person.
func put(t testing.TB, h http.Handler, id, name string) answer {
	t.Helper()
	a := ask(t, h, `mutation($i: EntityInput!){putEntity(input: $i){revision userErrors{code message path} results{index outcome node{id ... on Entity{name kind revision}}}}}`,
		map[string]any{"i": map[string]any{"id": id, "kind": "PERSON", "name": name}})
	if len(a.errors) > 0 {
		t.Fatal(a.raw)
	}
	return a
}

func TestWriteAndReadBack(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	a := put(t, h, "person/ann", "Ann")
	if got := a.at(t, "putEntity.results.0.node.name"); got != "Ann" || a.at(t, "putEntity.revision") != "1" || a.revision() != "1" {
		t.Errorf("after the first write: %s", a.raw)
	}
	a = ask(t, h, `mutation { a: putEntity(input: {id: "person/ann", name: "Anna"}) {revision results{outcome node{... on Entity{name}}}}
		b: putEntity(input: {id: "person/ann", name: "Annabel"}) {revision results{outcome node{... on Entity{name}}}} }`, nil)
	for field, want := range map[string][2]string{"a": {"2", "Anna"}, "b": {"3", "Annabel"}} {
		if a.at(t, field+".revision") != want[0] || a.at(t, field+".results.0.node.name") != want[1] || a.at(t, field+".results.0.outcome") != "UPDATED" {
			t.Errorf("%s is not read at the revision it wrote: %s", field, a.raw)
		}
	}
	if a.revision() != "3" {
		t.Errorf("extensions: %s", a.raw)
	}
	a = ask(t, h, `mutation { putEntity(input: {id: "person/ann", name: "Annabel"}) {revision results{outcome node{id}}} }`, nil)
	if a.at(t, "putEntity.revision") != nil || a.at(t, "putEntity.results.0.outcome") != "UNCHANGED" || a.at(t, "putEntity.results.0.node.id") != "person/ann" {
		t.Errorf("a write that changes nothing: %s", a.raw)
	}
	if a.revision() != "3" {
		t.Errorf("a write that changes nothing does not name the newest revision: %s", a.raw)
	}
	a = ask(t, h, `mutation { putEntity(input: {id: "person/cy"}) {revision userErrors{code}} }`, nil)
	if a.at(t, "putEntity.userErrors.0.code") != "REQUIRED" || a.revision() != "3" {
		t.Errorf("a refused write does not name the newest revision: %s", a.raw)
	}
}

func TestAbsentAndNull(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	ask(t, h, `mutation { putEntity(input: {id: "a", kind: PERSON, name: "A", description: "x", names: [{text: "Aa"}], externalIds: [{scheme: "wikidata", value: "Q1"}], attributes: {n: 1}}) {revision} }`, nil)
	read := `{entity(id: "a") {description names{text kind} externalIds{scheme value} attributes}}`
	full := `{"entity":{"description":"x","names":[{"text":"A","kind":"MAIN"},{"text":"Aa","kind":"ALIAS"}],"externalIds":[{"scheme":"wikidata","value":"Q1"}],"attributes":{"n":1}}}`
	for _, c := range []struct{ input, want string }{
		{`{id: "a", name: "A"}`, full},
		{`{id: "a", description: null, names: null, externalIds: null, attributes: null}`, `{"entity":{"description":null,"names":[{"text":"A","kind":"MAIN"}],"externalIds":[],"attributes":{}}}`},
	} {
		if a := ask(t, h, `mutation { putEntity(input: `+c.input+`) {userErrors{message}} }`, nil); len(a.errors) > 0 {
			t.Fatal(a.raw)
		}
		if a := ask(t, h, read, nil); string(a.body["data"]) != c.want {
			t.Errorf("after %s: %s\nwant %s", c.input, a.body["data"], c.want)
		}
	}
}

func TestSnapshot(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	for _, name := range []string{"One", "Two", "Three"} {
		put(t, h, "p", name)
	}
	for _, c := range []struct{ directive, name, code string }{
		{``, "Three", ""},
		{`@snapshot`, "Three", ""},
		{`@snapshot(revision: "1")`, "One", ""},
		{`@snapshot(revision: 2)`, "Two", ""},
		{`@snapshot(atLeast: "2")`, "Three", ""},
		{`@snapshot(atLeast: 4)`, "", "UNAVAILABLE"},
		{`@snapshot(at: "2099-01-01T00:00:00Z")`, "Three", ""},
		{`@snapshot(at: "2000-01-01T00:00:00Z")`, "nobody", ""},
		{`@snapshot(revision: 0)`, "nobody", ""},
		{`@snapshot(revision: 4)`, "", "BAD_INPUT"},
		{`@snapshot(revision: "x")`, "", "BAD_INPUT"},
		{`@snapshot(revision: 99999999999999999999)`, "", "BAD_INPUT"},
		{`@snapshot(at: "yesterday")`, "", "BAD_INPUT"},
		{`@snapshot(revision: 1, atLeast: 1)`, "", "BAD_INPUT"},
		{`@snapshot(revision: null, atLeast: 1)`, "Three", ""},
	} {
		a := ask(t, h, `query `+c.directive+` {entity(id: "p"){name} server{revision}}`, nil)
		if a.code() != c.code {
			t.Errorf("%s: code %s, want %s: %s", c.directive, a.code(), c.code, a.raw)
			continue
		}
		if c.code != "" {
			if _, ok := a.body["data"]; ok {
				t.Errorf("%s: data with a refusal: %s", c.directive, a.raw)
			}
			continue
		}
		got, _ := pick(a.data, []string{"entity", "name"})
		if got == nil {
			got = "nobody"
		}
		if got != c.name {
			t.Errorf("%s shows %v, want %s", c.directive, got, c.name)
		}
	}
	a := ask(t, h, `query($r: Revision, $l: Revision) @snapshot(revision: $r, atLeast: $l) {entity(id: "p"){name}}`, map[string]any{"r": "2"})
	if a.at(t, "entity.name") != "Two" {
		t.Errorf("a variable: %s", a.raw)
	}
}

func TestOneViewForAnOperation(t *testing.T) {
	st := &countingStore{Store: memory.New()}
	h := Handler(newGraphIn(t, st), Config{})
	put(t, h, "a", "A")
	for _, c := range []struct {
		name, query string
		snapshots   int64
	}{
		{"query", `{a: entities{nodes{name history{nodes{node{id}}}} facets(by: [KIND]){other}} b: relations{totalCount} node(id: "a"){id} server{entities}}`, 1},
		{"snapshot", `query @snapshot(revision: 1) {entity(id: "a"){name revision}}`, 1},
		{"no such snapshot", `query @snapshot(revision: 99) {entity(id: "a"){name}}`, 1},
		{"error", `{node(id: ""){id}}`, 1},
		{"not valid", `{nothing}`, 0},
		{"refused", `{entities(first: -1){totalCount}}`, 0},
		{"mutation without nodes", `mutation {putEntity(input: {id: "a", name: "B"}){revision}}`, 0},
		{"mutation with nodes", `mutation {apply(input: {changes: [{putEntity: {id: "a", name: "C"}}, {putEntity: {id: "b", kind: STATE, name: "B"}}]}){results{node{id}}}}`, 1},
		{"two mutations", `mutation {x: putEntity(input: {id: "a", name: "D"}){results{node{id}}} y: putEntity(input: {id: "a", name: "E"}){results{node{id}}}}`, 2},
	} {
		before := st.taken.Load()
		a := ask(t, h, c.query, nil)
		if taken := st.taken.Load() - before; taken != c.snapshots || st.held.Load() != 0 {
			t.Errorf("%s: %d snapshots were taken, want %d; %d are still held: %s", c.name, taken, c.snapshots, st.held.Load(), a.raw)
		}
	}
	late := Handler(newGraphIn(t, st), Config{Timeout: time.Nanosecond})
	if a := ask(t, late, `{entities{totalCount}}`, nil); a.code() != "TIMEOUT" || st.held.Load() != 0 {
		t.Errorf("after a timeout %d snapshots are held: %s", st.held.Load(), a.raw)
	}
}

func TestOneOfIsEnforced(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	entity := map[string]any{"id": "a", "kind": "PERSON", "name": "A"}
	document := map[string]any{"id": "d", "title": "D", "publisher": "P"}
	q := `mutation($c: [ChangeInput!]!){apply(input: {changes: $c}){revision userErrors{code path}}}`
	a := ask(t, h, q, map[string]any{"c": []any{
		map[string]any{"putEntity": entity},
		map[string]any{"putEntity": entity, "putDocument": document},
		map[string]any{},
		map[string]any{"putEntity": nil},
	}})
	var got []string
	errs, _ := a.at(t, "apply.userErrors").([]any)
	for _, e := range errs {
		m := e.(map[string]any)
		got = append(got, fmt.Sprint(m["code"], m["path"]))
	}
	if want := "INVALID[changes 1] INVALID[changes 2] INVALID[changes 3]"; strings.Join(got, " ") != want || a.at(t, "apply.revision") != nil {
		t.Errorf("got %v, want %s: %s", got, want, a.raw)
	}
	a = ask(t, h, `mutation {apply(input: {changes: [{putEntity: {id: "a"}, putDocument: {id: "d"}}]}){revision}}`, nil)
	if a.code() != "BAD_INPUT" {
		t.Errorf("a literal with two keys: %s", a.raw)
	}
}

func TestUserErrorPathsOfSingleMutations(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	a := ask(t, h, `mutation {addRelation(input: {type: "met-with", from: "x", to: "y", citations: []}){revision results{index} userErrors{code path}}}`, nil)
	errs, _ := a.at(t, "addRelation.userErrors").([]any)
	if len(errs) < 3 {
		t.Errorf("not all mistakes are reported: %s", a.raw)
	}
	for _, e := range errs {
		path, _ := e.(map[string]any)["path"].([]any)
		if len(path) != 1 || path[0] != "from" && path[0] != "to" && path[0] != "citations" {
			t.Errorf("path %v is not into the input", path)
		}
	}
	if fmt.Sprint(a.at(t, "addRelation.results")) != "[]" {
		t.Errorf("results of a refused change: %s", a.raw)
	}
}

func TestReadOnly(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{ReadOnly: true})
	a := ask(t, h, `mutation {putEntity(input: {id: "a", kind: PERSON, name: "A"}){revision}}`, nil)
	if _, ok := a.body["data"]; ok || a.code() != "FORBIDDEN" {
		t.Errorf("got %s", a.raw)
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"query":"mutation {putEntity(input: {}){revision}}"}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	if a := do(t, h, r); a.status != http.StatusForbidden {
		t.Errorf("status %d", a.status)
	}
}

func TestWho(t *testing.T) {
	type key struct{}
	h := Handler(newGraph(t, "memory:"), Config{Who: func(ctx context.Context) string {
		who, _ := ctx.Value(key{}).(string)
		return who
	}})
	named := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, "carol")))
	})
	put(t, named, "a", "A")
	put(t, h, "a", "B")
	a := ask(t, h, `{entity(id: "a"){history{nodes{by operation revision before}}}}`, nil)
	if a.at(t, "entity.history.nodes.1.by") != "carol" || a.at(t, "entity.history.nodes.0.by") != "anonymous" {
		t.Errorf("got %s", a.raw)
	}
}

// logged runs fn with a logger and returns what was logged, a JSON line for each record.
func logged(fn func(*slog.Logger)) string {
	var b bytes.Buffer
	fn(slog.New(slog.NewJSONHandler(&b, nil)))
	return b.String()
}

func TestPanicIsHiddenAndLogged(t *testing.T) {
	var a answer
	log := logged(func(l *slog.Logger) {
		h := Handler(newGraph(t, "memory:"), Config{Logger: l, Who: func(context.Context) string { panic("a secret") }})
		a = ask(t, h, `mutation Named {putEntity(input: {id: "a"}){revision}}`, nil)
	})
	id, _ := a.errors[0].Extensions["id"].(string)
	if a.code() != "INTERNAL" || a.errors[0].Message != "internal error" || len(id) != 16 || strings.Contains(a.raw, "secret") {
		t.Errorf("the caller sees %s", a.raw)
	}
	for _, want := range []string{id, "a secret", "operation_test.go", `"operation":"Named"`, "putEntity"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q: %.500s", want, log)
		}
	}
}

func TestFaultIsHiddenAndLogged(t *testing.T) {
	g := newGraph(t, "memory:")
	if err := g.Close(); err != nil {
		t.Fatal(err)
	}
	var a answer
	log := logged(func(l *slog.Logger) {
		a = ask(t, Handler(g, Config{Logger: l}), `mutation {putEntity(input: {id: "a", kind: PERSON, name: "A"}){revision}}`, nil)
	})
	id, _ := a.errors[0].Extensions["id"].(string)
	if a.code() != "INTERNAL" || a.errors[0].Message != "internal error" || !strings.Contains(log, id) || !strings.Contains(log, "closed") {
		t.Errorf("a write to a closed graph: %s\nlogged: %s", a.raw, log)
	}
}

func TestTimeout(t *testing.T) {
	g := newGraph(t, "memory:")
	a := ask(t, Handler(g, Config{Timeout: time.Nanosecond}), `{entities{totalCount}}`, nil)
	if a.code() != "TIMEOUT" {
		t.Errorf("a query: %s", a.raw)
	}
	slow := Handler(g, Config{Timeout: time.Millisecond, Who: func(ctx context.Context) string {
		<-ctx.Done()
		return ""
	}})
	a = ask(t, slow, `mutation {putEntity(input: {id: "a", kind: PERSON, name: "A"}){revision}}`, nil)
	if a.code() != "TIMEOUT" || !strings.Contains(a.errors[0].Message, "idempotencyKey") || a.data != nil || len(a.errors) != 1 {
		t.Errorf("a mutation: %s", a.raw)
	}
}

func TestCancelledRequestIsAnswered(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := httptest.NewRequest(http.MethodGet, "/?query={__typename}", nil).WithContext(ctx)
	if a := do(t, h, r); a.code() != "UNAVAILABLE" {
		t.Errorf("got %s", a.raw)
	}
}

func TestNothingIsResolvedAfterTheDeadline(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	called := 0
	next := func(context.Context) (any, error) {
		called++
		return "x", nil
	}
	if v, err := (operations{}).InterceptField(ctx, next); v != "x" || err != nil {
		t.Errorf("before: %v, %v", v, err)
	}
	cancel()
	if v, err := (operations{}).InterceptField(ctx, next); v != graphql.Null || err != nil || called != 1 {
		t.Errorf("after: %v, %v, %d calls", v, err, called)
	}
}

func TestErrorsAreCapped(t *testing.T) {
	log := logged(func(l *slog.Logger) {
		h := Handler(newGraph(t, "memory:"), Config{Logger: l, Limits: Limits{Errors: 3}})
		for i := range 5 {
			put(t, h, fmt.Sprint("p", i), "P")
		}
		for _, q := range []string{
			`{nothing1 nothing2 nothing3 nothing4 nothing5}`,
			`{entities{nodes{id positions(filter: {changedSince: "no date"}){totalCount}}}}`,
		} {
			a := ask(t, h, q, nil)
			if len(a.errors) != 3 || !strings.Contains(a.errors[2].Message, "2 further errors") || a.code() != "BAD_INPUT" {
				t.Errorf("%s: %s", q, a.raw)
			}
		}
	})
	if log != "" {
		t.Errorf("mistakes of the caller are logged: %s", log)
	}
}

func TestPresenter(t *testing.T) {
	p := &presenter{log: slog.New(slog.DiscardHandler), limit: 20}
	for _, c := range []struct {
		err           error
		code, message string
	}{
		{&graph.Error{Kind: graph.NotFound, Message: "there is no x", Err: errors.New("secret")}, "NOT_FOUND", "there is no x"},
		{fmt.Errorf("secret: %w", &graph.Error{Kind: graph.SnapshotGone, Message: "gone"}), "SNAPSHOT_GONE", "gone"},
		{gqlerror.WrapPath(nil, &graph.Error{Kind: graph.BadInput, Message: "wrong"}), "BAD_INPUT", "wrong"},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), "TIMEOUT", "the operation took too long: ask for less"},
		{context.Canceled, "UNAVAILABLE", "the operation was cancelled"},
		{errors.New("secret"), "INTERNAL", "internal error"},
		{gqlerror.Errorf("secret"), "INTERNAL", "internal error"},
		{&graphql.InvalidNullError{Field: "secret"}, "INTERNAL", "internal error"},
		{refuse(codeForbidden, nil, "no"), "FORBIDDEN", "no"},
	} {
		got := p.present(context.Background(), c.err)
		if got.Message != c.message || codeOf(got) != c.code {
			t.Errorf("%v is shown as %s %q", c.err, codeOf(got), got.Message)
		}
	}
}

func TestNumbersOutOfRange(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	for _, q := range []string{
		`mutation {putEntity(input: {id: "a", kind: PERSON, name: "A", attributes: {n: 99999999999999999999}}){revision}}`,
		`{entities(first: 99999999999999999999){totalCount}}`,
		`{entities(first: 9999999999){totalCount}}`,
	} {
		if a := ask(t, h, q, nil); a.code() != "BAD_INPUT" {
			t.Errorf("%s: %s", q, a.raw)
		}
	}
	if a := ask(t, h, `query($n: Int){entities(first: $n){totalCount}}`, map[string]any{"n": 9999999999}); a.code() != "BAD_INPUT" {
		t.Errorf("a variable: %s", a.raw)
	}
	if a := ask(t, h, `query($k: [EntityKind!]){entities(filter: {kinds: $k}){totalCount}}`, map[string]any{"k": []string{"person"}}); a.code() != "BAD_INPUT" {
		t.Errorf("an enum in lower case: %s", a.raw)
	}
}

func TestNodes(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	put(t, h, "a", "A")
	a := ask(t, h, `{nodes(ids: ["nobody", "a"]){__typename id} node(id: "a"){id}}`, nil)
	if got := string(a.body["data"]); got != `{"nodes":[null,{"__typename":"Entity","id":"a"}],"node":{"id":"a"}}` {
		t.Errorf("got %s", got)
	}
	if a := ask(t, h, `{nodes(ids: ["a", ""]){id}}`, nil); a.code() != "BAD_INPUT" {
		t.Errorf("an empty id: %s", a.raw)
	}
	ids := make([]string, 1001)
	for i := range ids {
		ids[i] = "a"
	}
	if a := ask(t, h, `query($i: [ID!]!){nodes(ids: $i){id}}`, map[string]any{"i": ids}); a.code() != "TOO_COSTLY" {
		t.Errorf("1001 ids: %.300s", a.raw)
	}
}

func TestServer(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{Version: "1.2.3", Timeout: 3 * time.Second})
	put(t, h, "a", "A")
	a := ask(t, h, `{server{version revision oldestRevision entities relations documents citations engine limits{maxDepth maxFirst timeoutMillis}}}`, nil)
	want := `{"server":{"version":"1.2.3","revision":"1","oldestRevision":"0","entities":1,"relations":0,"documents":0,"citations":0,"engine":"memory","limits":{"maxDepth":15,"maxFirst":1000,"timeoutMillis":3000}}}`
	if got := string(a.body["data"]); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestFacets(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{})
	for i := range 3 {
		put(t, h, fmt.Sprint("p", i), "P")
	}
	ask(t, h, `mutation {apply(input: {changes: [{putEntity: {id: "s", kind: STATE, name: "S"}}, {putEntity: {id: "o", kind: OFFICE, name: "O"}}]}){revision}}`, nil)
	q := `query($n: Int!){entities(first: 1){totalCount nodes{id} facets(by: [KIND], limit: $n){key values{value label entity{id} count} other missing}}}`
	a := ask(t, h, q, map[string]any{"n": 1})
	want := `{"entities":{"totalCount":5,"nodes":[{"id":"o"}],"facets":[{"key":"KIND","values":[{"value":"PERSON","label":"person","entity":null,"count":3}],"other":2,"missing":0}]}}`
	if got := string(a.body["data"]); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
	if a := ask(t, h, q, map[string]any{"n": -1}); a.code() != "BAD_INPUT" {
		t.Errorf("a negative limit: %s", a.raw)
	}
}
