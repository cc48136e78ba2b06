package graph

import (
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"chancery/graph/edtf"
	"chancery/store"
)

// Limits of relations.
const (
	maxQualifiers = 50
	maxCitations  = 2_000 // in one change; a relation may gather any number
	maxVia        = 20
)

func prefixEnd(p []byte) []byte { return store.PrefixEnd(p) }

// checkedRelation is a relation's content, checked, with what its ids name.
type checkedRelation struct {
	typ       *vocabularyEntry
	from, to  uint64
	date      edtf.Date
	content   RelationInput // normalised: entity ids exact, the stance explicit
	qualifier []uint64      // aligned with content.Qualifiers; 0 where a text fills the role
	citations []checkedCitation
}

type checkedCitation struct {
	record citationRecord
	// What the citation's identity is made of.
	document, place, speaker string
	modality                 bool // a modality was given
}

// addRelation adds a relation, or its new citations where it exists.
func (x *tx) addRelation(in *RelationInput) (Operation, string, error) {
	before := len(x.errs)
	c, err := x.checkRelation(in)
	if err != nil || len(x.errs) > before {
		return "", "", err
	}
	hash := relationHash(&c.content, c.typ.Symmetric)
	num, err := x.numberAt(x.ctx, tableRelationID.key().hash(hash).row())
	if err != nil {
		return "", "", err
	}
	id := relationID(hash)
	if num == 0 {
		return Created, id, x.createRelation(hash, c)
	}
	changed, err := x.addCitations(num, c)
	if err != nil {
		return "", "", err
	}
	if !changed {
		return Unchanged, id, nil
	}
	x.touched(changedRelation, num, Updated)
	return Updated, id, nil
}

func (x *tx) checkRelation(in *RelationInput) (*checkedRelation, error) {
	c := &checkedRelation{content: *in}
	var err error
	switch {
	case in.Type == "":
		x.fail(CodeRequired, []string{"type"}, "a relation type is required")
	case x.promised[in.Type] && x.w.types.byID[in.Type] == nil:
		x.cascade()
	case x.w.types.byID[in.Type] == nil:
		x.fail(CodeNotFound, []string{"type"}, "%s", x.w.types.unknownType(in.Type))
	default:
		c.typ = x.w.types.byID[in.Type]
	}
	if c.from, c.content.From, err = x.end(in.From, c.typ, true); err != nil {
		return nil, err
	}
	if c.to, c.content.To, err = x.end(in.To, c.typ, false); err != nil {
		return nil, err
	}
	c.date = x.date(in.Occurred, "occurred")
	c.content.Condition = x.normal(in.Condition, maxShort, "condition")
	if in.Stance != nil && (*in.Stance < -2 || *in.Stance > 2) {
		x.fail(CodeInvalid, []string{"stance"}, "the stance %d is outside the scale: -2 rejects, -1 opposes, 0 is neutral, 1 supports, 2 proposes or signs", *in.Stance)
	}
	if in.Stance == nil && c.typ != nil {
		c.content.Stance = c.typ.Stance
	}
	if err := x.checkQualifiers(c, in.Qualifiers); err != nil {
		return nil, err
	}
	return c, x.checkCitations(c, in.Citations)
}

// end checks one end of a relation and its kind.
func (x *tx) end(id string, t *vocabularyEntry, from bool) (uint64, string, error) {
	at, what := "to", "to"
	if from {
		at, what = "from", "from"
	}
	num, exact, err := x.entityRef(id, at)
	if err != nil || num == 0 || t == nil {
		return num, exact, err
	}
	kinds := t.ToKinds
	if from {
		kinds = t.FromKinds
	}
	if len(kinds) == 0 {
		return num, exact, nil
	}
	h, err := x.head(num)
	if err != nil {
		return 0, "", err
	}
	if !slices.Contains(kinds, h.kind) {
		x.fail(CodeVocabulary, []string{at}, "%s is of kind %s; the %s end of %s is of kind %s", quoted(id), h.kind, what, quoted(t.ID), listed(kinds))
	}
	return num, exact, nil
}

func (x *tx) checkQualifiers(c *checkedRelation, given []QualifierInput) error {
	if len(given) > maxQualifiers {
		x.fail(CodeLimit, []string{"qualifiers"}, "a relation has at most %d qualifiers; this one has %d", maxQualifiers, len(given))
		return nil
	}
	c.content.Qualifiers = make([]QualifierInput, 0, len(given))
	for i, q := range given {
		at := strconv.Itoa(i)
		q.Role = x.requiredText(q.Role, maxScheme, "a role", "qualifiers", at, "role")
		q.Text = x.normal(q.Text, maxShort, "qualifiers", at, "text")
		var num uint64
		var err error
		if q.Entity != "" {
			if num, q.Entity, err = x.entityRef(q.Entity, "qualifiers", at, "entity"); err != nil {
				return err
			}
		} else if q.Text == "" {
			x.fail(CodeRequired, []string{"qualifiers", at}, "a qualifier names an entity or has a text")
		}
		if !slices.Contains(c.content.Qualifiers, q) {
			c.content.Qualifiers = append(c.content.Qualifiers, q)
			c.qualifier = append(c.qualifier, num)
		}
	}
	return nil
}

