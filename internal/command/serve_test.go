package command_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"chancery/internal/command"
)

func pid() string { return strconv.Itoa(os.Getpid()) }

// server is the program serving, started by a test.
type server struct {
	t      *testing.T
	url    string
	stop   context.CancelFunc
	ended  chan int
	stderr *bytes.Buffer // to be read after it ended
}

var urlLine = regexp.MustCompile(`what is here +(http://\S+)/`)

// startServer serves on a free port. It is stopped at the end of the test.
func startServer(t *testing.T, store string, args ...string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	s := &server{t: t, stop: cancel, ended: make(chan int, 1), stderr: &bytes.Buffer{}}
	go func() {
		code := command.Run(ctx, append([]string{"serve", "--store", store, "--listen", "127.0.0.1:0"}, args...), func(string) string { return "" }, nil, w, s.stderr)
		w.Close()
		s.ended <- code
	}()
	lines := bufio.NewScanner(r)
	for s.url == "" && lines.Scan() {
		if m := urlLine.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
		}
	}
	if s.url == "" {
		t.Fatalf("serve ended with %d before it said where: %s", <-s.ended, s.stderr)
	}
	go io.Copy(io.Discard, r)
	t.Cleanup(func() { s.end() })
	return s
}

// end stops the server as a signal does and returns its exit code.
func (s *server) end() int {
	s.stop()
	code := <-s.ended
	s.ended <- code
	return code
}

