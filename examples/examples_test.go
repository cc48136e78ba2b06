package examples

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"chancery/graph/vocab"
)

// edtf has the forms of dates that the example uses: a year, a month, perhaps
// approximate, a day, and an interval open at its end.
var edtf = regexp.MustCompile(`^(\d{4}(-\d\d~?|-\d\d-\d\d|/\.\.)?)$`)

// maxWords is the longest quote allowed, in words.
const maxWords = 25

func TestFiles(t *testing.T) {
	names, err := fs.Glob(Files, "*")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(names, []string{PeacePlan}) {
		t.Errorf("files are %q, want %q", names, PeacePlan)
	}
}

func TestSize(t *testing.T) {
	g := read(t)
	if n := len(g.relations); n < 100 {
		t.Errorf("%d relations, want at least 100", n)
	}
	if n := len(g.documents); n != 1 {
		t.Errorf("%d documents, want 1", n)
	}
}

func TestDocuments(t *testing.T) {
	for id, d := range read(t).documents {
		if d.Title == "" || d.Publisher == "" || d.License == "" || d.Lang != "en" || d.Kind != "article" || !edtf.MatchString(d.Published) {
			t.Errorf("%s is incomplete: %+v", id, d)
		}
	}
}

func TestEntities(t *testing.T) {
	g := read(t)
	external := make(map[string]string)
	for id, e := range g.entities {
		if !vocab.Kind(e.Kind).Valid() || !strings.HasPrefix(id, e.Kind+"/") {
			t.Errorf("%s has kind %q", id, e.Kind)
		}
		if e.Name == "" {
			t.Errorf("%s has no name", id)
		}
		for _, n := range e.Names {
			if n.Text == "" || n.Lang == "" || !slices.Contains([]string{"alias", "transliteration", "abbreviation", "metonym"}, n.Kind) {
				t.Errorf("%s has name %+v", id, n)
			}
		}
		for scheme, value := range e.ExternalIDs {
			key := scheme + ":" + value
			if other, ok := external[key]; ok {
				t.Errorf("%s and %s are both %s", id, other, key)
			}
			external[key] = id
			if scheme == "wikidata" && !regexp.MustCompile(`^Q\d+$`).MatchString(value) {
				t.Errorf("%s: %q is not a Wikidata id", id, value)
			}
		}
	}
	for _, id := range []string{"person/steve-witkoff", "person/vladimir-putin", "person/donald-trump", "person/volodymyr-zelenskyy", "person/jd-vance", "person/yuri-ushakov"} {
		for _, lang := range []string{"ru", "uk"} {
			if !slices.ContainsFunc(g.entities[id].Names, func(n name) bool { return n.Lang == lang && n.Kind == "transliteration" }) {
				t.Errorf("%s has no name in %s", id, lang)
			}
		}
	}
}

func TestEveryEntityIsUsed(t *testing.T) {
	g := read(t)
	used := make(map[string]bool)
	for _, r := range g.relations {
		used[r.From], used[r.To] = true, true
		for _, q := range r.Qualifiers {
			used[q.Entity] = true
		}
		for _, c := range r.Citations {
			used[c.Speaker] = true
		}
	}
	for id := range g.entities {
		if !used[id] {
			t.Errorf("%s stands in no relation", id)
		}
	}
}

func TestRelations(t *testing.T) {
	g := read(t)
	list, err := vocab.Bundled()
	if err != nil {
		t.Fatal(err)
	}
	types := make(map[string]vocab.Type)
	for _, typ := range list {
		types[typ.ID] = typ
	}
	seen := make(map[string]bool)
	for _, r := range g.relations {
		typ, ok := types[r.Type]
		if !ok {
			t.Errorf("%v: no such type", r)
			continue
		}
		if seen[r.content(typ.Symmetric)] {
			t.Errorf("%v stands twice", r)
		}
		seen[r.content(typ.Symmetric)] = true
		checkEnd(t, g, r, r.From, typ.FromKinds)
		checkEnd(t, g, r, r.To, typ.ToKinds)
		if r.Occurred != "" && !edtf.MatchString(r.Occurred) {
			t.Errorf("%v: %q is not a date of the forms in use", r, r.Occurred)
		}
		checkQualifiers(t, g, r)
	}
}

