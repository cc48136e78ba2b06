package wire

import (
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"chancery/graph"
	"chancery/graph/vocab"
)

// enum maps the values of a GraphQL enum to those of package graph, which are
// lower case with hyphens: STRONGLY_OPPOSES is strongly-opposes. gqlgen's own
// mapping would read an unknown name as the empty value, and write an unknown value as "".
type enum[T ~string] struct {
	name   string
	names  []string
	values []T
}

func newEnum[T ~string](name string, values []T) enum[T] {
	e := enum[T]{name: name, values: values}
	for _, v := range values {
		e.names = append(e.names, strings.ToUpper(strings.ReplaceAll(string(v), "-", "_")))
	}
	return e
}

func (e enum[T]) marshal(v T) graphql.Marshaler { return textOrNull(e.nameOf(v)) }

// nameOf is the GraphQL name of a value; empty for none of the enum's.
func (e enum[T]) nameOf(v T) string {
	if i := slices.Index(e.values, v); i >= 0 {
		return e.names[i]
	}
	return ""
}

func (e enum[T]) unmarshal(v any) (T, error) {
	s, ok := v.(string)
	if i := slices.Index(e.names, s); ok && i >= 0 {
		return e.values[i], nil
	}
	return "", badInput("%s is not a value of %s: use one of %s", describe(v), e.name, strings.Join(e.names, ", "))
}

var (
	changeOutcomes      = newEnum("ChangeOutcome", graph.Operations)
	dateMatches         = newEnum("DateMatch", graph.DateMatches)
	directions          = newEnum("Direction", graph.Directions)
	documentKinds       = newEnum("DocumentKind", graph.DocumentKinds)
	entityFacets        = newEnum("EntityFacet", []string{"kind"})
	entityKinds         = newEnum("EntityKind", vocab.Kinds)
	entityOrderFields   = newEnum("EntityOrderField", graph.EntityOrderFields)
	modalities          = newEnum("Modality", graph.Modalities)
	nameKinds           = newEnum("NameKind", graph.NameKinds)
	orderDirections     = newEnum("OrderDirection", []string{"asc", "desc"})
	relationOrderFields = newEnum("RelationOrderField", graph.RelationOrderFields)
	relationStatuses    = newEnum("RelationStatus", graph.RelationStatuses)
	searchScopes        = newEnum("SearchScope", graph.SearchScopes)
	stanceLabels        = newEnum("StanceLabel", graph.StanceLabels)
	userErrorCodes      = newEnum("UserErrorCode", graph.UserErrorCodes)
	groupOrders         = newEnum("GroupOrder", graph.GroupOrders)
	neighborOrderFields = newEnum("NeighborOrderField", graph.NeighborOrderFields)
	statsKeys           = newEnum("StatsKey", graph.StatsKeys)
	timeFields          = newEnum("TimeField", graph.TimeFields)
	timeIntervals       = newEnum("TimeInterval", graph.TimeIntervals)
	verdicts            = newEnum("Verdict", graph.Verdicts)
	verifications       = newEnum("Verification", graph.Verifications)
)

// MarshalChangeOutcome writes what a change did.
func MarshalChangeOutcome(v graph.Operation) graphql.Marshaler { return changeOutcomes.marshal(v) }

// UnmarshalChangeOutcome reads what a change did.
func UnmarshalChangeOutcome(v any) (graph.Operation, error) { return changeOutcomes.unmarshal(v) }

// MarshalDateMatch writes how dates that are not exact meet a span.
func MarshalDateMatch(v graph.DateMatch) graphql.Marshaler { return dateMatches.marshal(v) }

// UnmarshalDateMatch reads how dates that are not exact meet a span.
func UnmarshalDateMatch(v any) (graph.DateMatch, error) { return dateMatches.unmarshal(v) }

// MarshalDirection writes the end of a relation.
func MarshalDirection(v graph.Direction) graphql.Marshaler { return directions.marshal(v) }

// UnmarshalDirection reads the end of a relation.
func UnmarshalDirection(v any) (graph.Direction, error) { return directions.unmarshal(v) }

// MarshalDocumentKind writes the kind of a document.
func MarshalDocumentKind(v graph.DocumentKind) graphql.Marshaler { return documentKinds.marshal(v) }

// UnmarshalDocumentKind reads the kind of a document.
func UnmarshalDocumentKind(v any) (graph.DocumentKind, error) { return documentKinds.unmarshal(v) }

// MarshalEntityFacet writes what entities are counted by.
func MarshalEntityFacet(v string) graphql.Marshaler { return entityFacets.marshal(v) }

// UnmarshalEntityFacet reads what entities are counted by.
func UnmarshalEntityFacet(v any) (string, error) { return entityFacets.unmarshal(v) }

// MarshalEntityKind writes the kind of an entity.
func MarshalEntityKind(v vocab.Kind) graphql.Marshaler { return entityKinds.marshal(v) }

// UnmarshalEntityKind reads the kind of an entity.
func UnmarshalEntityKind(v any) (vocab.Kind, error) { return entityKinds.unmarshal(v) }

// MarshalEntityOrderField writes a sort key of entities.
func MarshalEntityOrderField(v graph.EntityOrderField) graphql.Marshaler {
	return entityOrderFields.marshal(v)
}

// UnmarshalEntityOrderField reads a sort key of entities.
func UnmarshalEntityOrderField(v any) (graph.EntityOrderField, error) {
	return entityOrderFields.unmarshal(v)
}

// MarshalModality writes how a source puts something.
func MarshalModality(v graph.Modality) graphql.Marshaler { return modalities.marshal(v) }

// UnmarshalModality reads how a source puts something.
func UnmarshalModality(v any) (graph.Modality, error) { return modalities.unmarshal(v) }

