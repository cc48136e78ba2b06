package graph

import (
	"context"
	"encoding/binary"
	"time"
)

func (v *View) relation(ctx context.Context, num uint64) (*Relation, error) {
	r, err := v.relationRecord(ctx, num)
	if err != nil {
		return nil, err
	}
	return v.relationOf(num, r)
}

func (v *View) relationOf(num uint64, r *relationRecord) (*Relation, error) {
	t := v.types.byCode[r.typ]
	if t == nil {
		return nil, damaged("relation %d has the unknown type %d", num, r.typ)
	}
	out := &Relation{
		ID: relationID(r.hash), Type: t.ID, Occurred: r.occurred, Stance: r.stance, Condition: r.condition,
		num: num, typ: r.typ, from: r.from, to: r.to, created: r.created, view: v,
	}
	for _, q := range r.qualifiers {
		out.Qualifiers = append(out.Qualifiers, Qualifier{Role: q.role, Text: q.text, entity: q.entity, view: v})
	}
	return out, nil
}

// NodeID is the relation's id.
func (r *Relation) NodeID() string { return r.ID }

// RelationType is the relation's entry in the vocabulary.
func (r *Relation) RelationType(context.Context) (*RelationType, error) {
	return r.view.relationType(r.view.types.byID[r.Type]), nil
}

// Label is the predicate in words, read from from to to.
func (r *Relation) Label(_ context.Context, langs ...string) (string, error) {
	return r.view.types.byID[r.Type].Label(langs...), nil
}

// From is the entity that the relation starts at, after merges.
func (r *Relation) From(ctx context.Context) (*Entity, error) {
	r.siblings.readFrom(ctx)
	return r.view.entity(ctx, r.from)
}

// To is the entity that the relation points to, after merges.
func (r *Relation) To(ctx context.Context) (*Entity, error) {
	r.siblings.readTo(ctx)
	return r.view.entity(ctx, r.to)
}

// Entity is what fills the role, after merges; nil where a text does.
func (q Qualifier) Entity(ctx context.Context) (*Entity, error) {
	if q.entity == 0 {
		return nil, nil
	}
	q.siblings.readParts(ctx)
	return q.view.entity(ctx, q.entity)
}

func (r *Relation) evidence(ctx context.Context) (*evidence, error) {
	r.siblings.readProofs(ctx)
	return r.view.evidence(ctx, r.num, r.created)
}

// CitationCount is the number of live citations.
func (r *Relation) CitationCount(ctx context.Context) (int, error) {
	e, err := r.evidence(ctx)
	if err != nil {
		return 0, err
	}
	return e.live, nil
}

// Status is what the live citations add up to.
func (r *Relation) Status(ctx context.Context) (RelationStatus, error) {
	e, err := r.evidence(ctx)
	if err != nil {
		return "", err
	}
	return e.status, nil
}

// Support counts the live citations.
func (r *Relation) Support(ctx context.Context) (Support, error) {
	e, err := r.evidence(ctx)
	if err != nil {
		return Support{}, err
	}
	return e.support, nil
}

// Revision is the last revision that changed the relation or its citations.
func (r *Relation) Revision(ctx context.Context) (Revision, error) {
	if rev, ok := r.siblings.changedAt(ctx, r); ok {
		return rev, nil
	}
	return r.view.changedAt(ctx, r.num, r.created)
}

// CreatedAt is when the relation was recorded first.
func (r *Relation) CreatedAt(ctx context.Context) (time.Time, error) {
	r.siblings.readCreated(ctx)
	return r.view.timeOf(ctx, r.created)
}

// UpdatedAt is when the relation or its citations were changed last.
func (r *Relation) UpdatedAt(ctx context.Context) (time.Time, error) {
	rev, err := r.Revision(ctx)
	if err != nil {
		return time.Time{}, err
	}
	r.siblings.readCreated(ctx)
	return r.view.timeOf(ctx, rev)
}

// Citations are the first so many live citations that meet the filter, newest publication first. A
// retracted relation shows its withdrawn citations. First is at least 0.
func (r *Relation) Citations(ctx context.Context, f *CitationFilter, first int) ([]*Citation, error) {
	if first < 0 {
		return nil, badInput("first is %d; it is 0 or more", first)
	}
	test, err := r.view.compileCitation(ctx, f)
	if err != nil {
		return nil, err
	}
	e, err := r.evidence(ctx)
	if err != nil {
		return nil, err
	}
	ahead := first
	if f != nil {
		ahead = 0 // which ones will pass the filter is not known
	}
	var out []*Citation
	for i, ref := range e.order {
		if len(out) >= first {
			break
		}
		ok, err := test.brief(ctx, r.view, ref)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		row, err := r.citationRecord(ctx, ref.mark, i < ahead, ahead)
		if err != nil {
			return nil, err
		}
		if ok, err = test.whole(ctx, r.view, row); err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		c, err := r.view.citationOf(ctx, r, ref.mark, row)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// citationRecord reads a citation, together with the first so many of the relation's siblings where many is set.
func (r *Relation) citationRecord(ctx context.Context, mark [8]byte, many bool, first int) (*citationRecord, error) {
	if many {
		if c := r.siblings.citation(ctx, citationAt{r.num, mark}, first); c != nil {
			return c, nil
		}
	}
	return r.view.citationRow(ctx, r.num, mark)
}

func (v *View) citationOf(ctx context.Context, r *Relation, mark [8]byte, c *citationRecord) (*Citation, error) {
	hash, _ := parseRelationID(r.ID)
	commit, err := v.commitOf(ctx, c.recorded)
	if err != nil {
		return nil, err
	}
	out := &Citation{
		ID: citationID(hash, mark), Quote: c.quote, Locator: c.locator, Verdict: c.verdict, Modality: c.modality,
		StatedOn: c.statedOn, Note: c.note, Confidence: c.confidence, Verification: c.verification,
		RecordedBy: commit.by, RetractionReason: c.retractionReason,
		prefix: c.prefix, suffix: c.suffix, hash: mark, relation: r.num, relationHash: hash,
		document: c.document, speaker: c.speaker, via: c.via, recorded: c.recorded, retracted: c.retracted, view: v, siblings: r.siblings,
	}
	if c.verification == Verified && c.start != nil {
		end := *c.start + runeCount(c.quote)
		out.Start, out.End = c.start, &end
	}
	return out, nil
}

// citationMarkOf takes the mark off a logical citation key.
func citationMarkOf(k []byte) (m [8]byte) {
	copy(m[:], k[len(k)-8:])
	return m
}

// relationNumOf takes a number of 8 bytes off the end of a key.
func relationNumOf(k []byte) uint64 { return binary.BigEndian.Uint64(k[len(k)-8:]) }

// loadRelations reads the relations of a page, which become siblings.
func (v *View) loadRelations(ctx context.Context, nums []uint64) ([]*Relation, error) {
	records, err := v.relationContents(ctx, nums)
	if err != nil {
		return nil, err
	}
	out := make([]*Relation, len(nums))
	for i, r := range records {
		if out[i], err = v.relationOf(nums[i], r); err != nil {
			return nil, err
		}
	}
	newSiblings(v, out)
	return out, nil
}
