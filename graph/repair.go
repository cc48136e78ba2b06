package graph

import (
	"context"
	"errors"
	"slices"

	"chancery/store"
)

// ignoreDamage drops the error of a record that is not there: the row that names it is left over.
func ignoreDamage(err error) error {
	if errors.Is(err, store.ErrCorrupt) {
		return nil
	}
	return err
}

// rowsPerRepair bounds the rows of one commit of a repair.
const rowsPerRepair = 10_000

// repair writes index rows as they should be. The commits of a repair change no object.
func (g *Graph) repair(ctx context.Context, rows []repairRow) error {
	for part := range slices.Chunk(rows, rowsPerRepair) {
		err := g.commits.Commit(ctx, func(t store.Txn) error {
			g.writer.valid = false
			x, err := g.writer.begin(ctx, t)
			if err != nil {
				return err
			}
			for _, r := range part {
				if err := x.repairRow(r); err != nil {
					return err
				}
			}
			return x.record(&Batch{By: "verify", Note: "repaired index rows"})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) repairRow(r repairRow) error {
	switch {
	case r.versioned && r.value == nil:
		return x.drop(r.key)
	case r.versioned:
		return x.put(r.key, r.value)
	case r.value == nil:
		return x.t.Delete(r.key)
	default:
		return x.t.Set(r.key, r.value)
	}
}
