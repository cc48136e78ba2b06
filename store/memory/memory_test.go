package memory_test

import (
	"testing"

	"chancery/store"
	"chancery/store/memory"
	"chancery/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Config{
		Open: func(testing.TB) store.Store { return memory.New() },
	})
}
