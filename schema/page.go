package schema

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
	"chancery/schema/wire"
)

func pageArgs(first *int, after *string, last *int, before *string) graph.PageArgs {
	return graph.PageArgs{First: first, After: after, Last: last, Before: before}
}

// pages checks every `first` and `last` of an operation before any of it is
// resolved, so that a mistake in a nested list is one error and not one for each row.
type pages struct{ limits Limits }

// ExtensionName names the extension for gqlgen.
func (pages) ExtensionName() string { return "Pages" }

// Validate accepts every schema.
func (pages) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext fails when a page is too large, negative, or asked for from both ends.
func (p pages) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	w := pageWalk{limits: p.limits, variables: oc.Variables, done: map[fragmentAt]bool{}}
	return w.set(oc.Operation.SelectionSet, true)
}

// pageWalk visits every fragment at most twice: once at the root and once below.
type pageWalk struct {
	limits    Limits
	variables map[string]any
	done      map[fragmentAt]bool
}

type fragmentAt struct {
	name string
	root bool
}

func (w *pageWalk) set(set ast.SelectionSet, root bool) *gqlerror.Error {
	for _, s := range set {
		var err *gqlerror.Error
		switch s := s.(type) {
		case *ast.Field:
			if err = w.field(s, root); err == nil {
				err = w.set(s.SelectionSet, false)
			}
		case *ast.InlineFragment:
			err = w.set(s.SelectionSet, root)
		case *ast.FragmentSpread:
			if at := (fragmentAt{s.Name, root}); s.Definition != nil && !w.done[at] {
				w.done[at] = true
				err = w.set(s.Definition.SelectionSet, root)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) field(f *ast.Field, root bool) *gqlerror.Error {
	most, where := w.limits.nestedFirst(), " below the root"
	if root {
		most, where = w.limits.First, ""
	}
	given := 0
	for _, name := range []string{"first", "last"} {
		n, ok, err := w.size(f, name)
		switch {
		case err != nil:
			return refuse(codeBadInput, f.Position, "%s of %q: %v", name, f.Name, err)
		case !ok:
			continue
		case n < 0:
			return refuse(codeBadInput, f.Position, "%s of %q is %d: give 0 or more", name, f.Name, n)
		case n > most:
			return refuseLimit(name, most, n, f.Position, "%s of %q is %d, and at most %d may be asked for at once%s: ask for less and go on with after or before", name, f.Name, n, most, where)
		}
		given++
	}
	if given > 1 {
		return refuse(codeBadInput, f.Position, "%q has both first and last: give first, with after, to go forward, or last, with before, to go back", f.Name)
	}
	return nil
}

// size is the value of a page argument, if it has one.
func (w *pageWalk) size(f *ast.Field, name string) (n int, given bool, err error) {
	arg := f.Arguments.ForName(name)
	if arg == nil {
		return 0, false, nil
	}
	v, err := arg.Value.Value(w.variables)
	if err != nil || v == nil {
		return 0, false, err
	}
	n, err = wire.UnmarshalInt(v)
	return n, true, err
}
