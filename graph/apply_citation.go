package graph

import (
	"bytes"
	"slices"
	"strconv"
)

// addCitation writes a citation unless the relation has it; a withdrawn one becomes live again. It says
// whether anything changed. Search is false where the relation can have none yet.
func (x *tx) addCitation(num uint64, c *checkedCitation, search bool) (bool, error) {
	mark := citationMark(c.document, c.record.quote, c.place, c.speaker, c.record.verdict)
	if search {
		var old *citationRecord
		var err error
		if mark, old, err = x.sameCitation(num, c); err != nil {
			return false, err
		}
		if old != nil {
			return x.updateCitation(num, mark, old, c)
		}
	}
	x.state.counts.citations++
	for _, k := range citationRows(num, mark, &c.record) {
		if err := x.t.Set(k, numbered(1, x.rev)); err != nil {
			return false, err
		}
	}
	return true, x.put(tableCitation.key().u64(num).mark(mark).logical(), c.record.encode())
}

// citationRows are the index rows of a citation, each once. Of what they are made of, only the chain can change.
func citationRows(num uint64, mark [8]byte, c *citationRecord) [][]byte {
	out := [][]byte{tableByDocument.key().u64(c.document).u64(num).mark(mark).row()}
	if c.speaker != 0 {
		out = append(out, tableBySpeaker.key().u64(c.speaker).u64(num).mark(mark).row())
	}
	for i, link := range c.via {
		if link != c.speaker && !slices.Contains(c.via[:i], link) {
			out = append(out, tableBySpeaker.key().u64(link).u64(num).mark(mark).row())
		}
	}
	return out
}

// sameCitation finds the citation of a relation that says the same: document, quote, place, speaker and verdict. The
// place compared is where the words stand now, which a new text may have moved. Where there is none, mark is for a new one.
func (x *tx) sameCitation(num uint64, c *checkedCitation) (mark [8]byte, old *citationRecord, err error) {
	mark = citationMark(c.document, c.record.quote, c.place, c.speaker, c.record.verdict)
	if old, err = x.citationIfAny(x.ctx, num, mark); err != nil {
		return mark, nil, err
	}
	taken := old != nil // by one that was written with this place, and perhaps has moved on
	if taken && (c.record.quote == "" || c.record.start == nil || equalInt(old.start, c.record.start)) {
		return mark, old, nil
	}
	if d, err := x.doc(c.record.document); err != nil || !taken && (c.record.quote == "" || !d.retexted) {
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
	for n := 2; taken; n++ {
		mark = citationMark(c.document, c.record.quote, c.place+"#"+strconv.Itoa(n), c.speaker, c.record.verdict)
		o, err := x.citationIfAny(x.ctx, num, mark)
		if err != nil {
			return mark, nil, err
		}
		taken = o != nil
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
	if err := x.addRows(num, mark, old, &next); err != nil {
		return false, err
	}
	return true, x.put(tableCitation.key().u64(num).mark(mark).logical(), next.encode())
}

// addRows writes the index rows that a new version of a citation has and the old one had not. Those of
// a chain that is no longer so stay, as all that was recorded.
func (x *tx) addRows(num uint64, mark [8]byte, old, next *citationRecord) error {
	if slices.Equal(old.via, next.via) {
		return nil
	}
	had := citationRows(num, mark, old)
	for _, k := range citationRows(num, mark, next) {
		if slices.ContainsFunc(had, func(h []byte) bool { return bytes.Equal(h, k) }) {
			continue
		}
		there, err := x.get(x.ctx, k) // of an older version
		if err == nil && there == nil {
			err = x.t.Set(k, numbered(1, x.rev))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// writeCitation writes a new version of a citation and notes that the relation's citations changed.
func (x *tx) writeCitation(num uint64, mark [8]byte, c *citationRecord) error {
	if err := x.put(tableRelationHead.key().u64(num).logical(), nil); err != nil {
		return err
	}
	return x.put(tableCitation.key().u64(num).mark(mark).logical(), c.encode())
}
