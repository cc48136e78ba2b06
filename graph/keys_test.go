package graph

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"chancery/graph/edtf"
)

// draw builds a key of a table from random fields, and the parts that it should parse to.
func draw(t *rapid.T, tb *table) (key, []part) {
	k := tb.key()
	var want []part
	for _, f := range tb.fields {
		var p part
		switch f.kind {
		case fieldStr:
			p.text = rapid.String().Draw(t, f.name)
			k = k.str(p.text)
		case fieldU64:
			p.num = rapid.Uint64().Draw(t, f.name)
			k = k.u64(p.num)
		case fieldU32:
			p.num = uint64(rapid.Uint32().Draw(t, f.name))
			k = k.u32(uint32(p.num))
		case fieldDay:
			p.num = uint64(rapid.Uint32().Draw(t, f.name))
			k = k.day(sortDay(p.num))
		case fieldHash:
			p.mark = rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, f.name)
			k = k.hash([16]byte(p.mark))
		case fieldMark:
			p.mark = rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, f.name)
			k = k.mark([8]byte(p.mark))
		}
		want = append(want, p)
	}
	return k, want
}

func TestKeysComeBack(t *testing.T) {
	for _, tb := range keySpace {
		t.Run(tb.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				k, want := draw(t, tb)
				b := slices.Clone(k.b)
				rev := Revision(0)
				if tb.versioned {
					rev = Revision(rapid.Uint64().Draw(t, "revision"))
					b = appendVersion(b, rev)
				}
				if tableOf(b) != tb {
					t.Fatalf("the key %x is taken for one of another table", b)
				}
				got, gotRev, ok := tb.parse(b)
				if !ok || gotRev != rev || len(got) != len(want) {
					t.Fatalf("parse(%x) = %v, %d, %v; want %v, %d", b, got, gotRev, ok, want, rev)
				}
				for i := range want {
					if got[i].num != want[i].num || got[i].text != want[i].text || !bytes.Equal(got[i].mark, want[i].mark) {
						t.Fatalf("field %d is %v; want %v", i, got[i], want[i])
					}
				}
			})
		})
	}
}

// A logical key must not be the beginning of another of its table, or the versions of two rows would mix.
func TestNoKeyBeginsAnother(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tb := rapid.SampledFrom(keySpace).Draw(t, "table")
		a, _ := draw(t, tb)
		b, _ := draw(t, tb)
		if !bytes.Equal(a.b, b.b) && bytes.HasPrefix(b.b, a.b) {
			t.Fatalf("%x begins %x", a.b, b.b)
		}
	})
}

func TestStringsKeepTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		if strings.Compare(a, b) != bytes.Compare(appendKeyString(nil, a), appendKeyString(nil, b)) {
			t.Fatalf("%q and %q are in another order as keys", a, b)
		}
	})
}

func TestDaysSortNewestFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := edtf.Day(rapid.Int32().Draw(t, "a")), edtf.Day(rapid.Int32().Draw(t, "b"))
		if a < math.MinInt32+2 || b < math.MinInt32+2 {
			t.Skip("clamped")
		}
		if (a < b) != (sortDayOf(a) > sortDayOf(b)) {
			t.Fatalf("days %d and %d sort as %d and %d", a, b, sortDayOf(a), sortDayOf(b))
		}
		if d, ok := sortDayOf(a).day(); !ok || d != a {
			t.Fatalf("day %d comes back as %d", a, d)
		}
		if sortDayOf(a) >= undated {
			t.Fatalf("day %d sorts after the undated", a)
		}
	})
}

func TestTablesAreDistinct(t *testing.T) {
	tags := map[byte]string{}
	for _, tb := range keySpace {
		if other := tags[tb.tag]; other != "" {
			t.Errorf("%s and %s share the tag %c", tb.name, other, tb.tag)
		}
		tags[tb.tag] = tb.name
		if tb.value == "" {
			t.Errorf("%s does not say what its values hold", tb.name)
		}
	}
}

func TestAWrongFieldPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a key with a field of another kind was built")
		}
	}()
	tableEntity.key().str("x")
}

