package format_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"chancery/graph"
	"chancery/graph/format"
)

// linked is a node of JSON-LD as a reader sees it.
type linked map[string]json.RawMessage

// values are what a property says: texts, names of resources, or nodes without one.
func (l linked) values(t *testing.T, property string) (texts []string, nodes []linked) {
	t.Helper()
	if l[property] == nil {
		return nil, nil
	}
	var all []linked
	if err := json.Unmarshal(l[property], &all); err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		raw := v["@value"]
		if raw == nil {
			raw = v["@id"]
		}
		if raw == nil {
			nodes = append(nodes, v)
			continue
		}
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, s)
		nodes = append(nodes, v)
	}
	return texts, nodes
}

// one is the only text of a property; empty for none.
func (l linked) one(t *testing.T, property string) string {
	t.Helper()
	texts, _ := l.values(t, property)
	if len(texts) > 1 {
		t.Errorf("%s has %q", property, texts)
	}
	return strings.Join(texts, "")
}

// ref is the id of the resource that a property names.
func (l linked) ref(t *testing.T, property string) string {
	name := l.one(t, property)
	if name == "" {
		return ""
	}
	return check[string](t)(url.PathUnescape(strings.SplitN(name, ":", 4)[3]))
}

// copied gives an element what properties say.
func (l linked) copied(t *testing.T, x element, names ...string) {
	for i := 0; i < len(names); i += 2 {
		if s := l.one(t, names[i]); s != "" {
			x.put(t, names[i+1], s)
		}
	}
}

func readJSONLD(t *testing.T, file []byte) readNetwork {
	var doc struct {
		Graph []linked `json:"@graph"`
	}
	if err := json.Unmarshal(file, &doc); err != nil {
		t.Fatal(err)
	}
	out := newReadNetwork()
	byName := map[string]linked{}
	for _, l := range doc.Graph {
		var name string
		if err := json.Unmarshal(l["@id"], &name); err != nil || byName[name] != nil {
			t.Errorf("%q is described twice, or has no name: %v", name, err)
		}
		byName[name] = l
	}
	for _, l := range doc.Graph {
		switch string(l["@type"]) {
		case `"c:Entity"`:
			out.add(t, out.nodes, l.one(t, "dcterms:identifier"), linkedEntity(t, l))
		case `"rdf:Statement"`:
			out.add(t, out.edges, l.one(t, "dcterms:identifier"), linkedRelation(t, l, byName))
		}
	}
	return out
}

func linkedEntity(t *testing.T, l linked) element {
	x := element{}
	l.copied(t, x, "dcterms:identifier", "entity_id", "rdfs:label", "label", "c:kind", "kind", "dcterms:description", "description", "c:attributes", "attributes")
	var names []map[string]string
	_, nodes := l.values(t, "c:name")
	for _, n := range nodes {
		m := map[string]string{"text": n.one(t, "rdf:value"), "kind": n.one(t, "c:nameKind")}
		_, texts := n.values(t, "rdf:value")
		var lang string
		if raw := texts[0]["@language"]; raw != nil && json.Unmarshal(raw, &lang) == nil {
			m["lang"] = lang
		}
		names = append(names, m)
	}
	if names != nil {
		x["names"] = jsonText(t, names)
	}
	if external, _ := l.values(t, "c:externalId"); len(external) == 1 {
		scheme, value, _ := strings.Cut(external[0], ":")
		x["external_ids"] = jsonText(t, map[string]string{scheme: value})
	}
	return x
}

