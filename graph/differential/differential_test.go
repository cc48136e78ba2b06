package differential

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"chancery/graph"
	"chancery/graph/format"
	"chancery/store/memory"
)

var (
	asking = flag.Int("questions", 0, "questions to ask of each data set; 0 for a short run")
	seed   = flag.Uint64("seed", 1, "what questions are drawn from")
)

// recordedAt is when everything is recorded.
var recordedAt = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// fixture is one data set in the service and in the naive program.
type fixture struct {
	*testing.T
	g *graph.Graph
	w *world
	asked
}

// unpacked reads a data set beside the repository.
func unpacked(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(filepath.Join("..", "..", "..", "shared", "data", name+".jsonl.gz"))
	if err != nil {
		t.Skipf("the shared data are not beside the repository: %v", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// newFixture imports lines and reads them, and checks that both have the same relations in the same order.
func newFixture(t *testing.T, data []byte) *fixture {
	t.Helper()
	g, err := graph.Open(t.Context(), memory.New(), graph.Options{Now: func() time.Time { return recordedAt }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	report, err := format.Import(t.Context(), g, bytes.NewReader(data), format.ImportOptions{Reject: func(r format.Reject) error {
		t.Errorf("line %d was refused: %v", r.Line, r.Errors)
		return nil
	}})
	if err != nil || report.Rejected > 0 {
		t.Fatal("the import failed: ", report, err)
	}
	f := &fixture{T: t, g: g, w: read(t, data)}
	f.View = f.view(graph.At{})
	f.pair()
	return f
}

func (f *fixture) view(at graph.At) *graph.View {
	f.Helper()
	v, err := f.g.View(f.Context(), at)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(v.Release)
	return v
}

// pair finds for each relation of the service the fact of equal content.
func (f *fixture) pair() {
	f.Helper()
	ctx := f.Context()
	f.number, f.id = map[string]int{}, make([]string, len(f.w.facts))
	size := 1000
	args := graph.PageArgs{First: &size}
	seen := 0
	for {
		p := must(f.Relations(ctx, nil, nil, args))
		for _, r := range p.Items {
			x := f.w.factOf[contentKey(f.w.types[r.Type].Symmetric, lineOf(ctx, r))]
			if x == nil || seen >= len(f.w.newest) || f.w.newest[seen] != x {
				f.Fatalf("relation %d in the order of time is %+v; the lines have another there", seen, *lineOf(ctx, r))
			}
			f.number[r.ID], f.id[x.number] = x.number, r.ID
			seen++
		}
		if !p.HasNext {
			break
		}
		args.After = &p.Cursors[len(p.Cursors)-1]
	}
	if seen != len(f.w.facts) {
		f.Fatalf("the service lists %d relations; the lines have %d", seen, len(f.w.facts))
	}
}

// lineOf writes the content of a relation back as a line.
func lineOf(ctx context.Context, r *graph.Relation) *relationLine {
	l := &relationLine{Type: r.Type, From: must(r.From(ctx)).ID, To: must(r.To(ctx)).ID, Occurred: r.Occurred, Stance: r.Stance, Condition: r.Condition}
	for _, q := range r.Qualifiers {
		has := qualifierLine{Role: q.Role, Text: q.Text}
		if e := must(q.Entity(ctx)); e != nil {
			has.Entity = e.ID
		}
		l.Qualifiers = append(l.Qualifiers, has)
	}
	return l
}

// change withdraws some relations and merges some entities, in the service and in a state of the naive program.
func (f *fixture) change(d *drawer, withdrawn, merges int) *state {
	f.Helper()
	s := newState(f.w)
	var changes []graph.Change
	for len(s.gone) < withdrawn {
		x := oneOf(d, f.w.facts)
		if d.chance(50) {
			who := d.actor()
			if x.from != who && x.to != who && !d.chance(5) {
				continue
			}
		}
		if !s.gone[x] {
			s.gone[x] = true
			changes = append(changes, graph.Change{RetractRelation: &graph.RetractInput{ID: f.id[x.number], Reason: "withdrawn"}})
		}
	}
	for range withdrawn {
		if x := oneOf(d, f.w.facts); !s.gone[x] && len(s.standing(x)) > 1 {
			c := oneOf(d, s.standing(x))
			s.withdrawn[c] = true
			changes = append(changes, graph.Change{RetractCitation: &graph.RetractInput{ID: f.citationID(x, c), Reason: "withdrawn"}})
		}
	}
	for len(s.merged) < merges {
		keep, absorb := s.shown(d.actor()), s.shown(d.actor())
		if keep != absorb {
			s.merged[absorb] = keep
			changes = append(changes, graph.Change{MergeEntities: &graph.MergeInput{Keep: keep.ID, Absorb: []string{absorb.ID}, Reason: "one"}})
		}
	}
	out, err := f.g.Apply(f.Context(), graph.Batch{Changes: changes})
	if err != nil || len(out.Errors) > 0 {
		f.Fatal(out, err)
	}
	return s
}

// citationID finds a citation in the service.
func (f *fixture) citationID(x *fact, c *citation) string {
	f.Helper()
	ctx := f.Context()
	for _, has := range must(must(f.Relation(ctx, f.id[x.number])).Citations(ctx, nil, 1_000_000)) {
		speaker, place := "", has.Locator
		if e := must(has.Speaker(ctx)); e != nil {
			speaker = e.ID
		}
		if has.Start != nil {
			place = fmt.Sprint(*has.Start)
		}
		if must(has.Document(ctx)).ID == c.Document && has.Quote == c.Quote && place == c.place() && speaker == c.Speaker && has.Verdict == c.Verdict {
			return has.ID
		}
	}
	f.Fatalf("relation %d lacks the citation %+v", x.number, c.citationLine)
	return ""
}

// answer is what the service says, or its error as a line.
func (q *question) answer(ctx context.Context, a *asked) (lines []string) {
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(failure)
			if !ok {
				panic(r)
			}
			lines = []string{"error: " + e.Error()}
		}
	}()
	return q.ask(ctx, a)
}

// ask asks a question of a view and of a state, and tells whether the answers could be compared.
func (f *fixture) ask(q *question, a *asked, s *state, where string) bool {
	f.Helper()
	began := time.Now()
	got := q.answer(f.Context(), a)
	served := time.Since(began)
	if slices.Equal(got, []string{spent}) {
		f.Logf("%s: a budget ended %s", where, q.text)
		return false
	}
	want := q.want(s)
	if testing.Verbose() && time.Since(began) > 2*time.Second {
		f.Logf("%s: %s took the service %s, the naive program %s", where, q.text, served, time.Since(began)-served)
	}
	if !slices.Equal(got, want) {
		f.Errorf("%s: %s\n%s", where, q.text, difference(got, want))
	}
	return true
}

// difference shows two answers from where they part.
func difference(got, want []string) string {
	at := 0
	for at < len(got) && at < len(want) && got[at] == want[at] {
		at++
	}
	part := func(list []string) string {
		text := strings.Join(list[min(at, len(list)):min(at+4, len(list))], "\n    ")
		return text[:min(len(text), 1500)]
	}
	return fmt.Sprintf("line %d of %d:\n    %s\nwant, of %d:\n    %s", at, len(got), part(got), len(want), part(want))
}

// TestAnswersAreThoseOfANaiveProgram asks drawn questions of each data set: of the newest state as it was imported, of
// the newest after relations were withdrawn and entities merged, and then of the state as imported again, which is in the past by then.
func TestAnswersAreThoseOfANaiveProgram(t *testing.T) {
	for _, d := range []struct {
		name              string
		data              string
		vary              bool
		large             bool
		questions         int
		withdrawn, merges int
	}{
		{"dna-sample", "dna-sample", false, false, 400, 3, 2},
		{"gdelt-events", "gdelt-events", false, false, 300, 200, 10},
		{"gdelt-events, varied", "gdelt-events", true, false, 900, 300, 40},
		{"icews-events", "icews-events", false, true, 60, 300, 4},
		{"unga-votes", "unga-votes", false, true, 45, 300, 3},
	} {
		t.Run(d.name, func(t *testing.T) {
			if d.large && testing.Short() {
				t.Skip("large data are left out of short runs")
			}
			data := unpacked(t, d.data)
			if d.vary {
				data = vary(t, data, *seed)
			}
			f := newFixture(t, data)
			n := d.questions
			if *asking > 0 {
				n = *asking
			}
			if d.name == "icews-events" {
				t.Run("the largest hub", f.hub)
				t.Run("parallel relations", f.parallel)
				t.Run("relations to oneself", f.loops)
			}
			f.compare(n, d.withdrawn, d.merges)
		})
	}
}

// compare asks so many questions, in turn of three states.
func (f *fixture) compare(questions, withdrawn, merges int) {
	d := newDrawer(f.w, *seed)
	imported := newState(f.w)
	compared := 0
	ask := func(i int, a *asked, s *state, where string) {
		q := d.question(kinds[i%len(kinds)])
		if f.ask(&q, a, s, fmt.Sprintf("question %d, %s", i, where)) {
			compared++
		}
	}
	third := (questions + 2) / 3
	for i := range third {
		ask(i, &f.asked, imported, "as imported")
	}
	changed := f.change(d, withdrawn, merges)
	now := f.asked
	now.View = f.view(graph.At{})
	for i := range third {
		ask(third+i, &now, changed, "after changes")
	}
	then := f.asked
	rev := f.Revision()
	then.View = f.view(graph.At{Revision: &rev})
	for i := range third {
		ask(2*third+i, &then, imported, "in the past")
	}
	f.Logf("%d answers compared", compared)
	if compared < questions*3/4 {
		f.Errorf("only %d of %d answers could be compared", compared, questions)
	}
}