func FuzzParseKey(f *testing.F) {
	for _, tb := range keySpace {
		f.Add([]byte{tb.tag, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tb := tableOf(b)
		if tb == nil {
			return
		}
		parts, rev, ok := tb.parse(b)
		if !ok {
			return
		}
		k := tb.key()
		for i, p := range parts {
			switch tb.fields[i].kind {
			case fieldStr:
				k = k.str(p.text)
			case fieldU64:
				k = k.u64(p.num)
			case fieldU32:
				k = k.u32(uint32(p.num))
			case fieldDay:
				k = k.day(sortDay(p.num))
			case fieldHash:
				k = k.hash([16]byte(p.mark))
			case fieldMark:
				k = k.mark([8]byte(p.mark))
			}
		}
		again := k.b
		if tb.versioned {
			again = appendVersion(again, rev)
		}
		if !bytes.Equal(again, b) {
			t.Fatalf("%x parses to parts that build %x", b, again)
		}
	})
}

func FuzzParseCursor(f *testing.F) {
	f.Add(cursor{[8]byte{1}, 7, []byte("key")}.encode())
	f.Fuzz(func(t *testing.T, s string) {
		c, ok := parseCursor(s)
		if !ok {
			return
		}
		if d, ok := parseCursor(c.encode()); !ok || d.rev != c.rev || d.list != c.list || !bytes.Equal(d.key, c.key) {
			t.Fatalf("%q: %v comes back as %v", s, c, d)
		}
	})
}

// FuzzDecode feeds damaged records to every decoder: they must report, not panic.
func FuzzDecode(f *testing.F) {
	f.Add((&entityRecord{id: "a", kind: "person", name: "A", names: []Name{{"B", "en", NameAlias}}}).encode())
	f.Add((&relationRecord{from: 1, to: 2, qualifiers: []qualifierRecord{{"place", 3, ""}}}).encode())
	f.Add((&citationRecord{verdict: Affirms, verification: Verified, modality: Asserted, via: []uint64{1}}).encode())
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = decodeEntity(b)
		_, _ = decodeDocument(b)
		_, _ = decodeRelation(b)
		_, _ = decodeCitation(b)
		_, _ = decodeBrief(b)
		_, _ = decodeCommit(b)
		_, _ = decodeState(b)
		_, _ = decodeEdge(b, 0, 0)
		_, _, _ = decodeNameWord(b)
	})
}

func TestRelationIDsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "hash"))
		m := [8]byte(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "mark"))
		if got, ok := parseRelationID(relationID(h)); !ok || got != h {
			t.Fatalf("%s comes back as %x", relationID(h), got)
		}
		if gh, gm, ok := parseCitationID(citationID(h, m)); !ok || gh != h || gm != m {
			t.Fatalf("%s comes back as %x %x", citationID(h, m), gh, gm)
		}
		o := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "other"))
		if (bytes.Compare(h[:], o[:]) < 0) != (relationID(h) < relationID(o)) {
			t.Fatal("ids sort otherwise than the hashes they are made of")
		}
	})
}

func TestRelationIDIsOfItsContent(t *testing.T) {
	two, one := 2, 1
	base := RelationInput{Type: "met-with", From: "a", To: "b", Occurred: "2025", Condition: "c", Stance: &one,
		Qualifiers: []QualifierInput{{Role: "place", Entity: "x"}, {Role: "about", Text: "y"}}}
	id := relationHash(&base, false)
	swapped := base
	swapped.Qualifiers = []QualifierInput{base.Qualifiers[1], base.Qualifiers[0]}
	if relationHash(&swapped, false) != id {
		t.Error("the order of qualifiers changes the id")
	}
	turned := base
	turned.From, turned.To = "b", "a"
	if relationHash(&turned, true) != relationHash(&base, true) || relationHash(&turned, false) == id {
		t.Error("only symmetric types disregard the order of the ends")
	}
	for name, change := range map[string]func(*RelationInput){
		"type": func(r *RelationInput) { r.Type = "x" }, "from": func(r *RelationInput) { r.From = "x" }, "to": func(r *RelationInput) { r.To = "x" },
		"occurred": func(r *RelationInput) { r.Occurred = "2025-04" }, "condition": func(r *RelationInput) { r.Condition = "" }, "stance": func(r *RelationInput) { r.Stance = &two },
		"no stance": func(r *RelationInput) { r.Stance = nil }, "role": func(r *RelationInput) {
			r.Qualifiers = []QualifierInput{{Role: "z", Entity: "x"}, {Role: "about", Text: "y"}}
		},
		"fewer qualifiers": func(r *RelationInput) { r.Qualifiers = r.Qualifiers[:1] },
	} {
		other := base
		change(&other)
		if relationHash(&other, false) == id {
			t.Errorf("another %s gives the same id", name)
		}
	}
}

// TestRowsAtARevision reads a versioned table at every revision, both ways.
func TestRowsAtARevision(t *testing.T) {
	for rev, want := range map[Revision]string{0: "", 1: "a1", 2: "a1 b2", 3: "b2 c3", 5: "a5 b2", 9: "a5 b2"} {
		s := rows{rev: rev, r: versionsOf(t, map[string][]Revision{"a": {1, gone(3), 5}, "b": {2}, "c": {3, gone(4)}})}
		var up, down []string
		for r, err := range s.scan(context.Background(), []byte("a"), []byte("z"), false) {
			if err != nil {
				t.Fatal(err)
			}
			up = append(up, string(r.key)+string(r.value))
		}
		for r, err := range s.scan(context.Background(), []byte("a"), []byte("z"), true) {
			if err != nil {
				t.Fatal(err)
			}
			down = append(down, string(r.key)+string(r.value))
		}
		slices.Reverse(down)
		if got := strings.Join(up, " "); got != want || strings.Join(down, " ") != want {
			t.Errorf("at revision %d: %q forward, %q backward; want %q", rev, got, down, want)
		}
	}
}
