package vocab

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
)

// idPattern is the form of a bundled type's id.
var idPattern = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

// check reports everything that is wrong with the types, each problem with the
// id of its type; nil when nothing is.
func check(types []Type) error {
	byID := make(map[string]*Type, len(types))
	var problems []error
	for i := range types {
		t := &types[i]
		if _, ok := byID[t.ID]; ok {
			problems = append(problems, fmt.Errorf("relation type %q: stands twice; ids must be unique", t.ID))
		}
		byID[t.ID] = t
	}
	for i := range types {
		for _, err := range slices.Concat(checkOne(&types[i]), checkBroader(&types[i], byID)) {
			problems = append(problems, fmt.Errorf("relation type %q: %w", types[i].ID, err))
		}
	}
	return errors.Join(problems...)
}

// checkOne reports what is wrong with t taken alone.
func checkOne(t *Type) []error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if !idPattern.MatchString(t.ID) {
		bad("id must be lower-case ASCII words joined by hyphens")
	}
	if t.Labels["en"] == "" || t.Inverse["en"] == "" {
		bad("labels and inverse must both have an entry for \"en\"")
	}
	if t.Definition == "" {
		bad("definition is missing")
	}
	if t.Stance != nil && (*t.Stance < -2 || *t.Stance > 2) {
		bad("stance is %d, must be from -2 to 2", *t.Stance)
	}
	for _, k := range slices.Concat(t.FromKinds, t.ToKinds) {
		if !k.Valid() {
			bad("%q is not a kind; the kinds are %q", k, Kinds)
		}
	}
	for _, c := range t.Codes {
		if c.Scheme == "" || c.Value == "" {
			bad("code %+v needs a scheme and a value", c)
		}
	}
	if !t.Symmetric {
		return problems
	}
	if !sameKinds(t.FromKinds, t.ToKinds) {
		bad("is symmetric, so fromKinds and toKinds must be the same")
	}
	if !maps.Equal(t.Labels, t.Inverse) {
		bad("is symmetric, so labels and inverse must be the same")
	}
	return problems
}

// sameKinds reports whether a and b allow the same kinds, in whatever order.
func sameKinds(a, b []Kind) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// checkBroader walks up from t and reports a broader type that does not exist
// or a chain that comes back to t.
func checkBroader(t *Type, byID map[string]*Type) []error {
	if t.Broader == "" {
		return nil
	}
	if _, ok := byID[t.Broader]; !ok {
		return []error{fmt.Errorf("broader type %q does not exist", t.Broader)}
	}
	// A chain without a circle has fewer steps than there are types; the bound
	// also ends the walk on a circle further up that t is not part of.
	for up, steps := byID[t.Broader], 0; up != nil && steps < len(byID); up, steps = byID[up.Broader], steps+1 {
		if up.ID == t.ID {
			return []error{fmt.Errorf("is broader than itself by way of %q", t.Broader)}
		}
	}
	return nil
}
