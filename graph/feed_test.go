package graph_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/memory"
)

// told are the changes of a feed that is read to its end, each as "revision operation id".
func told(t testing.TB, g *graph.Graph, o graph.FeedOptions) (out []string, last graph.Revision) {
	t.Helper()
	f, err := g.Feed(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for {
		b, err := f.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return out, last
		}
		if err != nil {
			t.Fatal(err)
		}
		last = b.Revision
		for _, e := range b.Changes {
			if e.Revision != b.Revision || !e.At.Equal(b.At) {
				t.Errorf("a change of revision %d in the batch of %d", e.Revision, b.Revision)
			}
			out = append(out, fmt.Sprint(e.Revision, " ", e.Operation, " ", e.ID))
		}
	}
}

// listed are the same from the list, in pages of size n.
func listed(t testing.TB, g *graph.Graph, since *graph.Revision, f *graph.ChangeFilter, n int) (out []string) {
	t.Helper()
	v := must(g.View(context.Background(), graph.At{}))
	defer v.Release()
	var after *string
	for {
		p, err := v.Changes(context.Background(), since, f, &n, after)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range p.Items {
			out = append(out, fmt.Sprint(e.Revision, " ", e.Operation, " ", e.ID))
		}
		if !p.HasNext {
			if total := must(p.Total()); total != len(out) {
				t.Errorf("the total is %d of %d changes", total, len(out))
			}
			return out
		}
		after = &p.Cursors[len(p.Cursors)-1]
	}
}

// story writes what a fixture can be told to: revision 1 is the fixture's own.
func story(f *fixture) (met, rejects string) {
	met = f.mustApply(relation("met-with", "ann", "ben", quote("doc/1", "Ann met Ben in Rome"))).Results[0].ID                         // 2
	rejects = f.mustApply(relation("rejects", "ann", "plan", quote("doc/1", "Ann rejects the plan"), row("doc/2", "7"))).Results[0].ID // 3
	f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: "ann", Absorb: []string{"cid"}, Reason: "one person"}})            // 4
	f.mustApply(graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: "cid", From: "ann", Reason: "two persons"}})                     // 5
	f.mustApply(graph.Change{RetractRelation: &graph.RetractInput{ID: met, Reason: "made up"}})                                        // 6
	f.mustApply(document("doc/1", "Press", "Ann rejects the plan."), graph.Change{DeleteEntity: &graph.RetractInput{ID: "crimea", Reason: "out of scope"}},
		graph.Change{PutRelationType: &graph.RelationTypeInput{ID: "waved-at", Label: graph.Some("waved at")}}) // 7
	return met, rejects
}

