package graph

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"

	"chancery/store"
)

// leftOver looks for index rows that no record asks for: where a table has more rows than were asked for and found.
func (c *verifier) leftOver(ctx context.Context) (int, error) {
	n := 0
	for _, t := range keySpace {
		if !t.derived || t == tableTypeCount {
			continue
		}
		all := c.scanPrefix(ctx, []byte{t.tag})
		if !t.versioned {
			all = c.scanPlain(ctx, []byte{t.tag}, store.PrefixEnd([]byte{t.tag}), false)
		}
		there := 0
		for _, err := range all {
			if err != nil {
				return n, err
			}
			there++
		}
		n += there
		if there == c.expected[t] {
			continue
		}
		if err := c.findLeftOver(ctx, t, all); err != nil {
			return n, err
		}
	}
	return n, nil
}

// findLeftOver asks of each row of a table whether the record that it names wants it.
func (c *verifier) findLeftOver(ctx context.Context, t *table, all iter.Seq2[row, error]) error {
	for r, err := range all {
		if err != nil {
			return err
		}
		k := slices.Clone(r.key)
		wanted, err := c.wanted(ctx, t, k)
		if err != nil {
			return err
		}
		if !wanted {
			c.repairableProblem(t, fmt.Sprintf("key %x", k), repairRow{k, nil, t.versioned}, "no record asks for this index row")
		}
	}
	return nil
}

func (c *verifier) wanted(ctx context.Context, t *table, k []byte) (bool, error) {
	switch t {
	case tableExternal, tableName, tableNameOrder, tableNameWord:
		e, _, err := c.entityRecord(ctx, relationNumOf(k))
		if err != nil {
			return false, ignoreDamage(err)
		}
		_, ok := entityRows(relationNumOf(k), e)[string(k)]
		return ok, nil
	case tablePublished, tableDerived:
		d, _, err := c.documentRecord(ctx, relationNumOf(k))
		if err != nil {
			return false, ignoreDamage(err)
		}
		_, ok := documentRows(relationNumOf(k), d)[string(k)]
		return ok, nil
	case tableChild:
		j, err := c.parent(ctx, relationNumOf(k))
		return err == nil && j.keep == relationNumOf(k[:len(k)-8]), err
	case tableAdjacency, tableTime, tableByType:
		num := relationNumOf(k)
		rec, err := c.relationRecord(ctx, num)
		if err != nil {
			return false, ignoreDamage(err)
		}
		_, ok := edgeRows(num, rec, edgeOf(num, rec, sortDate(rec.occurred), false))[string(k)]
		return ok, nil
	default: // the tables of citations
		return c.wantedByCitation(ctx, k)
	}
}

// wantedByCitation asks every version of a citation, since the links of its chain of sources can change and what was recorded stays.
func (c *verifier) wantedByCitation(ctx context.Context, k []byte) (bool, error) {
	num, mark := relationNumOf(k[:len(k)-8]), citationMarkOf(k)
	prefix := tableCitation.key().u64(num).mark(mark).logical()
	for r, err := range c.scanPlain(ctx, prefix, store.PrefixEnd(prefix), false) {
		if err != nil {
			return false, err
		}
		p, ok := payload(r.value)
		if !ok {
			continue
		}
		cit, err := decodeCitation(p)
		if err != nil {
			continue // told of elsewhere
		}
		if slices.ContainsFunc(citationRows(num, mark, cit), func(w []byte) bool { return bytes.Equal(w, k) }) {
			return true, nil
		}
	}
	return false, nil
}
