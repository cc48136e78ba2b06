package graph_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/graph/network"
	"chancery/store/memory"
)

// sharedLines reads the lines of a file of the shared data that keep accepts; it skips the test where they are absent.
func sharedLines(t testing.TB, file string, keep func(line []byte) bool) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", file))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(must(gzip.NewReader(f)))
	lines.Buffer(nil, 16<<20)
	var out bytes.Buffer
	for lines.Scan() {
		if keep(lines.Bytes()) {
			out.Write(lines.Bytes())
			out.WriteByte('\n')
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func imported(t testing.TB, lines []byte) *graph.View {
	t.Helper()
	st := memory.New()
	g := must(graph.Open(t.Context(), st, graph.Options{}))
	t.Cleanup(func() { g.Close(); st.Close() })
	if report := must(format.Import(t.Context(), g, bytes.NewReader(lines), format.ImportOptions{})); report.Rejected > 0 {
		t.Fatalf("%d lines were rejected", report.Rejected)
	}
	v := must(g.View(t.Context(), graph.At{}))
	t.Cleanup(v.Release)
	return v
}

func everyLine([]byte) bool { return true }

// TestNetworkOfTheSample builds the network that the contract gives sums for.
func TestNetworkOfTheSample(t *testing.T) {
	v := imported(t, sharedLines(t, "dna-sample.jsonl.gz", everyLine))
	for _, c := range []struct {
		duplicates    network.DuplicateRule
		normalization network.Normalization
		statements    int
		sums          [4]float64 // congruence, conflict, subtract, ignore
	}{
		{network.Include, network.Unnormalized, 40, [4]float64{160, 116, 44, 276}},
		{network.Include, network.Average, 40, [4]float64{25.802436, 20.459418, 5.343018, 46.261854}},
		{network.Include, network.Jaccard, 40, [4]float64{13.610663, 10.858340, 2.752323, 24.469002}},
		{network.Include, network.Cosine, 40, [4]float64{12.517454, 10.816616, 1.700838, 23.334070}},
		{network.PerDocument, network.Unnormalized, 23, [4]float64{48, 38, 10, 86}},
	} {
		for i, aggregation := range network.Aggregations {
			w := must(v.Network(t.Context(), graph.NetworkInput{Duplicates: c.duplicates, Normalization: c.normalization, Aggregation: aggregation, RollUp: true, Limit: 200}))
			sum := 0.0
			for _, tie := range w.Ties {
				sum += 2 * tie.Weight // both triangles
			}
			if math.Abs(sum-c.sums[i]) > 1.5e-6 || w.Statements != c.statements || len(w.Nodes) != 7 {
				t.Errorf("%s, %s, %s: sum %f of %d statements and %d organisations; want %f, %d, 7", c.duplicates, c.normalization, aggregation, sum, w.Statements, len(w.Nodes), c.sums[i], c.statements)
			}
		}
	}
}

// vote is as much of a line of the votes as a naive program needs.
type vote struct {
	Relation struct {
		From, To string
		Stance   int
	}
}

// TestNetworkOfVotes compares the network of some thousand votes with a program that reads their lines and knows nothing of the store.
func TestNetworkOfVotes(t *testing.T) {
	votes := map[string]map[string]int{}
	lines := sharedLines(t, "unga-votes.jsonl.gz", func(line []byte) bool {
		if !bytes.Contains(line[:min(len(line), 16)], []byte(`"relation"`)) {
			return true
		}
		var v vote
		if !bytes.Contains(line, []byte(`"un/rc/90`)) { // some of the last resolutions
			return false
		}
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		if votes[v.Relation.From] == nil {
			votes[v.Relation.From] = map[string]int{}
		}
		votes[v.Relation.From][v.Relation.To] = v.Relation.Stance
		return true
	})
	v := imported(t, lines)
	w := must(v.Network(t.Context(), graph.NetworkInput{Mode: network.ActorMode, Aggregation: network.Congruence, Normalization: network.Average, Duplicates: network.PerDocument, Limit: 1_000}))
	if len(w.Nodes) != len(votes) || len(votes) < 190 {
		t.Fatalf("%d states are nodes; %d have voted", len(w.Nodes), len(votes))
	}
	for _, tie := range w.Ties {
		a, b := votes[tie.From.ID], votes[tie.To.ID]
		weight, shared := 0.0, 0
		for resolution, stance := range a {
			if other, ok := b[resolution]; ok {
				weight += 1 - math.Abs(float64(stance-other))/4
				shared++
			}
		}
		weight /= float64(len(a)+len(b)) / 2
		if math.Abs(weight-tie.Weight) > 1e-12 || shared != tie.Shared {
			t.Fatalf("%s and %s: weight %v of %d shared resolutions; vote by vote %v of %d", tie.From.ID, tie.To.ID, tie.Weight, tie.Shared, weight, shared)
		}
	}
	pairs := 0
	for a := range votes {
		for b := range votes {
			for resolution := range votes[a] {
				if _, ok := votes[b][resolution]; ok && a < b {
					pairs++
					break
				}
			}
		}
	}
	if pairs != len(w.Ties) {
		t.Errorf("%d ties; %d pairs of states have voted on one resolution", len(w.Ties), pairs)
	}
	strongest := w.Ties[0]
	relations := must(strongest.Relations(t.Context(), 1_000))
	if len(relations) != 2*strongest.Shared || !slices.IsSortedFunc(relations, func(a, b *graph.Relation) int { return int(day(b.Occurred) - day(a.Occurred)) }) {
		t.Errorf("%d relations for %d shared resolutions, or not the newest first", len(relations), strongest.Shared)
	}
	t.Logf("%d statements, %d states, %d ties, the strongest between %s and %s", w.Statements, len(w.Nodes), len(w.Ties), strongest.From.MainName, strongest.To.MainName)
}

// BenchmarkNetwork asks for networks of the votes, with reading their statements from the store.
func BenchmarkNetwork(b *testing.B) {
	lines := sharedLines(b, "unga-votes.jsonl.gz", everyLine)
	g := openBench(b)
	must(format.Import(b.Context(), g, bytes.NewReader(lines), format.ImportOptions{}))
	for _, q := range []struct {
		name string
		in   graph.NetworkInput
	}{
		{"all states", graph.NetworkInput{Limit: 1_000}},
		{"two states", graph.NetworkInput{Actors: []string{"un/country/US", "un/country/GB"}, Limit: 1_000}},
		{"one year", graph.NetworkInput{Filter: &graph.RelationFilter{Occurred: &graph.DateRange{From: ptr("2015"), To: ptr("2016")}}, Limit: 1_000}},
	} {
		b.Run(q.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v := must(g.View(b.Context(), graph.At{}))
				w := must(v.Network(b.Context(), q.in))
				b.ReportMetric(float64(w.Statements), "statements")
				v.Release()
			}
		})
	}
}
