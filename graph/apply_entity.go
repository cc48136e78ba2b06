package graph

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"chancery/graph/text"
	"chancery/graph/vocab"
)

// maxNameKey is how many bytes of a folded name the index keeps.
const maxNameKey = 256

// nameKey is the form of a name that is looked up and sorted by.
func nameKey(name string) string {
	k := text.Fold(name)
	if len(k) > maxNameKey {
		k = strings.ToValidUTF8(k[:maxNameKey], "")
	}
	return k
}

// putEntity creates an entity or updates the one of that id; without an id, the one that holds a given external id.
func (x *tx) putEntity(in *EntityInput) (Operation, string, error) {
	before := len(x.errs)
	next := x.checkEntity(in)
	num, id, err := x.entityTarget(in, next)
	if err != nil || len(x.errs) > before {
		return "", "", err
	}
	var old *entityRecord
	if num != 0 {
		if old, _, err = x.entityRecord(x.ctx, num); err != nil {
			return "", "", err
		}
	}
	rec, ok := x.nextEntity(in, next, old)
	if !ok {
		return "", "", nil
	}
	if old != nil && old.kind != rec.kind && !old.deleted {
		if err := x.checkKindChange(num, rec.kind); err != nil || len(x.errs) > before {
			return "", "", err
		}
	}
	if old != nil && reflect.DeepEqual(old, rec) {
		return Unchanged, old.id, nil
	}
	if id == "" && old == nil {
		if id, err = x.freshID(string(rec.kind), rec.name); err != nil {
			return "", "", err
		}
	}
	if old == nil {
		rec.id = id
	}
	return x.writeEntity(num, old, rec)
}

// checkedEntity are the given fields of an entity, checked and normalised.
type checkedEntity struct {
	name, description string
	names             []Name
	external          []ExternalID
	attributes        json.RawMessage
}

func (x *tx) checkEntity(in *EntityInput) (c checkedEntity) {
	if in.ID != "" {
		if wrong := checkID(in.ID); wrong != "" && !strings.Contains(in.ID, ":") || wrong != "" && x.w.nodes[in.ID].num == 0 {
			x.fail(CodeInvalid, []string{"id"}, "%s is no id: %s", quoted(in.ID), wrong)
		}
	}
	if in.Kind.Set && !in.Kind.Null && !in.Kind.Value.Valid() {
		x.fail(CodeInvalid, []string{"kind"}, "%s is not one of %s", quoted(string(in.Kind.Value)), listed(vocab.Kinds))
	}
	if in.Name.Set && !in.Name.Null {
		c.name = x.requiredText(strings.TrimSpace(in.Name.Value), maxName, "a name", "name")
	}
	c.description = x.words(in.Description.Value, maxLong, "description")
	for i, n := range in.Names.Value {
		at := strconv.Itoa(i)
		n.Text = x.requiredText(strings.TrimSpace(n.Text), maxName, "the text of a name", "names", at, "text")
		n.Lang = x.language(n.Lang, "names", at, "lang")
		n.Kind = oneOf(x, n.Kind, NameAlias, NameKinds, "names", at, "kind")
		if n.Kind == NameMain && n.Lang == "" {
			x.fail(CodeRequired, []string{"names", at, "lang"}, "the main name stands under name; a further one is the main name in another language: say which, or make it an alias")
		}
		if !slices.Contains(c.names, n) {
			c.names = append(c.names, n)
		}
	}
	for i, e := range in.ExternalIDs.Value {
		at := strconv.Itoa(i)
		e.Scheme = x.requiredText(e.Scheme, maxScheme, "the scheme of an external id", "externalIds", at, "scheme")
		e.Value = x.requiredText(e.Value, maxExternal, "the value of an external id", "externalIds", at, "value")
		if strings.ContainsAny(e.Scheme, ": \t\n") {
			x.fail(CodeInvalid, []string{"externalIds", at, "scheme"}, "the scheme %s may hold no colon and no white space", quoted(e.Scheme))
		}
		if !slices.Contains(c.external, e) {
			c.external = append(c.external, e)
		}
	}
	slices.SortFunc(c.external, func(a, b ExternalID) int {
		return strings.Compare(a.Scheme+"\x00"+a.Value, b.Scheme+"\x00"+b.Value)
	})
	if in.Attributes.Set && !in.Attributes.Null {
		var err error
		if c.attributes, err = canonicalObject(in.Attributes.Value); err != nil {
			x.fail(CodeInvalid, []string{"attributes"}, "%s", err)
		}
	}
	return c
}

