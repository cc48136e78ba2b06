package schema

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

func parseSDL(t *testing.T, name, text string) *ast.Schema {
	t.Helper()
	s, err := gqlparser.LoadSchema(&ast.Source{Name: name, Input: text})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func servedSchema() *ast.Schema { return executable(&resolver{}).Schema() }

// coordinates maps every element of a schema, by its schema coordinate
// (Type.field(argument:), Enum.VALUE, @directive(argument:)), to what is promised about it.
func coordinates(s *ast.Schema) map[string]string {
	c := map[string]string{}
	for _, d := range s.Types {
		if d.BuiltIn || strings.HasPrefix(d.Name, "__") {
			continue
		}
		traits := slices.Sorted(slices.Values(d.Interfaces))
		for _, dir := range d.Directives {
			traits = append(traits, "@"+dir.Name)
		}
		c[d.Name] = strings.TrimSpace(string(d.Kind) + " " + strings.Join(traits, " "))
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			c[d.Name+"."+f.Name] = withDefault(f.Type, f.DefaultValue)
			arguments(c, d.Name+"."+f.Name, f.Arguments)
		}
		for _, v := range d.EnumValues {
			c[d.Name+"."+v.Name] = "value"
		}
		for _, member := range d.Types {
			c[d.Name+"|"+member] = "member"
		}
	}
	for _, d := range s.Directives {
		if d.Position.Src.BuiltIn {
			continue
		}
		c["@"+d.Name] = "directive"
		arguments(c, "@"+d.Name, d.Arguments)
		for _, l := range d.Locations {
			c["@"+d.Name+" on "+string(l)] = "location"
		}
	}
	return c
}

func arguments(c map[string]string, of string, args ast.ArgumentDefinitionList) {
	for _, a := range args {
		c[of+"("+a.Name+":)"] = withDefault(a.Type, a.DefaultValue)
	}
}

func withDefault(t *ast.Type, v *ast.Value) string {
	if v == nil {
		return t.String()
	}
	return t.String() + " = " + v.String()
}

func TestSDLIsWhatIsServed(t *testing.T) {
	text, served := coordinates(parseSDL(t, "SDL", SDL())), coordinates(servedSchema())
	if len(served) < 300 {
		t.Fatalf("only %d elements are served", len(served))
	}
	if !maps.Equal(text, served) {
		t.Error("SDL() and the executable schema differ: run go generate ./schema")
	}
	if first, second := SDL(), SDL(); first != second {
		t.Error("SDL() changes from call to call")
	}
}

func TestEveryElementIsDescribed(t *testing.T) {
	s := parseSDL(t, "SDL", SDL())
	missing := func(what, description string) {
		if strings.TrimSpace(description) == "" {
			t.Errorf("%s has no description", what)
		}
	}
	for _, d := range s.Types {
		if d.BuiltIn {
			continue
		}
		missing(d.Name, d.Description)
		for _, f := range d.Fields {
			if strings.HasPrefix(f.Name, "__") {
				continue
			}
			missing(d.Name+"."+f.Name, f.Description)
			for _, a := range f.Arguments {
				missing(d.Name+"."+f.Name+"("+a.Name+":)", a.Description)
			}
		}
		for _, v := range d.EnumValues {
			missing(d.Name+"."+v.Name, v.Description)
		}
	}
	for _, d := range s.Directives {
		if d.Position.Src.BuiltIn {
			continue
		}
		missing("@"+d.Name, d.Description)
		for _, a := range d.Arguments {
			missing("@"+d.Name+"("+a.Name+":)", a.Description)
		}
	}
}
