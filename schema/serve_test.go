package schema

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"chancery/graph"
	"chancery/graph/search"
	"chancery/store"
	"chancery/store/engine"
)

// newGraph opens an empty graph on an engine. Its clock starts at midnight on
// 1 May 2025 and goes on by a minute whenever it is read.
func newGraph(t testing.TB, url string) *graph.Graph {
	t.Helper()
	st, err := engine.Open(context.Background(), url, engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	texts, err := search.Open("", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := texts.Close(); err != nil {
			t.Error(err)
		}
	})
	return openGraph(t, st, texts)
}

// newGraphIn opens a graph whose texts are not indexed, in a store.
func newGraphIn(t testing.TB, st store.Store) *graph.Graph {
	t.Helper()
	return openGraph(t, st, nil)
}

func openGraph(t testing.TB, st store.Store, texts *search.Index) *graph.Graph {
	t.Helper()
	now := time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)
	g, err := graph.Open(context.Background(), st, graph.Options{Now: func() time.Time {
		now = now.Add(time.Minute)
		return now
	}, Text: texts})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

// countingStore counts the snapshots that are taken of a store, and those not released.
type countingStore struct {
	store.Store
	taken, held atomic.Int64
}

func (s *countingStore) Snapshot(ctx context.Context, o store.ReadOptions) (store.Snapshot, error) {
	snap, err := s.Store.Snapshot(ctx, o)
	if err != nil {
		return nil, err
	}
	s.taken.Add(1)
	s.held.Add(1)
	return &countedSnapshot{Snapshot: snap, released: sync.OnceFunc(func() { s.held.Add(-1) })}, nil
}

type countedSnapshot struct {
	store.Snapshot
	released func()
}

func (s *countedSnapshot) Release() {
	s.released()
	s.Snapshot.Release()
}

// answer is an HTTP answer with its JSON body taken apart.
type answer struct {
	status int
	header http.Header
	raw    string
	data   any
	errors []shownError
	body   map[string]json.RawMessage
	added  struct {
		Revision string
		Cost     *operationCost
	} // the extensions
}

type shownError struct {
	Message    string
	Path       []any
	Locations  []any
	Extensions map[string]any
}

// code is the code of the first error, or "".
func (a answer) code() string {
	if len(a.errors) == 0 {
		return ""
	}
	c, _ := a.errors[0].Extensions["code"].(string)
	return c
}

// revision is the one that the answer says it is of.
func (a answer) revision() string { return a.added.Revision }

// failer is what *testing.T and *rapid.T have in common.
type failer interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func do(t failer, h http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), raw: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.body); err != nil {
		t.Fatalf("the answer is not a JSON object: %v\n%s", err, a.raw)
	}
	if raw, ok := a.body["errors"]; ok {
		if err := json.Unmarshal(raw, &a.errors); err != nil || len(a.errors) == 0 {
			t.Fatalf("errors are %s: %v", raw, err)
		}
	}
	if raw, ok := a.body["extensions"]; ok {
		if err := json.Unmarshal(raw, &a.added); err != nil {
			t.Fatalf("extensions are %s: %v", raw, err)
		}
	}
	if raw, ok := a.body["data"]; ok {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(&a.data); err != nil {
			t.Fatal(err)
		}
	}
	return a
}

// ask posts a query.
func ask(t failer, h http.Handler, query string, variables map[string]any) answer {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/graphql", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return do(t, h, r)
}

// at picks a value from an answer's data by a path such as "entity.names.0.text".
func (a answer) at(t failer, path string) any {
	t.Helper()
	v, ok := pick(a.data, strings.Split(path, "."))
	if !ok {
		t.Fatalf("the answer has no %s: %s", path, a.raw)
	}
	return v
}
