package graph

import (
	"chancery/graph/text"
	"chancery/graph/vocab"
)

// maxNameWords is how many words of one name are found; the rest of a name that is a paragraph is not.
const maxNameWords = 64

// spelling is a folded word as it stands in the names of an entity.
type spelling struct {
	folded string
	main   bool // it stands in the main name
}

// nameWordRows adds the rows by which the words of an entity's names are found:
// one for each key, with the kind and the spellings, those of the main name first.
func nameWordRows(out map[string][]byte, num uint64, r *entityRecord) {
	byKey, keys := map[string][]spelling{}, []string{}
	add := func(name string, main bool) {
		words := text.NameWords(name)
	words:
		for _, w := range words[:min(len(words), maxNameWords)] {
			for _, s := range byKey[w.Key] {
				if s.folded == w.Folded {
					continue words
				}
			}
			if byKey[w.Key] == nil {
				keys = append(keys, w.Key)
			}
			byKey[w.Key] = append(byKey[w.Key], spelling{w.Folded, main})
		}
	}
	add(r.name, true)
	for _, n := range r.names {
		add(n.Text, false)
	}
	for _, k := range keys {
		e := enc{indexOf(vocab.Kinds, r.kind)}
		e.u(uint64(len(byKey[k])))
		for _, s := range byKey[k] {
			e.byte(flag(s.main))
			e.s(s.folded)
		}
		out[string(tableNameWord.key().str(k).u64(num).logical())] = e
	}
}

// decodeNameWord reads the value of such a row.
func decodeNameWord(b []byte) (kind vocab.Kind, spellings []spelling, err error) {
	d := &dec{b: b}
	kind = pick(d, vocab.Kinds)
	spellings = make([]spelling, d.count())
	for i := range spellings {
		spellings[i] = spelling{main: d.byte() == 1, folded: d.s()}
	}
	return kind, spellings, d.err()
}
