// Command serialize has the generated code in schema/gql resolve the elements of lists and the fields of objects one after
// the other. gqlgen starts a goroutine for each of them, whatever it does, and prepares for @defer, which is not
// served; that is up to half of the processor time of a large answer. Fields of the root still run at the same time.
//
// `go generate ./schema` runs it after gqlgen, in the folder schema. It fails when the code is not what it expects.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"regexp"
)

var (
	lists    = regexp.MustCompile(`graphql\.MarshalSliceConcurrently\(ctx, len\(v\), 0, false, `)
	fields   = regexp.MustCompile(`out\.ResolveConcurrently\(ec\.OperationContext, &deferred, i,\s*true, (true|false),\s*`)
	deferred = regexp.MustCompile(`graphql\.NewDeferredGroup\(ctx\)`)
	leftOver = regexp.MustCompile(`MarshalSliceConcurrently|[^a-zA-Z]ResolveConcurrently|NewDeferredGroup`)
)

func main() {
	if err := run(filepath.Join("gql", "*.generated.go")); err != nil {
		fmt.Fprintln(os.Stderr, "serialize:", err)
		os.Exit(1)
	}
}

func run(pattern string) error {
	names, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, name := range names {
		src, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		out, err := serialized(src)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := os.WriteFile(name, out, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// serialized replaces the calls. What is serialized already stays as it is.
func serialized(src []byte) ([]byte, error) {
	out := lists.ReplaceAll(src, []byte(`wire.MarshalSlice(ctx, len(v), `))
	out = fields.ReplaceAll(out, []byte(`wire.Resolve(ctx, ec.OperationContext, out, i, $1, `))
	out = deferred.ReplaceAll(out, []byte(`graphql.DeferredGroup{}`))
	if found := leftOver.Find(out); found != nil {
		return nil, fmt.Errorf("%q is written in a way that is not known: look at what the generator writes now", found)
	}
	if bytes.Contains(out, []byte("wire.")) && !bytes.Contains(out, []byte(`"chancery/schema/wire"`)) {
		out = bytes.Replace(out, []byte("import (\n"), []byte("import (\n\t\"chancery/schema/wire\"\n"), 1)
	}
	return format.Source(out)
}
