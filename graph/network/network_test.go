package network_test

import (
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph/edtf"
	"chancery/graph/network"
)

func compute(t interface {
	Helper()
	Fatal(...any)
}, statements []network.Statement, rule network.DuplicateRule, o network.Options) []network.Tie {
	t.Helper()
	table, err := network.Count(context.Background(), statements, rule)
	if err != nil {
		t.Fatal(err)
	}
	ties, err := table.Ties(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return ties
}

// close tells whether two weights differ by rounding alone.
func close(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(a), math.Abs(b)) }

// drawStatements draws few actors, targets and documents, so that statements meet and repeat each other; actors and targets overlap.
func drawStatements(t *rapid.T) []network.Statement {
	number := func(limit uint64) *rapid.Generator[uint64] { return rapid.Uint64Range(1, limit) }
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) network.Statement {
		return network.Statement{
			Actor: number(6).Draw(t, "actor"), Target: 4 + number(5).Draw(t, "target"),
			Document: number(3).Draw(t, "document"), Relation: number(9).Draw(t, "relation"),
			Day: rapid.Int32Range(-40, 40).Draw(t, "day"), Dated: rapid.Bool().Draw(t, "dated"),
			Stance: rapid.Int8Range(-2, 2).Draw(t, "stance"),
		}
	}), 0, 60).Draw(t, "statements")
}

func drawOptions(t *rapid.T) network.Options {
	o := network.Options{
		Mode:          rapid.SampledFrom(network.Modes).Draw(t, "mode"),
		Aggregation:   rapid.SampledFrom(network.Aggregations).Draw(t, "aggregation"),
		Normalization: rapid.SampledFrom(network.Normalizations).Draw(t, "normalization"),
	}
	if rapid.Bool().Draw(t, "some nodes") {
		o.Nodes = rapid.SliceOfNDistinct(rapid.Uint64Range(1, 9), 0, 9, rapid.ID[uint64]).Draw(t, "nodes")
	}
	if rapid.Bool().Draw(t, "light ties left out") {
		// Not a weight that sums come to, so that rounding does not decide.
		least := rapid.Float64Range(-2, 2).Draw(t, "least") + 1e-7
		o.MinWeight = &least
	}
	return o
}

// TestNumbersDoNotMatter spreads the numbers of entities, which changes how they are looked up and nothing else.
func TestNumbersDoNotMatter(t *testing.T) {
	const apart = 1_000_003
	rapid.Check(t, func(t *rapid.T) {
		statements, o := drawStatements(t), drawOptions(t)
		spread, far := slices.Clone(statements), o
		for i := range spread {
			spread[i].Actor *= apart
			spread[i].Target *= apart
		}
		far.Nodes = slices.Clone(o.Nodes)
		for i := range far.Nodes {
			far.Nodes[i] *= apart
		}
		want := compute(t, statements, network.Include, o)
		for i := range want {
			want[i].From *= apart
			want[i].To *= apart
		}
		if got := compute(t, spread, network.Include, far); !slices.Equal(got, want) {
			t.Fatalf("ties %v of numbers far apart; %v of numbers close together", got, want)
		}
	})
}

func TestTiesFollowTheFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statements, o := drawStatements(t), drawOptions(t)
		rule := rapid.SampledFrom(network.DuplicateRules).Draw(t, "rule")
		got, want := compute(t, statements, rule, o), naiveTies(statements, rule, o)
		if !slices.IsSortedFunc(got, func(a, b network.Tie) int { return cmp.Compare(b.Weight, a.Weight) }) {
			t.Fatalf("not the heaviest first: %v", got)
		}
		byEnds := func(a, b network.Tie) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) }
		slices.SortFunc(got, byEnds)
		if !slices.EqualFunc(got, want, func(a, b network.Tie) bool {
			return a.From == b.From && a.To == b.To && a.Shared == b.Shared && close(a.Weight, b.Weight)
		}) {
			t.Fatalf("ties\n%v; the formulas give\n%v", got, want)
		}
	})
}

// What the formulas promise of each other: they hold whatever the statements.
func TestIdentities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statements := drawStatements(t)
		rule := rapid.SampledFrom(network.DuplicateRules).Draw(t, "rule")
		o := network.Options{Mode: rapid.SampledFrom(network.Modes).Draw(t, "mode"), Normalization: rapid.SampledFrom(network.Normalizations).Draw(t, "normalization")}
		weights := map[[2]uint64]map[network.Aggregation]float64{}
		for _, o.Aggregation = range network.Aggregations {
			for _, tie := range compute(t, statements, rule, o) {
				ends := [2]uint64{tie.From, tie.To}
				if weights[ends] == nil {
					weights[ends] = map[network.Aggregation]float64{}
				}
				weights[ends][o.Aggregation] = tie.Weight
			}
		}
		for ends, w := range weights {
			if len(w) != len(network.Aggregations) {
				t.Fatalf("%v is tied by some aggregations only: %v", ends, w)
			}
			if !close(w[network.Ignore], w[network.Congruence]+w[network.Conflict]) || !close(w[network.Subtract], w[network.Congruence]-w[network.Conflict]) {
				t.Fatalf("the weights of %v do not add up: %v", ends, w)
			}
			if o.Mode == network.AffiliationMode && o.Normalization != network.Unnormalized && w[network.Ignore] > 1+1e-12 {
				t.Fatalf("two sets have more in common than they have: %v", w)
			}
		}
	})
}

func TestNodesAreTheMostActiveFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		statements := drawStatements(t)
		rule := rapid.SampledFrom(network.DuplicateRules).Draw(t, "rule")
		mode := rapid.SampledFrom(network.Modes).Draw(t, "mode")
		table, err := network.Count(context.Background(), statements, rule)
		if err != nil {
			t.Fatal(err)
		}
		want, total := map[uint64]int{}, 0
		for c, n := range naiveCounts(statements, rule) {
			total += int(n)
			if mode != network.TargetMode {
				want[c.actor] += int(n)
			}
			if mode != network.ActorMode && (mode == network.TargetMode || c.actor != c.target) {
				want[c.target] += int(n)
			}
		}
		got := table.Nodes(mode)
		if table.Statements() != total || len(got) != len(want) {
			t.Fatalf("%d statements, nodes %v; want %d, %v", table.Statements(), got, total, want)
		}
		for i, n := range got {
			if n.Statements != want[n.Entity] {
				t.Fatalf("node %v; want %d statements", n, want[n.Entity])
			}
			if i > 0 && (got[i-1].Statements < n.Statements || got[i-1].Statements == n.Statements && got[i-1].Entity > n.Entity) {
				t.Fatalf("%v stands before %v", got[i-1], n)
			}
		}
	})
}

func day(year, month, date int) int32 { return int32(edtf.DayOf(year, month, date)) }

func TestDuplicateRules(t *testing.T) {
	at := func(document uint64, on int32) network.Statement {
		return network.Statement{Actor: 1, Target: 2, Document: document, Day: on, Dated: true, Stance: 2}
	}
	undated := func(document uint64) network.Statement {
		return network.Statement{Actor: 1, Target: 2, Document: document, Stance: 2}
	}
	for _, c := range []struct {
		name       string
		rule       network.DuplicateRule
		statements []network.Statement
		want       int
	}{
		{"January of one year is not January of the next", network.PerMonth, []network.Statement{at(1, day(2004, 1, 15)), at(2, day(2005, 1, 15))}, 2},
		{"one January", network.PerMonth, []network.Statement{at(1, day(2004, 1, 1)), at(2, day(2004, 1, 31))}, 1},
		{"a week across the new year", network.PerWeek, []network.Statement{at(1, day(2024, 12, 30)), at(2, day(2025, 1, 5))}, 1},
		{"Sunday and Monday", network.PerWeek, []network.Statement{at(1, day(2025, 1, 5)), at(2, day(2025, 1, 6))}, 2},
		{"the first week of two years", network.PerWeek, []network.Statement{at(1, day(2024, 1, 3)), at(2, day(2025, 1, 2))}, 2},
		{"weeks before 1970", network.PerWeek, []network.Statement{at(1, day(1946, 1, 6)), at(2, day(1946, 1, 7)), at(3, day(1946, 1, 13))}, 2},
		{"one day in two documents", network.PerDay, []network.Statement{at(1, day(2025, 5, 1)), at(2, day(2025, 5, 1))}, 1},
		{"one day in two documents, by document", network.PerDocument, []network.Statement{at(1, day(2025, 5, 1)), at(2, day(2025, 5, 1))}, 2},
		{"years before 1", network.PerYear, []network.Statement{at(1, day(-1, 5, 1)), at(2, day(0, 5, 1)), at(3, day(0, 6, 1))}, 2},
		{"without a date, within a document", network.PerYear, []network.Statement{undated(1), undated(1), undated(2)}, 2},
		{"a document's number is no day", network.PerDay, []network.Statement{undated(5), at(1, 5)}, 2},
		{"at all", network.Once, []network.Statement{undated(1), undated(2), at(3, 9)}, 1},
		{"nothing repeats", network.Include, []network.Statement{undated(1), undated(1)}, 2},
	} {
		table, err := network.Count(t.Context(), c.statements, c.rule)
		if err != nil {
			t.Fatal(err)
		}
		if got := table.Statements(); got != c.want {
			t.Errorf("%s: %d statements, want %d", c.name, got, c.want)
		}
	}
}

func TestAgreementAndDisagreementCancelOut(t *testing.T) {
	says := func(actor, target uint64, stance int8) network.Statement {
		return network.Statement{Actor: actor, Target: target, Stance: stance}
	}
	statements := []network.Statement{says(1, 10, 2), says(2, 10, 2), says(1, 11, 2), says(2, 11, -2), says(3, 12, 1)}
	got := compute(t, statements, network.Include, network.Options{Mode: network.ActorMode, Aggregation: network.Subtract, Normalization: network.Average})
	if want := []network.Tie{{From: 1, To: 2, Weight: 0, Shared: 2}}; !slices.Equal(got, want) {
		t.Errorf("ties %v; want %v", got, want)
	}
}

func TestAnEndedContextEndsTheWork(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	statements := []network.Statement{{Actor: 1, Target: 2}, {Actor: 3, Target: 2}}
	if _, err := network.Count(ctx, statements, network.Include); !errors.Is(err, context.Canceled) {
		t.Errorf("counting went on: %v", err)
	}
	table, err := network.Count(t.Context(), statements, network.Include)
	if err != nil {
		t.Fatal(err)
	}
	for _, mode := range network.Modes {
		if _, err := table.Ties(ctx, network.Options{Mode: mode, Aggregation: network.Ignore}); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: tying went on: %v", mode, err)
		}
	}
}
