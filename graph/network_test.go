package graph_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/edtf"
	"chancery/graph/network"
	"chancery/graph/vocab"
)

// said is a relation with a stance as a naive program keeps it.
type said struct {
	id, from, to, occurred string
	stance                 int
	behalf                 []string
	citations              []saidIn
}

type saidIn struct {
	document string
	denies   bool
}

// publishedOn are the dates of the documents of drawSaid; empty for none.
var publishedOn = map[string]string{"doc/1": "2025-04-25", "doc/2": "2025-04-25", "doc/3": "", "doc/4": "2024-12"}

// drawSaid writes persons who speak for themselves and for bodies about a few targets, and returns what they said.
func drawSaid(t *rapid.T, f *fixture) (all []*said, same map[string]string) {
	f.mustApply(entity("org/a", vocab.KindOrganization, "A"), entity("org/b", vocab.KindOrganization, "B"), entity("law", vocab.KindProposal, "The law"),
		graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "takes-position-on", Label: graph.Some("takes position on")}},
		graph.Change{PutDocument: &graph.DocumentInput{ID: "doc/3", Title: graph.Some("T"), Publisher: graph.Some("P")}},
		graph.Change{PutDocument: &graph.DocumentInput{ID: "doc/4", Title: graph.Some("T"), Publisher: graph.Some("P"), Published: graph.Some("2024-12")}})
	byID := map[string]*said{}
	for i := range rapid.IntRange(0, 20).Draw(t, "relations") {
		x, rel := drawOne(t, i)
		x.id = f.mustApply(rel).Results[0].ID
		if byID[x.id] == nil {
			byID[x.id] = &x
			all = append(all, &x)
		} else {
			byID[x.id].citations = append(byID[x.id].citations, x.citations...)
		}
	}
	if len(all) > 0 && rapid.Bool().Draw(t, "retract") {
		at := rapid.IntRange(0, len(all)-1).Draw(t, "which")
		f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: all[at].id, Reason: "r"}})
		all = slices.Delete(all, at, at+1)
	}
	same = map[string]string{}
	if rapid.Bool().Draw(t, "merge") {
		for absorbed, keep := range map[string]string{"ann": "cid", "law": "plan", "org/a": "org/b"} {
			f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: keep, Absorb: []string{absorbed}, Reason: "r"}})
			same[absorbed] = keep
		}
	}
	return all, same
}

// drawOne draws a relation with one to three citations.
func drawOne(t *rapid.T, i int) (said, graph.Change) {
	x := said{
		from: rapid.SampledFrom([]string{"ann", "ben", "cid"}).Draw(t, "from"), to: rapid.SampledFrom([]string{"plan", "crimea", "law", "ben"}).Draw(t, "to"),
		occurred: rapid.SampledFrom([]string{"", "2025-04-25", "2024-12-30", "2025-01-02", "2025", "../2025-01-01"}).Draw(t, "occurred"),
		stance:   rapid.IntRange(-2, 2).Draw(t, "stance"),
		behalf:   rapid.SampledFrom([][]string{nil, {"org/a"}, {"org/b"}, {"org/a", "org/b"}, {"ben"}}).Draw(t, "on behalf of"),
	}
	var cites []graph.CitationInput
	for j := range rapid.IntRange(1, 3).Draw(t, "citations") {
		c := saidIn{rapid.SampledFrom([]string{"doc/1", "doc/2", "doc/3", "doc/4"}).Draw(t, "document"), rapid.IntRange(0, 4).Draw(t, "verdict") == 0}
		in := row(c.document, fmt.Sprint(i, j))
		if c.denies {
			in.Verdict = graph.Denies
		}
		cites, x.citations = append(cites, in), append(x.citations, c)
	}
	rel := relation("takes-position-on", x.from, x.to, cites...)
	rel.AddRelation.Occurred, rel.AddRelation.Stance = x.occurred, &x.stance
	for _, b := range x.behalf {
		rel.AddRelation.Qualifiers = append(rel.AddRelation.Qualifiers, graph.QualifierInput{Role: "on-behalf-of", Entity: b})
	}
	return x, rel
}

var kindOf = map[string]vocab.Kind{
	"ann": vocab.KindPerson, "ben": vocab.KindPerson, "cid": vocab.KindPerson, "org/a": vocab.KindOrganization, "org/b": vocab.KindOrganization,
	"plan": vocab.KindProposal, "law": vocab.KindProposal, "crimea": vocab.KindIssue,
}

// naiveNetwork makes statements of what was said, one for each actor and affirming citation.
type naiveNetwork struct {
	statements []network.Statement
	ids        []string // by number less 1, in the order in which they were recorded
	relations  []*said  // by number
	in         graph.NetworkInput
}

