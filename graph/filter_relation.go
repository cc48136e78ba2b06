package graph

import (
	"context"
	"slices"
	"sync"

	"chancery/graph/edtf"
)

// candidate is a relation while a list decides about it. What its edge does not say is read when asked for.
type candidate struct {
	edge
	v      *View
	record *relationRecord
	proof  *evidence
}

func (c *candidate) content(ctx context.Context) (*relationRecord, error) {
	if c.record == nil {
		r, err := c.v.relationRecord(ctx, c.num)
		if err != nil {
			return nil, err
		}
		c.record = r
	}
	return c.record, nil
}

func (c *candidate) evidence(ctx context.Context) (*evidence, error) {
	if c.proof != nil {
		return c.proof, nil
	}
	r, err := c.content(ctx)
	if err != nil {
		return nil, err
	}
	return c.v.evidence(ctx, c.num, r.created)
}

type relationTest func(ctx context.Context, c *candidate) (bool, error)

// compiledRelations is a filter ready to run, with the sets from which a plan is chosen.
type compiledRelations struct {
	test      relationTest // nil: every live relation
	entities  []set        // each must take part in the relation, at an end or as a qualifier
	types     map[uint32]bool
	hasTypes  bool
	documents set
	proofs    bool    // the test reads citations
	words     bool    // it reads what they say, and not only whose they are
	newest    sortDay // no relation begins later; 0 for no bound
}

func (v *View) compileRelations(ctx context.Context, f *RelationFilter) (*compiledRelations, error) {
	c := &compiledRelations{}
	if f == nil {
		return c, nil
	}
	t, err := v.compileRelation(ctx, f, c)
	if err != nil {
		return nil, err
	}
	c.test = t
	c.words = f.asksForWords()
	c.proofs = f.asksForProof(v.sourceLinks(ctx) != nil)
	return c, nil
}

// asksForProof tells whether a filter needs the citations of relations anywhere. Where the topology shows by
// which documents relations are affirmed, most of what can be asked does not.
func (f *RelationFilter) asksForProof(linked bool) bool {
	if f == nil {
		return false
	}
	nested := func(g *RelationFilter) bool { return g.asksForProof(linked) }
	own := f.Status != nil || f.MinIndependentSources != nil || f.Citation != nil
	if linked {
		own = f.Citation != nil && (f.Citation.Speakers != nil || f.Citation.asksForWords())
	}
	return own || slices.ContainsFunc(f.And, nested) || slices.ContainsFunc(f.Or, nested) || f.Not.asksForProof(linked)
}

// asksForWords tells whether a filter needs the records of citations anywhere.
func (f *RelationFilter) asksForWords() bool {
	if f == nil {
		return false
	}
	nested := func(g *RelationFilter) bool { return g.asksForWords() }
	return f.Citation != nil && f.Citation.asksForWords() || slices.ContainsFunc(f.And, nested) || slices.ContainsFunc(f.Or, nested) || f.Not.asksForWords()
}

// asksForRetracted tells whether a filter names the status of withdrawn relations anywhere.
func (f *RelationFilter) asksForRetracted() bool {
	if f == nil {
		return false
	}
	nested := func(g *RelationFilter) bool { return g.asksForRetracted() }
	return slices.Contains(f.Status, StatusRetracted) || slices.ContainsFunc(f.And, nested) || slices.ContainsFunc(f.Or, nested) || f.Not.asksForRetracted()
}

// compileRelation compiles one level; plan collects what its own fields restrict, nil below or and not.
func (v *View) compileRelation(ctx context.Context, f *RelationFilter, plan *compiledRelations) (relationTest, error) {
	var tests []relationTest
	if f.Types != nil {
		t, err := v.typeTest(f.Types, plan)
		if err != nil {
			return nil, err
		}
		tests = append(tests, t)
	}
	for _, build := range []func(context.Context, *RelationFilter, *compiledRelations) ([]relationTest, error){v.endTests, v.partTests, v.dateTests, v.proofTests} {
		more, err := build(ctx, f, plan)
		if err != nil {
			return nil, err
		}
		tests = append(tests, more...)
	}
	// What and joins restricts the whole, so it may guide the plan as well.
	and, err := compileParts(f.And, nil, nil, func(g *RelationFilter) (relationTest, error) { return v.compileRelation(ctx, g, plan) })
	if err != nil {
		return nil, err
	}
	others, err := compileParts(nil, f.Or, f.Not, func(g *RelationFilter) (relationTest, error) { return v.compileRelation(ctx, g, nil) })
	if err != nil {
		return nil, err
	}
	return allOf(slices.Concat(tests, and, others)), nil
}

