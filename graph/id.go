package graph

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of ids and short strings, in code points.
const (
	maxID       = 200
	maxName     = 10_000 // some offices are named by a whole paragraph
	maxScheme   = 64
	maxExternal = 200
	maxShort    = 1_000  // locators, notes, reasons, titles, roles …
	maxLong     = 10_000 // quotes, descriptions
)

// idDigits write bytes in 5-bit digits whose ASCII order is their value's order.
var idDigits = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

const (
	relationPrefix = "relation/"
	citationPrefix = "citation/"
)

// relationID is the public id of a content hash: relation/ and 26 digits.
func relationID(hash [16]byte) string { return relationPrefix + idDigits.EncodeToString(hash[:]) }

func parseRelationID(id string) (hash [16]byte, ok bool) {
	digits, ok := strings.CutPrefix(id, relationPrefix)
	if !ok || len(digits) != 26 {
		return hash, false
	}
	b, err := idDigits.DecodeString(digits)
	if err != nil || len(b) != 16 || idDigits.EncodeToString(b) != digits {
		return hash, false
	}
	copy(hash[:], b)
	return hash, true
}

// citationID is the public id of a citation: citation/, the digits of its relation, a dot, and 13 digits.
func citationID(relation [16]byte, mark [8]byte) string {
	return citationPrefix + idDigits.EncodeToString(relation[:]) + "." + idDigits.EncodeToString(mark[:])
}

func parseCitationID(id string) (relation [16]byte, mark [8]byte, ok bool) {
	rest, ok := strings.CutPrefix(id, citationPrefix)
	if !ok {
		return relation, mark, false
	}
	r, c, ok := strings.Cut(rest, ".")
	if !ok || len(c) != 13 {
		return relation, mark, false
	}
	relation, ok = parseRelationID(relationPrefix + r)
	b, err := idDigits.DecodeString(c)
	if !ok || err != nil || len(b) != 8 || idDigits.EncodeToString(b) != c {
		return relation, mark, false
	}
	copy(mark[:], b)
	return relation, mark, true
}

// digest hashes a list of strings, each with its length before it, so that no two lists are written alike.
func digest(parts ...string) [32]byte {
	n := 0
	for _, p := range parts {
		n += len(p) + 4
	}
	b := make([]byte, 0, n)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

// relationHash derives a relation's identity from its content: the type, the
// ids of its ends as written (in either order for a symmetric type), the date
// as written, the stance, the condition, and the qualifiers in any order.
func relationHash(in *RelationInput, symmetric bool) (h [16]byte) {
	from, to := in.From, in.To
	if symmetric && to < from {
		from, to = to, from
	}
	stance := ""
	if in.Stance != nil {
		stance = string(rune('2' + *in.Stance))
	}
	parts := []string{in.Type, from, to, in.Occurred, stance, in.Condition}
	qualifiers := make([]string, 0, len(in.Qualifiers))
	for _, q := range in.Qualifiers {
		d := digest(q.Role, q.Entity, q.Text)
		qualifiers = append(qualifiers, string(d[:]))
	}
	slices.Sort(qualifiers)
	d := digest(append(parts, qualifiers...)...)
	copy(h[:], d[:])
	return h
}

// citationMark derives a citation's identity within its relation from the document, the words, their place (the
// start where one is known, otherwise the locator), the speaker and the verdict.
func citationMark(document, quote, place, speaker string, verdict Verdict) (m [8]byte) {
	d := digest(document, quote, place, speaker, string(verdict))
	copy(m[:], d[:])
	return m
}

// checkID reports what is wrong with an id for a new node, or "".
func checkID(id string) string {
	switch {
	case !utf8.ValidString(id):
		return "an id is valid UTF-8"
	case id == "":
		return "an id has at least one character"
	case utf8.RuneCountInString(id) > maxID:
		return "an id has at most 200 code points"
	case strings.IndexFunc(id, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) >= 0:
		return "an id has no white space and no control characters"
	case !norm.NFC.IsNormalString(id):
		return "an id is normalised (Unicode NFC)"
	}
	if _, ok := parseRelationID(id); ok {
		return "ids of the form relation/… are given to relations by the service"
	}
	return ""
}

// sliceCodePoints is s[start:end] counted in code points, cut to what s has.
func sliceCodePoints(s string, start, end int) string {
	from, n := len(s), 0
	for i := range s {
		if n == start {
			from = i
		}
		if n == end {
			return s[min(from, i):i]
		}
		n++
	}
	return s[from:]
}

// textChunk is how many code points one row of a text holds: at most 64 KiB of UTF-8.
const textChunk = 16_384
