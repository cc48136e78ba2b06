package graph

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// ChangeBatch is all that one commit changed and a filter let through. Without
// changes it is a heartbeat: nothing up to its revision is still to come.
type ChangeBatch struct {
	Revision Revision
	At       time.Time // when the revision was recorded; the start of 1970 for revision 0
	By       string    // who wrote the commit; empty in a heartbeat
	Note     string    // of the commit
	Changes  []*Event

	view *View
}

// View is the graph at the batch's revision, from which its objects are read. It is released with the feed.
func (b *ChangeBatch) View(ctx context.Context) (*View, error) { return b.view.At(ctx, b.Revision) }

// FeedOptions say what a feed brings. The zero value brings every change from the first commit on, and ends at the newest.
type FeedOptions struct {
	Since     Revision      // the newest revision that the consumer has seen
	Filter    *ChangeFilter // nil: every change
	Live      bool          // wait for commits to come, instead of ending at the newest
	Heartbeat time.Duration // of a live feed, the longest time without a batch; 0: DefaultHeartbeat
}

// DefaultHeartbeat is how long a live feed is silent at most when its options do not say.
const DefaultHeartbeat = 15 * time.Second

const (
	// commitsPerSnapshot is how many commits that the filter leaves out are read from one
	// snapshot; then the consumer is told how far the feed has come. Bounds the memory and the age of a snapshot.
	commitsPerSnapshot = 4_096
	// pollInterval is how often a feed looks for commits of other processes, where the engine is shared.
	pollInterval = time.Second
)

// Feed reads what was changed, commit after commit: each that the filter lets through exactly once and in order. It
// keeps no queue: it knows the last revision it has read and reads on from there when it is asked, so a consumer may
// take any time, and costs the writer nothing. Between two calls of Next it holds a snapshot until Release.
// It is for one goroutine.
type Feed struct {
	g       *Graph
	o       FeedOptions
	at      Revision // read up to here
	told    Revision // the newest one that the consumer was told of
	due     bool     // the consumer is to be told how far the feed has come
	view    *View    // of the batch handed out last
	closing sync.Once
}

// Feed opens a feed. It fails with BadInput where the revision to begin after is
// not there yet, or where the filter names what the newest revision does not know. Close it.
func (g *Graph) Feed(ctx context.Context, o FeedOptions) (*Feed, error) {
	if o.Heartbeat <= 0 {
		o.Heartbeat = DefaultHeartbeat
	}
	v, err := g.View(ctx, At{})
	if err != nil {
		return nil, err
	}
	defer v.Release()
	if err := v.reached(o.Since); err != nil {
		return nil, err
	}
	if err := v.checkChangeFilter(ctx, o.Filter); err != nil {
		return nil, err
	}
	g.feeds.open.Add(1)
	return &Feed{g: g, o: o, at: o.Since, told: o.Since, due: true}, nil
}

// reached fails when a revision is newer than the view's.
func (v *View) reached(since Revision) error {
	if since > v.rev {
		return badInput("since is revision %d, which is not there; the newest is %d: give the last revision that was seen", since, v.rev)
	}
	return nil
}

// Revision is how far the feed has been read: all that the filter lets through up to it was handed out.
func (f *Feed) Revision() Revision { return f.at }

// Release frees the snapshot from which the objects of the last batch are read. Next and Close do so as well.
func (f *Feed) Release() {
	if f.view != nil {
		f.view.Release()
		f.view = nil
	}
}

// Close ends the feed.
func (f *Feed) Close() {
	f.closing.Do(func() {
		f.Release()
		f.g.feeds.open.Add(-1)
	})
}

// Dropped notes for the figures that the consumer was dropped because it did not read.
func (f *Feed) Dropped() { f.g.feeds.dropped.Add(1) }

// Next waits for the next commit that the filter lets through. Where there is none to be had yet, the first call returns a
// heartbeat at once, and a later one when the feed was silent for so long. A feed that is not live ends with a
// heartbeat, unless the newest revision was the last batch, and then with io.EOF.
func (f *Feed) Next(ctx context.Context) (*ChangeBatch, error) {
	f.Release()
	silence := time.NewTimer(f.o.Heartbeat)
	defer silence.Stop()
	for {
		news := f.g.feeds.news() // taken before the state is read, so that no commit falls between
		b, err := f.read(ctx)
		if b != nil || err != nil {
			return b, err
		}
		if !f.o.Live {
			return nil, io.EOF
		}
		if err := f.wait(ctx, news, silence.C); err != nil {
			return nil, err
		}
	}
}

// wait returns when there may be something new, or when the consumer is to be told that there is not.
func (f *Feed) wait(ctx context.Context, news <-chan struct{}, silence <-chan time.Time) error {
	var poll <-chan time.Time
	if f.g.store.Caps().Distributed {
		t := time.NewTimer(pollInterval)
		defer t.Stop()
		poll = t.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-news:
	case <-poll:
	case <-silence:
		f.due = true
	}
	return nil
}

// read reads on to the next batch, or to the newest revision. It returns nil when there is nothing to tell.
func (f *Feed) read(ctx context.Context) (_ *ChangeBatch, err error) {
	v, err := f.g.View(ctx, At{})
	if err != nil {
		return nil, err
	}
	f.view = v
	defer func() {
		if err != nil {
			f.Release()
		}
	}()
	s := &sieve{view: v, filter: f.o.Filter}
	for left := commitsPerSnapshot; f.at < v.rev; left-- {
		if left == 0 {
			return f.heartbeat(ctx)
		}
		c, events, err := s.commit(ctx, f.at+1)
		if err != nil {
			return nil, err
		}
		f.at++
		if len(events) > 0 {
			f.told, f.due = f.at, false
			f.g.feeds.batches.Add(1)
			return &ChangeBatch{Revision: f.at, At: c.time(), By: c.by, Note: c.note, Changes: events, view: v}, nil
		}
	}
	if f.due || !f.o.Live && f.at > f.told {
		return f.heartbeat(ctx)
	}
	f.Release()
	return nil, nil
}

// heartbeat tells how far the feed has come.
func (f *Feed) heartbeat(ctx context.Context) (*ChangeBatch, error) {
	f.told, f.due = f.at, false
	b := &ChangeBatch{Revision: f.at, At: time.Unix(0, 0).UTC(), view: f.view}
	if f.at == 0 {
		return b, nil
	}
	at, err := f.view.timeOf(ctx, f.at)
	if err != nil {
		return nil, err
	}
	b.At = at
	return b, nil
}

// feeds is what the feeds of a graph share.
type feeds struct {
	mu     sync.Mutex
	waking chan struct{} // closed by the next commit; nil while nobody waits

	open             atomic.Int64
	batches, dropped atomic.Uint64
}

// news is closed when a commit of this process was made durable after the call.
func (s *feeds) news() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waking == nil {
		s.waking = make(chan struct{})
	}
	return s.waking
}

// wake tells every feed that waits, in constant time for its caller.
func (s *feeds) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.waking != nil {
		close(s.waking)
		s.waking = nil
	}
}

// FeedStats count what the feeds of a graph have done since it was opened.
type FeedStats struct {
	Open    int    // feeds now
	Batches uint64 // commits handed out, heartbeats left out
	Dropped uint64 // consumers dropped because they did not read
}

// FeedStats are the figures of all feeds.
func (g *Graph) FeedStats() FeedStats {
	return FeedStats{Open: int(g.feeds.open.Load()), Batches: g.feeds.batches.Load(), Dropped: g.feeds.dropped.Load()}
}