func (v *View) typeTest(ids []string, plan *compiledRelations) (relationTest, error) {
	codes := map[uint32]bool{}
	for _, id := range ids {
		if v.types.byID[id] == nil && v.lenient {
			continue
		}
		if v.types.byID[id] == nil {
			return nil, badInput("types: %s", v.types.unknownType(id))
		}
		for _, n := range v.types.withNarrower(id) {
			if code := v.types.byID[n].code; code != 0 {
				codes[code] = true
			}
		}
	}
	if plan != nil && !plan.hasTypes {
		plan.types, plan.hasTypes = codes, true
	}
	return func(_ context.Context, c *candidate) (bool, error) { return codes[c.typ], nil }, nil
}

// ends holds what is asked of from and of to. One orientation of a symmetric relation must meet all of it.
type ends struct {
	from, to       set
	fromIs, toIs   entityTest
	hasFrom, hasTo bool
}

func (v *View) endTests(ctx context.Context, f *RelationFilter, plan *compiledRelations) ([]relationTest, error) {
	var e ends
	var err error
	if f.From != nil {
		if e.from, err = v.entitySet(ctx, f.From, "from"); err != nil {
			return nil, err
		}
		e.hasFrom = true
		plan.restrict(e.from)
	}
	if f.To != nil {
		if e.to, err = v.entitySet(ctx, f.To, "to"); err != nil {
			return nil, err
		}
		e.hasTo = true
		plan.restrict(e.to)
	}
	if f.FromMatches != nil {
		if e.fromIs, err = v.compileEntity(ctx, f.FromMatches); err != nil {
			return nil, err
		}
		e.fromIs = e.fromIs.remembered()
	}
	if f.ToMatches != nil {
		if e.toIs, err = v.compileEntity(ctx, f.ToMatches); err != nil {
			return nil, err
		}
		e.toIs = e.toIs.remembered()
	}
	if !e.hasFrom && !e.hasTo && e.fromIs == nil && e.toIs == nil {
		return nil, nil
	}
	return []relationTest{func(ctx context.Context, c *candidate) (bool, error) {
		ok, err := e.hold(ctx, c.v, c.from, c.to)
		if ok || err != nil || c.flags&edgeSymmetric == 0 {
			return ok, err
		}
		return e.hold(ctx, c.v, c.to, c.from)
	}}, nil
}

// remembered is the same test, made once of each entity: what it asks of the relations of one is not asked again for
// each candidate that the entity is an end of.
func (t entityTest) remembered() entityTest {
	var mu sync.Mutex
	known := map[uint64]bool{}
	return func(ctx context.Context, e *Entity) (bool, error) {
		mu.Lock()
		ok, tested := known[e.num]
		mu.Unlock()
		if tested {
			return ok, nil
		}
		ok, err := t(ctx, e)
		if err == nil {
			mu.Lock()
			known[e.num] = ok
			mu.Unlock()
		}
		return ok, err
	}
}

