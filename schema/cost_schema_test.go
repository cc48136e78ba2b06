package schema

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
)

// sizeNames are arguments, and fields of input objects, that say how many items an answer has.
var sizeNames = []string{"first", "last", "limit", "maxNodes", "maxRelations", "k"}

// TestEveryListHasACost finds fields whose work can grow without their @cost saying how.
func TestEveryListHasACost(t *testing.T) {
	s := servedSchema()
	rules, err := compileCosts(s)
	if err != nil {
		t.Fatal(err)
	}
	heavy := heavyTypes(s)
	for _, d := range s.Types {
		if d.Kind != ast.Object && d.Kind != ast.Interface || strings.HasPrefix(d.Name, "__") {
			continue
		}
		for _, f := range d.Fields {
			var named []string
			if r := rules[f]; r != nil {
				for _, a := range r.sizes {
					named = append(named, a.name())
				}
				for name := range r.around {
					named = append(named, name)
				}
			}
			sizes := sizesOf(s, f)
			if slices.ContainsFunc(sizes, func(size string) bool { return !slices.Contains(named, size) && size != "last" }) {
				t.Errorf("%s.%s takes %s: name in its @cost which of them multiply", d.Name, f.Name, strings.Join(sizes, ", "))
			}
			if slices.Contains(sizes, "last") && !slices.Contains(named, "last") {
				t.Errorf("%s.%s takes last: name it in its @cost", d.Name, f.Name)
			}
			if f.Type.Elem != nil && heavy[f.Type.Name()] && (rules[f] == nil || rules[f].assumed == 0 && rules[f].takes == "") && !sizedAround(s, rules, d.Name) {
				t.Errorf("%s.%s is a list of %s, below which fields cost something, and nothing says how long it is: give it @cost(assumedSize:)", d.Name, f.Name, f.Type.Name())
			}
		}
	}
}

// sizesOf are the arguments of a field that say how many items there are.
func sizesOf(s *ast.Schema, f *ast.FieldDefinition) (out []string) {
	for _, a := range f.Arguments {
		if slices.Contains(sizeNames, a.Name) {
			out = append(out, a.Name)
		}
		if in := s.Types[a.Type.Name()]; in.Kind == ast.InputObject && a.Name == "input" {
			for _, field := range in.Fields {
				if slices.Contains(sizeNames, field.Name) {
					out = append(out, a.Name+"."+field.Name)
				}
			}
		}
	}
	return out
}

// heavyTypes are the types with a field that has a cost, or below which there is one.
func heavyTypes(s *ast.Schema) map[string]bool {
	heavy := map[string]bool{}
	for grew := true; grew; {
		grew = false
		for _, d := range s.Types {
			if heavy[d.Name] || !d.IsCompositeType() || strings.HasPrefix(d.Name, "__") {
				continue
			}
			is := slices.ContainsFunc(d.Fields, func(f *ast.FieldDefinition) bool {
				return f.Directives.ForName("cost") != nil || heavy[f.Type.Name()]
			}) || slices.ContainsFunc(s.GetPossibleTypes(d), func(p *ast.Definition) bool { return heavy[p.Name] })
			if is {
				heavy[d.Name], grew = true, true
			}
		}
	}
	return heavy
}

// sizedAround tells whether a field that answers with objects of a type has a size, which their lists share.
func sizedAround(s *ast.Schema, rules costRules, typ string) bool {
	for _, d := range s.Types {
		for _, f := range d.Fields {
			if f.Type.Name() == typ && rules[f] != nil && len(rules[f].sizes) > 0 {
				return true
			}
		}
	}
	return false
}
