package network

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// Table holds x(i,j,k), with the cells that are not 0.
type Table struct {
	actors, targets []node // by number
	cells           []cell // by actor, then target
	statements      int
}

// node is a row or a column of the table.
type node struct {
	entity     uint64
	statements int64 // n(i)
	squares    int64 // sum over the other role and the stances of x²
}

type cell struct {
	actor, target uint32 // places in the lists of nodes
	x             counts
}

// Node is an actor or a target with the number of its statements.
type Node struct {
	Entity     uint64
	Statements int
}

// checkEvery is after how many statements, cells or pairs a cancelled context is noticed.
const checkEvery = 1 << 16

// Count makes the table of statements in time linear in their number, apart from the repetitions in one
// cell, which are sorted. It fails only when the context ends.
func Count(ctx context.Context, statements []Statement, rule DuplicateRule) (*Table, error) {
	t := &Table{}
	actor, target := make([]uint32, len(statements)), make([]uint32, len(statements))
	t.actors = index(statements, func(s *Statement) uint64 { return s.Actor }, actor)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t.targets = index(statements, func(s *Statement) uint64 { return s.Target }, target)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	order := make([]uint32, len(statements))
	for i := range order {
		order[i] = uint32(i)
	}
	order = sortedBy(target, len(t.targets), order)
	order = sortedBy(actor, len(t.actors), order)
	sameCell := func(a, b uint32) bool { return actor[a] == actor[b] && target[a] == target[b] }
	cells := 0
	for i := range order {
		if i == 0 || !sameCell(order[i-1], order[i]) {
			cells++
		}
	}
	t.cells = make([]cell, 0, cells)
	count := counting{rule: rule}
	for from := 0; from < len(order); {
		to, first := from+1, order[from]
		for to < len(order) && sameCell(first, order[to]) {
			to++
		}
		t.add(cell{actor[first], target[first], count.of(statements, order[from:to])})
		from = to
		if len(t.cells)%checkEvery == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return t, nil
}

func (t *Table) add(c cell) {
	n, squares := c.x.total(), c.x.squares()
	for _, end := range []*node{&t.actors[c.actor], &t.targets[c.target]} {
		end.statements += n
		end.squares += squares
	}
	t.statements += int(n)
	t.cells = append(t.cells, c)
}

// index lists the entities that take a part in statements, by number, and writes into at, for each statement, the place of its entity.
func index(statements []Statement, part func(*Statement) uint64, at []uint32) []node {
	if len(statements) == 0 {
		return nil
	}
	least, most := part(&statements[0]), part(&statements[0])
	for i := range statements {
		e := part(&statements[i])
		least, most = min(least, e), max(most, e)
	}
	if most-least < dense*uint64(len(statements)) {
		return indexDense(statements, part, at, least, most)
	}
	places := map[uint64]uint32{}
	for i := range statements {
		places[part(&statements[i])] = 0
	}
	nodes := make([]node, 0, len(places))
	for _, e := range slices.Sorted(maps.Keys(places)) {
		places[e] = uint32(len(nodes))
		nodes = append(nodes, node{entity: e})
	}
	for i := range statements {
		at[i] = places[part(&statements[i])]
	}
	return nodes
}

// dense is how many numbers there may be for each statement so that a list of all of them is better than a map of those that occur.
const dense = 8

// indexDense is index for entities whose numbers are from least to most.
func indexDense(statements []Statement, part func(*Statement) uint64, at []uint32, least, most uint64) []node {
	places := make([]uint32, most-least+1) // 0 for those that do not occur
	found := 0
	for i := range statements {
		if p := &places[part(&statements[i])-least]; *p == 0 {
			*p = 1
			found++
		}
	}
	nodes := make([]node, 0, found)
	for i, occurs := range places {
		if occurs != 0 {
			places[i] = uint32(len(nodes))
			nodes = append(nodes, node{entity: least + uint64(i)})
		}
	}
	for i := range statements {
		at[i] = places[part(&statements[i])-least]
	}
	return nodes
}

// sortedBy sorts a list of places by their keys, which are below limit, and keeps the order of equal ones.
func sortedBy(keys []uint32, limit int, places []uint32) []uint32 {
	next := make([]int, limit+1)
	for _, k := range keys {
		next[k+1]++
	}
	for k := range limit {
		next[k+1] += next[k]
	}
	out := make([]uint32, len(places))
	for _, p := range places {
		k := keys[p]
		out[next[k]] = p
		next[k]++
	}
	return out
}

// Statements is how many statements were counted, without repetitions.
func (t *Table) Statements() int { return t.statements }

// Nodes lists what a network of the mode can join, those with the most statements first, then by number. An entity that is both actor
// and target has the statements of both roles in the affiliation mode, and one of itself on itself once.
func (t *Table) Nodes(mode Mode) []Node {
	var out []Node
	switch mode {
	case ActorMode:
		out = listed(t.actors)
	case TargetMode:
		out = listed(t.targets)
	case AffiliationMode:
		out = t.bothRoles()
	}
	slices.SortFunc(out, func(a, b Node) int {
		return cmp.Or(cmp.Compare(b.Statements, a.Statements), cmp.Compare(a.Entity, b.Entity))
	})
	return out
}

func listed(nodes []node) []Node {
	out := make([]Node, len(nodes))
	for i, n := range nodes {
		out[i] = Node{n.entity, int(n.statements)}
	}
	return out
}

func (t *Table) bothRoles() []Node {
	total := map[uint64]int{}
	for _, nodes := range [][]node{t.actors, t.targets} {
		for _, n := range nodes {
			total[n.entity] += int(n.statements)
		}
	}
	for _, c := range t.cells {
		if e := t.actors[c.actor].entity; e == t.targets[c.target].entity {
			total[e] -= int(c.x.total())
		}
	}
	out := make([]Node, 0, len(total))
	for e, n := range total {
		out = append(out, Node{e, n})
	}
	return out
}
