package network_test

import (
	"math"
	"slices"
	"time"

	"chancery/graph/network"
)

// cellOf is one cell of the table of counts, written as the formulas write it.
type cellOf struct {
	actor, target uint64
	stance        int
}

// naiveCounts are x(i,j,k) after a duplicate rule. Two statements repeat each other when they agree in this key.
func naiveCounts(statements []network.Statement, rule network.DuplicateRule) map[cellOf]float64 {
	type repeated struct {
		cell   cellOf
		within any
	}
	seen, x := map[repeated]bool{}, map[cellOf]float64{}
	for i, s := range statements {
		c := cellOf{s.Actor, s.Target, int(s.Stance)}
		day := time.Unix(int64(s.Day)*86400, 0).UTC()
		var within any
		switch {
		case rule == network.Include:
			within = i
		case rule == network.Once:
		case rule == network.PerDocument || !s.Dated:
			within = s.Document
		case rule == network.PerDay:
			within = day.Format(time.DateOnly)
		case rule == network.PerWeek:
			year, week := day.ISOWeek()
			within = [2]int{year, week}
		case rule == network.PerMonth:
			within = day.Format("2006-01")
		case rule == network.PerYear:
			within = day.Format("2006")
		}
		if k := (repeated{c, within}); !seen[k] {
			seen[k] = true
			x[c]++
		}
	}
	return x
}

// swapped makes targets of actors.
func swapped(x map[cellOf]float64) map[cellOf]float64 {
	y := map[cellOf]float64{}
	for c, n := range x {
		y[cellOf{c.target, c.actor, c.stance}] = n
	}
	return y
}

func actorsOf(x map[cellOf]float64) []uint64 {
	var out []uint64
	for c := range x {
		out = append(out, c.actor)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// aggregate is what two stances add to a tie.
func aggregate(a network.Aggregation, k, other int) float64 {
	conflict := math.Abs(float64(k-other)) / 4
	switch a {
	case network.Congruence:
		return 1 - conflict
	case network.Conflict:
		return conflict
	case network.Subtract:
		return 1 - 2*conflict
	}
	return 1
}

// naiveTies follows the formulas of the comment of the package, for every pair of actors or targets.
func naiveTies(statements []network.Statement, rule network.DuplicateRule, o network.Options) []network.Tie {
	x := naiveCounts(statements, rule)
	if o.Mode == network.AffiliationMode {
		return naiveAffiliations(x, o)
	}
	if o.Mode == network.TargetMode {
		x = swapped(x)
	}
	nodes, targets := actorsOf(x), actorsOf(swapped(x))
	var out []network.Tie
	for _, a := range nodes {
		for _, b := range nodes {
			if a >= b || o.Nodes != nil && (!slices.Contains(o.Nodes, a) || !slices.Contains(o.Nodes, b)) {
				continue
			}
			var weight, na, nb, squaresA, squaresB, either float64
			shared := 0
			for _, j := range targets {
				spokeA, spokeB := false, false
				for k := -2; k <= 2; k++ {
					xa, xb := x[cellOf{a, j, k}], x[cellOf{b, j, k}]
					na, nb = na+xa, nb+xb
					squaresA, squaresB = squaresA+xa*xa, squaresB+xb*xb
					spokeA, spokeB = spokeA || xa > 0, spokeB || xb > 0
					if xa > 0 && xb > 0 {
						either += xa * xb
					} else {
						either += xa + xb
					}
					for other := -2; other <= 2; other++ {
						weight += xa * x[cellOf{b, j, other}] * aggregate(o.Aggregation, k, other)
					}
				}
				if spokeA && spokeB {
					shared++
				}
			}
			if shared == 0 {
				continue
			}
			switch o.Normalization {
			case network.Average:
				weight /= (na + nb) / 2
			case network.Jaccard:
				weight /= either
			case network.Cosine:
				weight /= math.Sqrt(squaresA) * math.Sqrt(squaresB)
			}
			if o.MinWeight == nil || weight >= *o.MinWeight {
				out = append(out, network.Tie{From: a, To: b, Weight: weight, Shared: shared})
			}
		}
	}
	return out
}

// naiveAffiliations compares each actor with each target, as sets of statements.
func naiveAffiliations(x map[cellOf]float64, o network.Options) []network.Tie {
	var out []network.Tie
	for _, a := range actorsOf(x) {
		for _, j := range actorsOf(swapped(x)) {
			if o.Nodes != nil && (!slices.Contains(o.Nodes, a) || !slices.Contains(o.Nodes, j)) {
				continue
			}
			var weight, na, nj, both float64
			for c, n := range x {
				if c.actor == a {
					na += n
				}
				if c.target == j {
					nj += n
				}
				if c.actor == a && c.target == j {
					both += n
					weight += n * aggregate(o.Aggregation, c.stance, 2)
				}
			}
			if both == 0 {
				continue
			}
			switch o.Normalization {
			case network.Average:
				weight /= (na + nj) / 2
			case network.Jaccard:
				weight /= na + nj - both
			case network.Cosine:
				weight /= math.Sqrt(na) * math.Sqrt(nj)
			}
			if o.MinWeight == nil || weight >= *o.MinWeight {
				out = append(out, network.Tie{From: a, To: j, Weight: weight, Shared: int(both)})
			}
		}
	}
	return out
}
