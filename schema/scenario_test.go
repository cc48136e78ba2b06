package schema

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"chancery/graph"
)

// Scenarios are files in the users' language: what somebody records, asks and
// is answered. They run against every engine. A file begins with a few words
// on what it shows. Then come sections, each under a line `-- name: caption --`,
// where the caption may be left out:
//
//	data       records in the interchange format, one a line, written as one batch
//	query      a GraphQL document
//	variables  of the query before it; "$a.b.0" stands for that place in the data answered last
//	answer     what the query must be answered with; "*" stands for any value but null
//
// The extensions of an answer are compared only where the scenario has some.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sections, err := parseScenario(string(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		for engine, url := range map[string]string{"memory": "memory:", "badger": "badger:"} {
			t.Run(name+"/"+engine, func(t *testing.T) {
				if engine == "badger" {
					url += t.TempDir()
				}
				g := newGraph(t, url)
				(&scenario{t: t, graph: g, handler: Handler(g, Config{})}).run(sections)
			})
		}
	}
}

type section struct {
	line int // of its heading
	name string
	text string
}

var sectionHeading = regexp.MustCompile(`^-- (\w+)(: .*)? --$`)

func parseScenario(text string) ([]section, error) {
	var out []section
	for i, line := range strings.Split(text, "\n") {
		if m := sectionHeading.FindStringSubmatch(line); m != nil {
			out = append(out, section{line: i + 1, name: m[1]})
			continue
		}
		if strings.HasPrefix(line, "--") {
			return nil, fmt.Errorf("line %d looks like a heading and is none: %s", i+1, line)
		}
		if len(out) > 0 {
			out[len(out)-1].text += line + "\n"
		}
	}
	if len(out) == 0 || out[len(out)-1].name != "answer" {
		return nil, fmt.Errorf("a scenario ends with an answer")
	}
	return out, nil
}

type scenario struct {
	t       *testing.T
	graph   *graph.Graph
	handler http.Handler

	query     string
	variables map[string]any
	last      answer
}

func (s *scenario) run(sections []section) {
	s.t.Helper()
	for _, sec := range sections {
		var err error
		switch sec.name {
		case "data":
			err = s.write(sec.text)
		case "query":
			s.query, s.variables = sec.text, nil
		case "variables":
			err = s.resolve(sec.text)
		case "answer":
			err = s.check(sec.text)
		default:
			err = fmt.Errorf("there are no sections of this name")
		}
		if err != nil {
			s.t.Fatalf("%s in line %d: %v", sec.name, sec.line, err)
		}
	}
}

// write applies the records of a data section.
func (s *scenario) write(text string) error {
	b := graph.Batch{By: "scenario"}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) == "" {
			continue
		}
		var rec struct {
			Entity       *graph.EntityInput
			Document     *graph.DocumentInput
			RelationType *graph.RelationTypeInput
			Relation     *graph.RelationInput
			Judgement    *graph.MergeInput
		}
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		if err := d.Decode(&rec); err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
		b.Changes = append(b.Changes, graph.Change{PutEntity: rec.Entity, PutDocument: rec.Document, PutRelationType: rec.RelationType, AddRelation: rec.Relation, MergeEntities: rec.Judgement})
	}
	out, err := s.graph.Apply(context.Background(), b)
	if err != nil {
		return err
	}
	for _, e := range out.Errors {
		s.t.Errorf("%s at %s: %s", e.Code, strings.Join(e.Path, "."), e.Message)
	}
	if len(out.Errors) > 0 {
		return fmt.Errorf("the data was refused")
	}
	return nil
}

func (s *scenario) resolve(text string) error {
	v, err := parseJSON([]byte(text))
	if err != nil {
		return err
	}
	v, err = s.substitute(v)
	s.variables, _ = v.(map[string]any)
	return err
}

// substitute replaces references to the last answer.
func (s *scenario) substitute(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case string:
		path, ok := strings.CutPrefix(v, "$")
		if !ok {
			return v, nil
		}
		found, ok := pick(s.last.data, strings.Split(path, "."))
		if !ok {
			return nil, fmt.Errorf("the last answer has no %s", path)
		}
		return found, nil
	case map[string]any:
		for k := range v {
			if v[k], err = s.substitute(v[k]); err != nil {
				return nil, err
			}
		}
	case []any:
		for i := range v {
			if v[i], err = s.substitute(v[i]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// indexed waits until all that was written before can be searched.
func (s *scenario) indexed() error {
	v, err := s.graph.View(s.t.Context(), graph.At{})
	if err != nil {
		return err
	}
	defer v.Release()
	return s.graph.AwaitText(s.t.Context(), v.Revision())
}

func (s *scenario) check(text string) error {
	want, err := parseJSON([]byte(text))
	if err != nil {
		return err
	}
	if s.query == "" {
		return fmt.Errorf("no query comes before it")
	}
	if err := s.indexed(); err != nil {
		return err
	}
	s.last = ask(s.t, s.handler, s.query, s.variables)
	got, err := parseJSON([]byte(s.last.raw))
	if err != nil {
		return err
	}
	body, _ := got.(map[string]any)
	if _, wanted := pick(want, []string{"extensions"}); !wanted {
		delete(body, "extensions")
	}
	if diff := differences("answer", want, got); len(diff) > 0 {
		var pretty bytes.Buffer
		_ = json.Indent(&pretty, []byte(s.last.raw), "", "  ") // it was parsed above
		return fmt.Errorf("%s\nin full: %s", strings.Join(diff, "\n"), pretty.String())
	}
	s.query = ""
	return nil
}

func parseJSON(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	err := d.Decode(&v)
	return v, err
}

func TestDifferences(t *testing.T) {
	parse := func(s string) any {
		v, err := parseJSON([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		want, got string
		diff      int
	}{
		{`{"a":[1,"x",null]}`, `{"a":[1,"x",null]}`, 0},
		{`{"a":"*"}`, `{"a":{"b":1}}`, 0},
		{`{"a":"*"}`, `{"a":null}`, 1},
		{`{"a":1}`, `{"a":2}`, 1},
		{`{"a":1}`, `{"a":1,"b":2}`, 1},
		{`{"a":1,"b":2}`, `{"a":1}`, 1},
		{`[1,2]`, `[1]`, 1},
		{`[1,2]`, `[2,1]`, 2},
		{`{"a":1}`, `[]`, 1},
		{`1`, `"1"`, 1},
	} {
		if diff := differences("", parse(c.want), parse(c.got)); len(diff) != c.diff {
			t.Errorf("%s and %s: %v, want %d differences", c.want, c.got, diff, c.diff)
		}
	}
}
