package format

import (
	"bytes"
	"os"
	"testing"
)

func TestWaitingLinesSpill(t *testing.T) {
	w := waitingLines{dir: t.TempDir()}
	block := func(i int) []byte { return bytes.Repeat([]byte{byte(i)}, 1<<20) }
	const n = 70 // MiB, of which 64 stay in memory
	for i := range n {
		if err := w.add(i+1, block(i)); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir(w.dir)
	if err != nil || len(files) != 1 || len(w.memory) != waitingMemory {
		t.Fatalf("%d files, %d bytes in memory (%v)", len(files), len(w.memory), err)
	}
	for _, i := range []int{n - 1, 0, 64, 63} {
		raw, line, err := w.read(i)
		if err != nil || line != i+1 || !bytes.Equal(raw, block(i)) {
			t.Errorf("line %d was read back as line %d (%v)", i+1, line, err)
		}
	}
	w.done(3)
	w.done(3)
	if w.open() != n-1 || len(w.all()) != n-1 {
		t.Errorf("%d lines are open, want %d", w.open(), n-1)
	}
	if err := w.close(); err != nil {
		t.Fatal(err)
	}
	if files, _ := os.ReadDir(w.dir); len(files) != 0 {
		t.Error("the temporary file was left behind")
	}
}

func TestWaitingLinesWake(t *testing.T) {
	var w waitingLines
	for i := range 4 {
		if err := w.add(i, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	w.wait(3, []string{"a", "b"})
	w.wait(1, []string{"a"})
	w.wait(2, []string{"c"})
	w.wake("b")
	w.wake("a")
	w.wake("a")
	w.done(1)
	if got := w.ready(); len(got) != 1 || got[0] != 3 {
		t.Errorf("ready lines are %v, want [3]", got)
	}
	if got := w.ready(); len(got) != 0 {
		t.Errorf("lines were readied twice: %v", got)
	}
}
