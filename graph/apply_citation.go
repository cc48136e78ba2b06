package graph

import (
	"slices"
	"strconv"
)

// addCitation writes a citation unless the relation has it; a withdrawn one becomes live again. It says
// whether anything changed. Search is false where the relation can have none yet.
func (x *tx) addCitation(num uint64, c *checkedCitation, search bool) (bool, error) {
	if search {
		mark, old, err := x.sameCitation(num, c)
		if err != nil {
			return false, err
		}
		if old != nil {
			return x.updateCitation(num, mark, old, c)
		}
	}
	mark := citationMark(c.document, c.record.quote, c.place, c.speaker, c.record.verdict)
	x.state.counts.citations++
	for _, k := range citationRows(num, mark, &c.record) {
		if err := x.t.Set(k, numbered(1, x.rev)); err != nil {
			return false, err
		}
	}
	return true, x.put(tableCitation.key().u64(num).mark(mark).logical(), c.record.encode())
}

// citationRows are the index rows of a citation. What they are made of never changes.
func citationRows(num uint64, mark [8]byte, c *citationRecord) [][]byte {
	out := [][]byte{tableByDocument.key().u64(c.document).u64(num).mark(mark).row()}
	if c.speaker != 0 {
		out = append(out, tableBySpeaker.key().u64(c.speaker).u64(num).mark(mark).row())
	}
	return out
}

// sameCitation finds the citation of a relation that says the same: document,
// quote, place, speaker and verdict. The place compared is where the words stand now, which a new text may have moved.
func (x *tx) sameCitation(num uint64, c *checkedCitation) (mark [8]byte, old *citationRecord, err error) {
	mark = citationMark(c.document, c.record.quote, c.place, c.speaker, c.record.verdict)
	if old, err = x.citationIfAny(x.ctx, num, mark); err != nil || old != nil {
		return mark, old, err
	}
	if d, err := x.doc(c.record.document); err != nil || c.record.quote == "" || !d.retexted {
		return mark, nil, err
	}
	var marks [][8]byte
	prefix := tableByDocument.key().u64(c.record.document).u64(num).prefix()
	for r, err := range x.scanPlain(x.ctx, prefix, prefixEnd(prefix), false) {
		if err != nil {
			return mark, nil, err
		}
		marks = append(marks, citationMarkOf(r.key))
	}
	for _, m := range marks {
		o, err := x.citationRow(x.ctx, num, m)
		if err != nil {
			return mark, nil, err
		}
		place := o.locator
		if o.start != nil {
			place = strconv.Itoa(*o.start)
		}
		if o.quote == c.record.quote && o.speaker == c.record.speaker && o.verdict == c.record.verdict && place == c.place {
			return m, o, nil
		}
	}
	return mark, nil, nil
}

// updateCitation brings an existing citation to what was given: live, and with the note, chain, modality,
// confidence and date given. What was left out stays.
func (x *tx) updateCitation(num uint64, mark [8]byte, old *citationRecord, c *checkedCitation) (bool, error) {
	next := *old
	given := &c.record
	if old.retracted != 0 {
		next.retracted, next.retractionReason, next.recorded = 0, "", x.rev
		next.verification, next.start = given.verification, given.start
		x.state.counts.citations++
	}
	if c.modality {
		next.modality = given.modality
	}
	if given.via != nil {
		next.via = given.via
	}
	if given.note != "" {
		next.note = given.note
	}
	if given.statedOn != "" {
		next.statedOn = given.statedOn
	}
	if given.confidence != nil {
		next.confidence = given.confidence
	}
	if given.locator != "" {
		next.locator = given.locator
	}
	if slices.Equal(next.encode(), old.encode()) {
		return false, nil
	}
	return true, x.put(tableCitation.key().u64(num).mark(mark).logical(), next.encode())
}

// writeCitation writes a new version of a citation and notes that the relation's citations changed.
func (x *tx) writeCitation(num uint64, mark [8]byte, c *citationRecord) error {
	if err := x.put(tableRelationHead.key().u64(num).logical(), nil); err != nil {
		return err
	}
	return x.put(tableCitation.key().u64(num).mark(mark).logical(), c.encode())
}
