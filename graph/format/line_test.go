package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/graph"
)

// BenchmarkDecode reads lines like those of event data, about 280 bytes each.
func BenchmarkDecode(b *testing.B) {
	lines := make([][]byte, 1_000)
	size := 0
	for i := range lines {
		lines[i] = fmt.Appendf(nil, `{"relation":{"type":"consult","from":"example/e/person-%d","to":"example/e/state-%d","occurred":"2005-01-%02d",`+
			`"qualifiers":[{"role":"place","text":"Canberra, Australia"}],"citations":[{"document":"example/doc","quote":"they met for %d hours","start":%d,"locator":"row:%d"}]}}`,
			i, i%50, i%28+1, i, i*10, i)
		size += len(lines[i])
	}
	b.SetBytes(int64(size / len(lines)))
	var d decoder
	i := 0
	for b.Loop() {
		if _, _, p := d.decode(lines[i%len(lines)]); p != nil {
			b.Fatal(p)
		}
		i++
	}
}

func TestDecodeMistakes(t *testing.T) {
	for _, c := range []struct {
		name, line string
		path       string
		says       []string // parts of the message
	}{
		{"cut off", `{"relation":{"type":"met-w`, "relation.type", []string{"byte 27", "no end", "cut off"}},
		{"cut off between values", `{"entity":{"id":`, "entity.id", []string{"cut off"}},
		{"not JSON", `id,name`, "", []string{"'i' stands where an object is expected"}},
		{"not JSON inside", `{"entity":{"id":person}}`, "entity.id", []string{"byte 17", "'p'", "a string"}},
		{"no object", `["entity"]`, "", []string{"a list", "an object"}},
		{"null", `null`, "", []string{"null", "an object"}},
		{"empty object", `{}`, "", []string{"exactly one of the keys document, entity", "none"}},
		{"two keys", `{"entity":{"id":"a"},"document":{"id":"b"}}`, "", []string{"exactly one", "document and entity"}},
		{"null value", `{"entity":null}`, "entity", []string{"give an object"}},
		{"entity without an id", `{"entity":{"kind":"person","name":"A"}}`, "entity.id", []string{"required", "same entity"}},
		{"document without an id", `{"document":{"id":null,"title":"A"}}`, "document.id", []string{"required", "same document"}},
		{"value of another type", `{"entity":"person/a"}`, "entity", []string{"a string", "an object"}},
		{"unknown key", `{"entitty":{"id":"a"}}`, "entitty", []string{`did you mean "entity"`, "relationType"}},
		{"wrong case", `{"Entity":{"id":"a"}}`, "Entity", []string{`"entity"`}},
		{"unknown field", `{"relation":{"type":"t","ocurred":"2025"}}`, "relation.ocurred", []string{`did you mean "occurred"`, "the fields here are type, from, to"}},
		{"unknown field deep inside", `{"relation":{"citations":[{"document":"d"},{"document":"d","qoute":"x"}]}}`, "relation.citations[1].qoute", []string{`"quote"`}},
		{"unknown field of a name", `{"entity":{"names":[{"text":"A","language":"en"}]}}`, "entity.names[0].language", []string{"text, lang, kind"}},
		{"repeated field", `{"entity":{"id":"a","id":"b"}}`, "entity.id", []string{"twice"}},
		{"repeated escaped field", `{"entity":{"id":"a","\u0069d":"b"}}`, "entity.id", []string{"twice"}},
		{"repeated key", `{"entity":{"id":"a"},"entity":{"id":"b"}}`, "entity", []string{"twice"}},
		{"repeated attribute", `{"entity":{"attributes":{"a":{"b":1,"b":2}}}}`, "entity.attributes.a.b", []string{"twice"}},
		{"string for a number", `{"relation":{"stance":"2"}}`, "relation.stance", []string{"a string", "a whole number"}},
		{"fraction", `{"relation":{"stance":1.5}}`, "relation.stance", []string{"1.5 is not a whole number"}},
		{"exponent", `{"relation":{"stance":1e0}}`, "relation.stance", []string{"without fraction and exponent"}},
		{"huge number", `{"relation":{"stance":99999999999999999999}}`, "relation.stance", []string{"beyond"}},
		{"huge confidence", `{"relation":{"citations":[{"confidence":1e999}]}}`, "relation.citations[0].confidence", []string{"beyond"}},
		{"number for a string", `{"document":{"published":2025}}`, "document.published", []string{"the number 2025", "a string"}},
		{"number for a flag", `{"relationType":{"symmetric":1}}`, "relationType.symmetric", []string{"true or false"}},
		{"object for a list", `{"relation":{"citations":{"document":"d"}}}`, "relation.citations", []string{"an object", "a list"}},
		{"null in a list", `{"judgement":{"absorb":["a",null]}}`, "judgement.absorb[1]", []string{"null cannot stand in a list"}},
		{"external id of a wrong type", `{"entity":{"externalIds":{"wikidata":7747}}}`, "entity.externalIds.wikidata", []string{"a string or a list of strings"}},
		{"more behind the object", `{"entity":{"id":"a"}}{"entity":{"id":"b"}}`, "", []string{"byte 22", "one object and nothing behind it"}},
		{"comma at the end", `{"entity":{"id":"a",}}`, "entity", []string{"byte 21", "'}' stands where a field name in double quotes"}},
		{"missing comma", `{"entity":{"id":"a" "name":"b"}}`, "entity", []string{"a comma or }"}},
		{"leading zero", `{"relation":{"stance":01}}`, "relation", []string{"'1' stands where a comma or }"}},
		{"missing colon", `{"entity" {"id":"a"}}`, "", []string{"a colon after a field name"}},
		{"single quotes", `{'entity':{}}`, "", []string{"double quotes"}},
		{"not UTF-8", "{\"entity\":{\"name\":\"Zur\xfcck\"}}", "entity.name", []string{"0xfc", "save the file as UTF-8"}},
		{"control character", "{\"entity\":{\"name\":\"a\tb\"}}", "entity.name", []string{`\u0009`}},
		{"lone surrogate", `{"entity":{"name":"\ud83d"}}`, "entity.name", []string{"first half"}},
		{"second surrogate alone", `{"entity":{"name":"\ude00"}}`, "entity.name", []string{"second half"}},
		{"unknown escape", `{"entity":{"name":"C:\data"}}`, "entity.name", []string{`write \\`}},
		{"too deep", `{"entity":{"attributes":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}`, "", []string{"64 levels"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var d decoder
			_, _, problems := d.decode([]byte(c.line))
			if len(problems) == 0 {
				t.Fatal("no mistake was found")
			}
			p := problems[0]
			if c.name != "too deep" && p.Path != c.path {
				t.Errorf("path %q, want %q", p.Path, c.path)
			}
			for _, part := range c.says {
				if !strings.Contains(p.Message, part) {
					t.Errorf("the message does not say %q: %s", part, p.Message)
				}
			}
			if p.Code == "" {
				t.Error("no code")
			}
		})
	}
}

