package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"chancery/graph"
	"chancery/graph/search"
	"chancery/store"
	"chancery/store/engine"
)

// opened is a graph with the store below it and, where texts are searched, their index.
type opened struct {
	graph *graph.Graph
	store store.Store
	texts *search.Index // nil for none
}

// close ends all of them, the graph first.
func (o *opened) close() error {
	err := o.graph.Close()
	if o.texts != nil {
		err = errors.Join(err, o.texts.Close())
	}
	return errors.Join(err, o.store.Close())
}

// closing closes o and adds its error to *err, for use with defer.
func (o *opened) closing(err *error) {
	if e := o.close(); e != nil {
		*err = errors.Join(*err, fmt.Errorf("closing the store: %w", e))
	}
}

// open opens the store that the settings name, for reading alone or for both.
func (s *session) open(ctx context.Context, readOnly bool) (*opened, error) {
	return s.openWith(ctx, readOnly, func() (*search.Index, error) { return nil, nil })
}

// openSearchable is open with the index of texts, which is in the store's directory.
func (s *session) openSearchable(ctx context.Context, readOnly bool) (*opened, error) {
	return s.openWith(ctx, readOnly, s.texts)
}

func (s *session) openWith(ctx context.Context, readOnly bool, texts func() (*search.Index, error)) (*opened, error) {
	url := s.str("store")
	st, err := engine.Open(ctx, url, engine.Options{ReadOnly: readOnly, Logger: s.log})
	if err != nil {
		return nil, s.openError(url, err)
	}
	o := &opened{store: st}
	if o.texts, err = texts(); err == nil {
		o.graph, err = graph.Open(ctx, st, graph.Options{Logger: s.log, ReadOnly: readOnly, Text: o.texts})
	}
	if err == nil {
		return o, nil
	}
	if o.texts != nil {
		err = errors.Join(err, o.texts.Close())
	}
	return nil, errors.Join(err, st.Close())
}

// texts opens the index of texts: in the directory "search" in that of a store on disk, and in memory for a store in memory. Where
// another process has it open, as another one that serves the store for reading may, this one makes its own in memory.
func (s *session) texts() (*search.Index, error) {
	if !s.on("search") {
		return nil, nil
	}
	dir, onDisk := strings.CutPrefix(s.str("store"), "badger:")
	if onDisk {
		dir = filepath.Join(dir, "search")
	} else {
		dir = ""
	}
	x, err := search.Open(dir, s.log)
	if errors.Is(err, search.ErrInUse) {
		s.log.Warn("another process has the text index open: this one makes its own in memory", "dir", dir)
		return search.Open("", s.log)
	}
	return x, err
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
