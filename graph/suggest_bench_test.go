package graph_test

import (
	"os"
	"path/filepath"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
)

// BenchmarkSuggest searches the names of 19,347 entities as somebody types.
func BenchmarkSuggest(b *testing.B) {
	path := filepath.Join("..", "..", "shared", "data", "icews-events.jsonl.gz")
	file, err := os.Open(path)
	if err != nil {
		b.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer file.Close()
	g := openBench(b)
	must(format.Import(b.Context(), g, file, format.ImportOptions{}))
	for _, typed := range []string{"a", "s", "m", "vl", "vladimir p", "путин", "zelenskyy", "m a", "vladimer puton", "minister of foreign"} {
		b.Run(typed, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v := must(g.View(b.Context(), graph.At{}))
				must(v.Suggest(b.Context(), typed, nil, 8))
				v.Release()
			}
		})
	}
}
