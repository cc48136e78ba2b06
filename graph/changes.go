package graph

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"time"
)

// ChangeFilter selects changes. A nil field asks for nothing; the others are joined by and.
//
// A change passes when what it changed passes after the commit, or passed before
// it: a relation that was retracted, or an entity that was given back, is told
// to those who had it. Ids stand for what they meant at that commit, after
// merges; one that was not known then stands for nothing.
type ChangeFilter struct {
	// Involves keeps changes to these entities, and to relations with one of
	// them at an end or as a qualifier. Changes to documents and relation types involve nobody.
	Involves []string
	// Relations keeps changes to relations that meet it, and no other changes.
	Relations  *RelationFilter
	Operations []Operation
}

// Changes lists what the commits after a revision changed, all commits by default, oldest first: one event for each
// object of each commit, in the order in which a commit made them. Since is at most the view's revision.
func (v *View) Changes(ctx context.Context, since *Revision, f *ChangeFilter, first *int, after *string) (*Page[*Event], error) {
	r, w, err := v.open(ctx, listID("changes", since, f), PageArgs{First: first, After: after})
	if err != nil {
		return nil, err
	}
	var from Revision
	if since != nil {
		from = *since
	}
	if err := w.reached(from); err != nil {
		return nil, err
	}
	if err := w.checkChangeFilter(ctx, f); err != nil {
		return nil, err
	}
	all := w.changesAfter(from, f)
	events, page, err := collect(ctx, r, w.rev, false, all)
	if err != nil {
		return nil, err
	}
	page.Items = events
	page.total = func() (n int, err error) {
		for _, err := range all(ctx, nil, nil, false) {
			if err != nil {
				return 0, err
			}
			n++
		}
		return n, nil
	}
	return page, nil
}

// changesAfter walks the changes of all commits after a revision, forward. The key of an item is its revision and its place in the commit.
func (v *View) changesAfter(since Revision, f *ChangeFilter) walk[*Event] {
	return func(ctx context.Context, after, _ []byte, _ bool) iter.Seq2[keyed[*Event], error] {
		return func(yield func(keyed[*Event], error) bool) {
			at, place := since+1, uint32(0)
			if len(after) == 12 {
				at, place = Revision(binary.BigEndian.Uint64(after)), binary.BigEndian.Uint32(after[8:])+1
			}
			s := &sieve{view: v, filter: f}
			for ; at <= v.rev; at, place = at+1, 0 {
				_, events, err := s.commit(ctx, at)
				if err != nil {
					yield(keyed[*Event]{}, err)
					return
				}
				for _, e := range events {
					key := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint64(nil, uint64(at)), e.place)
					if e.place >= place && !yield(keyed[*Event]{key, e}, nil) {
						return
					}
				}
			}
		}
	}
}

// checkChangeFilter fails when a filter names what the view does not know.
func (v *View) checkChangeFilter(ctx context.Context, f *ChangeFilter) error {
	if f == nil {
		return nil
	}
	for _, op := range f.Operations {
		if !slices.Contains(Operations, op) {
			return badInput("operations: there is no operation %q", op)
		}
	}
	_, err := v.lens(ctx, f)
	return err
}

// sieve reads commits and keeps the changes that pass a filter.
type sieve struct {
	view   *View
	filter *ChangeFilter
	last   *lens // of the commit read last, which the next one begins from
}

func (r *commitRecord) time() time.Time { return time.Unix(0, r.at).UTC() }

// commit reads one commit with its changes that pass.
func (s *sieve) commit(ctx context.Context, rev Revision) (*commitRecord, []*Event, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	c, err := commitAt(ctx, s.view.rows, rev)
	if err != nil {
		return nil, nil, err
	}
	passing := make([]bool, len(c.changes))
	if err := s.pass(ctx, rev, c.changes, passing); err != nil {
		return nil, nil, err
	}
	ids, err := s.view.changedIDs(ctx, rev, c.changes, passing)
	if err != nil {
		return nil, nil, err
	}
	var events []*Event
	for i, ok := range passing {
		if !ok {
			continue
		}
		e := c.changes[i]
		events = append(events, &Event{
			Revision: rev, At: c.time(), By: c.by, Note: joinNotes(e.reason, c.note), Operation: e.op, ID: ids[i],
			kind: e.kind, num: e.num, place: uint32(i), reason: e.reason, view: s.view,
		})
	}
	return c, events, nil
}

// pass marks the changes that pass.
func (s *sieve) pass(ctx context.Context, rev Revision, entries []changeEntry, passing []bool) error {
	f := s.filter
	open := false
	for i, e := range entries {
		passing[i] = f == nil || (f.Operations == nil || slices.Contains(f.Operations, e.op)) &&
			(f.Relations == nil || e.kind == changedRelation) &&
			(f.Involves == nil || e.kind == changedRelation || e.kind == changedEntity)
		open = open || passing[i]
	}
	if !open || f == nil || f.Involves == nil && f.Relations == nil {
		return nil
	}
	asked := slices.Clone(passing)
	clear(passing)
	now, err := s.at(ctx, rev)
	if err != nil {
		return err
	}
	if err := now.mark(ctx, entries, asked, passing); err != nil {
		return err
	}
	again := false
	for i, e := range entries {
		asked[i] = asked[i] && !passing[i] && e.op != Created
		again = again || asked[i]
	}
	if !again {
		s.last = now
		return nil
	}
	before, err := s.at(ctx, rev-1)
	if err != nil {
		return err
	}
	s.last = now
	return before.mark(ctx, entries, asked, passing)
}