// entityTarget finds the entity that an input updates; number 0 with the id to create, or no id where one is to be made.
func (x *tx) entityTarget(in *EntityInput, c checkedEntity) (num uint64, id string, err error) {
	if in.ID != "" {
		n, err := x.node(in.ID)
		if err != nil {
			return 0, "", err
		}
		if n.num != 0 && n.kind != changedEntity {
			x.fail(CodeConflict, []string{"id"}, "%s is the id of a document: choose another", quoted(in.ID))
		}
		return n.num, in.ID, nil
	}
	var holders []uint64
	for _, e := range c.external {
		found, err := x.entitiesByExternal(x.ctx, e.Scheme, e.Value)
		if err != nil {
			return 0, "", err
		}
		holders = append(holders, found...)
	}
	slices.Sort(holders)
	holders = slices.Compact(holders)
	if len(holders) > 1 {
		x.fail(CodeConflict, []string{"externalIds"}, "these external ids are held by %d entities: name the one that is meant by its id", len(holders))
	}
	if len(holders) == 0 {
		return 0, "", nil
	}
	return holders[0], "", nil
}

// nextEntity is the record after the update. It notes what is required and missing.
func (x *tx) nextEntity(in *EntityInput, c checkedEntity, old *entityRecord) (*entityRecord, bool) {
	rec := &entityRecord{created: x.rev}
	fresh := old == nil || old.deleted
	if old != nil {
		rec.id, rec.created = old.id, old.created
	}
	if !fresh {
		*rec = *old
	}
	before := len(x.errs)
	if in.Kind.Null || (fresh && !in.Kind.Set) {
		x.fail(CodeRequired, []string{"kind"}, "a kind is required: one of %s", listed(vocab.Kinds))
	}
	if in.Name.Null || (fresh && !in.Name.Set) {
		x.fail(CodeRequired, []string{"name"}, "a name is required")
	}
	if in.Kind.Set {
		rec.kind = in.Kind.Value
	}
	if in.Name.Set {
		rec.name = c.name
	}
	if in.Names.Set {
		rec.names = c.names
	}
	if in.Description.Set {
		rec.description = c.description
	}
	if in.ExternalIDs.Set {
		rec.external = c.external
	}
	if in.Attributes.Set {
		rec.attributes = c.attributes
	}
	return rec, len(x.errs) == before
}

// checkKindChange refuses a kind that a relation at hand does not allow.
func (x *tx) checkKindChange(num uint64, kind vocab.Kind) error {
	for r, err := range x.scanPrefix(x.ctx, tableAdjacency.key().u64(num).prefix()) {
		if err != nil {
			return err
		}
		g, err := decodeEdge(r.value, 0, 0)
		if err != nil {
			return damaged("adjacency row %x", r.key)
		}
		t := x.w.types.byCode[g.typ]
		if t == nil || g.dead() {
			continue
		}
		if g.flags&edgeOut != 0 && !allows(t.FromKinds, kind) || g.flags&edgeIn != 0 && !allows(t.ToKinds, kind) {
			x.fail(CodeVocabulary, []string{"kind"}, "the entity stands in a relation of type %s, which does not allow the kind %s at that end", quoted(t.ID), kind)
			return nil
		}
	}
	return nil
}

func allows(kinds []vocab.Kind, kind vocab.Kind) bool {
	return len(kinds) == 0 || slices.Contains(kinds, kind)
}

// freshID makes a readable id that is not taken.
func (x *tx) freshID(kind, name string) (string, error) {
	slug := text.Slug(name)
	if slug == "" {
		d := digest(name)
		slug = idDigits.EncodeToString(d[:5])
	}
	for n := 1; ; n++ {
		id := kind + "/" + slug
		if n > 1 {
			id += "-" + strconv.Itoa(n)
		}
		taken, err := x.node(id)
		if err != nil || taken.num == 0 {
			return id, err
		}
	}
}

