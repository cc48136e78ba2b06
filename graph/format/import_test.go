package format_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"chancery/graph"
	"chancery/graph/format"
)

// treaty is a small graph with every kind of line, in the order in which an export has them.
const treaty = `{"document":{"id":"doc/agency","title":"The delegations meet","publisher":"Agency","published":"2025-04-25","lang":"en","kind":"article","text":"Ada Brown met Carl Diaz in Geneva. Brown signed the Geneva Paper."}}
{"document":{"id":"doc/copy","title":"The delegations meet","publisher":"Evening Paper","derivedFrom":"doc/agency"}}
{"document":{"id":"doc/copy-of-copy","title":"They met","publisher":"Morning Paper","derivedFrom":"doc/copy"}}
{"entity":{"id":"paper","kind":"agreement","name":"Geneva Paper"}}
{"entity":{"id":"person/ada-brown","kind":"person","name":"Ada Brown","names":[{"text":"А. Браун","lang":"ru","kind":"transliteration"}],"externalIds":{"wikidata":"Q1"},"attributes":{"born":1960,"tags":["<a>","b&c"]}}}
{"entity":{"id":"person/brown","kind":"person","name":"Brown"}}
{"entity":{"id":"person/carl-diaz","kind":"person","name":"Carl Diaz"}}
{"relationType":{"id":"dined-with","label":"dined with","symmetric":true,"broader":"met-at-length","codes":[{"scheme":"PLOVER","value":"CONSULT"}]}}
{"relationType":{"id":"met-at-length","label":"met at length","symmetric":true}}
{"relation":{"type":"dined-with","from":"wikidata:Q1","to":"person/carl-diaz","occurred":"2025-04-24~","citations":[{"document":"doc/copy-of-copy","locator":"page 2"}]}}
{"relation":{"type":"met-at-length","from":"person/ada-brown","to":"person/carl-diaz","occurred":"2025-04-25","qualifiers":[{"role":"place","text":"Geneva"}],"citations":[{"document":"doc/agency","quote":"Ada Brown met Carl Diaz"}]}}
{"relation":{"type":"signs","from":"person/brown","to":"paper","citations":[{"document":"doc/agency","quote":"Brown signed the Geneva Paper.","speaker":"person/carl-diaz"}]}}
{"judgement":{"keep":"person/ada-brown","absorb":["person/brown"],"reason":"the same article, one person"}}
`

func treatyLines() []string { return strings.Split(strings.TrimSpace(treaty), "\n") }

// collect imports a text and returns the report and the rejects.
func collect(t *testing.T, g format.Applier, src io.Reader, o format.ImportOptions) (*format.Report, []format.Reject, error) {
	t.Helper()
	var rejects []format.Reject
	o.Reject = func(r format.Reject) error {
		rejects = append(rejects, r)
		return nil
	}
	report, err := format.Import(t.Context(), g, src, o)
	return report, rejects, err
}

// mustImport imports a text in which nothing is wrong.
func mustImport(t *testing.T, g format.Applier, text string) *format.Report {
	t.Helper()
	report, rejects, err := collect(t, g, strings.NewReader(text), format.ImportOptions{File: "test"})
	if err != nil || len(rejects) > 0 {
		t.Fatalf("import failed with %v; %d rejects, first: %v %v", err, len(rejects), rejects[:min(1, len(rejects))], report)
	}
	return report
}

func TestImportCounts(t *testing.T) {
	g := openGraph(t)
	got := mustImport(t, g, treaty)
	want := format.LineCounts{Documents: 3, Entities: 4, RelationTypes: 2, Relations: 3, Judgements: 1}
	if got.Read != want || got.Lines != 13 {
		t.Errorf("read %d lines, %+v; want 13, %+v", got.Lines, got.Read, want)
	}
	if got.Created != want {
		t.Errorf("created %+v; want %+v", got.Created, want)
	}
	if again := mustImport(t, g, treaty); again.Changed() || again.Unchanged != got.Read {
		t.Errorf("the second import was not idle: %+v", again)
	}
}

