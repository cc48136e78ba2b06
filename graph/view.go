package graph

import (
	"context"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"chancery/store"
)

// View is the graph at one revision. It is safe for use by several goroutines;
// what it returns stays readable until it is released.
type View struct {
	rows
	g        *Graph
	snapshot store.Snapshot
	newest   Revision // the newest revision of the snapshot
	pinned   bool     // the revision was asked for, so a cursor of another does not belong to it
	commit   commitRecord
	lenient  bool // ids that the revision does not know match nothing, instead of being mistakes

	mu        sync.Mutex
	entities  map[uint64]*Entity
	roots     map[uint64]uint64 // survivors of merges
	documents map[uint64]*Document
	proofs    map[uint64]*evidence
	commits   map[Revision]*commitRecord
	types     *vocabulary
	children  map[Revision]*View
	linked    *links
	rowsOnly  bool // read rows where the topology would do
}

// keptNodes is how many entities, documents, survivors and commits a view keeps decoded, of each.
const keptNodes = 32_768

// Revision is the revision that the view shows.
func (v *View) Revision() Revision { return v.rev }

// OldestRevision is the oldest one that can be asked for. History is kept for good.
func (v *View) OldestRevision() Revision { return 0 }

// Release frees the snapshot. Objects of the view must not be read afterwards.
func (v *View) Release() { v.snapshot.Release() }

// At is a view of another revision on the same snapshot, released with this one.
func (v *View) At(ctx context.Context, rev Revision) (*View, error) {
	if rev > v.newest {
		return nil, badInput("revision %d does not exist; the newest is %d", rev, v.newest)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.snapshot != nil && v.types != nil && v.rev == rev {
		return v, nil
	}
	if c := v.children[rev]; c != nil {
		return c, nil
	}
	w, err := v.child(ctx, rev)
	if err != nil {
		return nil, err
	}
	if v.children != nil {
		v.children[rev] = w
	}
	return w, nil
}

// child is a view of another revision that v does not keep.
func (v *View) child(ctx context.Context, rev Revision) (*View, error) {
	w := &View{
		rows: rows{r: v.snapshot, rev: rev}, g: v.g, snapshot: v.snapshot, newest: v.newest, pinned: v.pinned, rowsOnly: v.rowsOnly,
		entities: map[uint64]*Entity{}, roots: map[uint64]uint64{}, documents: map[uint64]*Document{},
		proofs: map[uint64]*evidence{}, commits: map[Revision]*commitRecord{}, children: map[Revision]*View{},
	}
	if rev > 0 {
		c, err := commitHeadAt(ctx, w.rows, rev)
		if err != nil {
			return nil, err
		}
		w.commit = *c
	}
	var err error
	if w.types, err = v.g.vocabularyAt(ctx, w.rows, w.commit.vocabulary); err != nil {
		return nil, err
	}
	return w, nil
}

// commitOf reads a commit without its list of changes, once a view.
func (v *View) commitOf(ctx context.Context, rev Revision) (*commitRecord, error) {
	v.mu.Lock()
	c := v.commits[rev]
	v.mu.Unlock()
	if c != nil {
		return c, nil
	}
	c, err := commitHeadAt(ctx, v.rows, rev)
	if err != nil {
		return nil, err
	}
	return keep(v, v.commits, keptNodes, rev, c), nil
}

func (v *View) timeOf(ctx context.Context, rev Revision) (time.Time, error) {
	c, err := v.commitOf(ctx, rev)
	if err != nil {
		return time.Time{}, err
	}
	return time.Unix(0, c.at).UTC(), nil
}

// Counts are the sizes of the live graph at the view's revision. A merged entity counts as part of its survivor.
type Counts struct{ Entities, Documents, Relations, Citations int }

// Counts reads them in constant time.
func (v *View) Counts(context.Context) (Counts, error) {
	c := v.commit.counts
	return Counts{Entities: c.entities - c.merges, Documents: c.documents, Relations: c.relations, Citations: c.citations}, nil
}

// lookup finds the node of an id: an exact id, or the entity of an external id written scheme:value. Num is 0 when there is none.
func (s rows) lookup(ctx context.Context, id string) (nodeRef, error) {
	id = norm.NFC.String(id)
	if id == "" {
		return nodeRef{}, nil
	}
	n, err := s.nodeByID(ctx, id)
	if err != nil || n.num != 0 {
		return n, err
	}
	scheme, value, ok := strings.Cut(id, ":")
	if !ok || scheme == "" || value == "" {
		return nodeRef{}, nil
	}
	nums, err := s.entitiesByExternal(ctx, scheme, value)
	if err != nil || len(nums) == 0 {
		return nodeRef{}, err
	}
	return nodeRef{kind: changedEntity, num: nums[0]}, nil
}

// entitiesByExternal lists the entities that hold an external id, first come first.
func (s rows) entitiesByExternal(ctx context.Context, scheme, value string) ([]uint64, error) {
	if len(scheme) > maxScheme*utf8.UTFMax || len(value) > maxExternal*utf8.UTFMax {
		return nil, nil // longer than any external id, and perhaps than any key
	}
	var nums []uint64
	for r, err := range s.scanPrefix(ctx, tableExternal.key().str(scheme).str(value).prefix()) {
		if err != nil {
			return nil, err
		}
		parts, ok := tableExternal.parseFields(r.key)
		if !ok {
			return nil, damaged("external id row %x", r.key)
		}
		nums = append(nums, parts[2].num)
	}
	return nums, nil
}

// Node finds an entity, relation or document by id. It fails with NotFound.
func (v *View) Node(ctx context.Context, id string) (Node, error) {
	n, err := v.lookup(ctx, id)
	if err != nil {
		return nil, err
	}
	switch {
	case n.num != 0 && n.kind == changedDocument:
		return v.document(ctx, n.num)
	case n.num != 0:
		if e, err := v.entityIfLive(ctx, n.num); err != nil || e != nil {
			return e, err
		}
	}
	if _, ok := parseRelationID(id); ok {
		return v.Relation(ctx, id)
	}
	return nil, notFound("nothing has the id %q", id)
}

// Entity finds an entity by id, external id, or the id of one that was merged into it. It fails with NotFound.
func (v *View) Entity(ctx context.Context, id string) (*Entity, error) {
	n, err := v.lookup(ctx, id)
	if err != nil {
		return nil, err
	}
	if n.num != 0 && n.kind == changedEntity {
		if e, err := v.entityIfLive(ctx, n.num); err != nil || e != nil {
			return e, err
		}
	}
	return nil, notFound("no entity has the id %q", id)
}

func (v *View) entityIfLive(ctx context.Context, num uint64) (*Entity, error) {
	e, err := v.entity(ctx, num)
	if err != nil || e.deleted {
		return nil, err
	}
	return e, nil
}

// Document finds a document by id. It fails with NotFound.
func (v *View) Document(ctx context.Context, id string) (*Document, error) {
	n, err := v.nodeByID(ctx, norm.NFC.String(id))
	if err != nil {
		return nil, err
	}
	if n.num == 0 || n.kind != changedDocument {
		return nil, notFound("no document has the id %q", id)
	}
	return v.document(ctx, n.num)
}

// Relation finds a relation by id. It fails with NotFound.
func (v *View) Relation(ctx context.Context, id string) (*Relation, error) {
	if hash, ok := parseRelationID(id); ok {
		num, err := v.numberAt(ctx, tableRelationID.key().hash(hash).row())
		if err != nil {
			return nil, err
		}
		if num != 0 {
			return v.relation(ctx, num)
		}
	}
	return nil, notFound("no relation has the id %q", id)
}
