package wire

import (
	"fmt"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
)

// both checks that every value of an enum is written as one of the given names and read back, and that every name is used.
func both[T comparable](t *testing.T, name string, values []T, names []string, marshal func(T) graphql.Marshaler, unmarshal func(any) (T, error)) {
	t.Helper()
	used := map[string]bool{}
	for _, v := range values {
		w, err := strconv.Unquote(written(marshal(v)))
		if err != nil {
			t.Errorf("%s: %v is not written as a name", name, v)
			continue
		}
		used[w] = true
		if back, err := unmarshal(w); err != nil || back != v {
			t.Errorf("%s: %v is written as %s and read as %v, %v", name, v, w, back, err)
		}
		if _, err := unmarshal(strings.ToLower(w)); err == nil {
			t.Errorf("%s: %s is read in lower case too", name, w)
		}
	}
	var got []string
	for n := range used {
		got = append(got, n)
	}
	sort.Strings(got)
	sort.Strings(names)
	if !reflect.DeepEqual(got, names) {
		t.Errorf("%s: the values are written as %v, the schema has %v", name, got, names)
	}
	for _, wrong := range []any{"NO_SUCH_VALUE", "", 0, nil} {
		_, err := unmarshal(wrong)
		isBadInput(t, err, fmt.Sprintf("%s %v", name, wrong))
	}
}
