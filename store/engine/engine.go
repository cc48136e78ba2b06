// Package engine opens a store by its URL. It is the one place that knows all engines.
package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"chancery/store"
	"chancery/store/badger"
	"chancery/store/memory"
)

// Options for any engine.
type Options struct {
	// ReadOnly opens an existing store for reading.
	ReadOnly bool
	// Logger gets the messages of the engine. Nil: slog.Default.
	Logger *slog.Logger
}

// URLs says which URLs Open understands, for help texts and error messages.
const URLs = `"badger:DIR" (a directory, e.g. badger:./data) or "memory:" (nothing is kept)`

// Open opens the store that url names: "memory:", or "badger:DIR" with a
// relative or absolute directory, which is created unless o says read-only.
func Open(ctx context.Context, url string, o Options) (store.Store, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	scheme, rest, found := strings.Cut(url, ":")
	if !found {
		return nil, fmt.Errorf("store URL %q has no scheme; known are %s", url, URLs)
	}
	switch scheme {
	case "memory":
		return openMemory(url, rest, o)
	case "badger":
		return openBadger(url, rest, o)
	default:
		return nil, fmt.Errorf("store URL %q has the unknown scheme %q; known are %s", url, scheme, URLs)
	}
}

func openMemory(url, rest string, o Options) (store.Store, error) {
	if rest != "" {
		return nil, fmt.Errorf("store URL %q: nothing follows \"memory:\", because it keeps nothing; right would be \"memory:\"", url)
	}
	if o.ReadOnly {
		return nil, errors.New("store URL \"memory:\" cannot be opened read-only, because it is empty when opened")
	}
	return memory.New(), nil
}

func openBadger(url, dir string, o Options) (store.Store, error) {
	if dir == "" {
		return nil, fmt.Errorf("store URL %q names no directory; right would be \"badger:DIR\", e.g. \"badger:./data\"", url)
	}
	if strings.HasPrefix(dir, "//") {
		return nil, fmt.Errorf("store URL %q: a directory follows the colon at once; right would be \"badger:%s\"", url, strings.TrimPrefix(dir, "//"))
	}
	return badger.Open(dir, badger.Options{ReadOnly: o.ReadOnly, Logger: o.Logger})
}