func naiveStatements(all []*said, same map[string]string, in graph.NetworkInput) *naiveNetwork {
	n := &naiveNetwork{ids: []string{"ann", "ben", "cid", "plan", "crimea", "org/a", "org/b", "law"}, relations: all, in: in}
	shown := func(id string) string { return cmp.Or(same[id], id) }
	// An id that was merged stands for its survivor.
	asked := func(ids []string, id string) bool {
		return ids == nil || slices.ContainsFunc(ids, func(a string) bool { return shown(a) == shown(id) })
	}
	number := func(id string) uint64 { return uint64(1 + slices.Index(n.ids, shown(id))) }
	ofKind := func(mode network.Mode, id string) bool {
		return in.Kinds == nil || in.Mode == mode || slices.Contains(in.Kinds, kindOf[shown(id)])
	}
	for i, x := range all {
		actors := []string{x.from}
		if in.RollUp && x.behalf != nil {
			actors = x.behalf
		}
		counted := map[string]bool{}
		for _, actor := range actors {
			if counted[shown(actor)] {
				continue
			}
			counted[shown(actor)] = true
			if !asked(in.Actors, actor) || !asked(in.Targets, x.to) || !ofKind(network.TargetMode, actor) || !ofKind(network.ActorMode, x.to) ||
				in.Filter != nil && x.stance < *in.Filter.Stance.GTE {
				continue
			}
			for _, c := range x.citations {
				if c.denies {
					continue
				}
				s := network.Statement{Actor: number(actor), Target: number(x.to), Relation: uint64(i), Document: uint64(slices.Index([]string{"doc/1", "doc/2", "doc/3", "doc/4"}, c.document)), Stance: int8(x.stance)}
				for _, date := range []string{x.occurred, publishedOn[c.document]} {
					if date == "" {
						continue
					}
					if d, ok := must(edtf.Parse(date)).Earliest(); ok {
						s.Day, s.Dated = int32(d), true
						break
					}
				}
				n.statements = append(n.statements, s)
			}
		}
	}
	return n
}

// rests tells whether the relation of a statement is one that a tie rests on.
func (n *naiveNetwork) rests(tie network.Tie, s network.Statement) bool {
	speaks := func(actor, target uint64) bool {
		return slices.ContainsFunc(n.statements, func(o network.Statement) bool { return o.Actor == actor && o.Target == target })
	}
	switch n.in.Mode {
	case network.ActorMode:
		return (s.Actor == tie.From || s.Actor == tie.To) && speaks(tie.From, s.Target) && speaks(tie.To, s.Target)
	case network.TargetMode:
		return (s.Target == tie.From || s.Target == tie.To) && speaks(s.Actor, tie.From) && speaks(s.Actor, tie.To)
	}
	return s.Actor == tie.From && s.Target == tie.To
}

// basis are the ids of the relations that a tie rests on, newest first, then in the order in which they were recorded.
func (n *naiveNetwork) basis(tie network.Tie) []string {
	newest := map[uint64]int{}
	for _, s := range n.statements {
		if !n.rests(tie, s) {
			continue
		}
		on := math.MinInt
		if s.Dated {
			on = int(s.Day)
		}
		if was, ok := newest[s.Relation]; !ok || on > was {
			newest[s.Relation] = on
		}
	}
	var out []uint64
	for r := range newest {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b uint64) int { return cmp.Or(cmp.Compare(newest[b], newest[a]), cmp.Compare(a, b)) })
	var ids []string
	for _, r := range out {
		ids = append(ids, n.relations[r].id)
	}
	return ids
}

// describe writes the network that the naive statements give; the formulas are tested where they are computed.
func (n *naiveNetwork) describe(ctx context.Context) string {
	table := must(network.Count(ctx, n.statements, n.in.Duplicates))
	var b strings.Builder
	all := table.Nodes(n.in.Mode)
	limit := min(n.in.Limit, len(all))
	nodes := make([]uint64, 0, limit)
	fmt.Fprintln(&b, table.Statements(), "statements, left out:")
	for _, x := range all[limit:] {
		fmt.Fprintln(&b, n.ids[x.Entity-1])
	}
	fmt.Fprintln(&b, "nodes:")
	for _, x := range all[:limit] {
		fmt.Fprintln(&b, n.ids[x.Entity-1])
		nodes = append(nodes, x.Entity)
	}
	o := network.Options{Mode: n.in.Mode, Aggregation: n.in.Aggregation, Normalization: n.in.Normalization, MinWeight: n.in.MinWeight, Nodes: nodes}
	for _, t := range must(table.Ties(ctx, o)) {
		fmt.Fprintln(&b, n.ids[t.From-1], n.ids[t.To-1], t.Weight, t.Shared, n.basis(t))
	}
	return b.String()
}

