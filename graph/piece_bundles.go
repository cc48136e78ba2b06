package graph

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"chancery/graph/edtf"
)

// Bundle is all relations of one type from one entity to another in a piece. The ends of a symmetric type stand in the order of their ids.
type Bundle struct {
	From, To  *Entity
	Type      string
	Symmetric bool
	Relations []string // ids, sorted
	// First and Last are the dates, as written, of the relations that may have begun first and ended last; empty when none is dated.
	First, Last string
	// Citations, Documents and Publishers count what is behind the relations; the last two without repeats.
	Citations, Documents, Publishers int
}

// Bundles yields the bundles of the piece by the ids of From, To and the type. Memory grows with the relations of one entity.
func (p *Piece) Bundles(ctx context.Context) iter.Seq2[*Bundle, error] {
	return func(yield func(*Bundle, error) bool) {
		for e, err := range p.Entities(ctx) {
			var groups []*bundleGroup
			if err == nil {
				groups, err = p.bundlesFrom(ctx, e)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, g := range groups {
				b, err := p.bundle(ctx, e, g)
				if !yield(b, err) || err != nil {
					return
				}
			}
		}
	}
}

// bundleGroup are the relations of a bundle.
type bundleGroup struct {
	to   *Entity
	typ  *vocabularyEntry
	nums []uint64
}

type bundleKey struct {
	to  uint64
	typ uint32
}

// bundlesFrom groups the relations that start at an entity.
func (p *Piece) bundlesFrom(ctx context.Context, e *Entity) ([]*bundleGroup, error) {
	l, err := e.listingOf(ctx, p.view, &compiledRelations{}, Out)
	if err != nil {
		return nil, err
	}
	l.retired = p.retired
	all, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	groups := map[bundleKey]*bundleGroup{}
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		if c := k.item; p.relations == nil || p.relations.has(c.num) {
			if err := p.addToBundle(ctx, groups, e, c); err != nil {
				return nil, err
			}
		}
	}
	out := make([]*bundleGroup, 0, len(groups))
	for _, g := range groups {
		out = append(out, g)
	}
	slices.SortFunc(out, func(a, b *bundleGroup) int {
		return cmp.Or(cmp.Compare(a.to.ID, b.to.ID), cmp.Compare(a.typ.ID, b.typ.ID))
	})
	return out, nil
}

func (p *Piece) addToBundle(ctx context.Context, groups map[bundleKey]*bundleGroup, e *Entity, c *candidate) error {
	from, err := p.view.entity(ctx, c.from)
	if err != nil {
		return err
	}
	to, err := p.view.entity(ctx, c.to)
	if err != nil {
		return err
	}
	if c.flags&edgeSymmetric != 0 && to.ID < from.ID {
		from, to = to, from
	}
	if from.num != e.num {
		return nil // it is in the bundle of the other end
	}
	k := bundleKey{to.num, c.typ}
	g := groups[k]
	if g == nil {
		t := p.view.types.byCode[c.typ]
		if t == nil {
			return damaged("relation %d has the unknown type %d", c.num, c.typ)
		}
		g = &bundleGroup{to: to, typ: t}
		groups[k] = g
	}
	g.nums = append(g.nums, c.num)
	return nil
}

func (p *Piece) bundle(ctx context.Context, from *Entity, g *bundleGroup) (*Bundle, error) {
	b := &Bundle{From: from, To: g.to, Type: g.typ.ID, Symmetric: g.typ.Symmetric}
	var s spanOfDates
	documents, publishers := set{}, map[string]bool{}
	for part := range slices.Chunk(g.nums, lastChunk) {
		records, err := p.view.relationContents(ctx, part)
		if err != nil {
			return nil, err
		}
		proofs, err := p.view.prove(ctx, part)
		if err != nil {
			return nil, err
		}
		for i, r := range records {
			b.Relations = append(b.Relations, relationID(r.hash))
			s.add(r.occurred)
			proof := proofs[i]
			if proof == nil {
				if proof, err = p.view.evidence(ctx, part[i], r.created); err != nil {
					return nil, err
				}
			}
			b.Citations += proof.live
			for _, ref := range proof.order {
				documents[ref.document] = struct{}{}
				src, err := p.view.source(ctx, ref.document)
				if err != nil {
					return nil, err
				}
				publishers[src.publisher] = true
			}
		}
	}
	slices.Sort(b.Relations)
	b.First, b.Last = s.first, s.last
	b.Documents, b.Publishers = len(documents), len(publishers)
	return b, nil
}

// spanOfDates finds the dates that may begin first and end last; of equal ones the smaller text, so that the order does not matter.
type spanOfDates struct {
	first, last string
	from, to    edtf.Day
	open        bool // last has no end
}

func (s *spanOfDates) add(date string) {
	if date == "" {
		return
	}
	d := sortDate(date)
	from, begins := d.Earliest()
	to, ends := d.Latest()
	if begins && (s.first == "" || from < s.from || from == s.from && date < s.first) {
		s.first, s.from = date, from
	}
	switch {
	case !ends && d.IsInterval() && (!s.open || date < s.last):
		s.last, s.open = date, true
	case ends && !s.open && (s.last == "" || to > s.to || to == s.to && date < s.last):
		s.last, s.to = date, to
	}
}

// Label is the type in words, read from From to To.
func (b *Bundle) Label(_ context.Context, langs ...string) (string, error) {
	return b.From.view.types.byID[b.Type].Label(langs...), nil
}
