package schema

import (
	"context"
	"errors"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/parser"
)

// introspectionDepth is allowed below __schema and __type whatever Limits.Depth
// is: it is how deep the standard introspection query of graphql-js goes.
const introspectionDepth = 15

// guard measures a document before it is validated, because validation takes
// quadratic time in the number of fields, and execution is exponential in the
// number of fragments. Parsing and measuring take linear time.
type guard struct {
	limits          Limits
	cache           queryCache
	noIntrospection bool
}

// ExtensionName names the extension for gqlgen.
func (guard) ExtensionName() string { return "Guard" }

// Validate accepts every schema.
func (guard) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationParameters refuses a document that asks for too much. A cached document passed before.
func (g guard) MutateOperationParameters(ctx context.Context, p *graphql.RawParams) *gqlerror.Error {
	if doc, ok := g.cache.Get(ctx, p.Query); ok {
		return selects(doc, p.OperationName)
	}
	if n := len(p.Query); n > g.limits.QueryBytes {
		return refuseLimit("query bytes", g.limits.QueryBytes, n, nil, "the query has %d bytes and %d are allowed: move texts into variables", n, g.limits.QueryBytes)
	}
	doc, err := parser.ParseQueryWithTokenLimit(&ast.Source{Input: p.Query}, g.limits.Tokens)
	if err != nil {
		return g.parseError(err)
	}
	if err := g.check(measure(doc)); err != nil {
		return err
	}
	return selects(doc, p.OperationName)
}

// selects tells whether a document has the operation of this name, or a single one where there is no name.
func selects(doc *ast.QueryDocument, name string) *gqlerror.Error {
	var names []string
	for _, op := range doc.Operations {
		if op.Name != "" {
			names = append(names, op.Name)
		}
	}
	switch {
	case len(doc.Operations) == 0:
		return refuse(codeBadInput, nil, "the document has no operation: write one, such as {server {revision}}")
	case name == "" && len(doc.Operations) > 1:
		return refuse(codeBadInput, nil, "the document has %d operations: say in operationName which one to run: %s", len(doc.Operations), strings.Join(names, ", "))
	case name != "" && doc.Operations.ForName(name) == nil && len(names) == 0:
		return refuse(codeBadInput, nil, "the document has no operation %q, but one without a name: leave operationName out", name)
	case name != "" && doc.Operations.ForName(name) == nil:
		return refuse(codeBadInput, nil, "the document has no operation %q; it has %s", name, strings.Join(names, ", "))
	}
	return nil
}

// parseError tells a document that is too long for the parser from one that is wrong.
func (g guard) parseError(err error) *gqlerror.Error {
	var e *gqlerror.Error
	if !errors.As(err, &e) {
		return refuse(codeBadInput, nil, "the query cannot be parsed: %v", err)
	}
	switch {
	case strings.HasPrefix(e.Message, "exceeded token limit"):
		return refuseLimit("tokens", g.limits.Tokens, g.limits.Tokens+1, nil, "the query has more than %d tokens: ask for less at a time, or move values into variables", g.limits.Tokens)
	case strings.HasPrefix(e.Message, "exceeded maximum nesting depth"):
		return refuseLimit("depth", g.limits.Depth, parser.MaxNestingDepth, nil, "the query nests more than %d levels", parser.MaxNestingDepth)
	}
	e.Extensions = map[string]any{"code": codeBadInput}
	return e
}

func (g guard) check(m *meter) *gqlerror.Error {
	l := g.limits
	for _, c := range []struct {
		limit        string
		actual, most int
		advice       string
	}{
		{"depth", m.most.depth, l.Depth, "ask for less depth, or in several steps"},
		{"introspection depth", m.most.introspection, max(introspectionDepth, l.Depth), "ask for less depth"},
		{"fields", max(m.most.fields, m.text.fields), l.Fields, "ask for fewer fields at a time"},
		{"root fields", m.most.direct, l.RootFields, "use nodes(ids:), or several requests"},
		{"aliases", m.text.aliases, l.Aliases, "use nodes(ids:), or several requests"},
		{"directives", m.text.directives, l.Directives, "use fewer of them"},
		{"fragment spreads", m.text.spreads, l.Spreads, "use fewer of them"},
	} {
		if c.actual > c.most {
			return refuseLimit(c.limit, c.most, c.actual, nil, "the query passes the limit of %s, which is %d: %s", c.limit, c.most, c.advice)
		}
	}
	if m.introspects != nil && g.noIntrospection {
		return refuse(codeForbidden, m.introspects, "introspection is switched off")
	}
	return nil
}

