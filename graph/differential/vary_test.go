package differential

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"chancery/graph"
)

// varier writes the lines of a data set anew with what the data do not have: coarse, open and missing dates, symmetric
// and narrower types, stances and conditions, entities related to themselves, denials, speakers, and documents that copy others.
type varier struct {
	*rand.Rand
	documents, types, actors []string
}

// vary varies lines.
func vary(t *testing.T, data []byte, seed uint64) []byte {
	t.Helper()
	v := &varier{Rand: rand.New(rand.NewPCG(seed, 2))}
	var out bytes.Buffer
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, 1<<26)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			t.Fatal(err)
		}
		switch {
		case l.Document != nil:
			v.document(l.Document)
		case l.RelationType != nil:
			v.relationType(l.RelationType)
		case l.Relation != nil:
			v.relation(l.Relation)
		case l.Entity != nil:
			v.actors = append(v.actors, l.Entity.ID)
		}
		b, err := json.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(append(b, '\n'))
	}
	return out.Bytes()
}

func (v *varier) chance(percent int) bool { return v.IntN(100) < percent }

func (v *varier) of(list []string) string { return list[v.IntN(len(list))] }

func (v *varier) document(d *documentLine) {
	if len(v.documents) > 0 && v.chance(15) {
		d.DerivedFrom = v.of(v.documents)
	}
	if v.chance(20) {
		d.Publisher = "Agency"
	}
	switch n := v.IntN(100); {
	case n < 10:
		d.Published = d.Published[:7]
	case n < 15:
		d.Published = ""
	}
	if v.chance(50) {
		d.Lang = v.of([]string{"en", "de", "ru", "uk"})
	}
	if v.chance(60) {
		d.Kind = graph.DocumentKinds[v.IntN(len(graph.DocumentKinds))]
	}
	v.documents = append(v.documents, d.ID)
}

func (v *varier) relationType(p *typeLine) {
	p.Symmetric = v.chance(25)
	if len(v.types) > 0 && v.chance(40) {
		p.Broader = v.of(v.types)
	}
	if v.chance(25) {
		p.Stance = new(v.IntN(5) - 2)
	}
	v.types = append(v.types, p.ID)
}

func (v *varier) relation(r *relationLine) {
	y, m := r.Occurred[:4], r.Occurred[:7]
	switch n := v.IntN(100); {
	case n < 8:
		r.Occurred = ""
	case n < 18:
		r.Occurred = m
	case n < 24:
		r.Occurred = y
	case n < 34:
		r.Occurred = fmt.Sprintf("%s-%02d", m, 1+v.IntN(28))
	case n < 38:
		r.Occurred += fmt.Sprintf("/20%d-%02d", 30+v.IntN(5), 1+v.IntN(12))
	case n < 41:
		r.Occurred += v.of([]string{"/..", "/", "?", "~"})
	case n < 43:
		r.Occurred = v.of([]string{"../", "/"}) + r.Occurred
	case n < 45:
		r.Occurred = "XXXX" + r.Occurred[4:]
	case n < 47:
		r.Occurred = y + "-" + v.of([]string{"21", "22", "23", "24"})
	}
	if v.chance(35) {
		r.Stance = new(v.IntN(5) - 2)
	}
	if v.chance(10) {
		r.Condition = v.of([]string{"if asked", "once"})
	}
	if v.chance(2) {
		r.To = r.From
	}
	switch {
	case v.chance(50):
		r.Qualifiers = nil
	case v.chance(40):
		r.Qualifiers = append(r.Qualifiers, qualifierLine{Role: v.of([]string{"on-behalf-of", "event"}), Entity: v.of(v.actors)})
	}
	for i := range r.Citations {
		v.citation(&r.Citations[i])
	}
	if v.chance(15) {
		r.Citations = append(r.Citations, citationLine{Document: v.of(v.documents), Locator: "1"})
	}
}

func (v *varier) citation(c *citationLine) {
	if v.chance(25) {
		c.Locator = "1"
	}
	if v.chance(15) {
		c.Verdict = graph.Denies
	}
	if v.chance(25) {
		c.Speaker = v.of(v.actors)
	}
	if v.chance(25) {
		c.Modality = graph.Modalities[v.IntN(len(graph.Modalities))]
	}
}