// ask sends a GraphQL query and returns the data.
func (s *server) ask(query string) map[string]any {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := http.Post(s.url+"/graphql", "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Data   map[string]any
		Errors []struct{ Message string }
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || len(answer.Errors) > 0 {
		s.t.Fatalf("%s was answered with %v (%v)", query, answer.Errors, err)
	}
	return answer.Data
}

const countRelations = `{ relations(first: 0) { totalCount } }`

func (s *server) relations() int {
	s.t.Helper()
	n, _ := s.ask(countRelations)["relations"].(map[string]any)["totalCount"].(float64)
	return int(n)
}

// waitForRequest waits until the server answers one request besides the one that asks.
func (s *server) waitForRequest() {
	s.t.Helper()
	for {
		resp, err := http.Get(s.url + "/metrics")
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.Contains(string(text), "chancery_http_requests_in_flight 2\n") {
			return
		}
		time.Sleep(time.Millisecond)
	}
}

func TestServeKeepsWhatItWasTold(t *testing.T) {
	t.Chdir(t.TempDir())
	store := freshStore(t)
	s := startServer(t, store)
	example := s.relations()
	if example < 45 {
		t.Errorf("the example has %d relations, want 45 or more", example)
	}
	if e, _ := s.ask(`{ entity(id: "person/steve-witkoff") { name } }`)["entity"].(map[string]any); e["name"] != "Steve Witkoff" {
		t.Errorf("the example answers %v", e)
	}
	o := runWith(t, nil, talks+badTalks, "import", "-", "--url", s.url)
	if o.code != 1 || !strings.Contains(o.stdout, "stdin: 6 lines") || !strings.Contains(o.stderr, "stdin:5: entity.kind") {
		t.Errorf("import over HTTP: %+v", o)
	}
	if text, err := os.ReadFile("stdin.rejects.jsonl"); err != nil || strings.Count(string(text), "\n") != 2 {
		t.Errorf("the reject file of an import over HTTP is %q (%v)", text, err)
	}
	exported := filepath.Join(t.TempDir(), "all.jsonl.gz")
	if o := runWith(t, nil, "", "export", "--url", s.url, "-o", exported); o.code != 0 {
		t.Errorf("export over HTTP: %+v", o)
	}
	pieces := [][]string{
		{"--format", "graphml", "--filter", `{"involves": ["person/steve-witkoff"]}`},
		{"--format", "csv", "--excel", "--neighborhood", `{"seeds": ["person/steve-witkoff"]}`},
		{"--format", "dot", "--shape", "ties", "--revision", "1"},
	}
	var overHTTP []string
	for _, piece := range pieces {
		o := runWith(t, nil, "", append([]string{"export", "--url", s.url}, piece...)...)
		if o.code != 0 || len(o.stdout) < 1_000 {
			t.Errorf("export %q over HTTP: %+v", piece, o)
		}
		overHTTP = append(overHTTP, o.stdout)
	}
	if code := s.end(); code != 0 {
		t.Fatalf("serve ended with %d: %s", code, s.stderr)
	}
	for i, piece := range pieces {
		if got := must(t, store, append([]string{"export"}, piece...)...).stdout; got != overHTTP[i] {
			t.Errorf("export %q over HTTP differs from that of the store", piece)
		}
	}
	if log := s.stderr.String(); !strings.Contains(log, "loaded the bundled example") || !strings.Contains(log, "stopped") {
		t.Errorf("the log is %s", log)
	}
	data, err := os.ReadFile(exported)
	if err != nil {
		t.Fatal(err)
	}
	if got := must(t, store, "export").stdout; got != unpacked(t, exported, data) {
		t.Error("the export over HTTP differs from that of the store")
	}
	again := startServer(t, store)
	if n := again.relations(); n != example+1 {
		t.Errorf("after a restart there are %d relations, want %d", n, example+1)
	}
	if again.end(); strings.Contains(again.stderr.String(), "loaded the bundled example") {
		t.Error("the example was loaded into a store that is not empty")
	}
}

func TestServeReadOnly(t *testing.T) {
	store := freshStore(t)
	must(t, store, "import", write(t, "talks.jsonl", talks))
	s := startServer(t, store, "--read-only")
	if n := s.relations(); n != 1 {
		t.Errorf("%d relations, want 1", n)
	}
	if o := runWith(t, nil, talks, "import", "-", "--url", s.url); o.code != 1 || !strings.Contains(o.stderr, "read-only") {
		t.Errorf("import into a read-only service: %+v", o)
	}
	resp, err := http.Post(s.url+"/graphql", "application/json", strings.NewReader(`{"query":"mutation { apply(input: {changes: []}) { revision } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if text, _ := io.ReadAll(resp.Body); !strings.Contains(string(text), "FORBIDDEN") {
		t.Errorf("a mutation was answered with %s", text)
	}
}

func TestServeWithoutExample(t *testing.T) {
	s := startServer(t, "memory:", "--example=false")
	if n := s.relations(); n != 0 {
		t.Errorf("%d relations in an empty store", n)
	}
}

func TestServeRefusesOtherNames(t *testing.T) {
	s := startServer(t, "memory:", "--hosts", "graph.example, other.example")
	for host, want := range map[string]int{"graph.example": 200, "evil.example": 403} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/livez", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("the name %s was answered with %d, want %d", host, resp.StatusCode, want)
		}
	}
}

func TestServeLetsRequestsEnd(t *testing.T) {
	store := freshStore(t)
	s := startServer(t, store, "--example=false")
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/import", r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	answered := make(chan string, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answered <- string(text)
	}()
	half := len(talks) / 2
	if _, err := io.WriteString(w, talks[:half]); err != nil {
		t.Fatal(err)
	}
	s.waitForRequest()
	s.stop()
	// The port closes while the upload is under way.
	for {
		resp, err := http.Get(s.url + "/livez")
		if err != nil {
			break
		}
		resp.Body.Close()
		time.Sleep(time.Millisecond)
	}
	if _, err := io.WriteString(w, talks[half:]); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if text := <-answered; !strings.Contains(text, `"lines":4`) {
		t.Errorf("the upload under way was answered with %s", text)
	}
	if code := s.end(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	if o := must(t, store, "stats", "--json"); !strings.Contains(o.stdout, `"relations":1`) {
		t.Errorf("what was uploaded is not there: %s", o.stdout)
	}
}

func TestServeCutsOffWhatDoesNotEnd(t *testing.T) {
	s := startServer(t, "memory:", "--example=false", "--drain-timeout", "50ms")
	r, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/import", r)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	failed := make(chan error, 1)
	go func() {
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		failed <- err
	}()
	if _, err := io.WriteString(w, talks[:10]); err != nil {
		t.Fatal(err)
	}
	s.waitForRequest()
	if code := s.end(); code != 0 || !strings.Contains(s.stderr.String(), "cut off") {
		t.Errorf("serve ended with %d: %s", code, s.stderr)
	}
	w.Close()
	if err := <-failed; err == nil {
		t.Error("the request that was cut off was answered")
	}
}