func (x *tx) checkCitations(c *checkedRelation, given []CitationInput) error {
	if len(given) == 0 {
		x.fail(CodeRequired, []string{"citations"}, "a relation rests on at least one citation: name a document and quote its words, or give a locator")
	}
	if len(given) > maxCitations {
		x.fail(CodeLimit, []string{"citations"}, "one change brings at most %d citations; this one has %d: send the others in further changes", maxCitations, len(given))
		return nil
	}
	for i := range given {
		cit, err := x.checkCitation(&given[i], []string{"citations", strconv.Itoa(i)})
		if err != nil {
			return err
		}
		c.citations = append(c.citations, cit)
	}
	return nil
}

func (x *tx) checkCitation(in *CitationInput, at []string) (c checkedCitation, err error) {
	under := func(name string) []string { return slices.Concat(at, []string{name}) }
	before := len(x.errs)
	r := &c.record
	in2 := *in
	in2.Quote = x.words(in.Quote, maxLong, under("quote")...)
	in2.Prefix = x.words(in.Prefix, maxShort, under("prefix")...)
	in2.Suffix = x.words(in.Suffix, maxShort, under("suffix")...)
	r.quote, r.prefix, r.suffix = in2.Quote, in2.Prefix, in2.Suffix
	r.locator = x.normal(in.Locator, maxShort, under("locator")...)
	if in.Quote == "" && in.Locator == "" {
		x.fail(CodeRequired, under("quote"), "a citation has a quote or, for a source without running text, a locator")
	}
	x.checkRange(&in2, under)
	r.verdict = oneOf(x, in.Verdict, Affirms, Verdicts, under("verdict")...)
	r.modality = oneOf(x, in.Modality, Asserted, Modalities, under("modality")...)
	r.statedOn = x.date(in.StatedOn, under("statedOn")...).String()
	r.note = x.normal(in.Note, maxShort, under("note")...)
	if in.Confidence != nil && !(*in.Confidence >= 0 && *in.Confidence <= 1) {
		x.fail(CodeInvalid, under("confidence"), "the confidence %v is outside 0 to 1", *in.Confidence)
	}
	r.confidence, r.recorded, c.modality = in.Confidence, x.rev, in.Modality != ""
	if in.Speaker != "" {
		if r.speaker, c.speaker, err = x.entityRef(in.Speaker, under("speaker")...); err != nil {
			return c, err
		}
	}
	if err := x.checkVia(r, in.Via, at); err != nil {
		return c, err
	}
	return c, x.checkSource(&c, &in2, at, before)
}

func (x *tx) checkRange(in *CitationInput, under func(string) []string) {
	switch {
	case in.Start == nil && in.End == nil:
	case in.Quote == "":
		x.fail(CodeInvalid, under("start"), "a range without a quote says nothing: give the exact words as well")
	case in.Start == nil:
		start := *in.End - utf8.RuneCountInString(in.Quote)
		in.Start = &start
		fallthrough
	default:
		if *in.Start < 0 {
			x.fail(CodeInvalid, under("start"), "the range begins at %d; offsets count code points from 0", *in.Start)
		} else if in.End != nil && *in.End != *in.Start+utf8.RuneCountInString(in.Quote) {
			x.fail(CodeInvalid, under("end"), "the quote has %d code points and the range from %d to %d has %d: ranges are half-open and count code points", utf8.RuneCountInString(in.Quote), *in.Start, *in.End, *in.End-*in.Start)
		}
	}
}

func (x *tx) checkVia(r *citationRecord, via []string, at []string) error {
	if len(via) > maxVia {
		x.fail(CodeLimit, slices.Concat(at, []string{"via"}), "a citation names at most %d links of its chain; this one has %d", maxVia, len(via))
		return nil
	}
	for i, id := range via {
		num, _, err := x.entityRef(id, slices.Concat(at, []string{"via", strconv.Itoa(i)})...)
		if err != nil {
			return err
		}
		r.via = append(r.via, num)
	}
	return nil
}

