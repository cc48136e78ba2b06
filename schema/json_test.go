package schema

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
)

// pick follows a path of field names and list indexes into a JSON value.
func pick(v any, path []string) (any, bool) {
	for _, step := range path {
		switch container := v.(type) {
		case map[string]any:
			next, ok := container[step]
			if !ok {
				return nil, false
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(container) {
				return nil, false
			}
			v = container[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// differences says where got is not as want. The string "*" in want stands for any value but null.
func differences(at string, want, got any) []string {
	if want == "*" && got != nil {
		return nil
	}
	switch want := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			break
		}
		var out []string
		for _, k := range keys(want, g) {
			w, wanted := want[k]
			v, given := g[k]
			switch {
			case !wanted:
				out = append(out, fmt.Sprintf("%s.%s is not wanted", at, k))
			case !given:
				out = append(out, fmt.Sprintf("%s.%s is missing", at, k))
			default:
				out = append(out, differences(at+"."+k, w, v)...)
			}
		}
		return out
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(want) {
			break
		}
		var out []string
		for i := range want {
			out = append(out, differences(fmt.Sprintf("%s.%d", at, i), want[i], g[i])...)
		}
		return out
	default:
		if reflect.DeepEqual(want, got) {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s is %v, want %v", at, got, want)}
}

func keys(ms ...map[string]any) []string {
	set := map[string]bool{}
	for _, m := range ms {
		for k := range m {
			set[k] = true
		}
	}
	out := make([]string, 0, len(set))
	for k := range set {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}
