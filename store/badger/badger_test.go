package badger

import (
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"chancery/store"
	"chancery/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Config{
		Open: func(t testing.TB) store.Store { return openTest(t, t.TempDir(), Options{}) },
		Reopen: func(t testing.TB, s store.Store) store.Store {
			closeTest(t, s)
			return openTest(t, s.(*Store).dir, Options{})
		},
		Compact: func(t testing.TB, s store.Store) { compact(t, s.(*Store)) },
		DamageOpen: func(t testing.TB, s store.Store) {
			flipMiddle(t, tableFiles(t, s.(*Store).dir)[0])
		},
		DamageClosed: func(t testing.TB, s store.Store) (store.Store, error) {
			closeTest(t, s)
			dir := s.(*Store).dir
			flipMiddle(t, tableFiles(t, dir)[0])
			return Open(dir, quiet(Options{}))
		},
	})
}

func quiet(o Options) Options {
	o.Logger = slog.New(slog.DiscardHandler)
	return o
}

func openTest(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, quiet(o))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeTest(t testing.TB, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// flush writes Badger's memory to a table.
func flush(t testing.TB, s *Store) {
	t.Helper()
	if err := dropScratch(s); err != nil {
		t.Fatal(err)
	}
}

// dropScratch makes and drops a prefix, before which Badger writes its memory to a
// table and compacts it with those below.
func dropScratch(s *Store) error {
	scratch := []byte{bang, internal + 1}
	n := max(s.watermark.Newest(), 1)
	txn := s.db.NewTransactionAt(n, true)
	defer txn.Discard()
	if err := txn.Set(scratch, scratch); err != nil {
		return err
	}
	if err := txn.CommitAt(n, nil); err != nil {
		return err
	}
	return s.db.DropPrefix(scratch)
}

// compact has Badger write everything into its last level.
func compact(t testing.TB, s *Store) {
	t.Helper()
	flush(t, s)
	if err := s.db.Flatten(1); err != nil {
		t.Fatal(err)
	}
}

func tableFiles(t testing.TB, dir string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.sst"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no tables in %s (%v)", dir, err)
	}
	return names
}

func flipMiddle(t testing.TB, name string) {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	flip(t, name, info.Size()/2)
}

// flip inverts one bit of the byte at an offset of a file.
func flip(t testing.TB, name string, at int64) {
	t.Helper()
	invert(t, name, at, 0x10)
}

// invert inverts the bits of mask in the byte at an offset of a file.
func invert(t testing.TB, name string, at int64, mask byte) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	b := make([]byte, 1)
	if _, err := f.ReadAt(b, at); err != nil {
		t.Fatal(err)
	}
	b[0] ^= mask
	if _, err := f.WriteAt(b, at); err != nil {
		t.Fatal(err)
	}
}
