package graph

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strconv"

	"chancery/store"
)

// citationsPerRecord is how many citations one record of a relation carries at most; a relation with more takes several records.
const citationsPerRecord = 500

// Records yields everything live at the view's revision as it was written, before merges: documents, entities, relation
// types, relations and judgements, each kind sorted by id. Reading them into an empty store makes an equal store.
func (v *View) Records(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for _, part := range []func(context.Context) iter.Seq2[Record, error]{
			func(ctx context.Context) iter.Seq2[Record, error] { return v.nodeRecords(ctx, changedDocument) },
			func(ctx context.Context) iter.Seq2[Record, error] { return v.nodeRecords(ctx, changedEntity) },
			v.typeRecords, v.relationRecords, v.judgementRecords,
		} {
			for r, err := range part(ctx) {
				if !yield(r, err) || err != nil {
					return
				}
			}
		}
	}
}

func (v *View) nodeRecords(ctx context.Context, kind byte) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for n, err := range v.nodeRefs(ctx, kind) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			rec, err := v.nodeRecord(ctx, n)
			if rec == (Record{}) && err == nil {
				continue
			}
			if !yield(rec, err) || err != nil {
				return
			}
		}
	}
}

// nodeRefs walks the entities or the documents that were ever there, by id.
func (v *View) nodeRefs(ctx context.Context, kind byte) iter.Seq2[nodeRef, error] {
	return func(yield func(nodeRef, error) bool) {
		prefix := tableID.key().prefix()
		for r, err := range v.scanPlain(ctx, prefix, store.PrefixEnd(prefix), false) {
			if err != nil {
				yield(nodeRef{}, err)
				return
			}
			d := &dec{b: r.value}
			n := nodeRef{kind: d.byte(), num: d.u(), created: Revision(d.u())}
			if d.err() != nil {
				yield(nodeRef{}, damaged("id row %x", r.key))
				return
			}
			if n.kind == kind && n.created <= v.rev && !yield(n, nil) {
				return
			}
		}
	}
}

func (v *View) nodeRecord(ctx context.Context, n nodeRef) (Record, error) {
	if n.kind == changedEntity {
		r, _, err := v.entityRecord(ctx, n.num)
		if err != nil || r.deleted {
			return Record{}, err
		}
		return Record{Entity: entityRecordOf(r)}, nil
	}
	r, _, err := v.documentRecord(ctx, n.num)
	if err != nil {
		return Record{}, err
	}
	d := &DocumentRecord{ID: r.id, Title: r.title, Publisher: r.publisher, Authors: r.authors, URL: r.url, Published: r.published, Lang: r.lang, Kind: r.kind, License: r.license}
	if r.derivedFrom != 0 {
		from, _, err := v.documentRecord(ctx, r.derivedFrom)
		if err != nil {
			return Record{}, err
		}
		d.DerivedFrom = from.id
	}
	if r.textRev != 0 {
		if d.Text, err = v.text(ctx, n.num, r.textRev, 0, r.length); err != nil {
			return Record{}, err
		}
	}
	return Record{Document: d}, nil
}

func entityRecordOf(r *entityRecord) *EntityRecord {
	return &EntityRecord{ID: r.id, Kind: r.kind, Name: r.name, Names: r.names, Description: r.description, ExternalIDs: r.external, Attributes: r.attributes}
}

func (v *View) relationRecords(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		ids := map[uint64]string{}
		prefix := tableRelationID.key().prefix()
		for r, err := range v.scanPlain(ctx, prefix, store.PrefixEnd(prefix), false) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			d := &dec{b: r.value}
			num, created := d.u(), Revision(d.u())
			if d.err() != nil {
				yield(Record{}, damaged("relation id row %x", r.key))
				return
			}
			if created > v.rev {
				continue
			}
			recs, err := v.relationLines(ctx, num, ids)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, rec := range recs {
				if !yield(Record{Relation: rec}, nil) {
					return
				}
			}
		}
	}
}

// relationLines are the records of one relation: none when no citation is live.
func (v *View) relationLines(ctx context.Context, num uint64, ids map[uint64]string) ([]*RelationInput, error) {
	r, err := v.relationRecord(ctx, num)
	if err != nil {
		return nil, err
	}
	x := exporter{v, ctx, ids}
	var all []CitationInput
	for row, err := range v.scanPrefix(ctx, tableCitation.key().u64(num).prefix()) {
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
		in, err := x.citation(c)
		if err != nil {
			return nil, err
		}
		all = append(all, in)
	}
	all = folded(all)
	slices.SortFunc(all, compareCitations)
	var out []*RelationInput
	for part := range slices.Chunk(all, citationsPerRecord) {
		rec, err := x.relation(r, part)
		if err != nil {
			return nil, err
		}
		out = append(out, rec)
	}
	return out, nil
}

// folded writes citations that have come to be one as one: a new text may have moved quotes from two places to its
// only one. A reader would take the second for an update of the first, so that is what is written.
func folded(all []CitationInput) []CitationInput {
	at := map[[8]byte]int{}
	out := all[:0]
	for _, c := range all {
		place := c.Locator
		if c.Start != nil {
			place = strconv.Itoa(*c.Start)
		}
		mark := citationMark(c.Document, c.Quote, place, c.Speaker, c.Verdict)
		i, twice := at[mark]
		if !twice {
			at[mark] = len(out)
			out = append(out, c)
			continue
		}
		first := out[i]
		c.Note, c.StatedOn, c.Locator = cmp.Or(c.Note, first.Note), cmp.Or(c.StatedOn, first.StatedOn), cmp.Or(c.Locator, first.Locator)
		c.Prefix, c.Suffix, c.Confidence = first.Prefix, first.Suffix, cmp.Or(c.Confidence, first.Confidence)
		if c.Via == nil {
			c.Via = first.Via
		}
		out[i] = c
	}
	return out
}

