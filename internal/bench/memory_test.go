package bench

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"unicode"
)

// memory is a data set as a program would keep it that knows its questions and nothing else: maps and slices of
// pointers, without sources, revisions, merges or filters. It is what the graph is compared with.
type memory struct {
	actors    map[string]*actor
	inOrder   []*actor // as recorded
	byName    []*actor // by folded name
	relations []*relation
	types     map[string]int            // how many relations each type has
	stances   map[string]map[string]int // by actor and target, of the last relation that states one
	words     []word                    // of names, sorted
	documents []*document
	texts     map[string][]*document // by the words of title and text
	ids       []string               // of documents and entities, as recorded
}

// word is a word of a name.
type word struct {
	folded string
	actor  *actor
}

type document struct{ ID, Title, Text string }

type actor struct {
	ID, Kind, Name string

	folded string
	order  int         // its place among the entities
	ends   []*relation // the newest first; a relation to itself once
}

type relation struct {
	Type, From, To, Occurred string
	Stance                   *int

	from, to *actor
	n        int // its place in the file
}

// other is the entity at the other end.
func (r *relation) other(a *actor) *actor {
	if r.from == a {
		return r.to
	}
	return r.from
}

// load reads a file of the shared data.
func load(path string) (*memory, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	m := &memory{actors: map[string]*actor{}, types: map[string]int{}, stances: map[string]map[string]int{}}
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		var line struct {
			Document *document
			Entity   *actor
			Relation *relation
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, err
		}
		switch {
		case line.Document != nil:
			m.documents = append(m.documents, line.Document)
			m.ids = append(m.ids, line.Document.ID)
		case line.Entity != nil:
			m.ids = append(m.ids, line.Entity.ID)
			line.Entity.order = len(m.inOrder)
			m.actors[line.Entity.ID] = line.Entity
			m.inOrder = append(m.inOrder, line.Entity)
		case line.Relation != nil:
			line.Relation.n = len(m.relations)
			m.relations = append(m.relations, line.Relation)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return m, m.index()
}

func (m *memory) index() error {
	for _, a := range m.inOrder {
		a.folded = strings.ToLower(a.Name)
		for _, w := range wordsOf(a.Name) {
			m.words = append(m.words, word{w, a})
		}
	}
	slices.SortFunc(m.words, func(a, b word) int { return strings.Compare(a.folded, b.folded) })
	m.texts = map[string][]*document{}
	for _, d := range m.documents {
		for _, w := range slices.Compact(slices.Sorted(slices.Values(append(wordsOf(d.Title), wordsOf(d.Text)...)))) {
			m.texts[w] = append(m.texts[w], d)
		}
	}
	m.byName = slices.SortedFunc(slices.Values(m.inOrder), func(a, b *actor) int { return strings.Compare(a.folded, b.folded) })
	for _, r := range m.relations {
		r.from, r.to = m.actors[r.From], m.actors[r.To]
		if r.from == nil || r.to == nil {
			return fmt.Errorf("a relation from %s to %s, of which one is not in the file", r.From, r.To)
		}
		r.from.ends = append(r.from.ends, r)
		if r.to != r.from {
			r.to.ends = append(r.to.ends, r)
		}
		m.types[r.Type]++
		if r.Stance != nil {
			if m.stances[r.From] == nil {
				m.stances[r.From] = map[string]int{}
			}
			m.stances[r.From][r.To] = *r.Stance
		}
	}
	for _, a := range m.inOrder {
		slices.SortFunc(a.ends, newestFirst)
	}
	return nil
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// suggest are the actors with a word that begins so, the best known first.
func (m *memory) suggest(prefix string, n int) []*actor {
	at, _ := slices.BinarySearchFunc(m.words, prefix, func(w word, s string) int { return strings.Compare(w.folded, s) })
	seen := map[*actor]bool{}
	var out []*actor
	for ; at < len(m.words) && strings.HasPrefix(m.words[at].folded, prefix); at++ {
		if a := m.words[at].actor; !seen[a] {
			seen[a] = true
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *actor) int { return cmp.Or(len(b.ends)-len(a.ends), a.order-b.order) })
	return out[:min(n, len(out))]
}

// newestFirst sorts as the graph does: of one day, in the order of recording.
func newestFirst(a, b *relation) int {
	return cmp.Or(strings.Compare(b.Occurred, a.Occurred), a.n-b.n)
}

// newest are an actor's first so many relations.
func (a *actor) newest(n int) []*relation { return a.ends[:min(n, len(a.ends))] }

// counterpart is an actor with the relations that tie it to another.
type counterpart struct {
	*actor
	count int
	last  *relation
}

// counterparts are those at the other ends of an actor's relations.
func (a *actor) counterparts() []counterpart {
	counts := map[*actor]*counterpart{}
	for _, r := range a.ends {
		o := r.other(a)
		c := counts[o]
		if c == nil {
			c = &counterpart{actor: o, last: r}
			counts[o] = c
		}
		c.count++
	}
	out := make([]counterpart, 0, len(counts))
	for c := range maps.Values(counts) {
		out = append(out, *c)
	}
	return out
}

// between are the relations of two actors of one type in a span of days, the newest first.
func (m *memory) between(from, to, kind, begin, end string) []*relation {
	a, b := m.actors[from], m.actors[to]
	if len(b.ends) < len(a.ends) {
		a, b = b, a
	}
	var out []*relation
	for _, r := range a.ends {
		if r.other(a) == b && r.From == from && r.Type == kind && r.Occurred >= begin && r.Occurred < end {
			out = append(out, r)
		}
	}
	return out
}

// within are all actors of at most so many hops.
func within(hops int, start *actor) map[*actor]int {
	depth := map[*actor]int{start: 0}
	frontier := []*actor{start}
	for d := 1; d <= hops; d++ {
		var next []*actor
		for _, a := range frontier {
			for _, r := range a.ends {
				o := r.other(a)
				if _, seen := depth[o]; !seen {
					depth[o] = d
					next = append(next, o)
				}
			}
		}
		frontier = next
	}
	return depth
}

// distance is the length of a shortest path, sought from both ends, the smaller frontier first; -1 where there is none.
func distance(from, to *actor) int {
	if from == to {
		return 0
	}
	sides := [2]map[*actor]bool{{from: true}, {to: true}}
	frontiers := [2][]*actor{{from}, {to}}
	for length := 1; len(frontiers[0]) > 0 && len(frontiers[1]) > 0; length++ {
		i := 0
		if len(frontiers[1]) < len(frontiers[0]) {
			i = 1
		}
		var next []*actor
		for _, a := range frontiers[i] {
			for _, r := range a.ends {
				o := r.other(a)
				if sides[1-i][o] {
					return length
				}
				if !sides[i][o] {
					sides[i][o] = true
					next = append(next, o)
				}
			}
		}
		frontiers[i] = next
	}
	return -1
}

// agreement is how often two actors took a stance on one target, and how often the same one.
type agreement struct {
	common, yes, no, abstain int
	congruence               float64 // the sum of 1 - d/4
}

func (m *memory) agree(a, b string) agreement {
	var sum agreement
	of := m.stances[b]
	for target, x := range m.stances[a] {
		y, both := of[target]
		if !both {
			continue
		}
		sum.common++
		sum.congruence += 1 - float64(max(x-y, y-x))/4
		if x == y {
			switch x {
			case 2:
				sum.yes++
			case -2:
				sum.no++
			default:
				sum.abstain++
			}
		}
	}
	return sum
}
