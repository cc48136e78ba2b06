package web_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/klauspost/compress/gzip"

	"chancery/web"
)

func TestExport(t *testing.T) {
	r := start(t, nil)
	r.fill()
	a := r.get("/export")
	if a.StatusCode != 200 || strings.Count(a.body, "\n") != 5 || !strings.Contains(a.body, `"Bob <b>"`) {
		t.Fatalf("the export is %d %s", a.StatusCode, a.body)
	}
	if got := a.Header.Get("Content-Disposition"); got != `attachment; filename="chancery-1.jsonl"` {
		t.Errorf("Content-Disposition is %q", got)
	}
	tag := a.Header.Get("ETag")
	if again := r.get("/export?format=jsonl", "If-None-Match", `"x", `+tag); tag == "" || again.StatusCode != 304 || again.body != "" {
		t.Errorf("with the tag %q the answer is %d", tag, again.StatusCode)
	}
	r.do("POST", "/import", `{"entity":{"id":"cem","kind":"person","name":"Cem"}}`, "Content-Type", jsonl)
	if now := r.get("/export", "If-None-Match", tag); now.StatusCode != 200 || !strings.Contains(now.body, "Cem") || now.Header.Get("ETag") == tag {
		t.Errorf("after a change the answer is %d, tag %s", now.StatusCode, now.Header.Get("ETag"))
	}
	if old := r.get("/export?revision=1"); old.body != a.body || old.Header.Get("ETag") != tag {
		t.Errorf("the export of revision 1 is now %s", old.body)
	}
	if head := r.do("HEAD", "/export", ""); head.StatusCode != 200 || head.Header.Get("ETag") == "" || head.body != "" {
		t.Errorf("HEAD: %d", head.StatusCode)
	}
	for path, says := range map[string]string{
		"/export?format=xlsx": "there is jsonl", "/export?revision=x": "whole number", "/export?revision=99": "newest is 2", "/export?first=3": "there are format, shape, excel, revision, filter",
	} {
		if a := r.get(path); a.StatusCode != 400 || !strings.Contains(a.body, says) {
			t.Errorf("GET %s: %d %s; want 400 and %q", path, a.StatusCode, a.body, says)
		}
	}
}

func TestExportThatBreaksOffNeverLooksWhole(t *testing.T) {
	r := start(t, nil)
	documents := strings.NewReplacer("entity", "document", `"kind":"actor","name"`, `"publisher":"P","title"`).Replace(manyLines(20_000))
	if a := r.do("POST", "/import", documents, "Content-Type", jsonl); a.StatusCode != 200 || imported(t, a).Report.Created.Documents != 20_000 {
		t.Fatal(a.body)
	}
	r.store.scans.Store(15_000)
	if a := r.get("/export"); a.StatusCode != 200 || a.err == nil || len(a.body) == 0 {
		t.Errorf("an export that broke off after %d bytes ended with %d, %v", len(a.body), a.StatusCode, a.err)
	}
	r.store.scans.Store(1)
	if a := r.get("/export"); a.StatusCode != 500 || a.err != nil || strings.Contains(a.body, "disk 7") || a.Header.Get("ETag") != "" {
		t.Errorf("an export that failed at once was answered with %d %s", a.StatusCode, a.body)
	}
}

// imported is the JSON answer of an import.
func imported(t *testing.T, a answer) web.ImportAnswer {
	t.Helper()
	var out web.ImportAnswer
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		t.Fatalf("the import was answered with %d %s", a.StatusCode, a.body)
	}
	return out
}

