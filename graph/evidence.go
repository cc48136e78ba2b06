package graph

import (
	"bytes"
	"cmp"
	"context"
	"slices"

	"chancery/graph/edtf"
	"chancery/store"
)

// evidence is what the citations of one relation add up to at a revision.
type evidence struct {
	support Support
	status  RelationStatus
	// order lists the live citations, newest publication first; when none is live, the withdrawn ones.
	order []citationRef
	live  int
}

// citationRef is one citation in the order it is shown. Undated documents come last.
type citationRef struct {
	mark      [8]byte
	document  uint64
	speaker   uint64 // as written; 0 for none
	verdict   Verdict
	published sortDay
	row       []byte // of the citation; nil where it was not asked for
}

// source is what status and support need of a document.
type source struct {
	publisher string
	published string
	day       sortDay
	root      uint64 // the document at the root of its derivedFrom chain
	rootOwner string // publisher of that
}

// Evidence of a relation with many citations is kept between views. Its key
// names everything it depends on: the last revision that changed the
// relation's citations, and the last that changed a document already there.
type evidenceKey struct {
	relation           uint64
	citations, sources Revision
}

type sourceKey struct {
	document uint64
	sources  Revision
}

// manyCitations is from how many rows of citations on evidence is kept between views.
const manyCitations = 32

// changedAt is the last revision that changed the citations of a relation.
func (v *View) changedAt(ctx context.Context, num uint64, created Revision) (Revision, error) {
	_, wrote, ok, err := v.latest(ctx, tableRelationHead.key().u64(num).logical())
	if err != nil || !ok {
		return created, err
	}
	return wrote, nil
}

// maxProofs is how much evidence one view keeps.
const maxProofs = 4_096

// evidence reads the citations of a relation, in time proportional to their
// number unless they are known already. The relation was made by created.
func (v *View) evidence(ctx context.Context, num uint64, created Revision) (*evidence, error) {
	v.mu.Lock()
	e := v.proofs[num]
	v.mu.Unlock()
	if e != nil {
		return e, nil
	}
	some, err := v.prove(ctx, []uint64{num})
	if err != nil {
		return nil, err
	}
	if e = some[0]; e == nil {
		return v.manyProofs(ctx, num, created)
	}
	return keep(v, v.proofs, maxProofs, num, e), nil
}

// prove reads the evidence of several relations, and what their documents are, in a few round trips; nil for one with many citations.
func (v *View) prove(ctx context.Context, nums []uint64) ([]*evidence, error) {
	return v.proveWith(ctx, nums, false)
}

