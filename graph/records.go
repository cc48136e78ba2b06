package graph

import (
	"encoding/json"
	"fmt"
	"slices"

	"chancery/graph/edtf"
	"chancery/graph/vocab"
)

// Records are written field by field, in the order of these functions. An
// enumerated value is written as its place in its table, which therefore only ever grows at the end.

func indexOf[T comparable](table []T, v T) byte {
	i := slices.Index(table, v)
	if i < 0 {
		panic(fmt.Sprintf("graph: %v is not in its table", v))
	}
	return byte(i)
}

func (d *dec) kind() vocab.Kind { return pick(d, vocab.Kinds) }

func pick[T any](d *dec, table []T) T {
	i := int(d.byte())
	if i >= len(table) {
		d.fail()
		i = 0
	}
	return table[i]
}

// entityRecord is an entity's own row, before merges.
type entityRecord struct {
	id          string
	kind        vocab.Kind
	deleted     bool
	created     Revision
	name        string
	description string
	names       []Name
	external    []ExternalID
	attributes  json.RawMessage // nil for {}
}

func (r *entityRecord) encode() []byte {
	e := make(enc, 0, 96)
	e.s(r.id)
	e.byte(indexOf(vocab.Kinds, r.kind))
	e.byte(flag(r.deleted))
	e.u(uint64(r.created))
	e.s(r.name)
	e.s(r.description)
	e.u(uint64(len(r.names)))
	for _, n := range r.names {
		e.s(n.Text)
		e.s(n.Lang)
		e.byte(indexOf(NameKinds, n.Kind))
	}
	e.u(uint64(len(r.external)))
	for _, x := range r.external {
		e.s(x.Scheme)
		e.s(x.Value)
	}
	e.s(string(r.attributes))
	return e
}

func decodeEntity(b []byte) (*entityRecord, error) {
	d := &dec{b: b}
	r := &entityRecord{id: d.s(), kind: d.kind(), deleted: d.byte() != 0, created: Revision(d.u()), name: d.s(), description: d.s()}
	if n := d.count(); n > 0 {
		r.names = make([]Name, n)
		for i := range r.names {
			r.names[i] = Name{Text: d.s(), Lang: d.s(), Kind: pick(d, NameKinds)}
		}
	}
	if n := d.count(); n > 0 {
		r.external = make([]ExternalID, n)
		for i := range r.external {
			r.external[i] = ExternalID{Scheme: d.s(), Value: d.s()}
		}
	}
	if s := d.s(); s != "" {
		r.attributes = json.RawMessage(s)
	}
	return r, d.err()
}

// documentRecord is a document's row; its text is in rows of its own.
type documentRecord struct {
	id, title, publisher string
	authors              []string
	url, published, lang string
	kind                 DocumentKind
	license              string
	derivedFrom          uint64
	sha                  []byte // 32 bytes, nil without text
	length               int
	textRev              Revision
	retexted             bool // its text was changed after it was made, so quotes may have moved
	created              Revision
}

func (r *documentRecord) encode() []byte {
	e := make(enc, 0, 192)
	e.s(r.id)
	e.s(r.publisher)
	e.s(r.published)
	e.u(r.derivedFrom)
	e.s(r.title)
	e.u(uint64(len(r.authors)))
	for _, a := range r.authors {
		e.s(a)
	}
	e.s(r.url)
	e.s(r.lang)
	e.byte(indexOf(DocumentKinds, r.kind))
	e.s(r.license)
	e.s(string(r.sha))
	e.u(uint64(r.length))
	e.u(uint64(r.textRev))
	e.byte(flag(r.retexted))
	e.u(uint64(r.created))
	return e
}

func decodeDocument(b []byte) (*documentRecord, error) {
	d := &dec{b: b}
	r := &documentRecord{id: d.s(), publisher: d.s(), published: d.s(), derivedFrom: d.u(), title: d.s()}
	if n := d.count(); n > 0 {
		r.authors = make([]string, n)
		for i := range r.authors {
			r.authors[i] = d.s()
		}
	}
	r.url, r.lang, r.kind, r.license = d.s(), d.s(), pick(d, DocumentKinds), d.s()
	if s := d.s(); s != "" {
		r.sha = []byte(s)
	}
	r.length, r.textRev, r.retexted, r.created = int(d.u()), Revision(d.u()), d.byte() != 0, Revision(d.u())
	return r, d.err()
}

// relationRecord is a relation's content. Nothing in it ever changes.
type relationRecord struct {
	hash       [16]byte
	typ        uint32
	from, to   uint64
	occurred   string
	stance     *int
	condition  string
	qualifiers []qualifierRecord
	created    Revision
}

type qualifierRecord struct {
	role   string
	entity uint64
	text   string
}

// Stances are written two higher, so that optional integers can hold them.
func raised(s *int) *int {
	if s == nil {
		return nil
	}
	v := *s + 2
	return &v
}

