package graph

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"reflect"
	"slices"
	"strconv"

	"chancery/graph/text"
)

// Limits of documents.
const (
	maxText    = 7 << 20 // bytes of a stored text, which has to fit into one transaction with what is written besides
	maxAuthors = 200
)

// putDocument creates a document or updates the one of that id.
func (x *tx) putDocument(in *DocumentInput) (Operation, string, error) {
	before := len(x.errs)
	num, err := x.documentTarget(in)
	if err != nil {
		return "", "", err
	}
	var old *documentRecord
	if num != 0 {
		if old, _, err = x.documentRecord(x.ctx, num); err != nil {
			return "", "", err
		}
	}
	rec, body, err := x.nextDocument(in, num, old)
	if err != nil || len(x.errs) > before {
		return "", "", err
	}
	if old != nil && reflect.DeepEqual(old, rec) {
		return Unchanged, old.id, nil
	}
	if rec.id == "" {
		if rec.id, err = x.freshID("doc", rec.title); err != nil {
			return "", "", err
		}
	}
	return x.writeDocument(num, old, rec, body)
}

func (x *tx) documentTarget(in *DocumentInput) (uint64, error) {
	if in.ID == "" {
		return 0, nil
	}
	if wrong := checkID(in.ID); wrong != "" {
		x.fail(CodeInvalid, []string{"id"}, "%s is no id: %s", quoted(in.ID), wrong)
		return 0, nil
	}
	n, err := x.node(in.ID)
	if err != nil {
		return 0, err
	}
	if n.num != 0 && n.kind != changedDocument {
		x.fail(CodeConflict, []string{"id"}, "%s is the id of an entity: choose another", quoted(in.ID))
		return 0, nil
	}
	return n.num, nil
}

// nextDocument is the record after the update, with the text's index where a new text was given.
func (x *tx) nextDocument(in *DocumentInput, num uint64, old *documentRecord) (*documentRecord, *text.Index, error) {
	rec := &documentRecord{id: in.ID, kind: DocumentOther, created: x.rev}
	if old != nil {
		*rec = *old
	}
	x.requiredField(in.Title, old == nil, "title", "a title")
	x.requiredField(in.Publisher, old == nil, "publisher", "a publisher")
	if in.Title.Set {
		rec.title = x.normal(in.Title.Value, maxLong, "title")
	}
	if in.Publisher.Set {
		rec.publisher = x.normal(in.Publisher.Value, maxShort, "publisher")
	}
	if in.Authors.Set {
		rec.authors = x.authors(in.Authors.Value)
	}
	if in.URL.Set {
		rec.url = x.link(in.URL.Value, "url")
	}
	if in.Published.Set {
		rec.published = x.date(in.Published.Value, "published").String()
	}
	if in.Lang.Set {
		rec.lang = x.language(in.Lang.Value, "lang")
	}
	if in.Kind.Set {
		rec.kind = oneOf(x, in.Kind.Value, DocumentOther, DocumentKinds, "kind")
	}
	if in.License.Set {
		rec.license = x.normal(in.License.Value, maxShort, "license")
	}
	if in.DerivedFrom.Set {
		if err := x.derive(rec, num, in.DerivedFrom.Value); err != nil {
			return nil, nil, err
		}
	}
	ix := x.nextText(in, rec)
	rec.retexted = rec.retexted || old != nil && !bytes.Equal(old.sha, rec.sha)
	return rec, ix, nil
}

func (x *tx) requiredField(f Optional[string], fresh bool, at, what string) {
	if f.Set && (f.Null || f.Value == "") || fresh && !f.Set {
		x.fail(CodeRequired, []string{at}, "%s is required", what)
	}
}

func (x *tx) authors(given []string) []string {
	if len(given) > maxAuthors {
		x.fail(CodeLimit, []string{"authors"}, "a document has at most %d authors; this one has %d", maxAuthors, len(given))
		return nil
	}
	var out []string
	for i, a := range given {
		out = append(out, x.requiredText(a, maxName, "the name of an author", "authors", strconv.Itoa(i)))
	}
	return out
}

// derive sets the document that this one copies, and refuses a circle of copies.
func (x *tx) derive(rec *documentRecord, num uint64, id string) error {
	rec.derivedFrom = 0
	if id == "" {
		return nil
	}
	from, err := x.documentRef(id, "derivedFrom")
	if err != nil || from == 0 {
		return err
	}
	for at := from; at != 0; {
		if at == num {
			x.fail(CodeInvalid, []string{"derivedFrom"}, "%s is itself derived from this document: a chain of copies has one origin", quoted(id))
			return nil
		}
		d, _, err := x.documentRecord(x.ctx, at)
		if err != nil {
			return err
		}
		at = d.derivedFrom
	}
	rec.derivedFrom = from
	return nil
}

// nextText sets what the record says of its text, and returns the index of a text that differs from the stored one.
func (x *tx) nextText(in *DocumentInput, rec *documentRecord) *text.Index {
	if !in.Text.Set {
		return nil
	}
	if in.Text.Null || in.Text.Value == "" {
		rec.sha, rec.length, rec.textRev = nil, 0, 0
		return nil
	}
	if len(in.Text.Value) > maxText {
		x.fail(CodeLimit, []string{"text"}, "a text has at most %d bytes; this one has %d", maxText, len(in.Text.Value))
		return nil
	}
	s, err := text.Normalize(in.Text.Value)
	if err != nil {
		x.fail(CodeInvalid, []string{"text"}, "%s", err)
		return nil
	}
	sum := sha256.Sum256([]byte(s))
	if bytes.Equal(sum[:], rec.sha) {
		return nil
	}
	ix := text.NewIndex(s)
	rec.sha, rec.length, rec.textRev = sum[:], ix.Len(), x.rev
	return ix
}