// checkEnd checks that an end exists and is of a kind that the type takes.
func checkEnd(t *testing.T, g graph, r relation, id string, kinds []vocab.Kind) {
	t.Helper()
	e, ok := g.entities[id]
	if !ok {
		t.Errorf("%v: there is no %s", r, id)
		return
	}
	if len(kinds) > 0 && !slices.Contains(kinds, vocab.Kind(e.Kind)) {
		t.Errorf("%v: %s is a %s, the type takes %q", r, id, e.Kind, kinds)
	}
}

// checkQualifiers checks the qualifiers against the standard roles.
func checkQualifiers(t *testing.T, g graph, r relation) {
	t.Helper()
	for _, q := range r.Qualifiers {
		i := slices.IndexFunc(vocab.Roles, func(role vocab.Role) bool { return role.ID == q.Role })
		if i < 0 {
			t.Errorf("%v: %q is not a standard role", r, q.Role)
			continue
		}
		if (q.Entity == "") == (q.Text == "") {
			t.Errorf("%v: %s needs an entity or a text, not both", r, q.Role)
		}
		if takes := vocab.Roles[i].Takes; takes == vocab.EntityOnly && q.Entity == "" || takes == vocab.TextOnly && q.Text == "" {
			t.Errorf("%v: %s has the wrong sort of value", r, q.Role)
		}
		if _, ok := g.entities[q.Entity]; q.Entity != "" && !ok {
			t.Errorf("%v: there is no %s", r, q.Entity)
		}
	}
}

func TestCitations(t *testing.T) {
	g := read(t)
	for _, r := range g.relations {
		if len(r.Citations) == 0 {
			t.Errorf("%v has no citation", r)
		}
		seen := make(map[string]bool)
		for _, c := range r.Citations {
			checkCitation(t, g, r, c)
			key := strings.Join([]string{c.Quote, c.Speaker, c.Verdict}, "\x00")
			if seen[key] {
				t.Errorf("%v cites %q twice", r, c.Quote)
			}
			seen[key] = true
		}
	}
}

// checkCitation checks what can be told of a citation without the text.
func checkCitation(t *testing.T, g graph, r relation, c citation) {
	t.Helper()
	if _, ok := g.documents[c.Document]; !ok {
		t.Errorf("%v: there is no document %q", r, c.Document)
	}
	if n := len(strings.Fields(c.Quote)); n == 0 || n > maxWords {
		t.Errorf("%v: quote %q has %d words, want 1 to %d", r, c.Quote, n, maxWords)
	}
	if c.Start == nil || c.End == nil || *c.End-*c.Start != len([]rune(c.Quote)) {
		t.Errorf("%v: quote %q lacks a place of its length", r, c.Quote)
	}
	if c.Verdict != "affirms" && c.Verdict != "denies" {
		t.Errorf("%v: verdict %q", r, c.Verdict)
	}
	if !slices.Contains([]string{"asserted", "reported", "possible", "conditional", "planned"}, c.Modality) {
		t.Errorf("%v: modality %q", r, c.Modality)
	}
	if c.Confidence != nil && (*c.Confidence < 0 || *c.Confidence > 1) {
		t.Errorf("%v: confidence %v", r, *c.Confidence)
	}
	for _, id := range append([]string{c.Speaker}, c.Via...) {
		if _, ok := g.entities[id]; id != "" && !ok {
			t.Errorf("%v: there is no %s", r, id)
		}
	}
	if len(c.Via) > 0 && c.Speaker == "" {
		t.Errorf("%v: %q came by way of %q from nobody", r, c.Quote, c.Via)
	}
}

