package graph

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"time"
)

// entity reads an entity as it is shown: the survivor of num's merges, with the
// names and external ids of all that it absorbed. A deleted entity is returned with deleted set.
func (v *View) entity(ctx context.Context, num uint64) (*Entity, error) {
	num, err := v.canonical(ctx, num)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	e := v.entities[num]
	v.mu.Unlock()
	if e != nil {
		return e, nil
	}
	r, wrote, err := v.entityRecord(ctx, num)
	if err != nil {
		return nil, err
	}
	e = v.shown(num, r, wrote)
	if v.commit.counts.merges > 0 {
		if err := v.absorb(ctx, e); err != nil {
			return nil, err
		}
	}
	return keep(v, v.entities, keptNodes, num, e), nil
}

func (v *View) shown(num uint64, r *entityRecord, wrote Revision) *Entity {
	attributes := r.attributes
	if len(attributes) == 0 {
		attributes = json.RawMessage("{}")
	}
	return &Entity{
		ID: r.id, Kind: r.kind, MainName: r.name, Description: r.description, Attributes: attributes,
		ExternalIDs: slices.Clone(r.external), names: slices.Clone(r.names),
		num: num, created: r.created, updated: wrote, deleted: r.deleted, view: v,
	}
}

// absorb adds what the entities merged into e bring with them, oldest entity first.
func (v *View) absorb(ctx context.Context, e *Entity) error {
	members, err := v.members(ctx, e.num)
	if err != nil {
		return err
	}
	for _, m := range members {
		if m == e.num {
			continue
		}
		r, _, err := v.entityRecord(ctx, m)
		if err != nil {
			return err
		}
		for _, n := range append([]Name{{Text: r.name, Kind: NameAlias}}, r.names...) {
			if n.Text != e.MainName && !slices.ContainsFunc(e.names, func(o Name) bool { return o.Text == n.Text && o.Lang == n.Lang }) {
				e.names = append(e.names, n)
			}
		}
		for _, x := range r.external {
			if !slices.Contains(e.ExternalIDs, x) {
				e.ExternalIDs = append(e.ExternalIDs, x)
			}
		}
		_, since, _, err := v.latest(ctx, tableParent.key().u64(m).logical())
		if err != nil {
			return err
		}
		e.updated = max(e.updated, since)
	}
	return nil
}

// NodeID is the entity's id.
func (e *Entity) NodeID() string { return e.ID }

// Name is the best name for the wished languages, in their order: a main name
// in the language, then a transliteration, then any; without one, the main name.
func (e *Entity) Name(langs ...string) string {
	for _, lang := range langs {
		for _, kinds := range [][]NameKind{{NameMain}, {NameTransliteration}, {NameAlias, NameAbbreviation, NameMetonym}} {
			for _, n := range e.names {
				if slices.Contains(kinds, n.Kind) && sameLanguage(n.Lang, lang) {
					return n.Text
				}
			}
		}
	}
	return e.MainName
}

// sameLanguage tells whether a tag meets a wish: the same tag, or the same primary language where the wish names no more.
func sameLanguage(tag, wish string) bool {
	if tag == "" || wish == "" {
		return false
	}
	if strings.EqualFold(tag, wish) {
		return true
	}
	primary, _, _ := strings.Cut(tag, "-")
	wanted, _, _ := strings.Cut(wish, "-")
	return strings.EqualFold(primary, wanted)
}

// Names are all names, the main one first.
func (e *Entity) Names() []Name {
	return append([]Name{{Text: e.MainName, Kind: NameMain}}, e.names...)
}

// Revision is the last revision that changed the entity itself.
func (e *Entity) Revision() Revision { return e.updated }

// CreatedAt is when the entity was recorded first.
func (e *Entity) CreatedAt(ctx context.Context) (time.Time, error) {
	return e.view.timeOf(ctx, e.created)
}

// UpdatedAt is when the entity itself was changed last.
func (e *Entity) UpdatedAt(ctx context.Context) (time.Time, error) {
	return e.view.timeOf(ctx, e.updated)
}

// externalURLs are the addresses under which schemes show what they name; {} stands for the value.
var externalURLs = map[string]string{
	"wikidata":      "https://www.wikidata.org/wiki/{}",
	"viaf":          "https://viaf.org/viaf/{}",
	"isni":          "https://isni.org/isni/{}",
	"geonames":      "https://www.geonames.org/{}",
	"lei":           "https://search.gleif.org/#/record/{}",
	"bioguide":      "https://bioguide.congress.gov/search/bio/{}",
	"govtrack":      "https://www.govtrack.us/congress/members/{}",
	"orcid":         "https://orcid.org/{}",
	"ror":           "https://ror.org/{}",
	"imdb":          "https://www.imdb.com/name/{}/",
	"opensanctions": "https://www.opensanctions.org/entities/{}/",
}

// URL is where the scheme shows the entity; empty for a scheme without a known address.
func (x ExternalID) URL() string {
	pattern, ok := externalURLs[x.Scheme]
	if !ok {
		return ""
	}
	return strings.Replace(pattern, "{}", url.PathEscape(x.Value), 1)
}

// canonical follows the judgements from an entity to its survivor.
func (v *View) canonical(ctx context.Context, num uint64) (uint64, error) {
	if v.commit.counts.merges == 0 {
		return num, nil
	}
	v.mu.Lock()
	root, ok := v.roots[num]
	v.mu.Unlock()
	if ok {
		return root, nil
	}
	root, err := v.survivor(ctx, num)
	if err != nil {
		return 0, err
	}
	return keep(v, v.roots, keptNodes, num, root), nil
}

// survivor follows parents to the root. Judgements never form a cycle.
func (s rows) survivor(ctx context.Context, num uint64) (uint64, error) {
	for {
		p, err := s.parent(ctx, num)
		if err != nil || p.keep == 0 {
			return num, err
		}
		num = p.keep
	}
}

// judgement is the live opinion that an entity is part of another.
type judgement struct {
	keep   uint64 // 0: none
	reason string
}

func (s rows) parent(ctx context.Context, num uint64) (judgement, error) {
	b, _, ok, err := s.latest(ctx, tableParent.key().u64(num).logical())
	if err != nil || !ok {
		return judgement{}, err
	}
	j, err := decodeJudgement(b)
	if err != nil {
		return judgement{}, damaged("judgement on entity %d", num)
	}
	return j, nil
}

func decodeJudgement(b []byte) (judgement, error) {
	d := &dec{b: b}
	j := judgement{keep: d.u(), reason: d.s()}
	return j, d.err()
}

// members are the entities that are shown as root: itself and all it absorbed, by number.
func (v *View) members(ctx context.Context, root uint64) ([]uint64, error) {
	if v.commit.counts.merges == 0 {
		return []uint64{root}, nil
	}
	return v.membersOf(ctx, root)
}

func (s rows) membersOf(ctx context.Context, root uint64) ([]uint64, error) {
	out := []uint64{root}
	for i := 0; i < len(out); i++ {
		for r, err := range s.scanPrefix(ctx, tableChild.key().u64(out[i]).prefix()) {
			if err != nil {
				return nil, err
			}
			parts, ok := tableChild.parseFields(r.key)
			if !ok {
				return nil, damaged("judgement row %x", r.key)
			}
			out = append(out, parts[1].num)
		}
	}
	slices.Sort(out)
	return out, nil
}
