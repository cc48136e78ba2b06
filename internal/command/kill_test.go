package command_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Sizes of the file that is imported while the process is killed: a document, entities and relations, one a line in this order.
const (
	killedEntities  = 200
	killedRelations = 20_000
	linesBefore     = 1 + killedEntities // the relations
)

func killedFile() string {
	var b strings.Builder
	b.WriteString(`{"document":{"id":"rows","title":"Rows","publisher":"P","text":"They met."}}` + "\n")
	for i := range killedEntities {
		fmt.Fprintf(&b, `{"entity":{"id":"e/%d","kind":"actor","name":"Actor %d"}}`+"\n", i, i)
	}
	for i := range killedRelations {
		fmt.Fprintf(&b, `{"relation":{"type":"met-with","from":"e/%d","to":"e/%d","occurred":"%04d-%02d-%02d","citations":[{"document":"rows","quote":"They met.","locator":"row %d"}]}}`+"\n",
			i%killedEntities, (i+1+i/killedEntities)%killedEntities, 1900+i%120, i%12+1, i%28+1, i)
	}
	return b.String()
}

// killRuns is how often the process is killed: 10 times, or as CHANCERY_KILL_RUNS says.
func killRuns(t *testing.T) int {
	text := os.Getenv("CHANCERY_KILL_RUNS")
	if text == "" {
		return 10
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("CHANCERY_KILL_RUNS=%s is not a number from 1", text)
	}
	return n
}

// TestKilledImport kills imports with a signal that no process can handle, and checks each time that all
// that was acknowledged is there and that everything agrees. An import that reaches its end must have
// made the same store as one that was never killed.
func TestKilledImport(t *testing.T) {
	file := write(t, "rows.jsonl", killedFile())
	untouched := freshStore(t)
	must(t, untouched, "import", file)
	want := must(t, untouched, "export").stdout
	if n := strings.Count(want, `"relation":`); n != killedRelations {
		t.Fatalf("the file has %d distinct relations, want %d", n, killedRelations)
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 7))
	store, done, killedInTheMiddle := freshStore(t), 0, 0
	for range killRuns(t) {
		acknowledged, complete := importAndKill(t, store, file, r)
		checkKilled(t, store, acknowledged)
		if !complete {
			if acknowledged > linesBefore {
				killedInTheMiddle++
			}
			continue
		}
		done++
		if got := must(t, store, "export").stdout; got != want {
			t.Fatal("an import that was killed and resumed made another store")
		}
		store = freshStore(t)
	}
	must(t, store, "import", file)
	if got := must(t, store, "export").stdout; got != want {
		t.Error("an import that was killed and resumed made another store")
	}
	if killedInTheMiddle == 0 {
		t.Error("no import was killed in the middle: the test has tested nothing")
	}
	t.Logf("%d imports were killed in the middle, %d reached their end first", killedInTheMiddle, done)
}

// importAndKill imports in another process and kills it somewhere on the way. It
// returns the last line that was acknowledged, and whether the import came to its end before.
func importAndKill(t *testing.T, store, file string, r *rand.Rand) (acknowledged int, complete bool) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "import", file, "--store", store, "--progress", "json", "--log-level", "error")
	cmd.Env = append(os.Environ(), "CHANCERY_TEST_PROGRAM=1")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	steps := 1 + r.IntN(20)
	pause := time.Duration(r.IntN(20_000)) * time.Microsecond
	lines := bufio.NewScanner(stderr)
	for n := 1; lines.Scan(); n++ {
		var p struct{ Lines int }
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("the import says %s", lines.Text())
		}
		acknowledged = p.Lines
		if n == steps {
			go func() {
				time.Sleep(pause)
				_ = cmd.Process.Kill() // it may have ended by itself
			}()
		}
	}
	return acknowledged, cmd.Wait() == nil
}

var rowOf = regexp.MustCompile(`"locator":"row (\d+)"`)

// checkKilled checks a store whose writer was killed.
func checkKilled(t *testing.T, store string, acknowledged int) {
	t.Helper()
	if o := runIn(t, store, "verify"); o.code != 0 {
		t.Fatalf("after a kill verify says %s%s", o.stdout, o.stderr)
	}
	text := must(t, store, "export").stdout
	there := make([]bool, killedRelations)
	for _, m := range rowOf.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		there[n] = true
	}
	for i := range acknowledged - linesBefore {
		if !there[i] {
			t.Fatalf("line %d was acknowledged and its relation is not there; %d lines were", linesBefore+i+1, acknowledged)
		}
	}
}
