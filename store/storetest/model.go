package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"chancery/store"
)

// model is what a store should hold.
type model map[string]string

// step is one random operation of a transaction or on a snapshot.
type step struct {
	kind   string
	key    []byte
	value  []byte
	keys   [][]byte
	ranges []store.Range
}

func drawKey(t *rapid.T) []byte {
	// Few bytes and short keys, so that keys meet each other and prefixes of each other.
	return rapid.SliceOfN(rapid.SampledFrom([]byte{0x00, 0x01, '!', 'a', 'b', 0xff}), 1, 4).Draw(t, "key")
}

func drawRange(t *rapid.T) store.Range {
	r := store.Range{
		Limit:    rapid.IntRange(0, 5).Draw(t, "limit"),
		Reverse:  rapid.Bool().Draw(t, "reverse"),
		KeysOnly: rapid.Bool().Draw(t, "keysOnly"),
	}
	switch rapid.SampledFrom([]string{"all", "from", "to", "between", "prefix"}).Draw(t, "range") {
	case "from":
		r.Start = drawKey(t)
	case "to":
		r.End = drawKey(t)
	case "between":
		r.Start, r.End = drawKey(t), drawKey(t)
	case "prefix":
		r.Start = drawKey(t)
		r.End = store.PrefixEnd(r.Start)
	}
	return r
}

func drawStep(kinds ...string) *rapid.Generator[step] {
	return rapid.Custom(func(t *rapid.T) step {
		st := step{kind: rapid.SampledFrom(kinds).Draw(t, "kind")}
		switch st.kind {
		case "set":
			st.key = drawKey(t)
			st.value = rapid.SliceOfN(rapid.Byte(), 1, 6).Draw(t, "value")
		case "delete", "get":
			st.key = drawKey(t)
		case "batchGet":
			for range rapid.IntRange(0, 5).Draw(t, "keys") {
				st.keys = append(st.keys, drawKey(t))
			}
		case "scan":
			st.ranges = []store.Range{drawRange(t)}
		case "scanMany":
			for range rapid.IntRange(0, 4).Draw(t, "ranges") {
				st.ranges = append(st.ranges, drawRange(t))
			}
		}
		return st
	})
}

// run does the step on r and m and compares the answers. r is a Txn where the step writes.
func (st step) run(r store.Reader, m model) error {
	ctx := context.Background()
	switch st.kind {
	case "set":
		m[string(st.key)] = string(st.value)
		return r.(store.Txn).Set(bytes.Clone(st.key), bytes.Clone(st.value))
	case "delete":
		delete(m, string(st.key))
		return r.(store.Txn).Delete(bytes.Clone(st.key))
	case "get":
		got, err := r.Get(ctx, st.key)
		want, ok := m[string(st.key)]
		if ok && (err != nil || string(got) != want) || !ok && !errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("get %q = %q, %v; want %q, %t", st.key, got, err, want, ok)
		}
	case "batchGet":
		got, err := r.BatchGet(ctx, st.keys)
		if err != nil || len(got) != len(st.keys) {
			return fmt.Errorf("batchGet %q: %d answers, %v", st.keys, len(got), err)
		}
		for i, key := range st.keys {
			if want, ok := m[string(key)]; string(got[i]) != want || ok != (got[i] != nil) {
				return fmt.Errorf("batchGet %q: %q, want %q, %t", key, got[i], want, ok)
			}
		}
	case "scan":
		got, err := scanned(r, st.ranges[0])
		if want := m.in(st.ranges[0]); err != nil || !slices.Equal(got, want) {
			return fmt.Errorf("scan %s = %q, %v; want %q", show(st.ranges[0]), got, err, want)
		}
	case "scanMany":
		return st.scanMany(r, m)
	}
	return nil
}

func (st step) scanMany(r store.Reader, m model) error {
	all, err := r.ScanMany(context.Background(), st.ranges)
	if err != nil || len(all) != len(st.ranges) {
		return fmt.Errorf("scanMany: %d answers, %v", len(all), err)
	}
	for i, rg := range st.ranges {
		var got []string
		for _, kv := range all[i] {
			got = append(got, fmt.Sprintf("%s=%s", kv.Key, kv.Value))
		}
		if want := m.in(rg); !slices.Equal(got, want) {
			return fmt.Errorf("scanMany %s = %q, want %q", show(rg), got, want)
		}
	}
	return nil
}

