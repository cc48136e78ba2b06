package command_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func TestImportVerifyStatsExport(t *testing.T) {
	store, file := freshStore(t), write(t, "talks.jsonl", talks)
	o := must(t, store, "import", file)
	for _, want := range []string{"talks.jsonl: 4 lines", "relation lines"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("import does not say %q: %s", want, o.stdout)
		}
	}
	o = must(t, store, "stats")
	if !regexp.MustCompile(`documents +entities +relation types +distinct relations +citations +merges\n +1 +2 +1 +1 +1 +0\n`).MatchString(o.stdout) {
		t.Errorf("stats says %s", o.stdout)
	}
	if o := must(t, store, "verify"); !strings.Contains(o.stdout, "everything agrees") {
		t.Errorf("verify says %s", o.stdout)
	}
	o = must(t, store, "verify", "--json")
	var report struct {
		Revision int
		Checked  []struct{ Stage string }
		Problems []any
	}
	if err := json.Unmarshal([]byte(o.stdout), &report); err != nil || report.Revision != 1 || len(report.Checked) == 0 || len(report.Problems) != 0 {
		t.Errorf("verify --json says %s", o.stdout)
	}
	first := must(t, store, "export").stdout
	other := freshStore(t)
	must(t, other, "import", write(t, "export.jsonl", first))
	if second := must(t, other, "export").stdout; second != first || strings.Count(first, "\n") != 5 {
		t.Errorf("the export of the imported export is\n%s\nwant\n%s", second, first)
	}
}

func TestExportToFile(t *testing.T) {
	store := freshStore(t)
	must(t, store, "import", write(t, "talks.jsonl", talks))
	want := must(t, store, "export").stdout
	must(t, store, "import", write(t, "more.jsonl", `{"entity":{"id":"x","kind":"person","name":"X"}}`))
	dir := t.TempDir()
	for _, name := range []string{"a.jsonl", "a.jsonl.gz", "a.jsonl.zst"} {
		path := filepath.Join(dir, name)
		must(t, store, "export", "-o", path, "--revision", "1")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := unpacked(t, name, data); got != want {
			t.Errorf("%s holds %.200s", name, got)
		}
	}
	if o := runIn(t, store, "export", "-o", filepath.Join(dir, "b.jsonl"), "--revision", "7"); o.code != 1 || !strings.Contains(o.stderr, "newest is 2") {
		t.Errorf("%+v", o)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("files left are %v (%v)", left, err)
	}
}

func TestExportRefusesWhatNoFormatHas(t *testing.T) {
	store := freshStore(t)
	for says, args := range map[string][]string{
		"no shape":            {"--shape", "ties"},
		"option of csv":       {"--format", "dot", "--excel"},
		"filter.types[0] is":  {"--filter", `{"types": [1]}`},
		"neighborhood is not": {"--neighborhood", "ann"},
		"exclude each other":  {"--filter", "{}", "--neighborhood", `{"seeds": ["ann"]}`},
	} {
		if o := runIn(t, store, append([]string{"export"}, args...)...); o.code != 2 || !strings.Contains(o.stderr, says) {
			t.Errorf("%q: %+v; want %q", args, o, says)
		}
	}
	if o := runIn(t, store, "import", write(t, "graph.graphml", "<graphml/>")); o.code != 2 || !strings.Contains(o.stderr, `no format ".graphml" to import`) {
		t.Errorf("import of GraphML: %+v", o)
	}
}

