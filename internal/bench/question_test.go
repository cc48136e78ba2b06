package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"

	"chancery/graph"
)

// question is asked in three ways.
type question struct {
	name, about string
	set         string // of the shared data
	query       string
	ids         func(m *memory) []string // what the variable $id is, one after the other; nil for a query without
	graph       func(ctx context.Context, v *graph.View, id string) (rows int, err error)
	lookup      func(m *memory, id string) any
	// rows are the answer of GraphQL, and that of the maps, written in one way and order.
	rows func(data []byte, lookedUp any) (got, want []string, err error)

	size   int      // how many rows other programs answered; 0 where nobody was asked
	agreed []string // rows that they answered
	peers  peers
}

// peers is what other programs took for the question: with one client the median, with sixteen the processor time of
// the server a request, all in milliseconds. docs/performance.md says which programs, and where it was measured.
type peers struct{ postgraphile, dgraph, postgraphileCPU, dgraphCPU float64 }

// asked is one request and the id it asks for.
type asked struct {
	id   string
	body []byte
}

func (q question) requests(m *memory) ([]asked, error) {
	ids := []string{""}
	if q.ids != nil {
		ids = q.ids(m)
	}
	var out []asked
	for _, id := range ids {
		request := map[string]any{"query": q.query}
		if q.ids != nil {
			request["variables"] = map[string]any{"id": id}
		}
		body, err := json.Marshal(request)
		if err != nil {
			return nil, err
		}
		out = append(out, asked{id, body})
	}
	return out, nil
}

// comparing reads an answer of GraphQL into A and writes it and what the maps answer, an M, as rows. Sorting them makes lists whose order is not asked for comparable.
func comparing[A, M any](answered func(A) []string, lookedUp func(M) []string) func([]byte, any) ([]string, []string, error) {
	return func(data []byte, m any) ([]string, []string, error) {
		var a A
		if err := json.Unmarshal(data, &a); err != nil {
			return nil, nil, fmt.Errorf("%w in %s", err, data)
		}
		return answered(a), lookedUp(m.(M)), nil
	}
}

// The parts of answers that the questions read.
type (
	entityAnswer struct {
		ID, Kind, Name string
		Relations      relationsAnswer
		Neighbors      struct {
			Edges []struct {
				RelationCount int
				Node          entityAnswer
			}
		}
		Positions struct {
			TotalCount int
			Nodes      []positionAnswer
		}
	}
	relationAnswer struct {
		Type, Occurred string
		From, To       struct{ ID, Name string }
		Citations      []struct{ Locator string }
	}
	relationsAnswer struct {
		TotalCount int
		Nodes      []relationAnswer
		Stats      struct {
			Timeline []seriesAnswer
			Facets   []struct{ Values []countAnswer }
		}
	}
	seriesAnswer struct {
		Key     *struct{ Value string }
		Buckets []struct {
			Start string
			Count int
		}
	}
	countAnswer struct {
		Value string
		Count int
	}
	positionAnswer struct {
		Target struct{ ID string }
		Stance int
	}
	tieAnswer struct {
		From, To struct{ ID string }
		Shared   int
		Weight   float64
	}
	networkAnswer struct{ Ties []tieAnswer }
	rootAnswer    struct {
		Entity    *entityAnswer
		Entities  struct{ Nodes []entityAnswer }
		Relations relationsAnswer
		Network   networkAnswer
	}
)

func relationRow(kind, from, to, occurred string) string {
	return strings.Join([]string{occurred, kind, from, to}, " ")
}

func answeredRelations(all []relationAnswer) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = relationRow(r.Type, r.From.ID+" "+r.From.Name, r.To.ID+" "+r.To.Name, r.Occurred)
	}
	return out
}

func knownRelations(all []*relation) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = relationRow(r.Type, r.From+" "+r.from.Name, r.To+" "+r.to.Name, r.Occurred)
	}
	return out
}

// readEnds reads what a relation of a page shows: package graph reads entities when they are asked for.
func readEnds(ctx context.Context, relations []*graph.Relation) (int, error) {
	for _, r := range relations {
		if _, err := r.From(ctx); err != nil {
			return 0, err
		}
		if _, err := r.To(ctx); err != nil {
			return 0, err
		}
	}
	return len(relations), nil
}

// newestOf reads the newest relations of an entity, with their ends.
func newestOf(ctx context.Context, e *graph.Entity, first int) (int, error) {
	p, err := e.Relations(ctx, nil, graph.Both, nil, graph.PageArgs{First: &first})
	if err != nil {
		return 0, err
	}
	return readEnds(ctx, p.Items)
}

// some picks so many of the entities that are meant, always the same ones.
func (m *memory) some(n int, meant func(*actor) bool) []string {
	var ids []string
	for _, a := range m.inOrder {
		if meant(a) {
			ids = append(ids, a.ID)
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(ids), func(i, j int) { ids[i], ids[j] = ids[j], ids[i] })
	return ids[:min(n, len(ids))]
}
