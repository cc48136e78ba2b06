package graph

import (
	"slices"
	"strconv"
)

// retractCitation withdraws one citation. Its relation is retracted with its last.
func (x *tx) retractCitation(in *RetractInput) (Operation, string, error) {
	before := len(x.errs)
	reason := x.requiredText(in.Reason, maxShort, "a reason", "reason")
	hash, mark, ok := parseCitationID(in.ID)
	var num uint64
	var c *citationRecord
	var err error
	if ok {
		if num, err = x.numberAt(x.ctx, tableRelationID.key().hash(hash).row()); err != nil {
			return "", "", err
		}
	}
	if num != 0 {
		if c, err = x.citationIfAny(x.ctx, num, mark); err != nil {
			return "", "", err
		}
	}
	if c == nil {
		x.fail(CodeNotFound, []string{"id"}, "no citation has the id %s", quoted(in.ID))
	}
	if len(x.errs) > before {
		return "", "", nil
	}
	if c.retracted != 0 {
		return Unchanged, relationID(hash), nil
	}
	return Retracted, relationID(hash), x.withdraw(num, map[[8]byte]*citationRecord{mark: c}, reason)
}

// retractRelation withdraws every live citation of a relation.
func (x *tx) retractRelation(in *RetractInput) (Operation, string, error) {
	before := len(x.errs)
	reason := x.requiredText(in.Reason, maxShort, "a reason", "reason")
	hash, ok := parseRelationID(in.ID)
	var num uint64
	var err error
	if ok {
		if num, err = x.numberAt(x.ctx, tableRelationID.key().hash(hash).row()); err != nil {
			return "", "", err
		}
	}
	if num == 0 {
		x.fail(CodeNotFound, []string{"id"}, "no relation has the id %s", quoted(in.ID))
	}
	if len(x.errs) > before {
		return "", "", nil
	}
	live, err := x.live(num)
	if err != nil {
		return "", "", err
	}
	if len(live) == 0 {
		return Unchanged, in.ID, nil
	}
	return Retracted, in.ID, x.withdraw(num, live, reason)
}

// live reads the live citations of a relation.
func (x *tx) live(num uint64) (map[[8]byte]*citationRecord, error) {
	out := map[[8]byte]*citationRecord{}
	for r, err := range x.scanPrefix(x.ctx, tableCitation.key().u64(num).prefix()) {
		if err != nil {
			return nil, err
		}
		c, err := decodeCitation(r.value)
		if err != nil {
			return nil, damaged("citation %x", r.key)
		}
		if c.retracted == 0 {
			out[citationMarkOf(r.key)] = c
		}
	}
	return out, nil
}

// withdraw retracts these live citations of a relation, and the relation itself when none is left.
func (x *tx) withdraw(num uint64, citations map[[8]byte]*citationRecord, reason string) error {
	for mark, c := range citations {
		next := *c
		next.retracted, next.retractionReason = x.rev, reason
		if err := x.writeCitation(num, mark, &next); err != nil {
			return err
		}
	}
	x.state.counts.citations -= len(citations)
	x.touched(changedRelation, num, Retracted)
	x.because(changedRelation, num, reason)
	left, err := x.live(num)
	if err != nil || len(left) > 0 {
		return err
	}
	return x.setDead(num, true)
}

// speaksFor says which live citation has an entity as its speaker or in its chain of sources; "" when none does.
func (x *tx) speaksFor(num uint64) (string, error) {
	prefix := tableBySpeaker.key().u64(num).prefix()
	type place struct {
		relation uint64
		mark     [8]byte
	}
	var places []place
	for r, err := range x.scanPlain(x.ctx, prefix, prefixEnd(prefix), false) {
		if err != nil {
			return "", err
		}
		places = append(places, place{relationNumOf(r.key[:len(r.key)-8]), citationMarkOf(r.key)})
	}
	for _, p := range places {
		c, err := x.citationRow(x.ctx, p.relation, p.mark)
		if err != nil {
			return "", err
		}
		if c.retracted != 0 || c.speaker != num && !slices.Contains(c.via, num) {
			continue
		}
		r, err := x.relationRecord(x.ctx, p.relation)
		if err != nil {
			return "", err
		}
		return citationID(r.hash, p.mark) + " names it as its speaker or as a link of its chain of sources: retract that first", nil
	}
	return "", nil
}

