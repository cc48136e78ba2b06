package schema

import (
	"context"
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// costs refuses an operation whose pages are not right or that would cost too
// much, before any of it is resolved. It leaves the cost for the answer.
type costs struct {
	limits Limits
	rules  costRules
}

// costKey is where the operation's cost is kept in its statistics, and what the answer's extension is called.
const costKey = "cost"

// operationCost is what the answer says of the cost.
type operationCost struct {
	Requested int `json:"requested"`
	Limit     int `json:"limit"`
}

// ExtensionName names the extension for gqlgen.
func (*costs) ExtensionName() string { return "Costs" }

// Validate reads the costs of the schema.
func (c *costs) Validate(s graphql.ExecutableSchema) (err error) {
	c.rules, err = compileCosts(s.Schema())
	return err
}

// MutateOperationContext works the cost out, in time linear in the document.
func (c *costs) MutateOperationContext(_ context.Context, oc *graphql.OperationContext) *gqlerror.Error {
	w := newCostWalk(c.limits, c.rules, oc.Variables)
	sum, err := w.set(oc.Operation.SelectionSet, true)
	if err != nil {
		return err
	}
	cost := sum.whole(1)
	if cost > c.limits.Cost {
		return w.refusal(oc.Operation.SelectionSet, cost)
	}
	oc.Stats.SetExtension(costKey, operationCost{cost, c.limits.Cost})
	return nil
}

// refusal says what an operation would cost, what costs most, and what to do.
func (w *costWalk) refusal(set ast.SelectionSet, cost int) *gqlerror.Error {
	path, sized := w.costliest(set, cost)
	hint := "ask in several steps"
	if sized != nil {
		hint = w.advice(path, sized) + ", or " + hint
	}
	amount := fmt.Sprint(cost)
	if cost == ceiling {
		amount = "more than " + amount
	}
	err := refuse(codeTooCostly, nil, "the operation costs %s, and at most %d is allowed: %s", amount, w.limits.Cost, hint)
	if sized != nil {
		err.Locations = []gqlerror.Location{{Line: sized.Position.Line, Column: sized.Position.Column}}
	}
	err.Extensions["cost"], err.Extensions["limit"], err.Extensions["field"], err.Extensions["hint"] = cost, w.limits.Cost, path, hint
	return err
}

// advice says what to change about the field that costs most.
func (w *costWalk) advice(path string, f *ast.Field) string {
	rule := w.rules[f.Definition]
	for _, a := range rule.sizes {
		v, err := a.value(f, w.variables)
		switch {
		case err != nil || v == nil:
		case a.list:
			return fmt.Sprintf("give fewer in %s of %s (%d)", a.name(), path, length(v))
		default:
			return fmt.Sprintf("lower %s of %s (%v)", a.name(), path, v)
		}
	}
	if len(rule.sizes) > 0 {
		return fmt.Sprintf("give %s of %s, which is %d when left out", rule.sizes[0].name(), path, rule.assumed)
	}
	return fmt.Sprintf("select less below %s, which is counted as %d items", path, rule.assumed)
}

// costOf is the cost of an operation, as the answer has it; nil where it was not worked out.
func costOf(oc *graphql.OperationContext) *operationCost {
	c, ok := oc.Stats.GetExtension(costKey).(operationCost)
	if !ok {
		return nil
	}
	return &c
}
