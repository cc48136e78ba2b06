package graph_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph"
	"chancery/graph/text"
	"chancery/graph/vocab"
)

// named is an entity with further names.
func named(id string, kind vocab.Kind, name string, more ...string) graph.Change {
	c := entity(id, kind, name)
	var names []graph.Name
	for _, n := range more {
		names = append(names, graph.Name{Text: n, Kind: graph.NameAlias})
	}
	c.PutEntity.Names = graph.Some(names)
	return c
}

func (f *fixture) suggested(at graph.At, prefix string, first int, kinds ...vocab.Kind) []string {
	f.Helper()
	v := must(f.g.View(f.Context(), at))
	defer v.Release()
	ids := []string{}
	for _, e := range must(v.Suggest(f.Context(), prefix, kinds, first)) {
		ids = append(ids, e.ID)
	}
	return ids
}

// statesmen adds names in several scripts, and relations that make some of them better known.
func statesmen(f *fixture) {
	f.mustApply(
		named("zelenskyy", vocab.KindPerson, "Volodymyr Zelenskyy", "Владимир Зеленский", "Володимир Зеленський"),
		named("zelena", vocab.KindPlace, "Zelena Góra"), named("putin", vocab.KindPerson, "Путин Владимир Владимирович", "В.Путин"),
		named("putina", vocab.KindPerson, "Людмила Путина"), named("bush", vocab.KindPerson, "George Bush"), named("business", vocab.KindOrganization, "Business Council"),
		named("iran", vocab.KindState, "Iran"), named("iranian", vocab.KindGroup, "Iranian Opposition"), named("council", vocab.KindOrganization, "Council", "The Business of Iran"),
		relation("met-with", "zelenskyy", "ann", row("doc/1", "1")), relation("met-with", "putina", "ann", row("doc/1", "2")), relation("met-with", "putina", "ben", row("doc/1", "3")),
		relation("met-with", "iranian", "ann", row("doc/1", "4")), relation("met-with", "iranian", "ben", row("doc/1", "5")), relation("met-with", "business", "ben", row("doc/1", "6")),
	)
}

func TestSuggest(t *testing.T) {
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			f := newFixture(t, i)
			statesmen(f)
			for _, c := range []struct {
				prefix string
				want   string
			}{
				{"Зелен", "zelenskyy zelena"}, {"zelen", "zelenskyy zelena"}, {"Зеленський", "zelenskyy"}, {"SELENSKYJ", "zelenskyy"},
				{"Zelenskij Wolod", "zelenskyy"}, {"vlad pu", "putin"}, {"путин", "putina putin"}, {"Putin", "putina putin"}, {"v.putin", "putin"},
				{"bush", "bush business council"}, {"business", "business council"}, {"iran", "iran iranian council"}, {"iran opp", "iranian"}, {"council", "council business"},
				{"", ""}, {"  ", ""}, {"!", ""}, {"xyz", ""}, {"zelenskiy putin", ""},
				{"Zelinskyy", "zelenskyy"}, {"Zlenskiy", "zelenskyy"}, {"Zelemskyi Volodimer", "zelenskyy"}, {"Jelenskyy", "zelenskyy"}, {"cuoncil", "business council"}, {"irsn", ""}, {"qrenskyy", ""},
			} {
				if got := strings.Join(f.suggested(graph.At{}, c.prefix, 8), " "); got != c.want {
					t.Errorf("suggest %q: %s; want %s", c.prefix, got, c.want)
				}
			}
			if got := f.suggested(graph.At{}, "zelen", 8, vocab.KindPlace); !slices.Equal(got, []string{"zelena"}) {
				t.Errorf("of kind place: %v", got)
			}
			if got := f.suggested(graph.At{}, "путин", 1); !slices.Equal(got, []string{"putina"}) {
				t.Errorf("the first of them: %v", got)
			}
		})
	}
}

