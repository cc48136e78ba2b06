package graph

import (
	"context"

	"chancery/graph/network"
	"chancery/graph/topology"
	"chancery/graph/vocab"
)

// statementsInArrays reads the statements of a query from the topology in memory; false where rows have to be read: for
// a filter about citations, for those for whom actors speak, and for states that the arrays do not show.
func (v *View) statementsInArrays(ctx context.Context, q *statementQuery, c *compiledRelations) ([]network.Statement, bool, error) {
	if c.proofs || q.rollUp || len(c.documents) > 0 {
		return nil, false, nil
	}
	k := v.links(ctx, true)
	if k == nil || !k.DocumentsAt(uint64(v.rev)) {
		return nil, false, nil
	}
	r := &arrayReading{statementReading: statementReading{v: v, q: q, shown: map[uint64]shownEntity{}}, k: k, test: c.test}
	fewest := v.fewest(ctx, c.entities)
	var err error
	switch {
	case fewest == nil:
		err = r.all(ctx)
	case q.actors != nil && k.size(q.actors) <= k.size(fewest):
		err = r.by(ctx, q.actors)
	default:
		err = r.around(ctx, fewest)
	}
	return r.statements, true, err
}

// arrayReading turns relations of the arrays into statements.
type arrayReading struct {
	statementReading
	k      *links
	test   relationTest
	tested candidate // used again for each relation
	looked int
	actor  lastEnd
	target lastEnd
}

// lastEnd is the entity that was resolved last: relations of one lie together.
type lastEnd struct {
	num, shown uint64
	ok         bool
}

func (r *arrayReading) all(ctx context.Context) error {
	r.statements = make([]network.Statement, 0, r.v.commit.counts.relations)
	for rel := uint32(1); rel < r.k.end; rel++ {
		if e := r.k.Edge(rel); e.Stance == topology.NoStance || e.From == 0 { // a number that no relation has
			continue
		}
		if err := r.take(ctx, rel); err != nil {
			return err
		}
	}
	return nil
}

func (r *arrayReading) around(ctx context.Context, entities set) error {
	all := r.k.around(sortedSet(entities))
	r.statements = make([]network.Statement, 0, len(all))
	for _, n := range all {
		// One that an entity only qualifies is among them: filters ask for that as well.
		if rel := n.Relation(); rel < r.k.end && r.k.Edge(rel).Stance != topology.NoStance {
			if err := r.take(ctx, rel); err != nil {
				return err
			}
		}
	}
	return nil
}

// by takes what starts at actors. A relation starts at one entity, so none is met twice, and no order is needed.
func (r *arrayReading) by(ctx context.Context, actors set) error {
	r.statements = make([]network.Statement, 0, r.k.size(actors))
	for _, num := range sortedSet(actors) {
		for list := range r.k.Lists(uint32(num)) {
			for _, n := range list {
				if rel := n.Relation(); n.Out() && rel < r.k.end && r.k.Edge(rel).Stance != topology.NoStance {
					if err := r.take(ctx, rel); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// take adds the statements of one relation.
func (r *arrayReading) take(ctx context.Context, rel uint32) error {
	if r.looked++; r.looked%checkInterval == 0 && ctx.Err() != nil {
		return ctx.Err()
	}
	e := r.k.Edge(rel)
	from, to := uint64(e.From), uint64(e.To)
	if r.k.Dead(rel) || r.q.targets != nil && !r.q.targets.has(to) || r.q.actors != nil && !r.q.actors.has(from) {
		return nil
	}
	if r.test != nil {
		r.tested = candidate{edge: r.k.edgeOf(rel), v: r.v}
		if ok, err := r.test(ctx, &r.tested); !ok || err != nil {
			return err
		}
	}
	actor, ok, err := r.resolve(ctx, &r.actor, from, r.q.actorKinds)
	if !ok || err != nil {
		return err
	}
	target, ok, err := r.resolve(ctx, &r.target, to, r.q.targetKinds)
	if !ok || err != nil {
		return err
	}
	var one [1]uint32
	for _, document := range r.k.Documents(rel, &one) {
		s := network.Statement{Actor: actor, Target: target, Relation: uint64(rel), Document: uint64(document), Stance: e.Stance}
		if err := r.date(ctx, &s, sortDay(e.Day)); err != nil {
			return err
		}
		r.statements = append(r.statements, s)
	}
	return nil
}

// resolve is end, with the answer for the last entity kept.
func (r *arrayReading) resolve(ctx context.Context, last *lastEnd, num uint64, kinds []vocab.Kind) (shown uint64, ok bool, err error) {
	if last.num != num {
		if shown, ok, err = r.end(ctx, num, kinds); err != nil {
			return 0, false, err
		}
		*last = lastEnd{num, shown, ok}
	}
	return last.shown, last.ok, nil
}

// date dates a statement by its relation, else by its document.
func (r *arrayReading) date(ctx context.Context, s *network.Statement, occurred sortDay) error {
	if dateBy(s, occurred) {
		return nil
	}
	source, err := r.v.source(ctx, s.Document)
	if err != nil {
		return err
	}
	dateBy(s, source.day)
	return nil
}
