package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGeneratedCodeIsSerialized fails where the generator ran without this program.
func TestGeneratedCodeIsSerialized(t *testing.T) {
	names, err := filepath.Glob(filepath.Join("..", "gql", "*.generated.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no generated code was found: %v", err)
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if found := leftOver.Find(src); found != nil {
			t.Errorf("%s has %s: run go generate ./schema", name, found)
		}
	}
}

func TestUnknownCodeIsRefused(t *testing.T) {
	for _, src := range []string{
		"graphql.MarshalSliceConcurrently(ctx, len(v), 8, false, func",
		"out.ResolveConcurrently(ec.OperationContext, &deferred, i, false, true, func",
	} {
		if out, err := serialized([]byte(src)); err == nil {
			t.Errorf("%q became %q", src, out)
		}
	}
}
