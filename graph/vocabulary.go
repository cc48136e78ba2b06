package graph

import (
	"context"
	"encoding/json"
	"slices"
	"sort"
	"strings"

	"chancery/graph/text"
	"chancery/graph/vocab"
	"chancery/store"
)

// vocabulary is the set of relation types at a revision: the bundled ones,
// changed and extended by what the store defines. It is immutable once built.
type vocabulary struct {
	byID     map[string]*vocabularyEntry
	byCode   map[uint32]*vocabularyEntry
	ids      []string // sorted
	narrower map[string][]string
}

type vocabularyEntry struct {
	vocab.Type
	code    uint32 // 0 while nothing in the store names the type
	defined bool   // the store holds a definition of its own
}

// vocabularyAt builds the vocabulary as of the revision that changed it last, and keeps the newest one.
func (g *Graph) vocabularyAt(ctx context.Context, s rows, changed Revision) (*vocabulary, error) {
	g.vocabulary.Lock()
	defer g.vocabulary.Unlock()
	kept := &g.vocabulary
	for _, m := range []madeVocabulary{kept.newest, kept.older} {
		if m.set != nil && m.at == changed {
			return m.set, nil
		}
	}
	set, err := g.buildVocabulary(ctx, s)
	if err != nil {
		return nil, err
	}
	if kept.newest.set == nil || changed > kept.newest.at {
		kept.newest = madeVocabulary{changed, set}
	} else {
		kept.older = madeVocabulary{changed, set} // a walk through the history asks for it again at the next revision
	}
	return set, nil
}

// madeVocabulary is the vocabulary from the revision that made it until the next that changed it.
type madeVocabulary struct {
	at  Revision
	set *vocabulary
}

func (g *Graph) buildVocabulary(ctx context.Context, s rows) (*vocabulary, error) {
	set := &vocabulary{byID: map[string]*vocabularyEntry{}, byCode: map[uint32]*vocabularyEntry{}}
	for _, t := range g.bundled {
		set.byID[t.ID] = &vocabularyEntry{Type: t}
	}
	prefix := tableTypeID.key().prefix()
	for r, err := range s.scanPlain(ctx, prefix, store.PrefixEnd(prefix), false) {
		if err != nil {
			return nil, err
		}
		parts, _, ok := tableTypeID.parse(r.key)
		d := &dec{b: r.value}
		code, created := uint32(d.u()), Revision(d.u())
		if !ok || d.err() != nil {
			return nil, damaged("relation type row %x", r.key)
		}
		if created > s.rev {
			continue
		}
		e := set.byID[parts[0].text]
		if e == nil {
			e = &vocabularyEntry{Type: vocab.Type{ID: parts[0].text}}
			set.byID[e.ID] = e
		}
		e.code = code
		set.byCode[code] = e
	}
	for r, err := range s.scanPrefix(ctx, tableType.key().prefix()) {
		if err != nil {
			return nil, err
		}
		parts, ok := tableType.parseFields(r.key)
		if !ok || set.byCode[uint32(parts[0].num)] == nil {
			return nil, damaged("relation type row %x", r.key)
		}
		e := set.byCode[uint32(parts[0].num)]
		t, err := decodeType(r.value)
		if err != nil {
			return nil, damaged("definition of relation type %q", e.ID)
		}
		e.Type, e.defined = *t, true
	}
	set.index()
	return set, nil
}

func (s *vocabulary) index() {
	s.ids, s.narrower = nil, map[string][]string{}
	for id, e := range s.byID {
		s.ids = append(s.ids, id)
		if e.Broader != "" {
			s.narrower[e.Broader] = append(s.narrower[e.Broader], id)
		}
	}
	sort.Strings(s.ids)
	for _, n := range s.narrower {
		sort.Strings(n)
	}
}

// with is a copy of the vocabulary in which e replaces the entry of its id.
func (s *vocabulary) with(e *vocabularyEntry) *vocabulary {
	c := &vocabulary{byID: make(map[string]*vocabularyEntry, len(s.byID)+1), byCode: make(map[uint32]*vocabularyEntry, len(s.byCode)+1)}
	for id, x := range s.byID {
		c.byID[id] = x
	}
	for code, x := range s.byCode {
		c.byCode[code] = x
	}
	c.byID[e.ID] = e
	if e.code != 0 {
		c.byCode[e.code] = e
	}
	c.index()
	return c
}

// withNarrower are the ids of a type and of all types below it.
func (s *vocabulary) withNarrower(id string) []string {
	out := []string{id}
	for i := 0; i < len(out); i++ {
		for _, n := range s.narrower[out[i]] {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	return out
}

// unknownType says that a type does not exist, and names the nearest that do.
func (s *vocabulary) unknownType(id string) string {
	return "the vocabulary has no relation type " + quoted(id) + didYouMean(text.Nearest(id, slices.Values(s.ids), 3))
}

func didYouMean(near []string) string {
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = quoted(near[i])
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

func quoted(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:79]) + "…"
	}
	return "“" + s + "”"
}

// A definition is stored as JSON, since it is read rarely and has many fields.
func encodeType(t *vocab.Type) []byte {
	b, err := json.Marshal(t)
	if err != nil {
		panic("graph: a relation type cannot be encoded: " + err.Error())
	}
	return b
}

func decodeType(b []byte) (*vocab.Type, error) {
	t := &vocab.Type{}
	return t, json.Unmarshal(b, t)
}

// Vocabulary lists the relation types by id: the bundled ones and those that the store defines.
func (v *View) Vocabulary(context.Context) ([]*RelationType, error) {
	out := make([]*RelationType, 0, len(v.types.ids))
	for _, id := range v.types.ids {
		out = append(out, v.relationType(v.types.byID[id]))
	}
	return out, nil
}

// RelationType finds a relation type by id. It fails with NotFound.
func (v *View) RelationType(_ context.Context, id string) (*RelationType, error) {
	if e := v.types.byID[id]; e != nil {
		return v.relationType(e), nil
	}
	return nil, notFound("%s", v.types.unknownType(id))
}

func (v *View) relationType(e *vocabularyEntry) *RelationType {
	return &RelationType{Type: e.Type, code: e.code, view: v}
}

// BroaderType is the type that includes this one; nil when there is none.
func (t *RelationType) BroaderType(context.Context) (*RelationType, error) {
	if e := t.view.types.byID[t.Broader]; e != nil {
		return t.view.relationType(e), nil
	}
	return nil, nil
}

// Narrower are the types whose broader type is this one, by id.
func (t *RelationType) Narrower(context.Context) ([]*RelationType, error) {
	ids := t.view.types.narrower[t.ID]
	out := make([]*RelationType, 0, len(ids))
	for _, id := range ids {
		out = append(out, t.view.relationType(t.view.types.byID[id]))
	}
	return out, nil
}

// Count is how many live relations have exactly this type. It takes one read.
func (t *RelationType) Count(ctx context.Context) (int, error) {
	if t.code == 0 {
		return 0, nil
	}
	return t.view.typeCount(ctx, t.code)
}

func (s rows) typeCount(ctx context.Context, code uint32) (int, error) {
	b, _, ok, err := s.latest(ctx, tableTypeCount.key().u32(code).logical())
	if err != nil || !ok {
		return 0, err
	}
	d := &dec{b: b}
	n := int(d.u())
	if d.err() != nil {
		return 0, damaged("count of relation type %d", code)
	}
	return n, nil
}
