package vocab

import "testing"

func TestLanguageFallback(t *testing.T) {
	typ := Type{
		ID:      "greets",
		Labels:  map[string]string{"en": "greets", "de": "grüßt", "de-CH": "grüsst", "uk": "вітає"},
		Inverse: map[string]string{"en": "is greeted by", "de": "wird gegrüßt von"},
	}
	tests := []struct {
		name           string
		lang           []string
		label, inverse string
	}{
		{"no wish", nil, "greets", "is greeted by"},
		{"exact tag", []string{"de"}, "grüßt", "wird gegrüßt von"},
		{"exact tag before primary subtag", []string{"de-CH"}, "grüsst", "wird gegrüßt von"},
		{"primary subtag", []string{"de-AT"}, "grüßt", "wird gegrüßt von"},
		{"primary subtag of a long tag", []string{"uk-Cyrl-UA"}, "вітає", "is greeted by"},
		{"case does not matter", []string{"DE-ch"}, "grüsst", "wird gegrüßt von"},
		{"case of the primary subtag", []string{"UK-ua"}, "вітає", "is greeted by"},
		{"second wish", []string{"fr", "de"}, "grüßt", "wird gegrüßt von"},
		{"first wish wins", []string{"uk", "de"}, "вітає", "wird gegrüßt von"},
		{"English where no wish can be met", []string{"fr", "ja"}, "greets", "is greeted by"},
		{"a tag is not a prefix of letters", []string{"deu"}, "greets", "is greeted by"},
		{"empty tag", []string{""}, "greets", "is greeted by"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := typ.Label(tt.lang...); got != tt.label {
				t.Errorf("Label(%q) = %q, want %q", tt.lang, got, tt.label)
			}
			if got := typ.InverseLabel(tt.lang...); got != tt.inverse {
				t.Errorf("InverseLabel(%q) = %q, want %q", tt.lang, got, tt.inverse)
			}
		})
	}
}

func TestLabelsOfIncompleteTypes(t *testing.T) {
	tests := []struct {
		name           string
		typ            Type
		label, inverse string
	}{
		{"nothing but an id", Type{ID: "greets"}, "greets", "← greets"},
		{"no inverse", Type{ID: "greets", Labels: map[string]string{"en": "says hello to"}}, "says hello to", "← says hello to"},
		{"symmetric without inverse", Type{ID: "knows", Symmetric: true, Labels: map[string]string{"en": "knows", "de": "kennt"}}, "kennt", "kennt"},
		{"tags that differ in case alone", Type{ID: "x", Labels: map[string]string{"De": "zwei", "DE": "eins"}}, "eins", "← eins"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := tt.typ.Label("de"); got != tt.label {
				t.Errorf("Label = %q, want %q", got, tt.label)
			}
			if got := tt.typ.InverseLabel("de"); got != tt.inverse {
				t.Errorf("InverseLabel = %q, want %q", got, tt.inverse)
			}
		})
	}
}

func TestBundledLabels(t *testing.T) {
	types := bundled(t)
	tests := []struct{ id, lang, label, inverse string }{
		{"met-with", "en", "met with", "met with"},
		{"met-with", "de-DE", "traf", "traf"},
		{"rejects", "fr-CA", "rejette", "est rejeté par"},
		{"proposes", "ru", "предлагает", "предлагается"},
		{"supports", "uk", "підтримує", "має підтримку"},
		{"holds-office", "en-US", "holds office", "is held by"},
		{"opposes", "ja", "opposes", "is opposed by"},
	}
	for _, tt := range tests {
		typ, ok := types[tt.id]
		if !ok {
			t.Errorf("type %s is missing", tt.id)
			continue
		}
		if got := typ.Label(tt.lang); got != tt.label {
			t.Errorf("%s in %s: label %q, want %q", tt.id, tt.lang, got, tt.label)
		}
		if got := typ.InverseLabel(tt.lang); got != tt.inverse {
			t.Errorf("%s in %s: inverse %q, want %q", tt.id, tt.lang, got, tt.inverse)
		}
	}
}
