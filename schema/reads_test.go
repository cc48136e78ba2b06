package schema

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"testing"

	"chancery/graph"
	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/badger"
	"chancery/store/memory"
)

// readStore counts the round trips that reads from a store would be on a remote engine.
type readStore struct {
	store.Store
	gets, batchGets, scans, scanManys atomic.Int64
}

func (s *readStore) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	snap, err := s.Store.Snapshot(ctx, o)
	return &readSnapshot{snap, s}, err
}

func (s *readStore) total() int64 {
	return s.gets.Load() + s.batchGets.Load() + s.scans.Load() + s.scanManys.Load()
}

func (s *readStore) String() string {
	return fmt.Sprintf("%d Get, %d BatchGet, %d Scan, %d ScanMany", s.gets.Load(), s.batchGets.Load(), s.scans.Load(), s.scanManys.Load())
}

func (s *readStore) reset() {
	for _, n := range []*atomic.Int64{&s.gets, &s.batchGets, &s.scans, &s.scanManys} {
		n.Store(0)
	}
}

type readSnapshot struct {
	store.Snapshot
	s *readStore
}

func (r *readSnapshot) Get(ctx context.Context, key []byte) ([]byte, error) {
	r.s.gets.Add(1)
	return r.Snapshot.Get(ctx, key)
}

func (r *readSnapshot) BatchGet(ctx context.Context, keys [][]byte) ([][]byte, error) {
	r.s.batchGets.Add(1)
	return r.Snapshot.BatchGet(ctx, keys)
}

func (r *readSnapshot) Scan(ctx context.Context, rg store.Range) iter.Seq2[store.KV, error] {
	r.s.scans.Add(1)
	return r.Snapshot.Scan(ctx, rg)
}

func (r *readSnapshot) ScanMany(ctx context.Context, rs []store.Range) ([][]store.KV, error) {
	r.s.scanManys.Add(1)
	return r.Snapshot.ScanMany(ctx, rs)
}

// The generated graph: persons that met and warned others and support or reject proposals, each relation with one citation or two.
const (
	manyPersons   = 120
	manyProposals = 10
	manyDocuments = 40
	manyRelations = 6_000
)

// fillMany writes the generated graph in several revisions.
func fillMany(t testing.TB, g *graph.Graph) {
	t.Helper()
	var changes []graph.Change
	flush := func() {
		out, err := g.Apply(context.Background(), graph.Batch{Changes: changes})
		if err != nil || len(out.Errors) > 0 {
			t.Fatalf("%v %.300v", err, out)
		}
		changes = nil
	}
	person := func(i int) string { return fmt.Sprintf("person/%03d", i%manyPersons) }
	proposal := func(i int) string { return fmt.Sprintf("proposal/%d", i%manyProposals) }
	for i := range manyPersons {
		changes = append(changes, graph.Change{PutEntity: &graph.EntityInput{
			ID: person(i), Kind: graph.Some(vocab.KindPerson), Name: graph.Some(fmt.Sprintf("Person %03d", i)),
		}})
	}
	for i := range manyDocuments {
		changes = append(changes, graph.Change{PutDocument: &graph.DocumentInput{
			ID: fmt.Sprintf("doc/%02d", i), Title: graph.Some(fmt.Sprintf("Report %02d", i)), Publisher: graph.Some(fmt.Sprintf("Press %d", i%7)),
			Published: graph.Some(fmt.Sprintf("2024-%02d-%02d", 1+i%12, 1+i%28)),
		}})
	}
	flush()
	for i := range manyProposals {
		changes = append(changes, graph.Change{PutEntity: &graph.EntityInput{
			ID: proposal(i), Kind: graph.Some(vocab.KindProposal), Name: graph.Some(fmt.Sprintf("Plan %d", i)),
		}})
	}
	types := []string{"met-with", "warns", "supports", "rejects"}
	for i := range manyRelations {
		from, step := i/3, 1+i%37
		r := &graph.RelationInput{
			Type: types[i%len(types)], From: person(from), To: person(from + step), Occurred: fmt.Sprintf("20%02d-%02d-%02d", 10+i%14, 1+i%12, 1+i%28),
			Citations: []graph.CitationInput{{Document: fmt.Sprintf("doc/%02d", i%manyDocuments), Locator: fmt.Sprint("row ", i), Speaker: person(i)}},
		}
		if i%4 > 1 {
			r.To = proposal(i / 4)
		}
		if i%3 == 0 {
			r.Citations = append(r.Citations, graph.CitationInput{Document: fmt.Sprintf("doc/%02d", (i+7)%manyDocuments), Locator: fmt.Sprint("line ", i)})
		}
		changes = append(changes, graph.Change{AddRelation: r})
		if len(changes) == 500 {
			flush()
		}
	}
	if len(changes) > 0 {
		flush()
	}
}

