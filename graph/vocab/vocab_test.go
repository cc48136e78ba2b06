package vocab

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// bundled returns the bundled types by id, and fails the test where they do
// not load.
func bundled(t *testing.T) map[string]Type {
	t.Helper()
	types, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.IsSortedFunc(types, func(a, b Type) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("types are not sorted by id")
	}
	byID := make(map[string]Type, len(types))
	for _, typ := range types {
		byID[typ.ID] = typ
	}
	if len(byID) != len(types) {
		t.Errorf("%d types, but %d ids", len(types), len(byID))
	}
	return byID
}

func TestBundledSize(t *testing.T) {
	if n := len(bundled(t)); n < 38 || n > 45 {
		t.Errorf("%d types, want 38 to 45", n)
	}
}

func TestBundledIsOwnedByCaller(t *testing.T) {
	first, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	want := first[0].Labels["en"]
	first[0].Labels["en"] = "changed"
	second, err := Bundled()
	if err != nil {
		t.Fatal(err)
	}
	if got := second[0].Labels["en"]; got != want {
		t.Errorf("label after a change to an earlier result: %q, want %q", got, want)
	}
}

func TestDefinitions(t *testing.T) {
	seen := make(map[string]string)
	for id, typ := range bundled(t) {
		if len([]rune(typ.Definition)) < 40 {
			t.Errorf("%s: definition %q is shorter than 40 characters", id, typ.Definition)
		}
		if !strings.HasSuffix(typ.Definition, ".") {
			t.Errorf("%s: definition is not made of sentences", id)
		}
		if other, ok := seen[typ.Definition]; ok {
			t.Errorf("%s and %s have the same definition", id, other)
		}
		seen[typ.Definition] = id
	}
}

func TestLanguagesAreComplete(t *testing.T) {
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	for id, typ := range bundled(t) {
		for name, texts := range map[string]map[string]string{"labels": typ.Labels, "inverse": typ.Inverse} {
			if len(texts) != 5 {
				t.Errorf("%s: %s in %d languages, want 5", id, name, len(texts))
			}
			for _, lang := range []string{"en", "de", "fr", "ru", "uk"} {
				text := texts[lang]
				if text == "" || strings.TrimSpace(text) != text {
					t.Errorf("%s: %s in %s is %q", id, name, lang, text)
				}
				if got, want := cyrillic.MatchString(text), lang == "ru" || lang == "uk"; got != want {
					t.Errorf("%s: %s in %s is %q: wrong script", id, name, lang, text)
				}
			}
		}
	}
}

func TestLabelsAreUnambiguous(t *testing.T) {
	for _, lang := range []string{"en", "de", "fr", "ru", "uk"} {
		seen := make(map[string]string)
		for id, typ := range bundled(t) {
			texts := []string{typ.Labels[lang]}
			if !typ.Symmetric {
				texts = append(texts, typ.Inverse[lang])
			}
			for _, text := range texts {
				if other, ok := seen[text]; ok {
					t.Errorf("%s: %q is said of %s and of %s", lang, text, id, other)
				}
				seen[text] = id
			}
		}
	}
}

func TestStances(t *testing.T) {
	want := map[string]int{
		"proposes": 2, "signs": 2, "supports": 1, "accepts": 1, "declines-to-state": 0,
		"opposes": -1, "criticises": -1, "rejects": -2, "vetoes": -2,
	}
	types := bundled(t)
	for id := range want {
		if _, ok := types[id]; !ok {
			t.Errorf("type %s is missing", id)
		}
	}
	for id, typ := range types {
		stance, ok := want[id]
		switch {
		case ok && typ.Stance == nil:
			t.Errorf("%s: no stance, want %d", id, stance)
		case ok && *typ.Stance != stance:
			t.Errorf("%s: stance %d, want %d", id, *typ.Stance, stance)
		case !ok && typ.Stance != nil:
			t.Errorf("%s: stance %d, want none", id, *typ.Stance)
		}
	}
}

// TestNoClashWithDataSets keeps the bundled ids apart from those that public
// data sets define for themselves: a type of theirs with the same id would be
// checked against the kinds of ours.
func TestNoClashWithDataSets(t *testing.T) {
	// DNA, roll-call and biographical data, then the event names of ICEWS.
	taken := []string{
		"takes-position-on", "votes-on", "holds-position", "member-of-party", "member-of-committee", "participated-in", "spoke-at",
		"consult", "reject", "veto", "mediate", "demand", "accuse", "yield", "threaten", "investigate", "coerce",
		"make-statement", "make-a-visit", "host-a-visit", "engage-in-negotiation", "praise-or-endorse", "provide-aid",
		"sign-formal-agreement", "discuss-by-telephone", "deny-responsibility", "decline-comment", "reduce-relations",
	}
	prefixes := []string{"tagged-", "material-", "verbal-", "cameo-", "retreat-", "express-", "appeal-for-", "threaten-", "demand-", "reject-"}
	for id := range bundled(t) {
		if slices.Contains(taken, id) {
			t.Errorf("%s is a type of a data set", id)
		}
		for _, p := range prefixes {
			if strings.HasPrefix(id, p) {
				t.Errorf("%s begins like the types of a data set", id)
			}
		}
	}
	// Public lists of officials use this id too, with this label and these ends.
	office := bundled(t)["holds-office"]
	if office.Labels["en"] != "holds office" || !slices.Contains(office.FromKinds, KindPerson) || !slices.Contains(office.ToKinds, KindOffice) {
		t.Errorf("holds-office is %q from %q to %q", office.Labels["en"], office.FromKinds, office.ToKinds)
	}
}

