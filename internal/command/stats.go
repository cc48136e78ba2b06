package command

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"chancery/graph"
)

const statsDetails = `
Reads every key of the store once.`

// shownTypes is how many relation types are listed in words.
const shownTypes = 20

func stats(ctx context.Context, s *session) (err error) {
	o, err := s.openToRead(ctx)
	if err != nil {
		return err
	}
	defer o.closing(&err)
	v, err := o.graph.View(ctx, graph.At{})
	if err != nil {
		return err
	}
	defer v.Release()
	st, err := v.Stats(ctx)
	if err != nil {
		return err
	}
	if s.on("json") {
		return json.NewEncoder(s.stdout).Encode(st)
	}
	return printStats(s.stdout, st)
}

func printStats(w io.Writer, st *graph.Stats) error {
	var b strings.Builder
	fmt.Fprintf(&b, "revision %d, storage engine %s, %s\n\n", st.Revision, st.Engine, sized(st.SizeBytes))
	t := newTable("documents", "entities", "relation types", "distinct relations", "citations", "merges")
	t.labels = false
	t.row(grouped(st.Documents), grouped(st.Entities), grouped(st.RelationTypes), grouped(st.Relations), grouped(st.Citations), grouped(st.Merges))
	t.write(&b)
	tallies(&b, "entities by kind", st.Kinds)
	tallies(&b, "relations by type", st.Types)
	b.WriteString("\n")
	t = newTable("rows by table", "rows", "keys and values")
	for _, r := range st.Rows {
		t.row(r.Table, grouped(r.Rows), sized(r.Bytes))
	}
	t.write(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func tallies(w io.Writer, title string, all []graph.TypeTally) {
	if len(all) == 0 {
		return
	}
	fmt.Fprintln(w)
	t := newTable(title, "count")
	rest := 0
	for i, a := range all {
		if i < shownTypes {
			t.row(a.ID, grouped(a.Count))
		} else {
			rest += a.Count
		}
	}
	if more := len(all) - shownTypes; more > 0 {
		t.row(fmt.Sprintf("%d more (--json lists them)", more), grouped(rest))
	}
	t.write(w)
}