func TestImportInAnyOrder(t *testing.T) {
	g := openGraph(t)
	mustImport(t, g, treaty)
	want := exportText(t, g)
	if !strings.Contains(want, `"<a>","b&c"`) {
		t.Errorf("the export escapes what JSON need not:\n%s", want)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 40 {
		lines := treatyLines()
		if i == 0 {
			for a, b := 0, len(lines)-1; a < b; a, b = a+1, b-1 {
				lines[a], lines[b] = lines[b], lines[a]
			}
		} else {
			r.Shuffle(len(lines), func(a, b int) { lines[a], lines[b] = lines[b], lines[a] })
		}
		g := openGraph(t)
		text := strings.Join(lines, "\r\n\n")
		mustImport(t, g, text)
		if got := exportText(t, g); got != want {
			t.Fatalf("lines in another order made another graph\nlines:\n%s\nexport:\n%s\nwant:\n%s", text, got, want)
		}
	}
}

func TestImportLongChainBackwards(t *testing.T) {
	const n = 300
	var b strings.Builder
	for i := n; i > 0; i-- {
		fmt.Fprintf(&b, `{"relationType":{"id":"t-%d","label":"t","broader":"t-%d"}}`+"\n", i, i-1)
	}
	b.WriteString(`{"relationType":{"id":"t-0","label":"t"}}`)
	g := openGraph(t)
	if report := mustImport(t, g, b.String()); report.Created.RelationTypes != n+1 {
		t.Errorf("created %d relation types, want %d", report.Created.RelationTypes, n+1)
	}
}

func TestExportRoundTrip(t *testing.T) {
	g := openGraph(t)
	mustImport(t, g, treaty)
	first := exportText(t, g)
	again := openGraph(t)
	mustImport(t, again, first)
	if second := exportText(t, again); second != first {
		t.Errorf("the export of the imported export differs:\n%s\nwant:\n%s", second, first)
	}
	for i, line := range strings.Split(strings.TrimSuffix(first, "\n"), "\n") {
		if !json.Valid([]byte(line)) || strings.TrimSpace(line) != line {
			t.Errorf("line %d is not one JSON object without white space around it: %q", i+1, line)
		}
	}
}

func pack(t *testing.T, text string) map[string][]byte {
	t.Helper()
	var gz, zs bytes.Buffer
	g := gzip.NewWriter(&gz)
	z, err := zstd.NewWriter(&zs)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{g, z} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// Two packed files, one after the other, are one file too.
	two := append(bytes.Clone(gz.Bytes()), gz.Bytes()...)
	return map[string][]byte{"plain": []byte(text), "gzip": gz.Bytes(), "zstd": zs.Bytes(), "gzip twice": two, "byte order mark": []byte("\ufeff" + text)}
}

func TestImportPacked(t *testing.T) {
	want := openGraph(t)
	mustImport(t, want, treaty)
	for name, data := range pack(t, treaty) {
		t.Run(name, func(t *testing.T) {
			g := openGraph(t)
			if _, rejects, err := collect(t, g, bytes.NewReader(data), format.ImportOptions{}); err != nil || len(rejects) > 0 {
				t.Fatal(err, rejects)
			}
			if exportText(t, g) != exportText(t, want) {
				t.Error("the packed file made another graph")
			}
		})
	}
}

func TestImportDamagedPack(t *testing.T) {
	for name, data := range pack(t, treaty) {
		if !strings.HasPrefix(name, "gzip") && name != "zstd" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			_, _, err := collect(t, openGraph(t), bytes.NewReader(data[:len(data)-9]), format.ImportOptions{})
			if err == nil || !strings.Contains(err.Error(), "cut off") {
				t.Errorf("a file cut off gave %v", err)
			}
			broken := bytes.Clone(data)
			broken[len(broken)/3] ^= 0x55
			if _, _, err := collect(t, openGraph(t), bytes.NewReader(broken), format.ImportOptions{}); err == nil {
				t.Error("a damaged file was taken")
			}
		})
	}
}

