package graph

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"iter"
	"slices"
	"time"

	"chancery/store"
)

// How much of a piece is read in one round trip, and up to how many things are sorted in memory and not looked for in the index of ids.
const (
	pieceChunk  = 256
	pieceSorted = 32_768
)

// Piece is what a selection holds at a revision. Its entities and relations are read when they are walked, in an order
// that depends on their ids alone. A piece takes one bit for each entity and relation of the store up to the last one in it.
type Piece struct {
	Selection  Selection
	Truncation *Truncation // what a neighbourhood left out; nil for nothing

	view      *View
	relations *numbers // nil: all that are live
	entities  *numbers // survivors of merges; nil: all that are live
	retired   bool     // withdrawn relations may be in it
}

// Select finds what a selection holds. The entities of a filter are the ends of its relations, those of a neighbourhood
// what was collected; everything has the entities without relations as well.
func (v *View) Select(ctx context.Context, s Selection) (*Piece, error) {
	p := &Piece{Selection: s, view: v}
	if err := s.check(); err != nil {
		return nil, err
	}
	switch {
	case s.Filter != nil:
		return p, p.selectFilter(ctx, s.Filter)
	case s.Neighborhood != nil:
		g, err := v.Neighborhood(ctx, *s.Neighborhood)
		if err != nil {
			return nil, err
		}
		p.Truncation = g.Truncation
		p.relations, p.entities = &numbers{}, &numbers{}
		for _, n := range g.relations {
			p.relations.add(n)
		}
		for _, e := range g.Nodes {
			p.entities.add(e.num)
		}
	}
	return p, nil
}

func (p *Piece) selectFilter(ctx context.Context, f *RelationFilter) error {
	c, err := p.view.compileRelations(ctx, f)
	if err != nil {
		return err
	}
	l, err := p.view.plan(ctx, c, f)
	if err != nil {
		return err
	}
	p.retired = l.retired
	p.relations, p.entities = &numbers{}, &numbers{}
	var ends numbers
	err = l.visit(ctx, func(c *candidate) error {
		p.relations.add(c.num)
		ends.add(c.from)
		ends.add(c.to)
		return nil
	})
	if err != nil {
		return err
	}
	for n := range ends.all() {
		root, err := p.view.canonical(ctx, n)
		if err != nil {
			return err
		}
		p.entities.add(root)
	}
	return nil
}

// Revision is the revision at which the piece was selected.
func (p *Piece) Revision() Revision { return p.view.rev }

// Time is when the piece's revision was written; the zero time for the empty store.
func (p *Piece) Time(ctx context.Context) (time.Time, error) {
	if p.view.rev == 0 {
		return time.Time{}, nil
	}
	return p.view.timeOf(ctx, p.view.rev)
}

// Digest tells pieces of one revision of one store apart by what they hold; empty for everything.
func (p *Piece) Digest() string {
	if p.relations == nil {
		return ""
	}
	h := sha256.New()
	for _, s := range []*numbers{p.relations, p.entities} {
		for part := range slices.Chunk(s.words, 512) {
			var b []byte
			for _, w := range part {
				b = binary.BigEndian.AppendUint64(b, w)
			}
			h.Write(b)
		}
		h.Write([]byte{'/'})
	}
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:12])
}