// Merges, deletions, other names and earlier revisions show in what is suggested.
func TestSuggestFollowsTheGraph(t *testing.T) {
	for i, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			f := newFixture(t, i)
			statesmen(f)
			before := f.revision()
			f.mustApply(
				graph.Change{MergeEntities: &graph.MergeInput{Keep: "putina", Absorb: []string{"putin"}, Reason: "test"}},
				graph.Change{DeleteEntity: &graph.RetractInput{ID: "zelena", Reason: "test"}},
				named("bush", vocab.KindPerson, "George Tree"),
			)
			for prefix, want := range map[string]string{"путин": "putina", "vladimirovich": "putina", "людмила владимирович": "putina", "zelen": "zelenskyy", "bush": "business council", "tree": "bush"} {
				if got := strings.Join(f.suggested(graph.At{}, prefix, 8), " "); got != want {
					t.Errorf("suggest %q: %s; want %s", prefix, got, want)
				}
			}
			if got := f.suggested(graph.At{}, "владимирович", 8, vocab.KindPerson); !slices.Equal(got, []string{"putina"}) {
				t.Errorf("of the survivor's kind: %v", got)
			}
			for prefix, want := range map[string]string{"путин": "putina putin", "zelen": "zelenskyy zelena", "bush": "bush business council", "tree": ""} {
				if got := strings.Join(f.suggested(graph.At{Revision: &before}, prefix, 8), " "); got != want {
					t.Errorf("suggest %q before: %s; want %s", prefix, got, want)
				}
			}
			f.mustApply(graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: "putin", From: "putina", Reason: "test"}})
			if got := strings.Join(f.suggested(graph.At{}, "путин", 8), " "); got != "putina putin" {
				t.Errorf("after the merge was taken back: %s", got)
			}
			if r := must(f.g.Verify(t.Context(), graph.VerifyOptions{})); len(r.Problems) > 0 {
				t.Errorf("verify: %v", r.Problems)
			}
		})
	}
}

func (f *fixture) revision() graph.Revision {
	f.Helper()
	v := must(f.g.View(f.Context(), graph.At{}))
	defer v.Release()
	return v.Revision()
}

// plainEntity is an entity of the naive suggester: its names, the main one first, and how many relations it has.
type plainEntity struct {
	id     string
	names  []string
	degree int
	order  int
}

// naive suggests by looking at every entity, for queries without typos.
func naive(all []plainEntity, query string) []string {
	type hit struct {
		plainEntity
		cost int
	}
	words := text.NameWords(query)
	var hits []hit
	for _, e := range all {
		h := hit{e, -1}
		for _, w := range words {
			best := 9
			for i, name := range e.names {
				for _, n := range text.NameWords(name) {
					meets := slices.ContainsFunc(text.NamePrefixes(w.Folded), func(p string) bool { return strings.HasPrefix(n.Key, p) })
					if !meets {
						continue
					}
					cost := min(i, 1)
					if !strings.HasPrefix(n.Folded, w.Folded) && text.SameScript(n.Folded, w.Folded) {
						cost += 2
					}
					best = min(best, cost)
				}
			}
			h.cost = max(h.cost, best)
		}
		if slices.ContainsFunc(e.names, func(n string) bool { return text.Fold(n) == text.Fold(query) }) {
			h.cost = -1
		}
		if h.cost < 9 && len(words) > 0 {
			hits = append(hits, h)
		}
	}
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(b.degree, a.degree), cmp.Compare(a.order, b.order))
	})
	ids := []string{}
	for _, h := range hits {
		ids = append(ids, h.id)
	}
	return ids
}

// TestSuggestAgainstNaive compares with looking at every entity. Words are short, so that none may have a typo.
func TestSuggestAgainstNaive(t *testing.T) {
	parts := []string{"s", "z", "sh", "ka", "kh", "ie", "i", "e", "и", "ш", "ка", "х", "е", "k"}
	word := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 1, 2).Draw(t, "parts"), "")
	})
	name := rapid.Custom(func(t *rapid.T) string { return strings.Join(rapid.SliceOfN(word, 1, 2).Draw(t, "words"), " ") })
	rapid.Check(t, func(rt *rapid.T) {
		f := newFixture(t, 0)
		var all []plainEntity
		for n := range rapid.IntRange(1, 12).Draw(rt, "entities") {
			p := plainEntity{id: fmt.Sprint("x", n), names: rapid.SliceOfN(name, 1, 3).Draw(rt, "names"), degree: rapid.IntRange(0, 3).Draw(rt, "degree"), order: n}
			changes := []graph.Change{named(p.id, vocab.KindPerson, p.names[0], p.names[1:]...)}
			for d := range p.degree {
				changes = append(changes, relation("met-with", p.id, "ann", row("doc/1", fmt.Sprint(n, d))))
				changes[len(changes)-1].AddRelation.Condition = fmt.Sprint(d)
			}
			f.mustApply(changes...)
			all = append(all, p)
		}
		query := name.Draw(rt, "query")
		want := naive(all, query)
		got := slices.DeleteFunc(f.suggested(graph.At{}, query, 50), func(id string) bool { return !strings.HasPrefix(id, "x") })
		if !slices.Equal(got, want) {
			rt.Fatalf("suggest %q of %v: %v; want %v", query, all, got, want)
		}
	})
}