func linkedRelation(t *testing.T, l linked, byName map[string]linked) element {
	kind := byName[l.one(t, "rdf:predicate")]
	x := element{
		"weight": "1", "@from": l.ref(t, "rdf:subject"), "@to": l.ref(t, "rdf:object"), "type": l.ref(t, "rdf:predicate"), "label": kind.one(t, "rdfs:label"),
	}
	l.copied(t, x, "dcterms:identifier", "relation_id", "c:symmetric", "symmetric", "c:occurred", "occurred", "c:firstDay", "first_day", "c:lastDay", "last_day",
		"c:stance", "stance", "c:condition", "condition", "c:status", "status", "c:citationCount", "citation_count", "c:documentCount", "document_count",
		"c:publisherCount", "publisher_count", "c:independentSources", "independent_sources")
	var qualifiers []element
	_, nodes := l.values(t, "c:qualifier")
	for _, n := range nodes {
		q := element{}
		n.copied(t, q, "c:role", "role", "rdf:value", "text")
		if id := n.ref(t, "c:entity"); id != "" {
			q["entity"], q["name"] = id, byName["urn:x-chancery:entity:"+url.PathEscape(id)].one(t, "rdfs:label")
		}
		qualifiers = append(qualifiers, q)
	}
	if qualifiers != nil {
		x["qualifiers"] = jsonText(t, qualifiers)
	}
	var citations []map[string]any
	names, _ := l.values(t, "c:citation")
	for _, name := range names {
		citations = append(citations, linkedCitation(t, byName[name], byName))
	}
	x["citations"] = jsonText(t, citations)
	return x
}

func linkedCitation(t *testing.T, l linked, byName map[string]linked) map[string]any {
	x := element{}
	document := byName[l.one(t, "prov:wasDerivedFrom")]
	l.copied(t, x, "dcterms:identifier", "id", "c:verdict", "verdict", "c:modality", "modality", "c:verification", "verification", "c:statedOn", "stated_on", "rdfs:comment", "note")
	document.copied(t, x, "dcterms:identifier", "document", "dcterms:title", "title", "dcterms:publisher", "publisher", "c:url", "url",
		"dcterms:issued", "published", "dcterms:language", "lang", "c:documentKind", "document_kind", "dcterms:license", "license")
	m := map[string]any{}
	if s := l.ref(t, "prov:wasAttributedTo"); s != "" {
		m["speaker"] = s
	}
	if s := l.one(t, "c:confidence"); s != "" {
		m["confidence"] = json.RawMessage(s)
	}
	if authors, _ := document.values(t, "dcterms:creator"); authors != nil {
		m["authors"] = authors
	}
	var via []string
	_, links := l.values(t, "c:via")
	for i, n := range links {
		if n.one(t, "c:position") != fmt.Sprint(i+1) {
			t.Errorf("link %d is at %s", i, n.one(t, "c:position"))
		}
		via = append(via, n.ref(t, "c:entity"))
	}
	if via != nil {
		m["via"] = via
	}
	_, targets := l.values(t, "oa:hasTarget")
	if len(targets) != 1 || targets[0].one(t, "oa:hasSource") != l.one(t, "prov:wasDerivedFrom") {
		t.Errorf("the targets of a citation are %s", l["oa:hasTarget"])
	}
	targets[0].copied(t, x, "c:locator", "locator")
	_, selectors := targets[0].values(t, "oa:hasSelector")
	for _, s := range selectors {
		s.copied(t, x, "oa:exact", "quote")
		if start := s.one(t, "oa:start"); start != "" {
			m["start"], m["end"] = json.RawMessage(start), json.RawMessage(s.one(t, "oa:end"))
		}
	}
	for name, s := range x {
		m[name] = s
	}
	return m
}

// Every line of Turtle is a prefix, a resource or empty, so that no text has broken out of its quotation marks.
func TestTurtleIsOneResourceALine(t *testing.T) {
	v := nasty(t)
	p := selected(t, v, graph.Selection{})
	turtle, linkedData := string(written(t, "turtle", p, format.WriteOptions{})), string(written(t, "jsonld", p, format.WriteOptions{}))
	resources := 0
	for line := range strings.Lines(turtle) {
		switch {
		case line == "\n", strings.HasPrefix(line, "@prefix ") && strings.HasSuffix(line, "> .\n"):
		case strings.HasPrefix(line, "<urn:x-chancery:") && strings.HasSuffix(line, " .\n"):
			resources++
		default:
			t.Errorf("a line is %q", line)
		}
	}
	if want := strings.Count(linkedData, "\n{"); resources != want || !strings.Contains(turtle, `in \u0008Rome`) {
		t.Errorf("there are %d resources; JSON-LD has %d", resources, want)
	}
}
