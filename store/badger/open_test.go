package badger

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"

	"chancery/store"
)

func TestInUse(t *testing.T) {
	dir := t.TempDir()
	s := openTest(t, dir, Options{})
	_, err := Open(dir, quiet(Options{}))
	if !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), fmt.Sprint("process ", os.Getpid())) {
		t.Errorf("opening it twice: %v, want ErrInUse with the directory and the process", err)
	}
	if _, err := Open(dir, quiet(Options{ReadOnly: true})); !errors.Is(err, store.ErrInUse) {
		t.Errorf("reading what another writes: %v, want ErrInUse", err)
	}
	closeTest(t, s)
	s = openTest(t, dir, Options{})
	closeTest(t, s)
}

func TestReadOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	if _, err := Open(dir, quiet(Options{ReadOnly: true})); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("reading what is not there: %v, want an error that it does not exist", err)
	}
	s := openTest(t, dir, Options{})
	fillStore(t, s, 500)
	crashed := copyDir(t, dir)
	closeTest(t, s)
	if _, err := Open(crashed, quiet(Options{ReadOnly: true})); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "for writing") {
		t.Errorf("reading what was not closed: %v, want ErrUnavailable with the way out", err)
	}
	ctx := context.Background()
	for range 2 {
		r := openTest(t, dir, Options{ReadOnly: true}) // two at once
		defer closeTest(t, r)
		if reported, wrong := countWrong(t, r, 500); reported+wrong > 0 {
			t.Errorf("%d reads reported damage, %d were wrong", reported, wrong)
		}
		if err := errors.Join(r.Ping(ctx), r.Check(ctx)); err != nil {
			t.Error(err)
		}
		_, update := r.TryUpdate(ctx, func(store.Txn) error { return nil })
		_, load := r.Load(ctx, rows())
		if !errors.Is(update, store.ErrReadOnly) || !errors.Is(load, store.ErrReadOnly) {
			t.Errorf("writing: %v, %v, want ErrReadOnly", update, load)
		}
	}
	if _, err := Open(dir, quiet(Options{})); !errors.Is(err, store.ErrInUse) {
		t.Errorf("writing what others read: %v, want ErrInUse", err)
	}
}

func TestForeignDirectory(t *testing.T) {
	dir := t.TempDir()
	db, err := badger.Open(badger.DefaultOptions(dir).WithLogger(nil))
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, quiet(Options{}))
	if err == nil || errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), "another program") {
		t.Errorf("a Badger directory of another program: %v", err)
	}
}

func TestFullDisk(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	defer closeTest(t, s)
	free, asked, now := uint64(minFree), 0, time.Now()
	s.space.free = func(string) (uint64, error) { asked++; return free, nil }
	s.space.now = func() time.Time { return now }
	ctx := context.Background()
	update := func() error {
		_, err := s.TryUpdate(ctx, func(txn store.Txn) error { return txn.Set([]byte("k"), []byte("v")) })
		return err
	}
	s.space.checked = time.Time{}
	if err := update(); err != nil {
		t.Errorf("with just enough space: %v", err)
	}
	free--
	if err := update(); err != nil || asked != 1 {
		t.Errorf("within a second it is asked %d times, %v", asked, err)
	}
	now = now.Add(time.Second)
	err := update()
	if !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), s.dir) || !strings.Contains(err.Error(), "512 MiB") {
		t.Errorf("with too little space: %v, want ErrUnavailable with the directory and what is needed", err)
	}
	if err := s.Ping(ctx); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Ping: %v, want ErrUnavailable", err)
	}
	if sn, err := s.Snapshot(ctx, store.ReadOptions{}); err != nil {
		t.Errorf("reading: %v", err)
	} else {
		sn.Release()
	}
	free, now = minFree, now.Add(time.Second)
	if err := update(); err != nil || asked != 3 {
		t.Errorf("after space was freed: %v, asked %d times", err, asked)
	}
}

