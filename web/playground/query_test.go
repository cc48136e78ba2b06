package playground_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"chancery/web/playground"
)

func TestDefaultQueryIsServedAsItIs(t *testing.T) {
	response := request(t, http.MethodGet, "/playground/default-query.graphql", "Accept-Encoding", "gzip")
	if got := string(body(t, response)); response.StatusCode != http.StatusOK || got != playground.DefaultQuery {
		t.Errorf("status %d with %q, want 200 with %q", response.StatusCode, got, playground.DefaultQuery)
	}
	if got := response.Header.Get("Content-Type"); got != "text/plain; charset=utf-8" {
		t.Errorf("Content-Type %q, want plain text", got)
	}
}

func TestDefaultQueryAsksForRelationsWithTheirSources(t *testing.T) {
	if !strings.HasPrefix(playground.DefaultQuery, "# ") {
		t.Errorf("the query does not begin with a comment: %.40q", playground.DefaultQuery)
	}
	document, err := parser.ParseQuery(&ast.Source{Name: "default-query.graphql", Input: playground.DefaultQuery})
	if err != nil {
		t.Fatal(err)
	}
	if len(document.Operations) != 1 || document.Operations[0].Operation != ast.Query || document.Operations[0].Name == "" {
		t.Fatalf("%d operations, want one named query", len(document.Operations))
	}
	entity := field(t, document.Operations[0].SelectionSet, "entity")
	if id := entity.Arguments.ForName("id"); id == nil || id.Value.Raw != "person/steve-witkoff" {
		t.Errorf("the entity's id is %v, want person/steve-witkoff", id)
	}
	nodes := field(t, entity.SelectionSet, "relations", "nodes").SelectionSet
	for _, path := range [][]string{{"label"}, {"from", "name"}, {"to", "name"}, {"occurred"}, {"status"}} {
		field(t, nodes, path...)
	}
	citations := field(t, nodes, "citations")
	if first := citations.Arguments.ForName("first"); first == nil || first.Value.Raw != "1" {
		t.Errorf("citations has the argument first %v, want 1", first)
	}
	for _, path := range [][]string{
		{"quote"}, {"start"}, {"end"}, {"speaker", "name"}, {"document", "title"}, {"document", "publisher"}, {"verification"},
	} {
		field(t, citations.SelectionSet, path...)
	}
}

// field follows a path of field names down a selection.
func field(t *testing.T, selection ast.SelectionSet, path ...string) *ast.Field {
	t.Helper()
	var found *ast.Field
	for _, name := range path {
		found = nil
		for _, selected := range selection {
			if f, ok := selected.(*ast.Field); ok && f.Name == name {
				found = f
			}
		}
		if found == nil {
			t.Fatalf("the query does not select %s of %s", name, strings.Join(path, "."))
		}
		selection = found.SelectionSet
	}
	return found
}