// badLines are lines that the treaty's graph refuses.
var badLines = []struct {
	name, line, path string
	code             graph.UserErrorCode
	says             string
}{
	{"broken JSON", `{"entity":{"id":"x"`, "entity", graph.CodeInvalid, "expected"},
	{"unknown entity", `{"relation":{"type":"met-with","from":"person/ada-browne","to":"person/carl-diaz","citations":[{"document":"doc/agency","locator":"p"}]}}`, "relation.from", graph.CodeNotFound, "person/ada-brown"},
	{"unknown type", `{"relation":{"type":"met-whith","from":"person/ada-brown","to":"person/carl-diaz","citations":[{"document":"doc/agency","locator":"p"}]}}`, "relation.type", graph.CodeNotFound, "met-with"},
	{"quote not in the text", `{"relation":{"type":"met-with","from":"person/ada-brown","to":"person/carl-diaz","citations":[{"document":"doc/agency","quote":"Ada Brown met Karl Diaz"}]}}`, "relation.citations[0].quote", graph.CodeQuoteNotFound, "Ada Brown met Carl Diaz"},
	{"ambiguous quote", `{"relation":{"type":"met-with","from":"person/ada-brown","to":"person/carl-diaz","citations":[{"document":"doc/agency","quote":"Brown"}]}}`, "relation.citations[0].quote", graph.CodeQuoteAmbiguous, "2"},
	{"bad date", `{"relation":{"type":"met-with","from":"person/ada-brown","to":"person/carl-diaz","occurred":"25.04.2025","citations":[{"document":"doc/agency","locator":"p"}]}}`, "relation.occurred", graph.CodeInvalid, "25.04.2025"},
	{"no citation", `{"relation":{"type":"met-with","from":"person/ada-brown","to":"person/carl-diaz"}}`, "relation.citations", graph.CodeRequired, "citation"},
	{"id of another kind", `{"entity":{"id":"doc/agency","kind":"person","name":"Agency"}}`, "entity.id", graph.CodeConflict, "doc/agency"},
	{"stance outside the scale", `{"relation":{"type":"supports","from":"person/ada-brown","to":"paper","stance":3,"citations":[{"document":"doc/agency","locator":"p"}]}}`, "relation.stance", graph.CodeInvalid, "-2"},
	{"unknown absorbed entity", `{"judgement":{"keep":"person/ada-brown","absorb":["person/brwn"],"reason":"r"}}`, "judgement.absorb[0]", graph.CodeNotFound, "person/brown"},
}

func TestImportBadLines(t *testing.T) {
	lines := treatyLines()
	var text strings.Builder
	wantLine := map[string]int{}
	for i, bad := range badLines {
		fmt.Fprintln(&text, lines[i])
		fmt.Fprintln(&text, bad.line)
		wantLine[bad.name] = 2*i + 2
	}
	fmt.Fprint(&text, strings.Join(lines[len(badLines):], "\n"))

	g := openGraph(t)
	report, rejects, err := collect(t, g, strings.NewReader(text.String()), format.ImportOptions{File: "bad.jsonl"})
	if err != nil {
		t.Fatal(err)
	}
	if report.Rejected != len(badLines) || len(rejects) != len(badLines) {
		t.Fatalf("%d lines were rejected, want %d: %+v", report.Rejected, len(badLines), rejects)
	}
	for _, bad := range badLines {
		found := false
		for _, r := range rejects {
			if r.Line != wantLine[bad.name] {
				continue
			}
			found = true
			p := r.Errors[0]
			if p.Path != bad.path || p.Code != bad.code || !strings.Contains(p.Message, bad.says) || r.File != "bad.jsonl" {
				t.Errorf("%s: got %s %+v; want path %s, code %s and %q in the message", bad.name, r.File, p, bad.path, bad.code, bad.says)
			}
		}
		if !found {
			t.Errorf("%s: line %d was not rejected", bad.name, wantLine[bad.name])
		}
	}
	want := openGraph(t)
	mustImport(t, want, treaty)
	if exportText(t, g) != exportText(t, want) {
		t.Error("bad lines changed what the good ones made")
	}
}

