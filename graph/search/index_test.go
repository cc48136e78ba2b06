package search

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func open(t *testing.T, dir string) *Index {
	t.Helper()
	x, err := Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func document(num uint64, title, text string) Entry {
	return Entry{Key: Key{Document, num}, Title: Text{title, "en"}, Texts: []Text{{text, "en"}}}
}

func apply(t *testing.T, x *Index, rev uint64, entries ...Entry) {
	t.Helper()
	if err := x.Apply(entries, Checkpoint{rev, int64(rev) * 10}); err != nil {
		t.Fatal(err)
	}
}

// find lists the keys that a query finds, the best first.
func find(t *testing.T, x *Index, query string, kind Kind) string {
	t.Helper()
	f, err := x.Find(t.Context(), query, kind, 10)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, h := range f.Hits {
		if h.Score <= 0 {
			t.Errorf("%s has the score %v", h.Key, h.Score)
		}
		keys = append(keys, h.Key.String())
	}
	if f.Total != len(keys) {
		t.Errorf("%d in total and %d listed", f.Total, len(keys))
	}
	return strings.Join(keys, " ")
}

func TestIndex(t *testing.T) {
	for name, dir := range map[string]string{"memory": "", "disk": filepath.Join(t.TempDir(), "x")} {
		t.Run(name, func(t *testing.T) {
			x := open(t, dir)
			apply(t, x, 1, document(1, "Peace", "Nothing."), document(2, "War", "They want peace and more words than the other."),
				Entry{Key: Key{Relation, 1}, Texts: []Text{{"peaceful", "en"}, {"Frieden wird verhandelt", "de"}}}, document(3, "Gone", "peace"))
			apply(t, x, 2, Entry{Key: Key{Document, 3}}, document(4, "Walking", "Talks"))
			for _, c := range []struct {
				query, want string
				kind        Kind
			}{
				{"peace", "d1 d2", Document}, {"peace war", "d2", Document}, {"peace absent", "", Document}, {"peace", "s1", Relation},
				{"verhandelten", "s1", Relation}, {"verhandelten peace", "s1", Relation}, {"walked talk", "d4", Document}, {"", "", Document}, {"?", "", Relation}, {"gone", "", Document},
			} {
				if got := find(t, x, c.query, c.kind); got != c.want {
					t.Errorf("%q among %c: %s; want %s", c.query, c.kind, got, c.want)
				}
			}
			if at := x.Checkpoint(); at != (Checkpoint{2, 20}) {
				t.Errorf("checkpoint %+v", at)
			}
			f, err := x.Find(t.Context(), "peace", Document, 1)
			if err != nil || len(f.Hits) != 1 || f.Total != 2 || f.Low != 2 || f.High != 2 {
				t.Errorf("one of two: %+v, %v", f, err)
			}
			if err := x.Reset(); err != nil {
				t.Fatal(err)
			}
			if got := find(t, x, "peace", Document); got != "" || x.Checkpoint() != (Checkpoint{}) {
				t.Errorf("emptied, it has %s", got)
			}
			apply(t, x, 1, document(1, "Peace", ""))
			if got := find(t, x, "peace", Document); got != "d1" {
				t.Errorf("filled again, it has %s", got)
			}
		})
	}
}

// What is on disk is there again, and what cannot be used is begun anew.
func TestReopen(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(t *testing.T, dir string) error
		kept bool
	}{
		"as it was": {func(*testing.T, string) error { return nil }, true},
		"another version": {func(t *testing.T, dir string) error {
			x := open(t, dir)
			defer x.Close()
			return x.idx.SetInternal(versionKey, []byte("0"))
		}, false},
		"without its description": {func(_ *testing.T, dir string) error { return os.Remove(filepath.Join(dir, "index_meta.json")) }, false},
		"overwritten": {func(_ *testing.T, dir string) error {
			return os.WriteFile(filepath.Join(dir, "store", "root.bolt"), []byte("this is no index"), 0o600)
		}, false},
		"without its files": {func(_ *testing.T, dir string) error { return os.RemoveAll(filepath.Join(dir, "store")) }, false},
		"deleted":           {func(_ *testing.T, dir string) error { return os.RemoveAll(dir) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "x")
			x := open(t, dir)
			apply(t, x, 7, document(1, "Peace", ""))
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			if err := c.harm(t, dir); err != nil {
				t.Fatal(err)
			}
			x = open(t, dir)
			want, at := "", Checkpoint{}
			if c.kept {
				want, at = "d1", Checkpoint{7, 70}
			}
			if got := find(t, x, "peace", Document); got != want || x.Checkpoint() != at {
				t.Errorf("opened again it has %q at %+v; want %q at %+v", got, x.Checkpoint(), want, at)
			}
			apply(t, x, 8, document(2, "Peace", ""))
			if got := find(t, x, "peace", Document); !strings.Contains(got, "d2") {
				t.Errorf("it finds %q after a further batch", got)
			}
		})
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "x")
	x := open(t, dir)
	apply(t, x, 1, document(1, "Peace", ""))
	if _, err := Open(dir, slog.New(slog.DiscardHandler)); !errors.Is(err, ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if got := find(t, x, "peace", Document); got != "d1" {
		t.Errorf("after that, the first has %q", got)
	}
}

func TestClosed(t *testing.T) {
	x := open(t, "")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := x.Find(t.Context(), "x", Document, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("find: %v", err)
	}
	if err := x.Apply(nil, Checkpoint{}); !errors.Is(err, ErrClosed) {
		t.Errorf("apply: %v", err)
	}
}
