package examples

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// The shapes of the interchange form that the example uses. There is no text in
// document: a line that had one would be refused as an unknown field.
type (
	line struct {
		Entity   *entity   `json:"entity"`
		Document *document `json:"document"`
		Relation *relation `json:"relation"`
	}
	entity struct {
		ID          string            `json:"id"`
		Kind        string            `json:"kind"`
		Name        string            `json:"name"`
		Names       []name            `json:"names"`
		Description string            `json:"description"`
		ExternalIDs map[string]string `json:"externalIds"`
	}
	name struct {
		Text string `json:"text"`
		Lang string `json:"lang"`
		Kind string `json:"kind"`
	}
	document struct {
		ID        string   `json:"id"`
		Title     string   `json:"title"`
		Publisher string   `json:"publisher"`
		Authors   []string `json:"authors"`
		Published string   `json:"published"`
		Lang      string   `json:"lang"`
		Kind      string   `json:"kind"`
		License   string   `json:"license"`
	}
	relation struct {
		Type       string      `json:"type"`
		From       string      `json:"from"`
		To         string      `json:"to"`
		Occurred   string      `json:"occurred"`
		Qualifiers []qualifier `json:"qualifiers"`
		Condition  string      `json:"condition"`
		Citations  []citation  `json:"citations"`
	}
	qualifier struct {
		Role   string `json:"role"`
		Entity string `json:"entity"`
		Text   string `json:"text"`
	}
	citation struct {
		Document   string   `json:"document"`
		Quote      string   `json:"quote"`
		Start      *int     `json:"start"`
		End        *int     `json:"end"`
		Speaker    string   `json:"speaker"`
		Via        []string `json:"via"`
		Verdict    string   `json:"verdict"`
		Modality   string   `json:"modality"`
		Note       string   `json:"note"`
		Confidence *float64 `json:"confidence"`
	}
)

// graph is the example as read.
type graph struct {
	entities  map[string]entity
	documents map[string]document
	relations []relation
}

// String says which relation r is, for messages.
func (r relation) String() string {
	return fmt.Sprintf("%s %s %s %s", r.From, r.Type, r.To, r.Occurred)
}

// content is what makes two relations the same: all but the citations, the
// qualifiers in any order, and the ends too where the type is symmetric.
func (r relation) content(symmetric bool) string {
	ends := []string{r.From, r.To}
	if symmetric {
		slices.Sort(ends)
	}
	parts := make([]string, 0, len(r.Qualifiers))
	for _, q := range r.Qualifiers {
		parts = append(parts, fmt.Sprintf("%q", []string{q.Role, q.Entity, q.Text}))
	}
	slices.Sort(parts)
	return fmt.Sprintf("%q %q %q %q %q", r.Type, ends, r.Occurred, r.Condition, parts)
}

// read parses the example and fails the test on a line that is not well formed
// or an id that stands twice.
func read(t *testing.T) graph {
	t.Helper()
	data, err := Files.ReadFile(PeacePlan)
	if err != nil {
		t.Fatal(err)
	}
	g := graph{entities: make(map[string]entity), documents: make(map[string]document)}
	ids := make(map[string]int)
	for i, raw := range bytes.Split(bytes.TrimSuffix(data, []byte("\n")), []byte("\n")) {
		l, keys := readLine(t, i+1, raw)
		if keys != 1 {
			t.Fatalf("line %d has %d keys, want exactly one", i+1, keys)
		}
		id := ""
		switch {
		case l.Entity != nil:
			id = l.Entity.ID
			g.entities[id] = *l.Entity
		case l.Document != nil:
			id = l.Document.ID
			g.documents[id] = *l.Document
		case l.Relation != nil:
			g.relations = append(g.relations, *l.Relation)
			continue
		default:
			t.Fatalf("line %d is null", i+1)
		}
		if first, ok := ids[id]; ok {
			t.Errorf("line %d: id %q stands on line %d already", i+1, id, first)
		}
		ids[id] = i + 1
		if id == "" || strings.ContainsAny(id, " \t\n") || len([]rune(id)) > 200 {
			t.Errorf("line %d: %q is not an id", i+1, id)
		}
	}
	return g
}

// readLine parses one line and counts its keys.
func readLine(t *testing.T, number int, raw []byte) (line, int) {
	t.Helper()
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(raw, &keys); err != nil {
		t.Fatalf("line %d: %v", number, err)
	}
	var l line
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&l); err != nil {
		t.Fatalf("line %d: %v", number, err)
	}
	return l, len(keys)
}
