package badger

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"testing"

	"github.com/dgraph-io/badger/v4"
	"github.com/dgraph-io/badger/v4/options"

	"chancery/store"
)

func rows(nodes, per int) iter.Seq2[store.KV, error] {
	return func(yield func(store.KV, error) bool) {
		val := make([]byte, 60)
		for i := 0; i < nodes; i++ {
			for j := 0; j < per; j++ {
				k := make([]byte, 35)
				k[0] = 4
				binary.BigEndian.PutUint64(k[3:], uint64(i))
				binary.BigEndian.PutUint64(k[11:], uint64(j*7919))
				binary.BigEndian.PutUint64(k[19:], uint64(i*j))
				if !yield(store.KV{Key: k, Value: val}, nil) {
					return
				}
			}
		}
	}
}

func BenchmarkQuick(b *testing.B) {
	ctx := context.Background()
	for _, mode := range []options.ChecksumVerificationMode{options.NoVerification, options.OnBlockRead} {
		dir := b.TempDir()
		s, err := Open(dir, Options{tune: func(o *badger.Options) { o.ChecksumVerificationMode = mode }})
		if err != nil {
			b.Fatal(err)
		}
		if _, err := s.Load(ctx, rows(1000, 1000)); err != nil {
			b.Fatal(err)
		}
		sn, _ := s.Snapshot(ctx, store.ReadOptions{})
		for _, n := range []int{10, 100, 1000} {
			b.Run(fmt.Sprintf("mode%d/scan%d", mode, n), func(b *testing.B) {
				for i := 0; i < b.N; i++ {
					k := make([]byte, 11)
					k[0] = 4
					binary.BigEndian.PutUint64(k[3:], uint64(i*7919%1000))
					c := 0
					for _, err := range sn.Scan(ctx, store.Range{Start: k, End: store.PrefixEnd(k), Limit: n}) {
						if err != nil {
							b.Fatal(err)
						}
						c++
					}
					if c != n {
						b.Fatal(c)
					}
				}
			})
		}
		b.Run(fmt.Sprintf("mode%d/get", mode), func(b *testing.B) {
			for i := 0; i < b.N; i++ {
				k := make([]byte, 35)
				k[0] = 4
				x, y := i*7919%1000, i*31%1000
				binary.BigEndian.PutUint64(k[3:], uint64(x))
				binary.BigEndian.PutUint64(k[11:], uint64(y*7919))
				binary.BigEndian.PutUint64(k[19:], uint64(x*y))
				if _, err := sn.Get(ctx, k); err != nil {
					b.Fatal(err)
				}
			}
		})
		sn.Release()
		s.Close()
	}
}
