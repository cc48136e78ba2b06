package differential

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"chancery/graph"
	"chancery/graph/edtf"
)

// counterparts are what a survivor is tied to, with the newest relations first.
func (s *state) counterparts(a *actor, in *graph.NeighborhoodInput, passes func(*actor) bool) (out []*actor) {
	met := map[*actor]bool{a: true}
	for _, x := range s.of(a, in.Relations, in.Direction) {
		if other := s.other(a, x); !met[other] {
			met[other] = true
			if passes(other) {
				out = append(out, other)
			}
		}
	}
	return out
}

// hood is a neighbourhood while it is collected.
type hood struct {
	*state
	in              *graph.NeighborhoodInput
	nodes           []*actor
	depth           map[*actor]int
	found, followed map[[2]*actor]bool
	cut             map[*actor]bool
	reasons         map[graph.TruncationReason]bool
}

func ordered(a, b *actor) [2]*actor {
	if b.number < a.number {
		a, b = b, a
	}
	return [2]*actor{a, b}
}

func (s *state) neighborhood(in graph.NeighborhoodInput) []string {
	h := &hood{state: s, in: &in, depth: map[*actor]int{}, found: map[[2]*actor]bool{}, followed: map[[2]*actor]bool{}, cut: map[*actor]bool{}, reasons: map[graph.TruncationReason]bool{}}
	for _, id := range in.Seeds {
		if a := s.shown(s.actorOf[id]); !slices.Contains(h.nodes, a) {
			h.nodes = append(h.nodes, a)
			h.depth[a] = 0
		}
	}
	seeds := slices.Clone(h.nodes)
	passes := func(a *actor) bool { return slices.Contains(seeds, a) || s.meets(in.Entities, a) }
	beyond := map[*actor][]*actor{}
	for i := 0; i < len(h.nodes) && h.depth[h.nodes[i]] < in.Depth; i++ {
		at := h.nodes[i]
		list := s.counterparts(at, &in, passes)
		room := min(len(list), in.PerNode)
		beyond[at] = list[room:]
		for _, to := range list[:room] {
			if _, ok := h.depth[to]; !ok {
				if len(h.nodes) == in.MaxNodes {
					h.leave(graph.NodeLimit, at)
					continue
				}
				h.depth[to] = h.depth[at] + 1
				h.nodes = append(h.nodes, to)
				h.found[ordered(at, to)] = true
			}
			h.followed[ordered(at, to)] = true
		}
	}
	for at, list := range beyond {
		for _, to := range list {
			if _, ok := h.depth[to]; !ok {
				h.leave(graph.PerNodeLimit, at)
			}
		}
	}
	relations := numbers(h.relations())
	var out []string
	for _, a := range h.nodes {
		out = append(out, fmt.Sprint(a.ID, " at ", h.depth[a]))
	}
	return append(append(out, relations...), h.truncation()...)
}

func (h *hood) leave(why graph.TruncationReason, at *actor) { h.cut[at], h.reasons[why] = true, true }

// relations are those among what was collected, as many as are asked for.
func (h *hood) relations() []*fact {
	var all []*fact
	for _, x := range h.newest {
		from, to := h.from(x), h.to(x)
		_, okFrom := h.depth[from]
		_, okTo := h.depth[to]
		if !okFrom || !okTo || len(h.keep([]*fact{x}, h.in.Relations)) == 0 {
			continue
		}
		over := func(end *actor) bool {
			return h.depth[end] < h.in.Depth && h.stands(end, x, h.in.Direction) && (from == to || h.followed[ordered(from, to)])
		}
		if h.in.Induced || over(from) || over(to) {
			all = append(all, x)
		}
	}
	if len(all) <= h.in.MaxRelations {
		return all
	}
	rank := map[*fact]int{}
	met := map[[2]*actor]bool{}
	for _, x := range all {
		pair := ordered(h.from(x), h.to(x))
		switch {
		case met[pair]:
			rank[x] = 2
		case !h.found[pair]:
			rank[x] = 1
		}
		met[pair] = true
	}
	slices.SortStableFunc(all, func(a, b *fact) int { return cmp.Compare(rank[a], rank[b]) })
	for _, x := range all[h.in.MaxRelations:] {
		h.leave(graph.RelationLimit, h.from(x))
		h.leave(graph.RelationLimit, h.to(x))
	}
	all = all[:h.in.MaxRelations]
	slices.SortFunc(all, newestFirst)
	return all
}

