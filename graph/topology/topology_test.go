package topology_test

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph/topology"
)

// fact is a relation as the reference keeps it.
type fact struct {
	number    uint32
	edge      topology.Edge
	parts     []topology.Part
	dead      bool
	documents []uint32
}

// reference is the graph as a plain list.
type reference []fact

func (r reference) clone() reference {
	out := slices.Clone(r)
	for i := range out {
		out[i].documents = slices.Clone(out[i].documents)
	}
	return out
}

// adjacent are the relations of entities, newest first, as text.
func (r reference) adjacent(entities ...uint32) (out []string) {
	type line struct {
		day, number uint32
		text        string
	}
	var lines []line
	for _, f := range r {
		var in, from, any bool
		for _, p := range f.parts {
			if slices.Contains(entities, p.Entity) {
				any, from, in = true, from || p.Out, in || p.In
			}
		}
		if any {
			lines = append(lines, line{f.edge.Day, f.number, fmt.Sprint(f.number, from, in, f.dead, f.documents)})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.number, b.number)) })
	for _, l := range lines {
		out = append(out, l.text)
	}
	return out
}

func shown(a *topology.Arrays, entities ...uint32) (out []string) {
	for _, e := range a.Adjacent(entities...) {
		var one [1]uint32
		out = append(out, fmt.Sprint(e.Relation(), e.Out(), e.In(), a.Dead(e.Relation()), a.Documents(e.Relation(), &one)))
	}
	return out
}

func drawFact(t *rapid.T, number uint32) fact {
	f := fact{number: number}
	entity := rapid.Uint32Range(1, 9)
	f.edge = topology.Edge{From: entity.Draw(t, "from"), To: entity.Draw(t, "to"), Type: 1, Day: rapid.Uint32Range(0, 5).Draw(t, "day"), Stance: topology.NoStance}
	if f.edge.From == f.edge.To {
		f.parts = []topology.Part{{Entity: f.edge.From, Out: true, In: true}}
	} else {
		f.parts = []topology.Part{{Entity: f.edge.From, Out: true}, {Entity: f.edge.To, In: true}}
	}
	if q := entity.Draw(t, "qualifier"); q != f.edge.From && q != f.edge.To {
		f.parts = append(f.parts, topology.Part{Entity: q})
	}
	f.documents = drawDocuments(t)
	return f
}

func drawDocuments(t *rapid.T) []uint32 {
	return rapid.SliceOfN(rapid.Uint32Range(1, 4), 0, 3).Draw(t, "documents")
}

