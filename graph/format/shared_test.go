package format_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/store/memory"
)

// sharedData are the data sets beside the repository, with what a faithful import makes of each.
var sharedData = []struct {
	name                                                    string
	documents, entities, types, lines, relations, citations int
}{
	{"kremlin-2025", 225, 1_177, 6, 3_385, 1_850, 3_385},
	{"icews-events", 1, 19_347, 249, 350_876, 350_876, 350_876},
	{"unga-votes", 6_203, 6_410, 1, 870_109, 870_109, 870_109},
	{"gdelt-events", 4_590, 582, 153, 7_528, 6_915, 7_528},
	{"gdelt-rus-ukr-2022-04", 9_306, 2, 4, 20_967, 4, 20_967},
	{"us-officials", 3, 858, 3, 9_725, 9_725, 9_725},
	{"dna-sample", 7, 20, 1, 40, 23, 40},
}

func TestSharedData(t *testing.T) {
	for _, d := range sharedData {
		t.Run(d.name, func(t *testing.T) {
			path := filepath.Join("..", "..", "..", "shared", "data", d.name+".jsonl.gz")
			if _, err := os.Stat(path); err != nil {
				t.Skipf("the shared data are not beside the repository: %v", err)
			}
			if testing.Short() && d.lines > 100_000 {
				t.Skip("large data are left out of short runs")
			}
			g := openGraph(t)
			first := importFile(t, g, path)
			if first.Rejected != 0 || first.Read.Relations != d.lines {
				t.Errorf("import read %d relation lines and rejected %d lines; want %d and 0", first.Read.Relations, first.Rejected, d.lines)
			}
			v := newestView(t, g)
			s, err := v.Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got := [...]int{s.Documents, s.Entities, s.RelationTypes, s.Relations, s.Citations}
			if want := [...]int{d.documents, d.entities, d.types, d.relations, d.citations}; got != want {
				t.Errorf("documents, entities, relation types, relations, citations = %v; want %v", got, want)
			}
			if again := importFile(t, g, path); again.Changed() || again.Rejected != 0 || again.Unchanged.Relations != d.lines {
				t.Errorf("the second import was not idle: %+v", again)
			}
			if a, b := exportHash(t, g), exportHash(t, copyOf(t, g)); a != b {
				t.Error("the export of the imported export differs from the export")
			}
		})
	}
}

func openGraph(t *testing.T) *graph.Graph {
	t.Helper()
	st := memory.New()
	g, err := graph.Open(t.Context(), st, graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close(); st.Close() })
	return g
}

func newestView(t *testing.T, g *graph.Graph) *graph.View {
	t.Helper()
	v, err := g.View(t.Context(), graph.At{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(v.Release)
	return v
}

func importFile(t *testing.T, g *graph.Graph, path string) *format.Report {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return importFrom(t, g, f, format.ImportOptions{File: filepath.Base(path)})
}

func importFrom(t *testing.T, g *graph.Graph, r io.Reader, o format.ImportOptions) *format.Report {
	t.Helper()
	o.Reject = func(r format.Reject) error {
		if r.Line < 20 {
			t.Logf("%s:%d: %v", r.File, r.Line, r.Errors)
		}
		return nil
	}
	report, err := format.Import(t.Context(), g, r, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d lines in %.2f s, %.0f relations/s", o.File, report.Lines, report.Seconds, float64(report.Read.Relations)/report.Seconds)
	return report
}

// copyOf is a new graph that holds the export of another.
func copyOf(t *testing.T, g *graph.Graph) *graph.Graph {
	t.Helper()
	v := newestView(t, g)
	r, w := io.Pipe()
	go func() {
		_, err := format.Export(context.WithoutCancel(t.Context()), v, w)
		w.CloseWithError(err)
	}()
	other := openGraph(t)
	if report := importFrom(t, other, r, format.ImportOptions{File: "export"}); report.Rejected != 0 {
		t.Errorf("%d lines of an export were rejected", report.Rejected)
	}
	return other
}

func exportHash(t *testing.T, g *graph.Graph) string {
	t.Helper()
	h := sha256.New()
	if _, err := format.Export(t.Context(), newestView(t, g), h); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

func exportText(t *testing.T, g *graph.Graph) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := format.Export(t.Context(), newestView(t, g), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