func describeNetwork(ctx context.Context, w *graph.Network) string {
	var b strings.Builder
	fmt.Fprintln(&b, w.Statements, "statements, left out:")
	if w.Truncation != nil {
		if !slices.Equal(w.Truncation.Reasons, []graph.TruncationReason{graph.NodeLimit}) {
			fmt.Fprintln(&b, "for", w.Truncation.Reasons)
		}
		for _, id := range w.Truncation.Frontier {
			fmt.Fprintln(&b, id)
		}
	}
	fmt.Fprintln(&b, "nodes:")
	for _, e := range w.Nodes {
		fmt.Fprintln(&b, e.ID)
	}
	for _, t := range w.Ties {
		var ids []string
		for _, r := range must(t.Relations(ctx, 100)) {
			ids = append(ids, r.ID)
		}
		fmt.Fprintln(&b, t.From.ID, t.To.ID, t.Weight, t.Shared, ids)
	}
	return b.String()
}

func drawNetworkInput(t *rapid.T) graph.NetworkInput {
	in := graph.NetworkInput{
		Mode:          rapid.SampledFrom(network.Modes).Draw(t, "mode"),
		Aggregation:   rapid.SampledFrom(network.Aggregations).Draw(t, "aggregation"),
		Normalization: rapid.SampledFrom(network.Normalizations).Draw(t, "normalization"),
		Duplicates:    rapid.SampledFrom(network.DuplicateRules).Draw(t, "duplicates"),
		RollUp:        rapid.Bool().Draw(t, "rollUp"),
		Limit:         rapid.SampledFrom([]int{200, 2, 0}).Draw(t, "limit"),
		Actors:        rapid.SampledFrom([][]string{nil, nil, {"ann", "org/a"}, {"ben", "cid", "org/b"}, {}}).Draw(t, "actors"),
		Targets:       rapid.SampledFrom([][]string{nil, nil, {"law", "crimea"}, {"ben"}}).Draw(t, "targets"),
		Kinds:         rapid.SampledFrom([][]vocab.Kind{nil, nil, {vocab.KindPerson}, {vocab.KindOrganization, vocab.KindProposal}}).Draw(t, "kinds"),
	}
	if rapid.IntRange(0, 3).Draw(t, "filtered") == 0 {
		in.Filter = &graph.RelationFilter{Stance: &graph.IntRange{GTE: ptr(0)}}
	}
	if rapid.IntRange(0, 3).Draw(t, "least") == 0 {
		in.MinWeight = ptr(0.3)
	}
	return in
}

func TestNetworksAgreeWithANaiveProgram(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, 0)
		all, same := drawSaid(rt, f)
		v := f.view()
		for range 4 {
			in := drawNetworkInput(rt)
			want := naiveStatements(all, same, in).describe(f.Context())
			for from, v := range map[string]*graph.View{"arrays": v, "rows": graph.ByRows(v)} {
				if got := describeNetwork(f.Context(), must(v.Network(f.Context(), in))); got != want {
					rt.Fatalf("%s: %+v\n%s\nthe naive program has\n%s", from, in, got, want)
				}
			}
		}
	})
}