func TestChanges(t *testing.T) {
	for i, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			f := newFixture(t, i)
			met, rejects := story(f)
			two, seven := graph.Revision(2), graph.Revision(7)
			for _, c := range []struct {
				name   string
				since  *graph.Revision
				filter *graph.ChangeFilter
				want   []string
			}{
				{"everything since", &two, nil, []string{"3 created " + rejects, "4 merged cid", "4 merged ann", "5 updated cid", "5 updated ann", "6 retracted " + met,
					"7 updated doc/1", "7 updated " + met, "7 updated " + rejects, "7 deleted crimea", "7 created waved-at"}},
				{"nothing since", &seven, nil, nil},
				{"operations", nil, &graph.ChangeFilter{Operations: []graph.Operation{graph.Retracted, graph.Deleted}}, []string{"6 retracted " + met, "7 deleted crimea"}},
				{"no operations", nil, &graph.ChangeFilter{Operations: []graph.Operation{}}, nil},
				{"an entity", nil, &graph.ChangeFilter{Involves: []string{"ben"}}, []string{"1 created ben", "2 created " + met, "6 retracted " + met, "7 updated " + met}},
				{"an entity that was merged", nil, &graph.ChangeFilter{Involves: []string{"cid"}}, []string{"1 created cid", "4 merged cid", "4 merged ann", "5 updated cid", "5 updated ann"}},
				{"an entity that was deleted", nil, &graph.ChangeFilter{Involves: []string{"crimea"}}, []string{"1 created crimea", "7 deleted crimea"}},
				{"any relations", nil, &graph.ChangeFilter{Relations: &graph.RelationFilter{}}, []string{"2 created " + met, "3 created " + rejects, "6 retracted " + met, "7 updated " + rejects}},
				{"relations of a type", nil, &graph.ChangeFilter{Relations: &graph.RelationFilter{Types: []string{"met-with"}}}, []string{"2 created " + met, "6 retracted " + met}},
				{"relations of a type made later", nil, &graph.ChangeFilter{Relations: &graph.RelationFilter{Types: []string{"waved-at"}}}, nil},
				{"relations by citations", nil, &graph.ChangeFilter{Relations: &graph.RelationFilter{Citation: &graph.CitationFilter{Documents: []string{"doc/2"}}}}, []string{"3 created " + rejects, "7 updated " + rejects}},
				{"both", nil, &graph.ChangeFilter{Involves: []string{"ann"}, Relations: &graph.RelationFilter{Types: []string{"rejects"}}, Operations: []graph.Operation{graph.Updated}}, []string{"7 updated " + rejects}},
			} {
				o := graph.FeedOptions{Filter: c.filter}
				if c.since != nil {
					o.Since = *c.since
				}
				got, last := told(t, f.g, o)
				if !slices.Equal(got, c.want) {
					t.Errorf("%s: the feed tells\n%s\nwant\n%s", c.name, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
				}
				if last != 7 {
					t.Errorf("%s: the feed ends at %d, want 7", c.name, last)
				}
				for _, n := range []int{1, 3, 100} {
					if got := listed(t, f.g, c.since, c.filter, n); !slices.Equal(got, c.want) {
						t.Errorf("%s: pages of %d have\n%s\nwant\n%s", c.name, n, strings.Join(got, "\n"), strings.Join(c.want, "\n"))
					}
				}
			}
		})
	}
}

func TestChangesAreRefused(t *testing.T) {
	f := newFixture(t, 0)
	nine := graph.Revision(9)
	for _, c := range []struct {
		since  *graph.Revision
		filter *graph.ChangeFilter
		want   string
	}{
		{&nine, nil, "since is revision 9, which is not there; the newest is 1"},
		{nil, &graph.ChangeFilter{Involves: []string{"an"}}, "involves: no entity has the id “an”; did you mean “ann”?"},
		{nil, &graph.ChangeFilter{Relations: &graph.RelationFilter{Types: []string{"met"}}}, "did you mean"},
	} {
		o := graph.FeedOptions{Filter: c.filter}
		if c.since != nil {
			o.Since = *c.since
		}
		_, err := f.g.Feed(t.Context(), o)
		_, err2 := f.view().Changes(t.Context(), c.since, c.filter, nil, nil)
		for _, err := range []error{err, err2} {
			var e *graph.Error
			if !errors.As(err, &e) || e.Kind != graph.BadInput || !strings.Contains(e.Message, c.want) {
				t.Errorf("%v, want BAD_INPUT with %q", err, c.want)
			}
		}
	}
	if n := f.g.FeedStats().Open; n != 0 {
		t.Errorf("%d feeds are open", n)
	}
}