// writeDocument writes a record, its text, and the rows by which it is found, and re-checks what cites it.
func (x *tx) writeDocument(num uint64, old, rec *documentRecord, body *text.Index) (Operation, string, error) {
	op := Updated
	if old == nil {
		op = Created
		x.state.nextDocument++
		num = x.state.nextDocument
		x.state.counts.documents++
		n := nodeRef{changedDocument, num, x.rev}
		if err := x.t.Set(tableID.key().str(rec.id).row(), n.encode()); err != nil {
			return "", "", err
		}
		x.w.nodes[rec.id] = n
	} else if old.publisher != rec.publisher || old.published != rec.published || old.derivedFrom != rec.derivedFrom {
		x.state.documents = x.rev
	}
	if err := x.put(tableDocument.key().u64(num).logical(), rec.encode()); err != nil {
		return "", "", err
	}
	if err := x.replaceRows(documentRows(num, old), documentRows(num, rec)); err != nil {
		return "", "", err
	}
	x.w.docs[num] = rec
	x.touched(changedDocument, num, op)
	if body != nil {
		if err := x.writeText(num, rec.textRev, body); err != nil {
			return "", "", err
		}
	}
	if old != nil && !bytes.Equal(old.sha, rec.sha) {
		if err := x.recheck(num, body); err != nil {
			return "", "", err
		}
	}
	return op, rec.id, nil
}

// documentRows are the index rows of a document's record.
func documentRows(num uint64, r *documentRecord) map[string][]byte {
	if r == nil {
		return nil
	}
	out := map[string][]byte{string(tablePublished.key().day(sortDayOfText(r.published)).u64(num).logical()): nil}
	if r.derivedFrom != 0 {
		out[string(tableDerived.key().u64(r.derivedFrom).u64(num).logical())] = nil
	}
	return out
}

func (x *tx) writeText(num uint64, rev Revision, body *text.Index) error {
	for chunk, at := 0, 0; at < body.Len(); chunk, at = chunk+1, at+textChunk {
		s, _ := body.Slice(at, min(at+textChunk, body.Len()))
		k := tableText.key().u64(num).u64(uint64(rev)).u32(uint32(chunk)).row()
		if err := x.t.Set(k, []byte(s)); err != nil {
			return err
		}
	}
	x.w.indexes.Add(textKey{num, rev}, body)
	return nil
}

// recheck looks every quote from a document up in its new text, those of withdrawn
// citations as well, since they are still shown; body is nil when the text was taken away.
func (x *tx) recheck(num uint64, body *text.Index) error {
	type place struct {
		relation uint64
		mark     [8]byte
	}
	var places []place
	prefix := tableByDocument.key().u64(num).prefix()
	for r, err := range x.scanPlain(x.ctx, prefix, prefixEnd(prefix), false) {
		if err != nil {
			return err
		}
		places = append(places, place{relationNumOf(r.key[:len(r.key)-8]), citationMarkOf(r.key)})
	}
	for _, p := range places {
		c, err := x.citationRow(x.ctx, p.relation, p.mark)
		if err != nil {
			return err
		}
		if c.quote == "" {
			continue
		}
		next := *c
		next.verification, next.start = relocate(c, body)
		if next.verification == c.verification && equalInt(next.start, c.start) {
			continue
		}
		if err := x.writeCitation(p.relation, p.mark, &next); err != nil {
			return err
		}
		x.touched(changedRelation, p.relation, Updated)
	}
	return nil
}

// relocate finds the one exact place of a citation's words in a text: where
// they stood, or else the only place where they stand.
func relocate(c *citationRecord, body *text.Index) (Verification, *int) {
	if body == nil {
		return Unverified, c.start
	}
	q := text.Quote{Exact: c.quote, Start: c.start, Prefix: c.prefix, Suffix: c.suffix}
	m, err := body.Find(q)
	if err != nil && c.start != nil {
		q.Start = nil
		m, err = body.Find(q)
	}
	if err != nil {
		return Orphaned, c.start
	}
	return Verified, &m.Start
}

func equalInt(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// locate checks the words of a new citation against the stored text of its document.
func (x *tx) locate(doc uint64, d *documentRecord, in *CitationInput, at []string) (Verification, *int, error) {
	if in.Quote == "" || d.textRev == 0 {
		return Unverified, in.Start, nil
	}
	ix, err := x.index(doc, d)
	if err != nil {
		return "", nil, err
	}
	m, err := ix.Find(text.Quote{Exact: in.Quote, Start: in.Start, End: in.End, Prefix: in.Prefix, Suffix: in.Suffix})
	var missing *text.NotFoundError
	var several *text.AmbiguousError
	switch {
	case err != nil && in.Verification == Orphaned:
		return Orphaned, in.Start, nil
	case errors.As(err, &several):
		x.fail(CodeQuoteAmbiguous, slices.Concat(at, []string{"quote"}), "%s", err)
	case errors.As(err, &missing):
		x.fail(CodeQuoteNotFound, slices.Concat(at, []string{"quote"}), "%s", err)
	case err != nil:
		x.fail(CodeInvalid, slices.Concat(at, []string{"quote"}), "%s", err)
	}
	return Verified, &m.Start, nil
}
