package format

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"chancery/graph"
)

// apply writes a batch and deals with its bad lines in the order of lines. In
// a strict import nothing behind the first bad line is written.
func (im *importer) apply(items []item) error {
	if !im.o.Strict {
		return im.applyEach(items)
	}
	for len(items) > 0 {
		n, err := im.applyRight(items)
		if err != nil {
			return err
		}
		// The graph was not given the line behind the right ones; giving it alone tells its mistakes.
		if items = items[n:]; len(items) > 0 {
			if err := im.applyEach(items[:1]); err != nil {
				return err
			}
			items = items[1:]
		}
	}
	return nil
}

// applyRight writes the lines before the first bad one and returns how many they are.
func (im *importer) applyRight(items []item) (int, error) {
	n := slices.IndexFunc(items, func(it item) bool { return len(it.problems) > 0 })
	if n < 0 {
		n = len(items)
	}
	if n == 0 {
		return 0, nil
	}
	changes, at := changesOf(items[:n])
	out, err := im.g.Apply(im.ctx, im.batch(changes))
	if err != nil {
		return 0, err
	}
	if len(out.Errors) == 0 {
		return n, im.outcome(items[:n], at, out)
	}
	byItem, err := problemsByItem(out.Errors, items, at)
	if err != nil { // the batch as a whole is too large
		if n > 1 {
			return im.applyRight(items[:n/2])
		}
		return n, im.applyEach(items[:n])
	}
	for i := range n {
		if p := byItem[i]; len(p) > 0 && !im.mayWait(p) {
			n = i
			break
		}
	}
	return n, im.applyEach(items[:n])
}

func (im *importer) batch(changes []graph.Change) graph.Batch {
	return graph.Batch{Changes: changes, By: im.o.By, Note: im.o.File}
}

// mayWait tells whether later lines may put problems right. A line that has others besides waits
// as well: once all that it names is there, its own mistakes stand alone.
func (im *importer) mayWait(problems []Problem) bool {
	return !im.final && slices.ContainsFunc(problems, func(p Problem) bool { return p.Code == graph.CodeNotFound })
}

// changesOf are the changes of the lines that could be decoded, with the place of each in items.
func changesOf(items []item) ([]graph.Change, []int) {
	changes, at := make([]graph.Change, 0, len(items)), make([]int, 0, len(items))
	for i := range items {
		if len(items[i].problems) == 0 {
			changes = append(changes, items[i].change)
			at = append(at, i)
		}
	}
	return changes, at
}

// applyEach writes the right lines of a batch in one commit, or in several where it is too large for one.
func (im *importer) applyEach(items []item) error {
	changes, at := changesOf(items)
	out := &graph.Outcome{}
	var err error
	if len(changes) > 0 {
		out, err = im.g.ApplyEach(im.ctx, im.batch(changes))
	}
	if errors.Is(err, graph.ErrBatchTooLarge) {
		if half := len(items) / 2; half > 0 {
			if err := im.applyEach(items[:half]); err != nil {
				return err
			}
			return im.applyEach(items[half:])
		}
		items[0].problems = []Problem{{items[0].kind.key(), graph.CodeLimit, "the line writes more than one commit can hold (8 MiB): split it"}}
		out, err = &graph.Outcome{}, nil
	}
	if err != nil {
		return err
	}
	return im.outcome(items, at, out)
}

// outcome counts what became of a batch that was written.
func (im *importer) outcome(items []item, at []int, out *graph.Outcome) error {
	if out.Revision != 0 {
		im.report.Revision = out.Revision
	}
	byItem, err := problemsByItem(out.Errors, items, at)
	if err != nil {
		return err
	}
	var ended error
	for i := range items {
		if ended = im.refused(&items[i], byItem[i]); ended != nil {
			break
		}
	}
	// After the refused ones, which may wait for what stands behind them in the same batch.
	for _, r := range out.Results {
		if r.Index < 0 || r.Index >= len(at) {
			return fmt.Errorf("the graph answered for change %d of %d", r.Index, len(at))
		}
		im.accepted(&items[at[r.Index]], r.Operation)
	}
	return ended
}

func (im *importer) accepted(it *item, op graph.Operation) {
	counts := &im.report.Updated
	switch op {
	case graph.Created, graph.Merged:
		counts = &im.report.Created
	case graph.Unchanged:
		counts = &im.report.Unchanged
	}
	*counts.of(it.kind)++
	if im.retrying {
		im.waiting.done(it.place)
	}
	for _, id := range made(&it.change) {
		im.waiting.wake(id)
	}
}

// refused puts a line by that may be right later, or rejects it.
func (im *importer) refused(it *item, found []Problem) error {
	problems := it.problems
	if len(problems) == 0 {
		problems = found
	}
	switch {
	case len(problems) == 0:
		return nil
	case im.mayWait(problems) && !im.retrying:
		return im.waiting.add(it.line, it.raw)
	case im.mayWait(problems):
		im.waiting.wait(it.place, missing(it.raw, problems))
		return nil
	}
	if im.retrying {
		im.waiting.done(it.place)
	}
	im.report.Rejected++
	r := newReject(im.o.File, it.line, it.raw, problems)
	if im.o.Reject != nil {
		if err := im.o.Reject(r); err != nil {
			return err
		}
	}
	if im.o.Strict {
		return r.LineErrors()[0]
	}
	return nil
}

// problemsByItem sorts the graph's errors by line and turns their paths into those of a line.
func problemsByItem(errs []graph.UserError, items []item, at []int) (map[int][]Problem, error) {
	if len(errs) == 0 {
		return nil, nil
	}
	by := map[int][]Problem{}
	for _, e := range errs {
		n := -1
		if len(e.Path) >= 2 && e.Path[0] == "changes" {
			if v, err := strconv.Atoi(e.Path[1]); err == nil {
				n = v
			}
		}
		if n < 0 || n >= len(at) {
			return nil, fmt.Errorf("the batch was refused: %s", e.Message)
		}
		i := at[n]
		path := []step{{name: items[i].kind.key()}}
		for _, part := range e.Path[min(3, len(e.Path)):] {
			if v, err := strconv.Atoi(part); err == nil {
				path = append(path, step{index: v})
			} else {
				path = append(path, step{name: part})
			}
		}
		by[i] = append(by[i], Problem{pathText(path), e.Code, e.Message})
	}
	return by, nil
}
