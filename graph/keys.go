package graph

import (
	"encoding/binary"
	"fmt"
	"math"

	"chancery/graph/edtf"
)

// FormatVersion is the version of the key space and of the records in it.
const FormatVersion = 2

// fieldKind is how one field of a key is written, so that byte order is the order of its values.
type fieldKind uint8

const (
	fieldU32  fieldKind = iota // 4 bytes, big endian
	fieldU64                   // 8 bytes, big endian
	fieldDay                   // 4 bytes, newest day first; undated last
	fieldStr                   // bytes, 00 as 00 FF, ended by 00 01
	fieldHash                  // 16 bytes
	fieldMark                  // 8 bytes of a hash
)

type field struct {
	name string
	kind fieldKind
}

// table is one family of rows. Keys are the tag, the fields and, where rows are
// versioned, the bitwise inverse of the revision that wrote the version, so that the newest version comes first.
type table struct {
	tag       byte
	name      string
	fields    []field
	versioned bool
	derived   bool   // can be computed from other tables; verify compares and repairs it
	value     string // what the value holds
}

// The key space. Builders, parsers, statistics, the fuzz test and the
// documentation all come from these declarations.
var (
	tableMeta = &table{tag: 'm', name: "meta", fields: []field{{"name", fieldStr}},
		value: "format version; the state row: last revision, its time, next numbers, counts"}
	tableCommit = &table{tag: 'r', name: "commits", fields: []field{{"revision", fieldU64}},
		value: "time, author, note, counts after it, and the list of changed objects"}
	tableID = &table{tag: 'i', name: "ids", fields: []field{{"id", fieldStr}},
		value: "kind and number of the node, the revision that made it"}
	tableExternal = &table{tag: 'x', name: "external ids", fields: []field{{"scheme", fieldStr}, {"value", fieldStr}, {"entity", fieldU64}}, versioned: true, derived: true,
		value: "nothing"}
	tableEntity = &table{tag: 'e', name: "entities", fields: []field{{"entity", fieldU64}}, versioned: true,
		value: "the entity's own record"}
	tableName = &table{tag: 'n', name: "names", fields: []field{{"folded name", fieldStr}, {"entity", fieldU64}}, versioned: true, derived: true,
		value: "nothing"}
	tableNameOrder = &table{tag: 'o', name: "entities by name", fields: []field{{"folded main name", fieldStr}, {"entity", fieldU64}}, versioned: true, derived: true,
		value: "kind"}
	tableNameWord = &table{tag: 'N', name: "words of names", fields: []field{{"key of the word", fieldStr}, {"entity", fieldU64}}, versioned: true, derived: true,
		value: "kind; each spelling of the word in the entity's names, and whether it stands in the main name"}
	tableParent = &table{tag: 'j', name: "judgements", fields: []field{{"absorbed entity", fieldU64}}, versioned: true,
		value: "the entity that keeps it, the reason"}
	tableChild = &table{tag: 'k', name: "absorbed entities", fields: []field{{"keeping entity", fieldU64}, {"absorbed entity", fieldU64}}, versioned: true, derived: true,
		value: "nothing"}
	tableDocument = &table{tag: 'd', name: "documents", fields: []field{{"document", fieldU64}}, versioned: true,
		value: "the document's record, without its text"}
	tableText = &table{tag: 'b', name: "texts", fields: []field{{"document", fieldU64}, {"revision", fieldU64}, {"chunk", fieldU32}},
		value: "16,384 code points of the text stored by that revision"}
	tablePublished = &table{tag: 'p', name: "documents by publication", fields: []field{{"published", fieldDay}, {"document", fieldU64}}, versioned: true, derived: true,
		value: "nothing"}
	tableDerived = &table{tag: 'z', name: "copies of documents", fields: []field{{"original", fieldU64}, {"document", fieldU64}}, versioned: true, derived: true,
		value: "nothing"}
	tableTypeID = &table{tag: 'f', name: "relation type codes", fields: []field{{"id", fieldStr}},
		value: "code of the type, the revision that made it"}
	tableType = &table{tag: 'v', name: "relation types", fields: []field{{"type", fieldU32}}, versioned: true,
		value: "definition, where it differs from the bundled vocabulary"}
	tableTypeCount = &table{tag: 'w', name: "relations per type", fields: []field{{"type", fieldU32}}, versioned: true, derived: true,
		value: "number of live relations"}
	tableRelation = &table{tag: 's', name: "relations", fields: []field{{"relation", fieldU64}},
		value: "the relation's content, which never changes"}
	tableRelationID = &table{tag: 'u', name: "relation ids", fields: []field{{"content hash", fieldHash}},
		value: "number of the relation, the revision that made it"}
	tableRelationHead = &table{tag: 'h', name: "relation changes", fields: []field{{"relation", fieldU64}}, versioned: true,
		value: "that the citations of an existing relation changed"}
	tableAdjacency = &table{tag: 'a', name: "relations by entity", fields: []field{{"entity", fieldU64}, {"occurred", fieldDay}, {"relation", fieldU64}}, versioned: true, derived: true,
		value: "edge: type, ends, stance, span, whether live, and how the entity takes part"}
	tableTime = &table{tag: 't', name: "relations by time", fields: []field{{"occurred", fieldDay}, {"relation", fieldU64}}, versioned: true, derived: true,
		value: "edge"}
	tableByType = &table{tag: 'y', name: "relations by type", fields: []field{{"type", fieldU32}, {"occurred", fieldDay}, {"relation", fieldU64}}, versioned: true, derived: true,
		value: "edge"}
	tableCitation = &table{tag: 'c', name: "citations", fields: []field{{"relation", fieldU64}, {"citation", fieldMark}}, versioned: true,
		value: "the citation, live or withdrawn"}
	tableByDocument = &table{tag: 'q', name: "citations by document", fields: []field{{"document", fieldU64}, {"relation", fieldU64}, {"citation", fieldMark}}, derived: true,
		value: "the revision that made it"}
	tableBySpeaker = &table{tag: 'l', name: "citations by speaker", fields: []field{{"speaker", fieldU64}, {"relation", fieldU64}, {"citation", fieldMark}}, derived: true,
		value: "the revision that made it; links of a chain of sources stand here as well"}
	tableIdempotency = &table{tag: 'g', name: "idempotency keys", fields: []field{{"key", fieldStr}},
		value: "hash of the input, and the outcome"}
)

