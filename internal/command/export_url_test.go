package command_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Every format that GraphQL names can be had at the address that it gives, and holds what the query answered.
func TestExportURLsLeadToWhatWasAsked(t *testing.T) {
	s := startServer(t, freshStore(t))
	formats := s.ask(`{ __type(name: "ExportFormat") { enumValues { name } } }`)["__type"].(map[string]any)["enumValues"].([]any)
	if len(formats) != 9 {
		t.Errorf("there are %d formats; want 9", len(formats))
	}
	var fields strings.Builder
	for _, f := range formats {
		name := f.(map[string]any)["name"]
		fmt.Fprintf(&fields, " %s: exportUrl(format: %s)", name, name)
	}
	const input = `{seeds: ["person/steve-witkoff"], relations: {not: {status: DENIED}, occurred: {from: "2024", match: CERTAIN}}, maxNodes: 5, direction: OUT}`
	piece := s.ask(`{ neighborhood(input: ` + input + `) { nodes { id } relations { id }` + fields.String() + ` } }`)["neighborhood"].(map[string]any)
	nodes, relations := piece["nodes"].([]any), piece["relations"].([]any)
	if len(nodes) < 3 || len(relations) < 3 {
		t.Fatalf("the neighbourhood has %d entities and %d relations; want some", len(nodes), len(relations))
	}
	counted := map[string][2]string{
		"GRAPHML": {"<node ", "<edge "}, "GEXF": {"<node ", "<edge "}, "CYTOSCAPE": {`"value":`, `"interaction":`},
		"TURTLE": {" a c:Entity ", " a rdf:Statement "}, "JSONLD": {`"@type":"c:Entity"`, `"@type":"rdf:Statement"`}, "DOT": {"[entity_id=", "[key="},
	}
	for _, f := range formats {
		name := f.(map[string]any)["name"].(string)
		address := piece[name].(string)
		resp, err := http.Get(s.url + address)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != 200 || len(body) == 0 || !strings.HasPrefix(address, "/export?") {
			t.Errorf("%s at %s: %d, %v: %.200s", name, address, resp.StatusCode, err, body)
		}
		if marks, ok := counted[name]; ok {
			if n, r := strings.Count(string(body), marks[0]), strings.Count(string(body), marks[1]); n != len(nodes) || r != len(relations) {
				t.Errorf("%s has %d entities and %d relations; want %d and %d", name, n, r, len(nodes), len(relations))
			}
		}
		if name == "JSONL" {
			if r := strings.Count(string(body), `{"relation":`); r != len(relations) {
				t.Errorf("%s has %d relations; want %d", name, r, len(relations))
			}
		}
	}
	if code := s.end(); code != 0 {
		t.Errorf("serve ended with %d: %s", code, s.stderr)
	}
}