func lowered(s *int) *int {
	if s == nil {
		return nil
	}
	v := *s - 2
	return &v
}

func (r *relationRecord) encode() []byte {
	e := make(enc, 0, 64)
	e.raw(r.hash[:])
	e.u(uint64(r.typ))
	e.u(r.from)
	e.u(r.to)
	e.s(r.occurred)
	e.opt(raised(r.stance))
	e.s(r.condition)
	e.u(uint64(len(r.qualifiers)))
	for _, q := range r.qualifiers {
		e.s(q.role)
		e.u(q.entity)
		e.s(q.text)
	}
	e.u(uint64(r.created))
	return e
}

func decodeRelation(b []byte) (*relationRecord, error) {
	d := &dec{b: b}
	r := &relationRecord{}
	copy(r.hash[:], d.raw(16))
	r.typ, r.from, r.to, r.occurred = uint32(d.u()), d.u(), d.u(), d.s()
	r.stance, r.condition = lowered(d.opt()), d.s()
	if n := d.count(); n > 0 {
		r.qualifiers = make([]qualifierRecord, n)
		for i := range r.qualifiers {
			r.qualifiers[i] = qualifierRecord{role: d.s(), entity: d.u(), text: d.s()}
		}
	}
	r.created = Revision(d.u())
	return r, d.err()
}

// citationRecord is a citation. Its first fields are those that status and support need.
type citationRecord struct {
	document         uint64
	verdict          Verdict
	retracted        Revision
	verification     Verification
	speaker          uint64
	start            *int // where the quote stands, or where it was said to stand
	quote            string
	locator          string
	modality         Modality
	via              []uint64
	prefix, suffix   string
	statedOn, note   string
	confidence       *float64
	recorded         Revision
	retractionReason string
}

func (r *citationRecord) encode() []byte {
	e := make(enc, 0, 64+len(r.quote))
	e.u(r.document)
	e.byte(indexOf(Verdicts, r.verdict))
	e.u(uint64(r.retracted))
	e.byte(indexOf(Verifications, r.verification))
	e.u(r.speaker)
	e.opt(r.start)
	e.s(r.quote)
	e.s(r.locator)
	e.byte(indexOf(Modalities, r.modality))
	e.u(uint64(len(r.via)))
	for _, v := range r.via {
		e.u(v)
	}
	e.s(r.prefix)
	e.s(r.suffix)
	e.s(r.statedOn)
	e.s(r.note)
	e.byte(flag(r.confidence != nil))
	if r.confidence != nil {
		e.f(*r.confidence)
	}
	e.u(uint64(r.recorded))
	e.s(r.retractionReason)
	return e
}

func decodeCitation(b []byte) (*citationRecord, error) {
	d := &dec{b: b}
	r := &citationRecord{document: d.u(), verdict: pick(d, Verdicts), retracted: Revision(d.u()), verification: pick(d, Verifications), speaker: d.u(), start: d.opt()}
	r.quote, r.locator, r.modality = d.s(), d.s(), pick(d, Modalities)
	if n := d.count(); n > 0 {
		r.via = make([]uint64, n)
		for i := range r.via {
			r.via[i] = d.u()
		}
	}
	r.prefix, r.suffix, r.statedOn, r.note = d.s(), d.s(), d.s(), d.s()
	if d.byte() != 0 {
		f := d.f()
		r.confidence = &f
	}
	r.recorded, r.retractionReason = Revision(d.u()), d.s()
	return r, d.err()
}

// citationBrief is what status and support need of a citation, without the words.
type citationBrief struct {
	mark      [8]byte
	document  uint64
	speaker   uint64 // 0 for none
	verdict   Verdict
	retracted bool
	row       []byte // nil where it is not kept
}

func decodeBrief(b []byte) (citationBrief, error) {
	d := &dec{b: b}
	c := citationBrief{document: d.u(), verdict: pick(d, Verdicts), retracted: d.u() != 0}
	d.byte() // verification
	c.speaker = d.u()
	if d.bad {
		return c, errDamaged
	}
	return c, nil
}

// How an entity takes part in a relation, and what a relation's rows say of it at once.
const (
	edgeOut       = 1 << iota // the entity of the row is from
	edgeIn                    // it is to
	edgeQualifier             // it is named by a qualifier
	edgeDead                  // every citation was withdrawn
	edgeSymmetric             // the ends have no order
	edgeComplex               // the date is an interval or has an open end: read the record for its bounds
)

// edge is the value of the rows that lists of relations are read from.
type edge struct {
	num      uint64 // the relation
	occurred sortDay
	flags    byte
	typ      uint32
	from, to uint64
	stance   *int
	span     int // days from the earliest to the latest possible day
}

func (g edge) dead() bool { return g.flags&edgeDead != 0 }

func (g edge) encode() []byte {
	e := make(enc, 0, 24)
	e.byte(g.flags)
	e.u(uint64(g.typ))
	e.u(g.from)
	e.u(g.to)
	e.opt(raised(g.stance))
	e.u(uint64(g.span))
	return e
}

