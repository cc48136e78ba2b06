package graph_test

import (
	"testing"

	"chancery/store"
	"chancery/store/badger"
	"chancery/store/memory"
)

// engines are what the graph's tests run on.
var engines = []struct {
	name string
	open func(t *testing.T) store.Store
}{
	{"memory", func(*testing.T) store.Store { return memory.New() }},
	{"badger", func(t *testing.T) store.Store {
		st, err := badger.Open(t.TempDir(), badger.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return st
	}},
}
