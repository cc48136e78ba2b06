package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
)

// layers is the import table of the house: what each package may import, of this module and of
// others. The standard library is free except for what onlyIn names. An
// import or a package that is not in the table fails the test. Tests may import what they need.
//
// The files are read with go/parser, and not by asking the go command, so that the test cache sees them as inputs.
var layers = map[string][]string{
	".":                {"internal/command"},
	"internal/command": {"docs", "examples", "graph", "graph/format", "graph/search", "graph/text", "schema", "store", "store/engine", "web", "github.com/klauspost/compress", "github.com/schollz/progressbar/v3", "golang.org/x/term", "golang.org/x/text"},
	"docs":             {},
	"examples":         {},
	"web":              {"graph", "graph/format", "web/playground", "github.com/klauspost/compress", "github.com/prometheus/client_golang", "golang.org/x/text"},
	"web/playground":   {},
	"schema":           {"graph", "graph/vocab", "schema/gql", "schema/wire", "github.com/99designs/gqlgen", "github.com/coder/websocket", "github.com/vektah/gqlparser/v2"},
	"schema/gql":       {"graph", "graph/network", "graph/vocab", "schema/wire", "github.com/99designs/gqlgen", "github.com/vektah/gqlparser/v2"},
	"schema/serialize": {},
	"schema/wire":      {"graph", "graph/network", "graph/vocab", "github.com/99designs/gqlgen"},
	"graph/format":     {"graph", "graph/edtf", "graph/text", "github.com/klauspost/compress", "golang.org/x/text"},
	"graph":            {"graph/edtf", "graph/network", "graph/search", "graph/text", "graph/topology", "graph/vocab", "store", "github.com/hashicorp/golang-lru/v2", "golang.org/x/text"},
	"graph/edtf":       {},
	"graph/network":    {"graph/edtf"},
	"graph/search":     {"graph/text", "github.com/blevesearch/bleve/v2", "github.com/blevesearch/bleve_index_api", "github.com/blevesearch/snowballstem", "go.etcd.io/bbolt"},
	"graph/text":       {"github.com/mozillazg/go-unidecode", "golang.org/x/text"},
	"graph/topology":   {},
	"graph/vocab":      {},
	"store":            {"github.com/tidwall/btree"},
	"store/engine":     {"store", "store/badger", "store/memory"},
	"store/badger":     {"store", "github.com/dgraph-io/badger/v4", "github.com/dgraph-io/ristretto/v2"},
	"store/memory":     {"store", "github.com/tidwall/btree"},
	"store/storetest":  {"store", "store/memory", "pgregory.net/rapid"},
}

// onlyIn are packages of the standard library that only some layers may know.
var onlyIn = map[string][]string{
	"net/http":      {"internal/command", "web", "web/playground", "schema"},
	"html/template": {"web"},
	"os/signal":     {"."},
	"os/exec":       {},
	"unsafe":        {"store", "store/memory"}, // to look byte keys up in trees of strings without copying
}

func TestLayers(t *testing.T) {
	seen := map[string]bool{}
	root := os.DirFS(".")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && name != ".") {
			return fs.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		pkg := path.Dir(name)
		allowed, known := layers[pkg]
		if !known {
			if !seen[pkg] {
				t.Errorf("package %s is not in the import table: say there what it may import", pkg)
			}
			seen[pkg] = true
			return nil
		}
		seen[pkg] = true
		src, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, src, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, im := range file.Imports {
			if p := strings.Trim(im.Path.Value, `"`); !mayImport(pkg, allowed, p) {
				t.Errorf("%s imports %s, which the import table does not allow", name, p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for pkg := range layers {
		if !seen[pkg] {
			t.Errorf("the import table speaks of %s, which does not exist", pkg)
		}
	}
}

func mayImport(pkg string, allowed []string, imported string) bool {
	if own, ok := strings.CutPrefix(imported, "chancery/"); ok {
		return slices.Contains(allowed, own)
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		where, limited := onlyIn[imported]
		return !limited || slices.Contains(where, pkg)
	}
	return slices.ContainsFunc(allowed, func(a string) bool { return imported == a || strings.HasPrefix(imported, a+"/") })
}

// What lies below graph knows neither GraphQL nor HTTP nor Badger, however far down one follows the table.
func TestGraphKnowsNoOuterLayer(t *testing.T) {
	todo, seen := []string{"graph"}, map[string]bool{}
	for len(todo) > 0 {
		pkg := todo[0]
		todo = todo[1:]
		if seen[pkg] {
			continue
		}
		seen[pkg] = true
		for _, a := range layers[pkg] {
			for _, outer := range []string{"gqlgen", "gqlparser", "badger", "web", "schema"} {
				if strings.Contains(a, outer) {
					t.Errorf("%s may import %s", pkg, a)
				}
			}
			if _, own := layers[a]; own {
				todo = append(todo, a)
			}
		}
		if slices.Contains(onlyIn["net/http"], pkg) {
			t.Errorf("%s may import net/http", pkg)
		}
	}
	if !seen["store"] || !seen["graph/edtf"] {
		t.Errorf("the walk saw only %v", seen)
	}
}
