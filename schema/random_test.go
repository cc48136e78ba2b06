package schema

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"
)

// TestRandomOperations asks and writes whatever the schema allows. However
// little sense it makes, no answer is an internal error: no null where the
// schema has none, no panic, no fault.
func TestRandomOperations(t *testing.T) {
	g := newGraph(t, "memory:")
	var log strings.Builder
	h := Handler(g, Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	ids := fillWithScenarios(t, &scenario{t: t, graph: g, handler: h})
	served := servedSchema()
	answered, resolved := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		w := &operationWriter{t: t, schema: served, ids: ids}
		operation, root := "query", served.Query
		if rapid.IntRange(0, 3).Draw(t, "mutate") == 0 {
			operation, root = "mutation", served.Mutation
		}
		query := operation + w.selection(root, 6)
		a := ask(t, h, query, nil)
		for _, e := range a.errors {
			if c := e.Extensions["code"]; c != "BAD_INPUT" && c != "NOT_FOUND" && c != "TOO_COSTLY" {
				t.Fatalf("%s\nis answered %v %s\n%s", query, c, a.raw, log.String())
			}
		}
		answered++
		if len(a.errors) == 0 {
			resolved++
		}
	})
	if answered >= 100 && resolved < answered/10 {
		t.Errorf("only %d of %d operations went through: the test shows little", resolved, answered)
	}
}

// fillWithScenarios writes the data of all scenarios, as far as they agree, and returns the ids.
func fillWithScenarios(t *testing.T, s *scenario) []string {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		sections, err := parseScenario(string(text))
		if err != nil {
			t.Fatal(err)
		}
		for _, sec := range sections {
			if sec.name == "data" {
				if err := s.write(sec.text); err != nil {
					t.Fatalf("%s: %v", f, err)
				}
			}
		}
	}
	a := ask(t, s.handler, `{entities{nodes{id}} documents{nodes{id}} relations{nodes{id citations{id}}}}`, nil)
	var ids []string
	for _, list := range []string{"entities", "documents", "relations"} {
		for _, n := range a.at(t, list+".nodes").([]any) {
			ids = append(ids, n.(map[string]any)["id"].(string))
		}
	}
	if len(ids) < 20 {
		t.Fatalf("only %d ids: %s", len(ids), a.raw)
	}
	return ids
}

// operationWriter writes valid operations over a schema.
type operationWriter struct {
	t      *rapid.T
	schema *ast.Schema
	ids    []string
}

func (w *operationWriter) chance(of int) bool { return rapid.IntRange(1, of).Draw(w.t, "chance") == 1 }

// selection selects some fields, each once, and of objects something in turn.
func (w *operationWriter) selection(d *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{__typename")
	selected := 0
	for _, f := range d.Fields {
		below := w.schema.Types[f.Type.Name()]
		if strings.HasPrefix(f.Name, "__") || below.IsCompositeType() && depth == 0 || !w.chance(3) || d == w.schema.Query && selected == 3 {
			continue
		}
		selected++
		b.WriteString(" " + f.Name + w.arguments(f))
		if below.IsCompositeType() {
			b.WriteString(w.selection(below, depth-1))
		}
	}
	for _, p := range w.schema.GetPossibleTypes(d) {
		if d.Kind == ast.Interface && depth > 0 {
			// Aliased types might share a field with other arguments, so only one of them is asked for.
			if w.chance(2) {
				b.WriteString(" ... on " + p.Name + w.selection(p, depth-1))
				break
			}
		}
	}
	return b.String() + "}"
}

func (w *operationWriter) arguments(f *ast.FieldDefinition) string {
	var args []string
	for _, a := range f.Arguments {
		required := a.Type.NonNull && a.DefaultValue == nil
		switch {
		case a.Name == "last" && slices.ContainsFunc(args, func(s string) bool { return strings.HasPrefix(s, "first:") }):
		case required || w.chance(4):
			args = append(args, a.Name+":"+w.value(a.Type, 2))
		}
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ",") + ")"
}

func (w *operationWriter) value(t *ast.Type, depth int) string {
	if !t.NonNull && w.chance(10) {
		return "null"
	}
	if t.Elem != nil {
		var items []string
		for range rapid.IntRange(0, 2).Draw(w.t, "length") {
			items = append(items, w.value(t.Elem, depth))
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	d := w.schema.Types[t.NamedType]
	switch d.Kind {
	case ast.Enum:
		return rapid.SampledFrom(d.EnumValues).Draw(w.t, d.Name).Name
	case ast.InputObject:
		return w.object(d, depth)
	}
	return w.scalar(t.NamedType)
}

func (w *operationWriter) object(d *ast.Definition, depth int) string {
	if d.Directives.ForName("oneOf") != nil {
		f := rapid.SampledFrom(d.Fields).Draw(w.t, d.Name)
		required := *f.Type
		required.NonNull = true
		return "{" + f.Name + ":" + w.value(&required, depth) + "}"
	}
	var fields []string
	for _, f := range d.Fields {
		required := f.Type.NonNull && f.DefaultValue == nil
		if nested := w.schema.Types[f.Type.Name()].Kind == ast.InputObject; required || (!nested || depth > 0) && w.chance(4) {
			fields = append(fields, f.Name+":"+w.value(f.Type, depth-1))
		}
	}
	return "{" + strings.Join(fields, ",") + "}"
}

func (w *operationWriter) scalar(name string) string {
	pick := func(values ...string) string {
		return strconv.Quote(rapid.SampledFrom(values).Draw(w.t, name))
	}
	switch name {
	case "ID":
		return pick(append(w.ids, "nobody", "wikidata:Q1")...)
	case "Int":
		return fmt.Sprint(rapid.IntRange(-1, 4).Draw(w.t, name))
	case "Float":
		return fmt.Sprint(rapid.Float64Range(-1, 2).Draw(w.t, name))
	case "Boolean":
		return fmt.Sprint(rapid.Bool().Draw(w.t, name))
	case "EDTF":
		return pick("2025-04-25", "2025-04", "2025", "2024/2025", "2022/..", "April")
	case "Language":
		return pick("en", "ru", "de-AT", "no language")
	case "Revision":
		return pick("0", "1", "5", "999")
	case "DateTime":
		return pick("2025-05-01T00:05:00Z")
	case "Cursor":
		return pick("", "Afp5zm-LbSEKAWFubmEAAAAAAAAAAAE", "nonsense")
	case "URL":
		return pick("https://example.org/a", "no address")
	case "JSON":
		return rapid.SampledFrom([]string{"{}", `{a:1,b:["x",null]}`, "3", `"text"`}).Draw(w.t, name)
	}
	return pick("", "met-with", "rejects", "Vale", "the plan", "Tribune", "place", "We said no", "🕊", "\t", "no-such-thing")
}