func TestRejectFileCanBeImported(t *testing.T) {
	g := openGraph(t)
	mustImport(t, g, treaty)
	var text, file bytes.Buffer
	for _, bad := range badLines {
		fmt.Fprintln(&text, bad.line)
	}
	text.WriteString("{\"entity\":{\"id\":\"z\xfcrich\",\"kind\":\"place\",\"name\":\"Zurich\"}}\n")
	if _, err := format.Import(t.Context(), g, &text, format.ImportOptions{File: "bad.jsonl", Reject: format.RejectWriter(&file)}); err != nil {
		t.Fatal(err)
	}
	before := file.String()
	// Not corrected, every line is rejected again, with the same input.
	var again bytes.Buffer
	report, err := format.Import(t.Context(), g, strings.NewReader(before), format.ImportOptions{File: "bad.jsonl", Reject: format.RejectWriter(&again)})
	if err != nil || report.Rejected != len(badLines)+1 {
		t.Fatalf("the reject file was imported with %v and %d rejects", err, report.Rejected)
	}
	inputs := func(text string) string {
		var all []string
		d := json.NewDecoder(strings.NewReader(text))
		for {
			var r format.Reject
			if err := d.Decode(&r); err != nil {
				return strings.Join(all, "\n")
			}
			all = append(all, string(r.Input))
		}
	}
	if inputs(again.String()) == "" || len(inputs(again.String())) != len(inputs(before)) {
		t.Errorf("rejected again, the inputs changed:\n%s\nwant:\n%s", inputs(again.String()), inputs(before))
	}
	// Corrected, they are taken.
	fixed := strings.NewReplacer("person/ada-browne", "person/ada-brown", "met-whith", "met-with", "Karl", "Carl",
		`"quote":"Brown"`, `"quote":"Brown","start":4`, "25.04.2025", "2025-04-25", `"to":"person/carl-diaz"}}`, `"to":"person/carl-diaz","citations":[{"document":"doc/agency","locator":"q"}]}}`,
		`{"entity":{"id":"doc/agency"`, `{"entity":{"id":"agency"`, `"stance":3`, `"stance":2`, "person/brwn", "person/brown", `\\xfc`, "ü",
		`{\"entity\":{\"id\":\"x\"`, `{\"entity\":{\"id\":\"x\",\"kind\":\"person\",\"name\":\"X\"}}`).Replace(before)
	mustImport(t, g, fixed)
	for _, id := range []string{"x", "zürich", "agency"} {
		if _, err := newestView(t, g).Entity(t.Context(), id); err != nil {
			t.Errorf("the corrected entity %s is not there: %v", id, err)
		}
	}
}

func TestImportStrict(t *testing.T) {
	lines := treatyLines()
	for _, bad := range badLines {
		t.Run(bad.name, func(t *testing.T) {
			text := strings.Join(append(append([]string{}, lines[:8]...), append([]string{lines[8], bad.line}, lines[9:]...)...), "\n")
			g := openGraph(t)
			report, rejects, err := collect(t, g, strings.NewReader(text), format.ImportOptions{File: "s.jsonl", Strict: true})
			var stop *format.LineError
			if !errors.As(err, &stop) || stop.Line != 10 || stop.File != "s.jsonl" || stop.Path != bad.path {
				t.Fatalf("strict import ended with %v", err)
			}
			if len(rejects) != 1 || report.Stopped != stop {
				t.Errorf("rejects %+v, stopped %v", rejects, report.Stopped)
			}
			// One of the types names the other, which stands behind it, and the relation both.
			if report.Created.Entities != 4 || report.Created.RelationTypes+report.Waiting < 2 {
				t.Errorf("what stands before the bad line was not written: %+v", report)
			}
			// What names something unknown may be right later, so it is bad only at the end; all else stops at once.
			if after := report.Created.Relations > 1; after != (bad.code == graph.CodeNotFound) {
				t.Errorf("lines behind the bad one written: %v", after)
			}
		})
	}
	t.Run("nothing bad", func(t *testing.T) {
		g, want := openGraph(t), openGraph(t)
		mustImport(t, want, treaty)
		lines := treatyLines()
		lines[0], lines[12] = lines[12], lines[0]
		if _, _, err := collect(t, g, strings.NewReader(strings.Join(lines, "\n")), format.ImportOptions{Strict: true}); err != nil {
			t.Fatal(err)
		}
		if exportText(t, g) != exportText(t, want) {
			t.Error("the strict import made another graph")
		}
	})
}

