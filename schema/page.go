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
// resolved, so that a mistake in a nested list is one error and not one for each
// row. It also bounds how many rows the pages can have together, since sizes multiply.
type pages struct{ limits Limits }

// ExtensionName names the extension for gqlgen.
func (pages) ExtensionName() string { return "Pages" }

// Validate accepts every schema.
func (pages) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext fails when a page is too large, negative, or asked for
// from both ends, and when all pages together may have too many rows.
func (p pages) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	w := pageWalk{limits: p.limits, variables: oc.Variables, rows: map[fragmentAt]int{}}
	rows, err := w.set(oc.Operation.SelectionSet, true)
	if err == nil && rows > p.limits.Rows {
		err = refuseLimit("rows", p.limits.Rows, rows, oc.Operation.Position, "the lists of the operation may have %d rows together, and at most %d are allowed: lower first or last, or ask in several steps", rows, p.limits.Rows)
	}
	return err
}

// pageWalk visits every fragment at most twice: once at the root and once below.
type pageWalk struct {
	limits    Limits
	variables map[string]any
	rows      map[fragmentAt]int // of the fragments visited
}

type fragmentAt struct {
	name string
	root bool
}

// set counts the rows that the lists of a selection set may have, at most up to ceiling.
func (w *pageWalk) set(set ast.SelectionSet, root bool) (rows int, err *gqlerror.Error) {
	for _, s := range set {
		var n int
		switch s := s.(type) {
		case *ast.Field:
			n, err = w.field(s, root)
		case *ast.InlineFragment:
			n, err = w.set(s.SelectionSet, root)
		case *ast.FragmentSpread:
			n, err = w.fragment(s, root)
		}
		if err != nil {
			return 0, err
		}
		rows = min(rows+n, ceiling)
	}
	return rows, nil
}

func (w *pageWalk) fragment(s *ast.FragmentSpread, root bool) (int, *gqlerror.Error) {
	at := fragmentAt{s.Name, root}
	if n, ok := w.rows[at]; ok {
		return n, nil
	}
	n, err := w.set(s.Definition.SelectionSet, root) // the document is valid: the fragment is there, and in no circle
	w.rows[at] = n
	return n, err
}

// field counts the rows of a field and below it: each item of a page has all that is selected of it.
func (w *pageWalk) field(f *ast.Field, root bool) (int, *gqlerror.Error) {
	size, paged, err := w.page(f, root)
	if err != nil {
		return 0, err
	}
	below, err := w.set(f.SelectionSet, false)
	if !paged || err != nil {
		return below, err
	}
	return min(size*(1+below), ceiling), nil
}

// page is the size of the page that a field asks for, if its field has pages.
func (w *pageWalk) page(f *ast.Field, root bool) (size int, paged bool, err *gqlerror.Error) {
	definition := f.Definition.Arguments.ForName("first")
	if definition == nil {
		return w.limited(f)
	}
	most, where := w.limits.nestedFirst(), " below the root"
	if root {
		most, where = w.limits.First, ""
	}
	given := 0
	for _, name := range []string{"first", "last"} {
		n, ok, err := w.value(f, name)
		switch {
		case err != nil:
			return 0, false, refuse(codeBadInput, f.Position, "%s of %q: %v", name, f.Name, err)
		case !ok:
			continue
		case n < 0:
			return 0, false, refuse(codeBadInput, f.Position, "%s of %q is %d: give 0 or more", name, f.Name, n)
		case n > most:
			return 0, false, refuseLimit(name, most, n, f.Position, "%s of %q is %d, and at most %d may be asked for at once%s: ask for less and go on with after or before", name, f.Name, n, most, where)
		}
		size = n
		given++
	}
	switch given {
	case 0:
		return defaultSize(definition), true, nil
	case 1:
		return size, true, nil
	}
	return 0, false, refuse(codeBadInput, f.Position, "%q has both first and last: give first, with after, to go forward, or last, with before, to go back", f.Name)
}

// limited is the size of a list that takes a limit and has no pages.
func (w *pageWalk) limited(f *ast.Field) (size int, paged bool, err *gqlerror.Error) {
	definition := f.Definition.Arguments.ForName("limit")
	if definition == nil {
		return 0, false, nil
	}
	n, given, bad := w.value(f, "limit")
	switch {
	case bad != nil:
		return 0, false, refuse(codeBadInput, f.Position, "limit of %q: %v", f.Name, bad)
	case !given:
		return defaultSize(definition), true, nil
	case n < 0:
		return 0, false, refuse(codeBadInput, f.Position, "limit of %q is %d: give 0 or more", f.Name, n)
	case n > w.limits.First:
		return 0, false, refuseLimit("limit", w.limits.First, n, f.Position, "limit of %q is %d, and at most %d may be asked for", f.Name, n, w.limits.First)
	}
	return n, true, nil
}

// defaultSize is the size of a page that is asked for without one.
func defaultSize(first *ast.ArgumentDefinition) int {
	if first.DefaultValue == nil {
		return graph.DefaultPageSize
	}
	n, err := first.DefaultValue.Value(nil)
	size, ok := n.(int64)
	if err != nil || !ok {
		return graph.DefaultPageSize // the schema was checked: it is an integer
	}
	return int(size)
}

// value is the value of a page argument, if it has one.
func (w *pageWalk) value(f *ast.Field, name string) (n int, given bool, err error) {
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