func TestKindsAreSane(t *testing.T) {
	types := bundled(t)
	anyTarget := []string{"comments-on", "describes", "confirms", "claims", "denies"}
	for id, typ := range types {
		if len(typ.FromKinds) == 0 {
			t.Errorf("%s: anything may stand at the from end", id)
		}
		if got, want := len(typ.ToKinds) == 0, slices.Contains(anyTarget, id); got != want {
			t.Errorf("%s: takes any kind at the to end: %t, want %t", id, got, want)
		}
		for _, kinds := range [][]Kind{typ.FromKinds, typ.ToKinds} {
			if unique := slices.Compact(slices.Sorted(slices.Values(kinds))); len(unique) != len(kinds) {
				t.Errorf("%s: a kind stands twice in %q", id, kinds)
			}
		}
	}
	for _, id := range []string{"proposes", "supports", "accepts", "opposes", "rejects", "vetoes", "criticises", "declines-to-state"} {
		for _, k := range []Kind{KindIssue, KindProposal, KindProvision, KindAgreement, KindEvent} {
			if !slices.Contains(types[id].ToKinds, k) {
				t.Errorf("%s cannot have a %s as target", id, k)
			}
		}
	}
	for _, k := range []Kind{KindPerson, KindOrganization, KindState, KindGroup, KindOffice, KindActor} {
		if met := types["met-with"]; !slices.Contains(met.FromKinds, k) {
			t.Errorf("met-with cannot have a %s as an end", k)
		}
	}
}

// TestNarrowerFitsBroader checks that whatever a narrower type relates, the
// broader one may relate too, and that their stances do not point apart.
func TestNarrowerFitsBroader(t *testing.T) {
	types := bundled(t)
	fits := func(narrow, broad []Kind) bool {
		for _, k := range narrow {
			if len(broad) > 0 && !slices.Contains(broad, k) {
				return false
			}
		}
		return len(narrow) > 0 || len(broad) == 0
	}
	narrower := 0
	for id, typ := range types {
		if typ.Broader == "" {
			continue
		}
		narrower++
		up := types[typ.Broader]
		if !fits(typ.FromKinds, up.FromKinds) || !fits(typ.ToKinds, up.ToKinds) {
			t.Errorf("%s (%q to %q) does not fit into %s (%q to %q)", id, typ.FromKinds, typ.ToKinds, up.ID, up.FromKinds, up.ToKinds)
		}
		if up.Stance != nil && (typ.Stance == nil || *typ.Stance**up.Stance < 0) {
			t.Errorf("%s has not the direction of %s", id, up.ID)
		}
	}
	if narrower < 10 {
		t.Errorf("only %d types have a broader one", narrower)
	}
}

func TestCodes(t *testing.T) {
	forms := map[string]*regexp.Regexp{
		"CAMEO icews-1.1b3": regexp.MustCompile(`^(0[1-9]|1\d|20)\d{0,2}$`),
		"PLOVER 2021":       regexp.MustCompile(`^[A-Z]+(-[a-z]+)?$`),
	}
	coded := 0
	for id, typ := range bundled(t) {
		for _, c := range typ.Codes {
			coded++
			form := forms[c.Scheme+" "+c.Version]
			if form == nil {
				t.Errorf("%s: code of unknown scheme %q, version %q", id, c.Scheme, c.Version)
				continue
			}
			if !form.MatchString(c.Value) || c.Label == "" {
				t.Errorf("%s: %s code %q, label %q", id, c.Scheme, c.Value, c.Label)
			}
		}
	}
	if coded < 40 {
		t.Errorf("%d codes in all, want at least 40", coded)
	}
	met := bundled(t)["met-with"].Codes
	if !slices.ContainsFunc(met, func(c Code) bool { return c.Scheme == "PLOVER" && c.Value == "CONSULT" }) {
		t.Errorf("met-with has codes %+v, want CONSULT of PLOVER among them", met)
	}
}

func TestKinds(t *testing.T) {
	want := "person organization state group office place issue proposal provision agreement event actor other"
	var got []string
	for _, k := range Kinds {
		got = append(got, string(k))
		if !k.Valid() {
			t.Errorf("%q is not valid", k)
		}
	}
	if s := strings.Join(got, " "); s != want {
		t.Errorf("kinds are %q, want %q", s, want)
	}
	for _, k := range []Kind{"", "Person", "PERSON", "document", "person "} {
		if k.Valid() {
			t.Errorf("%q is valid", k)
		}
	}
}

func TestRoles(t *testing.T) {
	if !slices.IsSortedFunc(Roles, func(a, b Role) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("roles are not sorted by id")
	}
	seen := make(map[string]bool)
	for _, r := range Roles {
		if seen[r.ID] || !idPattern.MatchString(r.ID) || len(r.Definition) < 15 {
			t.Errorf("role %+v stands twice, or lacks an id or definition", r)
		}
		seen[r.ID] = true
	}
	for _, id := range []string{"place", "about", "on-behalf-of", "recipient", "mediator", "host", "capacity", "process", "order", "duration", "kind"} {
		if !seen[id] {
			t.Errorf("role %s is missing", id)
		}
	}
}