// TestSpeakers checks that words of others are put into their mouths: quoted
// words have a speaker, and what somebody said is cited as said by that one.
func TestSpeakers(t *testing.T) {
	saying := []string{"describes", "confirms", "claims", "warns", "criticises"}
	quoted := 0
	for _, r := range read(t).relations {
		for _, c := range r.Citations {
			if strings.ContainsAny(c.Quote, "“”") || strings.Contains(c.Quote, " '") {
				quoted++
				if c.Speaker == "" {
					t.Errorf("%v: nobody is named as the speaker of %q", r, c.Quote)
				}
			}
			if slices.Contains(saying, r.Type) && c.Speaker != r.From {
				t.Errorf("%v: the speaker of %q is %q", r, c.Quote, c.Speaker)
			}
		}
	}
	if quoted < 5 {
		t.Errorf("only %d citations have quoted words", quoted)
	}
}

// TestInferencesAreNoted checks that what the report does not say outright is
// marked: the year of the meeting, and dates that it does not give.
func TestInferencesAreNoted(t *testing.T) {
	dated := map[string]string{"2025-04-25": "the year 2025 is inferred", "2025-04~": "gives no date"}
	found := make(map[string]int)
	for _, r := range read(t).relations {
		want, ok := dated[r.Occurred]
		if !ok || len(r.Citations) == 0 {
			continue
		}
		found[r.Occurred]++
		if !strings.Contains(r.Citations[0].Note, want) {
			t.Errorf("%v: the first note %q does not say %q", r, r.Citations[0].Note, want)
		}
	}
	for date := range dated {
		if found[date] == 0 {
			t.Errorf("no relation is dated %s", date)
		}
	}
}

// TestBothSidesOfContradictions checks that what Mr Trump says of Mr Zelenskyy
// and what the report says stand side by side, each cited against the other.
func TestBothSidesOfContradictions(t *testing.T) {
	g := read(t)
	for _, typ := range []string{"accepts", "rejects"} {
		i := slices.IndexFunc(g.relations, func(r relation) bool {
			return r.Type == typ && r.From == "person/volodymyr-zelenskyy" && r.To == "provision/crimea-under-moscows-control"
		})
		if i < 0 {
			t.Errorf("Zelenskyy %s Crimea under Moscow's control: missing", typ)
			continue
		}
		speakers := make(map[string]string)
		for _, c := range g.relations[i].Citations {
			speakers[c.Verdict] = c.Speaker
		}
		want := map[string]string{"affirms": "person/donald-trump", "denies": ""}
		if typ == "rejects" {
			want = map[string]string{"affirms": "", "denies": "person/donald-trump"}
		}
		for verdict, speaker := range want {
			if got, ok := speakers[verdict]; !ok || got != speaker {
				t.Errorf("Zelenskyy %s: speakers by verdict are %q, want %q", typ, speakers, want)
			}
		}
	}
	if !slices.ContainsFunc(g.relations, func(r relation) bool {
		return r.Type == "negotiates-with" && r.From == "state/russia" && r.Occurred == "2022/.." && r.Citations[0].Verdict == "denies"
	}) {
		t.Error("direct negotiations since 2022 are not denied")
	}
}

// TestConditionsAreNoFacts checks that a deed on a condition is cited as such.
func TestConditionsAreNoFacts(t *testing.T) {
	found := false
	for _, r := range read(t).relations {
		if r.Type != "withdraws-from" {
			continue
		}
		found = true
		if r.Condition == "" {
			t.Errorf("%v has no condition", r)
		}
		for _, c := range r.Citations {
			if c.Modality != "conditional" && c.Modality != "possible" {
				t.Errorf("%v: %q is cited as %s", r, c.Quote, c.Modality)
			}
		}
	}
	if !found {
		t.Error("the possible withdrawal of the United States is missing")
	}
}
