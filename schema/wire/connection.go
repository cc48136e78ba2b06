package wire

import "chancery/graph"

// Connection is a page of a list in the shape in which GraphQL clients walk it.
type Connection[T any] struct{ page *graph.Page[T] }

// NewConnection wraps a page.
func NewConnection[T any](p *graph.Page[T]) *Connection[T] { return &Connection[T]{p} }

// Edges are the items with their cursors.
func (c *Connection[T]) Edges() []Edge[T] {
	edges := make([]Edge[T], len(c.page.Items))
	for i, item := range c.page.Items {
		edges[i] = Edge[T]{c.page.Cursors[i], item}
	}
	return edges
}

// Nodes are the items.
func (c *Connection[T]) Nodes() []T { return c.page.Items }

// PageInfo says where the page lies in the list.
func (c *Connection[T]) PageInfo() *PageInfo {
	info := &PageInfo{HasNextPage: c.page.HasNext, HasPreviousPage: c.page.HasPrevious, Revision: c.page.Revision}
	if n := len(c.page.Cursors); n > 0 {
		info.StartCursor, info.EndCursor = c.page.Cursors[0], c.page.Cursors[n-1]
	}
	return info
}

// TotalCount is the size of the whole list. It is counted when asked for.
func (c *Connection[T]) TotalCount() (int, error) { return c.page.Total() }

// Revision is the revision at which the page was read.
func (c *Connection[T]) Revision() graph.Revision { return c.page.Revision }

// Stats counts the whole list of relations.
func (c *Connection[T]) Stats() *graph.RelationStats { return c.page.Stats() }

// NeighborConnection is a page of neighbours, whose edges say what ties them.
type NeighborConnection struct{ *Connection[*graph.Neighbor] }

// Edges are the neighbours with their cursors.
func (c NeighborConnection) Edges() []NeighborEdge {
	edges := make([]NeighborEdge, len(c.page.Items))
	for i, n := range c.page.Items {
		edges[i] = NeighborEdge{n, c.page.Cursors[i]}
	}
	return edges
}

// Nodes are the neighbours.
func (c NeighborConnection) Nodes() []*graph.Entity {
	nodes := make([]*graph.Entity, len(c.page.Items))
	for i, n := range c.page.Items {
		nodes[i] = n.Entity
	}
	return nodes
}

// NeighborEdge is a neighbour in a list.
type NeighborEdge struct {
	*graph.Neighbor
	Cursor string
}

// Node is the neighbour itself.
func (e NeighborEdge) Node() *graph.Entity { return e.Entity }

// SearchConnection is a page of what a search found, whose edges say how good it is and why.
type SearchConnection struct{ *Connection[*graph.SearchHit] }

// Edges are the finds with their cursors.
func (c SearchConnection) Edges() []SearchEdge {
	edges := make([]SearchEdge, len(c.page.Items))
	for i, h := range c.page.Items {
		edges[i] = SearchEdge{h, c.page.Cursors[i]}
	}
	return edges
}

// Nodes are the finds.
func (c SearchConnection) Nodes() []graph.Node {
	nodes := make([]graph.Node, len(c.page.Items))
	for i, h := range c.page.Items {
		nodes[i] = h.Node
	}
	return nodes
}

// SearchEdge is one find of a search.
type SearchEdge struct {
	*graph.SearchHit
	Cursor string
}

// Edge is an item of a list with its place in it.
type Edge[T any] struct {
	Cursor string
	Node   T
}

// PageInfo says where a page lies in its list. The cursors are empty on an empty page.
type PageInfo struct {
	HasNextPage, HasPreviousPage bool
	StartCursor, EndCursor       string
	Revision                     graph.Revision
}

// EntityConnection is a page of entities, with the filter that its facets are counted under.
type EntityConnection struct {
	*Connection[*graph.Entity]
	Filter *graph.EntityFilter
}

// The other connections and their edges, under the names that the schema has for them.
type (
	// EntityEdge is an entity in a list.
	EntityEdge = Edge[*graph.Entity]
	// RelationConnection is a page of relations.
	RelationConnection = Connection[*graph.Relation]
	// RelationEdge is a relation in a list.
	RelationEdge = Edge[*graph.Relation]
	// DocumentConnection is a page of documents.
	DocumentConnection = Connection[*graph.Document]
	// DocumentEdge is a document in a list.
	DocumentEdge = Edge[*graph.Document]
	// PositionConnection is a page of positions.
	PositionConnection = Connection[*graph.Position]
	// PositionEdge is a position in a list.
	PositionEdge = Edge[*graph.Position]
	// ChangeConnection is a page of a history.
	ChangeConnection = Connection[*graph.Event]
	// ChangeEdge is a change in a history.
	ChangeEdge = Edge[*graph.Event]
)
