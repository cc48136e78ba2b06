// Package bench measures what the service takes to answer questions of real data, and compares it with a program that
// keeps the same data in maps. It has tests alone. Its figures, and how to repeat them, are in docs/performance.md.
package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/graph/search"
	"chancery/schema"
	"chancery/store/badger"
)

var (
	table  = flag.Bool("table", false, "print the results of BenchmarkQuestions as the tables of docs/performance.md")
	stores = flag.String("stores", "", "keep the imported stores in this directory for the next run, whose profiles are then free of the import")
)

// clients is how many ask at the same time where many do.
const clients = 16

// site is a data set in a store, served over HTTP, and in maps.
type site struct {
	graph  *graph.Graph
	server *httptest.Server
	memory *memory
	opened string // what opening took, in words
}

// BenchmarkQuestions asks each question in three ways: of maps, through package graph, and through GraphQL over loopback
// HTTP, the last with one client and with sixteen. Client and server share the process, so processor time and
// allocations are those of both.
func BenchmarkQuestions(b *testing.B) {
	if testing.Short() {
		b.Skip("importing the shared data takes a minute; -short was given")
	}
	sites := map[string]*site{}
	var results []*result
	for _, q := range questions() {
		b.Run(q.name, func(qb *testing.B) {
			if sites[q.set] == nil {
				s, err := openSite(b, q.set)
				if errors.Is(err, fs.ErrNotExist) {
					qb.Skipf("the shared data are not beside the repository: %v", err)
				}
				if err != nil {
					qb.Fatal(err)
				}
				sites[q.set] = s
			}
			r := &result{question: q}
			results = append(results, r)
			sites[q.set].measure(qb, q, r)
		})
	}
	if *table {
		for _, set := range slices.Sorted(maps.Keys(sites)) {
			fmt.Printf("\n%s: %s\n", set, sites[set].opened)
		}
		fmt.Print("\n", tables(results))
	}
}

// openSite imports a data set, serves it, and reads it into maps.
func openSite(b *testing.B, set string) (*site, error) {
	path := filepath.Join("..", "..", "..", "shared", "data", set+".jsonl.gz")
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	dir := b.TempDir()
	if *stores != "" {
		dir = filepath.Join(*stores, set)
	}
	began, before := time.Now(), heap()
	st, err := badger.Open(dir, badger.Options{})
	if err != nil {
		return nil, err
	}
	b.Cleanup(func() { closed(b, st.Close) })
	texts, err := search.Open(filepath.Join(dir, "search"), slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	b.Cleanup(func() { closed(b, texts.Close) })
	g, err := graph.Open(b.Context(), st, graph.Options{Text: texts})
	if err != nil {
		return nil, err
	}
	b.Cleanup(func() { closed(b, g.Close) })
	if err := fill(b.Context(), g, file); err != nil {
		return nil, err
	}
	imported := time.Since(began)
	g.Warm()
	for deadline := time.Now().Add(time.Minute); g.TopologyBytes() == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			return nil, errors.New("the topology was not built in a minute")
		}
	}
	s := &site{graph: g, server: httptest.NewServer(schema.Handler(g, schema.Config{}))}
	b.Cleanup(s.server.Close)
	served := heap()
	if s.memory, err = load(path); err != nil {
		return nil, err
	}
	s.opened = fmt.Sprintf("opened, and imported where it was empty, in %.1f s; heap %d MB more, of which topology %d MB; the maps take %d MB", imported.Seconds(), (served-before)>>20, g.TopologyBytes()>>20, (heap()-served)>>20)
	b.Log(set, s.opened)
	return s, nil
}

// fill imports a file into an empty graph. A graph that holds anything was filled by an earlier run.
func fill(ctx context.Context, g *graph.Graph, file io.Reader) error {
	v, err := g.View(ctx, graph.At{})
	if err != nil {
		return err
	}
	defer v.Release()
	if c, err := v.Counts(ctx); err != nil || c.Relations > 0 {
		return err
	}
	report, err := format.Import(ctx, g, file, format.ImportOptions{})
	if err != nil {
		return err
	}
	if report.Rejected > 0 {
		return fmt.Errorf("%d lines were rejected", report.Rejected)
	}
	return g.AwaitText(ctx, report.Revision)
}

func closed(b *testing.B, end func() error) {
	if err := end(); err != nil {
		b.Error(err)
	}
}

