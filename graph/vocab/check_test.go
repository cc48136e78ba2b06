package vocab

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	const words = `"labels":{"en":"a"},"inverse":{"en":"b"},"definition":"d"`
	tests := []struct{ name, data, want string }{
		{"no array", `{}`, "cannot unmarshal object"},
		{"cut short", `[{"id":"a"`, "unexpected EOF"},
		{"more data", `[] []`, "more data after the array"},
		{"unknown field", `[{"id":"a","weight":1}]`, `unknown field "weight"`},
		{"id twice", `[{"id":"a",` + words + `},{"id":"a",` + words + `}]`, `"a": stands twice`},
		{"form of the id", `[{"id":"Met With",` + words + `}]`, "lower-case ASCII words"},
		{"no English", `[{"id":"a","labels":{"de":"a"},"inverse":{"en":"b"},"definition":"d"}]`, `entry for "en"`},
		{"no definition", `[{"id":"a","labels":{"en":"a"},"inverse":{"en":"b"}}]`, "definition is missing"},
		{"stance too high", `[{"id":"a","stance":3,` + words + `}]`, "stance is 3, must be from -2 to 2"},
		{"stance too low", `[{"id":"a","stance":-3,` + words + `}]`, "stance is -3"},
		{"unknown kind", `[{"id":"a","toKinds":["planet"],` + words + `}]`, `"planet" is not a kind`},
		{"code without value", `[{"id":"a","codes":[{"scheme":"CAMEO"}],` + words + `}]`, "needs a scheme and a value"},
		{"no such broader type", `[{"id":"a","broader":"z",` + words + `}]`, `broader type "z" does not exist`},
		{"broader than itself", `[{"id":"a","broader":"a",` + words + `}]`, `"a": is broader than itself by way of "a"`},
		{"circle", `[{"id":"a","broader":"b",` + words + `},{"id":"b","broader":"c",` + words + `},{"id":"c","broader":"b",` + words + `}]`, `"b": is broader than itself by way of "c"`},
		{"symmetric, kinds differ", `[{"id":"a","symmetric":true,"fromKinds":["person"],"labels":{"en":"a"},"inverse":{"en":"a"},"definition":"d"}]`, "fromKinds and toKinds must be the same"},
		{"symmetric, words differ", `[{"id":"a","symmetric":true,` + words + `}]`, "labels and inverse must be the same"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one that has %q", err, tt.want)
			}
		})
	}
}

func TestParseReportsEveryProblem(t *testing.T) {
	_, err := parse([]byte(`[{"id":"a","stance":9},{"id":"b","broader":"z"}]`))
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{`"a": stance is 9`, `"a": definition is missing`, `"b": broader type "z"`, `"b": definition`} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error lacks %q:\n%v", want, err)
		}
	}
}

func TestParseSortsAndAccepts(t *testing.T) {
	types, err := parse([]byte(`[
		{"id":"b","broader":"a","labels":{"en":"b"},"inverse":{"en":"b'"},"definition":"d","stance":-2,"fromKinds":["person"],"toKinds":["issue"]},
		{"id":"a","symmetric":true,"labels":{"en":"a"},"inverse":{"en":"a"},"definition":"d","fromKinds":["person","state"],"toKinds":["state","person"]}]`))
	if err != nil {
		t.Fatal(err)
	}
	if len(types) != 2 || types[0].ID != "a" || types[1].ID != "b" || *types[1].Stance != -2 || types[1].ToKinds[0] != KindIssue {
		t.Errorf("parsed as %+v", types)
	}
}
