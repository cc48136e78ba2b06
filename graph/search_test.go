package graph

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"chancery/graph/search"
	"chancery/graph/vocab"
	"chancery/store"
	"chancery/store/memory"
)

// searched is a graph whose text index moves on when it is told to.
type searched struct {
	*testing.T
	g  *Graph
	st store.Store
}

func newSearched(t *testing.T) *searched {
	t.Helper()
	st := memory.New()
	g, err := Open(t.Context(), st, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	s := &searched{t, g, st}
	s.use(openIndex(t, ""))
	s.apply(
		Change{PutEntity: &EntityInput{ID: "ann", Kind: Some(vocab.KindPerson), Name: Some("Ann Peace")}},
		Change{PutEntity: &EntityInput{ID: "ben", Kind: Some(vocab.KindPerson), Name: Some("Ben"), Names: Some([]Name{{Text: "Peace", Kind: NameAlias}})}},
		Change{PutEntity: &EntityInput{ID: "cid", Kind: Some(vocab.KindState), Name: Some("Peace Land")}},
		s.document("d1", "Peace talks", "🕊 Ann met Ben for peace talks. Ben rejected it."),
		s.document("d2", "War", "Nothing of the kind."),
		s.met("d1", "Ann met Ben for peace talks"),
	)
	return s
}

func openIndex(t *testing.T, dir string) *search.Index {
	t.Helper()
	x, err := search.Open(dir, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.Close() })
	return x
}

// use gives the graph an index that nothing feeds but index.
func (s *searched) use(x *search.Index) {
	done := make(chan struct{})
	close(done)
	s.g.indexer = &indexer{g: s.g, index: x, wake: make(chan struct{}, 1), moved: make(chan struct{}), done: done, stop: func() {}}
}

func (s *searched) index() {
	s.Helper()
	for more := true; more; {
		var err error
		if more, err = s.g.indexer.step(s.Context()); err != nil {
			s.Fatal(err)
		}
	}
}

func (s *searched) apply(changes ...Change) Revision {
	s.Helper()
	out, err := s.g.Apply(s.Context(), Batch{Changes: changes})
	if err != nil || len(out.Errors) > 0 {
		s.Fatal(out, err)
	}
	return out.Revision
}

func (*searched) document(id, title, text string) Change {
	return Change{PutDocument: &DocumentInput{ID: id, Title: Some(title), Publisher: Some("P"), Text: Some(text), Lang: Some("en")}}
}

func (*searched) met(doc, quote string) Change {
	return Change{AddRelation: &RelationInput{Type: "met-with", From: "ann", To: "ben", Citations: []CitationInput{{Document: doc, Quote: quote}}}}
}

// found lists what a search finds, as ids with what is highlighted; relations by their type.
func (s *searched) found(at At, query string, in ...SearchScope) string {
	s.Helper()
	v, err := s.g.View(s.Context(), at)
	if err != nil {
		s.Fatal(err)
	}
	defer v.Release()
	if in == nil {
		in = SearchScopes
	}
	p, err := v.Search(s.Context(), query, in, nil, PageArgs{})
	if err != nil {
		s.Fatal(err)
	}
	if n, err := p.Total(); err != nil || n != len(p.Items) {
		s.Errorf("search %q: the total is %d, %v, and there are %d", query, n, err, len(p.Items))
	}
	var out []string
	for i, h := range p.Items {
		if i > 0 && h.Score > p.Items[i-1].Score {
			s.Errorf("search %q: score %v after %v", query, h.Score, p.Items[i-1].Score)
		}
		id := h.Node.NodeID()
		if r, ok := h.Node.(*Relation); ok {
			id = r.Type
		}
		out = append(out, id+marked(h.Highlights))
	}
	return strings.Join(out, " ")
}

// marked are highlights with brackets around their spans.
func marked(all []Highlight) string {
	var b strings.Builder
	for _, h := range all {
		r := []rune(h.Text)
		for _, s := range slices.Backward(h.Spans) {
			r = slices.Concat(r[:s.Start], []rune("["), r[s.Start:s.End], []rune("]"), r[s.End:])
		}
		fmt.Fprintf(&b, "{%s: %s}", h.Field, string(r))
	}
	return b.String()
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s:\n got %s\nwant %s", what, got, want)
	}
}

