package graph

import (
	"context"
	"slices"

	"chancery/graph/network"
	"chancery/graph/vocab"
)

// onBehalfOf is the role of those for whom an actor speaks.
const onBehalfOf = "on-behalf-of"

// statementQuery says which statements a network counts.
type statementQuery struct {
	filter                  *RelationFilter
	actors, targets         set // with all that was merged with them; nil for any
	actorKinds, targetKinds []vocab.Kind
	rollUp                  bool
}

func (v *View) statementQuery(ctx context.Context, in NetworkInput) (*statementQuery, error) {
	q := &statementQuery{filter: in.Filter, rollUp: in.RollUp}
	var err error
	if in.Actors != nil {
		if q.actors, err = v.entitySet(ctx, in.Actors, "actors"); err != nil {
			return nil, err
		}
	}
	if in.Targets != nil {
		if q.targets, err = v.entitySet(ctx, in.Targets, "targets"); err != nil {
			return nil, err
		}
	}
	if in.Mode != network.TargetMode {
		q.actorKinds = in.Kinds
	}
	if in.Mode != network.ActorMode {
		q.targetKinds = in.Kinds
	}
	return q, nil
}

// statements reads the statements of a query, in no certain order: each live affirming citation of a
// live relation with a stance is one for each of its actors. Actors and targets are the entities shown after merges.
func (v *View) statements(ctx context.Context, q *statementQuery) ([]network.Statement, error) {
	c, err := v.compileRelations(ctx, q.filter)
	if err != nil {
		return nil, err
	}
	for _, s := range []set{q.actors, q.targets} {
		if s != nil {
			c.restrict(s)
		}
	}
	if found, ok, err := v.statementsInArrays(ctx, q, c); ok || err != nil {
		return found, err
	}
	l, err := v.plan(ctx, c, q.filter)
	if err != nil {
		return nil, err
	}
	l.retired, l.edge = false, q.edge
	all, err := l.candidates(ctx)
	if err != nil {
		return nil, err
	}
	r := &statementReading{v: v, q: q, shown: map[uint64]shownEntity{}}
	var chunk []*candidate
	for k, err := range all(ctx, nil, nil, false) {
		if err != nil {
			return nil, err
		}
		if chunk = append(chunk, k.item); len(chunk) == lastChunk {
			if err := r.read(ctx, chunk); err != nil {
				return nil, err
			}
			chunk = chunk[:0]
		}
	}
	return r.statements, r.read(ctx, chunk)
}

// edge tells what can be told before anything else of a relation is read.
func (q *statementQuery) edge(c *candidate) bool {
	return c.stance != nil && (q.targets == nil || q.targets.has(c.to)) && (q.rollUp || q.actors == nil || q.actors.has(c.from))
}

// statementReading turns relations into statements.
type statementReading struct {
	v          *View
	q          *statementQuery
	shown      map[uint64]shownEntity
	statements []network.Statement
}

// shownEntity is what an entity of a relation is shown as.
type shownEntity struct {
	num  uint64
	kind vocab.Kind
}

// read appends the statements of some relations.
func (r *statementReading) read(ctx context.Context, chunk []*candidate) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := r.v.proveCandidates(ctx, chunk, false); err != nil {
		return err
	}
	if r.q.rollUp {
		if err := r.v.readContents(ctx, chunk); err != nil {
			return err
		}
	}
	for _, c := range chunk {
		target, ok, err := r.end(ctx, c.to, r.q.targetKinds)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		actors, err := r.actors(ctx, c)
		if err != nil {
			return err
		}
		e, err := c.evidence(ctx)
		if err != nil {
			return err
		}
		for _, actor := range actors {
			r.add(c, actor, target, e)
		}
	}
	return nil
}

// add appends the statements of one actor. A statement is dated by its relation, else by its document.
func (r *statementReading) add(c *candidate, actor, target uint64, e *evidence) {
	for _, ref := range e.order {
		if ref.verdict != Affirms {
			continue
		}
		s := network.Statement{Actor: actor, Target: target, Relation: c.num, Document: ref.document, Stance: int8(*c.stance)}
		if !dateBy(&s, c.occurred) {
			dateBy(&s, ref.published)
		}
		r.statements = append(r.statements, s)
	}
}

// dateBy dates a statement, unless the date is none or has no known start.
func dateBy(s *network.Statement, on sortDay) bool {
	day, ok := on.day()
	if ok = ok && on != undated-1; ok {
		s.Day, s.Dated = int32(day), true
	}
	return ok
}

// actors are those for whom the statements of a relation count, each once.
func (r *statementReading) actors(ctx context.Context, c *candidate) ([]uint64, error) {
	named := []uint64{}
	if r.q.rollUp {
		for _, q := range c.record.qualifiers {
			if q.role == onBehalfOf && q.entity != 0 {
				named = append(named, q.entity)
			}
		}
	}
	if len(named) == 0 {
		named = append(named, c.from)
	}
	out := named[:0]
	for _, n := range named {
		if r.q.actors != nil && !r.q.actors.has(n) {
			continue
		}
		actor, ok, err := r.end(ctx, n, r.q.actorKinds)
		if err != nil {
			return nil, err
		}
		if ok && !slices.Contains(out, actor) {
			out = append(out, actor)
		}
	}
	return out, nil
}

// end is the entity that stands at an end of a relation after merges; ok when it is of one of the kinds, or nil is given.
func (r *statementReading) end(ctx context.Context, num uint64, kinds []vocab.Kind) (shown uint64, ok bool, err error) {
	if kinds == nil {
		shown, err = r.v.canonical(ctx, num)
		return shown, err == nil, err
	}
	e, known := r.shown[num]
	if !known {
		if e.num, err = r.v.canonical(ctx, num); err != nil {
			return 0, false, err
		}
	}
	if e.kind == "" {
		entity, err := r.v.entity(ctx, e.num)
		if err != nil {
			return 0, false, err
		}
		e.kind, known = entity.Kind, false
	}
	if !known {
		r.shown[num] = e
	}
	return e.num, slices.Contains(kinds, e.kind), nil
}