// What a change shows: the object after it and before it.
func TestObjectsOfChanges(t *testing.T) {
	f := newFixture(t, 0)
	met, _ := story(f)
	feed := must(f.g.Feed(t.Context(), graph.FeedOptions{Since: 3}))
	defer feed.Close()
	shown := map[string]string{}
	for {
		b, err := feed.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range b.Changes {
			n, err := e.Node(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			node := "nothing"
			if n != nil {
				node = n.NodeID()
			}
			before := string(must(e.Before(t.Context())))
			if len(before) > 30 {
				before = before[:30]
			}
			shown[fmt.Sprint(e.Revision, " ", e.ID)] = node + " " + before
		}
	}
	for key, want := range map[string]string{
		"4 cid":      `ann {"entity":{"id":"cid","kind":"`, // the survivor
		"5 cid":      `cid {"entity":{"id":"cid","kind":"`,
		"6 " + met:   met + ` {"relation":{"type":"met-with"`,
		"7 doc/1":    `doc/1 {"document":{"id":"doc/1","tit`,
		"7 crimea":   `nothing {"entity":{"id":"crimea","kind`,
		"7 waved-at": `nothing `,
	} {
		if shown[key] != want {
			t.Errorf("%s shows %s, want %s", key, shown[key], want)
		}
	}
}

// A feed tells at once how far it is, and then nothing until there is something.
func TestFeedWaits(t *testing.T) {
	f := newFixture(t, 0)
	feed := must(f.g.Feed(t.Context(), graph.FeedOptions{Since: 1, Live: true, Heartbeat: time.Hour, Filter: &graph.ChangeFilter{Involves: []string{"ben"}}}))
	defer feed.Close()
	if b := must(feed.Next(t.Context())); b.Revision != 1 || len(b.Changes) != 0 {
		t.Fatalf("the first batch is %+v, want a heartbeat at 1", b)
	}
	next := make(chan *graph.ChangeBatch)
	go func() { next <- must(feed.Next(context.Background())) }()
	f.mustApply(entity("dan", vocab.KindPerson, "Dan")) // is left out
	f.mustApply(entity("ben", vocab.KindPerson, "Benjamin"))
	if b := <-next; b.Revision != 3 || len(b.Changes) != 1 || b.Changes[0].ID != "ben" || b.By != "tester" || b.Note != "a note" {
		t.Fatalf("the batch is %+v, want ben in 3", b)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go cancel()
	if _, err := feed.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("a feed whose context has ended answers %v", err)
	}
}

// What writes nothing wakes nobody, and heartbeats say how far commits that are left out have brought the feed.
func TestHeartbeats(t *testing.T) {
	f := newFixture(t, 0)
	feed := must(f.g.Feed(t.Context(), graph.FeedOptions{Live: true, Heartbeat: time.Millisecond, Filter: &graph.ChangeFilter{Operations: []graph.Operation{graph.Deleted}}}))
	defer feed.Close()
	for want := graph.Revision(1); want < 5; want++ {
		b := must(feed.Next(t.Context()))
		for b.Revision < want {
			b = must(feed.Next(t.Context()))
		}
		if b.Revision != want || len(b.Changes) != 0 {
			t.Fatalf("the batch is %+v, want a heartbeat at %d", b, want)
		}
		f.mustApply(entity("dan", vocab.KindPerson, fmt.Sprint("Dan ", want)))
		f.apply(graph.Batch{DryRun: true, Changes: []graph.Change{entity("eve", vocab.KindPerson, "Eve")}})
		f.apply(graph.Batch{Changes: []graph.Change{entity("", "", "")}})
	}
	if got, want := f.g.FeedStats(), (graph.FeedStats{Open: 1}); got != want {
		t.Errorf("figures %+v, want %+v", got, want)
	}
}

// followed is what one follower has seen, over all its connections.
type followed struct {
	filter *graph.ChangeFilter
	seen   []string
	at     graph.Revision
}

// follow reads up to so many batches from where it was, and breaks off.
func (w *followed) follow(ctx context.Context, g *graph.Graph, batches int) error {
	feed, err := g.Feed(ctx, graph.FeedOptions{Since: w.at, Filter: w.filter, Live: true, Heartbeat: 5 * time.Millisecond})
	if err != nil {
		return err
	}
	defer feed.Close()
	for range batches {
		b, err := feed.Next(ctx)
		if err != nil {
			return err
		}
		if b.Revision < w.at || b.Revision == w.at && len(b.Changes) > 0 {
			return fmt.Errorf("revision %d comes after %d", b.Revision, w.at)
		}
		w.at = b.Revision
		for _, e := range b.Changes {
			w.seen = append(w.seen, fmt.Sprint(e.Revision, " ", e.Operation, " ", e.ID))
		}
	}
	return nil
}

// TestFollowers lets followers with filters come and go while others write. Each must see every commit that its filter
// lets through, once and in order, as worked out from what the writers were answered.
func TestFollowers(t *testing.T) {
	const writers, each = 4, 60
	for i, engine := range engines {
		t.Run(engine.name, func(t *testing.T) {
			f := newFixture(t, i)
			f.mustApply(entity("w0", vocab.KindPerson, "W"), entity("w1", vocab.KindPerson, "W"), entity("w2", vocab.KindPerson, "W"), entity("w3", vocab.KindPerson, "W"))
			followers := []*followed{{}, {filter: &graph.ChangeFilter{Operations: []graph.Operation{graph.Created}}}, {filter: &graph.ChangeFilter{Involves: []string{"w1"}}},
				{filter: &graph.ChangeFilter{Relations: &graph.RelationFilter{Types: []string{"met-with"}}, Involves: []string{"w2", "w3"}}}, {}}
			for _, w := range followers {
				w.at = 2
			}
			var mu sync.Mutex
			commits := map[graph.Revision]commit{}
			var newest atomic.Uint64
			var writing, reading sync.WaitGroup
			for w := range writers {
				writing.Go(func() {
					for n, kept := 0, ""; n < each; n++ {
						c := writeOne(t, f.g, w, n, &kept)
						mu.Lock()
						commits[c.revision] = c
						newest.Store(max(newest.Load(), uint64(c.revision)))
						mu.Unlock()
					}
				})
			}
			var done atomic.Bool
			for _, w := range followers {
				reading.Go(func() {
					for !done.Load() || w.at < graph.Revision(newest.Load()) {
						if err := w.follow(t.Context(), f.g, 1+rand.IntN(12)); err != nil {
							t.Error(err)
							return
						}
					}
				})
			}
			writing.Wait()
			done.Store(true)
			reading.Wait()
			for n, w := range followers {
				var want []string
				for rev := graph.Revision(3); rev <= graph.Revision(newest.Load()); rev++ {
					want = append(want, commits[rev].passing(w.filter)...)
				}
				if len(want) < each {
					t.Fatalf("follower %d has only %d changes to see", n, len(want))
				}
				if !slices.Equal(w.seen, want) {
					t.Errorf("follower %d has seen\n%s\nwant\n%s", n, strings.Join(w.seen, "\n"), strings.Join(want, "\n"))
				}
			}
			if n := f.g.FeedStats().Open; n != 0 {
				t.Errorf("%d feeds are open", n)
			}
		})
	}
}

// commit is what a writer knows of one revision: one change that involves one of the writers' persons.
type commit struct {
	revision graph.Revision
	op       graph.Operation
	id       string
	relation bool
	who      string
}

// passing says what a filter of TestFollowers lets through, in words of its own.
func (c commit) passing(f *graph.ChangeFilter) []string {
	if f != nil && (f.Operations != nil && c.op != graph.Created || f.Relations != nil && !c.relation || f.Involves != nil && !slices.Contains(f.Involves, c.who)) {
		return nil
	}
	return []string{fmt.Sprint(c.revision, " ", c.op, " ", c.id)}
}

// writeOne writes the n-th change of a writer: a new name, a new meeting, or the retraction of its last meeting.
func writeOne(t *testing.T, g *graph.Graph, w, n int, kept *string) commit {
	who := fmt.Sprint("w", w)
	c := commit{who: who, relation: n%3 != 0}
	var change graph.Change
	switch n % 3 {
	case 0:
		change = entity(who, vocab.KindPerson, fmt.Sprint("Name ", n))
	case 1:
		change = relation("met-with", who, "ann", row("doc/2", fmt.Sprint(w, n)))
		change.AddRelation.Condition = fmt.Sprint("meeting ", n)
	default:
		change.RetractRelation = &graph.RetractInput{ID: *kept, Reason: "made up"}
	}
	out, err := g.Apply(context.Background(), graph.Batch{Changes: []graph.Change{change}})
	if err != nil || len(out.Errors) > 0 || len(out.Results) != 1 {
		t.Error(err, out)
		return c
	}
	c.revision, c.op, c.id = out.Revision, out.Results[0].Operation, out.Results[0].ID
	*kept = c.id
	return c
}

// snapshotCounter counts the snapshots taken of a store, and the keys that its writes read.
type snapshotCounter struct {
	store.Store
	taken, held atomic.Int64
}

func (s *snapshotCounter) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	s.taken.Add(1)
	s.held.Add(1)
	snap, err := s.Store.Snapshot(ctx, o)
	return &countedSnapshot{snap, sync.OnceFunc(func() { s.held.Add(-1) })}, err
}

