package wire

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"chancery/graph"
	"chancery/graph/network"
	"chancery/graph/vocab"
)

// both checks that every value of an enum is written as one of the given names and read back, and that every name is used.
func both[T comparable](t *testing.T, name string, values []T, names []string, marshal func(T) graphql.Marshaler, unmarshal func(any) (T, error)) {
	t.Helper()
	used := map[string]bool{}
	for _, v := range values {
		w, err := strconv.Unquote(written(marshal(v)))
		if err != nil {
			t.Errorf("%s: %v is not written as a name", name, v)
			continue
		}
		used[w] = true
		if back, err := unmarshal(w); err != nil || back != v {
			t.Errorf("%s: %v is written as %s and read as %v, %v", name, v, w, back, err)
		}
		if _, err := unmarshal(strings.ToLower(w)); err == nil {
			t.Errorf("%s: %s is read in lower case too", name, w)
		}
	}
	var got []string
	for n := range used {
		got = append(got, n)
	}
	sort.Strings(got)
	sort.Strings(names)
	if !reflect.DeepEqual(got, names) {
		t.Errorf("%s: the values are written as %v, the schema has %v", name, got, names)
	}
	for _, wrong := range []any{"NO_SUCH_VALUE", "", 0, nil} {
		_, err := unmarshal(wrong)
		isBadInput(t, err, fmt.Sprintf("%s %v", name, wrong))
	}
}

// enumNames reads the values of every enum from the schema.
func enumNames(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../*.graphqls")
	if err != nil || len(files) == 0 {
		t.Fatalf("no schema files: %v", err)
	}
	names := map[string][]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := parser.ParseSchema(&ast.Source{Name: f, Input: string(text)})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range doc.Definitions {
			for _, v := range d.EnumValues {
				names[d.Name] = append(names[d.Name], v.Name)
			}
		}
	}
	return names
}

func TestEveryEnumValueIsMappedBothWays(t *testing.T) {
	names := enumNames(t)
	take := func(name string) []string {
		n := names[name]
		delete(names, name)
		return n
	}
	both(t, "ChangeOutcome", graph.Operations, take("ChangeOutcome"), MarshalChangeOutcome, UnmarshalChangeOutcome)
	both(t, "DateMatch", graph.DateMatches, take("DateMatch"), MarshalDateMatch, UnmarshalDateMatch)
	both(t, "Direction", graph.Directions, take("Direction"), MarshalDirection, UnmarshalDirection)
	both(t, "DocumentKind", graph.DocumentKinds, take("DocumentKind"), MarshalDocumentKind, UnmarshalDocumentKind)
	both(t, "EntityFacet", []string{"kind"}, take("EntityFacet"), MarshalEntityFacet, UnmarshalEntityFacet)
	both(t, "EntityKind", vocab.Kinds, take("EntityKind"), MarshalEntityKind, UnmarshalEntityKind)
	both(t, "EntityOrderField", graph.EntityOrderFields, take("EntityOrderField"), MarshalEntityOrderField, UnmarshalEntityOrderField)
	both(t, "Modality", graph.Modalities, take("Modality"), MarshalModality, UnmarshalModality)
	both(t, "NameKind", graph.NameKinds, take("NameKind"), MarshalNameKind, UnmarshalNameKind)
	both(t, "OrderDirection", []bool{false, true}, take("OrderDirection"), MarshalOrderDirection, UnmarshalOrderDirection)
	both(t, "RelationOrderField", graph.RelationOrderFields, take("RelationOrderField"), MarshalRelationOrderField, UnmarshalRelationOrderField)
	both(t, "RelationStatus", graph.RelationStatuses, take("RelationStatus"), MarshalRelationStatus, UnmarshalRelationStatus)
	both(t, "SearchScope", graph.SearchScopes, take("SearchScope"), MarshalSearchScope, UnmarshalSearchScope)
	both(t, "StanceLabel", graph.StanceLabels, take("StanceLabel"), MarshalStanceLabel, UnmarshalStanceLabel)
	both(t, "UserErrorCode", graph.UserErrorCodes, take("UserErrorCode"), MarshalUserErrorCode, UnmarshalUserErrorCode)
	both(t, "GroupOrder", graph.GroupOrders, take("GroupOrder"), MarshalGroupOrder, UnmarshalGroupOrder)
	both(t, "NeighborOrderField", graph.NeighborOrderFields, take("NeighborOrderField"), MarshalNeighborOrderField, UnmarshalNeighborOrderField)
	both(t, "StatsKey", graph.StatsKeys, take("StatsKey"), MarshalStatsKey, UnmarshalStatsKey)
	both(t, "TimeField", graph.TimeFields, take("TimeField"), MarshalTimeField, UnmarshalTimeField)
	both(t, "TimeInterval", graph.TimeIntervals, take("TimeInterval"), MarshalTimeInterval, UnmarshalTimeInterval)
	both(t, "TruncationReason", graph.TruncationReasons, take("TruncationReason"), MarshalTruncationReason, UnmarshalTruncationReason)
	both(t, "NetworkMode", network.Modes, take("NetworkMode"), MarshalNetworkMode, UnmarshalNetworkMode)
	both(t, "NetworkAggregation", network.Aggregations, take("NetworkAggregation"), MarshalNetworkAggregation, UnmarshalNetworkAggregation)
	both(t, "Normalization", network.Normalizations, take("Normalization"), MarshalNormalization, UnmarshalNormalization)
	both(t, "DuplicateRule", network.DuplicateRules, take("DuplicateRule"), MarshalDuplicateRule, UnmarshalDuplicateRule)
	both(t, "PathWeight", graph.PathWeights, take("PathWeight"), MarshalPathWeight, UnmarshalPathWeight)
	both(t, "ExportFormat", ExportFormats, take("ExportFormat"), MarshalExportFormat, UnmarshalExportFormat)
	both(t, "Verdict", graph.Verdicts, take("Verdict"), MarshalVerdict, UnmarshalVerdict)
	both(t, "Verification", graph.Verifications, take("Verification"), MarshalVerification, UnmarshalVerification)
	for name := range names {
		t.Errorf("the enum %s is not tested", name)
	}
}

func TestUnknownEnumValueIsNull(t *testing.T) {
	if got := written(MarshalEntityKind("martian")); got != "null" {
		t.Errorf("an unknown kind is written as %s", got)
	}
}

func TestEntityKindName(t *testing.T) {
	for _, k := range vocab.Kinds {
		if got, want := strconv.Quote(EntityKindName(k)), written(MarshalEntityKind(k)); got != want {
			t.Errorf("%s: %s, want %s", k, got, want)
		}
	}
}
