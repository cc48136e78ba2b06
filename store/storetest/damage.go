package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"chancery/store"
)

// testDamage changes stored bytes. Every read must then answer what was stored,
// or ErrCorrupt; and something must have been reported.
func testDamage(t *testing.T, c Config) {
	if c.DamageOpen == nil && c.DamageClosed == nil {
		t.Skip("the engine has no files")
	}
	filled := func(t *testing.T) (store.Store, []store.KV) {
		s := c.Open(t)
		var changes []string
		for i := range 3000 {
			changes = append(changes, fmt.Sprintf("%05d", i), fmt.Sprintf("value %d", i*i))
		}
		put(t, s, changes...)
		if c.Compact != nil {
			c.Compact(t, s)
		}
		return s, everything(t, s)
	}
	if c.DamageOpen != nil {
		t.Run("open", func(t *testing.T) {
			s, want := filled(t)
			defer func() { _ = s.Close() }()
			c.DamageOpen(t, s)
			if checkDamaged(t, s, want) == 0 {
				t.Error("no read reported the damage")
			}
			if err := s.Check(context.Background()); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("Check: %v, want ErrCorrupt", err)
			}
		})
	}
	if c.DamageClosed != nil {
		t.Run("closed", func(t *testing.T) {
			s, want := filled(t)
			s, err := c.DamageClosed(t, s)
			if err != nil {
				if !errors.Is(err, store.ErrCorrupt) {
					t.Errorf("opening: %v, want ErrCorrupt", err)
				}
				return
			}
			defer func() { _ = s.Close() }()
			if checkDamaged(t, s, want) == 0 {
				t.Error("neither opening nor a read reported the damage")
			}
		})
	}
}

// checkDamaged reads everything in all ways and returns how many reads answered ErrCorrupt.
func checkDamaged(t *testing.T, s store.Store, want []store.KV) (reported int) {
	ctx := context.Background()
	corrupt := func(err error) bool {
		if errors.Is(err, store.ErrCorrupt) {
			reported++
			return true
		}
		return false
	}
	r := snapshotOf(t, s)
	for _, kv := range want {
		got, err := r.Get(ctx, kv.Key)
		if !corrupt(err) && (err != nil || !bytes.Equal(got, kv.Value)) {
			t.Fatalf("Get %q = %q, %v", kv.Key, got, err)
		}
	}
	for _, reverse := range []bool{false, true} {
		n, at := 0, 0
		var last error
		for kv, err := range r.Scan(ctx, store.Range{Reverse: reverse}) {
			if last = err; err != nil {
				break
			}
			if at = n; reverse {
				at = len(want) - 1 - n
			}
			if at < 0 || at >= len(want) || !bytes.Equal(kv.Key, want[at].Key) || !bytes.Equal(kv.Value, want[at].Value) {
				t.Fatalf("scan, reverse %t: pair %d is %q", reverse, n, kv.Key)
			}
			n++
		}
		if !corrupt(last) && (last != nil || n != len(want)) {
			t.Fatalf("scan, reverse %t: ended after %d of %d pairs with %v", reverse, n, len(want), last)
		}
	}
	return reported
}
