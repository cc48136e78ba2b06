package graph

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"unicode/utf8"

	"chancery/store"
)

// rows reads the key space as it was at a revision. Versioned rows are
// answered by their newest version that the revision has seen.
type rows struct {
	r   store.Reader
	rev Revision
}

const (
	tombstone = 0 // first byte of a version that says the row is gone
	present   = 1 // first byte of a version with a value
)

// get reads an unversioned row; nil when absent.
func (s rows) get(ctx context.Context, k []byte) ([]byte, error) {
	v, err := s.r.Get(ctx, k)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return v, err
}

// latest reads a versioned row; found is false when it is absent at the
// revision. wrote is the revision of the version found.
func (s rows) latest(ctx context.Context, logical []byte) (value []byte, wrote Revision, found bool, err error) {
	lo := appendVersion(logical[:len(logical):len(logical)], s.rev)
	for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: store.PrefixEnd(logical), Limit: 1}) {
		if err != nil {
			return nil, 0, false, err
		}
		_, wrote = splitVersion(kv.Key)
		v, ok := payload(kv.Value)
		if !ok {
			return nil, wrote, false, nil
		}
		return bytes.Clone(v), wrote, true, nil
	}
	return nil, 0, false, nil
}

// latestMany is latest for several rows in one round trip, aligned with logicals; nil where absent.
func (s rows) latestMany(ctx context.Context, logicals [][]byte) ([][]byte, []Revision, error) {
	ranges := make([]store.Range, len(logicals))
	for i, l := range logicals {
		ranges[i] = store.Range{Start: appendVersion(l[:len(l):len(l)], s.rev), End: store.PrefixEnd(l), Limit: 1}
	}
	found, err := s.r.ScanMany(ctx, ranges)
	if err != nil {
		return nil, nil, err
	}
	values, wrote := make([][]byte, len(logicals)), make([]Revision, len(logicals))
	for i, kvs := range found {
		if len(kvs) == 0 {
			continue
		}
		_, wrote[i] = splitVersion(kvs[0].Key)
		if v, ok := payload(kvs[0].Value); ok {
			values[i] = v
		}
	}
	return values, wrote, nil
}

func payload(v []byte) ([]byte, bool) {
	if len(v) == 0 || v[0] == tombstone {
		return nil, false
	}
	return v[1:], true
}

// row is one row at a revision. Its bytes are lent until the next step.
type row struct {
	key   []byte // without the version
	value []byte
	wrote Revision
}

// scan yields the live rows of a versioned table whose logical keys are in [lo, hi), in key order or in reverse.
func (s rows) scan(ctx context.Context, lo, hi []byte, reverse bool) iter.Seq2[row, error] {
	if reverse {
		return s.scanDown(ctx, lo, hi)
	}
	return func(yield func(row, error) bool) {
		var last []byte
		for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: hi}) {
			if err != nil {
				yield(row{}, err)
				return
			}
			logical, wrote := splitVersion(kv.Key)
			if wrote > s.rev || bytes.Equal(logical, last) {
				continue
			}
			last = append(last[:0], logical...)
			if v, ok := payload(kv.Value); ok && !yield(row{logical, v, wrote}, nil) {
				return
			}
		}
	}
}

// scanDown meets the oldest version of a row first, so it holds the newest seen until the row's end.
func (s rows) scanDown(ctx context.Context, lo, hi []byte) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		var held row
		var key, value []byte
		live, any := false, false
		flush := func() bool { return !any || !live || yield(held, nil) }
		for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: hi, Reverse: true}) {
			if err != nil {
				yield(row{}, err)
				return
			}
			logical, wrote := splitVersion(kv.Key)
			if wrote > s.rev {
				continue
			}
			if !any || !bytes.Equal(logical, key) {
				if !flush() {
					return
				}
				any = true
			}
			v, ok := payload(kv.Value)
			key, value, live = append(key[:0], logical...), append(value[:0], v...), ok
			held = row{key, value, wrote}
		}
		flush()
	}
}

// scanPlain yields the rows of an unversioned table in [lo, hi).
func (s rows) scanPlain(ctx context.Context, lo, hi []byte, reverse bool) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: hi, Reverse: reverse}) {
			if err != nil {
				yield(row{}, err)
				return
			}
			if !yield(row{key: kv.Key, value: kv.Value}, nil) {
				return
			}
		}
	}
}

// scanPrefix is scan over all rows whose logical keys begin with prefix.
func (s rows) scanPrefix(ctx context.Context, prefix []byte) iter.Seq2[row, error] {
	return s.scan(ctx, prefix, store.PrefixEnd(prefix), false)
}

// nodeRef is the value of an id row.
type nodeRef struct {
	kind    byte // changedEntity or changedDocument
	num     uint64
	created Revision
}

func (n nodeRef) encode() []byte {
	var e enc
	e.byte(n.kind)
	e.u(n.num)
	e.u(uint64(n.created))
	return e
}

