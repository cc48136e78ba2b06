package schema

import (
	"fmt"
	"maps"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"chancery/graph"
	"chancery/schema/wire"
)

// costRule is what a field's @cost says.
type costRule struct {
	weight  int
	sizes   []sizeArgument
	assumed int                     // 0 where the field has no size of its own
	around  map[string]sizeArgument // sizes that lists below take from this field's arguments, by name
	takes   string                  // the argument of the field around that says how many items this list has
}

// sizeArgument is a multiplier: an argument, or a field of an input object, that says how many items there are.
type sizeArgument struct {
	path     []string
	list     bool       // it counts by its length
	fallback *ast.Value // nil where it has no default
}

// name is how the argument is written in @cost, such as input.limit.
func (a sizeArgument) name() string { return strings.Join(a.path, ".") }

// costRules are the rules of the fields of one schema.
type costRules map[*ast.FieldDefinition]*costRule

// compileCosts reads every @cost of a schema. It fails where one names an argument that is not there.
func compileCosts(s *ast.Schema) (costRules, error) {
	rules := costRules{}
	for _, t := range s.Types {
		for _, f := range t.Fields {
			d := f.Directives.ForName("cost")
			if d == nil {
				continue
			}
			r, err := compileCost(s, f, d.ArgumentMap(nil))
			if err != nil {
				return nil, fmt.Errorf("@cost of %s.%s: %w", t.Name, f.Name, err)
			}
			rules[f] = r
		}
	}
	return rules, rules.compileAround(s)
}

// compileAround gives every field the sizes that lists right below it take from its arguments.
func (rules costRules) compileAround(s *ast.Schema) error {
	for _, t := range s.Types {
		for _, f := range t.Fields {
			for _, list := range s.Types[f.Type.Name()].Fields {
				below := rules[list]
				if below == nil || below.takes == "" {
					continue
				}
				r := rules[f]
				if r == nil {
					return fmt.Errorf("%s.%s has no @cost, and %s below it takes its size from %s", t.Name, f.Name, list.Name, below.takes)
				}
				a, err := compileSize(s, f, below.takes)
				if err != nil {
					return fmt.Errorf("@cost of %s below %s.%s: %w", list.Name, t.Name, f.Name, err)
				}
				if r.around == nil {
					r.around = map[string]sizeArgument{}
				}
				r.around[below.takes] = a
			}
		}
	}
	return nil
}

func compileCost(s *ast.Schema, f *ast.FieldDefinition, args map[string]any) (*costRule, error) {
	r := &costRule{weight: intOf(args["weight"]), assumed: intOf(args["assumedSize"])}
	r.takes, _ = args["sizeAround"].(string)
	names, _ := args["multipliers"].([]any)
	for _, n := range names {
		a, err := compileSize(s, f, fmt.Sprint(n))
		if err != nil {
			return nil, err
		}
		r.sizes = append(r.sizes, a)
	}
	if len(r.sizes) > 0 && r.assumed == 0 {
		r.assumed = graph.DefaultPageSize
	}
	return r, nil
}

// compileSize finds an argument of a field by its path.
func compileSize(s *ast.Schema, f *ast.FieldDefinition, name string) (sizeArgument, error) {
	a := sizeArgument{path: strings.Split(name, ".")}
	arg := f.Arguments.ForName(a.path[0])
	if arg == nil {
		return a, fmt.Errorf("it has no argument %q", a.path[0])
	}
	a.fallback, a.list = arg.DefaultValue, arg.Type.Elem != nil
	in := s.Types[arg.Type.Name()]
	for _, name := range a.path[1:] {
		field := in.Fields.ForName(name)
		if field == nil {
			return a, fmt.Errorf("%s has no field %q", in.Name, name)
		}
		a.fallback, a.list, in = field.DefaultValue, field.Type.Elem != nil, s.Types[field.Type.Name()]
	}
	return a, nil
}

// intOf is an integer of the schema, which gqlparser checked; 0 for none.
func intOf(v any) int {
	n, _ := v.(int64)
	return int(n)
}