// checkSource finds the document and, where nothing was wrong since before, the place of the words in it.
func (x *tx) checkSource(c *checkedCitation, in *CitationInput, at []string, before int) error {
	r := &c.record
	var err error
	if r.document, err = x.documentRef(in.Document, slices.Concat(at, []string{"document"})...); err != nil {
		return err
	}
	c.document = norm.NFC.String(in.Document)
	if r.document == 0 || len(x.errs) > before {
		return nil
	}
	d, err := x.doc(r.document)
	if err != nil {
		return err
	}
	if r.verification, r.start, err = x.locate(r.document, d, in, at); err != nil {
		return err
	}
	if r.verification == Verified {
		r.prefix, r.suffix = "", "" // read from the text
	}
	c.place = r.locator
	if r.start != nil {
		c.place = strconv.Itoa(*r.start)
	}
	return nil
}

// createRelation writes a new relation with its citations.
func (x *tx) createRelation(hash [16]byte, c *checkedRelation) error {
	if err := x.nameType(c.typ); err != nil {
		return err
	}
	t := x.w.types.byID[c.typ.ID]
	r := &relationRecord{hash: hash, typ: t.code, from: c.from, to: c.to, occurred: c.content.Occurred, stance: c.content.Stance, condition: c.content.Condition, created: x.rev}
	for i, q := range c.content.Qualifiers {
		r.qualifiers = append(r.qualifiers, qualifierRecord{q.Role, c.qualifier[i], q.Text})
	}
	x.state.nextRelation++
	num := x.state.nextRelation
	if err := x.t.Set(tableRelation.key().u64(num).row(), r.encode()); err != nil {
		return err
	}
	if err := x.t.Set(tableRelationID.key().hash(hash).row(), numbered(num, x.rev)); err != nil {
		return err
	}
	if err := x.writeEdges(num, r, edgeOf(num, r, c.date, t.Symmetric)); err != nil {
		return err
	}
	for i := range c.citations {
		if _, err := x.addCitation(num, &c.citations[i], i > 0); err != nil {
			return err
		}
	}
	x.state.counts.relations++
	x.touched(changedRelation, num, Created)
	return x.addToType(t.code, 1)
}

// edgeRows are the rows that lists of relations are read from, each with its edge.
func edgeRows(num uint64, r *relationRecord, g edge) map[string][]byte {
	v := g.encode()
	out := map[string][]byte{
		string(tableTime.key().day(g.occurred).u64(num).logical()):              v,
		string(tableByType.key().u32(g.typ).day(g.occurred).u64(num).logical()): v,
	}
	for entity, part := range r.parts() {
		mine := g
		mine.flags |= part
		out[string(tableAdjacency.key().u64(entity).day(g.occurred).u64(num).logical())] = mine.encode()
	}
	return out
}

func (x *tx) writeEdges(num uint64, r *relationRecord, g edge) error {
	for k, v := range edgeRows(num, r, g) {
		if err := x.put([]byte(k), v); err != nil {
			return err
		}
	}
	return nil
}

// addCitations adds the citations that an existing relation lacks, and says whether anything changed.
func (x *tx) addCitations(num uint64, c *checkedRelation) (bool, error) {
	revived := false
	changed := false
	live, err := x.liveCitations(num)
	if err != nil {
		return false, err
	}
	for i := range c.citations {
		did, err := x.addCitation(num, &c.citations[i], true)
		if err != nil {
			return false, err
		}
		changed = changed || did
		revived = revived || did && live == 0
	}
	if changed {
		if err := x.put(tableRelationHead.key().u64(num).logical(), nil); err != nil {
			return false, err
		}
	}
	if revived {
		return true, x.setDead(num, false)
	}
	return changed, nil
}

// liveCitations is 0 or 1: whether any citation of a relation is live. The edge says so.
func (x *tx) liveCitations(num uint64) (int, error) {
	g, _, err := x.edge(num)
	if err != nil || g.dead() {
		return 0, err
	}
	return 1, nil
}

// edge reads a relation with its edge.
func (x *tx) edge(num uint64) (edge, *relationRecord, error) {
	r, err := x.relationRecord(x.ctx, num)
	if err != nil {
		return edge{}, nil, err
	}
	g, err := x.edgeAt(x.ctx, num, sortDayOfText(r.occurred))
	return g, r, err
}

// setDead marks a relation's rows as withdrawn or as live again.
func (x *tx) setDead(num uint64, dead bool) error {
	g, r, err := x.edge(num)
	if err != nil {
		return err
	}
	by := 1
	g.flags &^= edgeDead
	if dead {
		by = -1
		g.flags |= edgeDead
	}
	x.state.counts.relations += by
	if err := x.addToType(g.typ, by); err != nil {
		return err
	}
	return x.writeEdges(num, r, g)
}
