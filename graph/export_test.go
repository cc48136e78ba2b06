package graph

import "context"

// ByRows is the view without the topology in memory: every question is answered from rows.
func ByRows(v *View) *View {
	w := &View{
		rows: v.rows, g: v.g, snapshot: v.snapshot, newest: v.newest, pinned: v.pinned, commit: v.commit, types: v.types, rowsOnly: true,
		entities: map[uint64]*Entity{}, roots: map[uint64]uint64{}, documents: map[uint64]*Document{},
		proofs: map[uint64]*evidence{}, commits: map[Revision]*commitRecord{}, children: map[Revision]*View{},
	}
	return w
}

// Linked tells whether the view reads the topology in memory.
func Linked(v *View) bool { return v.links(v.g.closing, true) != nil }

// ImpactInArrays is the impact of a document read from the topology, however rarely it is cited.
func ImpactInArrays(ctx context.Context, d *Document) (*Impact, error) {
	return d.impactInArrays(ctx, d.view.sourceLinks(ctx))
}
