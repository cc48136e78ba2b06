package graph

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"

	"chancery/graph/text"
	"chancery/store"
)

// VerifyOptions say how to verify.
type VerifyOptions struct {
	// Repair writes the index rows that disagree with the records anew.
	Repair bool
	// Progress is told how far a stage has come, in records; it may be nil.
	Progress func(stage string, done int)
}

// Problem is one disagreement that verifying found.
type Problem struct {
	Table    string `json:"table"`
	Subject  string `json:"subject"`
	Message  string `json:"message"`
	Repaired bool   `json:"repaired,omitempty"`
}

// Checked is how much of one stage was verified.
type Checked struct {
	Stage string `json:"stage"`
	Count int    `json:"count"`
}

// VerifyReport is what verifying found. Omitted counts the problems beyond the first thousand.
type VerifyReport struct {
	Revision Revision  `json:"revision"`
	Checked  []Checked `json:"checked"`
	Problems []Problem `json:"problems"`
	Omitted  int       `json:"omitted,omitempty"`
	Repaired int       `json:"repaired"`
}

const maxProblems = 1_000

// Verify reads everything at the newest revision: that every row can be read
// and decoded, that every index row agrees with the records and none is
// missing or left over, that counters are right, that texts have their SHA-256
// and every verified quote stands in its text, and that revisions and their
// times have no gap. Past versions of index rows are not compared.
func (g *Graph) Verify(ctx context.Context, o VerifyOptions) (*VerifyReport, error) {
	v, err := g.View(ctx, At{})
	if err != nil {
		return nil, err
	}
	defer v.Release()
	c := &verifier{View: v, o: o, report: &VerifyReport{Revision: v.rev}, expected: map[*table]int{}}
	for _, stage := range []struct {
		name string
		run  func(context.Context) (int, error)
	}{
		{"storage", c.storage}, {"keys", c.keys}, {"commits", c.commitsInOrder}, {"documents", c.documents},
		{"entities", c.entities}, {"relations", c.relations}, {"counters", c.counters}, {"left-over rows", c.leftOver},
	} {
		c.stage = stage.name
		n, err := stage.run(ctx)
		if err != nil {
			return nil, fmt.Errorf("verifying %s: %w", stage.name, err)
		}
		c.report.Checked = append(c.report.Checked, Checked{stage.name, n})
	}
	if o.Repair && len(c.repairs) > 0 {
		if err := g.repair(ctx, c.repairs); err != nil {
			return nil, err
		}
		c.report.Repaired = len(c.repairs)
		for i := range c.report.Problems {
			c.report.Problems[i].Repaired = c.repairable[i]
		}
	}
	return c.report, nil
}

// repairRow is a row as it should be; a nil value says that it should not be.
type repairRow struct {
	key       []byte // logical where versioned
	value     []byte
	versioned bool
}

type verifier struct {
	*View
	o          VerifyOptions
	stage      string
	report     *VerifyReport
	repairs    []repairRow
	repairable map[int]bool   // problems by index
	expected   map[*table]int // rows that the records ask for
	typeCounts map[uint32]int
	live       counters
}

func (c *verifier) progress(done int) {
	if c.o.Progress != nil && done%10_000 == 0 {
		c.o.Progress(c.stage, done)
	}
}

func (c *verifier) problem(t *table, subject, format string, args ...any) {
	if len(c.report.Problems) >= maxProblems {
		c.report.Omitted++
		return
	}
	c.report.Problems = append(c.report.Problems, Problem{Table: t.name, Subject: subject, Message: fmt.Sprintf(format, args...)})
}

func (c *verifier) repairableProblem(t *table, subject string, fix repairRow, format string, args ...any) {
	if c.repairable == nil {
		c.repairable = map[int]bool{}
	}
	c.repairable[len(c.report.Problems)] = true
	c.repairs = append(c.repairs, fix)
	c.problem(t, subject, format, args...)
}

// storage asks the engine to check its own files.
func (c *verifier) storage(ctx context.Context) (int, error) {
	if err := c.g.store.Check(ctx); err != nil {
		c.problem(tableMeta, "the storage engine", "%s", err)
	}
	return 1, nil
}

// keys parses every key.
func (c *verifier) keys(ctx context.Context) (int, error) {
	n := 0
	for kv, err := range c.r.Scan(ctx, store.Range{}) {
		if err != nil {
			return n, err
		}
		n++
		c.progress(n)
		t := tableOf(kv.Key)
		if t == nil {
			c.problem(tableMeta, fmt.Sprintf("key %x", kv.Key), "the key belongs to no table")
			continue
		}
		parts, rev, ok := t.parse(kv.Key)
		if !ok || rev > c.newest || t == tableCommit && parts[0].num > uint64(c.newest) {
			c.problem(t, fmt.Sprintf("key %x", kv.Key), "the key cannot be one of this table")
		}
	}
	return n, nil
}