// size is how many items a selected field has. counted tells that the number is asked for, and not the length of what is given.
func (r *costRule) size(f *ast.Field, variables map[string]any) (n int, counted bool, err *gqlerror.Error) {
	n, given := 1, false
	for _, a := range r.sizes {
		v, err := a.value(f, variables)
		if err != nil {
			return 0, false, refuse(codeBadInput, f.Position, "%s of %q: %v", a.name(), f.Name, err)
		}
		if v == nil {
			continue
		}
		given = true
		if a.list {
			n = times(n, length(v))
			continue
		}
		some, err := wire.UnmarshalInt(v)
		if err != nil {
			return 0, false, refuse(codeBadInput, f.Position, "%s of %q: %v", a.name(), f.Name, err)
		}
		n, counted = times(n, some), true
	}
	if !given {
		return r.assumed, len(r.sizes) > 0, nil
	}
	return n, counted, nil
}

// value is what a selected field has for the argument, its default included; nil for none.
func (a sizeArgument) value(f *ast.Field, variables map[string]any) (v any, err error) {
	if arg := f.Arguments.ForName(a.path[0]); arg != nil {
		if v, err = arg.Value.Value(variables); err != nil {
			return nil, err
		}
	}
	for _, name := range a.path[1:] {
		fields, _ := v.(map[string]any)
		v = fields[name]
	}
	if v == nil && a.fallback != nil {
		return a.fallback.Value(nil)
	}
	return v, nil
}

// length is that of a list that is given. A single value stands for a list of one.
func length(v any) int {
	if list, ok := v.([]any); ok {
		return len(list)
	}
	return 1
}

// times and plus are products and sums of costs and sizes. They stay from 0 to ceiling.
func times(a, b int) int { return min(max(a, 0)*min(max(b, 0), ceiling), ceiling) }
func plus(a, b int) int  { return min(a+b, ceiling) }

// price is the cost of a part of a selection set.
type price struct {
	once int            // whatever the size of the list around it
	each int            // for each item, where the part is a list whose size the field around it has
	by   map[string]int // for each item of lists whose sizes are in certain arguments of the field around it
}

func (p price) plus(q price) price {
	sum := price{plus(p.once, q.once), plus(p.each, q.each), p.by}
	if len(q.by) > 0 {
		sum.by = maps.Clone(p.by)
		if sum.by == nil {
			sum.by = map[string]int{}
		}
		for name, n := range q.by {
			sum.by[name] = plus(sum.by[name], n)
		}
	}
	return sum
}

// whole is the cost where the field around it has size n.
func (p price) whole(n int) int { return plus(p.once, times(n, p.each)) }

// costWalk checks the pages of an operation and adds up what it costs. It
// visits every fragment at most twice, once at the root and once below: what
// fragments and fields cost does not depend on where they stand.
type costWalk struct {
	limits    Limits
	rules     costRules
	variables map[string]any

	fragments map[fragmentAt]price
	fields    map[*ast.Field]pricedField
	visited   int // selections
}

type fragmentAt struct {
	name string
	root bool
}

// pricedField is a field of the operation with its cost. Size is 0 or more where it has one of its own.
type pricedField struct {
	price price
	sized bool
	size  int
}

func newCostWalk(limits Limits, rules costRules, variables map[string]any) *costWalk {
	return &costWalk{limits: limits, rules: rules, variables: variables, fragments: map[fragmentAt]price{}, fields: map[*ast.Field]pricedField{}}
}

func (w *costWalk) set(set ast.SelectionSet, root bool) (sum price, err *gqlerror.Error) {
	for _, s := range set {
		w.visited++
		var p price
		switch s := s.(type) {
		case *ast.Field:
			if !w.skips(s.Directives) {
				p, err = w.field(s, root)
			}
		case *ast.InlineFragment:
			if !w.skips(s.Directives) {
				p, err = w.set(s.SelectionSet, root)
			}
		case *ast.FragmentSpread:
			if !w.skips(s.Directives) {
				p, err = w.fragment(s, root)
			}
		}
		if err != nil {
			return price{}, err
		}
		sum = sum.plus(p)
	}
	return sum, nil
}

// skips tells whether @skip or @include leave a selection out.
func (w *costWalk) skips(directives ast.DirectiveList) bool {
	for name, skipping := range map[string]bool{"skip": true, "include": false} {
		if d := directives.ForName(name); d != nil && d.ArgumentMap(w.variables)["if"] == skipping {
			return true
		}
	}
	return false
}

