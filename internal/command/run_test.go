package command_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"chancery/internal/command"
)

// TestMain lets tests start the program itself: with this variable set, the test binary is the program.
func TestMain(m *testing.M) {
	if os.Getenv("CHANCERY_TEST_PROGRAM") != "" {
		os.Exit(command.Run(context.Background(), os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// outcome is how a run of the program ended.
type outcome struct {
	code           int
	stdout, stderr string
}

// runWith runs the program with an environment and an input.
func runWith(t *testing.T, env map[string]string, stdin string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	code := command.Run(t.Context(), args, func(name string) string { return env[name] }, strings.NewReader(stdin), &out, &err)
	return outcome{code, out.String(), err.String()}
}

// runIn runs the program on a store.
func runIn(t *testing.T, store string, args ...string) outcome {
	t.Helper()
	return runWith(t, map[string]string{"CHANCERY_STORE": store, "CHANCERY_LOG_LEVEL": "error"}, "", args...)
}

// must runs the program and fails the test when it does not end well.
func must(t *testing.T, store string, args ...string) outcome {
	t.Helper()
	o := runIn(t, store, args...)
	if o.code != 0 {
		t.Fatalf("chancery %s ended with %d: %s", strings.Join(args, " "), o.code, o.stderr)
	}
	return o
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func freshStore(t *testing.T) string {
	t.Helper()
	return "badger:" + filepath.Join(t.TempDir(), "data")
}

const talks = `{"document":{"id":"doc/agency","title":"Talks","publisher":"Agency","text":"Ada Brown met Carl Diaz in Geneva."}}
{"entity":{"id":"person/ada-brown","kind":"person","name":"Ada Brown"}}
{"entity":{"id":"person/carl-diaz","kind":"person","name":"Carl Diaz"}}
{"relation":{"type":"met-with","from":"person/ada-brown","to":"person/carl-diaz","citations":[{"document":"doc/agency","quote":"Ada Brown met Carl Diaz"}]}}
`

func TestWrongUse(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		args string
		env  map[string]string
		says []string
	}{
		{args: "sevre", says: []string{`no command "sevre"`, "did you mean serve"}},
		{args: "frobnicate-everything", says: []string{"no command"}},
		{args: "serve extra", says: []string{"takes no arguments", `"extra"`}},
		{args: "serve --lisen :1", says: []string{"--lisen", "did you mean --listen"}},
		{args: "import --example f", says: []string{"--example is not for import, but for serve"}},
		{args: "serve --timeout 3", says: []string{"--timeout", "10s"}},
		{args: "serve --max-cost 0", says: []string{"--max-cost", "from 1"}},
		{args: "serve --timeout", says: []string{"--timeout needs a value"}},
		{args: "serve --memory lots", says: []string{"--memory", "512MiB"}},
		{args: "serve --log-level loud", says: []string{"debug, info, warn, error"}},
		{args: "serve --example=perhaps", says: []string{"--example", "neither true nor false"}},
		{args: "serve --listen 8080", says: []string{"127.0.0.1:8080"}},
		{args: "serve --listen 127.0.0.1:http-over-there", says: []string{"no port"}},
		{args: "serve --listen 0.0.0.0:0", says: []string{"other machines", "--read-only"}},
		{args: "serve --listen :0", says: []string{"other machines", "--read-only"}},
		{args: "import", says: []string{"needs a file"}},
		{args: "import --format xml f", says: []string{`no format "xml"`, "there is jsonl"}},
		{args: "export --format xml", says: []string{`no format "xml"`, "there is jsonl"}},
		{args: "stats --hots x", says: []string{"no flag --hots\n"}}, // --hosts is for serve
		{args: "import --url localhost:8080 f", says: []string{"http://127.0.0.1:8080"}},
		{args: "import --url http://127.0.0.1:1 --store memory: f", says: []string{"give one"}},
		{args: "export --revision newest", says: []string{"--revision", "whole number"}},
		{args: "help serve import", says: []string{"one command"}},
		{args: "help nothing-of-the-kind", says: []string{"no command"}},
		{args: "stats", env: map[string]string{"CHANCERY_LOG_FORMAT": "xml"}, says: []string{"CHANCERY_LOG_FORMAT", "text, json"}},
	} {
		o := runWith(t, c.env, "", strings.Fields(c.args)...)
		if o.code != 2 || o.stdout != "" {
			t.Errorf("%s: exit code %d, want 2; %s", c.args, o.code, o.stderr)
		}
		for _, part := range c.says {
			if !strings.Contains(o.stderr, part) {
				t.Errorf("%s: the message does not say %q: %s", c.args, part, o.stderr)
			}
		}
	}
	if left, err := os.ReadDir("."); err != nil || len(left) > 0 {
		t.Errorf("wrong uses left files behind: %v %v", left, err)
	}
}

func TestFailures(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, says := range map[string]string{
		"stats":                             "no store to read",
		"export":                            "no store to read",
		"verify --store bolt:x":             `unknown scheme "bolt"`,
		"import missing.jsonl":              "no such file",
		"import .":                          ". is a directory",
		"export -o .":                       ". is a directory",
		"export -o none/f.jsonl":            "the directory of none/f.jsonl",
		"import --url http://127.0.0.1:1 -": "is a service running there?",
		"export --url http://127.0.0.1:1":   "is a service running there?",
	} {
		if o := runWith(t, nil, "", strings.Fields(args)...); o.code != 1 || !strings.Contains(o.stderr, says) {
			t.Errorf("%s: exit code %d, %s; want 1 and %q", args, o.code, o.stderr, says)
		}
	}
}

func TestHelp(t *testing.T) {
	general := runWith(t, nil, "", "help")
	for _, form := range []string{"--help", "-h"} {
		if o := runWith(t, nil, "", form); o != general {
			t.Errorf("%s differs from help: %+v", form, o)
		}
	}
	for _, name := range []string{"serve", "import", "export", "verify", "stats", "version", "help"} {
		if general.code != 0 || !strings.Contains(general.stdout, "\n  "+name) {
			t.Errorf("help does not list %s", name)
		}
		a, b := runWith(t, nil, "", "help", name), runWith(t, nil, "", name, "--help")
		if a.code != 0 || a != b || !strings.Contains(a.stdout, "Usage: chancery "+name) {
			t.Errorf("help of %s: %+v, %+v", name, a, b)
		}
	}
	serve := runWith(t, nil, "", "help", "serve").stdout
	for _, want := range []string{"--store URL", "default badger:./data", "CHANCERY_STORE", "--drain-timeout DURATION", "default 15s", "CHANCERY_DRAIN_TIMEOUT"} {
		if !strings.Contains(serve, want) {
			t.Errorf("the help of serve does not say %q", want)
		}
	}
	if o := runWith(t, nil, "", "version", "--json"); o.code != 0 || !strings.Contains(o.stdout, `"version":`) {
		t.Errorf("version: %+v", o)
	}
}

func TestFlagsBeatTheEnvironment(t *testing.T) {
	file := write(t, "talks.jsonl", talks)
	byEnv, byFlag := freshStore(t), freshStore(t)
	env := map[string]string{"CHANCERY_STORE": byEnv, "CHANCERY_JSON": "true"}
	// A flag may stand behind the arguments, and in either form.
	if o := runWith(t, env, "", "import", file, "--store", byFlag, "-json=false"); o.code != 0 || strings.HasPrefix(o.stdout, "{") {
		t.Fatalf("%+v", o)
	}
	if o := runWith(t, env, "", "stats"); o.code != 1 {
		t.Errorf("the store of the environment was used: %+v", o)
	}
	// A store by flag wins over a service by environment variable.
	env["CHANCERY_URL"] = "http://127.0.0.1:1"
	if o := runWith(t, env, "", "export", "--store", byFlag); o.code != 0 || !strings.Contains(o.stdout, "Carl Diaz") {
		t.Errorf("%+v", o)
	}
	delete(env, "CHANCERY_URL")
	if o := runWith(t, env, "", "import", "--", file); o.code != 0 || !strings.HasPrefix(o.stdout, "{") {
		t.Errorf("%+v", o)
	}
	if o := runWith(t, env, "", "stats"); o.code != 0 || !strings.Contains(o.stdout, `"relations":1`) {
		t.Errorf("the environment was not used: %+v", o)
	}
}

func TestSettingsAreDocumented(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "settings.md")
	want := runWith(t, nil, "", "help", "--markdown").stdout
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("docs/settings.md is not what the table of settings says: run go run . help --markdown > docs/settings.md")
	}
}

// A file named for another format is not filled with JSON Lines.
func TestExportByForeignName(t *testing.T) {
	var out, errs bytes.Buffer
	name := filepath.Join(t.TempDir(), "graph.csv.gz")
	code := command.Run(t.Context(), []string{"export", "--store", "memory:", "-o", name}, func(string) string { return "" }, nil, &out, &errs)
	if _, err := os.Stat(name); code != 2 || err == nil || !strings.Contains(errs.String(), "there is jsonl") {
		t.Errorf("exit code %d, %s, %v", code, errs.String(), err)
	}
}
