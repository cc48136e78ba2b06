package graph

import (
	"cmp"
	"context"
	"math"
	"slices"
)

// Paths finds the best simple paths from any of some entities to any of others. It goes from both sides: what lies
// within reach of either end is found in breadth, and paths are followed only where both reach, so that none is
// begun that cannot end in time. What lies between the ends of a path is an end of none.
func (v *View) Paths(ctx context.Context, in PathsInput) (*PathResult, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	w, err := v.newWalker(ctx, in.Relations, in.Entities)
	if err != nil {
		return nil, err
	}
	w.dated = in.TimeRespecting
	s := &pathSearch{walker: w, in: in, barred: map[uint64]bool{}}
	if err := s.resolve(ctx); err != nil {
		return nil, err
	}
	var found []route
	if in.Weight == WeightSupport {
		found, err = s.bySupport(ctx)
	} else {
		found, err = s.byHops(ctx)
	}
	if err != nil {
		return nil, err
	}
	out := &PathResult{Revision: v.rev, Complete: len(found) <= in.K && len(w.cut) == 0}
	for _, r := range found[:min(in.K, len(found))] {
		p, err := s.path(ctx, r)
		if err != nil {
			return nil, err
		}
		out.Paths = append(out.Paths, p)
	}
	out.Truncation, err = w.truncation(ctx, nil)
	return out, err
}

func (in *PathsInput) check() error {
	for _, c := range []struct {
		name        string
		value, most int
	}{{"k", in.K, MaxPaths}, {"maxLength", in.MaxLength, MaxPathLength}, {"from", len(in.From), MaxPathEnds}, {"to", len(in.To), MaxPathEnds}} {
		switch {
		case c.value >= 1 && c.value <= c.most:
		case c.name == "from" || c.name == "to":
			return badInput("%s names %d entities; name 1 to %d", c.name, c.value, c.most)
		default:
			return badInput("%s is %d; it is 1 to %d", c.name, c.value, c.most)
		}
	}
	if len(in.Through) > in.MaxLength+1 {
		return badInput("through names %d entities and a path of %d steps has %d", len(in.Through), in.MaxLength, in.MaxLength+1)
	}
	if in.AvoidHubsOverDegree != nil && *in.AvoidHubsOverDegree < 0 {
		return badInput("avoidHubsOverDegree is %d; it is 0 or more", *in.AvoidHubsOverDegree)
	}
	return nil
}

// route is the entities of a path that was found, with the cost of it in units of 1/costUnit.
type route struct {
	nodes []uint64
	cost  int64
}

// pathSearch looks for paths on one view.
type pathSearch struct {
	*walker
	in               PathsInput
	sources, targets []uint64 // ascending
	isSource, isEnd  map[uint64]bool
	through          map[uint64]bool
	barred           map[uint64]bool // whether an entity that was looked at may not lie between the ends
	avoid            map[uint64]bool
	front, back      *ball
}

// resolve reads the ids of the input.
func (s *pathSearch) resolve(ctx context.Context) error {
	sets := map[string][]uint64{}
	for _, c := range []struct {
		name string
		ids  []string
	}{{"from", s.in.From}, {"to", s.in.To}, {"through", s.in.Through}, {"avoid", s.in.Avoid}} {
		for _, id := range c.ids {
			e, err := s.v.entitySet(ctx, []string{id}, c.name)
			if err != nil {
				return err
			}
			root, err := s.root(ctx, sortedSet(e)[0])
			if err != nil {
				return err
			}
			sets[c.name] = append(sets[c.name], root)
		}
		slices.Sort(sets[c.name])
		sets[c.name] = slices.Compact(sets[c.name])
	}
	s.sources, s.targets = sets["from"], sets["to"]
	asSet := func(lists ...[]uint64) map[uint64]bool {
		m := map[uint64]bool{}
		for _, n := range slices.Concat(lists...) {
			m[n] = true
		}
		return m
	}
	s.isSource, s.isEnd, s.through, s.avoid = asSet(s.sources), asSet(s.sources, s.targets), asSet(sets["through"]), asSet(sets["avoid"])
	if len(s.sources) == 1 && slices.Equal(s.sources, s.targets) {
		return badInput("from and to name the same entity: a path joins two")
	}
	for name, nums := range map[string][]uint64{"from": s.sources, "to": s.targets, "through": sets["through"]} {
		for _, n := range nums {
			if s.avoid[n] {
				e, err := s.v.entity(ctx, n)
				if err != nil {
					return err
				}
				return badInput("%s is in avoid and in %s: leave it out of one", quoted(e.ID), name)
			}
		}
	}
	s.front, s.back = newBall(s.sources), newBall(s.targets)
	return nil
}

