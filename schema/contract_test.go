package schema

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
)

// contractFile is the GraphQL half of the contract, kept beside the repository.
const contractFile = "../../shared/design/contract.graphqls"

// pending is what the contract promises and the service does not have yet. An
// entry covers everything below it. TestContract fails when an entry is served,
// or is not in the contract, so the table cannot grow stale.
var pending = map[string]string{
	// Scopes come with tokens.
	"@requires": "access by token",
	"Scope":     "access by token",
}

// isPending tells whether an element is in the table, or below an entry of it.
func isPending(coordinate string) bool {
	for entry := range pending {
		rest, ok := strings.CutPrefix(coordinate, entry)
		if ok && (rest == "" || strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "(") || strings.HasPrefix(rest, "|") || strings.HasPrefix(rest, " on ")) {
			return true
		}
	}
	return false
}

func TestContract(t *testing.T) {
	text, err := os.ReadFile(contractFile)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the contract is not beside this repository: no %s", contractFile)
	}
	if err != nil {
		t.Fatal(err)
	}
	contract, served := coordinates(parseSDL(t, contractFile, string(text))), coordinates(servedSchema())
	for c, want := range contract {
		got, ok := served[c]
		switch {
		case isPending(c) && ok:
			t.Errorf("%s is served: take it out of the table of what is pending", c)
		case isPending(c):
		case !ok:
			t.Errorf("%s is in the contract (%s) and is not served", c, want)
		case got != want:
			t.Errorf("%s is %s, and the contract has %s", c, got, want)
		}
	}
	for entry := range pending {
		if _, ok := contract[entry]; !ok {
			t.Errorf("%s is pending, but not in the contract", entry)
		}
	}
	for c, got := range served {
		// A client written for the contract does not give what the contract does not have.
		_, promised := contract[c]
		if required := strings.HasSuffix(got, "!"); !promised && required && (strings.HasSuffix(c, ":)") || isInputField(c)) {
			t.Errorf("%s is required, and the contract does not have it", c)
		}
	}
}

func isInputField(coordinate string) bool {
	name, _, ok := strings.Cut(coordinate, ".")
	d := servedSchema().Types[name]
	return ok && d != nil && d.IsInputType()
}