func TestNetworkRefuses(t *testing.T) {
	v := newFixture(t, 0).view()
	for _, c := range []struct {
		in   graph.NetworkInput
		want string
	}{
		{graph.NetworkInput{Limit: 1_001}, "limit is 1001: a network has 0 to 1000 nodes"},
		{graph.NetworkInput{Limit: -1}, "limit is -1"},
		{graph.NetworkInput{Actors: []string{"anne"}}, "actors: no entity has the id “anne”"},
		{graph.NetworkInput{Targets: []string{"doc/1"}}, "targets: no entity has the id “doc/1”"},
		{graph.NetworkInput{Filter: &graph.RelationFilter{Types: []string{"rejcts"}}}, "types: "},
	} {
		_, err := v.Network(t.Context(), c.in)
		var e *graph.Error
		if !errors.As(err, &e) || e.Kind != graph.BadInput || !strings.Contains(e.Message, c.want) {
			t.Errorf("%+v: %v; want %q", c.in, err, c.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Network(ctx, graph.NetworkInput{Limit: 10}); !errors.Is(err, context.Canceled) {
		t.Errorf("a question whose asker has gone was answered: %v", err)
	}
}

func TestAnEmptyNetwork(t *testing.T) {
	f := newFixture(t, 0)
	f.mustApply(relation("met-with", "ann", "ben", quote("doc/1", "Ann met Ben in Rome")))
	w := must(f.view().Network(t.Context(), graph.NetworkInput{Limit: 10}))
	if w.Statements != 0 || len(w.Nodes) != 0 || len(w.Ties) != 0 || w.Truncation != nil {
		t.Errorf("a meeting made the network %+v", w)
	}
}

// TestTooManyTies asks for targets that all are tied, more than a network may have ties.
func TestTooManyTies(t *testing.T) {
	f := newFixture(t, 0)
	const targets = 203
	var changes []graph.Change
	var statements []network.Statement
	for i := range targets {
		id := fmt.Sprintf("issue/%03d", i)
		changes = append(changes, entity(id, vocab.KindIssue, id))
		// Ann is for every second issue, Ben has his own view of the first hundred, and Cid of the last few.
		for actor, stance := range map[string]int{"ann": 2 - 4*(i%2), "ben": i%5 - 2, "cid": 1} {
			if actor == "ben" && i >= 100 || actor == "cid" && i < 190 {
				continue
			}
			r := relation("takes-stance-on", actor, id, row("doc/2", "r"))
			r.AddRelation.Stance = &stance
			changes = append(changes, r)
			statements = append(statements, network.Statement{Actor: uint64(actor[0]), Target: uint64(i), Stance: int8(stance)})
		}
	}
	f.mustApply(changes...)
	w := must(f.view().Network(t.Context(), graph.NetworkInput{Mode: network.TargetMode, Normalization: network.Unnormalized, Limit: targets - 1}))
	if len(w.Nodes) != targets-1 || len(w.Ties) != graph.MaxNetworkTies || w.Truncation == nil || !slices.Equal(w.Truncation.Reasons, []graph.TruncationReason{graph.NodeLimit, graph.RelationLimit}) {
		t.Fatalf("%d nodes, %d ties, truncation %+v", len(w.Nodes), len(w.Ties), w.Truncation)
	}
	left := w.Truncation.Frontier[0]
	all := must(must(network.Count(t.Context(), statements, network.Include)).Ties(t.Context(), network.Options{Mode: network.TargetMode, Aggregation: network.Subtract}))
	var want, got []float64
	for _, tie := range all {
		if a, b := fmt.Sprintf("issue/%03d", tie.From), fmt.Sprintf("issue/%03d", tie.To); a != left && b != left {
			want = append(want, math.Abs(tie.Weight))
		}
	}
	tied := map[string]int{}
	for _, tie := range w.Ties {
		got = append(got, math.Abs(tie.Weight))
		tied[tie.From.ID]++
		tied[tie.To.ID]++
	}
	slices.Sort(want)
	slices.Sort(got)
	if len(want) != (targets-1)*(targets-2)/2 || !slices.Equal(want[len(want)-len(got):], got) {
		t.Errorf("the ties kept are not the strongest %d of %d", len(got), len(want))
	}
	if !slices.IsSortedFunc(w.Ties, func(a, b *graph.Tie) int { return cmp.Compare(b.Weight, a.Weight) }) {
		t.Error("the ties are not the heaviest first")
	}
	var lost []string
	for _, e := range w.Nodes {
		if tied[e.ID] < targets-2 {
			lost = append(lost, e.ID)
		}
	}
	if frontier := append([]string{left}, lost...); !slices.Equal(w.Truncation.Frontier, frontier[:min(100, len(frontier))]) {
		t.Errorf("the frontier is %v; %s was left out, and %v lost ties", w.Truncation.Frontier, left, lost)
	}
}

// TestNetworkOfWhatIsQualified filters statements by those on whose behalf they are made, read from the arrays and from rows.
func TestNetworkOfWhatIsQualified(t *testing.T) {
	f := newFixture(t, 0)
	r := relation("supports", "ann", "plan", row("doc/1", "1"))
	r.AddRelation.Qualifiers = []graph.QualifierInput{{Role: "on-behalf-of", Entity: "cid"}}
	f.mustApply(r, relation("supports", "ben", "plan", row("doc/1", "2")))
	v := f.view()
	if !graph.Linked(v) {
		t.Fatal("the arrays do not show the newest state")
	}
	for i, v := range []*graph.View{v, graph.ByRows(v)} {
		for _, filter := range []*graph.RelationFilter{{Involves: []string{"cid"}}, {Qualifier: &graph.QualifierFilter{Entity: []string{"cid"}}}} {
			n := must(v.Network(t.Context(), graph.NetworkInput{Filter: filter, Limit: 9}))
			if n.Statements != 1 || len(n.Nodes) != 1 || n.Nodes[0].ID != "ann" {
				t.Errorf("view %d: %d statements by %d actors; want the one by ann", i, n.Statements, len(n.Nodes))
			}
		}
	}
}
