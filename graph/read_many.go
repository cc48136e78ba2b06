package graph

import (
	"context"

	"chancery/store"
)

// The functions of this file read many rows in one round trip, or in a few, and leave them in
// the view, where the functions that read one of them look first.

// lacking are the different keys that a table of the view does not have yet.
func lacking[K comparable, V any](v *View, have map[K]V, keys []K) []K {
	v.mu.Lock()
	defer v.mu.Unlock()
	seen := make(map[K]struct{}, len(keys))
	var out []K
	for _, k := range keys {
		if _, ok := seen[k]; ok {
			continue
		}
		seen[k] = struct{}{}
		if _, ok := have[k]; !ok {
			out = append(out, k)
		}
	}
	return out
}

// keep puts a value into a table of the view, which it empties when it is full, and returns the value that is kept:
// the one already there, if any, so that one key has one value.
func keep[K comparable, V any](v *View, table map[K]V, most int, k K, value V) V {
	v.mu.Lock()
	defer v.mu.Unlock()
	if old, ok := table[k]; ok {
		return old
	}
	if len(table) >= most {
		clear(table)
	}
	table[k] = value
	return value
}

// readEntities reads entities as they are shown, each as the survivor of its merges.
func (v *View) readEntities(ctx context.Context, nums []uint64) error {
	roots, err := v.survivors(ctx, nums)
	if err != nil {
		return err
	}
	missing := lacking(v, v.entities, roots)
	if len(missing) == 0 {
		return nil
	}
	logicals := make([][]byte, len(missing))
	for i, n := range missing {
		logicals[i] = tableEntity.key().u64(n).logical()
	}
	values, wrote, err := v.latestMany(ctx, logicals)
	if err != nil {
		return err
	}
	parents, err := v.absorbing(ctx, missing)
	if err != nil {
		return err
	}
	found := make([]*Entity, len(missing))
	for i, n := range missing {
		if values[i] == nil {
			return damaged("entity %d is missing", n)
		}
		r, err := decodeEntity(values[i])
		if err != nil {
			return damaged("entity %d", n)
		}
		found[i] = v.shown(n, r, wrote[i])
		if parents[n] {
			if err := v.absorb(ctx, found[i]); err != nil {
				return err
			}
		}
	}
	for _, e := range found {
		keep(v, v.entities, keptNodes, e.num, e)
	}
	return nil
}

// survivors are the entities as which others are shown, aligned with nums. They are read level by level.
func (v *View) survivors(ctx context.Context, nums []uint64) ([]uint64, error) {
	if v.commit.counts.merges == 0 {
		return nums, nil
	}
	at := map[uint64]uint64{} // how far each of them has been followed
	missing := lacking(v, v.roots, nums)
	for _, n := range missing {
		at[n] = n
	}
	for open := missing; len(open) > 0; {
		logicals := make([][]byte, len(open))
		for i, n := range open {
			logicals[i] = tableParent.key().u64(at[n]).logical()
		}
		values, _, err := v.latestMany(ctx, logicals)
		if err != nil {
			return nil, err
		}
		var next []uint64
		for i, n := range open {
			if values[i] == nil {
				continue
			}
			j, err := decodeJudgement(values[i])
			if err != nil {
				return nil, damaged("judgement on entity %d", at[n])
			}
			if j.keep != 0 {
				at[n] = j.keep
				next = append(next, n)
			}
		}
		open = next
	}
	for n, root := range at {
		keep(v, v.roots, keptNodes, n, root)
	}
	out := make([]uint64, len(nums))
	for i, n := range nums {
		root, err := v.canonical(ctx, n)
		if err != nil {
			return nil, err
		}
		out[i] = root
	}
	return out, nil
}

// absorbing are those of the entities that judgements, live or not, have made others part of.
func (v *View) absorbing(ctx context.Context, nums []uint64) (map[uint64]bool, error) {
	if v.commit.counts.merges == 0 {
		return nil, nil
	}
	ranges := make([]store.Range, len(nums))
	for i, n := range nums {
		prefix := tableChild.key().u64(n).prefix()
		ranges[i] = store.Range{Start: prefix, End: store.PrefixEnd(prefix), Limit: 1, KeysOnly: true}
	}
	found, err := v.r.ScanMany(ctx, ranges)
	if err != nil {
		return nil, err
	}
	out := map[uint64]bool{}
	for i, kvs := range found {
		if len(kvs) > 0 {
			out[nums[i]] = true
		}
	}
	return out, nil
}

func (v *View) readDocuments(ctx context.Context, nums []uint64) error {
	missing := lacking(v, v.documents, nums)
	records, wrote, err := v.documentRecords(ctx, missing)
	if err != nil {
		return err
	}
	for i, n := range missing {
		keep(v, v.documents, keptNodes, n, v.documentOf(n, records[i], wrote[i]))
	}
	return nil
}

