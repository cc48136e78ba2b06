package graph

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"slices"

	"chancery/graph/topology"
	"chancery/store"
)

// groups walks the statements of one actor on one target together, by actor and then target. Where the arrays show
// the state and no entity is named, it goes from actor to actor and reads no more than is asked for; otherwise all
// statements are gathered before the first is yielded.
func (l *positionListing) groups(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[[]*statement], error] {
	if l.either == nil && l.actors == nil && l.targets == nil {
		if k := l.v.links(ctx, true); k != nil {
			return l.byActor(ctx, k, after, before, reverse)
		}
	}
	all, err := l.group(ctx)
	if err != nil {
		return func(yield func(keyed[[]*statement], error) bool) { yield(keyed[[]*statement]{}, err) }
	}
	return sorted(all)(ctx, after, before, reverse)
}

// positionKey is the place of an actor's position on a target in lists.
func positionKey(actor, target uint64) []byte {
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(nil, actor), target)
}

// byActor walks the groups of one actor after the other.
func (l *positionListing) byActor(ctx context.Context, k *links, after, before []byte, reverse bool) iter.Seq2[keyed[[]*statement], error] {
	return func(yield func(keyed[[]*statement], error) bool) {
		lo := uint64(1)
		hi, err := l.v.lastEntity(ctx)
		if err != nil {
			yield(keyed[[]*statement]{}, err)
			return
		}
		if len(after) == 16 {
			lo = binary.BigEndian.Uint64(after)
		}
		if len(before) == 16 {
			hi = min(hi, binary.BigEndian.Uint64(before))
		}
		for i := uint64(0); lo+i <= hi; i++ {
			actor := lo + i
			if reverse {
				actor = hi - i
			}
			groups, err := l.ofActor(ctx, k, actor)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(keyed[[]*statement]{}, err)
				return
			}
			if reverse {
				slices.Reverse(groups)
			}
			for _, g := range groups {
				if after != nil && bytes.Compare(g.key, after) <= 0 || before != nil && bytes.Compare(g.key, before) >= 0 {
					continue
				}
				if !yield(g, nil) {
					return
				}
			}
		}
	}
}

// lastEntity is the largest number of an entity, or one that is larger. A survivor need not have relations of its own.
func (v *View) lastEntity(ctx context.Context) (uint64, error) {
	prefix := tableEntity.key().prefix()
	for kv, err := range v.r.Scan(ctx, store.Range{Start: prefix, End: store.PrefixEnd(prefix), Reverse: true, Limit: 1, KeysOnly: true}) {
		if err != nil {
			return 0, err
		}
		parts, _, ok := tableEntity.parse(kv.Key)
		if !ok {
			return 0, damaged("entity row %x", kv.Key)
		}
		return parts[0].num, nil
	}
	return 0, nil
}

// saidBy are the relations with a stance that start at an entity and what is shown as it; nil for one that is part of another.
func (l *positionListing) saidBy(ctx context.Context, k *links, actor uint64) ([]topology.Entry, error) {
	root, err := l.v.canonical(ctx, actor)
	if err != nil || root != actor {
		return nil, err
	}
	members, err := l.v.members(ctx, actor)
	if err != nil {
		return nil, err
	}
	var out []topology.Entry
	for _, n := range k.around(members) {
		if rel := n.Relation(); rel < k.end && n.Out() && k.Edge(rel).Stance != topology.NoStance && !k.Dead(rel) {
			out = append(out, n)
		}
	}
	return out, nil
}

// ofActor are the groups of one actor, by target.
func (l *positionListing) ofActor(ctx context.Context, k *links, actor uint64) ([]keyed[[]*statement], error) {
	said, err := l.saidBy(ctx, k, actor)
	if err != nil {
		return nil, err
	}
	by := map[uint64][]*statement{}
	for _, n := range said {
		s, err := l.statement(ctx, &candidate{edge: k.edge(n), v: l.v})
		if err != nil {
			return nil, err
		}
		if s != nil {
			by[s.target] = append(by[s.target], s)
		}
	}
	out := make([]keyed[[]*statement], 0, len(by))
	for target, statements := range by {
		out = append(out, keyed[[]*statement]{positionKey(actor, target), statements})
	}
	slices.SortFunc(out, func(a, b keyed[[]*statement]) int { return bytes.Compare(a.key, b.key) })
	return out, nil
}

// count is how many positions the list has.
func (l *positionListing) count(ctx context.Context) (int, error) {
	n := 0
	if l.stance != nil || l.since != nil {
		for _, err := range l.all(ctx, nil, nil, false) {
			if err != nil {
				return 0, err
			}
			n++
		}
		return n, nil
	}
	if l.either == nil && l.actors == nil && l.targets == nil && l.when == nil {
		if k := l.v.links(ctx, true); k != nil {
			return l.countPairs(ctx, k)
		}
	}
	for _, err := range l.groups(ctx, nil, nil, false) {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}

// countPairs counts actors with the targets of each.
func (l *positionListing) countPairs(ctx context.Context, k *links) (int, error) {
	last, err := l.v.lastEntity(ctx)
	if err != nil {
		return 0, err
	}
	n := 0
	var targets []uint64
	for actor := uint64(1); actor <= last; actor++ {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		said, err := l.saidBy(ctx, k, actor)
		if err != nil {
			return 0, err
		}
		targets = targets[:0]
		for _, s := range said {
			to, err := l.v.canonical(ctx, uint64(k.Edge(s.Relation()).To))
			if err != nil {
				return 0, err
			}
			targets = append(targets, to)
		}
		n += distinct(targets)
	}
	return n, nil
}