func (c *verifier) commitsInOrder(ctx context.Context) (int, error) {
	at := int64(0)
	for rev := Revision(1); rev <= c.newest; rev++ {
		commit, err := commitAt(ctx, c.rows, rev)
		if err != nil {
			c.problem(tableCommit, fmt.Sprintf("revision %d", rev), "%s", err)
			continue
		}
		if commit.at <= at {
			c.problem(tableCommit, fmt.Sprintf("revision %d", rev), "its time is not after that of the revision before")
		}
		at = commit.at
		c.progress(int(rev))
	}
	return int(c.newest), nil
}

// records walks the newest version of every row of a record table.
func (c *verifier) records(ctx context.Context, t *table) iter.Seq2[row, error] {
	return c.scanPrefix(ctx, t.key().prefix())
}

func (c *verifier) documents(ctx context.Context) (int, error) {
	n := 0
	for r, err := range c.records(ctx, tableDocument) {
		if err != nil {
			return n, err
		}
		n++
		c.progress(n)
		num := relationNumOf(r.key)
		d, err := decodeDocument(r.value)
		if err != nil {
			c.problem(tableDocument, fmt.Sprintf("document %d", num), "the record cannot be decoded")
			continue
		}
		c.live.documents++
		if err := c.checkRows(ctx, d.id, documentRows(num, d)); err != nil {
			return n, err
		}
		if err := c.checkID(ctx, d.id, nodeRef{changedDocument, num, d.created}); err != nil {
			return n, err
		}
		if d.textRev == 0 {
			continue
		}
		s, err := c.text(ctx, num, d.textRev, 0, d.length)
		if err != nil {
			c.problem(tableText, d.id, "the text cannot be read: %s", err)
			continue
		}
		if sum := sha256.Sum256([]byte(s)); !bytes.Equal(sum[:], d.sha) {
			c.problem(tableText, d.id, "the text does not have the SHA-256 of its record")
		}
	}
	return n, nil
}

func (c *verifier) checkID(ctx context.Context, id string, want nodeRef) error {
	got, err := c.nodeByID(ctx, id)
	if err == nil && got != want {
		c.problem(tableID, id, "the id leads to another node than the record that bears it")
	}
	return err
}

func (c *verifier) entities(ctx context.Context) (int, error) {
	n := 0
	for r, err := range c.records(ctx, tableEntity) {
		if err != nil {
			return n, err
		}
		n++
		c.progress(n)
		num := relationNumOf(r.key)
		e, err := decodeEntity(r.value)
		if err != nil {
			c.problem(tableEntity, fmt.Sprintf("entity %d", num), "the record cannot be decoded")
			continue
		}
		if !e.deleted {
			c.live.entities++
		}
		if err := c.checkRows(ctx, e.id, entityRows(num, e)); err != nil {
			return n, err
		}
		if err := c.checkID(ctx, e.id, nodeRef{changedEntity, num, e.created}); err != nil {
			return n, err
		}
	}
	for r, err := range c.records(ctx, tableParent) {
		if err != nil {
			return n, err
		}
		d := &dec{b: r.value}
		keep := d.u()
		c.live.merges++
		rows := map[string][]byte{string(tableChild.key().u64(keep).u64(relationNumOf(r.key)).logical()): nil}
		if err := c.checkRows(ctx, fmt.Sprintf("judgement on entity %d", relationNumOf(r.key)), rows); err != nil {
			return n, err
		}
	}
	return n, nil
}

// checkRows compares the versioned index rows that a record asks for with those that are there.
func (c *verifier) checkRows(ctx context.Context, subject string, rows map[string][]byte) error {
	keys := make([][]byte, 0, len(rows))
	for k := range rows {
		keys = append(keys, []byte(k))
	}
	values, _, err := c.latestMany(ctx, keys)
	if err != nil {
		return err
	}
	for i, k := range keys {
		t := tableOf(k)
		c.expected[t]++
		want := rows[string(k)]
		if want == nil {
			want = []byte{}
		}
		switch {
		case values[i] == nil:
			c.repairableProblem(t, subject, repairRow{k, want, true}, "an index row is missing")
			c.expected[t]--
		case !bytes.Equal(values[i], want):
			c.repairableProblem(t, subject, repairRow{k, want, true}, "an index row disagrees with the record")
		}
	}
	return nil
}