// nestedLists asks for the newest relations of a person, those of the counterparts, and what they rest on.
func nestedLists(n, m int) string {
	return fmt.Sprintf(`{entity(id:"person/000"){name relations(first:%d){nodes{type to{name relations(first:%d){nodes{type occurred status from{name} to{name} citations(first:1){locator recordedAt document{title publisher}}}}}}}}}`, n, m)
}

func BenchmarkNested(b *testing.B) {
	st, err := badger.Open(b.TempDir(), badger.Options{})
	if err != nil {
		b.Fatal(err)
	}
	g := newGraphIn(b, st)
	fillMany(b, g)
	h := Handler(g, Config{})
	for _, q := range []struct{ name, query string }{
		{"10x10", nestedLists(10, 10)},
		{"30x30", nestedLists(30, 30)},
		{"1000", `{relations(first:1000){nodes{type status from{name} to{name} citations(first:1){locator document{title}}}}}`},
		{"1000 ends", `{relations(first:1000){nodes{type from{name} to{name}}}}`},
		{"hub counts", `{entity(id:"person/000"){degree neighbors(first:5){nodes{name}} positions(first:5){nodes{label}}}}`},
		{"facets", `{relations(first:0){stats{facets(by:[TYPE,FROM]){values{value count}}}}}`},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if a := ask(b, h, q.query, nil); len(a.errors) > 0 {
					b.Fatal(a.raw)
				}
			}
		})
	}
}

// TestReads bounds the round trips that queries need: a few for each level of a query, however long the lists are.
// Resolvers run at the same time, so that a few more or fewer are made from run to run.
func TestReads(t *testing.T) {
	st := &readStore{Store: memory.New()}
	g := newGraphIn(t, st)
	fillMany(t, g)
	h := Handler(g, Config{})
	for _, c := range []struct {
		name, query string
		most        int64
	}{
		{"a page of relations", `{relations(first:100){nodes{type occurred}}}`, 6},
		{"with their ends", `{relations(first:100){nodes{from{name} to{name}}}}`, 6},
		{"with status and citations", `{relations(first:100){nodes{status citations(first:1){quote document{title} speaker{name}}}}}`, 10},
		{"everything", `{relations(first:100){nodes{createdAt updatedAt from{name} to{name} support{affirming} citations(first:2){recordedBy document{title} speaker{name}}}}}`, 15},
		{"10x10", nestedLists(10, 10), 28},
		{"30x30", nestedLists(30, 30), 36},
		{"neighbors", `{entity(id:"person/000"){neighbors(first:25){edges{node{name} relations{type}}}}}`, 9},
		{"positions", `{entity(id:"person/000"){positions(first:10){nodes{target{name} basis{type citations{locator}}}}}}`, 13},
		{"facets", `{relations(first:0){stats{facets(by:[TYPE,FROM,STATUS]){values{value count}}}}}`, 16},
		{"documents", `{documents(first:40){nodes{title}}}`, 6},
		{"entities", `{entities(first:100){nodes{name}}}`, 7},
	} {
		for range 2 {
			st.reset()
			if a := ask(t, h, c.query, nil); len(a.errors) > 0 {
				t.Fatal(a.raw)
			}
			t.Logf("%s: %s", c.name, st)
			if st.total() > c.most {
				t.Errorf("%s: %s; at most %d round trips were expected", c.name, st, c.most)
			}
		}
	}
}
