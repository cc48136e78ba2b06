package badger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/fb"

	"chancery/store"
)

// fill commits so many pairs, a hundred in a commit.
func fillStore(t testing.TB, s *Store, pairs int) {
	t.Helper()
	for from := 0; from < pairs; from += 100 {
		_, err := s.TryUpdate(context.Background(), func(txn store.Txn) error {
			for i := from; i < min(from+100, pairs); i++ {
				if err := txn.Set(testKey(i), testValue(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func testKey(i int) []byte   { return fmt.Appendf(nil, "key %06d", i) }
func testValue(i int) []byte { return fmt.Appendf(nil, "value %d", i*i) }

// countWrong reads all pairs by Get and by Scan in both directions. It returns how
// many reads reported damage, and how many answers were wrong without a report.
func countWrong(t testing.TB, s *Store, pairs int) (reported, wrong int) {
	t.Helper()
	ctx := context.Background()
	sn, err := s.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Release()
	judge := func(err error, right bool) {
		switch {
		case errors.Is(err, store.ErrCorrupt):
			reported++
		case err != nil || !right:
			wrong++
		}
	}
	for i := range pairs {
		value, err := sn.Get(ctx, testKey(i))
		judge(err, bytes.Equal(value, testValue(i)))
	}
	for _, reverse := range []bool{false, true} {
		n, right := 0, true
		var last error
		for kv, err := range sn.Scan(ctx, store.Range{Reverse: reverse}) {
			if last = err; err != nil {
				break
			}
			i := n
			if reverse {
				i = pairs - 1 - n
			}
			right = right && bytes.Equal(kv.Key, testKey(i)) && bytes.Equal(kv.Value, testValue(i))
			n++
		}
		judge(last, right && n == pairs)
		if last != nil && !right {
			wrong++ // before it reported
		}
	}
	return reported, wrong
}

// TestTableDamage inverts a bit of every byte of a table file and verifies the file.
func TestTableDamage(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	fillStore(t, s, 300)
	compact(t, s)
	closeTest(t, s)
	name := tableFiles(t, s.dir)[0]
	original, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	verify := func() error { return verifyTable(name, func(int) {}) }
	if err := verify(); err != nil {
		t.Fatal("undamaged:", err)
	}
	for at := range original {
		flip(t, name, int64(at))
		if err := verify(); !errors.Is(err, store.ErrCorrupt) {
			t.Fatalf("byte %d of %d: %v, want ErrCorrupt", at, len(original), err)
		}
		flip(t, name, int64(at))
	}
	for size := len(original) - 1; size >= 0; size -= 97 {
		if err := os.Truncate(name, int64(size)); err != nil {
			t.Fatal(err)
		}
		if err := verify(); !errors.Is(err, store.ErrCorrupt) {
			t.Fatalf("cut to %d bytes: %v, want ErrCorrupt", size, err)
		}
	}
}

// blindSpots tells the bytes of a table that reads of an open store do not
// check: those in which each block has its checksum and the length of that, and the
// index with the footer.
func blindSpots(t *testing.T, name string) (blind []bool) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	index, start, err := tableIndex(f)
	if err != nil {
		t.Fatal(err)
	}
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	blind = make([]bool, info.Size())
	for i := start; i < info.Size(); i++ {
		blind[i] = true
	}
	blocks := fb.GetRootAsTableIndex(index, 0)
	var block fb.BlockOffset
	for i := range blocks.OffsetsLength() {
		blocks.Offsets(&block, i)
		end := int(block.Offset() + block.Len())
		for at := end - 4 - 6; at < end; at++ { // the message has 2 to 6 bytes here
			blind[at] = true
		}
	}
	return blind
}

// TestOpenDamage inverts one bit at a time of a table in use. Wherever that is,
// no answer of a read may be wrong without a report, but for the blind spots,
// where Check must find it.
func TestOpenDamage(t *testing.T) {
	const pairs = 1200
	s := openTest(t, t.TempDir(), Options{})
	defer closeTest(t, s)
	fillStore(t, s, pairs)
	compact(t, s)
	name := tableFiles(t, s.dir)[0]
	blind := blindSpots(t, name)
	tried, inBlind, silent := 0, 0, 0
	for at := 0; at < len(blind); at += 97 {
		flip(t, name, int64(at))
		reported, wrong := countWrong(t, s, pairs)
		if tried++; blind[at] {
			inBlind++
		}
		switch {
		case !blind[at] && (wrong > 0 || reported == 0):
			t.Errorf("byte %d: %d reads reported the damage, %d were wrong", at, reported, wrong)
		case blind[at] && wrong > 0:
			silent++
		}
		s.damage.tables.Store(nil) // or else Check would know it
		if err := s.Check(context.Background()); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("byte %d: Check = %v, want ErrCorrupt", at, err)
		}
		flip(t, name, int64(at))
		s.settleScrub()
		s.damage.tables.Store(nil)
		if reported, wrong = countWrong(t, s, pairs); reported+wrong > 0 {
			t.Fatalf("byte %d: %d reads reported damage and %d were wrong after the byte was mended", at, reported, wrong)
		}
	}
	t.Logf("%d places tried, %d of them in blind spots, where %d made answers wrong until Check found them", tried, inBlind, silent)
}

// settleScrub waits until a round of the scrubber has ended that began after the call.
func (s *Store) settleScrub() {
	for range 2 { // the first may have been running already
		before := s.scrub.rounds.Load()
		s.scrub.now()
		for s.scrub.rounds.Load() == before {
			time.Sleep(100 * time.Microsecond)
		}
	}
}

// TestScrub damages the index of a table in use, which no read notices.
func TestScrub(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	defer closeTest(t, s)
	fillStore(t, s, 500)
	compact(t, s)
	fillStore(t, s, 100) // these are also in memory
	name := tableFiles(t, s.dir)[0]
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	flip(t, name, info.Size()-60)
	s.settleScrub()
	ctx := context.Background()
	sn, err := s.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer sn.Release()
	if _, err := sn.Get(ctx, testKey(7)); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("a key in the damaged table: %v, want ErrCorrupt", err)
	}
	if _, err := sn.Get(ctx, []byte("zzz")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a key outside of the damaged table: %v, want ErrNotFound", err)
	}
	if _, err := s.TryUpdate(ctx, func(txn store.Txn) error { return txn.Set([]byte("zzz"), []byte("1")) }); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("writing: %v, want ErrCorrupt", err)
	}
	if err := s.Ping(ctx); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Ping: %v, want ErrCorrupt", err)
	}
}

// TestShortenedTable cuts a table in use: reading behind its end is a fault,
// which must not end the process.
func TestShortenedTable(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	fillStore(t, s, 20_000)
	compact(t, s)
	closeTest(t, s)
	s = openTest(t, s.dir, Options{})
	defer closeTest(t, s)
	name := tableFiles(t, s.dir)[0]
	if err := os.Truncate(name, 8192); err != nil {
		t.Fatal(err)
	}
	if reported, wrong := countWrong(t, s, 20_000); reported == 0 || wrong > 0 {
		t.Errorf("%d reads reported the damage, %d were wrong", reported, wrong)
	}
}

// TestParkedCompaction has a compaction meet a damaged block. It must not go on,
// because it would write its output without the rest of the table and then delete that.
func TestParkedCompaction(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	fillStore(t, s, 3000)
	compact(t, s)
	name := tableFiles(t, s.dir)[0]
	fillStore(t, s, 3000)
	flip(t, name, 20_000)
	before := s.tripwire.parked.Load()
	go func() { _ = dropScratch(s) }() // compacts what is in memory with the table
	for s.tripwire.parked.Load() == before {
		time.Sleep(time.Millisecond)
	}
	if _, err := os.Stat(name); err != nil {
		t.Errorf("the damaged table is gone: %v", err)
	}
	crashed := copyDir(t, s.dir)
	if _, err := Open(crashed, quiet(Options{})); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("opening after a crash: %v, want ErrCorrupt", err)
	}
	flip(t, filepath.Join(crashed, filepath.Base(name)), 20_000)
	mended := openTest(t, crashed, Options{})
	defer closeTest(t, mended)
	if reported, wrong := countWrong(t, mended, 3000); reported+wrong > 0 {
		t.Errorf("after mending the byte %d reads report damage and %d are wrong", reported, wrong)
	}
	s.scrub.close() // s itself can never be closed: its compaction waits for ever
}

// TestValueChecksum stores values whose trailers are wrong, as a fault of memory
// or of Badger would leave them.
func TestValueChecksum(t *testing.T) {
	s := openTest(t, t.TempDir(), Options{})
	defer closeTest(t, s)
	ctx := context.Background()
	raw := func(key string, value []byte) {
		n := s.watermark.Newest() + 1
		txn := s.db.NewTransactionAt(n, true)
		defer txn.Discard()
		if err := txn.SetEntry(&badger.Entry{Key: []byte(key), Value: value}); err != nil {
			t.Fatal(err)
		}
		if err := txn.CommitAt(n, nil); err != nil {
			t.Fatal(err)
		}
		s.watermark.Move(n)
	}
	raw("good", seal(nil, []byte("good"), []byte("value")))
	for key, value := range map[string][]byte{
		"short":   {1, 2, 3},
		"nothing": seal(nil, []byte("nothing"), nil),
		"moved":   seal(nil, []byte("good"), []byte("value")),
		"flipped": append(seal(nil, []byte("flipped"), []byte("value")[:4]), 'e'),
	} {
		raw(key, value)
		sn, err := s.Snapshot(ctx, store.ReadOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer sn.Release()
		if _, err := sn.Get(ctx, []byte(key)); !errors.Is(err, store.ErrCorrupt) || !strings.Contains(err.Error(), key) {
			t.Errorf("Get %s: %v, want ErrCorrupt and the key", key, err)
		}
		if _, err := sn.BatchGet(ctx, [][]byte{[]byte("good"), []byte(key)}); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("BatchGet %s: %v, want ErrCorrupt", key, err)
		}
		if _, err := sn.ScanMany(ctx, []store.Range{{}}); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("ScanMany: %v, want ErrCorrupt", err)
		}
		if value, err := sn.Get(ctx, []byte("good")); string(value) != "value" {
			t.Errorf("Get good = %q, %v", value, err)
		}
	}
	if err := s.Check(ctx); !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("Check: %v, want ErrCorrupt", err)
	}
}