func TestDecodeTellsAllMistakes(t *testing.T) {
	var d decoder
	_, _, problems := d.decode([]byte(`{"relation":{"typ":"t","stance":"2","citations":[{"start":"1"}]}}`))
	var paths []string
	for _, p := range problems {
		paths = append(paths, p.Path)
	}
	if got, want := fmt.Sprint(paths), "[relation.typ relation.stance relation.citations[0].start]"; got != want {
		t.Errorf("paths %s, want %s", got, want)
	}
}

func TestDecodeNull(t *testing.T) {
	var d decoder
	c, k, problems := d.decode([]byte(` {"relation": {"type": "t", "stance": null, "condition": null, "citations": null} } `))
	if len(problems) > 0 || k != kindRelation || c.AddRelation.Stance != nil || c.AddRelation.Type != "t" {
		t.Errorf("got %+v, kind %d, problems %v", c.AddRelation, k, problems)
	}
	c, _, problems = d.decode([]byte(`{"entity":{"id":"a","description":null,"attributes":{"n":[1,true,null,"x"]}}}`))
	if len(problems) > 0 || !c.PutEntity.Description.Null || c.PutEntity.Name.Set {
		t.Errorf("got %+v, problems %v", c.PutEntity, problems)
	}
	if c.PutEntity.ExternalIDs.Set {
		t.Error("external ids were not given")
	}
}

// FuzzDecode checks that whatever the checker lets pass is JSON that the decoder takes without loss.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"entity":{"id":"a","kind":"person","name":"\u00e4\ud83d\ude00","externalIds":{"wikidata":["Q1","Q2"],"x":"y"},"attributes":{"a":-1.5e+3}}}`,
		`{"document":{"id":"d","authors":["a"],"text":"x\ny"}}`,
		`{"relation":{"type":"t","from":"a","to":"b","stance":-2,"qualifiers":[{"role":"r","text":"x"}],"citations":[{"document":"d","confidence":0.5,"via":["a"]}]}}`,
		`{"file":"f","line":3,"errors":[],"input":"{\"judgement\":{\"keep\":\"a\",\"absorb\":[\"b\"]}}"}`,
		`{"file":"f","line":3,"input":{"relationType":{"id":"t","symmetric":true}}}`,
		`{"entity":`, `[]`, `{"a":1}`, "{\"entity\":{\"id\":\"\xff\"}}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var d decoder
		c, k, problems := d.decode(raw)
		if len(problems) > 0 {
			return
		}
		if k == kindUnknown || c == (graph.Change{}) {
			t.Fatalf("%q was accepted as nothing", raw)
		}
		if fromReject(raw) {
			return
		}
		var l line
		strict := json.NewDecoder(bytes.NewReader(raw))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&l); err != nil || !json.Valid(raw) {
			t.Fatalf("%q was accepted, but encoding/json says: %v", raw, err)
		}
	})
}

// TestFieldsAreDocumented checks that the documentation of the format lists every field in the section of its line.
func TestFieldsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "interchange.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range lineShape.fields {
		_, section, ok := strings.Cut(string(doc), "\n## "+f.name+"\n")
		if !ok {
			t.Errorf("no section on %s", f.name)
		}
		section, _, _ = strings.Cut(section, "\n## ")
		undocumented(t, section, f.name, f.shape)
	}
}

func undocumented(t *testing.T, section, path string, s *shape) {
	t.Helper()
	if s.elem != nil {
		undocumented(t, section, path, s.elem)
	}
	for _, f := range s.fields {
		if !strings.Contains(section, "`"+f.name+"`") {
			t.Errorf("%s.%s is not documented", path, f.name)
		}
		undocumented(t, section, path+"."+f.name, f.shape)
	}
}

func TestShapesMatchTheKinds(t *testing.T) {
	for k, want := range map[kind]string{kindDocument: "document", kindEntity: "entity", kindRelationType: "relationType", kindRelation: "relation", kindJudgement: "judgement"} {
		if k.key() != want {
			t.Errorf("kind %d has the key %q, want %q", k, k.key(), want)
		}
	}
}
