package store_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"

	"chancery/store"
	"chancery/store/memory"
)

func TestPrefixEnd(t *testing.T) {
	for prefix, want := range map[string]string{"a": "b", "a\xff": "b", "a\x00": "a\x01", "\xfe\xff\xff": "\xff", "ab": "ac"} {
		if got := store.PrefixEnd([]byte(prefix)); string(got) != want {
			t.Errorf("PrefixEnd(%q) = %q, want %q", prefix, got, want)
		}
	}
	for _, prefix := range []string{"", "\xff", "\xff\xff"} {
		if got := store.PrefixEnd([]byte(prefix)); got != nil {
			t.Errorf("PrefixEnd(%q) = %q, want nil", prefix, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "prefix")
		key := rapid.SliceOfN(rapid.Byte(), 0, 6).Draw(t, "key")
		end := store.PrefixEnd(prefix)
		inside := bytes.Compare(key, prefix) >= 0 && (end == nil || bytes.Compare(key, end) < 0)
		if inside != bytes.HasPrefix(key, prefix) {
			t.Fatalf("%q in [%q, %q): %t", key, prefix, end, inside)
		}
	})
}

func TestUpdate(t *testing.T) {
	ctx := context.Background()
	inner := memory.New()
	interfere := &between{Store: inner, before: func(attempt int) error {
		if attempt > 5 {
			return nil
		}
		_, err := inner.TryUpdate(ctx, func(txn store.Txn) error { return add(ctx, txn, "counter") })
		return err
	}}
	version, err := store.Update(ctx, interfere, func(txn store.Txn) error { return add(ctx, txn, "counter") })
	if err != nil || version == "" || valueOf(t, inner, "counter") != "6" {
		t.Errorf("Update = %q, %v; the counter is %s, want 6", version, err, valueOf(t, inner, "counter"))
	}
	unknown := &between{Store: inner, before: func(int) error { return store.ErrUnknownOutcome }}
	if _, err := store.Update(ctx, unknown, func(store.Txn) error { return nil }); !errors.Is(err, store.ErrUnknownOutcome) || unknown.tries.Load() != 1 {
		t.Errorf("an unknown outcome: %v after %d attempts, want 1", err, unknown.tries.Load())
	}
	ending, cancel := context.WithCancel(ctx)
	conflict := &between{Store: inner, before: func(attempt int) error {
		if attempt == 3 {
			cancel()
		}
		return store.ErrConflict
	}}
	if _, err := store.Update(ending, conflict, func(store.Txn) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that ends between attempts: %v", err)
	}
}

func TestView(t *testing.T) {
	s := memory.New()
	failure := errors.New("of the function")
	var kept store.Reader
	err := store.View(context.Background(), s, func(r store.Reader) error {
		kept = r
		return failure
	})
	if !errors.Is(err, failure) {
		t.Errorf("View = %v", err)
	}
	if _, err := kept.Get(context.Background(), []byte("a")); !errors.Is(err, store.ErrClosed) {
		t.Errorf("the reader of View used afterwards: %v, want ErrClosed", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := store.View(context.Background(), s, func(store.Reader) error { return nil }); !errors.Is(err, store.ErrClosed) {
		t.Errorf("View of a closed store: %v", err)
	}
}

func TestWatermark(t *testing.T) {
	var w store.Watermark
	ctx := context.Background()
	w.Move(3)
	for _, v := range []store.Version{"", "0", store.NumberedVersion(3)} {
		if err := w.Wait(ctx, v); err != nil {
			t.Errorf("Wait(%q) = %v", v, err)
		}
	}
	answers := make(chan error, 2)
	for range 2 {
		go func() { answers <- w.Wait(ctx, store.NumberedVersion(5)) }()
	}
	w.Move(4)
	w.Move(5)
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	go func() { answers <- w.Wait(ctx, store.NumberedVersion(6)) }()
	w.Close()
	if err := <-answers; !errors.Is(err, store.ErrClosed) {
		t.Errorf("waiting when it is closed: %v, want ErrClosed", err)
	}
}

// BenchmarkOverlay writes 8,000 keys as a request of a bulk import does, and reads absent ones.
func BenchmarkOverlay(b *testing.B) {
	ctx := context.Background()
	keys := make([][]byte, 8000)
	for i := range keys {
		keys[i] = []byte{byte(i * 7), byte(i >> 3), byte(i >> 11), byte(i), 'k', 'e', 'y', 'k', 'e', 'y', 'k', 'e', 'y'}
	}
	value := make([]byte, 80)
	sn, err := memory.New().Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("set", func(b *testing.B) {
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			o := store.NewOverlay(sn)
			for _, key := range keys {
				if err := o.Set(key, value); err != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(keys)), "ns/key")
	})
	b.Run("get absent", func(b *testing.B) {
		o := store.NewOverlay(sn)
		for _, key := range keys[:4000] {
			if err := o.Set(key, value); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			_, _ = o.Get(ctx, keys[4000+n%4000])
		}
	})
}
