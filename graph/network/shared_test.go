package network_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"chancery/graph/edtf"
	"chancery/graph/network"
)

// line is as much of a line of the interchange format as networks need.
type line struct {
	Relation *struct {
		From, To, Occurred string
		Stance             *int8
		Qualifiers         []struct{ Role, Entity string }
		Citations          []struct{ Document string }
	}
}

// names numbers ids in the order in which they appear.
type names map[string]uint64

func (n names) number(id string) uint64 {
	if n[id] == 0 {
		n[id] = uint64(len(n) + 1)
	}
	return n[id]
}

// statementsOf reads the statements of a file of the shared data, without a store: each line that cites is one.
func statementsOf(t *testing.T, file string, rollUp bool) ([]network.Statement, names) {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", file))
	if errors.Is(err, fs.ErrNotExist) {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []network.Statement
	entities, documents := names{}, names{}
	lines := json.NewDecoder(bufio.NewReader(unzipped))
	for relation := uint64(1); ; relation++ {
		var l line
		err := lines.Decode(&l)
		if errors.Is(err, io.EOF) {
			return out, entities
		}
		if err != nil {
			t.Fatal(err)
		}
		r := l.Relation
		if r == nil || r.Stance == nil {
			continue
		}
		actors := []string{r.From}
		if rollUp {
			actors = nil
			for _, q := range r.Qualifiers {
				if q.Role == "on-behalf-of" {
					actors = append(actors, q.Entity)
				}
			}
		}
		on, err := time.Parse(time.DateOnly, r.Occurred)
		if err != nil {
			t.Fatal(err)
		}
		for _, actor := range actors {
			for _, c := range r.Citations {
				out = append(out, network.Statement{
					Actor: entities.number(actor), Target: entities.number(r.To), Relation: relation, Document: documents.number(c.Document),
					Day: int32(edtf.DayAt(on)), Dated: true, Stance: *r.Stance,
				})
			}
		}
	}
}

// both sums the weights of a matrix of actors or targets over both triangles.
func both(ties []network.Tie) (sum float64) {
	for _, t := range ties {
		sum += 2 * t.Weight
	}
	return sum
}

// TestPublishedSums compares with sums for the sample of the Discourse Network Analyzer. The Analyzer's own tests have the sum of
// ignore and, rounded, that of congruence by average activity; the others were computed from the formulas by another program.
func TestPublishedSums(t *testing.T) {
	statements, _ := statementsOf(t, "dna-sample.jsonl.gz", true)
	for _, c := range []struct {
		rule          network.DuplicateRule
		normalization network.Normalization
		sums          map[network.Aggregation]float64
	}{
		{network.Include, network.Unnormalized, map[network.Aggregation]float64{network.Congruence: 160, network.Conflict: 116, network.Ignore: 276, network.Subtract: 44}},
		{network.Include, network.Average, map[network.Aggregation]float64{network.Congruence: 25.802436, network.Conflict: 20.459418, network.Ignore: 46.261854, network.Subtract: 5.343018}},
		{network.Include, network.Jaccard, map[network.Aggregation]float64{network.Congruence: 13.610663, network.Conflict: 10.858340, network.Ignore: 24.469002, network.Subtract: 2.752323}},
		{network.Include, network.Cosine, map[network.Aggregation]float64{network.Congruence: 12.517454, network.Conflict: 10.816616, network.Ignore: 23.334070, network.Subtract: 1.700838}},
		{network.PerDocument, network.Unnormalized, map[network.Aggregation]float64{network.Congruence: 48, network.Conflict: 38}},
	} {
		for aggregation, want := range c.sums {
			got := both(compute(t, statements, c.rule, network.Options{Mode: network.ActorMode, Aggregation: aggregation, Normalization: c.normalization}))
			if math.Abs(got-want) > 1.5e-6 {
				t.Errorf("%s, %s, %s: the sum is %f, want %f", c.rule, c.normalization, aggregation, got, want)
			}
		}
	}
}

func TestPublishedTables(t *testing.T) {
	statements, _ := statementsOf(t, "dna-sample.jsonl.gz", true)
	for aggregation, want := range map[network.Aggregation]float64{network.Ignore: 40, network.Subtract: 18} {
		sum := 0.0
		for _, tie := range compute(t, statements, network.Include, network.Options{Mode: network.AffiliationMode, Aggregation: aggregation, Normalization: network.Unnormalized}) {
			sum += tie.Weight
		}
		if sum != want {
			t.Errorf("%s: the cells sum up to %v, want %v", aggregation, sum, want)
		}
	}
	table, err := network.Count(t.Context(), statements, network.PerDocument)
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Statements(); got != 23 {
		t.Errorf("%d statements within documents, want 23", got)
	}
	if actors, targets := len(table.Nodes(network.ActorMode)), len(table.Nodes(network.TargetMode)); actors != 7 || targets != 6 {
		t.Errorf("%d actors and %d targets, want 7 and 6", actors, targets)
	}
}

// TestVotes compares some pairs of the largest network of the shared data with a count vote by vote.
func TestVotes(t *testing.T) {
	if testing.Short() {
		t.Skip("large data are left out of short runs")
	}
	statements, states := statementsOf(t, "unga-votes.jsonl.gz", false)
	ties := compute(t, statements, network.PerDocument, network.Options{Mode: network.ActorMode, Aggregation: network.Subtract, Normalization: network.Average})
	votes := map[uint64]map[uint64]int8{}
	for _, s := range statements {
		if votes[s.Actor] == nil {
			votes[s.Actor] = map[uint64]int8{}
		}
		votes[s.Actor][s.Target] = s.Stance
	}
	if want := len(votes) * (len(votes) - 1) / 2; len(ties) > want || len(ties) < want*9/10 {
		t.Errorf("%d ties; nearly all of the %d pairs of states have voted on one resolution", len(ties), want)
	}
	t.Logf("%d statements, %d states, %d ties", len(statements), len(votes), len(ties))
	for _, pair := range [][2]string{{"US", "GB"}, {"US", "RU"}, {"IN", "CN"}, {"FR", "DE"}, {"IL", "CU"}} {
		a, b := states["un/country/"+pair[0]], states["un/country/"+pair[1]]
		var weight float64
		shared := 0
		for resolution, vote := range votes[a] {
			if other, ok := votes[b][resolution]; ok {
				shared++
				weight += 1 - math.Abs(float64(vote-other))/2
			}
		}
		weight /= float64(len(votes[a])+len(votes[b])) / 2
		at := slices.IndexFunc(ties, func(t network.Tie) bool { return t.From == min(a, b) && t.To == max(a, b) })
		if at < 0 || ties[at].Shared != shared || !close(ties[at].Weight, weight) {
			t.Errorf("%v: vote by vote %d are shared and the weight is %v; no such tie (place %d)", pair, shared, weight, at)
		} else {
			t.Logf("%v: %d shared resolutions, weight %.4f", pair, shared, weight)
		}
	}
}
