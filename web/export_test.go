package web_test

import (
	"net/url"
	"strings"
	"testing"
)

// related are lines of three entities and three dated relations between them.
const related = `{"document":{"id":"d","title":"D","publisher":"P","text":"they met"}}
{"entity":{"id":"ann","kind":"person","name":"Ann"}}
{"entity":{"id":"ben","kind":"person","name":"Ben"}}
{"entity":{"id":"cid","kind":"person","name":"Cid"}}
{"relation":{"type":"met-with","from":"ann","to":"ben","occurred":"2024-05-01","citations":[{"document":"d","quote":"they met"}]}}
{"relation":{"type":"met-with","from":"ben","to":"cid","occurred":"2025-05-01","citations":[{"document":"d","quote":"they met"}]}}
{"relation":{"type":"supports","from":"cid","to":"ann","citations":[{"document":"d","quote":"they met"}]}}
`

func TestExportOfASelection(t *testing.T) {
	r := start(t, nil)
	if a := r.do("POST", "/import", related, "Content-Type", jsonl); a.StatusCode != 200 || imported(t, a).Report.Rejected != 0 {
		t.Fatal(a.body)
	}
	q := url.QueryEscape
	bodies := map[string]string{}
	for query, want := range map[string]struct{ nodes, edges int }{
		"":                                       {3, 3},
		"&type=met-with":                         {3, 2},
		"&type=met-with&type=supports":           {3, 3},
		"&involves=ann":                          {3, 2},
		"&from=cid":                              {3, 2},
		"&from=cid&to=ann":                       {2, 1},
		"&since=2025":                            {2, 1},
		"&until=2025":                            {2, 1},
		"&since=2024&until=2026":                 {3, 2},
		"&filter=" + q(`{"types":["met-with"]}`): {3, 2},
		"&type=supports&filter=" + q(`{"types":["met-with"]}`):                               {0, 0},
		"&filter=" + q(`{"not":{"occurred":{"from":"2025","to":"2026","match":"CERTAIN"}}}`): {3, 2},
		"&neighborhood=" + q(`{"seeds":["ann"],"relations":{"types":["supports"]}}`):         {2, 1},
		"&neighborhood=" + q(`{"seeds":["ann"],"depth":0}`):                                  {1, 0},
		"&neighborhood=" + q(`{"seeds":"ann","induced":false}`):                              {3, 2},
	} {
		a := r.get("/export?format=graphml" + query)
		nodes, edges := strings.Count(a.body, "<node "), strings.Count(a.body, "<edge ")
		if a.StatusCode != 200 || nodes != want.nodes || edges != want.edges {
			t.Errorf("%s: %d with %d nodes and %d edges; want %d and %d", query, a.StatusCode, nodes, edges, want.nodes, want.edges)
		}
		if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="chancery-1.graphml"` {
			t.Errorf("Content-Disposition is %q", got)
		}
		tag := a.Header.Get("ETag")
		if other, ok := bodies[tag]; ok && other != a.body {
			t.Errorf("%q has the tag of another file", query)
		}
		bodies[tag] = a.body
		if again := r.get("/export?format=graphml"+query, "If-None-Match", tag); again.StatusCode != 304 {
			t.Errorf("%s: with its tag the answer is %d", query, again.StatusCode)
		}
		if again := r.get("/export?format=graphml" + query); again.body != a.body {
			t.Errorf("%s: the second file has other bytes", query)
		}
	}
	for query, says := range map[string]string{
		"filter=x": "filter is not JSON", "filter=" + q(`{"typ":[]}`): `filter has no field "typ"`, "filter=" + q(`{"status":["OPEN"]}`): "one of REPORTED",
		"filter=" + q(`{"from":[3]}`): "filter.from[0] is 3", "filter=" + q(`{"and":[{"stance":{"gte":"x"}}]}`): "filter.and[0].stance.gte",
		"neighborhood={}": "name at least one entity", "neighborhood=" + q(`{"seeds":["ann"]}`) + "&type=supports": "as its field relations",
		"from=nobody": "nobody", "type=unheard-of": "unheard-of", "since=soon": "soon", "format=csv&shape=hexagons": "there is relations, ties",
		"shape=ties": `jsonl has no shape "ties"`, "excel=true": "option of csv", "format=csv&excel=perhaps": "neither true nor false",
	} {
		if a := r.get("/export?" + query); a.StatusCode != 400 && a.StatusCode != 404 || !strings.Contains(a.body, says) {
			t.Errorf("%s: %d %s; want %q", query, a.StatusCode, a.body, says)
		}
	}
}