// nodeByID looks an exact id up; num 0 when no such id was known at the revision.
func (s rows) nodeByID(ctx context.Context, id string) (nodeRef, error) {
	if len(id) > maxID*utf8.UTFMax {
		return nodeRef{}, nil // longer than any id, and perhaps than any key
	}
	v, err := s.get(ctx, tableID.key().str(id).row())
	if err != nil || v == nil {
		return nodeRef{}, err
	}
	d := &dec{b: v}
	n := nodeRef{kind: d.byte(), num: d.u(), created: Revision(d.u())}
	if d.err() != nil {
		return nodeRef{}, damaged("id %q", id)
	}
	if n.created > s.rev {
		return nodeRef{}, nil
	}
	return n, nil
}

// numbered is the value of id rows of relations and relation types: a number and the revision that made it.
func numbered(num uint64, created Revision) []byte {
	var e enc
	e.u(num)
	e.u(uint64(created))
	return e
}

func (s rows) numberAt(ctx context.Context, k []byte) (uint64, error) {
	v, err := s.get(ctx, k)
	if err != nil || v == nil {
		return 0, err
	}
	d := &dec{b: v}
	num, created := d.u(), Revision(d.u())
	if d.err() != nil {
		return 0, damaged("row %x", k)
	}
	if created > s.rev {
		return 0, nil
	}
	return num, nil
}

func (s rows) entityRecord(ctx context.Context, num uint64) (*entityRecord, Revision, error) {
	v, wrote, ok, err := s.latest(ctx, tableEntity.key().u64(num).logical())
	if err != nil {
		return nil, 0, err
	}
	if !ok {
		return nil, 0, damaged("entity %d is missing", num)
	}
	r, err := decodeEntity(v)
	if err != nil {
		return nil, 0, damaged("entity %d", num)
	}
	return r, wrote, nil
}

func (s rows) documentRecord(ctx context.Context, num uint64) (*documentRecord, Revision, error) {
	v, wrote, ok, err := s.latest(ctx, tableDocument.key().u64(num).logical())
	if err != nil {
		return nil, 0, err
	}
	if !ok {
		return nil, 0, damaged("document %d is missing", num)
	}
	r, err := decodeDocument(v)
	if err != nil {
		return nil, 0, damaged("document %d", num)
	}
	return r, wrote, nil
}

func (s rows) relationRecord(ctx context.Context, num uint64) (*relationRecord, error) {
	v, err := s.get(ctx, tableRelation.key().u64(num).row())
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, damaged("relation %d is missing", num)
	}
	r, err := decodeRelation(v)
	if err != nil {
		return nil, damaged("relation %d", num)
	}
	return r, nil
}

// citationIfAny reads a citation; nil when the relation has none with the mark.
func (s rows) citationIfAny(ctx context.Context, num uint64, mark [8]byte) (*citationRecord, error) {
	b, _, ok, err := s.latest(ctx, tableCitation.key().u64(num).mark(mark).logical())
	if err != nil || !ok {
		return nil, err
	}
	c, err := decodeCitation(b)
	if err != nil {
		return nil, damaged("citation %x of relation %d", mark, num)
	}
	return c, nil
}

// citationRow reads a citation that must be there.
func (s rows) citationRow(ctx context.Context, num uint64, mark [8]byte) (*citationRecord, error) {
	c, err := s.citationIfAny(ctx, num, mark)
	if err == nil && c == nil {
		return nil, damaged("citation %x of relation %d is missing", mark, num)
	}
	return c, err
}

// edgeAt reads the edge of a relation from the time table.
func (s rows) edgeAt(ctx context.Context, num uint64, occurred sortDay) (edge, error) {
	v, _, ok, err := s.latest(ctx, tableTime.key().day(occurred).u64(num).logical())
	if err != nil {
		return edge{}, err
	}
	if !ok {
		return edge{}, damaged("relation %d is not listed by time", num)
	}
	g, err := decodeEdge(v, occurred, num)
	if err != nil {
		return edge{}, damaged("edge of relation %d", num)
	}
	return g, nil
}

// text reads code points [start, end) of the text of a document; chunks hold textChunk code points each.
func (s rows) text(ctx context.Context, doc uint64, textRev Revision, start, end int) (string, error) {
	first, last := start/textChunk, max(start, end-1)/textChunk
	lo := tableText.key().u64(doc).u64(uint64(textRev)).u32(uint32(first)).row()
	hi := tableText.key().u64(doc).u64(uint64(textRev)).u32(uint32(last + 1)).row()
	var b []byte
	want := uint32(first)
	for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: hi}) {
		if err != nil {
			return "", err
		}
		if n := binary.BigEndian.Uint32(kv.Key[len(kv.Key)-4:]); n != want {
			break
		}
		want++
		b = append(b, kv.Value...)
	}
	if want != uint32(last+1) {
		return "", damaged("text of document %d lacks chunk %d", doc, want)
	}
	return sliceCodePoints(string(b), start-first*textChunk, end-first*textChunk), nil
}

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{store.ErrCorrupt}, args...)...)
}
