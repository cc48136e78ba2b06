package bench

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// result is what one question took.
type result struct {
	question            question
	memory, graph, http timing
	crowdCPU            time.Duration // of the whole process, a request
	crowdRate           float64       // requests a second
}

// timing is what one way of asking took.
type timing struct {
	mean, p50, p99 time.Duration
	allocs, bytes  uint64 // a question
}

// timed asks one question after the other. The time of each is taken for the percentiles.
func timed(b *testing.B, ask func(i int) error) timing {
	b.ReportAllocs()
	var before, after runtime.MemStats
	took := make([]time.Duration, 0, 1<<20)
	runtime.ReadMemStats(&before)
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		if err := ask(i); err != nil {
			b.Fatal(err)
		}
		if len(took) < cap(took) { // growing would be measured too
			took = append(took, time.Since(began))
		}
	}
	runtime.ReadMemStats(&after)
	n := uint64(b.N)
	t := timing{mean: b.Elapsed() / time.Duration(b.N), allocs: (after.Mallocs - before.Mallocs) / n, bytes: (after.TotalAlloc - before.TotalAlloc) / n}
	slices.Sort(took)
	t.p50, t.p99 = took[len(took)/2], took[len(took)*99/100]
	return t
}

// compare reports how many times as long as the maps something took.
func (r *result) compare(b *testing.B, t timing) {
	if r.memory.mean > 0 {
		b.ReportMetric(float64(t.mean)/float64(r.memory.mean), "x-map")
	}
}

// tables are the results as Markdown.
func tables(results []*result) string {
	var out strings.Builder
	out.WriteString("| | here, p50 / p99 ms | PostGraphile, p50 ms | Dgraph, p50 ms | PostGraphile to here | CPU a request, 16 clients, here / PostGraphile / Dgraph, ms | requests a second |\n|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		if p := r.question.peers; p.postgraphile > 0 {
			fmt.Fprintf(&out, "| %s | %s / %s | %s | %s | %s | %s / %s / %s | %.0f |\n", r.question.about, ms(r.http.p50), ms(r.http.p99), number(p.postgraphile), number(p.dgraph),
				times(p.postgraphile/1e3/r.http.p50.Seconds()), ms(r.crowdCPU), number(p.postgraphileCPU), number(p.dgraphCPU), r.crowdRate)
		}
	}
	out.WriteString("\n| | map | package graph | to the map | HTTP | to the map | allocations: graph | HTTP | HTTP, kB |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range results {
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s | %s | %d | %d | %d |\n", r.question.about, micro(r.memory.mean), micro(r.graph.mean), times(r.graph.mean.Seconds()/r.memory.mean.Seconds()),
			micro(r.http.mean), times(r.http.mean.Seconds()/r.memory.mean.Seconds()), r.graph.allocs, r.http.allocs, r.http.bytes/1000)
	}
	return out.String()
}

func ms(d time.Duration) string { return number(d.Seconds() * 1e3) }

// micro is a time in the unit that fits it.
func micro(d time.Duration) string {
	switch {
	case d < 10*time.Microsecond:
		return number(float64(d.Nanoseconds())/1e3) + " µs"
	case d < time.Millisecond:
		return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1e3)
	case d < time.Second:
		return ms(d) + " ms"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// number has two or three digits; 0 stands for nothing known.
func number(x float64) string {
	switch {
	case x == 0:
		return "–"
	case x < 10:
		return fmt.Sprintf("%.2f", x)
	case x < 100:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.0f", x)
}

func times(x float64) string { return number(x) + "x" }
