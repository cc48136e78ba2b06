package graph

import (
	"bytes"
	"context"
	"encoding/binary"
	"iter"
	"slices"
	"sort"

	"chancery/store"
)

// candidates walks what the list is drawn from and keeps what meets the test: by
// occurrence, newest first, or, for documents, by number.
func (l *listing) candidates(ctx context.Context) (walk[*candidate], error) {
	switch {
	case l.entities != nil:
		if k := l.v.links(ctx, false); k != nil {
			return l.adjacent(k), nil
		}
		var walks []walk[*candidate]
		for _, num := range sortedSet(l.entities) {
			walks = append(walks, l.edges(tableAdjacency.key().u64(num).prefix()))
		}
		return joined(walks), nil
	case l.document != nil:
		var walks []walk[*candidate]
		for _, num := range sortedSet(l.document) {
			walks = append(walks, l.cited(num))
		}
		return joined(walks), nil
	case l.types != nil:
		var walks []walk[*candidate]
		for _, code := range l.types {
			walks = append(walks, l.edges(tableByType.key().u32(code).prefix()))
		}
		return joined(walks), nil
	}
	return l.edges(tableTime.key().prefix()), nil
}

func joined(walks []walk[*candidate]) walk[*candidate] {
	if len(walks) == 0 {
		return func(context.Context, []byte, []byte, bool) iter.Seq2[keyed[*candidate], error] {
			return func(func(keyed[*candidate], error) bool) {}
		}
	}
	return merged(walks)
}

func sortedSet(s set) []uint64 {
	out := make([]uint64, 0, len(s))
	for n := range s {
		out = append(out, n)
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

func (l *listing) rows() rows {
	if l.reader != nil {
		return rows{r: l.reader, rev: l.v.rev}
	}
	return l.v.rows
}

// edges walks edge rows under a prefix. The key of an item is what follows the prefix: the day and the number.
func (l *listing) edges(prefix []byte) walk[*candidate] {
	return l.kept(func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		lo, hi := bounds(prefix, after, before)
		if from := binary.BigEndian.AppendUint32(slices.Clone(prefix), uint32(l.newest)); l.newest > 0 && bytes.Compare(from, lo) > 0 {
			lo = from
		}
		return func(yield func(keyed[*candidate], error) bool) {
			for r, err := range l.rows().scan(ctx, lo, hi, reverse) {
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				key := r.key[len(prefix):]
				if len(key) != 12 {
					yield(keyed[*candidate]{}, damaged("edge row %x", r.key))
					return
				}
				g, err := decodeEdge(r.value, sortDay(binary.BigEndian.Uint32(key)), relationNumOf(key))
				if err != nil {
					yield(keyed[*candidate]{}, damaged("edge row %x", r.key))
					return
				}
				if !yield(keyed[*candidate]{key, &candidate{edge: g, v: l.v}}, nil) {
					return
				}
			}
		}
	})
}

// Chunks in which candidates are read together begin small, for lists of which only a page is wanted.
const (
	firstChunk = 32
	lastChunk  = 1_024
)

// kept walks those candidates of a walk that belong to the list. Where the test reads citations, those of a chunk are read in one round trip.
func (l *listing) kept(all walk[*candidate]) walk[*candidate] {
	return func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		return func(yield func(keyed[*candidate], error) bool) {
			give := func(k keyed[*candidate]) bool {
				if l.test != nil {
					ok, err := l.test(ctx, k.item)
					if err != nil {
						yield(keyed[*candidate]{}, err)
						return false
					}
					if !ok {
						return true
					}
				}
				return yield(k, nil)
			}
			var chunk []keyed[*candidate]
			size := firstChunk
			flush := func() bool {
				if err := l.v.proveAll(ctx, chunk, l.words); err != nil {
					yield(keyed[*candidate]{}, err)
					return false
				}
				for _, k := range chunk {
					if !give(k) {
						return false
					}
				}
				chunk, size = chunk[:0], min(2*size, lastChunk)
				return true
			}
			for k, err := range all(ctx, after, before, reverse) {
				if err != nil {
					yield(k, err)
					return
				}
				if !l.takes(k.item) {
					continue
				}
				if !l.proofs {
					if !give(k) {
						return
					}
					continue
				}
				if chunk = append(chunk, keyed[*candidate]{bytes.Clone(k.key), k.item}); len(chunk) == size && !flush() {
					return
				}
			}
			flush()
		}
	}
}

// proveAll reads the evidence of a chunk of candidates, except for those with many citations.
func (v *View) proveAll(ctx context.Context, chunk []keyed[*candidate], rows bool) error {
	items := make([]*candidate, len(chunk))
	for i, k := range chunk {
		items[i] = k.item
	}
	return v.proveCandidates(ctx, items, rows)
}

