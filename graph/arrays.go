package graph

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"chancery/graph/topology"
	"chancery/store"
)

// arrays keeps the topology of the newest state that was asked for. It is built when it is first needed, in the
// background, and caught up with the commits since by whoever needs it newer. Rows remain the truth: whoever
// finds no arrays for a revision reads them.
type arrays struct {
	current atomic.Pointer[topology.Arrays]

	mu       sync.Mutex    // of whoever makes newer ones
	building chan struct{} // closed when a build ends; nil when none is under way
	failed   time.Time     // when a build failed last
	done     sync.WaitGroup
}

const (
	// buildPatience is how long a reader waits for arrays that are being built. Those of a small graph are there at
	// once, and a large one is read by rows meanwhile.
	buildPatience = 200 * time.Millisecond
	// catchUpChanges is how many changes a reader of many hops works into the arrays itself, and shortCatchUp how many
	// one of a list, whose rows are near; beyond, it is left to the background.
	catchUpChanges = 20_000
	shortCatchUp   = 500
	buildRetry     = time.Minute
)

// links is the topology as a view shows it: the relations of the arrays below end.
type links struct {
	*topology.Arrays
	end uint32
}

// links are nil where rows have to be read. Who needs many hops asks for them patiently, and may wait a little for
// them to be built.
func (v *View) links(ctx context.Context, patient bool) *links {
	v.mu.Lock()
	known := v.linked
	v.mu.Unlock()
	if known != nil || v.rowsOnly || v.rev == 0 {
		return known
	}
	a := v.g.arrays.upTo(ctx, v, patient)
	if a == nil {
		return nil
	}
	end, ok := a.At(uint64(v.rev))
	if !ok {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.linked = &links{a, end}
	return v.linked
}

// Warm builds in the background what questions over many hops need, so that the first of them need not wait.
func (g *Graph) Warm() {
	g.arrays.mu.Lock()
	defer g.arrays.mu.Unlock()
	g.arrays.begin(g)
}

// TopologyBytes is about how much memory the topology takes; 0 while there is none.
func (g *Graph) TopologyBytes() int64 {
	if a := g.arrays.current.Load(); a != nil {
		return a.Bytes()
	}
	return 0
}

// upTo are arrays that have reached the view's revision; nil when there are none in time. Who is not patient does
// not wait for others that bring them up either.
func (s *arrays) upTo(ctx context.Context, v *View, patient bool) *topology.Arrays {
	if a := s.current.Load(); a != nil && a.Revision() >= uint64(v.rev) {
		return a
	}
	if patient {
		s.mu.Lock()
	} else if !s.mu.TryLock() {
		return nil
	}
	if s.current.Load() == nil {
		building := s.begin(v.g)
		s.mu.Unlock()
		if building == nil || !patient {
			return nil
		}
		select {
		case <-building:
		case <-ctx.Done():
		case <-time.After(buildPatience):
		}
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	a := s.current.Load()
	if a == nil || a.Revision() >= uint64(v.rev) {
		return a
	}
	most := shortCatchUp
	if patient {
		most = catchUpChanges
	}
	err := s.catchUp(ctx, v, most)
	switch {
	case errors.Is(err, errFarBehind):
		s.begin(v.g)
		return nil
	case err != nil:
		return nil // who reads the rows meets what is wrong with them
	}
	return s.current.Load()
}

// begin starts a build or a catching up in the background, and gives the channel that is closed at its end. The lock is held.
func (s *arrays) begin(g *Graph) chan struct{} {
	if s.building != nil {
		return s.building
	}
	if time.Since(s.failed) < buildRetry || g.closing.Err() != nil {
		return nil
	}
	ended := make(chan struct{})
	s.building = ended
	s.done.Go(func() {
		err := s.renew(g.closing, g)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil && g.closing.Err() == nil {
			s.failed = time.Now()
			g.log.Error("the topology cannot be built: rows are read instead", "error", err)
		}
		s.building = nil
		close(ended)
	})
	return ended
}

// renew brings the arrays up to the newest state: by the commits since, or anew where there are too many of them.
func (s *arrays) renew(ctx context.Context, g *Graph) error {
	v, err := g.View(ctx, At{})
	if err != nil {
		return err
	}
	defer v.Release()
	s.mu.Lock()
	if a := s.current.Load(); a != nil && a.Revision() < uint64(v.rev) {
		err = s.catchUp(ctx, v, max(catchUpChanges, v.commit.counts.relations/2))
	}
	behind := s.current.Load() == nil || errors.Is(err, errFarBehind)
	s.mu.Unlock()
	if !behind {
		return err
	}
	a, err := v.buildTopology(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.current.Load(); old == nil || old.Revision() < a.Revision() {
		s.current.Store(a)
	}
	return nil
}

// buildTopology reads every relation's place in the lists of its entities, and every citation.
func (v *View) buildTopology(ctx context.Context) (*topology.Arrays, error) {
	b := topology.NewBuilder(uint64(v.rev), v.commit.counts.relations)
	for r, err := range v.scanPrefix(ctx, tableAdjacency.key().prefix()) {
		if err != nil {
			return nil, err
		}
		parts, ok := tableAdjacency.parseFields(r.key)
		if !ok {
			return nil, damaged("edge row %x", r.key)
		}
		g, err := decodeEdge(r.value, sortDay(parts[1].num), parts[2].num)
		if err != nil {
			return nil, damaged("edge row %x", r.key)
		}
		if parts[2].num > topology.MaxRelation || max(parts[0].num, g.from, g.to) > math.MaxUint32 {
			return nil, fmt.Errorf("the graph has more relations or entities than the topology can hold")
		}
		e := topologyEdge(g)
		part := topology.Part{Entity: uint32(parts[0].num), Out: g.flags&edgeOut != 0, In: g.flags&edgeIn != 0}
		if err := b.Add(part, uint32(g.num), &e, g.dead()); err != nil {
			return nil, err
		}
	}
	for r, err := range v.scanPrefix(ctx, tableCitation.key().prefix()) {
		if err != nil {
			return nil, err
		}
		c, err := decodeBrief(r.value)
		if err != nil {
			return nil, damaged("citation %x", r.key)
		}
		switch num := uint32(relationNumOf(r.key[:9])); {
		case c.retracted:
		case c.verdict == Affirms:
			b.Cite(num, uint32(c.document))
		default:
			b.Deny(num)
		}
	}
	return b.Arrays(), nil
}

// topologyEdge leaves out how an entity takes part and whether the relation is live, which the arrays keep apart.
func topologyEdge(g edge) topology.Edge {
	e := topology.Edge{From: uint32(g.from), To: uint32(g.to), Type: g.typ, Day: uint32(g.occurred), Span: int32(min(g.span, math.MaxInt32)),
		Flags: g.flags &^ (edgeOut | edgeIn | edgeQualifier | edgeDead), Stance: topology.NoStance}
	if g.span > math.MaxInt32 {
		e.Flags |= edgeComplex // its bounds are read from the record
	}
	if g.stance != nil {
		e.Stance = int8(*g.stance)
	}
	return e
}

// around are the relations in which entities take part, read as one; see [topology.Arrays.Adjacent].
func (l *links) around(entities []uint64) []topology.Entry {
	ids := make([]uint32, len(entities))
	for i, num := range entities {
		ids[i] = uint32(num)
	}
	return l.Adjacent(ids...)
}

// size is how many relations entities take part in, those between two of them twice.
func (l *links) size(s set) (n int) {
	for num := range s {
		n += l.Len(uint32(num))
	}
	return n
}

// stanceValues are what edges from the arrays point to.
var stanceValues = [...]int{-2, -1, 0, 1, 2}

// edge is an entry of the arrays as its row has it.
func (l *links) edge(n topology.Entry) edge {
	g := l.edgeOf(n.Relation())
	switch {
	case n.Out():
		g.flags |= edgeOut
		if n.In() {
			g.flags |= edgeIn
		}
	case n.In():
		g.flags |= edgeIn
	default:
		g.flags |= edgeQualifier
	}
	return g
}

// edgeOf is a relation without anybody's part in it.
func (l *links) edgeOf(relation uint32) edge {
	e := l.Edge(relation)
	g := edge{num: uint64(relation), occurred: sortDay(e.Day), flags: e.Flags, typ: e.Type, from: uint64(e.From), to: uint64(e.To), span: int(e.Span)}
	if e.Stance != topology.NoStance {
		g.stance = &stanceValues[e.Stance+2]
	}
	if l.Dead(relation) {
		g.flags |= edgeDead
	}
	return g
}

// errFarBehind says that more changed since the arrays than a reader should wait for.
var errFarBehind = errors.New("graph: the topology is far behind")

// catchUp extends the arrays up to the view's revision. The lock is held.
func (s *arrays) catchUp(ctx context.Context, v *View, most int) error {
	a := s.current.Load()
	var commits []topology.Commit
	var changed []*topology.Change
	lo := tableCommit.key().u64(a.Revision() + 1).row()
	hi := tableCommit.key().u64(uint64(v.rev) + 1).row()
	var relations [][]uint64
	n := 0
	for kv, err := range v.r.Scan(ctx, store.Range{Start: lo, End: hi}) {
		if err != nil {
			return err
		}
		c, err := decodeCommit(kv.Value)
		if err != nil {
			return damaged("commit row %x", kv.Key)
		}
		var nums []uint64
		for _, x := range c.changes {
			if x.kind == changedRelation {
				nums = append(nums, x.num)
			}
		}
		if n += len(nums); n > most {
			return errFarBehind
		}
		relations = append(relations, nums)
		commits = append(commits, topology.Commit{Revision: relationNumOf(kv.Key)})
	}
	if len(commits) == 0 {
		return damaged("no commits between %d and %d", a.Revision(), v.rev)
	}
	for i := range commits {
		commits[i].Changes = make([]topology.Change, len(relations[i]))
		for j, num := range relations[i] {
			if num > topology.MaxRelation {
				return fmt.Errorf("the graph has more relations than the topology can hold")
			}
			commits[i].Changes[j].Relation = uint32(num)
			changed = append(changed, &commits[i].Changes[j])
		}
	}
	const batch = 1_000
	for len(changed) > 0 {
		some := changed[:min(batch, len(changed))]
		if err := v.readChanges(ctx, some); err != nil {
			return err
		}
		changed = changed[len(some):]
	}
	s.current.Store(a.Extend(commits))
	return nil
}

// readChanges reads relations as they are at the view's revision. One that changed several times on the way there
// is read once for each, as it is in the end: arrays speak for an earlier revision only where nothing but new relations came since.
func (v *View) readChanges(ctx context.Context, changes []*topology.Change) error {
	keys := make([][]byte, len(changes))
	for i, c := range changes {
		keys[i] = tableRelation.key().u64(uint64(c.Relation)).row()
	}
	values, err := v.r.BatchGet(ctx, keys)
	if err != nil {
		return err
	}
	records := make([]*relationRecord, len(changes))
	for i, b := range values {
		if b == nil {
			return damaged("relation %d is missing", changes[i].Relation)
		}
		if records[i], err = decodeRelation(b); err != nil {
			return damaged("relation %d", changes[i].Relation)
		}
		keys[i] = tableTime.key().day(sortDayOfText(records[i].occurred)).u64(uint64(changes[i].Relation)).logical()
	}
	edges, _, err := v.latestMany(ctx, keys)
	if err != nil {
		return err
	}
	for i, c := range changes {
		if edges[i] == nil {
			return damaged("relation %d is not listed by time", c.Relation)
		}
		g, err := decodeEdge(edges[i], sortDayOfText(records[i].occurred), uint64(c.Relation))
		if err != nil {
			return damaged("edge of relation %d", c.Relation)
		}
		c.Edge, c.Dead = topologyEdge(g), g.dead()
		for num, part := range records[i].parts() {
			c.Parts = append(c.Parts, topology.Part{Entity: uint32(num), Out: part&edgeOut != 0, In: part&edgeIn != 0})
		}
	}
	return v.readAffirming(ctx, changes, records)
}

// readAffirming reads the documents of the live citations that affirm relations.
func (v *View) readAffirming(ctx context.Context, changes []*topology.Change, records []*relationRecord) error {
	nums := make([]uint64, len(changes))
	for i, c := range changes {
		nums[i] = uint64(c.Relation)
	}
	proofs, err := v.prove(ctx, nums)
	if err != nil {
		return err
	}
	for i, c := range changes {
		if proofs[i] == nil {
			if proofs[i], err = v.manyProofs(ctx, nums[i], records[i].created); err != nil {
				return err
			}
		}
		if proofs[i].live == 0 {
			continue
		}
		for _, ref := range proofs[i].order {
			if ref.verdict == Affirms {
				c.Documents = append(c.Documents, uint32(ref.document))
			} else {
				c.Denied = true
			}
		}
	}
	return nil
}
