package graph

import (
	"context"
	"slices"
	"sync"
)

// siblingsAtOnce is how many relations of a page read what belongs to them together.
const siblingsAtOnce = 256

// siblings are relations that were loaded together. What one of them is asked
// for, its siblings are most likely asked for as well, so the first question
// reads the answers of all in one round trip and leaves them in the view.
//
// Reading ahead never fails: what could not be read is read again for the one
// relation that needs it, and the failure is reported there.
type siblings struct {
	v                      *View
	relations              []*Relation
	from, to, parts        ahead // entities at the ends and in qualifiers
	proofs                 ahead // the relations' own numbers
	created                ahead // revisions
	documents, people, via ahead // of citations that were read

	mu        sync.Mutex
	changed   map[uint64]Revision // by relation; nil until asked for
	depth     int                 // so many citations of each relation were read
	citations map[citationAt]*citationRecord
}

// citationAt names a citation among siblings.
type citationAt struct {
	relation uint64
	mark     [8]byte
}

// ahead is what to read with the first question for any of it.
type ahead struct {
	mu   sync.Mutex
	nums []uint64
}

func (a *ahead) add(nums ...uint64) {
	a.mu.Lock()
	a.nums = append(a.nums, nums...)
	a.mu.Unlock()
}

// load reads what has not been read. Whoever asks meanwhile waits.
func (a *ahead) load(ctx context.Context, read func(context.Context, []uint64) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if nums := a.nums; len(nums) > 0 && ctx.Err() == nil {
		a.nums = nil
		_ = read(ctx, nums) // see siblings
	}
}

// newSiblings groups relations that nobody else has seen yet.
func newSiblings(v *View, relations []*Relation) {
	for part := range slices.Chunk(relations, siblingsAtOnce) {
		if len(part) > 1 {
			group(v, part)
		}
	}
}

func group(v *View, relations []*Relation) {
	s := &siblings{v: v, relations: relations}
	for _, r := range relations {
		r.siblings = s
		s.from.nums = append(s.from.nums, r.from)
		s.to.nums = append(s.to.nums, r.to)
		s.proofs.nums = append(s.proofs.nums, r.num)
		s.created.nums = append(s.created.nums, uint64(r.created))
		for _, q := range r.Qualifiers {
			if q.entity != 0 {
				s.parts.nums = append(s.parts.nums, q.entity)
			}
		}
		for i := range r.Qualifiers {
			r.Qualifiers[i].siblings = s
		}
	}
}

// The following do nothing for a relation that was loaded alone.

func (s *siblings) readFrom(ctx context.Context) {
	if s != nil {
		s.from.load(ctx, s.v.readCounterparts)
	}
}

func (s *siblings) readTo(ctx context.Context) {
	if s != nil {
		s.to.load(ctx, s.v.readCounterparts)
	}
}

func (s *siblings) readParts(ctx context.Context) {
	if s != nil {
		s.parts.load(ctx, s.v.readCounterparts)
	}
}

func (s *siblings) readDocuments(ctx context.Context) {
	if s != nil {
		s.documents.load(ctx, s.v.readDocuments)
	}
}

func (s *siblings) readSpeakers(ctx context.Context) {
	if s != nil {
		s.people.load(ctx, s.v.readCounterparts)
	}
}

func (s *siblings) readVia(ctx context.Context) {
	if s != nil {
		s.via.load(ctx, s.v.readCounterparts)
	}
}

func (s *siblings) readCreated(ctx context.Context) {
	if s != nil {
		s.created.load(ctx, s.v.readCommits)
	}
}

func (s *siblings) readProofs(ctx context.Context) {
	if s != nil {
		s.proofs.load(ctx, s.v.readProofs)
	}
}

// changedAt is the revision that last changed the citations of a relation; ok is false where it has to be read.
func (s *siblings) changedAt(ctx context.Context, r *Relation) (rev Revision, ok bool) {
	if s == nil {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.changed == nil && ctx.Err() == nil {
		s.changed = map[uint64]Revision{}
		logicals := make([][]byte, len(s.relations))
		for i, r := range s.relations {
			logicals[i] = tableRelationHead.key().u64(r.num).logical()
		}
		if values, wrote, err := s.v.latestMany(ctx, logicals); err == nil {
			for i, r := range s.relations {
				if s.changed[r.num] = r.created; values[i] != nil {
					s.changed[r.num] = wrote[i]
				}
				s.created.add(uint64(s.changed[r.num]))
			}
		}
	}
	rev, ok = s.changed[r.num]
	return rev, ok
}

// citation is one of the first so many citations of a relation, read with those of its siblings; nil where it has to be read.
func (s *siblings) citation(ctx context.Context, at citationAt, first int) *citationRecord {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first > s.depth && ctx.Err() == nil {
		s.readCitations(ctx, first)
	}
	return s.citations[at]
}

// readCitations reads the citations of all siblings up to a depth. Only those whose evidence the view holds have some to read.
func (s *siblings) readCitations(ctx context.Context, depth int) {
	var wanted []citationAt
	s.v.mu.Lock()
	for _, r := range s.relations {
		if e := s.v.proofs[r.num]; e != nil {
			for i := s.depth; i < min(depth, len(e.order)); i++ {
				wanted = append(wanted, citationAt{r.num, e.order[i].mark})
			}
		}
	}
	s.v.mu.Unlock()
	s.depth = depth
	records, err := s.v.citationRows(ctx, wanted)
	if err != nil {
		return // see siblings
	}
	var revisions []uint64
	if s.citations == nil {
		s.citations = make(map[citationAt]*citationRecord, len(records))
	}
	for i, c := range records {
		s.citations[wanted[i]] = c
		s.documents.add(c.document)
		if c.speaker != 0 {
			s.people.add(c.speaker)
		}
		s.via.add(c.via...)
		revisions = append(revisions, uint64(c.recorded))
	}
	_ = s.v.readCommits(ctx, revisions) // see siblings
}
