package schema

import (
	"context"

	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2/ast"
)

// Documents in the cache have passed the guard and the validation. Parsed, a
// document takes about 30 times its text, so the cache stays below 250 MB
// whatever is asked.
const (
	cachedDocuments     = 1_000
	cachedDocumentBytes = 8 << 10 // longer ones are not kept
)

// queryCache keeps parsed and validated documents by their text.
type queryCache struct{ *lru.LRU[*ast.QueryDocument] }

func newQueryCache() queryCache {
	return queryCache{lru.New[*ast.QueryDocument](cachedDocuments)}
}

// Add keeps a document unless it is long.
func (c queryCache) Add(ctx context.Context, query string, doc *ast.QueryDocument) {
	if len(query) <= cachedDocumentBytes {
		c.LRU.Add(ctx, query, doc)
	}
}