func TestSearchRanks(t *testing.T) {
	s := newSearched(t)
	s.index()
	expect(t, "peace", s.found(At{}, "peace"), "ben{name: [Peace]} ann{name: Ann [Peace]} cid{name: [Peace] Land} "+
		"d1{title: [Peace] talks}{text: 🕊 Ann met Ben for [peace] talks. Ben rejected it.} met-with{quote: Ann met Ben for [peace] talks}")
	expect(t, "two words", s.found(At{}, "TALKING peace"), "d1{title: [Peace] [talks]}{text: 🕊 Ann met Ben for [peace] [talks]. Ben rejected it.} met-with{quote: Ann met Ben for [peace] [talks]}")
	expect(t, "quotes alone", s.found(At{}, "ben", InQuotes), "met-with{quote: Ann met [Ben] for peace talks}")
	expect(t, "nothing", s.found(At{}, "peace war"), "")
	expect(t, "no words", s.found(At{}, "…"), "")
}

// What the index has and the view has not, or no longer with these words, is not shown.
func TestSearchIsCheckedAgainstTheView(t *testing.T) {
	s := newSearched(t)
	s.index()
	before := s.apply(s.document("d3", "More of peace", "Peace, and peace again.")) // which the index does not see yet
	expect(t, "newer than the index", s.found(At{}, "again", InDocuments), "")
	s.index()
	expect(t, "when it is indexed", s.found(At{}, "again", InDocuments), "d3{text: Peace, and peace [again].}")
	one := Revision(1)
	expect(t, "before it was there", s.found(At{Revision: &one}, "again", InDocuments), "")

	s.apply(s.document("d3", "More of peace", "Peace, once more."))
	expect(t, "text changed since", s.found(At{}, "again", InDocuments), "")
	expect(t, "changed and still there", s.found(At{}, "more peace", InDocuments), "d3{title: [More] of [peace]}{text: [Peace], once [more].}")
	s.index()
	expect(t, "old text at its time, no longer indexed", s.found(At{Revision: &before}, "again", InDocuments), "")
	expect(t, "new words at a time that had others", s.found(At{Revision: &before}, "once", InDocuments), "")
	expect(t, "words of both", s.found(At{Revision: &before}, "peace more", InDocuments), "d3{title: [More] of [peace]}{text: [Peace], and [peace] again.}")
}

