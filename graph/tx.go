package graph

import (
	"context"
	"slices"

	"golang.org/x/text/unicode/norm"

	"chancery/graph/text"
	"chancery/store"
)

// put writes a version of a row.
func (x *tx) put(logical []byte, payload []byte) error {
	v := make([]byte, 1, 1+len(payload))
	v[0] = present
	return x.t.Set(appendVersion(logical, x.rev), append(v, payload...))
}

// drop writes the version that says that a row is gone.
func (x *tx) drop(logical []byte) error {
	return x.t.Set(appendVersion(logical, x.rev), []byte{tombstone})
}

// touched notes in the commit that an object was changed; what a batch does to one object last, or the fact that it made it, counts.
func (x *tx) touched(kind byte, num uint64, op Operation) {
	k := [2]uint64{uint64(kind), num}
	if i, ok := x.place[k]; ok {
		if x.entries[i].op != Created {
			x.entries[i].op = op
		}
		return
	}
	x.place[k] = len(x.entries)
	x.entries = append(x.entries, changeEntry{kind: kind, op: op, num: num})
}

// because notes in the commit why an object was changed, after touched.
func (x *tx) because(kind byte, num uint64, reason string) {
	e := &x.entries[x.place[[2]uint64{uint64(kind), num}]]
	if e.reason != "" {
		reason = e.reason + "; " + reason
	}
	e.reason = reason
}

// addToType counts live relations of a type up or down.
func (x *tx) addToType(code uint32, by int) error {
	n, ok := x.counts[code]
	if !ok {
		if n, ok = x.w.counts[code]; !ok {
			var err error
			if n, err = x.typeCount(x.ctx, code); err != nil {
				return err
			}
		}
	}
	x.counts[code] = n + by
	return nil
}

// node finds a node by its exact id.
func (x *tx) node(id string) (nodeRef, error) {
	if n, ok := x.w.nodes[id]; ok {
		return n, nil
	}
	n, err := x.nodeByID(x.ctx, id)
	if err == nil && n.num != 0 {
		x.w.nodes[id] = n
	}
	return n, err
}

func (x *tx) head(num uint64) (entityHead, error) {
	if h, ok := x.w.heads[num]; ok {
		return h, nil
	}
	r, _, err := x.entityRecord(x.ctx, num)
	if err != nil {
		return entityHead{}, err
	}
	h := entityHead{r.kind, r.deleted}
	x.w.heads[num] = h
	return h, nil
}

func (x *tx) doc(num uint64) (*documentRecord, error) {
	if d, ok := x.w.docs[num]; ok {
		return d, nil
	}
	d, _, err := x.documentRecord(x.ctx, num)
	if err == nil {
		x.w.docs[num] = d
	}
	return d, err
}

// index reads the whole text of a document.
func (x *tx) index(num uint64, d *documentRecord) (*text.Index, error) {
	k := textKey{num, d.textRev}
	if ix, ok := x.w.indexes.Get(k); ok {
		return ix, nil
	}
	s, err := x.text(x.ctx, num, d.textRev, 0, d.length)
	if err != nil {
		return nil, err
	}
	ix := text.NewIndex(s)
	x.w.indexes.Add(k, ix)
	return ix, nil
}

// entityRef finds the live entity that an input names, by exact id or external id. It notes a mistake and
// returns 0 when there is none; the id returned is the entity's own.
func (x *tx) entityRef(id string, at ...string) (num uint64, exact string, err error) {
	if id == "" {
		x.fail(CodeRequired, at, "the id of an entity is required here")
		return 0, "", nil
	}
	n, err := x.node(id)
	if err != nil {
		return 0, "", err
	}
	exact = id
	if n.num == 0 {
		if n, err = x.lookup(x.ctx, id); err != nil {
			return 0, "", err
		}
		if n.num != 0 && n.kind == changedEntity {
			r, _, err := x.entityRecord(x.ctx, n.num)
			if err != nil {
				return 0, "", err
			}
			exact = r.id
		}
	}
	if n.num != 0 && n.kind != changedEntity {
		x.fail(CodeInvalid, at, "%s is a document; an entity is needed here", quoted(id))
		return 0, "", nil
	}
	if n.num != 0 {
		h, err := x.head(n.num)
		if err != nil || !h.deleted {
			return n.num, exact, err
		}
	}
	return 0, "", x.missing("entity", id, at)
}

// documentRef is entityRef for documents.
func (x *tx) documentRef(id string, at ...string) (uint64, error) {
	if id == "" {
		x.fail(CodeRequired, at, "the id of a document is required here")
		return 0, nil
	}
	n, err := x.node(norm.NFC.String(id))
	if err != nil {
		return 0, err
	}
	if n.num != 0 && n.kind != changedDocument {
		x.fail(CodeInvalid, at, "%s is an entity; a document is needed here", quoted(id))
		return 0, nil
	}
	if n.num != 0 {
		return n.num, nil
	}
	return 0, x.missing("document", id, at)
}

func (x *tx) missing(what, id string, at []string) error {
	if x.promised[id] {
		x.cascade()
		return nil
	}
	near, err := x.nearestIDs(x.ctx, id)
	if err != nil {
		return err
	}
	x.fail(CodeNotFound, at, "no %s has the id %s%s", what, quoted(id), didYouMean(near))
	return nil
}

// nearestIDs are up to three known ids that look like id, sought among those that begin alike.
func (s rows) nearestIDs(ctx context.Context, id string) ([]string, error) {
	const most = 2_000
	r := []rune(id)
	start := string(r[:len(r)/2])
	lo := tableID.key().str(start).stringPrefix()
	var known []string
	for kv, err := range s.r.Scan(ctx, store.Range{Start: lo, End: store.PrefixEnd(lo), Limit: most, KeysOnly: true}) {
		if err != nil {
			return nil, err
		}
		if parts, _, ok := tableID.parse(kv.Key); ok {
			known = append(known, parts[0].text)
		}
	}
	return text.Nearest(id, slices.Values(known), 3), nil
}