// proveCandidates reads the evidence of candidates that was not read yet, with the rows of citations where they are asked
// for, in one round trip; not that of relations with many citations.
func (v *View) proveCandidates(ctx context.Context, all []*candidate, rows bool) error {
	var missing []*candidate
	var nums []uint64
	for _, c := range all {
		if c.proof == nil {
			missing, nums = append(missing, c), append(nums, c.num)
		}
	}
	proofs, err := v.proveWith(ctx, nums, rows)
	if err != nil {
		return err
	}
	for i, p := range proofs {
		missing[i].proof = p
	}
	return nil
}

// takes tells what the edge alone tells: whether the relation is live, and whether the entity stands at the right end.
func (l *listing) takes(c *candidate) bool {
	if c.dead() && !l.retired || l.edge != nil && !l.edge(c) {
		return false
	}
	return l.part == 0 || c.flags&l.part != 0 || c.flags&edgeSymmetric != 0 && c.flags&(edgeOut|edgeIn) != 0
}

// bounds are the logical keys under a prefix between two others, both left out.
func bounds(prefix, after, before []byte) (lo, hi []byte) {
	lo, hi = prefix, store.PrefixEnd(prefix)
	if after != nil {
		lo = store.PrefixEnd(slices.Concat(prefix, after))
	}
	if before != nil {
		hi = slices.Concat(prefix, before)
	}
	return lo, hi
}

// cited walks the relations with a shown citation of a document, by number.
func (l *listing) cited(doc uint64) walk[*candidate] {
	prefix := tableByDocument.key().u64(doc).prefix()
	read := *l
	read.proofs = false // they are read here
	return read.kept(func(ctx context.Context, after, before []byte, reverse bool) iter.Seq2[keyed[*candidate], error] {
		lo, hi := bounds(prefix, after, before)
		return func(yield func(keyed[*candidate], error) bool) {
			var nums []uint64
			size := firstChunk
			flush := func() bool {
				chunk, err := l.v.citing(ctx, nums, doc)
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return false
				}
				for _, c := range chunk {
					if !yield(keyed[*candidate]{binary.BigEndian.AppendUint64(nil, c.num), c}, nil) {
						return false
					}
				}
				nums, size = nums[:0], min(2*size, lastChunk)
				return true
			}
			for r, err := range l.v.scanPlain(ctx, lo, hi, reverse) {
				if err != nil {
					yield(keyed[*candidate]{}, err)
					return
				}
				num := relationNumOf(r.key[:len(prefix)+8])
				if len(nums) > 0 && nums[len(nums)-1] == num {
					continue
				}
				if nums = append(nums, num); len(nums) > size {
					// The last one may have further rows; it waits for them.
					last := nums[len(nums)-1]
					nums = nums[:len(nums)-1]
					if !flush() {
						return
					}
					nums = append(nums, last)
				}
			}
			flush()
		}
	})
}

// citing reads relations as candidates, without those that at this revision are not there or show no citation of the document.
func (v *View) citing(ctx context.Context, nums []uint64, doc uint64) ([]*candidate, error) {
	keys := make([][]byte, len(nums))
	for i, n := range nums {
		keys[i] = tableRelation.key().u64(n).row()
	}
	records, err := v.r.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	var out []*candidate
	var edges [][]byte
	var there []uint64
	for i, b := range records {
		if b == nil {
			return nil, damaged("relation %d is missing", nums[i])
		}
		r, err := decodeRelation(b)
		if err != nil {
			return nil, damaged("relation %d", nums[i])
		}
		if r.created > v.rev {
			continue
		}
		day := sortDayOfText(r.occurred)
		out = append(out, &candidate{edge: edge{num: nums[i], occurred: day}, v: v, record: r})
		edges = append(edges, tableTime.key().day(day).u64(nums[i]).logical())
		there = append(there, nums[i])
	}
	values, _, err := v.latestMany(ctx, edges)
	if err != nil {
		return nil, err
	}
	proofs, err := v.prove(ctx, there)
	if err != nil {
		return nil, err
	}
	cites := &citationTest{sources: set{doc: {}}}
	shown := out[:0]
	for i, c := range out {
		if values[i] == nil {
			return nil, damaged("relation %d is not listed by time", c.num)
		}
		if c.edge, err = decodeEdge(values[i], c.occurred, c.num); err != nil {
			return nil, damaged("edge of relation %d", c.num)
		}
		c.proof = proofs[i]
		ok, err := c.cites(ctx, cites)
		if err != nil {
			return nil, err
		}
		if ok {
			shown = append(shown, c)
		}
	}
	return shown, nil
}
