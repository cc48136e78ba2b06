package vocab

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the generated documentation anew")

// TestVocabularyIsDocumented holds docs/vocabulary.md against the bundled vocabulary.
func TestVocabularyIsDocumented(t *testing.T) {
	types, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, `# The bundled vocabulary

The relation types that every graph begins with, and the kinds of entities.
Generated from graph/vocab by `+"`go test ./graph/vocab -run Documented -update`"+`. It has %d relation types and can be extended at run
time: by `+"`putRelationType`"+` in a mutation, or a line `+"`{\"relationType\": …}`"+` in an import.

Read a type from its from end to its to end. Kinds left open take entities of any kind. A type with a stance gives it to
relations that carry none of their own: -2 rejects, -1 opposes, 0 takes no side, 1 supports, 2 proposes or signs.
Codes name the nearest category of another scheme in the given edition; no stance is derived from them.

`, len(types))
	for _, t := range types {
		fmt.Fprintf(&b, "## %s\n\n%s\n\n", t.ID, t.Definition)
		line := func(name, value string) {
			if value != "" {
				fmt.Fprintf(&b, "- %s: %s\n", name, value)
			}
		}
		line("ends", ends(t))
		if t.Stance != nil {
			line("stance", fmt.Sprint(*t.Stance))
		}
		line("broader", t.Broader)
		line("labels", labels(t.Labels))
		if !t.Symmetric {
			line("inverse", labels(t.Inverse))
		}
		var codes []string
		for _, c := range t.Codes {
			codes = append(codes, fmt.Sprintf("%s %s (%s)", c.Scheme, c.Value, c.Version))
		}
		line("codes", strings.Join(codes, ", "))
		b.WriteString("\n")
	}
	b.WriteString("# Roles of qualifiers\n\nAny role may be used; these have a fixed meaning.\n\n| role | filled by | meaning |\n|---|---|---|\n")
	for _, r := range Roles {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.ID, takes[r.Takes], r.Definition)
	}
	b.WriteString("\n# Kinds of entities\n\n" + join(Kinds) + "\n")
	path := filepath.Join("..", "..", "docs", "vocabulary.md")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != b.String() {
		t.Errorf("docs/vocabulary.md is not what the vocabulary says (%v): run go test ./graph/vocab -run Documented -update", err)
	}
}

var takes = map[Value]string{EntityOrText: "an entity or a text", EntityOnly: "an entity", TextOnly: "a text"}

func ends(t Type) string {
	s := either(t.FromKinds) + " → " + either(t.ToKinds)
	if t.Symmetric {
		s = either(t.FromKinds) + " ↔ " + either(t.ToKinds) + ", in no order"
	}
	return s
}

func either(kinds []Kind) string {
	if len(kinds) == 0 {
		return "any"
	}
	return join(kinds)
}

func join(kinds []Kind) string {
	var s []string
	for _, k := range kinds {
		s = append(s, string(k))
	}
	return strings.Join(s, ", ")
}

func labels(by map[string]string) string {
	var tags, out []string
	for tag := range by {
		tags = append(tags, tag)
	}
	slices.Sort(tags)
	for _, tag := range tags {
		out = append(out, by[tag]+" ("+tag+")")
	}
	return strings.Join(out, ", ")
}
