package examples_test

import (
	"os"
	"path/filepath"
	"testing"

	"chancery/examples"
	"chancery/graph"
	"chancery/graph/format"
	"chancery/store/memory"
)

// TestEveryQuoteIsVerified puts the article's text, which is not shipped, beside the example and finds every citation verified.
func TestEveryQuoteIsVerified(t *testing.T) {
	article, err := os.ReadFile(filepath.Join("..", "..", "shared", "seed", "article.txt"))
	if err != nil {
		t.Skipf("the article is not beside the repository: %v", err)
	}
	ctx := t.Context()
	g, err := graph.Open(ctx, memory.New(), graph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	file, err := examples.Files.Open(examples.PeacePlan)
	if err != nil {
		t.Fatal(err)
	}
	report, err := format.Import(ctx, g, file, format.ImportOptions{})
	if err != nil || report.Rejected > 0 {
		t.Fatalf("the example is not imported whole: %+v, %v", report, err)
	}
	count := func(want graph.Verification) (of, all int) {
		v, err := g.View(ctx, graph.At{})
		if err != nil {
			t.Fatal(err)
		}
		defer v.Release()
		n := 1000
		page, err := v.Relations(ctx, nil, nil, graph.PageArgs{First: &n})
		if err != nil || page.HasNext {
			t.Fatal("the example has more relations than one page", err)
		}
		for _, r := range page.Items {
			cites, err := r.Citations(ctx, nil, n)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range cites {
				all++
				if c.Verification == want {
					of++
				} else if want == graph.Verified {
					t.Errorf("%s is %s: %q", c.ID, c.Verification, c.Quote)
				}
			}
		}
		return of, all
	}
	if of, all := count(graph.Unverified); of != all || all < 100 {
		t.Errorf("without the text %d of %d citations are unverified", of, all)
	}
	v, err := g.View(ctx, graph.At{})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := v.Documents(ctx, nil, graph.PageArgs{})
	v.Release()
	if err != nil || len(docs.Items) != 1 {
		t.Fatalf("%d documents, %v", len(docs.Items), err)
	}
	out, err := g.Apply(ctx, graph.Batch{Changes: []graph.Change{{PutDocument: &graph.DocumentInput{ID: docs.Items[0].ID, Text: graph.Some(string(article))}}}})
	if err != nil || len(out.Errors) > 0 {
		t.Fatal(out, err)
	}
	if of, all := count(graph.Verified); of != all || all < 100 {
		t.Errorf("with the text %d of %d citations are verified", of, all)
	}
}
