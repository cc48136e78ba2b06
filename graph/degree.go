package graph

import "context"

// degree is how many live relations an entity, as it is shown, has at its ends. It looks into its lists in the
// arrays, and where there are none into its rows.
func (v *View) degree(ctx context.Context, num uint64) (int, error) {
	e, err := v.entity(ctx, num)
	if err != nil {
		return 0, err
	}
	return e.Degree(ctx, nil, Both)
}

// degreeInArrays counts an entity's relations without making anything of them.
func (v *View) degreeInArrays(ctx context.Context, k *links, num uint64, dir Direction) (int, error) {
	members, err := v.members(ctx, num)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, x := range k.around(members) {
		rel := x.Relation()
		switch {
		case rel >= k.end || !x.Out() && !x.In() || k.Dead(rel):
		case dir == Both || dir == Out && x.Out() || dir == In && x.In() || k.Edge(rel).Flags&edgeSymmetric != 0:
			n++
		}
	}
	return n, nil
}