// keySpace lists every table by tag.
var keySpace = []*table{
	tableAdjacency, tableText, tableCitation, tableDocument, tableEntity, tableTypeID,
	tableIdempotency, tableRelationHead, tableID, tableParent, tableChild, tableBySpeaker,
	tableMeta, tableName, tableNameOrder, tableNameWord, tablePublished, tableByDocument, tableCommit,
	tableRelation, tableTime, tableRelationID, tableType, tableTypeCount, tableExternal, tableByType, tableDerived,
}

func tableOf(key []byte) *table {
	if len(key) > 0 {
		for _, t := range keySpace {
			if t.tag == key[0] {
				return t
			}
		}
	}
	return nil
}

// key builds one key field by field; a field of another kind than the table declares is a programmer's error.
type key struct {
	b []byte
	t *table
	n int
}

func (t *table) key() key { return key{b: append(make([]byte, 0, 48), t.tag), t: t} }

func (k key) next(kind fieldKind) key {
	if k.n >= len(k.t.fields) || k.t.fields[k.n].kind != kind {
		panic(fmt.Sprintf("graph: field %d of a key of table %q has another kind", k.n, k.t.name))
	}
	k.n++
	return k
}

func (k key) u64(v uint64) key {
	k = k.next(fieldU64)
	k.b = binary.BigEndian.AppendUint64(k.b, v)
	return k
}

func (k key) u32(v uint32) key {
	k = k.next(fieldU32)
	k.b = binary.BigEndian.AppendUint32(k.b, v)
	return k
}

func (k key) day(d sortDay) key {
	k = k.next(fieldDay)
	k.b = binary.BigEndian.AppendUint32(k.b, uint32(d))
	return k
}

func (k key) str(s string) key {
	k = k.next(fieldStr)
	k.b = appendKeyString(k.b, s)
	return k
}

func (k key) hash(h [16]byte) key {
	k = k.next(fieldHash)
	k.b = append(k.b, h[:]...)
	return k
}

func (k key) mark(h [8]byte) key {
	k = k.next(fieldMark)
	k.b = append(k.b, h[:]...)
	return k
}

// prefix is the key so far, for scans.
func (k key) prefix() []byte { return k.b }