// compareCitations orders the citations of one relation by what identifies them.
func compareCitations(a, b CitationInput) int {
	start := func(c CitationInput) int {
		if c.Start == nil {
			return -1
		}
		return *c.Start
	}
	return cmp.Or(cmp.Compare(a.Document, b.Document), cmp.Compare(start(a), start(b)), cmp.Compare(a.Quote, b.Quote),
		cmp.Compare(a.Locator, b.Locator), cmp.Compare(a.Speaker, b.Speaker), cmp.Compare(a.Verdict, b.Verdict))
}

// exporter writes records with the ids of what they name; it remembers the ids of entities.
type exporter struct {
	v   *View
	ctx context.Context
	ids map[uint64]string
}

// entityID is the id that an entity was written with. Documents share the map by the complement of their number.
func (x exporter) entityID(num uint64) (string, error) {
	if id, ok := x.ids[num]; ok {
		return id, nil
	}
	r, _, err := x.v.entityRecord(x.ctx, num)
	if err != nil {
		return "", err
	}
	x.ids[num] = r.id
	return r.id, nil
}

func (x exporter) documentID(num uint64) (string, error) {
	if id, ok := x.ids[^num]; ok {
		return id, nil
	}
	r, _, err := x.v.documentRecord(x.ctx, num)
	if err != nil {
		return "", err
	}
	x.ids[^num] = r.id
	return r.id, nil
}

func (x exporter) relation(r *relationRecord, citations []CitationInput) (*RelationInput, error) {
	t := x.v.types.byCode[r.typ]
	if t == nil {
		return nil, damaged("relation %x has the unknown type %d", r.hash, r.typ)
	}
	out := &RelationInput{Type: t.ID, Occurred: r.occurred, Stance: r.stance, Condition: r.condition, Citations: citations}
	var err error
	if out.From, err = x.entityID(r.from); err != nil {
		return nil, err
	}
	if out.To, err = x.entityID(r.to); err != nil {
		return nil, err
	}
	for _, q := range r.qualifiers {
		in := QualifierInput{Role: q.role, Text: q.text}
		if q.entity != 0 {
			if in.Entity, err = x.entityID(q.entity); err != nil {
				return nil, err
			}
		}
		out.Qualifiers = append(out.Qualifiers, in)
	}
	return out, nil
}

func (x exporter) citation(c *citationRecord) (in CitationInput, err error) {
	in = CitationInput{
		Quote: c.quote, Start: c.start, Prefix: c.prefix, Suffix: c.suffix, Locator: c.locator,
		Verdict: c.verdict, Modality: c.modality, StatedOn: c.statedOn, Note: c.note, Confidence: c.confidence,
	}
	if c.start != nil {
		end := *c.start + runeCount(c.quote)
		in.End = &end
	}
	switch c.verification {
	case Orphaned:
		in.Verification = Orphaned
	case Verified:
		in.Prefix, in.Suffix = "", "" // the place says more, and a reader that has the text drops them
	}
	if in.Document, err = x.documentID(c.document); err != nil {
		return in, err
	}
	if c.speaker != 0 {
		if in.Speaker, err = x.entityID(c.speaker); err != nil {
			return in, err
		}
	}
	for _, n := range c.via {
		id, err := x.entityID(n)
		if err != nil {
			return in, err
		}
		in.Via = append(in.Via, id)
	}
	return in, nil
}

// judgementRecords are the live judgements, by the entity that keeps and the one absorbed.
func (v *View) judgementRecords(ctx context.Context) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		x := exporter{v, ctx, map[uint64]string{}}
		var all []*MergeInput
		for r, err := range v.scanPrefix(ctx, tableParent.key().prefix()) {
			if err != nil {
				yield(Record{}, err)
				return
			}
			d := &dec{b: r.value}
			keep, reason := d.u(), d.s()
			if d.err() != nil {
				yield(Record{}, damaged("judgement %x", r.key))
				return
			}
			k, err := x.entityID(keep)
			if err == nil {
				var absorbed string
				absorbed, err = x.entityID(relationNumOf(r.key))
				all = append(all, &MergeInput{Keep: k, Absorb: []string{absorbed}, Reason: reason})
			}
			if err != nil {
				yield(Record{}, err)
				return
			}
		}
		slices.SortFunc(all, func(a, b *MergeInput) int {
			return cmp.Or(cmp.Compare(a.Keep, b.Keep), cmp.Compare(a.Absorb[0], b.Absorb[0]))
		})
		for _, m := range all {
			if !yield(Record{Judgement: m}, nil) {
				return
			}
		}
	}
}

// record is the interchange form of a relation with these citations.
func (r *Relation) record(ctx context.Context, citations []*Citation) (*RelationInput, error) {
	x := exporter{r.view, ctx, map[uint64]string{}}
	var inputs []CitationInput
	for _, c := range citations {
		stored, err := r.view.citationRow(ctx, r.num, c.hash)
		if err != nil {
			return nil, err
		}
		in, err := x.citation(stored)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, in)
	}
	slices.SortFunc(inputs, compareCitations)
	stored, err := r.view.relationRecord(ctx, r.num)
	if err != nil {
		return nil, err
	}
	return x.relation(stored, inputs)
}