// at is the filter as it was to be understood at a revision.
func (s *sieve) at(ctx context.Context, rev Revision) (*lens, error) {
	if s.last != nil && s.last.view.rev == rev {
		return s.last, nil
	}
	w, err := s.view.child(ctx, rev)
	if err != nil {
		return nil, err
	}
	w.lenient = true
	return w.lens(ctx, s.filter)
}

// lens is a filter of changes made ready for one revision.
type lens struct {
	view      *View
	involved  set // nil: not asked for
	relations *compiledRelations
	retired   bool // the filter asks for retracted relations
}

func (v *View) lens(ctx context.Context, f *ChangeFilter) (*lens, error) {
	l := &lens{view: v, retired: f.Relations.asksForRetracted()}
	var err error
	if f.Involves != nil {
		if l.involved, err = v.entitySet(ctx, f.Involves, "involves"); err != nil {
			return nil, err
		}
	}
	if f.Relations != nil {
		l.relations, err = v.compileRelations(ctx, f.Relations)
	}
	return l, err
}

// mark marks those of the changes asked for whose objects pass at the lens's revision.
func (l *lens) mark(ctx context.Context, entries []changeEntry, asked, passing []bool) error {
	var places []int
	var nums []uint64
	for i, e := range entries {
		switch {
		case !asked[i]:
		case e.kind == changedEntity:
			passing[i] = l.involved.has(e.num)
		default:
			places, nums = append(places, i), append(nums, e.num)
		}
	}
	found, err := l.view.candidatesOf(ctx, nums, l.relations != nil && l.relations.proofs)
	if err != nil {
		return err
	}
	for i, c := range found {
		if c == nil {
			continue
		}
		if passing[places[i]], err = l.passes(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// passes tells whether a relation passes at the lens's revision.
func (l *lens) passes(ctx context.Context, c *candidate) (bool, error) {
	if l.involved != nil {
		if ok, err := takesPart(l.involved)(ctx, c); !ok || err != nil {
			return false, err
		}
	}
	switch {
	case l.relations == nil:
		return true, nil
	case c.dead() && !l.retired:
		return false, nil
	case l.relations.test == nil:
		return true, nil
	}
	return l.relations.test(ctx, c)
}

// candidatesOf reads relations as candidates, aligned with nums; nil for those that were not there yet.
func (v *View) candidatesOf(ctx context.Context, nums []uint64, proofs bool) ([]*candidate, error) {
	if len(nums) == 0 {
		return nil, nil
	}
	records, err := v.relationRows(ctx, nums)
	if err != nil {
		return nil, err
	}
	out := make([]*candidate, len(nums))
	var there []keyed[*candidate]
	var edges [][]byte
	for i, r := range records {
		if r.created > v.rev {
			continue
		}
		day := sortDayOfText(r.occurred)
		out[i] = &candidate{edge: edge{num: nums[i], occurred: day}, v: v, record: r}
		there = append(there, keyed[*candidate]{item: out[i]})
		edges = append(edges, tableTime.key().day(day).u64(nums[i]).logical())
	}
	values, _, err := v.latestMany(ctx, edges)
	if err != nil {
		return nil, err
	}
	for i, k := range there {
		if values[i] == nil {
			return nil, damaged("relation %d is not listed by time", k.item.num)
		}
		if k.item.edge, err = decodeEdge(values[i], k.item.occurred, k.item.num); err != nil {
			return nil, damaged("edge of relation %d", k.item.num)
		}
	}
	if proofs {
		err = v.proveAll(ctx, there, false)
	}
	return out, err
}

// relationRows reads the contents of relations.
func (v *View) relationRows(ctx context.Context, nums []uint64) ([]*relationRecord, error) {
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

// changedIDs reads the ids of the changed objects that are wanted.
func (v *View) changedIDs(ctx context.Context, rev Revision, entries []changeEntry, wanted []bool) ([]string, error) {
	ids := make([]string, len(entries))
	var relations []uint64
	var nodes [][]byte
	var relationAt, nodeAt []int
	for i, e := range entries {
		switch {
		case !wanted[i]:
		case e.kind == changedRelation:
			relations, relationAt = append(relations, e.num), append(relationAt, i)
		case e.kind == changedType:
			t := v.types.byCode[uint32(e.num)]
			if t == nil {
				return nil, damaged("commit %d changes the unknown type %d", rev, e.num)
			}
			ids[i] = t.ID
		default:
			table := tableEntity
			if e.kind == changedDocument {
				table = tableDocument
			}
			nodes, nodeAt = append(nodes, table.key().u64(e.num).logical()), append(nodeAt, i)
		}
	}
	if err := v.relationIDs(ctx, relations, func(i int, id string) { ids[relationAt[i]] = id }); err != nil {
		return nil, err
	}
	values, _, err := rows{r: v.r, rev: rev}.latestMany(ctx, nodes)
	if err != nil {
		return nil, err
	}
	for i, b := range values {
		e := entries[nodeAt[i]]
		if ids[nodeAt[i]], err = nodeIDOf(e.kind, b); err != nil {
			return nil, damaged("node %d of commit %d", e.num, rev)
		}
	}
	return ids, nil
}

func (v *View) relationIDs(ctx context.Context, nums []uint64, give func(i int, id string)) error {
	if len(nums) == 0 {
		return nil
	}
	records, err := v.relationRows(ctx, nums)
	for i, r := range records {
		give(i, relationID(r.hash))
	}
	return err
}

// nodeIDOf is the id in the row of an entity or a document.
func nodeIDOf(kind byte, row []byte) (string, error) {
	if kind == changedDocument {
		r, err := decodeDocument(row)
		if err != nil {
			return "", err
		}
		return r.id, nil
	}
	r, err := decodeEntity(row)
	if err != nil {
		return "", err
	}
	return r.id, nil
}