// row is the whole key of an unversioned row.
func (k key) row() []byte {
	if k.n != len(k.t.fields) || k.t.versioned {
		panic(fmt.Sprintf("graph: incomplete key of table %q", k.t.name))
	}
	return k.b
}

// logical is the whole key of a versioned row, without its version.
func (k key) logical() []byte {
	if k.n != len(k.t.fields) || !k.t.versioned {
		panic(fmt.Sprintf("graph: incomplete key of table %q", k.t.name))
	}
	return k.b
}

func appendKeyString(b []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		b = append(b, s[i])
		if s[i] == 0 {
			b = append(b, 0xff)
		}
	}
	return append(b, 0, 1)
}

// stringPrefix cuts the end mark off a key that ends with a string, so that it begins every string that goes on.
func (k key) stringPrefix() []byte { return k.b[:len(k.b)-2] }

// appendVersion makes the key of the version of a row that rev wrote.
func appendVersion(logical []byte, rev Revision) []byte {
	return binary.BigEndian.AppendUint64(logical, ^uint64(rev))
}

// splitVersion takes the version off a versioned key.
func splitVersion(k []byte) (logical []byte, rev Revision) {
	n := len(k) - 8
	if n < 0 {
		return k, 0
	}
	return k[:n:n], Revision(^binary.BigEndian.Uint64(k[n:]))
}

// parts are the parsed fields of a key, in the table's order; only the member of the field's kind is set.
type part struct {
	num  uint64 // u32, u64, day
	text string // str
	mark []byte // hash, mark
}

// parse takes a whole key of this table apart. It reports false for anything that its builder cannot have made.
func (t *table) parse(k []byte) (parts []part, rev Revision, ok bool) {
	if t.versioned {
		if len(k) < 9 {
			return nil, 0, false
		}
		k, rev = splitVersion(k)
	}
	parts, ok = t.parseFields(k)
	return parts, rev, ok
}

// parseFields takes a key without its version apart.
func (t *table) parseFields(k []byte) (parts []part, ok bool) {
	if len(k) == 0 || k[0] != t.tag {
		return nil, false
	}
	rest := k[1:]
	for _, f := range t.fields {
		var p part
		if f.kind == fieldStr {
			if p.text, rest, ok = parseKeyString(rest); !ok {
				return nil, false
			}
			parts = append(parts, p)
			continue
		}
		n := fieldWidth[f.kind]
		if len(rest) < n {
			return nil, false
		}
		switch f.kind {
		case fieldU32, fieldDay:
			p.num = uint64(binary.BigEndian.Uint32(rest))
		case fieldU64:
			p.num = binary.BigEndian.Uint64(rest)
		default:
			p.mark = rest[:n]
		}
		parts, rest = append(parts, p), rest[n:]
	}
	return parts, len(rest) == 0
}

// fieldWidth are the bytes that a field of a fixed width takes.
var fieldWidth = map[fieldKind]int{fieldU32: 4, fieldU64: 8, fieldDay: 4, fieldHash: 16, fieldMark: 8}

func parseKeyString(b []byte) (s string, rest []byte, ok bool) {
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != 0 {
			out = append(out, b[i])
			continue
		}
		if i+1 < len(b) && b[i+1] == 0xff {
			out = append(out, 0)
			i++
			continue
		}
		if i+1 < len(b) && b[i+1] == 1 {
			return string(out), b[i+2:], true
		}
		break
	}
	return "", nil, false
}

// sortDay is a day as a key field: newest first, so larger means older. Days
// beyond about 5.8 million years from 1970 sort as that bound; undated is the oldest.
type sortDay uint32

const undated sortDay = math.MaxUint32

func sortDayOf(d edtf.Day) sortDay {
	d = min(max(d, math.MinInt32+2), math.MaxInt32)
	return sortDay(^(uint32(int32(d)) ^ 0x80000000))
}

// day is the inverse of sortDayOf; false for undated.
func (s sortDay) day() (edtf.Day, bool) {
	if s == undated {
		return 0, false
	}
	return edtf.Day(int32(^uint32(s) ^ 0x80000000)), true
}

// sortDayOfDate is the place of an EDTF date in time order: its earliest
// possible day. A date with an open or unknown start sorts as the oldest dated.
func sortDayOfDate(d edtf.Date) sortDay {
	if e, ok := d.Earliest(); ok {
		return sortDayOf(e)
	}
	return undated - 1
}