// proveWith is prove, with the rows of the citations where they are asked for.
func (v *View) proveWith(ctx context.Context, nums []uint64, rows bool) ([]*evidence, error) {
	if len(nums) == 0 {
		return nil, nil
	}
	ranges := make([]store.Range, len(nums))
	for i, n := range nums {
		prefix := tableCitation.key().u64(n).prefix()
		ranges[i] = store.Range{Start: prefix, End: store.PrefixEnd(prefix), Limit: manyCitations}
	}
	found, err := v.r.ScanMany(ctx, ranges)
	if err != nil {
		return nil, err
	}
	weighings := make([]*weighing, len(nums))
	documents := set{}
	for i, kvs := range found {
		if len(kvs) == manyCitations {
			continue
		}
		w := &weighing{v: v, rows: rows}
		weighings[i] = w
		var last []byte
		for _, kv := range kvs {
			logical, wrote := splitVersion(kv.Key)
			if wrote > v.rev || bytes.Equal(logical, last) {
				continue
			}
			last = logical
			if p, ok := payload(kv.Value); ok {
				if err := w.add(logical, p); err != nil {
					return nil, err
				}
			}
		}
		for _, c := range w.shown() {
			documents[c.document] = struct{}{}
		}
	}
	if err := v.readSources(ctx, documents); err != nil {
		return nil, err
	}
	out := make([]*evidence, len(nums))
	for i, w := range weighings {
		if w == nil {
			continue
		}
		if out[i], err = w.result(ctx); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// manyProofs is the evidence of a relation with many citations, which is kept between views.
func (v *View) manyProofs(ctx context.Context, num uint64, created Revision) (*evidence, error) {
	changed, err := v.changedAt(ctx, num, created)
	if err != nil {
		return nil, err
	}
	k := evidenceKey{num, changed, v.commit.documents}
	if e, ok := v.g.evidence.Get(k); ok {
		return e, nil
	}
	w := weighing{v: v}
	for r, err := range v.scanPrefix(ctx, tableCitation.key().u64(num).prefix()) {
		if err != nil {
			return nil, err
		}
		if err := w.add(r.key, r.value); err != nil {
			return nil, err
		}
	}
	e, err := w.result(ctx)
	if err == nil {
		v.g.evidence.Add(k, e)
	}
	return e, err
}

// weighing gathers the citations of one relation.
type weighing struct {
	v               *View
	rows            bool // the rows are kept
	live, withdrawn []citationBrief
}

func (w *weighing) add(key, value []byte) error {
	c, err := decodeBrief(value)
	if err != nil {
		return damaged("citation %x", key)
	}
	c.mark = citationMarkOf(key)
	if w.rows {
		c.row = value
	}
	if c.retracted {
		w.withdrawn = append(w.withdrawn, c)
	} else {
		w.live = append(w.live, c)
	}
	return nil
}

// shown are the live citations or, where none is live, the withdrawn ones.
func (w *weighing) shown() []citationBrief {
	if len(w.live) == 0 {
		return w.withdrawn
	}
	return w.live
}

func (w *weighing) result(ctx context.Context) (*evidence, error) {
	e := &evidence{live: len(w.live), status: StatusRetracted}
	shown := w.shown()
	var tally tally
	e.order = make([]citationRef, 0, len(shown))
	for _, c := range shown {
		src, err := w.v.source(ctx, c.document)
		if err != nil {
			return nil, err
		}
		e.order = append(e.order, citationRef{c.mark, c.document, c.speaker, c.verdict, src.day, c.row})
		if e.live > 0 {
			tally.add(c, src)
		}
	}
	slices.SortFunc(e.order, func(a, b citationRef) int {
		return cmp.Or(cmp.Compare(a.published, b.published), slices.Compare(a.mark[:], b.mark[:]))
	})
	if e.live > 0 {
		e.support, e.status = tally.result()
	}
	return e, nil
}

// tally counts the live citations of one relation. The lists are counted without repeats in the end.
type tally struct {
	support               Support
	documents             []uint64
	publishers, affirming []string
	first, last           *source
}

func (t *tally) add(c citationBrief, src *source) {
	t.documents = append(t.documents, c.document)
	t.publishers = append(t.publishers, src.publisher)
	if c.verdict == Denies {
		t.support.Denying++
	} else {
		t.support.Affirming++
		t.affirming = append(t.affirming, src.rootOwner)
	}
	if src.published == "" {
		return
	}
	// A larger sortDay is an older day; equal days keep the smaller text, so that the answer does not depend on the order.
	if t.first == nil || src.day > t.first.day || (src.day == t.first.day && src.published < t.first.published) {
		t.first = src
	}
	if t.last == nil || src.day < t.last.day || (src.day == t.last.day && src.published < t.last.published) {
		t.last = src
	}
}

func (t *tally) result() (Support, RelationStatus) {
	s := t.support
	s.Documents, s.Publishers, s.IndependentSources = distinct(t.documents), distinct(t.publishers), distinct(t.affirming)
	if t.first != nil {
		s.FirstPublished, s.LastPublished = t.first.published, t.last.published
	}
	switch {
	case s.Affirming > 0 && s.Denying > 0:
		return s, StatusContested
	case s.Affirming == 0:
		return s, StatusDenied
	case s.IndependentSources > 1:
		return s, StatusCorroborated
	}
	return s, StatusReported
}

// distinct counts the different values of a list, which it sorts.
func distinct[T cmp.Ordered](list []T) int {
	slices.Sort(list)
	return len(slices.Compact(list))
}

// newSource is what is known of a document by itself.
func newSource(num uint64, r *documentRecord) *source {
	return &source{publisher: r.publisher, published: r.published, day: sortDayOfText(r.published), root: num, rootOwner: r.publisher}
}

// source reads what status and support need of a document. What was read is
// kept between views for as long as no document already there is changed.
func (v *View) source(ctx context.Context, num uint64) (*source, error) {
	k := sourceKey{num, v.commit.documents}
	if s, ok := v.g.sources.Get(k); ok {
		return s, nil
	}
	r, _, err := v.documentRecord(ctx, num)
	if err != nil {
		return nil, err
	}
	s := newSource(num, r)
	for next := r.derivedFrom; next != 0; {
		root, _, err := v.documentRecord(ctx, next)
		if err != nil {
			return nil, err
		}
		s.root, s.rootOwner, next = next, root.publisher, root.derivedFrom
	}
	v.g.sources.Add(k, s)
	return s, nil
}

// sortDate parses a stored date, which was checked when it was written; the zero date for none.
func sortDate(date string) edtf.Date {
	if date == "" {
		return edtf.Date{}
	}
	d, err := edtf.Parse(date)
	if err != nil {
		return edtf.Date{}
	}
	return d
}

// sortDayOfText is the place in time of a stored date.
func sortDayOfText(date string) sortDay {
	if date == "" {
		return undated
	}
	return sortDayOfDate(sortDate(date))
}