func (c *verifier) relations(ctx context.Context) (int, error) {
	c.typeCounts = map[uint32]int{}
	texts := map[textKey]*text.Index{}
	n := 0
	prefix := tableRelation.key().prefix()
	for r, err := range c.scanPlain(ctx, prefix, store.PrefixEnd(prefix), false) {
		if err != nil {
			return n, err
		}
		n++
		c.progress(n)
		num := relationNumOf(r.key)
		rec, err := decodeRelation(r.value)
		if err != nil {
			c.problem(tableRelation, fmt.Sprintf("relation %d", num), "the record cannot be decoded")
			continue
		}
		if err := c.relation(ctx, num, rec, texts); err != nil {
			return n, err
		}
	}
	return n, nil
}

func (c *verifier) relation(ctx context.Context, num uint64, rec *relationRecord, texts map[textKey]*text.Index) error {
	id := relationID(rec.hash)
	if got, err := c.numberAt(ctx, tableRelationID.key().hash(rec.hash).row()); err != nil || got != num {
		if err != nil {
			return err
		}
		c.problem(tableRelationID, id, "the id leads to another relation than the record that bears it")
	}
	t := c.types.byCode[rec.typ]
	if t == nil {
		c.problem(tableRelation, id, "its type %d is unknown", rec.typ)
		return nil
	}
	live, err := c.citations(ctx, num, id, texts)
	if err != nil {
		return err
	}
	g := edgeOf(num, rec, sortDate(rec.occurred), t.Symmetric)
	if live == 0 {
		g.flags |= edgeDead
	} else {
		c.live.relations++
		c.live.citations += live
		c.typeCounts[rec.typ]++
	}
	return c.checkRows(ctx, id, edgeRows(num, rec, g))
}

// citations verifies the citations of a relation and counts those that are live.
func (c *verifier) citations(ctx context.Context, num uint64, id string, texts map[textKey]*text.Index) (live int, err error) {
	all := 0
	for r, err := range c.scanPrefix(ctx, tableCitation.key().u64(num).prefix()) {
		if err != nil {
			return live, err
		}
		all++
		mark := citationMarkOf(r.key)
		cit, err := decodeCitation(r.value)
		if err != nil {
			c.problem(tableCitation, id, "citation %x cannot be decoded", mark)
			continue
		}
		if cit.retracted == 0 {
			live++
		}
		for _, k := range citationRows(num, mark, cit) {
			t := tableOf(k)
			c.expected[t]++
			b, err := c.get(ctx, k)
			if err != nil {
				return live, err
			}
			if b == nil {
				c.expected[t]--
				c.repairableProblem(t, id, repairRow{k, numbered(1, cit.recorded), false}, "an index row of a citation is missing")
			}
		}
		if err := c.quote(ctx, id, cit, texts); err != nil {
			return live, err
		}
	}
	if all == 0 {
		c.problem(tableRelation, id, "it has no citation, not even a withdrawn one")
	}
	return live, nil
}

// quote verifies that the words of a verified citation stand where it says.
func (c *verifier) quote(ctx context.Context, id string, cit *citationRecord, texts map[textKey]*text.Index) error {
	if cit.verification != Verified || cit.retracted != 0 {
		return nil
	}
	d, _, err := c.documentRecord(ctx, cit.document)
	if err != nil {
		return err
	}
	k := textKey{cit.document, d.textRev}
	ix := texts[k]
	if ix == nil {
		if len(texts) >= 64 {
			clear(texts)
		}
		s, err := c.text(ctx, cit.document, d.textRev, 0, d.length)
		if err != nil {
			c.problem(tableText, d.id, "the text cannot be read: %s", err)
			return nil
		}
		ix = text.NewIndex(s)
		texts[k] = ix
	}
	if cit.start == nil {
		c.problem(tableCitation, id, "a verified quote has no place")
		return nil
	}
	if s, ok := ix.Slice(*cit.start, *cit.start+runeCount(cit.quote)); !ok || s != cit.quote {
		c.problem(tableCitation, id, "the quote %s does not stand at code point %d of %s", quoted(cit.quote), *cit.start, d.id)
	}
	return nil
}

func (c *verifier) counters(ctx context.Context) (int, error) {
	if got := c.commit.counts; got != c.live {
		c.problem(tableCommit, fmt.Sprintf("revision %d", c.rev), "it counts %+v and the records are %+v", got, c.live)
	}
	for code := range c.types.byCode {
		got, err := c.typeCount(ctx, code)
		if errors.Is(err, store.ErrCorrupt) {
			got, err = -1, nil
		}
		if err != nil {
			return 0, err
		}
		if want := c.typeCounts[code]; got != want {
			var e enc
			e.u(uint64(want))
			c.repairableProblem(tableTypeCount, c.types.byCode[code].ID, repairRow{tableTypeCount.key().u32(code).logical(), e, true}, "it counts %d relations and there are %d", got, want)
		}
	}
	return 5 + len(c.types.byCode), nil
}
