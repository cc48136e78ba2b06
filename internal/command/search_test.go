package command_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// searched waits until all texts are indexed and returns how many quotes and documents have a word. It returns -1 where texts are not searched.
func (s *server) searched(word string) int {
	s.t.Helper()
	for {
		state := s.ask(`{ server { search { lag } } }`)["server"].(map[string]any)["search"]
		if state == nil {
			return -1
		}
		if state.(map[string]any)["lag"].(float64) == 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	answer := s.ask(fmt.Sprintf(`{ search(query: %q, in: [QUOTES, DOCUMENTS], first: 0) { totalCount } }`, word))
	return int(answer["search"].(map[string]any)["totalCount"].(float64))
}

// The index of texts is in the store's directory, goes on where it was, and is made anew when it was deleted.
func TestServedTextsAreSearched(t *testing.T) {
	store := freshStore(t)
	s := startServer(t, store)
	want := s.searched("crimea")
	if want < 3 {
		t.Fatalf("%d quotes and documents of the example speak of Crimea", want)
	}
	resp, err := http.Get(s.url + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	metrics, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil || !strings.Contains(string(metrics), "\nchancery_search_revision 1\n") || !strings.Contains(string(metrics), "\nchancery_search_lag_commits 0\n") {
		t.Errorf("the metrics do not say how far the index is (%v)", err)
	}
	s.end()
	index := filepath.Join(strings.TrimPrefix(store, "badger:"), "search")
	if _, err := os.Stat(index); err != nil {
		t.Fatal(err)
	}
	if o := runIn(t, store, "verify"); o.code != 0 {
		t.Errorf("verify says %s%s", o.stdout, o.stderr)
	}
	s = startServer(t, store)
	if got := s.searched("crimea"); got != want {
		t.Errorf("%d found after a restart; want %d", got, want)
	}
	s.end()
	if err := os.RemoveAll(index); err != nil {
		t.Fatal(err)
	}
	s = startServer(t, store, "--search=false")
	if got := s.searched("crimea"); got != -1 {
		t.Errorf("%d found though texts are not to be searched", got)
	}
	s.end()
	if _, err := os.Stat(index); err == nil {
		t.Error("an index was made though texts are not to be searched")
	}
	first := startServer(t, store, "--read-only")
	second := startServer(t, store, "--read-only")
	if a, b := first.searched("crimea"), second.searched("crimea"); a != want || b != want {
		t.Errorf("two that serve one store for reading find %d and %d; want %d", a, b, want)
	}
}

// TestKilledIndexing kills the service while it indexes, and expects that the next one finds everything.
func TestKilledIndexing(t *testing.T) {
	const documents = 400
	var b strings.Builder
	for i := range documents {
		fmt.Fprintf(&b, `{"document":{"id":"doc/%d","title":"Report %d","publisher":"P","lang":"en","text":"They were negotiating. %s"}}`+"\n", i, i, strings.Repeat(fmt.Sprintf("word%d and more of it. ", i), 400))
	}
	store := freshStore(t)
	must(t, store, "import", write(t, "reports.jsonl", b.String()))
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	index := filepath.Join(strings.TrimPrefix(store, "badger:"), "search")
	for i := range 8 {
		if i%4 == 0 {
			if err := os.RemoveAll(index); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), program, "serve", "--store", store, "--listen", "127.0.0.1:0", "--log-level", "error")
		cmd.Env = append(os.Environ(), "CHANCERY_TEST_PROGRAM=1")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(100+70*i) * time.Millisecond)
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	s := startServer(t, store)
	if got := s.searched("negotiate"); got != documents {
		t.Errorf("%d documents found; want %d", got, documents)
	}
}
