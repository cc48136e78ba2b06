package differential

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/schema"
)

// enums are the fields of filters whose values GraphQL writes in capitals.
var enums = []string{"match", "status", "kinds", "verdict", "modality", "direction", "field"}

// asInput writes a filter as GraphQL takes it: names begin with a small letter, and what asks for nothing is left out.
func asInput(name string, v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, of := range x {
			if k = strings.ToLower(k[:1]) + k[1:]; len(k) == 3 {
				k = strings.ToLower(k) // ids, gte, lte
			}
			if of = asInput(k, of); of != nil {
				out[k] = of
			}
		}
		// To match is a choice in a range of dates, and a text in a filter of strings.
		if _, isRange := x["From"]; !isRange && x["Match"] != nil {
			out["match"] = x["Match"]
		}
		return out
	case []any:
		for i := range x {
			x[i] = asInput(name, x[i])
		}
	case string:
		if slices.Contains(enums, name) {
			return strings.ToUpper(strings.ReplaceAll(x, "-", "_"))
		}
	}
	return v
}

// TestFiltersOverHTTP asks the service for lists of relations as clients do, and compares them with the naive program.
func TestFiltersOverHTTP(t *testing.T) {
	f := newFixture(t, vary(t, unpacked(t, "gdelt-events"), *seed))
	handler := schema.Handler(f.g, schema.Config{})
	d, s := newDrawer(f.w, *seed), newState(f.w)
	const query = `query($f: RelationFilter) { relations(filter: $f, first: 100) { totalCount nodes { id status } stats { facets(by: [TYPE], limit: 3) { values { value count } other missing } } } }`
	refused := 0
	for i := range 150 {
		filter := d.relationFilter(1)
		var plain any
		if err := json.Unmarshal(must(json.Marshal(filter)), &plain); err != nil {
			t.Fatal(err)
		}
		got, ok := f.post(t, handler, query, map[string]any{"f": asInput("", plain)})
		if !ok {
			refused++
			continue
		}
		list := s.list(filter)
		want := []string{total(len(list))}
		for _, x := range list[:min(100, len(list))] {
			want = append(want, fmt.Sprint("#", x.number, " ", strings.ToUpper(string(s.status(x)))))
		}
		want = append(want, s.facets(list, []graph.StatsKey{graph.KeyType}, 3)...)
		same(t, fmt.Sprint("question ", i, ": ", written("relations", filter)), got, want)
	}
	if refused > 0 {
		t.Errorf("%d questions were refused", refused)
	}
}

// post asks over HTTP and writes the answer as lines; false where it is an error.
func (f *fixture) post(t *testing.T, handler http.Handler, query string, variables map[string]any) ([]string, bool) {
	t.Helper()
	body := must(json.Marshal(map[string]any{"query": query, "variables": variables}))
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	var answer struct {
		Errors []struct{ Message string }
		Data   struct {
			Relations struct {
				TotalCount int
				Nodes      []struct{ ID, Status string }
				Stats      struct {
					Facets []struct {
						Values []struct {
							Value string
							Count int
						}
						Other, Missing int
					}
				}
			}
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatal(err, w.Body.String())
	}
	if len(answer.Errors) > 0 {
		t.Logf("%s: %v", body, answer.Errors)
		return nil, false
	}
	list := answer.Data.Relations
	out := []string{total(list.TotalCount)}
	for _, n := range list.Nodes {
		out = append(out, fmt.Sprint("#", f.number[n.ID], " ", n.Status))
	}
	for _, facet := range list.Stats.Facets {
		for _, v := range facet.Values {
			out = append(out, fmt.Sprint("type ", v.Value, " ", v.Count))
		}
		out = append(out, fmt.Sprint("type other ", facet.Other, " missing ", facet.Missing))
	}
	return out, true
}