func (h *hood) truncation() []string {
	if len(h.reasons) == 0 {
		return nil
	}
	var why, frontier []string
	for _, r := range graph.TruncationReasons {
		if h.reasons[r] {
			why = append(why, string(r))
		}
	}
	for _, a := range h.nodes {
		if h.cut[a] {
			frontier = append(frontier, a.ID)
		}
	}
	return []string{fmt.Sprint("cut by ", why, " at ", frontier)}
}

// routes looks for paths.
type routes struct {
	*state
	in    *graph.PathsInput
	steps map[*actor][]*actor // counterparts in the direction asked for, as recorded
	left  map[*actor]int      // steps to the nearest target
	found []route
}

type route struct {
	nodes []*actor
	cost  float64
	text  string
}

// step are the facts that lead from one entity to another.
func (r *routes) step(from, to *actor) (out []*fact) {
	for _, x := range r.of(from, r.in.Relations, r.in.Direction) {
		if r.other(from, x) == to {
			out = append(out, x)
		}
	}
	return out
}

func (r *routes) next(a *actor) []*actor {
	list, known := r.steps[a]
	if !known {
		met := map[*actor]bool{a: true}
		for _, x := range r.of(a, r.in.Relations, r.in.Direction) {
			if other := r.other(a, x); !met[other] {
				met[other] = true
				list = append(list, other)
			}
		}
		slices.SortFunc(list, func(a, b *actor) int { return cmp.Compare(a.number, b.number) })
		r.steps[a] = list
	}
	return list
}

// between tells whether an entity may lie between the ends of a path.
func (r *routes) between(a *actor) bool {
	return !r.is(r.in.From, a) && !r.is(r.in.To, a) && !r.is(r.in.Avoid, a) && r.meets(r.in.Entities, a) &&
		(r.in.AvoidHubsOverDegree == nil || len(r.around(a)) <= *r.in.AvoidHubsOverDegree)
}

// measure finds how far everything is from the targets, against the direction.
func (r *routes) measure() {
	back := map[graph.Direction]graph.Direction{graph.Out: graph.In, graph.In: graph.Out, graph.Both: graph.Both}[r.in.Direction]
	var ring []*actor
	for _, id := range r.in.To {
		if a := r.shown(r.actorOf[id]); !slices.Contains(ring, a) {
			ring = append(ring, a)
			r.left[a] = 0
		}
	}
	for d := 1; d <= r.in.MaxLength && len(ring) > 0; d++ {
		var wider []*actor
		for _, a := range ring {
			if d > 1 && !r.between(a) {
				continue
			}
			for _, x := range r.of(a, r.in.Relations, back) {
				other := r.other(a, x)
				if _, ok := r.left[other]; !ok {
					r.left[other] = d
					wider = append(wider, other)
				}
			}
		}
		ring = wider
	}
}

// visit goes on from the end of a path, which is to have exactly one length. It ends when enough were found.
func (r *routes) visit(path []*actor, length, enough int) {
	at := path[len(path)-1]
	rest := length - (len(path) - 1)
	if rest == 0 {
		if r.is(r.in.To, at) {
			r.take(path)
		}
		return
	}
	for _, to := range r.next(at) {
		if left, ok := r.left[to]; !ok || left > rest-1 || slices.Contains(path, to) || rest > 1 && !r.between(to) {
			continue
		}
		if len(r.found) < enough {
			r.visit(append(slices.Clone(path), to), length, enough)
		}
	}
}

