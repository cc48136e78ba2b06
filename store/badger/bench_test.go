package badger

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/dgraph-io/badger/v4"

	"chancery/store"
)

// relationSizes are the sizes of the keys and values that one relation of the graph
// takes, in bytes.
var relationSizes = [9][2]int{{17, 120}, {43, 40}, {43, 40}, {25, 16}, {25, 16}, {33, 24}, {45, 32}, {17, 60}, {21, 8}}

// relation sets the keys of relation number n.
func relation(n uint64, set func(key, value []byte) error) error {
	random := rand.New(rand.NewPCG(n, 1))
	for i, size := range relationSizes {
		buf := make([]byte, size[0]+size[1])
		for at := 0; at < len(buf); at += 8 {
			var word [8]byte
			binary.BigEndian.PutUint64(word[:], random.Uint64())
			copy(buf[at:], word[:])
		}
		buf[0] = byte(i + 1)
		if err := set(buf[:size[0]:size[0]], buf[size[0]:]); err != nil {
			return err
		}
	}
	return nil
}

// commits runs b.N commits from so many writers and reports how many a second.
func commits(b *testing.B, writers int, commit func(n uint64) error) {
	b.ReportAllocs()
	var next atomic.Int64
	var running sync.WaitGroup
	b.ResetTimer()
	for range writers {
		running.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				if err := commit(uint64(n)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	running.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkCommit compares durable commits of one relation each: Badger's own
// transactions as they come, and requests to the Committer.
func BenchmarkCommit(b *testing.B) {
	for _, writers := range []int{1, 32} {
		b.Run(fmt.Sprintf("badger/writers=%d", writers), func(b *testing.B) {
			db, err := badger.Open(badger.DefaultOptions(b.TempDir()).WithSyncWrites(true).WithLogger(logger{slog.New(slog.DiscardHandler)}))
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			commits(b, writers, func(n uint64) error {
				return db.Update(func(txn *badger.Txn) error { return relation(n, txn.Set) })
			})
		})
		b.Run(fmt.Sprintf("committer/writers=%d", writers), func(b *testing.B) {
			s := openTest(b, b.TempDir(), Options{})
			defer closeTest(b, s)
			committer := store.NewCommitter(s, store.CommitterOptions{})
			defer committer.Close()
			ctx := context.Background()
			commits(b, writers, func(n uint64) error {
				return committer.Commit(ctx, func(txn store.Txn) error { return relation(n, txn.Set) })
			})
			b.ReportMetric(float64(b.N)/float64(committer.Stats().Batches), "requests/batch")
		})
	}
}

// BenchmarkBulk writes relations in requests of 8,000 keys from two writers.
func BenchmarkBulk(b *testing.B) {
	const relations = 8000 / uint64(len(relationSizes))
	s := openTest(b, b.TempDir(), Options{})
	defer closeTest(b, s)
	committer := store.NewCommitter(s, store.CommitterOptions{})
	defer committer.Close()
	ctx := context.Background()
	commits(b, 2, func(n uint64) error {
		return committer.Commit(ctx, func(txn store.Txn) error {
			for i := range relations {
				if err := relation(n*relations+i, txn.Set); err != nil {
					return err
				}
			}
			return nil
		})
	})
	b.ReportMetric(float64(uint64(b.N)*relations*uint64(len(relationSizes)))/b.Elapsed().Seconds(), "keys/s")
}

// rows yields a million rows of adjacency, 1,000 each for 1,000 nodes: a key of 35
// bytes and a value of 60.
func rows() iter.Seq2[store.KV, error] {
	return func(yield func(store.KV, error) bool) {
		value := make([]byte, 60)
		for node := range uint64(1000) {
			for i := range uint64(1000) {
				if !yield(store.KV{Key: rowKey(node, i), Value: value}, nil) {
					return
				}
			}
		}
	}
}

func rowKey(node, i uint64) []byte {
	key := make([]byte, 35)
	key[0] = 4
	binary.BigEndian.PutUint64(key[3:], node)
	binary.BigEndian.PutUint64(key[11:], i*7919)
	binary.BigEndian.PutUint64(key[19:], node*i)
	return key
}

// BenchmarkLoad loads a million rows.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		s := openTest(b, b.TempDir(), Options{})
		if _, err := s.Load(context.Background(), rows()); err != nil {
			b.Fatal(err)
		}
		closeTest(b, s)
	}
	b.ReportMetric(1e6*float64(b.N)/b.Elapsed().Seconds(), "keys/s")
}

// BenchmarkRead reads rows of one node, and single keys, from loaded tables.
func BenchmarkRead(b *testing.B) {
	ctx := context.Background()
	s := openTest(b, b.TempDir(), Options{})
	defer closeTest(b, s)
	if _, err := s.Load(ctx, rows()); err != nil {
		b.Fatal(err)
	}
	sn, err := s.Snapshot(ctx, store.ReadOptions{})
	if err != nil {
		b.Fatal(err)
	}
	defer sn.Release()
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprintf("scan=%d", n), func(b *testing.B) {
			b.ReportAllocs()
			node := uint64(0)
			for b.Loop() {
				node = (node + 389) % 1000
				start := rowKey(node, 0)[:11]
				seen := 0
				for _, err := range sn.Scan(ctx, store.Range{Start: start, End: store.PrefixEnd(start), Limit: n}) {
					if err != nil {
						b.Fatal(err)
					}
					seen++
				}
				if seen != n {
					b.Fatalf("%d rows", seen)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
	b.Run("scanMany=100x10", func(b *testing.B) {
		b.ReportAllocs()
		ranges := make([]store.Range, 100)
		for n := uint64(0); b.Loop(); n++ {
			for i := range ranges {
				start := rowKey((n+uint64(i)*389)%1000, 0)[:11]
				ranges[i] = store.Range{Start: start, End: store.PrefixEnd(start), Limit: 10}
			}
			all, err := sn.ScanMany(ctx, ranges)
			if err != nil || len(all[99]) != 10 {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for n := uint64(0); b.Loop(); n++ {
			if _, err := sn.Get(ctx, rowKey(n*389%1000, n*31%1000)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get absent", func(b *testing.B) {
		b.ReportAllocs()
		for n := uint64(0); b.Loop(); n++ {
			if _, err := sn.Get(ctx, rowKey(n*389%1000, 1000+n*31%1000)); err == nil {
				b.Fatal("found")
			}
		}
	})
}