// MarshalNameKind writes the kind of a name.
func MarshalNameKind(v graph.NameKind) graphql.Marshaler { return nameKinds.marshal(v) }

// UnmarshalNameKind reads the kind of a name.
func UnmarshalNameKind(v any) (graph.NameKind, error) { return nameKinds.unmarshal(v) }

// MarshalRelationOrderField writes a sort key of relations.
func MarshalRelationOrderField(v graph.RelationOrderField) graphql.Marshaler {
	return relationOrderFields.marshal(v)
}

// UnmarshalRelationOrderField reads a sort key of relations.
func UnmarshalRelationOrderField(v any) (graph.RelationOrderField, error) {
	return relationOrderFields.unmarshal(v)
}

// MarshalRelationStatus writes the status of a relation.
func MarshalRelationStatus(v graph.RelationStatus) graphql.Marshaler {
	return relationStatuses.marshal(v)
}

// UnmarshalRelationStatus reads the status of a relation.
func UnmarshalRelationStatus(v any) (graph.RelationStatus, error) {
	return relationStatuses.unmarshal(v)
}

// MarshalSearchScope writes where a search looks.
func MarshalSearchScope(v graph.SearchScope) graphql.Marshaler { return searchScopes.marshal(v) }

// UnmarshalSearchScope reads where a search looks.
func UnmarshalSearchScope(v any) (graph.SearchScope, error) { return searchScopes.unmarshal(v) }

// MarshalStanceLabel writes the label of a stance.
func MarshalStanceLabel(v graph.StanceLabel) graphql.Marshaler { return stanceLabels.marshal(v) }

// UnmarshalStanceLabel reads the label of a stance.
func UnmarshalStanceLabel(v any) (graph.StanceLabel, error) { return stanceLabels.unmarshal(v) }

// MarshalUserErrorCode writes the sort of a mistake.
func MarshalUserErrorCode(v graph.UserErrorCode) graphql.Marshaler { return userErrorCodes.marshal(v) }

// UnmarshalUserErrorCode reads the sort of a mistake.
func UnmarshalUserErrorCode(v any) (graph.UserErrorCode, error) { return userErrorCodes.unmarshal(v) }

// MarshalVerdict writes the verdict of a citation.
func MarshalVerdict(v graph.Verdict) graphql.Marshaler { return verdicts.marshal(v) }

// UnmarshalVerdict reads the verdict of a citation.
func UnmarshalVerdict(v any) (graph.Verdict, error) { return verdicts.unmarshal(v) }

// MarshalVerification writes the result of a check.
func MarshalVerification(v graph.Verification) graphql.Marshaler { return verifications.marshal(v) }

// UnmarshalVerification reads the result of a check.
func UnmarshalVerification(v any) (graph.Verification, error) { return verifications.unmarshal(v) }

// MarshalGroupOrder writes what groups are sorted by.
func MarshalGroupOrder(v graph.GroupOrder) graphql.Marshaler { return groupOrders.marshal(v) }

// UnmarshalGroupOrder reads what groups are sorted by.
func UnmarshalGroupOrder(v any) (graph.GroupOrder, error) { return groupOrders.unmarshal(v) }

// MarshalNeighborOrderField writes a sort key of neighbours.
func MarshalNeighborOrderField(v graph.NeighborOrderField) graphql.Marshaler {
	return neighborOrderFields.marshal(v)
}

// UnmarshalNeighborOrderField reads a sort key of neighbours.
func UnmarshalNeighborOrderField(v any) (graph.NeighborOrderField, error) {
	return neighborOrderFields.unmarshal(v)
}

// MarshalStatsKey writes what relations are counted by.
func MarshalStatsKey(v graph.StatsKey) graphql.Marshaler { return statsKeys.marshal(v) }

// UnmarshalStatsKey reads what relations are counted by.
func UnmarshalStatsKey(v any) (graph.StatsKey, error) { return statsKeys.unmarshal(v) }

// MarshalTimeField writes which date counts.
func MarshalTimeField(v graph.TimeField) graphql.Marshaler { return timeFields.marshal(v) }

// UnmarshalTimeField reads which date counts.
func UnmarshalTimeField(v any) (graph.TimeField, error) { return timeFields.unmarshal(v) }

// MarshalTimeInterval writes the width of a bucket.
func MarshalTimeInterval(v graph.TimeInterval) graphql.Marshaler { return timeIntervals.marshal(v) }

// UnmarshalTimeInterval reads the width of a bucket.
func UnmarshalTimeInterval(v any) (graph.TimeInterval, error) { return timeIntervals.unmarshal(v) }

// StatsKeyName is the name of a key in GraphQL, such as DOCUMENT_KIND.
func StatsKeyName(k graph.StatsKey) string { return statsKeys.nameOf(k) }

// StatsValue is a value of a key as a filter takes it: kinds and statuses by their GraphQL names.
func StatsValue(k graph.StatsKey, value string) string {
	switch k {
	case graph.KeyDocumentKind:
		return documentKinds.nameOf(graph.DocumentKind(value))
	case graph.KeyStatus:
		return relationStatuses.nameOf(graph.RelationStatus(value))
	}
	return value
}

// EntityKindName is the name of a kind in GraphQL, such as PERSON.
func EntityKindName(k vocab.Kind) string { return entityKinds.nameOf(k) }

// MarshalOrderDirection writes a sort direction: DESC when descending.
func MarshalOrderDirection(descending bool) graphql.Marshaler {
	if descending {
		return orderDirections.marshal("desc")
	}
	return orderDirections.marshal("asc")
}

// UnmarshalOrderDirection reads a sort direction: whether it descends.
func UnmarshalOrderDirection(v any) (bool, error) {
	d, err := orderDirections.unmarshal(v)
	return d == "desc", err
}
