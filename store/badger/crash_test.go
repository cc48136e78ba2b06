package badger

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"chancery/store"
)

// copyDir copies the files of a store as a crash would leave them. Badger's files
// have holes, which are left out.
func copyDir(t testing.TB, dir string) string {
	t.Helper()
	to := t.TempDir()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		copyFile(t, filepath.Join(dir, entry.Name()), filepath.Join(to, entry.Name()))
	}
	return to
}

func copyFile(t testing.TB, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	buf, zeros := make([]byte, 1<<16), make([]byte, 1<<16)
	var at int64
	for {
		n, err := in.Read(buf)
		if n > 0 && !bytes.Equal(buf[:n], zeros[:n]) {
			if _, err := out.WriteAt(buf[:n], at); err != nil {
				t.Fatal(err)
			}
		}
		if at += int64(n); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := out.Truncate(at); err != nil {
		t.Fatal(err)
	}
}

// countPairs opens dir and returns how many pairs of fillStore are there, which must be
// the first ones.
func countPairs(t *testing.T, dir string) int {
	t.Helper()
	s := openTest(t, dir, Options{})
	defer closeTest(t, s)
	n := 0
	err := store.View(context.Background(), s, func(r store.Reader) error {
		for kv, err := range r.Scan(context.Background(), store.Range{}) {
			if err != nil {
				return err
			}
			if !bytes.Equal(kv.Key, testKey(n)) || !bytes.Equal(kv.Value, testValue(n)) {
				return fmt.Errorf("pair %d is %q", n, kv.Key)
			}
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// crashed is a store of 20 commits of 100 pairs in its log, copied while it
// was open, and the place of each commit in the log.
func crashed(t *testing.T) (dir, log string, ends []int64) {
	t.Helper()
	shortLog := func(o *badger.Options) { o.MemTableSize = 8 << 20 } // the log is twice as long
	s := openTest(t, t.TempDir(), Options{tune: shortLog})
	fillStore(t, s, 2000)
	dir = copyDir(t, s.dir)
	closeTest(t, s)
	logs, err := filepath.Glob(filepath.Join(dir, "*"+logSuffix))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs: %q, %v", logs, err)
	}
	content, err := os.ReadFile(logs[0])
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; ; {
		i := bytes.Index(content[at:], []byte(finKey))
		if i < 0 {
			break
		}
		at += i + len(finKey)
		digits := len(fmt.Sprint(len(ends) + 1))
		ends = append(ends, int64(at+8+digits+4))
	}
	return dir, logs[0], ends
}

// TestLogDamage damages the log of a store that was not closed.
func TestLogDamage(t *testing.T) {
	dir, log, ends := crashed(t)
	last := len(ends) - 1
	if last != 19 {
		t.Fatalf("%d commits were found in the log", len(ends))
	}
	for i, end := range ends {
		if i != 0 && i != 7 && i != last-1 {
			continue
		}
		for _, back := range []int64{1, 12, 30, 500, 2000} { // checksum, number, mark, values, keys
			flip(t, log, end-back)
			err := inspectLogs(dir)
			flip(t, log, end-back)
			if !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("commit %d of %d, %d bytes before its end: %v, want ErrCorrupt", i+1, len(ends), back, err)
			}
		}
	}
	if err := inspectLogs(dir); err != nil {
		t.Fatal("undamaged:", err)
	}
	// Zeros in the middle look as the end does.
	content, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(log, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	from := ends[5]
	if _, err := f.WriteAt(make([]byte, 4096), from); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, quiet(Options{})); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("4 KiB of zeros: %v, want ErrCorrupt", err)
	}
	if _, err := f.WriteAt(content[from:from+4096], from); err != nil {
		t.Fatal(err)
	}
	if n := countPairs(t, dir); n != 2000 {
		t.Errorf("%d pairs were found after a crash, want 2000", n)
	}
}

// TestTornLog cuts the last commit, as a crash may: it is dropped as a whole.
func TestTornLog(t *testing.T) {
	_, _, ends := crashed(t)
	last := len(ends) - 1
	for _, keep := range []int64{1, 100, (ends[last] - ends[last-1]) / 2, ends[last] - ends[last-1] - 1} {
		dir, log, ends := crashed(t)
		f, err := os.OpenFile(log, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		at := ends[last-1] + keep
		if _, err := f.WriteAt(make([]byte, ends[last]-at), at); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if n := countPairs(t, dir); n != 1900 {
			t.Errorf("%d bytes of the last commit are left: %d pairs were found, want 1900", keep, n)
		}
	}
}

// TestManifestDamage inverts each bit of the MANIFEST. Badger would
// take some of that for the end, and delete the tables in the rest.
func TestManifestDamage(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	for range 4 {
		fillStore(t, s, 300)
		compact(t, s)
	}
	closeTest(t, s)
	name := filepath.Join(s.dir, badger.ManifestFilename)
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range 8 * len(content) {
		at, mask := bit/8, byte(1)<<(bit%8)
		invert(t, name, int64(at), mask)
		_, err := manifestTables(s.dir)
		invert(t, name, int64(at), mask)
		foreign := at == 4 || at == 5 // then it is the mark of another program
		if err == nil || errors.Is(err, store.ErrCorrupt) == foreign {
			t.Errorf("byte %d of %d, mask %#x: %v", at, len(content), mask, err)
		}
	}
	// An append that was cut short is no damage.
	torn := binary.BigEndian.AppendUint32(bytes.Clone(content), 100)
	torn = append(torn, "abcdefgh"...)
	if err := os.WriteFile(name, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	if n := countPairs(t, s.dir); n != 300 {
		t.Errorf("%d pairs were found behind a torn MANIFEST, want 300", n)
	}
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.dir, quiet(Options{})); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("without MANIFEST: %v, want ErrCorrupt", err)
	}
}

func TestMissingTable(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	fillStore(t, s, 300)
	closeTest(t, s)
	if err := os.Remove(tableFiles(t, s.dir)[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(s.dir, quiet(Options{})); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("%v, want ErrCorrupt", err)
	}
}

// TestInterruptedLoad opens a store whose process ended in the middle of Load.
func TestInterruptedLoad(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	fillStore(t, s, 100)
	_, err := s.TryUpdate(context.Background(), func(txn store.Txn) error {
		for i := range 100 {
			if err := txn.Delete(testKey(i)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	before := s.watermark.Newest()
	if err := s.markLoading(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.stream(context.Background(), before+1, func(yield func(store.KV, error) bool) {
		yield(store.KV{Key: testKey(1), Value: testValue(1)}, nil)
	}); err != nil {
		t.Fatal(err)
	}
	dir := copyDir(t, s.dir)
	closeTest(t, s)
	if _, err := Open(dir, quiet(Options{ReadOnly: true})); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "for writing") {
		t.Errorf("opening read-only: %v, want ErrUnavailable", err)
	}
	if n := countPairs(t, dir); n != 0 {
		t.Errorf("%d pairs of an interrupted load are there", n)
	}
	s = openTest(t, dir, Options{})
	defer closeTest(t, s)
	if after := s.watermark.Newest(); after < before {
		t.Errorf("the newest commit went back from %d to %d", before, after)
	}
}

// TestCrashWhileALogIsMade leaves a log without a byte, as a process does that is killed between making the file and giving it its size.
func TestCrashWhileALogIsMade(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	put := func(s *Store, n int) {
		if _, err := s.TryUpdate(context.Background(), func(x store.Txn) error { return x.Set(testKey(n), testValue(n)) }); err != nil {
			t.Fatal(err)
		}
	}
	put(s, 0)
	dir := copyDir(t, s.dir)
	closeTest(t, s)
	for _, name := range []string{"00009.mem", "000009.vlog"} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(dir, quiet(Options{ReadOnly: true})); !errors.Is(err, store.ErrUnavailable) || !strings.Contains(err.Error(), "for writing") {
		t.Errorf("opening read-only: %v, want ErrUnavailable", err)
	}
	s = openTest(t, dir, Options{})
	put(s, 1)
	closeTest(t, s)
	if n := countPairs(t, dir); n != 2 {
		t.Errorf("%d pairs are there, want 2", n)
	}
}

// TestAnEmptyOlderLogIsDamage: only the newest log can be unborn.
func TestAnEmptyOlderLogIsDamage(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	if _, err := s.TryUpdate(context.Background(), func(x store.Txn) error { return x.Set(testKey(1), testValue(1)) }); err != nil {
		t.Fatal(err)
	}
	dir := copyDir(t, s.dir)
	closeTest(t, s)
	if err := os.WriteFile(filepath.Join(dir, "00000.mem"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, quiet(Options{})); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("opening: %v, want ErrCorrupt", err)
	}
}