// size is how much a selection set asks for when its fragments are expanded.
// No count grows beyond ceiling, so that an exponential document does not overflow it.
type size struct {
	direct        int // fields of the set itself
	fields        int
	depth         int // of fields outside of introspection
	introspection int // depth of __schema and __type, themselves included
}

const ceiling = 1 << 30

// meter measures a document. Each node of it is visited once: the size of a
// fragment is worked out where it is first spread, and remembered.
type meter struct {
	fragments map[string]*ast.FragmentDefinition
	sizes     map[string]size // of fragments; the zero size while one is being measured, which ends cycles
	most      size            // the largest counts over the operations
	text      struct{ fields, aliases, directives, spreads int }
	visited   int // selections

	introspects *ast.Position // where it first does
}

func measure(doc *ast.QueryDocument) *meter {
	m := &meter{fragments: make(map[string]*ast.FragmentDefinition, len(doc.Fragments)), sizes: map[string]size{}}
	for _, f := range doc.Fragments {
		m.fragments[f.Name] = f
	}
	for _, op := range doc.Operations {
		m.text.directives += len(op.Directives)
		for _, v := range op.VariableDefinitions {
			m.text.directives += len(v.Directives)
		}
		m.most = m.most.largest(m.set(op.SelectionSet))
	}
	for _, f := range doc.Fragments { // those that nothing spreads count too: validation reads them
		m.fragment(f.Name)
	}
	return m
}

func (m *meter) set(set ast.SelectionSet) size {
	var sum size
	for _, s := range set {
		m.visited++
		switch s := s.(type) {
		case *ast.Field:
			sum = sum.plus(m.field(s))
		case *ast.InlineFragment:
			m.text.directives += len(s.Directives)
			sum = sum.plus(m.set(s.SelectionSet))
		case *ast.FragmentSpread:
			m.text.spreads++
			m.text.directives += len(s.Directives)
			sum = sum.plus(m.fragment(s.Name))
		}
	}
	return sum
}

func (m *meter) field(f *ast.Field) size {
	m.text.fields++
	if f.Alias != f.Name {
		m.text.aliases++
	}
	m.text.directives += len(f.Directives)
	below := m.set(f.SelectionSet)
	s := size{direct: 1, fields: min(1+below.fields, ceiling), depth: 1 + below.depth, introspection: below.introspection}
	if f.Name == "__schema" || f.Name == "__type" {
		s.depth, s.introspection = 0, 1+max(below.depth, below.introspection)
		if m.introspects == nil {
			m.introspects = f.Position
		}
	}
	return s
}

func (m *meter) fragment(name string) size {
	if s, ok := m.sizes[name]; ok {
		return s
	}
	m.sizes[name] = size{}
	f := m.fragments[name]
	if f == nil {
		return size{} // validation will say so
	}
	m.text.directives += len(f.Directives)
	s := m.set(f.SelectionSet)
	m.sizes[name] = s
	return s
}

// plus is the size of two parts of the same selection set.
func (s size) plus(t size) size {
	return size{
		direct:        min(s.direct+t.direct, ceiling),
		fields:        min(s.fields+t.fields, ceiling),
		depth:         max(s.depth, t.depth),
		introspection: max(s.introspection, t.introspection),
	}
}

// largest takes the larger of each count.
func (s size) largest(t size) size {
	return size{max(s.direct, t.direct), max(s.fields, t.fields), max(s.depth, t.depth), max(s.introspection, t.introspection)}
}
