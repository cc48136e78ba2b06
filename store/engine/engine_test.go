package engine_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"chancery/store"
	"chancery/store/engine"
)

func TestOpen(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	t.Chdir(dir)
	for url, name := range map[string]string{
		"memory:":        "memory",
		"badger:data":    "badger",
		"badger:./other": "badger",
		"badger:" + filepath.Join(dir, "absolute", "deep"): "badger",
	} {
		s, err := engine.Open(ctx, url, engine.Options{})
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		if got := s.Caps().Engine; got != name {
			t.Errorf("%s opened the engine %s", url, got)
		}
		if _, err := store.Update(ctx, s, func(txn store.Txn) error { return txn.Set([]byte("k"), []byte("v")) }); err != nil {
			t.Errorf("%s: %v", url, err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("%s: %v", url, err)
		}
	}
	s, err := engine.Open(ctx, "badger:data", engine.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.TryUpdate(ctx, func(store.Txn) error { return nil }); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("writing to a store opened read-only: %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx := context.Background()
	for url, want := range map[string]string{
		"":                   "no scheme",
		"./data":             "no scheme",
		"badger:":            `right would be "badger:DIR"`,
		"badger:///data":     `right would be "badger:/data"`,
		"memory:data":        `right would be "memory:"`,
		"postgres://host/db": `unknown scheme "postgres"`,
	} {
		_, err := engine.Open(ctx, url, engine.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want an error with %q", url, err, want)
		}
	}
	if _, err := engine.Open(ctx, "badger:"+filepath.Join(t.TempDir(), "none"), engine.Options{ReadOnly: true}); err == nil {
		t.Error("a store that is not there was opened read-only")
	}
	if _, err := engine.Open(ctx, "memory:", engine.Options{ReadOnly: true}); err == nil {
		t.Error("an empty store in memory was opened read-only")
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := engine.Open(gone, "memory:", engine.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that has ended: %v", err)
	}
}
