package graph

import (
	"context"
	"slices"
	"strconv"
)

// passage is a place in a document that a citation points to.
type passage struct {
	document uint64
	quote    string
	place    string // the start where one is known, otherwise the locator
}

// Conflicts are the first so many live relations that cannot all be true or
// sincere with this one, newest first. They tie the same two entities, after
// merges and in the same direction, and either state stances of opposite sign at times that may overlap,
// or one passage is cited as affirming the one and denying the other.
func (r *Relation) Conflicts(ctx context.Context, first int) ([]*Relation, error) {
	if first < 0 {
		return nil, badInput("first is %d; it is 0 or more", first)
	}
	v := r.view
	from, to := set{}, set{}
	if err := v.addShown(ctx, from, r.from); err != nil {
		return nil, err
	}
	if err := v.addShown(ctx, to, r.to); err != nil {
		return nil, err
	}
	l := &listing{v: v, entities: from}
	if len(to) < len(from) {
		l.entities = to
	}
	mine, err := r.passages(ctx)
	if err != nil {
		return nil, err
	}
	all, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	var nums []uint64
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		if len(nums) == first {
			break
		}
		c := k.item
		if c.num == r.num || !from.has(c.from) || !to.has(c.to) {
			continue
		}
		against, err := r.against(ctx, c, mine)
		if err != nil {
			return nil, err
		}
		if against {
			nums = append(nums, c.num)
		}
	}
	return v.loadRelations(ctx, nums)
}

// against tells whether a relation between the same two entities conflicts with this one.
func (r *Relation) against(ctx context.Context, c *candidate, mine map[passage][]Verdict) (bool, error) {
	if r.Stance != nil && c.stance != nil && *r.Stance**c.stance < 0 {
		rec, err := c.content(ctx)
		if err != nil {
			return false, err
		}
		if sortDate(r.Occurred).PossiblyOverlaps(sortDate(rec.occurred)) {
			return true, nil
		}
	}
	rec, err := c.content(ctx)
	if err != nil {
		return false, err
	}
	other, err := c.v.relationOf(c.num, rec)
	if err != nil {
		return false, err
	}
	theirs, err := other.passages(ctx)
	if err != nil {
		return false, err
	}
	for p, verdicts := range theirs {
		for _, v := range verdicts {
			if slices.ContainsFunc(mine[p], func(m Verdict) bool { return m != v }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// passages are the places that the live citations of a relation point to, with what they are cited for.
func (r *Relation) passages(ctx context.Context) (map[passage][]Verdict, error) {
	out := map[passage][]Verdict{}
	for row, err := range r.view.scanPrefix(ctx, tableCitation.key().u64(r.num).prefix()) {
		if err != nil {
			return nil, err
		}
		c, err := decodeCitation(row.value)
		if err != nil {
			return nil, damaged("citation %x", row.key)
		}
		if c.retracted != 0 {
			continue
		}
		p := passage{c.document, c.quote, c.locator}
		if c.start != nil {
			p.place = strconv.Itoa(*c.start)
		}
		out[p] = append(out[p], c.verdict)
	}
	return out, nil
}