func TestSearchAfterRetractionAndMerge(t *testing.T) {
	s := newSearched(t)
	s.index()
	v, err := s.g.View(t.Context(), At{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.Relations(t.Context(), nil, nil, PageArgs{})
	if err != nil {
		t.Fatal(err)
	}
	v.Release()
	s.apply(Change{RetractRelation: &RetractInput{ID: r.Items[0].ID, Reason: "r"}})
	expect(t, "withdrawn, and not yet seen", s.found(At{}, "met", InQuotes), "")
	one := Revision(1)
	expect(t, "before it was withdrawn", s.found(At{Revision: &one}, "met", InQuotes), "met-with{quote: Ann [met] Ben for peace talks}")
	s.index()
	expect(t, "withdrawn", s.found(At{}, "met", InQuotes), "")
	s.apply(s.met("d1", "Ann met Ben for peace talks"), Change{MergeEntities: &MergeInput{Keep: "ann", Absorb: []string{"ben"}, Reason: "r"}})
	s.index()
	expect(t, "live again", s.found(At{}, "met", InQuotes), "met-with{quote: Ann [met] Ben for peace talks}")
	expect(t, "merged", s.found(At{}, "ben", InEntities), "ann{name: [Ben]}")
}

// A new language of a document brings other stems to its quotes.
func TestSearchFollowsTheLanguage(t *testing.T) {
	s := newSearched(t)
	s.apply(Change{PutDocument: &DocumentInput{ID: "d4", Title: Some("Gespräche"), Publisher: Some("P"), Lang: Some("en"), Text: Some("Ann und Ben in Verhandlungen.")}}, s.met("d4", "Ann und Ben in Verhandlungen"))
	s.index()
	expect(t, "as English", s.found(At{}, "Verhandlung", InQuotes, InDocuments), "")
	s.apply(Change{PutDocument: &DocumentInput{ID: "d4", Lang: Some("de-AT")}})
	s.index()
	expect(t, "as German", s.found(At{}, "Verhandlung", InQuotes, InDocuments), "met-with{quote: Ann und Ben in [Verhandlungen]} d4{text: Ann und Ben in [Verhandlungen].}")
}

func TestIndexGoesOnFromItsCheckpoint(t *testing.T) {
	s := newSearched(t)
	dir := filepath.Join(t.TempDir(), "search")
	x := openIndex(t, dir)
	s.use(x)
	s.index()
	want := s.found(At{}, "peace")
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	again := openIndex(t, dir)
	if c := again.Checkpoint(); c.Revision != 1 {
		t.Errorf("opened again, the checkpoint is %+v", c)
	}
	s.use(again)
	expect(t, "opened again", s.found(At{}, "peace"), want)
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	s.use(openIndex(t, dir))
	expect(t, "deleted", s.found(At{}, "peace", InQuotes, InDocuments), "")
	s.index()
	expect(t, "built anew", s.found(At{}, "peace"), want)
}

func TestIndexOfAnotherGraphIsEmptied(t *testing.T) {
	s, other := newSearched(t), newSearched(t)
	for range 3 {
		other.apply(other.document("d9", "Foreign matter", fmt.Sprint("foreign ", other.g.Engine(), other.g.now())))
	}
	other.index()
	x := other.g.indexer.index
	s.use(x)
	expect(t, "before it is noticed", s.found(At{}, "foreign", InDocuments), "")
	s.index()
	expect(t, "its own", s.found(At{}, "war", InDocuments), "d2{title: [War]}")
	if f, err := x.Find(t.Context(), "foreign", search.Document, 10); err != nil || f.Total != 0 {
		t.Errorf("the index still has %v (%v)", f, err)
	}
}

// A walk goes through one ranking, whatever is written and indexed meanwhile.
func TestSearchInPages(t *testing.T) {
	s := newSearched(t)
	for i := range 40 {
		s.apply(s.document(fmt.Sprint("p", i), "Page", strings.Repeat("peace ", i+1)))
	}
	s.index()
	view := func() *View {
		v, err := s.g.View(t.Context(), At{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(v.Release)
		return v
	}
	all, first := 100, 7
	whole, err := view().Search(t.Context(), "peace", SearchScopes, nil, PageArgs{First: &all})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	args := PageArgs{First: &first}
	for n := 0; ; n++ {
		p, err := view().Search(t.Context(), "peace", SearchScopes, nil, args)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range p.Items {
			got = append(got, h.Node.NodeID())
		}
		if !p.HasNext {
			break
		}
		args.After = &p.Cursors[len(p.Cursors)-1]
		s.apply(s.document(fmt.Sprint("p", n), "Page", "nothing"), s.document(fmt.Sprint("q", n), "Page", "peace"))
		s.index()
	}
	var want []string
	for _, h := range whole.Items {
		want = append(want, h.Node.NodeID())
	}
	if len(want) != 45 || !slices.Equal(got, want) {
		t.Errorf("in pages %v; want %v", got, want)
	}
}

func TestSearchRefuses(t *testing.T) {
	s := newSearched(t)
	v, err := s.g.View(t.Context(), At{})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Release()
	one, cursor := 1, "x"
	for want, ask := range map[string]func() error{
		"is empty: give at least one word": func() error { _, err := v.Search(t.Context(), " \n", SearchScopes, nil, PageArgs{}); return err },
		"at most 1000": func() error {
			_, err := v.Search(t.Context(), strings.Repeat("x", 1001), SearchScopes, nil, PageArgs{})
			return err
		},
		"in is empty": func() error { _, err := v.Search(t.Context(), "x", nil, nil, PageArgs{}); return err },
		"forward only": func() error {
			_, err := v.Search(t.Context(), "x", SearchScopes, nil, PageArgs{Last: &one})
			return err
		},
		"is no cursor": func() error {
			_, err := v.Search(t.Context(), "x", SearchScopes, nil, PageArgs{After: &cursor})
			return err
		},
		"it is 0 or more": func() error { _, err := v.Suggest(t.Context(), "x", nil, -1); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want an error that says %q", err, want)
		}
	}
}

// Without an index, names are found and texts are not.
func TestSearchWithoutAnIndex(t *testing.T) {
	s := newSearched(t)
	s.g.indexer = nil
	expect(t, "peace", s.found(At{}, "peace"), "ben{name: [Peace]} ann{name: Ann [Peace]} cid{name: [Peace] Land}")
}

// A long text is shown in pieces around what was found.
func TestFragments(t *testing.T) {
	long := strings.Repeat("🇺🇦 слово ", 50) + "МИР " + strings.Repeat("слово ", 100) + "мира." + strings.Repeat("x", 300) + " мир"
	m := search.NewMatcher("мир")
	got := fragments("text", long, "ru", m, 5)
	if len(got) != 3 {
		t.Fatalf("%d pieces: %v", len(got), got)
	}
	for i, want := range []string{"МИР", "мира", "мир"} {
		h := got[i]
		r := []rune(h.Text)
		if len(h.Spans) != 1 || string(r[h.Spans[0].Start:h.Spans[0].End]) != want || len(r) > fragmentLength+fragmentBefore {
			t.Errorf("piece %d: %+v; want %s in it", i, h, want)
		}
		if !strings.Contains(long, h.Text) {
			t.Errorf("piece %d is not one of the text: %s", i, h.Text)
		}
	}
	if got := fragments("text", long, "ru", m, 2); len(got) != 2 {
		t.Errorf("%d pieces; 2 are asked for", len(got))
	}
}