type countedSnapshot struct {
	store.Snapshot
	released func()
}

func (s *countedSnapshot) Release() {
	s.released()
	s.Snapshot.Release()
}

// Feeds that nobody reads keep no snapshot, no queue, and add nothing to what a writer does; read later, they have lost nothing.
func TestFeedsThatNobodyReads(t *testing.T) {
	st := &snapshotCounter{Store: memory.New()}
	g := must(graph.Open(t.Context(), st, graph.Options{}))
	defer g.Close()
	must(g.Apply(t.Context(), graph.Batch{Changes: []graph.Change{entity("a", vocab.KindPerson, "A")}}))
	var feeds []*graph.Feed
	for range 200 {
		f := must(g.Feed(t.Context(), graph.FeedOptions{Since: 1, Live: true, Heartbeat: time.Hour}))
		defer f.Close()
		must(f.Next(t.Context()))
		f.Release()
		feeds = append(feeds, f)
	}
	before := st.taken.Load()
	for n := range 100 {
		must(g.Apply(t.Context(), graph.Batch{Changes: []graph.Change{entity("a", vocab.KindPerson, fmt.Sprint("A", n))}}))
	}
	if taken, held := st.taken.Load()-before, st.held.Load(); taken != 0 || held != 0 {
		t.Errorf("with feeds that nobody reads, writes take %d snapshots, and %d are held", taken, held)
	}
	for _, f := range feeds {
		for rev := graph.Revision(2); rev <= 101; rev++ {
			if b := must(f.Next(t.Context())); b.Revision != rev || len(b.Changes) != 1 {
				t.Fatalf("the batch is %+v, want revision %d", b, rev)
			}
		}
	}
	for _, f := range feeds {
		f.Close()
	}
	if held, open := st.held.Load(), g.FeedStats().Open; held != 0 || open != 0 {
		t.Errorf("%d snapshots are held and %d feeds open after the end", held, open)
	}
}

