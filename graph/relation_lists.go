package graph

import (
	"context"
	"sync"
)

// relationLists are lists of relations that stand side by side in an answer, such as those of the neighbours of
// one page. The beginnings of all are read together.
type relationLists struct {
	view  *View
	lists [][]uint64

	mu   sync.Mutex
	read map[int][][]*Relation // by how many of each were asked for
}

// first are the first so many relations of one of the lists.
func (l *relationLists) first(ctx context.Context, at, first int) ([]*Relation, error) {
	if first < 0 {
		return nil, badInput("first is %d; it is 0 or more", first)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if found, ok := l.read[first]; ok {
		return found[at], nil
	}
	var nums []uint64
	for _, list := range l.lists {
		nums = append(nums, list[:min(first, len(list))]...)
	}
	relations, err := l.view.loadRelations(ctx, nums)
	if err != nil {
		return nil, err
	}
	found := make([][]*Relation, len(l.lists))
	for i, list := range l.lists {
		n := min(first, len(list))
		found[i], relations = relations[:n:n], relations[n:]
	}
	if l.read == nil {
		l.read = map[int][][]*Relation{}
	}
	l.read[first] = found
	return found[at], nil
}