func (w *costWalk) fragment(s *ast.FragmentSpread, root bool) (price, *gqlerror.Error) {
	at := fragmentAt{s.Name, root}
	if p, ok := w.fragments[at]; ok {
		return p, nil
	}
	p, err := w.set(s.Definition.SelectionSet, root) // the document is valid: the fragment is there, and in no circle
	w.fragments[at] = p
	return p, err
}

func (w *costWalk) field(f *ast.Field, root bool) (price, *gqlerror.Error) {
	if err := w.page(f, root); err != nil {
		return price{}, err
	}
	below, err := w.set(f.SelectionSet, false)
	if err != nil {
		return price{}, err
	}
	var out pricedField
	rule := w.rules[f.Definition]
	if below, err = w.settle(f, rule, below); err != nil {
		return price{}, err
	}
	weight := 0
	if len(f.SelectionSet) > 0 {
		weight = 1
	}
	if rule != nil {
		weight, out.sized = rule.weight, rule.assumed > 0
	}
	list := len(f.SelectionSet) > 0 && f.Definition.Type.Elem != nil
	switch {
	case rule != nil && rule.takes != "":
		out.price.by = map[string]int{rule.takes: plus(1, below.whole(1))}
	case out.sized:
		var counted bool
		if out.size, counted, err = rule.size(f, w.variables); err != nil {
			return price{}, err
		}
		if list {
			below = price{each: plus(1, below.whole(1))}
		} else if counted {
			below.each = max(1, below.each) // the list is read, whether or not it is selected
		}
		out.price.once = plus(weight, below.whole(out.size))
	case list:
		out.price.each = plus(weight, below.whole(1))
	default:
		out.price.once = plus(weight, below.whole(1))
	}
	w.fields[f] = out
	return out.price, nil
}

// settle multiplies what lists below a field cost by the sizes that they take from its arguments.
func (w *costWalk) settle(f *ast.Field, rule *costRule, below price) (price, *gqlerror.Error) {
	for name, each := range below.by {
		n := graph.DefaultPageSize
		v, err := rule.around[name].value(f, w.variables)
		if err == nil && v != nil {
			n, err = wire.UnmarshalInt(v)
		}
		if err != nil {
			return price{}, refuse(codeBadInput, f.Position, "%s of %q: %v", name, f.Name, err)
		}
		below.once = plus(below.once, times(n, each))
	}
	below.by = nil
	return below, nil
}

// costliest is the deepest field with a size of its own that at least half of the
// cost of a selection set is due to; where there is none, the deepest field without.
func (w *costWalk) costliest(set ast.SelectionSet, total int) (path string, sized *ast.Field) {
	var names []string
	scale, size := 1, 1 // of the objects that the set is selected of, and of the lists right below
	for {
		var worst *ast.Field
		most := -1
		for _, f := range w.spread(set, map[string]bool{}, nil) {
			if cost := times(scale, w.fields[f].price.whole(size)); cost > most {
				worst, most = f, cost
			}
		}
		if worst == nil || 2*most < total {
			return path, sized
		}
		p := w.fields[worst]
		names = append(names, worst.Alias)
		if p.sized || sized == nil {
			path = strings.Join(names, ".")
		}
		list := worst.Definition.Type.Elem != nil
		switch {
		case p.sized && list:
			scale, size = times(scale, p.size), 1
		case p.sized:
			size = p.size
		case list:
			scale, size = times(scale, size), 1
		default:
			size = 1
		}
		if p.sized {
			sized = worst
		}
		set = worst.SelectionSet
	}
}

// spread lists the priced fields of a selection set, with those of its fragments, each once.
func (w *costWalk) spread(set ast.SelectionSet, seen map[string]bool, out []*ast.Field) []*ast.Field {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			if _, ok := w.fields[s]; ok {
				out = append(out, s)
			}
		case *ast.InlineFragment:
			out = w.spread(s.SelectionSet, seen, out)
		case *ast.FragmentSpread:
			if !seen[s.Name] {
				seen[s.Name] = true
				out = w.spread(s.Definition.SelectionSet, seen, out)
			}
		}
	}
	return out
}