// take writes a path down, unless it lacks what it must go through, or no choice of relations respects time.
func (r *routes) take(path []*actor) {
	for _, id := range r.in.Through {
		if !slices.Contains(path, r.shown(r.actorOf[id])) {
			return
		}
	}
	var steps [][]*fact
	cost, weakest := 0.0, math.MaxInt
	for i, from := range path[:len(path)-1] {
		step := r.step(from, path[i+1])
		best := 0
		for _, x := range step {
			best = max(best, r.support(x).IndependentSources)
		}
		weakest = min(weakest, best)
		if r.in.Weight == graph.WeightSupport {
			cost += 1 / float64(1+best)
		} else {
			cost++
		}
		steps = append(steps, step)
	}
	if r.in.TimeRespecting && !inTime(steps) {
		return
	}
	text := fmt.Sprintf("%d steps, cost %.6f, weakest %d:", len(steps), cost, weakest)
	for i, step := range steps {
		forward := slices.ContainsFunc(step, func(x *fact) bool { return x.typ.Symmetric || r.from(x) == path[i] })
		text += fmt.Sprint(" ", path[i].ID, " ", numbers(step), " reversed ", !forward)
	}
	r.found = append(r.found, route{slices.Clone(path), cost, text + " " + path[len(path)-1].ID})
}

// inTime keeps of each step what can be chosen so that no step is earlier than the one before it, and tells
// whether anything can.
func inTime(steps [][]*fact) bool {
	earliest := openStart
	for i, step := range steps {
		step = slices.DeleteFunc(slices.Clone(step), func(x *fact) bool { return x.day < earliest })
		if len(step) == 0 {
			return false
		}
		earliest = step[len(step)-1].day
		steps[i] = step
	}
	latest := edtf.Day(math.MaxInt64)
	for i, step := range slices.Backward(steps) {
		steps[i] = slices.DeleteFunc(step, func(x *fact) bool { return x.day > latest })
		latest = steps[i][0].day
	}
	return true
}

// paths are the best paths, and whether there are no others.
func (s *state) paths(in graph.PathsInput) []string {
	r := &routes{state: s, in: &in, steps: map[*actor][]*actor{}, left: map[*actor]int{}}
	r.measure()
	var sources []*actor
	for _, id := range in.From {
		if a := s.shown(s.actorOf[id]); !slices.Contains(sources, a) {
			sources = append(sources, a)
		}
	}
	slices.SortFunc(sources, func(a, b *actor) int { return cmp.Compare(a.number, b.number) })
	enough := in.K + 1
	if in.Weight == graph.WeightSupport {
		enough = math.MaxInt
	}
	for length := 1; length <= in.MaxLength; length++ {
		for _, a := range sources {
			r.visit([]*actor{a}, length, enough)
		}
	}
	slices.SortStableFunc(r.found, func(a, b route) int {
		if math.Abs(a.cost-b.cost) > 1e-6 {
			return cmp.Compare(a.cost, b.cost)
		}
		return slices.CompareFunc(a.nodes, b.nodes, func(x, y *actor) int { return cmp.Compare(x.number, y.number) })
	})
	out := []string{fmt.Sprint("complete ", len(r.found) <= in.K)}
	for _, x := range r.found[:min(in.K, len(r.found))] {
		out = append(out, x.text)
	}
	return out
}

// contradicts tells whether the ends of paths exclude each other, so that the question is refused.
func (s *state) contradicts(in *graph.PathsInput) bool {
	survivors := func(ids []string) (out []string) {
		for _, id := range ids {
			out = append(out, s.shown(s.actorOf[id]).ID)
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	from, to := survivors(in.From), survivors(in.To)
	avoid := " " + strings.Join(survivors(in.Avoid), " ") + " "
	return len(from) == 1 && slices.Equal(from, to) || slices.ContainsFunc(slices.Concat(from, to, survivors(in.Through)), func(id string) bool { return strings.Contains(avoid, " "+id+" ") })
}