// TestReplica applies what a feed tells, in the terms of interchange, to an empty graph, which then is the same.
func TestReplica(t *testing.T) {
	f := newFixture(t, 0)
	story(f)
	f.mustApply(relation("rejects", "ann", "plan", row("doc/2", "8"))) // a further citation
	v := f.view()
	r := must(v.Relations(t.Context(), &graph.RelationFilter{Types: []string{"rejects"}}, nil, graph.PageArgs{})).Items[0]
	c := must(r.Citations(t.Context(), nil, 1))[0]
	f.mustApply(graph.Change{RetractCitation: &graph.RetractInput{ID: c.ID, Reason: "misread"}})
	f.mustApply(graph.Change{MergeEntities: &graph.MergeInput{Keep: "ben", Absorb: []string{"cid"}, Reason: "one"}})
	f.mustApply(graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: "cid", From: "ben", Reason: "two"}}, graph.Change{MergeEntities: &graph.MergeInput{Keep: "ann", Absorb: []string{"cid"}, Reason: "another"}})

	copied := must(graph.Open(t.Context(), memory.New(), graph.Options{}))
	defer copied.Close()
	feed := must(f.g.Feed(t.Context(), graph.FeedOptions{}))
	defer feed.Close()
	for {
		b, err := feed.Next(t.Context())
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		var changes []graph.Change
		for _, e := range b.Changes {
			changes = append(changes, applied(t, must(e.Interchange(t.Context(), true)))...)
		}
		if out := must(copied.Apply(t.Context(), graph.Batch{Changes: changes})); len(out.Errors) > 0 {
			t.Fatalf("revision %d: %v", b.Revision, out.Errors)
		}
	}
	if got, want := exported(t, copied), exported(t, f.g); got != want {
		t.Errorf("the copy has\n%s\nwant\n%s", got, want)
	}
}