// writeEntity writes a record and the rows by which it is found.
func (x *tx) writeEntity(num uint64, old, rec *entityRecord) (Operation, string, error) {
	op := Updated
	if old == nil {
		op = Created
		x.state.nextEntity++
		num = x.state.nextEntity
		n := nodeRef{changedEntity, num, x.rev}
		if err := x.t.Set(tableID.key().str(rec.id).row(), n.encode()); err != nil {
			return "", "", err
		}
		x.w.nodes[rec.id] = n
	}
	if old == nil || old.deleted {
		op = Created
		x.state.counts.entities++
	}
	if err := x.put(tableEntity.key().u64(num).logical(), rec.encode()); err != nil {
		return "", "", err
	}
	if err := x.indexEntity(num, old, rec); err != nil {
		return "", "", err
	}
	x.w.heads[num] = entityHead{rec.kind, rec.deleted}
	x.touched(changedEntity, num, op)
	return op, rec.id, nil
}

// entityRows are the index rows of a record, each with its value. They are the one definition of these indexes.
func entityRows(num uint64, r *entityRecord) map[string][]byte {
	out := map[string][]byte{}
	if r == nil || r.deleted {
		return out
	}
	out[string(tableNameOrder.key().str(nameKey(r.name)).u64(num).logical())] = []byte{indexOf(vocab.Kinds, r.kind)}
	out[string(tableName.key().str(nameKey(r.name)).u64(num).logical())] = nil
	for _, n := range r.names {
		out[string(tableName.key().str(nameKey(n.Text)).u64(num).logical())] = nil
	}
	nameWordRows(out, num, r)
	for _, e := range r.external {
		out[string(tableExternal.key().str(e.Scheme).str(e.Value).u64(num).logical())] = nil
	}
	return out
}

func (x *tx) indexEntity(num uint64, old, rec *entityRecord) error {
	return x.replaceRows(entityRows(num, old), entityRows(num, rec))
}

// replaceRows writes the versioned rows that differ between two states.
func (x *tx) replaceRows(old, next map[string][]byte) error {
	for _, k := range slices.Sorted(maps.Keys(old)) {
		if _, stays := next[k]; !stays {
			if err := x.drop([]byte(k)); err != nil {
				return err
			}
		}
	}
	for _, k := range slices.Sorted(maps.Keys(next)) {
		if was, there := old[k]; !there || string(was) != string(next[k]) {
			if err := x.put([]byte(k), next[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

// deleteEntity removes an entity that nothing live rests on.
func (x *tx) deleteEntity(in *RetractInput) (Operation, string, error) {
	before := len(x.errs)
	x.requiredText(in.Reason, maxShort, "a reason", "reason")
	num, id, err := x.entityRef(in.ID, "id")
	if err != nil || num == 0 || len(x.errs) > before {
		return "", "", err
	}
	if why, err := x.inUse(num); err != nil || why != "" {
		if why != "" {
			x.fail(CodeConflict, []string{"id"}, "%s cannot be deleted: %s", quoted(id), why)
		}
		return "", "", err
	}
	old, _, err := x.entityRecord(x.ctx, num)
	if err != nil {
		return "", "", err
	}
	rec := *old
	rec.deleted = true
	if err := x.put(tableEntity.key().u64(num).logical(), rec.encode()); err != nil {
		return "", "", err
	}
	if err := x.indexEntity(num, old, &rec); err != nil {
		return "", "", err
	}
	x.state.counts.entities--
	x.w.heads[num] = entityHead{rec.kind, true}
	x.touched(changedEntity, num, Deleted)
	x.because(changedEntity, num, in.Reason)
	return Deleted, id, nil
}

// inUse says what live statement or judgement needs an entity; "" when none does.
func (x *tx) inUse(num uint64) (string, error) {
	for r, err := range x.scanPrefix(x.ctx, tableAdjacency.key().u64(num).prefix()) {
		if err != nil {
			return "", err
		}
		g, err := decodeEdge(r.value, 0, relationNumOf(r.key))
		if err != nil {
			return "", damaged("adjacency row %x", r.key)
		}
		if g.dead() {
			continue
		}
		rel, err := x.relationRecord(x.ctx, g.num)
		if err != nil {
			return "", err
		}
		return "it stands in " + relationID(rel.hash) + ": retract its relations first", nil
	}
	cites, err := x.speaksFor(num)
	if err != nil || cites != "" {
		return cites, err
	}
	j, err := x.parent(x.ctx, num)
	if err != nil {
		return "", err
	}
	members, err := x.membersOf(x.ctx, num)
	if err != nil {
		return "", err
	}
	if j.keep != 0 || len(members) > 1 {
		return "it is merged with another entity: unmerge them first", nil
	}
	return "", nil
}
