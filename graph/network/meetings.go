package network

import (
	"context"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
)

// matrix is the table as sparse rows and columns. In the actor mode the rows are the chosen actors and the columns all targets; in
// the target mode the other way round.
type matrix struct {
	rows    []node
	byRow   [][]entry // by row
	columns [][]member
	options Options
	pairs   pairs
}

// entry is a cell of a row.
type entry struct {
	column uint32
	place  uint32 // in the column
	x      counts
}

// member is a cell of a column. Most cells hold one statement, of which the stance is all there is to know.
type member struct {
	row    uint32
	single uint32 // the stance plus 2 of the only statement; several where there are more
	x      *counts
}

const several = steps

// meeting gathers what two rows have in common.
type meeting struct {
	weight int64 // in units of 1/R
	equal  int64 // sum of x x' - x - x' over the columns and stances where both are positive
	shared int
}

func (t *Table) matrix(o Options) *matrix {
	rows, columns := t.actors, t.targets
	ends := func(c *cell) (row, column uint32) { return c.actor, c.target }
	if o.Mode == TargetMode {
		rows, columns = columns, rows
		ends = func(c *cell) (row, column uint32) { return c.target, c.actor }
	}
	m := &matrix{options: o, pairs: o.Aggregation.pairs(), columns: make([][]member, len(columns))}
	place := make([]uint32, len(rows))
	chosen := o.chosen(rows)
	for i, n := range rows {
		if chosen[i] {
			place[i] = uint32(len(m.rows))
			m.rows = append(m.rows, n)
		}
	}
	m.byRow = make([][]entry, len(m.rows))
	inRow, inColumn := make([]int, len(m.rows)), make([]int, len(columns))
	for i := range t.cells {
		if r, c := ends(&t.cells[i]); chosen[r] {
			inRow[place[r]]++
			inColumn[c]++
		}
	}
	for r, n := range inRow {
		m.byRow[r] = make([]entry, 0, n)
	}
	for c, n := range inColumn {
		m.columns[c] = make([]member, 0, n)
	}
	for i := range t.cells {
		if r, c := ends(&t.cells[i]); chosen[r] {
			m.byRow[place[r]] = append(m.byRow[place[r]], entry{column: c, x: t.cells[i].x})
		}
	}
	m.fillColumns()
	return m
}

// fillColumns goes through the rows in order, so that the members of a column are in the order of the rows.
func (m *matrix) fillColumns() {
	for r, entries := range m.byRow {
		for i := range entries {
			e := &entries[i]
			c := &m.columns[e.column]
			e.place = uint32(len(*c))
			*c = append(*c, member{uint32(r), e.x.single(), &e.x})
		}
	}
}

func (c *counts) single() uint32 {
	found := uint32(several)
	for k, x := range c {
		switch {
		case x == 0:
		case x > 1 || found != several:
			return several
		default:
			found = uint32(k)
		}
	}
	return found
}

// meetings multiplies the matrix by its transpose, row by row (F. Gustavson, "Two Fast Algorithms for Sparse Matrices", ACM
// Transactions on Mathematical Software 4, 1978), on every processor.
func (t *Table) meetings(ctx context.Context, o Options) ([]Tie, error) {
	m := t.matrix(o)
	workers := max(1, min(runtime.GOMAXPROCS(0), len(m.rows)))
	found := make([][]Tie, workers)
	var next atomic.Int64
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			with := make([]meeting, len(m.rows))
			var met []uint32
			for {
				r := int(next.Add(1) - 1)
				if r >= len(m.rows) || ctx.Err() != nil {
					return
				}
				met = m.meet(r, with, met[:0])
				found[w] = m.ties(r, with, met, found[w])
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var ties []Tie
	for _, some := range found {
		ties = append(ties, some...)
	}
	return ties, nil
}

// meet adds up what a row has in common with each later row, and lists those it met.
func (m *matrix) meet(row int, with []meeting, met []uint32) []uint32 {
	for i := range m.byRow[row] {
		e := &m.byRow[row][i]
		var add [steps]meeting // for each stance of a single statement of another
		for k, x := range e.x {
			for other := range add {
				add[other].weight += int64(x) * m.pairs[k][other]
			}
			if x > 0 {
				add[k].equal = -1
			}
		}
		for _, o := range m.columns[e.column][e.place+1:] {
			w := &with[o.row]
			if w.shared == 0 {
				met = append(met, o.row)
			}
			w.shared++
			if o.single != several {
				w.weight += add[o.single].weight
				w.equal += add[o.single].equal
				continue
			}
			for k, x := range o.x {
				w.weight += int64(x) * add[k].weight
				if own := e.x[k]; x > 0 && own > 0 {
					w.equal += int64(x)*int64(own) - int64(x) - int64(own)
				}
			}
		}
	}
	return met
}

// ties appends the ties of a row with those it met, and clears what was added up.
func (m *matrix) ties(row int, with []meeting, met []uint32, ties []Tie) []Tie {
	a := &m.rows[row]
	for _, other := range met {
		b, w := &m.rows[other], with[other]
		with[other] = meeting{}
		weight := float64(w.weight) / scale
		switch m.options.Normalization {
		case Average:
			weight /= float64(a.statements+b.statements) / 2
		case Jaccard:
			weight /= float64(a.statements + b.statements + w.equal)
		case Cosine:
			weight /= math.Sqrt(float64(a.squares)) * math.Sqrt(float64(b.squares))
		}
		if m.options.keep(weight) {
			ties = append(ties, Tie{a.entity, b.entity, weight, w.shared})
		}
	}
	return ties
}