// Entities yields the entities of the piece as they are shown after merges, by id.
func (p *Piece) Entities(ctx context.Context) iter.Seq2[*Entity, error] {
	return func(yield func(*Entity, error) bool) {
		for nums, err := range inChunks(p.entityNumbers(ctx)) {
			if err == nil {
				err = p.view.readEntities(ctx, nums)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, n := range nums {
				e, err := p.view.entity(ctx, n)
				if err == nil && (e.num != n || e.deleted) {
					continue // it is shown as another, or is gone
				}
				if !yield(e, err) || err != nil {
					return
				}
			}
		}
	}
}

// entityNumbers are the numbers of the entities by their ids; of everything, also of those that are not shown.
func (p *Piece) entityNumbers(ctx context.Context) iter.Seq2[uint64, error] {
	return func(yield func(uint64, error) bool) {
		if p.entities == nil || p.entities.count > pieceSorted {
			p.view.nodeNumbers(ctx, changedEntity, p.entities)(yield)
			return
		}
		nums := p.entities.list()
		ids := make(map[uint64]string, len(nums))
		for _, n := range nums {
			e, err := p.view.entity(ctx, n)
			if err != nil {
				yield(0, err)
				return
			}
			ids[n] = e.ID
		}
		slices.SortFunc(nums, func(a, b uint64) int { return cmp.Compare(ids[a], ids[b]) })
		for _, n := range nums {
			if !yield(n, nil) {
				return
			}
		}
	}
}

// nodeNumbers walks the numbers of entities or documents by their ids; those of a set, or nil for all.
func (v *View) nodeNumbers(ctx context.Context, kind byte, wanted *numbers) iter.Seq2[uint64, error] {
	return func(yield func(uint64, error) bool) {
		for n, err := range v.nodeRefs(ctx, kind) {
			if err != nil {
				yield(0, err)
				return
			}
			if wanted != nil && !wanted.has(n.num) {
				continue
			}
			if !yield(n.num, nil) {
				return
			}
		}
	}
}

// Relations yields the relations of the piece by id.
func (p *Piece) Relations(ctx context.Context) iter.Seq2[*Relation, error] {
	return func(yield func(*Relation, error) bool) {
		for nums, err := range inChunks(p.relationNumbers(ctx)) {
			var all []*Relation
			if err == nil {
				all, err = p.view.loadRelations(ctx, nums)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range all {
				if p.relations == nil {
					if live, err := r.CitationCount(ctx); err != nil {
						yield(nil, err)
						return
					} else if live == 0 {
						continue
					}
				}
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// relationNumbers are the numbers of the relations by their ids; of everything, also of those that were withdrawn.
func (p *Piece) relationNumbers(ctx context.Context) iter.Seq2[uint64, error] {
	return func(yield func(uint64, error) bool) {
		if p.relations != nil && p.relations.count <= pieceSorted {
			nums, err := p.sortedRelations(ctx)
			if err != nil {
				yield(0, err)
				return
			}
			for _, n := range nums {
				if !yield(n, nil) {
					return
				}
			}
			return
		}
		prefix := tableRelationID.key().prefix()
		for r, err := range p.view.scanPlain(ctx, prefix, store.PrefixEnd(prefix), false) {
			if err != nil {
				yield(0, err)
				return
			}
			d := &dec{b: r.value}
			num, created := d.u(), Revision(d.u())
			if d.err() != nil {
				yield(0, damaged("relation id row %x", r.key))
				return
			}
			if created > p.view.rev || p.relations != nil && !p.relations.has(num) {
				continue
			}
			if !yield(num, nil) {
				return
			}
		}
	}
}

// sortedRelations reads the ids of the relations and sorts by them.
func (p *Piece) sortedRelations(ctx context.Context) ([]uint64, error) {
	nums := p.relations.list()
	ids := make(map[uint64][16]byte, len(nums))
	for part := range slices.Chunk(nums, pieceChunk) {
		records, err := p.view.relationContents(ctx, part)
		if err != nil {
			return nil, err
		}
		for i, r := range records {
			ids[part[i]] = r.hash
		}
	}
	slices.SortFunc(nums, func(a, b uint64) int {
		x, y := ids[a], ids[b]
		return bytes.Compare(x[:], y[:])
	})
	return nums, nil
}

// inChunks gathers what a walk yields. A chunk is overwritten by the next.
func inChunks(all iter.Seq2[uint64, error]) iter.Seq2[[]uint64, error] {
	return func(yield func([]uint64, error) bool) {
		chunk := make([]uint64, 0, pieceChunk)
		for n, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if chunk = append(chunk, n); len(chunk) < pieceChunk {
				continue
			}
			if !yield(chunk, nil) {
				return
			}
			chunk = chunk[:0]
		}
		if len(chunk) > 0 {
			yield(chunk, nil)
		}
	}
}