func unpacked(t *testing.T, name string, data []byte) string {
	t.Helper()
	var r io.Reader = bytes.NewReader(data)
	switch filepath.Ext(name) {
	case ".gz":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case ".zst":
		z, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		r = z
	}
	text, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const badTalks = `{"entity":{"id":"person/eve","kind":"persona","name":"Eve"}}
{"relation":{"type":"met-with","from":"person/ada-brown","to":"person/carl-dias","citations":[{"document":"doc/agency","quote":"Ada Brown met Carl Diaz"}]}}
`

func TestImportRejects(t *testing.T) {
	t.Chdir(t.TempDir())
	store := freshStore(t)
	file := write(t, "talks.jsonl", talks+badTalks)
	o := runIn(t, store, "import", file)
	if o.code != 1 {
		t.Errorf("with bad lines the exit code is %d", o.code)
	}
	for _, want := range []string{"talks.jsonl:5: entity.kind: ", "talks.jsonl:6: relation.to: ", "person/carl-diaz", "[NOT_FOUND]"} {
		if !strings.Contains(o.stderr, want) {
			t.Errorf("import does not say %q: %s", want, o.stderr)
		}
	}
	if !strings.Contains(o.stdout, "talks.rejects.jsonl") {
		t.Errorf("import does not name the reject file: %s", o.stdout)
	}
	text, err := os.ReadFile("talks.rejects.jsonl")
	if err != nil || strings.Count(string(text), "\n") != 2 {
		t.Fatalf("the reject file is %q (%v)", text, err)
	}
	// A second run does not write over what may have been corrected by now.
	runIn(t, store, "import", file)
	if again, err := os.ReadFile("talks.rejects-2.jsonl"); err != nil || !bytes.Equal(again, text) {
		t.Errorf("the second reject file is %q (%v)", again, err)
	}
	if o := runIn(t, store, "import", file, "--reject-file", "bad.jsonl"); o.code != 1 {
		t.Errorf("%+v", o)
	}
	if named, err := os.ReadFile("bad.jsonl"); err != nil || !bytes.Equal(named, text) {
		t.Errorf("the named reject file is %q (%v)", named, err)
	}
	if o := runIn(t, store, "import", "bad.jsonl", "--reject-file", "./bad.jsonl"); o.code != 2 {
		t.Errorf("a file may not be its own reject file: %+v", o)
	}
	fixed := strings.NewReplacer("persona", "person", "carl-dias", "carl-diaz").Replace(string(text))
	if err := os.WriteFile("bad.jsonl", []byte(fixed), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, store, "import", "bad.jsonl")
	if o := must(t, store, "stats", "--json"); !strings.Contains(o.stdout, `"entities":3`) {
		t.Errorf("the corrected lines are not there: %s", o.stdout)
	}
}

func TestImportStrictStops(t *testing.T) {
	t.Chdir(t.TempDir())
	store := freshStore(t)
	o := runIn(t, store, "import", "--strict", "--json", write(t, "talks.jsonl", strings.SplitAfter(talks, "\n")[0]+badTalks+talks))
	var report struct {
		Stopped struct {
			Line int
			Path string
		}
		Created    struct{ Documents, Entities int }
		RejectFile string
	}
	if err := json.Unmarshal([]byte(o.stdout), &report); err != nil || o.code != 1 {
		t.Fatalf("%+v (%v)", o, err)
	}
	if report.Stopped.Line != 2 || report.Stopped.Path != "entity.kind" || report.Created.Documents != 1 || report.Created.Entities != 0 || report.RejectFile != "talks.rejects.jsonl" {
		t.Errorf("the report is %+v", report)
	}
}

func TestImportStandardInput(t *testing.T) {
	store := freshStore(t)
	env := map[string]string{"CHANCERY_STORE": store, "CHANCERY_PROGRESS": "json"}
	o := runWith(t, env, talks, "import", "-")
	if o.code != 0 || !strings.Contains(o.stdout, "stdin: 4 lines") {
		t.Fatalf("%+v", o)
	}
	var p struct{ Lines, Relations, Revision int }
	if err := json.Unmarshal([]byte(o.stderr), &p); err != nil || p.Lines != 4 || p.Relations != 1 || p.Revision != 1 {
		t.Errorf("progress is %s (%v)", o.stderr, err)
	}
}

func TestStoreInUse(t *testing.T) {
	store := freshStore(t)
	must(t, store, "import", write(t, "talks.jsonl", talks))
	s := startServer(t, store)
	for _, c := range []struct{ args, says string }{
		{"serve --listen 127.0.0.1:0", "by process " + pid()}, {"stats", "by process " + pid()},
		{"import " + write(t, "talks.jsonl", talks), "--url http://127.0.0.1:8080"},
	} {
		if o := runIn(t, store, strings.Fields(c.args)...); o.code != 1 || !strings.Contains(o.stderr, c.says) {
			t.Errorf("%s: exit code %d, %s; want 1 and %q", c.args, o.code, o.stderr, c.says)
		}
	}
	if o := runIn(t, "memory:", "serve", "--listen", strings.TrimPrefix(s.url, "http://")); o.code != 1 || !strings.Contains(o.stderr, "another chancery serves there") {
		t.Errorf("with the port in use: %+v", o)
	}
}