func build(t *rapid.T, facts reference) *topology.Arrays {
	b := topology.NewBuilder(1, len(facts))
	for e := uint32(1); e <= 9; e++ {
		list := slices.DeleteFunc(facts.clone(), func(f fact) bool {
			return !slices.ContainsFunc(f.parts, func(p topology.Part) bool { return p.Entity == e })
		})
		slices.SortFunc(list, func(a, b fact) int {
			return cmp.Or(cmp.Compare(a.edge.Day, b.edge.Day), cmp.Compare(a.number, b.number))
		})
		for _, f := range list {
			i := slices.IndexFunc(f.parts, func(p topology.Part) bool { return p.Entity == e })
			if err := b.Add(f.parts[i], f.number, &f.edge, f.dead); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, f := range facts {
		for _, d := range f.documents {
			b.Cite(f.number, d)
		}
	}
	return b.Arrays()
}

// TestArraysAgreeWithAList builds arrays, extends them by commits of new and of changed relations, and compares every
// state, the old ones as well, with a plain list.
func TestArraysAgreeWithAList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var facts reference
		number := uint32(1)
		for range rapid.IntRange(0, 20).Draw(t, "first") {
			f := drawFact(t, number)
			f.dead = rapid.Bool().Draw(t, "dead")
			facts, number = append(facts, f), number+1
		}
		type state struct {
			arrays *topology.Arrays
			facts  reference
		}
		a := build(t, facts)
		states := []state{{a, facts.clone()}}
		byRevision := map[uint64]reference{1: facts.clone()}
		links := uint64(1)
		revision := uint64(1)
		for range rapid.IntRange(0, 6).Draw(t, "extensions") {
			var commits []topology.Commit
			seen := map[uint32]bool{}
			for range rapid.IntRange(1, 3).Draw(t, "commits") {
				revision++
				c := topology.Commit{Revision: revision}
				for range rapid.IntRange(0, 8).Draw(t, "changes") {
					if len(facts) > 0 && rapid.IntRange(0, 3).Draw(t, "old") == 0 {
						f := &facts[rapid.IntRange(0, len(facts)-1).Draw(t, "which")]
						dead := rapid.Bool().Draw(t, "dead")
						if dead != f.dead || seen[f.number] {
							links = revision
						}
						seen[f.number] = true
						f.dead, f.documents = dead, drawDocuments(t)
						c.Changes = append(c.Changes, topology.Change{Relation: f.number, Dead: f.dead, Documents: slices.Clone(f.documents)})
						continue
					}
					f := drawFact(t, number)
					facts, number, seen[f.number] = append(facts, f), number+1, true
					c.Changes = append(c.Changes, topology.Change{Relation: f.number, Edge: f.edge, Parts: f.parts, Dead: f.dead, Documents: slices.Clone(f.documents)})
				}
				commits = append(commits, c)
				byRevision[revision] = facts.clone()
			}
			a = a.Extend(commits)
			states = append(states, state{a, facts.clone()})
		}
		for _, s := range states {
			for _, entities := range [][]uint32{{1}, {2}, {3}, {4}, {5}, {9}, {1, 2}, {3, 4, 5, 6}} {
				if got, want := shown(s.arrays, entities...), s.facts.adjacent(entities...); !slices.Equal(got, want) {
					t.Fatalf("revision %d, entities %v: %v; want %v", s.arrays.Revision(), entities, got, want)
				}
			}
		}
		for rev, then := range byRevision {
			end, ok := a.At(rev)
			if ok != (rev >= links) {
				t.Fatalf("revision %d is shown: %v; liveness changed last at %d", rev, ok, links)
			}
			if want := uint32(len(then)) + 1; ok && len(then) > 0 && end != want {
				t.Fatalf("revision %d ends at %d; want %d", rev, end, want)
			}
		}
	})
}

// TestReadersOfOldArrays reads arrays while they are extended, for the race detector and for what they show.
func TestReadersOfOldArrays(t *testing.T) {
	b := topology.NewBuilder(1, 1)
	edge := topology.Edge{From: 1, To: 2, Stance: topology.NoStance}
	for _, p := range []topology.Part{{Entity: 1, Out: true}, {Entity: 2, In: true}} {
		if err := b.Add(p, 1, &edge, false); err != nil {
			t.Fatal(err)
		}
	}
	a := b.Arrays()
	var readers sync.WaitGroup
	for rev := uint64(2); rev < 300; rev++ {
		held, want := a, int(rev)-1
		readers.Go(func() {
			for range 20 {
				if n := len(held.Adjacent(1)); n != want {
					t.Errorf("revision %d shows %d relations; want %d", held.Revision(), n, want)
				}
				for n := uint32(1); n < held.End(); n++ {
					if held.Edge(n).From != 1 || held.Dead(n) {
						t.Errorf("revision %d shows another relation %d", held.Revision(), n)
					}
				}
			}
		})
		number := uint32(rev)
		a = a.Extend([]topology.Commit{{Revision: rev, Changes: []topology.Change{{Relation: number, Edge: edge, Parts: []topology.Part{{Entity: 1, Out: true}, {Entity: 2, In: true}}, Documents: []uint32{7}}}}})
	}
	readers.Wait()
}

func TestBuilderRefusesWhatItCannotHold(t *testing.T) {
	b := topology.NewBuilder(1, 0)
	edge := topology.Edge{From: 2, To: 2}
	if err := b.Add(topology.Part{Entity: 2}, topology.MaxRelation+1, &edge, false); err == nil {
		t.Error("a number beyond the largest was taken")
	}
	if err := b.Add(topology.Part{Entity: 2}, 1, &edge, false); err != nil {
		t.Error(err)
	}
	if err := b.Add(topology.Part{Entity: 1}, 2, &edge, false); err == nil {
		t.Error("rows out of order were taken")
	}
}
