// Package vocab holds the bundled vocabulary as data: the kinds of entities,
// the types of relations with their names in five languages, and the standard
// roles of qualifiers.
//
// The vocabulary is for negotiations and the positions taken in them: who met,
// proposed, accepted or rejected what, who spoke for whom, and what the offers
// on the table consist of. It is a start, not a limit: a store takes further
// types at run time, and this package knows nothing of those.
//
// The ids are present-tense predicates read from the from end to the to end.
// A type may have a broader one; whatever holds for a type then holds for the
// broader type too, so that asking for opposes also finds rejects and vetoes.
//
// Codes tie a type to the nearest category of the event codings CAMEO (as
// numbered in ICEWS, codebook 1.1b3, whose digits differ from those of GDELT)
// and PLOVER. They say which category is nearest, not that both mean the same,
// and several types may share one. The stance of a type is set by hand; it is
// never derived from a code.
package vocab

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

//go:embed relations.json
var relations []byte

// Code names the category of another coding scheme that is nearest to a type.
type Code struct {
	Scheme  string `json:"scheme"`            // name of the scheme, such as "CAMEO"
	Version string `json:"version,omitempty"` // edition of its codebook; the same value may mean other things in another
	Value   string `json:"value"`             // the code as the scheme writes it
	Label   string `json:"label,omitempty"`   // what the code stands for, in a few English words
}

// Type is one type of relation.
type Type struct {
	// ID is lower-case ASCII, words joined by hyphens, such as "met-with".
	ID string `json:"id"`
	// Labels has the predicate read from the from end, by BCP 47 tag.
	// The bundled types have "en", "de", "fr", "ru" and "uk".
	Labels map[string]string `json:"labels"`
	// Inverse has the predicate read from the to end, by BCP 47 tag.
	Inverse map[string]string `json:"inverse"`
	// Definition says in English when to use the type and when not.
	Definition string `json:"definition"`
	// Symmetric says that the ends have no order.
	Symmetric bool `json:"symmetric,omitempty"`
	// Stance is the default stance of the from end on the to end, from -2
	// (strongly against) to 2 (strongly for); nil where the type states none.
	Stance *int `json:"stance,omitempty"`
	// FromKinds and ToKinds are the kinds allowed at the ends; empty allows any.
	FromKinds []Kind `json:"fromKinds,omitempty"`
	ToKinds   []Kind `json:"toKinds,omitempty"`
	// Broader is the id of the next more general type, or empty.
	Broader string `json:"broader,omitempty"`
	// Codes has the nearest categories of other schemes.
	Codes []Code `json:"codes,omitempty"`
}

// Bundled returns the bundled relation types, sorted by id. Every call parses
// and checks the embedded data afresh, so the caller owns the result. An error
// means that the data built into the program is wrong; it names the type.
func Bundled() ([]Type, error) {
	return parse(relations)
}

// parse reads a JSON array of types, checks it as a whole and sorts it by id.
func parse(data []byte) ([]Type, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var types []Type
	if err := dec.Decode(&types); err != nil {
		return nil, fmt.Errorf("relation types: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("relation types: more data after the array, near byte %d", dec.InputOffset())
	}
	if err := check(types); err != nil {
		return nil, err
	}
	slices.SortFunc(types, func(a, b Type) int { return strings.Compare(a.ID, b.ID) })
	return types, nil
}