func TestImport(t *testing.T) {
	r := start(t, nil)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(lines))
	z.Close()
	for _, c := range []struct{ media, body string }{
		{jsonl, lines}, {"application/jsonl; charset=utf-8", lines}, {"application/octet-stream", lines}, {"application/gzip", packed.String()},
	} {
		a := r.do("POST", "/import", c.body, "Content-Type", c.media)
		out := imported(t, a)
		if a.StatusCode != 200 || out.Report.Lines != 4 || out.Report.Rejected != 0 || out.Error != "" {
			t.Errorf("%s: %d %s", c.media, a.StatusCode, a.body)
		}
	}
	for _, media := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"} {
		if a := r.do("POST", "/import", lines, "Content-Type", media); a.StatusCode != 415 || !strings.Contains(a.body, jsonl) {
			t.Errorf("%q: %d %s, want 415", media, a.StatusCode, a.body)
		}
	}
	for query, says := range map[string]string{"?strict=perhaps": "neither true nor false", "?stict=1": "strict and name"} {
		if a := r.do("POST", "/import"+query, lines, "Content-Type", jsonl); a.StatusCode != 400 || !strings.Contains(a.body, says) {
			t.Errorf("%s: %d %s", query, a.StatusCode, a.body)
		}
	}
}

func TestImportBadLines(t *testing.T) {
	r := start(t, nil)
	bad := lines + `{"entity":{"id":"x","kind":"robot","name":"X"}}` + "\nnot JSON\n"
	a := r.do("POST", "/import?name=my.jsonl", bad, "Content-Type", jsonl)
	out := imported(t, a)
	if a.StatusCode != 200 || out.Report.Rejected != 2 || len(out.Rejects) != 2 || out.Rejects[0].Line != 5 || out.Rejects[1].File != "my.jsonl" || string(out.Rejects[1].Input) != `"not JSON"` {
		t.Errorf("%d %s", a.StatusCode, a.body)
	}
	a = r.do("POST", "/import?strict=true", bad, "Content-Type", jsonl)
	out = imported(t, a)
	if a.StatusCode != 422 || out.Report.Stopped == nil || out.Report.Stopped.Line != 5 || !strings.Contains(out.Error, "entity.kind") {
		t.Errorf("strict: %d %s", a.StatusCode, a.body)
	}
	a = r.do("POST", "/import", strings.Repeat("x\n", 1_500), "Content-Type", jsonl)
	if out = imported(t, a); out.Report.Rejected != 1_500 || len(out.Rejects) != 1_000 || out.RejectsLeftOut != 500 {
		t.Errorf("of 1,500 bad lines %d were listed and %d counted", len(out.Rejects), out.RejectsLeftOut)
	}
	a = r.do("POST", "/import", "\x1f\x8b\x08\x00damaged", "Content-Type", "application/gzip")
	if out = imported(t, a); a.StatusCode != 400 || out.Error == "" {
		t.Errorf("a damaged file: %d %s", a.StatusCode, a.body)
	}
}

func TestImportEvents(t *testing.T) {
	r := start(t, nil)
	a := r.do("POST", "/import", manyLines(2_500)+strings.Repeat("x\n", 1_500), "Content-Type", jsonl, "Accept", jsonl)
	var progress, rejects int
	var last web.ImportEvent
	for line := range strings.Lines(a.body) {
		last = web.ImportEvent{}
		if err := json.Unmarshal([]byte(line), &last); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if last.Progress != nil {
			progress++
		}
		if last.Reject != nil {
			rejects++
		}
	}
	if a.StatusCode != 200 || a.Header.Get("Content-Type") != jsonl || progress < 4 || rejects != 1_500 || last.Report == nil || last.Report.Created.Entities != 2_500 {
		t.Errorf("%d, %d times progress, %d rejects, at last %+v", a.StatusCode, progress, rejects, last)
	}
}

func TestReadOnly(t *testing.T) {
	r := start(t, func(c *web.Config) { c.ReadOnly = true })
	if a := r.do(http.MethodPost, "/import", lines, "Content-Type", jsonl); a.StatusCode != 403 || !strings.Contains(a.body, "read-only") {
		t.Errorf("an import was answered with %d %s", a.StatusCode, a.body)
	}
	if a := r.get("/"); !strings.Contains(a.body, "this service only reads") {
		t.Error("the page does not say that the service only reads")
	}
}