// TestFailedCommit pretends that Badger failed while it wrote a commit: nobody
// knows whether it is there, and nothing may be written behind it.
func TestFailedCommit(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	defer closeTest(t, s)
	fillStore(t, s, 100)
	cause := errors.New("input/output error")
	if err := s.outcome(s.watermark.Newest()+1, cause); !errors.Is(err, store.ErrUnknownOutcome) || !errors.Is(err, cause) {
		t.Errorf("%v, want ErrUnknownOutcome and the cause", err)
	}
	_, err := s.TryUpdate(context.Background(), func(txn store.Txn) error { return txn.Set([]byte("k"), []byte("v")) })
	if !errors.Is(err, store.ErrUnavailable) || !errors.Is(err, cause) {
		t.Errorf("the next commit: %v, want ErrUnavailable and the cause", err)
	}
	if reported, wrong := countWrong(t, s, 100); reported+wrong > 0 {
		t.Errorf("%d reads reported damage, %d were wrong", reported, wrong)
	}
	for cause, want := range map[error]error{badger.ErrBlockedWrites: store.ErrClosed, badger.ErrDBClosed: store.ErrClosed, badger.ErrTxnTooBig: store.ErrTooLarge} {
		if err := s.outcome(99, cause); !errors.Is(err, want) {
			t.Errorf("%v became %v, want %v", cause, err, want)
		}
	}
}

// TestCloseWhileReading closes a store while goroutines read it in every way.
func TestCloseWhileReading(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	fillStore(t, s, 5000)
	compact(t, s) // into a file that closing unmaps
	ctx := context.Background()
	var running sync.WaitGroup
	begun := make(chan struct{}, 100)
	for i := range 8 {
		sn, err := s.Snapshot(ctx, store.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			defer sn.Release()
			for n := 0; ; n++ {
				var err error
				switch (i + n) % 3 {
				case 0:
					_, err = sn.Get(ctx, testKey(n%5000))
				case 1:
					for _, err = range sn.Scan(ctx, store.Range{}) {
						if err != nil {
							break
						}
					}
				case 2:
					_, err = sn.ScanMany(ctx, []store.Range{{Limit: 1000}, {Reverse: true, Limit: 1000}})
				}
				if errors.Is(err, store.ErrClosed) {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n == 3 {
					begun <- struct{}{}
				}
			}
		})
	}
	for range 8 {
		<-begun
	}
	closeTest(t, s)
	running.Wait()
}

// TestKill kills a process that commits, again and again. What it was told is
// durable must be there.
func TestKill(t *testing.T) {
	const variable = "STORE_TEST_KILL_DIR"
	if dir := os.Getenv(variable); dir != "" {
		commitForever(dir)
	}
	dir := t.TempDir()
	acknowledged := -1
	for round := range 3 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestKill$")
		cmd.Env = append(os.Environ(), variable+"="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			if i, err := strconv.Atoi(lines.Text()); err == nil {
				acknowledged = i
			}
			if n == 300 {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed
		if acknowledged < 300*(round+1) {
			t.Fatalf("round %d: only %d commits were acknowledged", round, acknowledged)
		}
		if n := countPairs(t, dir); n < acknowledged+1 {
			t.Fatalf("round %d: commit %d was acknowledged, but %d pairs are there", round, acknowledged, n)
		}
	}
}

// commitForever commits the pairs of fillStore one by one, from the first that is
// missing, and prints the number of each when it is durable.
func commitForever(dir string) {
	ctx := context.Background()
	s, err := Open(dir, quiet(Options{}))
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	n := 0
	err = store.View(ctx, s, func(r store.Reader) error {
		for _, err := range r.Scan(ctx, store.Range{KeysOnly: true}) {
			if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	for ; err == nil; n++ {
		_, err = s.TryUpdate(ctx, func(txn store.Txn) error { return txn.Set(testKey(n), testValue(n)) })
		fmt.Println(n)
	}
	fmt.Println(err)
	os.Exit(1)
}

// TestDiscard looks at the commit that Badger is allowed to forget up to.
func TestDiscard(t *testing.T) {
	newest, discarded := uint64(5), uint64(0)
	s := snapshots{held: make(map[uint64]int), newest: func() uint64 { return newest }, discard: func(n uint64) { discarded = n }}
	want := func(n uint64) {
		t.Helper()
		if discarded != n {
			t.Errorf("versions up to commit %d may go, want %d", discarded, n)
		}
	}
	move := func() {
		newest++
		s.moved()
	}
	move()
	want(6)
	six := s.hold()
	move()
	want(6)
	seven, again := s.hold(), s.hold()
	move()
	s.release(six)
	want(7)
	if !s.heldBelow(8) || s.heldBelow(7) {
		t.Error("commit 7 is held and 6 is not, but heldBelow says otherwise")
	}
	s.release(seven)
	want(7)
	s.release(again)
	want(8)
}