// in is the right answer to a range.
func (m model) in(rg store.Range) []string {
	keys := slices.Sorted(maps.Keys(m))
	unlimited := rg
	unlimited.Limit = 0
	var out []string
	for _, key := range keys {
		if len(listedIn([]string{key}, unlimited)) == 0 {
			continue
		}
		if rg.KeysOnly {
			out = append(out, key+"=")
		} else {
			out = append(out, key+"="+m[key])
		}
	}
	if rg.Reverse {
		slices.Reverse(out)
	}
	if rg.Limit > 0 && len(out) > rg.Limit {
		out = out[:rg.Limit]
	}
	return out
}

var errRollback = errors.New("rolled back by the test")

// machine runs random transactions and holds random snapshots.
type machine struct {
	store     store.Store
	now       model
	snapshots []heldSnapshot
}

type heldSnapshot struct {
	store.Snapshot
	want model
}

// transact runs a transaction of random steps, which reads its own writes.
func (mc *machine) transact(t *rapid.T) {
	steps := rapid.SliceOfN(drawStep("set", "set", "delete", "get", "batchGet", "scan", "scanMany"), 1, 12).Draw(t, "steps")
	rollback := rapid.IntRange(0, 4).Draw(t, "rollback") == 0
	var after model
	_, err := store.Update(context.Background(), mc.store, func(txn store.Txn) error {
		after = maps.Clone(mc.now)
		for _, st := range steps {
			if err := st.run(txn, after); err != nil {
				return err
			}
		}
		if rollback {
			return errRollback
		}
		return nil
	})
	switch {
	case rollback && err == errRollback:
	case err != nil:
		t.Fatal(err)
	default:
		mc.now = after
	}
}

// hold takes a snapshot, and releases the oldest of more than four.
func (mc *machine) hold(t *rapid.T) {
	sn, err := mc.store.Snapshot(context.Background(), store.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mc.snapshots = append(mc.snapshots, heldSnapshot{sn, maps.Clone(mc.now)})
	if len(mc.snapshots) > 4 {
		mc.snapshots[0].Release()
		mc.snapshots = mc.snapshots[1:]
	}
}

// look reads from any snapshot held.
func (mc *machine) look(t *rapid.T) {
	if len(mc.snapshots) == 0 {
		t.Skip("no snapshot is held")
	}
	sn := mc.snapshots[rapid.IntRange(0, len(mc.snapshots)-1).Draw(t, "snapshot")]
	st := drawStep("get", "batchGet", "scan", "scanMany").Draw(t, "step")
	if err := st.run(sn, sn.want); err != nil {
		t.Fatal(err)
	}
}

// testModel compares random histories with a map.
func testModel(t *testing.T, c Config) {
	s := c.open(t)
	rapid.Check(t, func(rt *rapid.T) {
		mc := &machine{store: s, now: make(model)}
		wipe(t, s)
		defer func() {
			for _, sn := range mc.snapshots {
				sn.Release()
			}
		}()
		rt.Repeat(map[string]func(*rapid.T){
			"transact": mc.transact,
			"again":    mc.transact,
			"hold":     mc.hold,
			"look":     mc.look,
			"compact": func(rt *rapid.T) {
				if c.Compact == nil || rapid.IntRange(0, 9).Draw(rt, "compact") != 0 {
					rt.Skip("not this time")
				}
				c.Compact(t, s)
			},
			"": func(t *rapid.T) {
				sn, err := s.Snapshot(context.Background(), store.ReadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				defer sn.Release()
				if err := (step{kind: "scan", ranges: []store.Range{{}}}).run(sn, mc.now); err != nil {
					t.Fatal(err)
				}
			},
		})
	})
}

// wipe deletes every key.
func wipe(t testing.TB, s store.Store) {
	t.Helper()
	all := everything(t, s)
	_, err := store.Update(context.Background(), s, func(txn store.Txn) error {
		for _, kv := range all {
			if err := txn.Delete(bytes.Clone(kv.Key)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