// applied are the changes that do to a copy what was done to the original.
func applied(t *testing.T, c *graph.ChangeRecord) (out []graph.Change) {
	t.Helper()
	var back graph.ChangeRecord
	if err := json.Unmarshal(must(json.Marshal(c)), &back); err != nil || !reflect.DeepEqual(back.Withdrawn, c.Withdrawn) {
		t.Errorf("a change is not read as it was written: %v", err)
	}
	for _, id := range c.Withdrawn {
		if c.Kind == "entity" {
			out = append(out, graph.Change{UnmergeEntities: &graph.UnmergeInput{ID: c.ID, From: id, Reason: c.Reason}})
		} else {
			out = append(out, graph.Change{RetractCitation: &graph.RetractInput{ID: id, Reason: c.Reason}})
		}
	}
	if c.Operation == graph.Deleted {
		out = append(out, graph.Change{DeleteEntity: &graph.RetractInput{ID: c.ID, Reason: c.Reason}})
	}
	if c.Record != nil {
		var l struct {
			Document     *graph.DocumentInput
			Entity       *graph.EntityInput
			RelationType *graph.RelationTypeInput
			Relation     *graph.RelationInput
		}
		if err := json.Unmarshal(c.Record, &l); err != nil {
			t.Fatal(err)
		}
		if l.Relation == nil || len(l.Relation.Citations) > 0 {
			out = append(out, graph.Change{PutDocument: l.Document, PutEntity: l.Entity, PutRelationType: l.RelationType, AddRelation: l.Relation})
		}
	}
	if c.Judgement != nil {
		out = append(out, graph.Change{MergeEntities: c.Judgement})
	}
	return out
}

// sharedStore is a store that says that other processes may write to it.
type sharedStore struct{ store.Store }

func (s sharedStore) Caps() store.Caps {
	c := s.Store.Caps()
	c.Distributed = true
	return c
}

// Commits of another process wake nobody here; where the engine can be shared, they are looked for.
func TestFeedSeesOtherProcesses(t *testing.T) {
	st := sharedStore{memory.New()}
	here, there := must(graph.Open(t.Context(), st, graph.Options{})), must(graph.Open(t.Context(), st, graph.Options{}))
	defer here.Close()
	defer there.Close()
	feed := must(here.Feed(t.Context(), graph.FeedOptions{Live: true, Heartbeat: time.Hour}))
	defer feed.Close()
	must(feed.Next(t.Context())) // a heartbeat
	for rev := graph.Revision(1); rev <= 2; rev++ {
		next := make(chan *graph.ChangeBatch)
		go func() { next <- must(feed.Next(context.Background())) }()
		time.Sleep(50 * time.Millisecond) // so that the feed has found nothing and waits
		must(there.Apply(t.Context(), graph.Batch{Changes: []graph.Change{entity("a", vocab.KindPerson, fmt.Sprint("A", rev))}}))
		if b := <-next; b.Revision != rev || len(b.Changes) != 1 {
			t.Fatalf("the batch is %+v, want revision %d", b, rev)
		}
	}
}