func (e *ends) hold(ctx context.Context, v *View, from, to uint64) (bool, error) {
	if e.hasFrom && !e.from.has(from) || e.hasTo && !e.to.has(to) {
		return false, nil
	}
	for _, end := range []struct {
		is  entityTest
		num uint64
	}{{e.fromIs, from}, {e.toIs, to}} {
		if end.is == nil {
			continue
		}
		x, err := v.entity(ctx, end.num)
		if err != nil {
			return false, err
		}
		if ok, err := end.is(ctx, x); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// restrict notes that one of these entities takes part in every relation of the list.
func (p *compiledRelations) restrict(s set) {
	if p != nil {
		p.entities = append(p.entities, s)
	}
}

// partTests are involves, involvesAll and qualifier.
func (v *View) partTests(ctx context.Context, f *RelationFilter, plan *compiledRelations) ([]relationTest, error) {
	var tests []relationTest
	if f.Involves != nil {
		s, err := v.entitySet(ctx, f.Involves, "involves")
		if err != nil {
			return nil, err
		}
		plan.restrict(s)
		tests = append(tests, takesPart(s))
	}
	for _, id := range f.InvolvesAll {
		s, err := v.entitySet(ctx, []string{id}, "involvesAll")
		if err != nil {
			return nil, err
		}
		plan.restrict(s)
		tests = append(tests, takesPart(s))
	}
	if f.Qualifier == nil {
		return tests, nil
	}
	var fillers set
	if f.Qualifier.Entity != nil {
		var err error
		if fillers, err = v.entitySet(ctx, f.Qualifier.Entity, "qualifier.entity"); err != nil {
			return nil, err
		}
		plan.restrict(fillers)
	}
	role := f.Qualifier.Role
	return append(tests, func(ctx context.Context, c *candidate) (bool, error) {
		r, err := c.content(ctx)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(r.qualifiers, func(q qualifierRecord) bool {
			return (role == nil || q.role == *role) && (fillers == nil || fillers.has(q.entity))
		}), nil
	}), nil
}

func takesPart(s set) relationTest {
	return func(ctx context.Context, c *candidate) (bool, error) {
		if s.has(c.from) || s.has(c.to) {
			return true, nil
		}
		r, err := c.content(ctx)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(r.qualifiers, func(q qualifierRecord) bool { return s.has(q.entity) }), nil
	}
}

// dateTests are occurred and stance.
func (v *View) dateTests(_ context.Context, f *RelationFilter, plan *compiledRelations) ([]relationTest, error) {
	var tests []relationTest
	if f.Stance != nil {
		tests = append(tests, func(_ context.Context, c *candidate) (bool, error) {
			return c.stance != nil && f.Stance.has(*c.stance), nil
		})
	}
	when, err := f.Occurred.test("occurred")
	if err != nil || when == nil {
		return tests, err
	}
	if plan != nil && when.days.HasTo {
		// What begins on or after the end of the range is not in it, whatever else is known of it.
		plan.newest = max(plan.newest, sortDayOf(when.days.To-1))
	}
	return append(tests, func(ctx context.Context, c *candidate) (bool, error) {
		if c.occurred == undated {
			return false, nil
		}
		if c.flags&edgeComplex == 0 {
			first, _ := c.occurred.day()
			return when.span(first, first+edtf.Day(c.span)), nil
		}
		r, err := c.content(ctx)
		if err != nil {
			return false, err
		}
		return when.text(r.occurred), nil
	}), nil
}

// proofTests are status, minIndependentSources and citation.
func (v *View) proofTests(ctx context.Context, f *RelationFilter, plan *compiledRelations) ([]relationTest, error) {
	var tests []relationTest
	k := v.sourceLinks(ctx)
	if f.Status != nil {
		tests = append(tests, func(ctx context.Context, c *candidate) (bool, error) {
			status, err := c.status(ctx, k)
			return slices.Contains(f.Status, status), err
		})
	}
	if f.MinIndependentSources != nil {
		tests = append(tests, func(ctx context.Context, c *candidate) (bool, error) {
			n, err := c.independentSources(ctx, k)
			return n >= *f.MinIndependentSources, err
		})
	}
	if f.Citation == nil {
		return tests, nil
	}
	cited, err := v.compileCitation(ctx, f.Citation)
	if err != nil {
		return nil, err
	}
	if f.Citation.Documents != nil && plan != nil && plan.documents == nil {
		if plan.documents, err = v.documentSet(ctx, f.Citation.Documents, "citation.documents"); err != nil {
			return nil, err
		}
	}
	return append(tests, func(ctx context.Context, c *candidate) (bool, error) {
		var one [1]uint32
		if documents, ok := c.affirmedBy(k, &one); ok && f.Citation.Speakers == nil && !f.Citation.asksForWords() {
			return cited.any(ctx, c.v, documents)
		}
		return c.cites(ctx, cited)
	}), nil
}
