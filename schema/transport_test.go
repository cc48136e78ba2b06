package schema

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const (
	typeJSON    = "application/json; charset=utf-8"
	typeGraphQL = "application/graphql-response+json; charset=utf-8"
)

type header = map[string]string

func TestTransport(t *testing.T) {
	h := Handler(newGraph(t, "memory:"), Config{Limits: Limits{BodyBytes: 1000}})
	asJSON := header{"Content-Type": "application/json"}
	asGraphQL := header{"Content-Type": "application/json", "Accept": "application/graphql-response+json"}
	get := func(params string) string { return "/graphql?" + params }
	query := "query=" + url.QueryEscape("{__typename}")
	for _, c := range []struct {
		name    string
		method  string
		target  string
		header  header
		body    string
		status  int
		media   string
		message string // part of the first error; empty: no error
		data    string // JSON; empty: no data
	}{
		{"post", "POST", "", asJSON, `{"query":"{__typename}"}`, 200, typeJSON, "", `{"__typename":"Query"}`},
		{"post with charset", "POST", "", header{"Content-Type": "application/json; charset=UTF-8"}, `{"query":"{__typename}"}`, 200, typeJSON, "", `{"__typename":"Query"}`},
		{"post in the newer type", "POST", "", asGraphQL, `{"query":"{__typename}"}`, 200, typeGraphQL, "", `{"__typename":"Query"}`},
		{"nulls stand for nothing", "POST", "", asJSON, `{"query":"{__typename}","operationName":null,"variables":null,"extensions":null}`, 200, typeJSON, "", `{"__typename":"Query"}`},
		{"named operation", "POST", "", asJSON, `{"query":"query A{a:__typename} query B{b:__typename}","operationName":"B"}`, 200, typeJSON, "", `{"b":"Query"}`},
		{"no such operation", "POST", "", asGraphQL, `{"query":"query A{a:__typename} query B{b:__typename}","operationName":"C"}`, 400, typeGraphQL, `no operation "C"; it has A, B`, ""},
		{"which operation", "POST", "", asGraphQL, `{"query":"query A{a:__typename} query B{b:__typename}"}`, 400, typeGraphQL, "say in operationName which one to run: A, B", ""},
		{"name for a nameless operation", "POST", "", asGraphQL, `{"query":"{__typename}","operationName":"A"}`, 400, typeGraphQL, "leave operationName out", ""},
		{"variables", "POST", "", asJSON, `{"query":"query($i:Boolean!){__typename @include(if:$i) a:__typename}","variables":{"i":false}}`, 200, typeJSON, "", `{"a":"Query"}`},
		{"get", "GET", get(query), nil, "", 200, typeJSON, "", `{"__typename":"Query"}`},
		{"get with all parameters", "GET", get(query + "&operationName=&variables=%7B%7D&extensions=%7B%7D"), nil, "", 200, typeJSON, "", `{"__typename":"Query"}`},
		{"get from a browser", "GET", get(query), header{"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}, "", 200, typeJSON, "", `{"__typename":"Query"}`},

		{"no query by get", "GET", "/graphql", nil, "", 400, typeJSON, "query is missing", ""},
		{"variables that are no object", "GET", get(query + "&variables=[1]"), nil, "", 400, typeJSON, "variables is not a JSON object", ""},
		{"mutation by get", "GET", get("query=" + url.QueryEscape(`mutation{putEntity(input:{}){replayed}}`)), nil, "", 405, typeJSON, "GET is for queries", ""},
		{"put", "PUT", "", asJSON, `{"query":"{__typename}"}`, 405, typeJSON, "GET or POST", ""},
		{"options", "OPTIONS", "", nil, "", 405, typeJSON, "GET or POST", ""},

		{"no content type", "POST", "", nil, `{"query":"{__typename}"}`, 415, typeJSON, "Content-Type", ""},
		{"form", "POST", "", header{"Content-Type": "application/x-www-form-urlencoded"}, query, 415, typeJSON, "Content-Type", ""},
		{"multipart", "POST", "", header{"Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415, typeJSON, "Content-Type", ""},
		{"plain text", "POST", "", header{"Content-Type": "text/plain"}, `{"query":"{__typename}"}`, 415, typeJSON, "Content-Type", ""},
		{"other charset", "POST", "", header{"Content-Type": "application/json; charset=latin1"}, `{"query":"{__typename}"}`, 415, typeJSON, "UTF-8", ""},

		{"accepts nothing we have", "POST", "", header{"Content-Type": "application/json", "Accept": "text/html"}, `{"query":"{__typename}"}`, 406, typeJSON, "accept one of them", ""},
		{"accepts with weight 0", "POST", "", header{"Content-Type": "application/json", "Accept": "application/json;q=0"}, `{"query":"{__typename}"}`, 406, typeJSON, "accept one of them", ""},

		{"too large", "POST", "", asJSON, `{"query":"{__typename}","variables":{"x":"` + strings.Repeat("x", 1000) + `"}}`, 413, typeJSON, "more than 1000 bytes", ""},
		{"no JSON", "POST", "", asJSON, `{"query":`, 400, typeJSON, "ends too early", ""},
		{"a slip in the JSON", "POST", "", asJSON, `{"query":"{__typename}",}`, 400, typeJSON, "near byte 25", ""},
		{"empty", "POST", "", asJSON, ``, 400, typeJSON, "the body is empty", ""},
		{"no object", "POST", "", asJSON, `[{"query":"{__typename}"}]`, 400, typeJSON, "an array", ""},
		{"more after it", "POST", "", asJSON, `{"query":"{__typename}"}{}`, 400, typeJSON, "more follows", ""},
		{"no query", "POST", "", asJSON, `{"variables":{}}`, 400, typeJSON, "query is missing", ""},
		{"query of the wrong type", "POST", "", asJSON, `{"query":1}`, 400, typeJSON, "query cannot be a number: give a string", ""},
		{"variables of the wrong type", "POST", "", asJSON, `{"query":"{__typename}","variables":"x"}`, 400, typeJSON, "variables cannot be a string: give an object", ""},
		{"operation name of the wrong type", "POST", "", asJSON, `{"query":"{__typename}","operationName":{}}`, 400, typeJSON, "operationName cannot be an object: give a string", ""},
		{"not UTF-8", "POST", "", asJSON, "{\"query\":\"{__typename}\xff\"}", 400, typeJSON, "UTF-8", ""},

		{"does not parse", "POST", "", asJSON, `{"query":"{"}`, 200, typeJSON, "Expected Name", ""},
		{"does not parse, newer type", "POST", "", asGraphQL, `{"query":"{"}`, 400, typeGraphQL, "Expected Name", ""},
		{"not valid", "POST", "", asJSON, `{"query":"{nothing}"}`, 200, typeJSON, "Cannot query field", ""},
		{"not valid, newer type", "POST", "", asGraphQL, `{"query":"{nothing}"}`, 400, typeGraphQL, "Cannot query field", ""},
		{"suggestion", "POST", "", asJSON, `{"query":"{entitys{totalCount}}"}`, 200, typeJSON, "Did you mean", ""},
		{"wrong variable", "POST", "", asGraphQL, `{"query":"query($i:Boolean!){__typename @include(if:$i)}","variables":{"i":"yes"}}`, 400, typeGraphQL, "variable $i: cannot use string as Boolean", ""},
		{"empty document", "POST", "", asGraphQL, `{"query":""}`, 400, typeGraphQL, "no operation", ""},
		{"null in a nullable field", "POST", "", asGraphQL, `{"query":"{entity(id:\"nobody\"){id}}"}`, 200, typeGraphQL, "", `{"entity":null}`},
		{"error while executing", "POST", "", asGraphQL, `{"query":"{entity(id:\"\"){id}}"}`, 200, typeGraphQL, "id is empty", `{"entity":null}`},
		{"defer", "POST", "", asGraphQL, `{"query":"{... @defer{__typename}}"}`, 400, typeGraphQL, "Unknown directive \"@defer\"", ""},
		{"subscription", "POST", "", asGraphQL, `{"query":"subscription{changes{revision}}"}`, 406, typeGraphQL, "send Accept: text/event-stream", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			target := c.target
			if target == "" {
				target = "/graphql"
			}
			r := httptest.NewRequest(c.method, target, strings.NewReader(c.body))
			for k, v := range c.header {
				r.Header.Set(k, v)
			}
			a := do(t, h, r)
			if a.status != c.status {
				t.Errorf("status %d, want %d: %s", a.status, c.status, a.raw)
			}
			if got := a.header.Get("Content-Type"); got != c.media {
				t.Errorf("content type %q, want %q", got, c.media)
			}
			if got := string(a.body["data"]); got != c.data {
				t.Errorf("data %s, want %s", got, c.data)
			}
			switch {
			case c.message == "" && len(a.errors) > 0:
				t.Errorf("unexpected errors: %s", a.raw)
			case c.message != "" && (len(a.errors) == 0 || !strings.Contains(a.errors[0].Message, c.message)):
				t.Errorf("no error with %q: %s", c.message, a.raw)
			case c.message != "" && a.code() != "BAD_INPUT":
				t.Errorf("code %s", a.code())
			}
			if c.status == http.StatusMethodNotAllowed && a.header.Get("Allow") == "" {
				t.Error("405 without Allow")
			}
		})
	}
}

func TestNegotiate(t *testing.T) {
	for _, c := range []struct {
		accept string
		want   mediaType
	}{
		{"", mediaJSON},
		{"*/*", mediaJSON},
		{"application/*", mediaJSON},
		{"application/json", mediaJSON},
		{"application/graphql-response+json", mediaGraphQL},
		{"application/graphql-response+json; charset=utf-8", mediaGraphQL},
		{"application/graphql-response+json, application/json", mediaGraphQL},
		{"application/json, application/graphql-response+json", mediaGraphQL},
		{"application/graphql-response+json;q=0.5, application/json;q=0.9", mediaJSON},
		{"application/graphql-response+json, application/json;q=0.9", mediaGraphQL},
		{"application/graphql-response+json;q=0.9, */*", mediaJSON},
		{"application/graphql-response+json;q=0, */*", mediaJSON},
		{"application/json;q=0, */*", mediaGraphQL},
		{"text/html, */*;q=0.1", mediaJSON},
		{"text/html", mediaNone},
		{"application/json;charset=latin1", mediaNone},
		{"nonsense", mediaNone},
		{"APPLICATION/JSON", mediaJSON},
	} {
		if got := negotiate([]string{c.accept}); got != c.want {
			t.Errorf("Accept: %s gives %q, want %q", c.accept, got, c.want)
		}
	}
	if got := negotiate([]string{"text/html", "application/json"}); got != mediaJSON {
		t.Errorf("two Accept headers give %q", got)
	}
}

func TestUpgradeIsNotForThisTransport(t *testing.T) {
	r := httptest.NewRequest(http.MethodGet, "/graphql", nil)
	r.Header.Set("Upgrade", "websocket")
	if (transport{}).Supports(r) {
		t.Error("a WebSocket handshake is taken for a query")
	}
}
