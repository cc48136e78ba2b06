package format

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"chancery/graph"
)

// Sizes of the batches that are committed together.
const (
	batchLines = 1_000
	batchBytes = 2 << 20 // of lines
)

// Import reads JSON Lines, plain or packed with gzip or zstd, into a graph. Bad lines go to o.Reject
// and are counted in the report, which says what was done even when an error ended
// the import: because the source could not be read, as a *SourceError, because the graph could not be
// written or ctx ended, or because, as a *LineError, a line was bad and o.Strict is set.
// After an early end one read of src may still be under way.
func Import(ctx context.Context, g Applier, src io.Reader, o ImportOptions) (*Report, error) {
	im := &importer{ctx: ctx, g: g, o: o, began: time.Now(), report: Report{File: o.File}}
	im.waiting.dir = o.TempDir
	defer im.waiting.close()
	err := im.run(src)
	im.report.Waiting = im.waiting.open()
	im.report.Seconds = time.Since(im.began).Seconds()
	var bad *LineError
	if errors.As(err, &bad) {
		im.report.Stopped = bad
	}
	return &im.report, err
}

// item is one line on its way into the graph.
type item struct {
	line     int
	kind     kind
	raw      []byte // the line; nil where it was too long to keep
	change   graph.Change
	problems []Problem // found before it was applied
	place    int       // among the waiting lines, where it is one
}

// batch is what is committed together.
type batch struct {
	items []item
	read  int64 // bytes of the source read when it was full
	err   error // why there is no more after it
}

type importer struct {
	ctx     context.Context
	g       Applier
	o       ImportOptions
	began   time.Time
	report  Report
	line    int // all lines up to here were dealt with
	read    int64
	waiting waitingLines
	// retrying: lines that are not accepted now were put by before.
	// final: lines are not put by any more.
	retrying, final bool
}

func (im *importer) run(src io.Reader) error {
	s, err := openSource(src)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(im.ctx)
	defer cancel()
	batches := make(chan *batch, 1)
	go readBatches(ctx, s, im.o.Strict, batches)
	for b := range batches {
		if err := im.take(b); err != nil {
			return err
		}
	}
	if err := im.ctx.Err(); err != nil {
		return err
	}
	return im.retry()
}

func (im *importer) take(b *batch) error {
	for i := range b.items {
		im.report.Lines++
		if k := b.items[i].kind; k != kindUnknown {
			*im.report.Read.of(k)++
		}
	}
	if err := im.apply(b.items); err != nil {
		return err
	}
	if n := len(b.items); n > 0 {
		im.line, im.read = b.items[n-1].line, b.read
		im.progress()
	}
	return b.err
}

func (im *importer) progress() {
	if im.o.Progress == nil {
		return
	}
	im.o.Progress(Progress{
		Lines: im.line, Bytes: im.read, Total: im.o.Size, Relations: im.report.Read.Relations, Waiting: im.waiting.open(),
		Rejected: im.report.Rejected, Revision: im.report.Revision, Seconds: time.Since(im.began).Seconds(),
	})
}

// readBatches cuts and decodes the source. The last batch carries the error that ended it, if any.
func readBatches(ctx context.Context, s *source, strict bool, out chan<- *batch) {
	defer s.close()
	defer close(out)
	var d decoder
	b := &batch{}
	size := 0
	send := func() bool {
		b.read = s.bytes.Load()
		select {
		case out <- b:
			b, size = &batch{items: make([]item, 0, batchLines)}, 0
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		raw, err := s.next()
		switch {
		case errors.Is(err, errLineTooLong):
			b.items = append(b.items, item{line: s.line, kind: kindUnknown, problems: []Problem{{"", graph.CodeLimit,
				fmt.Sprintf("the line is longer than %d MiB: split it, e.g. into relations with fewer citations", MaxLine>>20)}}})
		case err != nil:
			if !errors.Is(err, io.EOF) {
				b.err = err
			}
			send()
			return
		case len(raw) == 0:
			continue
		default:
			it := item{line: s.line, raw: append(make([]byte, 0, len(raw)), raw...)}
			it.change, it.kind, it.problems = d.decode(it.raw)
			b.items = append(b.items, it)
			size += len(raw)
		}
		last := &b.items[len(b.items)-1]
		full := len(b.items) >= batchLines || size >= batchBytes
		stop := strict && len(last.problems) > 0
		if (full || stop) && !send() || stop {
			return
		}
	}
}

// retry writes the lines that were put by: all of them once, then those that
// wait for something made since, and at last tells what is wrong with the rest.
func (im *importer) retry() error {
	im.retrying = true
	if err := im.pass(im.waiting.all()); err != nil {
		return err
	}
	for ready := im.waiting.ready(); len(ready) > 0; ready = im.waiting.ready() {
		if err := im.pass(ready); err != nil {
			return err
		}
	}
	im.final = true
	return im.pass(im.waiting.all())
}

// pass applies waiting lines by their places.
func (im *importer) pass(places []int) error {
	var d decoder
	var items []item
	size := 0
	for n, place := range places {
		raw, line, err := im.waiting.read(place)
		if err != nil {
			return fmt.Errorf("reading back line %d: %w", line, err)
		}
		it := item{line: line, raw: raw, place: place}
		it.change, it.kind, it.problems = d.decode(raw)
		items = append(items, it)
		size += len(raw)
		if len(items) < batchLines && size < batchBytes && n < len(places)-1 {
			continue
		}
		if err := im.apply(items); err != nil {
			return err
		}
		im.progress()
		items, size = nil, 0
	}
	return nil
}
