package schema

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
	"chancery/schema/wire"
)

func pageArgs(first *int, after *string, last *int, before *string) graph.PageArgs {
	return graph.PageArgs{First: first, After: after, Last: last, Before: before}
}

// page checks the arguments of a field that has pages or a limit, so that a
// mistake in a nested list is one error and not one for each row.
func (w *costWalk) page(f *ast.Field, root bool) *gqlerror.Error {
	if f.Definition.Arguments.ForName("first") == nil {
		return w.limited(f)
	}
	most, where := w.limits.nestedFirst(), " below the root"
	if root {
		most, where = w.limits.First, ""
	}
	given := 0
	for _, name := range []string{"first", "last"} {
		n, ok, err := w.number(f, name)
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

// limited checks a list that takes a limit and has no pages.
func (w *costWalk) limited(f *ast.Field) *gqlerror.Error {
	if f.Definition.Arguments.ForName("limit") == nil {
		return nil
	}
	n, given, err := w.number(f, "limit")
	switch {
	case err != nil:
		return refuse(codeBadInput, f.Position, "limit of %q: %v", f.Name, err)
	case given && n < 0:
		return refuse(codeBadInput, f.Position, "limit of %q is %d: give 0 or more", f.Name, n)
	case given && n > w.limits.First:
		return refuseLimit("limit", w.limits.First, n, f.Position, "limit of %q is %d, and at most %d may be asked for", f.Name, n, w.limits.First)
	}
	return nil
}

// number is the value of an argument, if it is given.
func (w *costWalk) number(f *ast.Field, name string) (n int, given bool, err error) {
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
