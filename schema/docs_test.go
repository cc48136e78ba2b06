package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// TestQueriesOfTheDocsAreValid checks every block of GraphQL in the documentation against the schema.
func TestQueriesOfTheDocsAreValid(t *testing.T) {
	files, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range strings.Split(string(text), "```graphql\n")[1:] {
			query, _, closed := strings.Cut(block, "```")
			if _, errs := gqlparser.LoadQueryWithRules(servedSchema(), query, rules.NewDefaultRules()); errs != nil || !closed {
				t.Errorf("%s: %v\n%s", file, errs, query)
			}
			checked++
		}
	}
	if checked == 0 {
		t.Error("no block of GraphQL was found in the documentation")
	}
}
