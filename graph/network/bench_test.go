package network_test

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"chancery/graph/network"
)

// votes generates what a general assembly votes in 75 years: 6,200 targets, of which each is voted on by most of the states there were then.
func votes() []network.Statement {
	random := rand.New(rand.NewPCG(1, 2))
	var out []network.Statement
	for target := range uint64(6_200) {
		states := 100 + 100*target/6_200
		for actor := range states {
			if random.IntN(100) < 7 {
				continue
			}
			stance := [...]int8{2, 2, 2, 2, 0, -2}[random.IntN(6)]
			out = append(out, network.Statement{Actor: 1 + actor, Target: 1_000 + target, Document: 10_000 + target, Relation: uint64(len(out) + 1), Day: int32(4*target) - 8_700, Dated: true, Stance: stance})
		}
	}
	return out
}

func bench(b *testing.B, statements []network.Statement, rule network.DuplicateRule, o network.Options) {
	b.Helper()
	b.ReportAllocs()
	ties := 0
	for b.Loop() {
		ties = len(compute(b, statements, rule, o))
	}
	b.ReportMetric(float64(len(statements)), "statements")
	b.ReportMetric(float64(ties), "ties")
}

// BenchmarkActors computes the whole network of actors, on one processor and on all.
func BenchmarkActors(b *testing.B) {
	statements := votes()
	o := network.Options{Mode: network.ActorMode, Aggregation: network.Subtract, Normalization: network.Average}
	b.Run("processors=1", func(b *testing.B) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		bench(b, statements, network.PerDocument, o)
	})
	b.Run("processors=all", func(b *testing.B) { bench(b, statements, network.PerDocument, o) })
}

// BenchmarkTies leaves the counting of statements out.
func BenchmarkTies(b *testing.B) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	table, err := network.Count(b.Context(), votes(), network.PerDocument)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := table.Ties(b.Context(), network.Options{Mode: network.ActorMode, Aggregation: network.Subtract, Normalization: network.Jaccard}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPair computes one tie, as of a question about two actors.
func BenchmarkPair(b *testing.B) {
	var two []network.Statement
	for _, s := range votes() {
		if s.Actor == 3 || s.Actor == 7 {
			two = append(two, s)
		}
	}
	bench(b, two, network.PerDocument, network.Options{Mode: network.ActorMode, Aggregation: network.Subtract, Normalization: network.Average})
}

// BenchmarkManyActors has 20,000 actors of whom most share nothing.
func BenchmarkManyActors(b *testing.B) {
	random := rand.New(rand.NewPCG(3, 4))
	var out []network.Statement
	for i := range 350_000 {
		// Few actors and targets are in most statements.
		actor := uint64(20_000 * random.Float64() * random.Float64() * random.Float64())
		target := uint64(20_000 * random.Float64())
		out = append(out, network.Statement{Actor: actor + 1, Target: target + 1, Document: 1, Relation: uint64(i + 1), Day: int32(i % 5_000), Dated: true, Stance: int8(random.IntN(5) - 2)})
	}
	bench(b, out, network.PerMonth, network.Options{Mode: network.ActorMode, Aggregation: network.Congruence, Normalization: network.Cosine})
}