// documentRecords reads documents that must be there.
func (v *View) documentRecords(ctx context.Context, nums []uint64) ([]*documentRecord, []Revision, error) {
	if len(nums) == 0 {
		return nil, nil, nil
	}
	logicals := make([][]byte, len(nums))
	for i, n := range nums {
		logicals[i] = tableDocument.key().u64(n).logical()
	}
	values, wrote, err := v.latestMany(ctx, logicals)
	if err != nil {
		return nil, nil, err
	}
	out := make([]*documentRecord, len(nums))
	for i, n := range nums {
		if values[i] == nil {
			return nil, nil, damaged("document %d is missing", n)
		}
		if out[i], err = decodeDocument(values[i]); err != nil {
			return nil, nil, damaged("document %d", n)
		}
	}
	return out, wrote, nil
}

func (v *View) readCommits(ctx context.Context, revisions []uint64) error {
	revs := make([]Revision, len(revisions))
	for i, n := range revisions {
		revs[i] = Revision(n)
	}
	missing := lacking(v, v.commits, revs)
	if len(missing) == 0 {
		return nil
	}
	keys := make([][]byte, len(missing))
	for i, rev := range missing {
		keys[i] = tableCommit.key().u64(uint64(rev)).row()
	}
	values, err := v.r.BatchGet(ctx, keys)
	if err != nil {
		return err
	}
	for i, rev := range missing {
		d := &dec{b: values[i]}
		c := d.commitHead()
		if values[i] == nil || d.bad {
			return damaged("commit %d", rev)
		}
		keep(v, v.commits, keptNodes, rev, c)
	}
	return nil
}

// readProofs reads the evidence of relations, except for those with many citations.
func (v *View) readProofs(ctx context.Context, nums []uint64) error {
	missing := lacking(v, v.proofs, nums)
	if len(missing) == 0 {
		return nil
	}
	proofs, err := v.prove(ctx, missing)
	if err != nil {
		return err
	}
	for i, e := range proofs {
		if e != nil {
			keep(v, v.proofs, maxProofs, missing[i], e)
		}
	}
	return nil
}

// readSources reads what status and support need of documents: first the documents, then what they are derived from, level by level.
func (v *View) readSources(ctx context.Context, documents set) error {
	records := map[uint64]*documentRecord{}
	var open []uint64
	for n := range documents {
		if !v.g.sources.Contains(sourceKey{n, v.commit.documents}) {
			open = append(open, n)
		}
	}
	roots := open
	for len(open) > 0 {
		found, _, err := v.documentRecords(ctx, open)
		if err != nil {
			return err
		}
		for i, n := range open {
			records[n] = found[i]
		}
		next := set{}
		for _, r := range found {
			if r.derivedFrom != 0 && records[r.derivedFrom] == nil {
				next[r.derivedFrom] = struct{}{}
			}
		}
		open = sortedSet(next)
	}
	for _, n := range roots {
		r := records[n]
		s := newSource(n, r)
		for next := r.derivedFrom; next != 0; {
			root := records[next]
			s.root, s.rootOwner, next = next, root.publisher, root.derivedFrom
		}
		v.g.sources.Add(sourceKey{n, v.commit.documents}, s)
	}
	return nil
}

// readContents reads the records of candidates that do not have them yet.
func (v *View) readContents(ctx context.Context, all []*candidate) error {
	var lacking []*candidate
	var nums []uint64
	for _, c := range all {
		if c.record == nil {
			lacking, nums = append(lacking, c), append(nums, c.num)
		}
	}
	records, err := v.relationContents(ctx, nums)
	for i, r := range records {
		lacking[i].record = r
	}
	return err
}

// relationContents reads relations that must be there.
func (v *View) relationContents(ctx context.Context, nums []uint64) ([]*relationRecord, error) {
	if len(nums) == 0 {
		return nil, nil
	}
	keys := make([][]byte, len(nums))
	for i, n := range nums {
		keys[i] = tableRelation.key().u64(n).row()
	}
	values, err := v.r.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make([]*relationRecord, len(nums))
	for i, b := range values {
		if b == nil {
			return nil, damaged("relation %d is missing", nums[i])
		}
		if out[i], err = decodeRelation(b); err != nil {
			return nil, damaged("relation %d", nums[i])
		}
	}
	return out, nil
}

// citationRows reads citations that must be there.
func (v *View) citationRows(ctx context.Context, at []citationAt) ([]*citationRecord, error) {
	if len(at) == 0 {
		return nil, nil
	}
	logicals := make([][]byte, len(at))
	for i, c := range at {
		logicals[i] = tableCitation.key().u64(c.relation).mark(c.mark).logical()
	}
	values, _, err := v.latestMany(ctx, logicals)
	if err != nil {
		return nil, err
	}
	out := make([]*citationRecord, len(at))
	for i, c := range at {
		if values[i] == nil {
			return nil, damaged("citation %x of relation %d is missing", c.mark, c.relation)
		}
		if out[i], err = decodeCitation(values[i]); err != nil {
			return nil, damaged("citation %x of relation %d", c.mark, c.relation)
		}
	}
	return out, nil
}
