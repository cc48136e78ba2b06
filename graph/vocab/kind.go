package vocab

import "slices"

// Kind says what sort of thing an entity is. Kinds are few and fixed; finer
// distinctions are attributes of the entity or relations it has.
type Kind string

// The kinds of entities. An office is a post apart from whoever holds it; a
// provision is one point of a proposal or agreement; an actor is somebody who
// acts but of whom a source does not say whether it is a person or a body.
const (
	KindPerson       Kind = "person"
	KindOrganization Kind = "organization"
	KindState        Kind = "state"
	KindGroup        Kind = "group"
	KindOffice       Kind = "office"
	KindPlace        Kind = "place"
	KindIssue        Kind = "issue"
	KindProposal     Kind = "proposal"
	KindProvision    Kind = "provision"
	KindAgreement    Kind = "agreement"
	KindEvent        Kind = "event"
	KindActor        Kind = "actor"
	KindOther        Kind = "other"
)

// Kinds lists every kind in the order in which they are documented and shown.
// It is a table: callers must not change it.
var Kinds = []Kind{
	KindPerson, KindOrganization, KindState, KindGroup, KindOffice, KindPlace, KindIssue,
	KindProposal, KindProvision, KindAgreement, KindEvent, KindActor, KindOther,
}

// Valid reports whether k is one of Kinds. Case counts.
func (k Kind) Valid() bool {
	return slices.Contains(Kinds, k)
}