// bars tells whether an entity may not lie between the ends.
func (s *pathSearch) bars(ctx context.Context, num uint64) (bool, error) {
	if s.isEnd[num] || s.avoid[num] {
		return true, nil
	}
	if s.test == nil && s.in.AvoidHubsOverDegree == nil {
		return false, nil
	}
	bad, known := s.barred[num]
	if known {
		return bad, nil
	}
	ok, err := s.passes(ctx, num)
	if err != nil {
		return false, err
	}
	if ok && s.in.AvoidHubsOverDegree != nil {
		degree, err := s.v.degree(ctx, num)
		if err != nil {
			return false, err
		}
		ok = degree <= *s.in.AvoidHubsOverDegree
	}
	s.barred[num] = !ok
	return !ok, nil
}

// ball is what lies within some hops of entities.
type ball struct {
	hops     []uint8  // by number, one higher; 0: not within the radius
	frontier []uint64 // what is exactly at the radius
	radius   int
}

func newBall(centre []uint64) *ball {
	b := &ball{}
	for _, n := range centre {
		b.set(n, 0)
	}
	b.frontier = slices.Clone(centre)
	return b
}

func (b *ball) set(num uint64, hops int) {
	if num >= uint64(len(b.hops)) {
		b.hops = slices.Grow(b.hops, int(num)+1-len(b.hops))[:num+1]
	}
	b.hops[num] = uint8(hops + 1)
}

// unreached is further than any entity within reach.
const unreached = math.MaxUint8

// at is how far an entity is; unreached beyond the radius.
func (b *ball) at(num uint64) int {
	if num < uint64(len(b.hops)) && b.hops[num] > 0 {
		return int(b.hops[num]) - 1
	}
	return unreached
}

// grow extends a ball by one hop, over relations in a direction as seen from within. Only entities that enter says
// yes to are entered, and those that bar a path are not gone beyond.
func (s *pathSearch) grow(ctx context.Context, b *ball, dir Direction, enter func(num uint64) bool) error {
	var next []uint64
	for _, num := range b.frontier {
		if b.radius > 0 {
			if bars, err := s.bars(ctx, num); err != nil {
				return err
			} else if bars {
				continue
			}
		}
		all, err := s.around(ctx, num, dir, func(h hop) (bool, error) {
			if s.dated && h.day == undated || b.at(h.to) != unreached || enter != nil && !enter(h.to) {
				return true, nil
			}
			b.set(h.to, b.radius+1)
			next = append(next, h.to)
			return true, nil
		})
		if err != nil {
			return err
		}
		if !all {
			s.frontier[num] = true
		}
	}
	b.frontier, b.radius = next, b.radius+1
	return nil
}

