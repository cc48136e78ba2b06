package graph

// TruncationReason says which bound left something out of an answer.
type TruncationReason string

// The bounds. The budgets are how long an answer may take and how much it may look at.
const (
	NodeLimit     TruncationReason = "node-limit"
	RelationLimit TruncationReason = "relation-limit"
	PerNodeLimit  TruncationReason = "per-node-limit"
	TimeBudget    TruncationReason = "time-budget"
	VisitBudget   TruncationReason = "visit-budget"
)

// TruncationReasons lists them in the contract's order.
var TruncationReasons = []TruncationReason{NodeLimit, RelationLimit, PerNodeLimit, TimeBudget, VisitBudget}

// Truncation says what an answer lacks. An answer that lacks nothing has none.
type Truncation struct {
	Reasons  []TruncationReason // each once, in the contract's order
	Frontier []string           // ids of entities whose surroundings were cut
}
