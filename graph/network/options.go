package network

// Mode says what the nodes of a network are.
type Mode string

// The modes. Ties join actors that speak of the same targets, targets that the same actors speak of, or actors with their targets.
const (
	ActorMode       Mode = "actor"
	TargetMode      Mode = "target"
	AffiliationMode Mode = "affiliation"
)

// Modes lists them in the contract's order.
var Modes = []Mode{ActorMode, TargetMode, AffiliationMode}

// Aggregation says what a tie measures. The formulas are in the comment of the package.
type Aggregation string

// The aggregations.
const (
	Congruence Aggregation = "congruence"
	Conflict   Aggregation = "conflict"
	Subtract   Aggregation = "subtract"
	Ignore     Aggregation = "ignore"
)

// Aggregations lists them in the contract's order.
var Aggregations = []Aggregation{Congruence, Conflict, Subtract, Ignore}

// Normalization says what the weight of a tie is divided by. The formulas are in the comment of the package.
type Normalization string

// The normalizations.
const (
	Unnormalized Normalization = "none"
	Average      Normalization = "average"
	Jaccard      Normalization = "jaccard"
	Cosine       Normalization = "cosine"
)

// Normalizations lists them in the contract's order.
var Normalizations = []Normalization{Unnormalized, Average, Jaccard, Cosine}

const (
	scale = 4 // R, the width of the scale of stances
	steps = scale + 1
)

// pairs holds what two statements with stances k and k' add to a tie, in units of 1/R, so that all sums are exact. Indices are stances plus 2.
type pairs [steps][steps]int64

func (a Aggregation) pairs() (p pairs) {
	for k := range p {
		for other := range p[k] {
			apart := int64(max(k, other) - min(k, other))
			switch a {
			case Congruence:
				p[k][other] = scale - apart
			case Conflict:
				p[k][other] = apart
			case Subtract:
				p[k][other] = scale - 2*apart
			case Ignore:
				p[k][other] = scale
			}
		}
	}
	return p
}