// meet grows the balls, the one with the smaller frontier first, until they span a length.
func (s *pathSearch) meet(ctx context.Context, length int) error {
	for s.front.radius+s.back.radius < length && len(s.front.frontier) > 0 && len(s.back.frontier) > 0 && len(s.cut) == 0 {
		var err error
		if len(s.front.frontier) <= len(s.back.frontier) {
			err = s.grow(ctx, s.front, s.in.Direction, nil)
		} else {
			err = s.grow(ctx, s.back, opposite(s.in.Direction), nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// remaining is how many hops each entity is from a target, exact for those that lie on a walk of at most so many hops.
func (s *pathSearch) remaining(ctx context.Context, length int) (*ball, error) {
	if err := s.meet(ctx, length); err != nil {
		return nil, err
	}
	b := &ball{hops: slices.Clone(s.back.hops), frontier: s.back.frontier, radius: s.back.radius}
	for b.radius < length && len(b.frontier) > 0 && len(s.cut) == 0 {
		at := b.radius + 1
		if err := s.grow(ctx, b, opposite(s.in.Direction), func(num uint64) bool { return s.front.at(num)+at <= length }); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// byHops finds one path more than asked for, if there is one, length by length.
func (s *pathSearch) byHops(ctx context.Context) ([]route, error) {
	var found []route
	for length := 1; length <= s.in.MaxLength && len(found) <= s.in.K && len(s.cut) == 0; length++ {
		left, err := s.remaining(ctx, length)
		if err != nil {
			return nil, err
		}
		d := &descent{pathSearch: s, left: left, length: length, found: &found, near: map[uint64][]hop{}}
		for _, source := range s.sources {
			if err := d.from(ctx, []uint64{source}, undated-1); err != nil {
				return nil, err
			}
		}
	}
	return found, nil
}

// descent follows paths of exactly one length, in the order of the numbers of their entities.
type descent struct {
	*pathSearch
	left   *ball
	length int
	found  *[]route
	near   map[uint64][]hop // what was read of counterparts, by entity
	kept   int              // hops in near
}

// from goes on from the last entity of a path. After is the day that the next step may not be earlier than.
func (d *descent) from(ctx context.Context, path []uint64, after sortDay) error {
	steps := len(path) - 1
	at := path[steps]
	if steps == d.length {
		if d.missing(path) == 0 {
			*d.found = append(*d.found, route{slices.Clone(path), int64(steps) * costUnit})
		}
		return nil
	}
	rest := d.length - steps - 1
	if d.left.at(at) > d.length-steps || d.missing(path) > d.length-steps {
		return nil
	}
	hops, err := d.counterparts(ctx, at, after)
	if err != nil {
		return err
	}
	for _, h := range hops {
		if len(*d.found) > d.in.K || len(d.cut) > 0 {
			d.stopped(at)
			return nil
		}
		if d.left.at(h.to) > rest || slices.Contains(path, h.to) {
			continue
		}
		if rest > 0 {
			if bars, err := d.bars(ctx, h.to); err != nil {
				return err
			} else if bars {
				continue
			}
		} else if _, isTarget := slices.BinarySearch(d.targets, h.to); !isTarget {
			continue
		}
		if err := d.from(ctx, append(path, h.to), h.day); err != nil {
			return err
		}
	}
	return nil
}

// stopped notes where a search that a budget ended was.
func (s *pathSearch) stopped(num uint64) {
	if len(s.cut) > 0 {
		s.frontier[num] = true
	}
}

// missing is how many entities that a path must go through are not on it.
func (s *pathSearch) missing(path []uint64) int {
	n := len(s.through)
	if n > 0 {
		for _, num := range path {
			if s.through[num] {
				n--
			}
		}
	}
	return n
}

// keptHops is how many counterparts a search remembers, in all.
const keptHops = 2_000_000

// counterparts are the entities one hop on, by number, each with the earliest day of a relation that is not earlier than after.
func (d *descent) counterparts(ctx context.Context, num uint64, after sortDay) ([]hop, error) {
	if hops, ok := d.near[num]; ok && !d.dated {
		return hops, nil
	}
	hops, err := d.step(ctx, num, d.in.Direction, after)
	if err != nil {
		return nil, err
	}
	if !d.dated && d.kept+len(hops) <= keptHops {
		d.near[num] = hops
		d.kept += len(hops)
	}
	return hops, nil
}

// step reads the counterparts of an entity.
func (s *pathSearch) step(ctx context.Context, num uint64, dir Direction, after sortDay) ([]hop, error) {
	place := map[uint64]int{}
	var hops []hop
	all, err := s.around(ctx, num, dir, func(h hop) (bool, error) {
		if h.to == num || s.dated && (h.day == undated || h.day > after) {
			return true, nil
		}
		if i, ok := place[h.to]; ok {
			hops[i].day = max(hops[i].day, h.day)
			return true, nil
		}
		place[h.to] = len(hops)
		hops = append(hops, h)
		return true, nil
	})
	if !all {
		s.frontier[num] = true
	}
	slices.SortFunc(hops, func(a, b hop) int { return cmp.Compare(a.to, b.to) })
	return hops, err
}
