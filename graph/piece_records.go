package graph

import (
	"context"
	"iter"
)

// Records yields what a reader needs to make the piece again, in the order of [View.Records]: the documents that its
// relations cite and those these were derived from; every entity that it names, as it was written, with all that are
// shown as the same; the types of its relations and what is broader; the relations with all live citations; the
// judgements between those entities. Withdrawn relations are not in it.
func (p *Piece) Records(ctx context.Context) iter.Seq2[Record, error] {
	if p.relations == nil {
		return p.view.Records(ctx)
	}
	return func(yield func(Record, error) bool) {
		c := &closure{p: p, types: map[string]bool{}}
		if err := c.collect(ctx); err != nil {
			yield(Record{}, err)
			return
		}
		for _, part := range []iter.Seq2[Record, error]{
			c.nodes(ctx, changedDocument, &c.documents), c.nodes(ctx, changedEntity, &c.entities),
			c.typeRecords(ctx), c.relationRecords(ctx), c.judgements(ctx),
		} {
			for r, err := range part {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

// closure is everything that the relations of a piece name.
type closure struct {
	p                   *Piece
	documents, entities numbers
	types               map[string]bool
}

func (c *closure) collect(ctx context.Context) error {
	v := c.p.view
	for n := range c.p.entities.all() {
		c.entities.add(n)
	}
	for nums, err := range inChunks(c.p.relationNumbers(ctx)) {
		var records []*relationRecord
		if err == nil {
			records, err = v.relationContents(ctx, nums)
		}
		if err != nil {
			return err
		}
		for i, r := range records {
			if err := c.relation(ctx, nums[i], r); err != nil {
				return err
			}
		}
	}
	for _, n := range c.documents.list() {
		if err := c.origins(ctx, n); err != nil {
			return err
		}
	}
	for _, n := range c.entities.list() {
		root, err := v.canonical(ctx, n)
		if err != nil {
			return err
		}
		members, err := v.members(ctx, root)
		if err != nil {
			return err
		}
		for _, m := range members {
			c.entities.add(m)
		}
	}
	return nil
}

func (c *closure) relation(ctx context.Context, num uint64, r *relationRecord) error {
	t := c.p.view.types.byCode[r.typ]
	if t == nil {
		return damaged("relation %d has the unknown type %d", num, r.typ)
	}
	for t != nil && !c.types[t.ID] {
		c.types[t.ID] = true
		t = c.p.view.types.byID[t.Broader]
	}
	c.entities.add(r.from)
	c.entities.add(r.to)
	for _, q := range r.qualifiers {
		if q.entity != 0 {
			c.entities.add(q.entity)
		}
	}
	for row, err := range c.p.view.scanPrefix(ctx, tableCitation.key().u64(num).prefix()) {
		if err != nil {
			return err
		}
		cit, err := decodeCitation(row.value)
		if err != nil {
			return damaged("citation %x", row.key)
		}
		if cit.retracted != 0 {
			continue
		}
		c.documents.add(cit.document)
		if cit.speaker != 0 {
			c.entities.add(cit.speaker)
		}
		for _, n := range cit.via {
			c.entities.add(n)
		}
	}
	return nil
}

// origins adds what a document was derived from.
func (c *closure) origins(ctx context.Context, num uint64) error {
	for num != 0 {
		d, err := c.p.view.document(ctx, num)
		if err != nil {
			return err
		}
		c.documents.add(num)
		num = d.derivedFrom
	}
	return nil
}

func (c *closure) nodes(ctx context.Context, kind byte, wanted *numbers) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for num, err := range c.p.view.nodeNumbers(ctx, kind, wanted) {
			var r Record
			if err == nil {
				r, err = c.p.view.nodeRecord(ctx, nodeRef{kind: kind, num: num})
			}
			if err == nil && r == (Record{}) {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (c *closure) typeRecords(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r, err := range c.p.view.typeRecords(ctx) {
			if err == nil && !c.types[r.RelationType.ID] {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}

func (c *closure) relationRecords(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		ids := map[uint64]string{}
		for num, err := range c.p.relationNumbers(ctx) {
			var all []*RelationInput
			if err == nil {
				all, err = c.p.view.relationLines(ctx, num, ids)
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, r := range all {
				if !yield(Record{Relation: r}, nil) {
					return
				}
			}
		}
	}
}

func (c *closure) judgements(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		in := map[string]bool{}
		for num, err := range c.p.view.nodeNumbers(ctx, changedEntity, &c.entities) {
			var e *entityRecord
			if err == nil {
				e, _, err = c.p.view.entityRecord(ctx, num)
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
			in[e.id] = true
		}
		for r, err := range c.p.view.judgementRecords(ctx) {
			if err == nil && !in[r.Judgement.Absorb[0]] {
				continue
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
	}
}
