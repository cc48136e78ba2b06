package command

import (
	"context"
	"errors"
	"fmt"

	"chancery/graph"
	"chancery/store"
	"chancery/store/engine"
)

// opened is a graph with the store below it.
type opened struct {
	graph *graph.Graph
	store store.Store
}

// close ends both, the graph first.
func (o *opened) close() error { return errors.Join(o.graph.Close(), o.store.Close()) }

// closing closes o and adds its error to *err, for use with defer.
func (o *opened) closing(err *error) {
	if e := o.close(); e != nil {
		*err = errors.Join(*err, fmt.Errorf("closing the store: %w", e))
	}
}

// open opens the store that the settings name, for reading alone or for both.
func (s *session) open(ctx context.Context, readOnly bool) (*opened, error) {
	url := s.str("store")
	st, err := engine.Open(ctx, url, engine.Options{ReadOnly: readOnly, Logger: s.log})
	if err != nil {
		return nil, s.openError(url, err)
	}
	g, err := graph.Open(ctx, st, graph.Options{Logger: s.log, ReadOnly: readOnly})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return &opened{g, st}, nil
}

// openToRead opens a store that exists. One that was not closed cleanly can
// only be read after it was opened for writing, which mends it.
func (s *session) openToRead(ctx context.Context) (*opened, error) {
	o, err := s.open(ctx, true)
	if errors.Is(err, store.ErrUnavailable) {
		s.log.Info("the store was not closed cleanly; opening it for writing to mend that", "store", s.str("store"))
		return s.open(ctx, false)
	}
	return o, err
}

// openError says what to do about a store that cannot be opened.
func (s *session) openError(url string, err error) error {
	if !errors.Is(err, store.ErrInUse) {
		return err
	}
	remedy := "stop that process, or choose another store with --store"
	if _, ok := s.text["url"]; ok {
		remedy = "stop that process, or reach its service with --url, e.g. --url http://127.0.0.1:8080"
	}
	return fmt.Errorf("the store %s cannot be opened: %w; %s", url, err, remedy)
}