// events are lines of n relations between few entities, each with a locator.
func events(n int) string {
	var b strings.Builder
	b.WriteString(`{"document":{"id":"rows","title":"Rows","publisher":"P"}}` + "\n")
	for i := range 20 {
		fmt.Fprintf(&b, `{"entity":{"id":"e/%d","kind":"actor","name":"Actor %d"}}`+"\n", i, i)
	}
	for i := range n {
		fmt.Fprintf(&b, `{"relation":{"type":"met-with","from":"e/%d","to":"e/%d","occurred":"20%02d-01-%02d","citations":[{"document":"rows","locator":"row %d"}]}}`+"\n",
			i%20, i/20%20, i/400%100, i%28+1, i)
	}
	return b.String()
}

func TestImportProgressAndResume(t *testing.T) {
	text := events(5_000)
	want := openGraph(t)
	mustImport(t, want, text)

	g := openGraph(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	last := format.Progress{}
	report, err := format.Import(ctx, g, strings.NewReader(text), format.ImportOptions{Size: int64(len(text)), Progress: func(p format.Progress) {
		if p.Lines <= last.Lines || p.Bytes < last.Bytes || p.Total != int64(len(text)) || p.Revision <= last.Revision {
			t.Errorf("progress went from %+v to %+v", last, p)
		}
		if last = p; p.Lines >= 2_000 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("an interrupted import gave %v", err)
	}
	if report.Lines >= 5_021 || report.Created.Relations == 0 {
		t.Errorf("the interrupted import says %+v", report)
	}
	counts, err := newestView(t, g).Counts(t.Context())
	if err != nil || counts.Citations < last.Relations {
		t.Errorf("%d citations are there after progress told of %d (%v)", counts.Citations, last.Relations, err)
	}
	again := mustImport(t, g, text)
	if again.Unchanged.Entities != 20 || again.Created.Relations+report.Created.Relations != mustImportedRelations(t, want) {
		t.Errorf("the resumed import says %+v", again)
	}
	if exportText(t, g) != exportText(t, want) {
		t.Error("the resumed import made another graph")
	}
}

func mustImportedRelations(t *testing.T, g *graph.Graph) int {
	t.Helper()
	c, err := newestView(t, g).Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c.Relations
}

// smallBatches refuses batches above a size, as a graph does whose transactions are full.
type smallBatches struct {
	*graph.Graph
	most int
}

func (s smallBatches) ApplyEach(ctx context.Context, b graph.Batch) (*graph.Outcome, error) {
	if len(b.Changes) > s.most {
		return nil, graph.ErrBatchTooLarge
	}
	return s.Graph.ApplyEach(ctx, b)
}

func (s smallBatches) Apply(ctx context.Context, b graph.Batch) (*graph.Outcome, error) {
	if len(b.Changes) > s.most {
		return &graph.Outcome{Errors: []graph.UserError{{Code: graph.CodeLimit, Path: []string{"changes"}, Message: "too large"}}}, nil
	}
	return s.Graph.Apply(ctx, b)
}

func TestImportSplitsBatches(t *testing.T) {
	text := events(500)
	want := openGraph(t)
	mustImport(t, want, text)
	for _, strict := range []bool{false, true} {
		g := openGraph(t)
		if _, rejects, err := collect(t, smallBatches{g, 7}, strings.NewReader(text), format.ImportOptions{Strict: strict}); err != nil || len(rejects) > 0 {
			t.Fatal(strict, err, rejects)
		}
		if exportText(t, g) != exportText(t, want) {
			t.Errorf("split batches made another graph (strict: %v)", strict)
		}
	}
	_, rejects, err := collect(t, smallBatches{openGraph(t), 0}, strings.NewReader(treatyLines()[0]), format.ImportOptions{})
	if err != nil || len(rejects) != 1 || rejects[0].Errors[0].Code != graph.CodeLimit {
		t.Errorf("a line too large for any batch gave %v, %+v", err, rejects)
	}
}

// failing answers every batch with a fault.
type failing struct{ format.Applier }

var errFault = errors.New("disk full")

func (failing) ApplyEach(context.Context, graph.Batch) (*graph.Outcome, error) { return nil, errFault }

func TestImportFaults(t *testing.T) {
	if _, rejects, err := collect(t, failing{}, strings.NewReader(treaty), format.ImportOptions{}); !errors.Is(err, errFault) || len(rejects) > 0 {
		t.Errorf("a fault of the graph gave %v and %d rejects", err, len(rejects))
	}
	full := errors.New("reject file full")
	_, err := format.Import(t.Context(), openGraph(t), strings.NewReader("x\n"+treaty), format.ImportOptions{Reject: func(format.Reject) error { return full }})
	if !errors.Is(err, full) {
		t.Errorf("a fault of the reject file gave %v", err)
	}
	report, _, err := collect(t, openGraph(t), io.MultiReader(strings.NewReader(treaty), iotestErr{errFault}), format.ImportOptions{})
	if !errors.Is(err, errFault) || report.Created.Entities != 4 {
		t.Errorf("a fault of the source gave %v after %+v", err, report)
	}
	if report, _, err := collect(t, openGraph(t), strings.NewReader("\n\n"), format.ImportOptions{}); err != nil || report.Lines != 0 {
		t.Errorf("an empty file gave %v, %+v", err, report)
	}
}

type iotestErr struct{ err error }

func (r iotestErr) Read([]byte) (int, error) { return 0, r.err }

func TestImportLineTooLong(t *testing.T) {
	long := io.MultiReader(strings.NewReader(treatyLines()[0]+"\n"+`{"document":{"id":"d","title":"`), io.LimitReader(zeros{}, format.MaxLine+10), strings.NewReader("\"}}\n"+strings.Join(treatyLines()[1:], "\n")))
	report, rejects, err := collect(t, openGraph(t), long, format.ImportOptions{})
	if err != nil || len(rejects) != 1 || rejects[0].Line != 2 || rejects[0].Errors[0].Code != graph.CodeLimit || string(rejects[0].Input) != "null" {
		t.Fatalf("got %v, %+v", err, rejects)
	}
	if report.Created.Documents != 3 {
		t.Errorf("lines around a line too long are missing: %+v", report)
	}
}

// zeros is an endless run of the digit 0.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '0'
	}
	return len(p), nil
}

func TestTable(t *testing.T) {
	if f := format.ByName("JSONL"); f == nil || f.Name != "jsonl" || f.Read == nil || f.Write == nil {
		t.Errorf("ByName gave %+v", f)
	}
	for _, name := range []string{"a.jsonl", "dir.x/a.JSONL.gz", "a.ndjson.zst"} {
		if format.ByExtension(name) == nil {
			t.Errorf("%s has no format", name)
		}
	}
	for _, name := range []string{"a.csv", "jsonl", "a.gz", ""} {
		if f := format.ByExtension(name); f != nil {
			t.Errorf("%s has the format %s", name, f.Name)
		}
	}
	if format.ByMediaType("application/x-ndjson; charset=utf-8") == nil || format.ByMediaType("text/csv") != nil || format.ByMediaType("") != nil {
		t.Error("media types are not found as they should be")
	}
	seen := map[string]bool{}
	for _, f := range format.Formats {
		for _, n := range append(append([]string{f.Name}, f.Extensions...), f.MediaTypes...) {
			if seen[n] {
				t.Errorf("%s stands twice in the table", n)
			}
			seen[n] = true
		}
	}
}