func decodeEdge(b []byte, occurred sortDay, num uint64) (edge, error) {
	d := dec{b: b}
	g := edge{num: num, occurred: occurred, flags: d.byte(), typ: uint32(d.u()), from: d.u(), to: d.u(), stance: lowered(d.opt()), span: int(d.u())}
	return g, d.err()
}

// edgeOf makes the edge of a relation, with the flags of nobody's part.
func edgeOf(num uint64, r *relationRecord, date edtf.Date, symmetric bool) edge {
	g := edge{num: num, occurred: undated, typ: r.typ, from: r.from, to: r.to, stance: r.stance}
	if symmetric {
		g.flags |= edgeSymmetric
	}
	if r.occurred == "" {
		return g
	}
	g.occurred = sortDayOfDate(date)
	first, okFirst := date.Earliest()
	last, okLast := date.Latest()
	if date.IsInterval() || !okFirst || !okLast {
		g.flags |= edgeComplex
		return g
	}
	g.span = int(last - first)
	return g
}

// parts are the entities that a relation's adjacency rows stand under, each with how it takes part.
func (r *relationRecord) parts() map[uint64]byte {
	p := map[uint64]byte{r.from: edgeOut}
	p[r.to] |= edgeIn
	for _, q := range r.qualifiers {
		if q.entity != 0 {
			p[q.entity] |= edgeQualifier
		}
	}
	return p
}

// stateRecord is the revision row: every commit reads it and writes it.
type stateRecord struct {
	revision                                         Revision
	at                                               int64 // nanoseconds since 1970 UTC
	nextEntity, nextDocument, nextRelation, nextType uint64
	counts                                           counters
	vocabulary                                       Revision // the last that changed the vocabulary
	documents                                        Revision // the last that changed what counts of an existing document
	mark                                             uint64   // drawn anew by each commit, so that no two states are taken for one another
}

// counters are sizes of the live graph at a revision.
type counters struct{ entities, documents, relations, citations, merges int }

func (c counters) encode(e *enc) {
	for _, v := range []int{c.entities, c.documents, c.relations, c.citations, c.merges} {
		e.u(uint64(v))
	}
}

func (d *dec) counters() counters {
	return counters{int(d.u()), int(d.u()), int(d.u()), int(d.u()), int(d.u())}
}

func (r stateRecord) encode() []byte {
	e := make(enc, 0, 64)
	e.u(uint64(r.revision))
	e.i(int(r.at))
	e.u(r.nextEntity)
	e.u(r.nextDocument)
	e.u(r.nextRelation)
	e.u(r.nextType)
	r.counts.encode(&e)
	e.u(uint64(r.vocabulary))
	e.u(uint64(r.documents))
	e.u(r.mark)
	return e
}

func decodeState(b []byte) (stateRecord, error) {
	d := &dec{b: b}
	r := stateRecord{revision: Revision(d.u()), at: int64(d.i()), nextEntity: d.u(), nextDocument: d.u(), nextRelation: d.u(), nextType: d.u(), counts: d.counters(), vocabulary: Revision(d.u()), documents: Revision(d.u()), mark: d.u()}
	return r, d.err()
}

// What a commit changed.
const (
	changedEntity   = 'e'
	changedDocument = 'd'
	changedRelation = 's'
	changedType     = 'v'
)

type changeEntry struct {
	kind   byte
	op     Operation
	num    uint64
	reason string // of a judgement, its withdrawal, a retraction or a deletion
}

// commitRecord is one revision of the store.
type commitRecord struct {
	at                    int64
	by, note              string
	counts                counters
	vocabulary, documents Revision
	changes               []changeEntry
}

func (r *commitRecord) encode() []byte {
	e := make(enc, 0, 64+8*len(r.changes))
	e.i(int(r.at))
	e.s(r.by)
	e.s(r.note)
	r.counts.encode(&e)
	e.u(uint64(r.vocabulary))
	e.u(uint64(r.documents))
	e.u(uint64(len(r.changes)))
	for _, c := range r.changes {
		e.byte(c.kind)
		e.byte(indexOf(Operations, c.op))
		e.u(c.num)
		e.s(c.reason)
	}
	return e
}

func decodeCommit(b []byte) (*commitRecord, error) {
	d := &dec{b: b}
	r := d.commitHead()
	r.changes = make([]changeEntry, d.count())
	for i := range r.changes {
		r.changes[i] = changeEntry{kind: d.byte(), op: pick(d, Operations), num: d.u(), reason: d.s()}
	}
	return r, d.err()
}

// commitHead reads a commit without its list of changes, which may be long.
func (d *dec) commitHead() *commitRecord {
	return &commitRecord{at: int64(d.i()), by: d.s(), note: d.s(), counts: d.counters(), vocabulary: Revision(d.u()), documents: Revision(d.u())}
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