// heap is how much memory is in use by what is reachable.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// measure compares the answers with one another and with what is known of them, and then takes the time.
func (s *site) measure(b *testing.B, q question, r *result) {
	requests, err := q.requests(s.memory)
	if err != nil {
		b.Fatal(err)
	}
	if err := s.check(b.Context(), q, requests); err != nil {
		b.Fatal(err)
	}
	b.Run("map", func(b *testing.B) {
		r.memory = timed(b, func(i int) error {
			q.lookup(s.memory, requests[i%len(requests)].id)
			return nil
		})
	})
	b.Run("graph", func(b *testing.B) {
		r.graph = timed(b, func(i int) error {
			_, err := s.ask(b.Context(), q, requests[i%len(requests)].id)
			return err
		})
		r.compare(b, r.graph)
	})
	b.Run("http", func(b *testing.B) {
		c := s.client()
		r.http = timed(b, func(i int) error {
			_, err := c.post(requests[i%len(requests)].body, io.Discard)
			return err
		})
		r.compare(b, r.http)
		b.ReportMetric(r.http.p50.Seconds()*1e3, "p50-ms")
		b.ReportMetric(r.http.p99.Seconds()*1e3, "p99-ms")
	})
	b.Run(fmt.Sprintf("http%d", clients), func(b *testing.B) { s.crowd(b, requests, r) })
}

// crowd asks with many clients at once.
func (s *site) crowd(b *testing.B, requests []asked, r *result) {
	c := s.client()
	var n atomic.Int64
	b.SetParallelism((clients + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
	cpu := processCPU()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := c.post(requests[int(n.Add(1))%len(requests)].body, io.Discard); err != nil {
				b.Error(err)
				return
			}
		}
	})
	r.crowdCPU = (processCPU() - cpu) / time.Duration(b.N)
	r.crowdRate = float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(r.crowdCPU.Seconds()*1e3, "cpu-ms/op")
	b.ReportMetric(r.crowdRate, "requests/s")
}

// ask puts the question to package graph, at the newest state.
func (s *site) ask(ctx context.Context, q question, id string) (int, error) {
	v, err := s.graph.View(ctx, graph.At{})
	if err != nil {
		return 0, err
	}
	defer v.Release()
	return q.graph(ctx, v, id)
}

// check compares, for each request, the rows that GraphQL answers with those of the maps, and the number of
// rows that package graph reads. Then it looks for what other programs answered from the same data.
func (s *site) check(ctx context.Context, q question, requests []asked) error {
	c := s.client()
	for _, request := range requests {
		var raw bytes.Buffer
		if _, err := c.post(request.body, &raw); err != nil {
			return err
		}
		var answer struct{ Data json.RawMessage }
		if err := json.Unmarshal(raw.Bytes(), &answer); err != nil {
			return err
		}
		got, want, err := q.rows(answer.Data, q.lookup(s.memory, request.id))
		if err != nil {
			return err
		}
		if !slices.Equal(got, want) {
			return fmt.Errorf("GraphQL answers %d rows and the maps %d; the first that differ are\n%s", len(got), len(want), firstDifference(got, want))
		}
		if n, err := s.ask(ctx, q, request.id); err != nil || n != len(want) {
			return fmt.Errorf("package graph reads %d rows and the maps %d: %w", n, len(want), err)
		}
		for _, row := range q.agreed {
			if !slices.Contains(got, row) {
				return fmt.Errorf("the answer has no row %q:\n%s", row, strings.Join(got[:min(len(got), 40)], "\n"))
			}
		}
		if q.size > 0 && len(got) != q.size {
			return fmt.Errorf("the answer has %d rows; other programs answered %d", len(got), q.size)
		}
	}
	return nil
}

func firstDifference(got, want []string) string {
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			return fmt.Sprintf("%d of GraphQL: %s\n%d of the maps: %s", i, strings.Join(got[min(i, len(got)):min(i+3, len(got))], "; "), i, strings.Join(want[min(i, len(want)):min(i+3, len(want))], "; "))
		}
	}
	return "none"
}

// client keeps its connections.
type client struct {
	*http.Client
	url string
}

func (s *site) client() client {
	return client{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, DisableCompression: true}}, s.server.URL}
}

// post asks and reads the answer to its end. It fails on answers with errors, which come before data.
func (c client) post(body []byte, into io.Writer) (int64, error) {
	resp, err := c.Post(c.url, "application/json", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	var start [9]byte
	if _, err := io.ReadFull(resp.Body, start[:]); err != nil {
		return 0, err
	}
	if resp.StatusCode != http.StatusOK || bytes.HasPrefix(start[:], []byte(`{"errors"`)) {
		rest, _ := io.ReadAll(io.LimitReader(resp.Body, 2_000)) // it is only shown
		return 0, fmt.Errorf("HTTP status %d: %s%s", resp.StatusCode, start[:], rest)
	}
	if _, err := into.Write(start[:]); err != nil {
		return 0, err
	}
	return io.Copy(into, resp.Body)
}