// mergeEntities records the judgement that entities are one. Nothing else is
// rewritten: views follow the judgement. An entity that was absorbed before brings its survivor along.
func (x *tx) mergeEntities(in *MergeInput) (Operation, string, error) {
	before := len(x.errs)
	reason := x.requiredText(in.Reason, maxShort, "a reason", "reason")
	keep, keepID, err := x.entityRef(in.Keep, "keep")
	if err != nil {
		return "", "", err
	}
	if len(in.Absorb) == 0 {
		x.fail(CodeRequired, []string{"absorb"}, "name at least one entity to absorb")
	}
	var children []uint64
	for i, id := range in.Absorb {
		child, err := x.mergeable(keep, keepID, id, i)
		if err != nil {
			return "", "", err
		}
		if child != 0 && !slices.Contains(children, child) {
			children = append(children, child)
		}
	}
	if len(x.errs) > before {
		return "", "", nil
	}
	for _, c := range children {
		var e enc
		e.u(keep)
		e.s(reason)
		if err := x.put(tableParent.key().u64(c).logical(), e); err != nil {
			return "", "", err
		}
		if err := x.put(tableChild.key().u64(keep).u64(c).logical(), nil); err != nil {
			return "", "", err
		}
		x.state.counts.merges++
		r, _, err := x.entityRecord(x.ctx, c)
		if err != nil {
			return "", "", err
		}
		x.touched(changedEntity, c, Merged)
		x.because(changedEntity, c, "became part of "+keepID+": "+reason)
		x.touched(changedEntity, keep, Merged)
		x.because(changedEntity, keep, "absorbed "+r.id+": "+reason)
	}
	if len(children) == 0 {
		return Unchanged, keepID, nil
	}
	return Merged, keepID, nil
}

// mergeable is the entity that a judgement makes part of keep: the survivor of
// the one named; 0 when it is part of keep already, or when a mistake was noted.
func (x *tx) mergeable(keep uint64, keepID, id string, i int) (uint64, error) {
	at := []string{"absorb", strconv.Itoa(i)}
	num, _, err := x.entityRef(id, at...)
	if err != nil || num == 0 || keep == 0 {
		return 0, err
	}
	if num == keep {
		x.fail(CodeInvalid, at, "%s cannot absorb itself", quoted(id))
		return 0, nil
	}
	for n := num; n != 0; {
		j, err := x.parent(x.ctx, n)
		if err != nil {
			return 0, err
		}
		if j.keep == keep {
			return 0, nil
		}
		n = j.keep
	}
	root, err := x.survivor(x.ctx, num)
	if err != nil {
		return 0, err
	}
	top, err := x.survivor(x.ctx, keep)
	if err != nil {
		return 0, err
	}
	if root == top {
		x.fail(CodeInvalid, at, "%s and %s are one entity already, the other way round: a further judgement would make a circle", quoted(keepID), quoted(id))
		return 0, nil
	}
	return root, nil
}

// unmergeEntities withdraws one judgement.
func (x *tx) unmergeEntities(in *UnmergeInput) (Operation, string, error) {
	before := len(x.errs)
	x.requiredText(in.Reason, maxShort, "a reason", "reason")
	num, id, err := x.entityRef(in.ID, "id")
	if err != nil {
		return "", "", err
	}
	from, _, err := x.entityRef(in.From, "from")
	if err != nil || len(x.errs) > before {
		return "", "", err
	}
	direct, err := x.parent(x.ctx, num)
	if err != nil {
		return "", "", err
	}
	inside := false
	for n := direct.keep; n != 0 && !inside; {
		inside = n == from
		j, err := x.parent(x.ctx, n)
		if err != nil {
			return "", "", err
		}
		n = j.keep
	}
	if !inside {
		x.fail(CodeNotFound, []string{"id"}, "%s was not merged into %s", quoted(in.ID), quoted(in.From))
		return "", "", nil
	}
	if err := x.drop(tableParent.key().u64(num).logical()); err != nil {
		return "", "", err
	}
	if err := x.drop(tableChild.key().u64(direct.keep).u64(num).logical()); err != nil {
		return "", "", err
	}
	x.state.counts.merges--
	keeper, _, err := x.entityRecord(x.ctx, direct.keep)
	if err != nil {
		return "", "", err
	}
	x.touched(changedEntity, num, Updated)
	x.because(changedEntity, num, "is no part of "+keeper.id+" any more: "+in.Reason)
	x.touched(changedEntity, direct.keep, Updated)
	x.because(changedEntity, direct.keep, "gave "+id+" back: "+in.Reason)
	return Updated, id, nil
}
