package format

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net/url"
	"strconv"
	"strings"

	"chancery/graph"
)

// Turtle and JSON-LD write the same statements. A relation is an rdf:Statement: it is not asserted by itself, because
// sources may deny it, and two relations between the same entities stay two. A citation is an annotation of it (oa), with
// selectors for the words in the document, which is a prov:Entity.

// turtle is RDF as text.
var turtle = Format{
	Name: "turtle", Extensions: []string{".ttl"}, MediaTypes: []string{"text/turtle"}, Shapes: []Shape{Relations},
	Lacks: "the order of names and citations",
	Write: func(ctx context.Context, p *graph.Piece, _ WriteOptions, w io.Writer) (int, error) {
		t := newTextWriter(w)
		for _, x := range rdfPrefixes {
			t.put("@prefix ", x[0], ": <", x[1], "> .\n")
		}
		return putResources(ctx, p, t, func(r *resource, _ bool) error {
			t.put("\n")
			t.turtleResource(r)
			t.put(" .\n")
			return nil
		}, "")
	},
}

// jsonLD is RDF as JSON, with its context in it.
var jsonLD = Format{
	Name: "jsonld", Extensions: []string{".jsonld"}, MediaTypes: []string{"application/ld+json"}, Shapes: []Shape{Relations},
	Lacks: "the order of names and citations",
	Write: func(ctx context.Context, p *graph.Piece, _ WriteOptions, w io.Writer) (int, error) {
		t := newTextWriter(w)
		var prefixes object
		for _, x := range rdfPrefixes {
			prefixes = append(prefixes, member{x[0], x[1]})
		}
		t.put(`{"@context":`)
		if err := t.putJSON(prefixes); err != nil {
			return 0, err
		}
		t.put(`,"@graph":[`)
		return putResources(ctx, p, t, func(r *resource, first bool) error {
			if !first {
				t.put(",")
			}
			t.put("\n")
			return t.putJSON(r)
		}, "\n]}\n")
	},
}

const chanceryNames = "urn:x-chancery:"

// rdfPrefixes are the vocabularies that are used.
var rdfPrefixes = [][2]string{
	{"rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"}, {"rdfs", "http://www.w3.org/2000/01/rdf-schema#"}, {"xsd", "http://www.w3.org/2001/XMLSchema#"},
	{"skos", "http://www.w3.org/2004/02/skos/core#"}, {"dcterms", "http://purl.org/dc/terms/"}, {"prov", "http://www.w3.org/ns/prov#"},
	{"oa", "http://www.w3.org/ns/oa#"}, {"c", chanceryNames + "vocabulary:"},
}

// iri names a resource.
type iri string

// iriOf is the name of what has an id: a kind and the id in percent encoding.
func iriOf(kind, id string) iri {
	return iri(chanceryNames + kind + ":" + url.PathEscape(id))
}

// camel writes the name of an attribute as vocabularies write theirs: first_day is firstDay.
func camel(name string) string {
	words := strings.Split(name, "_")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// literal is text with a datatype or a language, or neither.
type literal struct{ text, datatype, lang string }

// resource is a subject with what is said of it; without a name it is blank. Values are resources, IRIs and literals.
type resource struct {
	name  iri
	class string
	said  []statement
}

type statement struct {
	property string
	value    any
}

// say adds a statement. Text that is empty says nothing.
func (r *resource) say(property string, value any) {
	switch v := value.(type) {
	case nil:
		return
	case string:
		if v == "" {
			return
		}
		value = literal{text: v}
	case literal:
		if v.text == "" {
			return
		}
	case int:
		value = literal{strconv.Itoa(v), "xsd:integer", ""}
	case bool:
		value = literal{strconv.FormatBool(v), "xsd:boolean", ""}
	case json.RawMessage:
		value = literal{string(v), "rdf:JSON", ""}
	}
	r.said = append(r.said, statement{property, value})
}

// putResources writes all resources of a piece and what ends the file.
func putResources(ctx context.Context, p *graph.Piece, t *textWriter, put func(r *resource, first bool) error, end string) (int, error) {
	count := 0
	for r, err := range resources(ctx, p) {
		if err == nil {
			err = put(r, count == 0)
		}
		if err != nil {
			return count, err
		}
		if count++; t.err() != nil {
			return count, t.err()
		}
	}
	t.put(end)
	return count, t.out.Flush()
}

// resources yields what the file is, the entities, and the relations, each after the documents and the type it is the first to name.
func resources(ctx context.Context, p *graph.Piece) iter.Seq2[*resource, error] {
	return func(yield func(*resource, error) bool) {
		about, err := aboutResource(ctx, p)
		if !yield(about, err) || err != nil {
			return
		}
		for e, err := range p.Entities(ctx) {
			var r *resource
			if err == nil {
				r, err = entityResource(e)
			}
			if !yield(r, err) || err != nil {
				return
			}
		}
		seen := map[iri]bool{}
		for r, err := range p.Relations(ctx) {
			var all []*resource
			if err == nil {
				all, err = relationResources(ctx, r)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, x := range all {
				if seen[x.name] {
					continue
				}
				if x.class == "rdf:Property" || x.class == "prov:Entity" {
					seen[x.name] = true
				}
				if !yield(x, nil) {
					return
				}
			}
		}
	}
}

func aboutResource(ctx context.Context, p *graph.Piece) (*resource, error) {
	about, err := newNetwork(p, WriteOptions{}).about(ctx)
	if err != nil {
		return nil, err
	}
	r := &resource{name: chanceryNames + "export", class: "prov:Entity"}
	for _, a := range about {
		switch a[0] {
		case "revision":
			r.say("c:revision", literal{a[1], "xsd:integer", ""})
		case "recorded":
			r.say("prov:generatedAtTime", literal{a[1], "xsd:dateTime", ""})
		case "selection", "truncation":
			r.say("c:"+a[0], json.RawMessage(a[1]))
		}
	}
	return r, nil
}

func entityResource(e *graph.Entity) (*resource, error) {
	r := &resource{name: iriOf("entity", e.ID), class: "c:Entity"}
	r.say("dcterms:identifier", e.ID)
	r.say("c:kind", string(e.Kind))
	r.say("rdfs:label", e.MainName)
	r.say("dcterms:description", e.Description)
	for _, n := range e.Names()[1:] {
		x := &resource{class: "c:Name"}
		x.say("rdf:value", literal{n.Text, "", n.Lang})
		x.say("c:nameKind", string(n.Kind))
		r.say("c:name", x)
		r.say("skos:altLabel", literal{n.Text, "", n.Lang})
	}
	for _, x := range e.ExternalIDs {
		r.say("c:externalId", x.Scheme+":"+x.Value)
		if x.Scheme == "wikidata" {
			r.say("skos:exactMatch", iri("http://www.wikidata.org/entity/"+url.PathEscape(x.Value)))
		}
	}
	if string(e.Attributes) != "{}" {
		r.say("c:attributes", e.Attributes)
	}
	return r, nil
}

// relationResources are a relation with its citations, behind its type and its documents.
func relationResources(ctx context.Context, r *graph.Relation) ([]*resource, error) {
	x, err := relationEdge(ctx, r, true)
	if err != nil {
		return nil, err
	}
	kind := &resource{name: iriOf("type", x.typ), class: "rdf:Property"}
	kind.say("dcterms:identifier", x.typ)
	kind.say("rdfs:label", literal{x.label, "", "en"})
	out := &resource{name: iri(chanceryNames + strings.Replace(x.id, "/", ":", 1)), class: "rdf:Statement"}
	out.say("rdf:subject", iriOf("entity", x.from))
	out.say("rdf:predicate", kind.name)
	out.say("rdf:object", iriOf("entity", x.to))
	for i, a := range edgeAttributes[Relations] {
		switch a.name {
		case "relation_id":
			out.say("dcterms:identifier", x.id)
		case "first_day", "last_day":
			out.say("c:"+camel(a.name), literal{plain(orEmpty(x.values[i])), "xsd:date", ""})
		case "label", "type", "weight", "qualifiers", "citations":
		default:
			out.say("c:"+camel(a.name), x.values[i])
		}
	}
	qualifiers, err := qualifiersOf(ctx, r)
	if err != nil {
		return nil, err
	}
	for _, q := range qualifiers {
		b := &resource{class: "c:Qualifier"}
		b.say("c:role", q.Role)
		b.say("rdf:value", q.Text)
		if q.Entity != "" {
			b.say("c:entity", iriOf("entity", q.Entity))
		}
		out.say("c:qualifier", b)
	}
	citations, err := citationsOf(ctx, r)
	if err != nil {
		return nil, err
	}
	all := []*resource{kind}
	for _, c := range citations {
		all = append(all, documentResource(&c))
		out.say("c:citation", iri(chanceryNames+strings.Replace(c.ID, "/", ":", 1)))
	}
	all = append(all, out)
	for _, c := range citations {
		all = append(all, citationResource(out.name, &c))
	}
	return all, nil
}

func orEmpty(v any) any {
	if v == nil {
		return ""
	}
	return v
}

func documentResource(c *citationEntry) *resource {
	d := &resource{name: iriOf("document", c.Document), class: "prov:Entity"}
	d.say("dcterms:identifier", c.Document)
	d.say("dcterms:title", c.Title)
	d.say("dcterms:publisher", c.Publisher)
	for _, a := range c.Authors {
		d.say("dcterms:creator", a)
	}
	d.say("c:url", literal{c.URL, "xsd:anyURI", ""})
	d.say("dcterms:issued", c.Published)
	d.say("dcterms:language", c.Lang)
	d.say("c:documentKind", string(c.DocumentKind))
	d.say("dcterms:license", c.License)
	return d
}

func citationResource(of iri, c *citationEntry) *resource {
	r := &resource{name: iri(chanceryNames + strings.Replace(c.ID, "/", ":", 1)), class: "oa:Annotation"}
	r.say("dcterms:identifier", c.ID)
	r.say("oa:hasBody", of)
	target := &resource{class: "oa:SpecificResource"}
	target.say("oa:hasSource", iriOf("document", c.Document))
	if c.Quote != "" {
		s := &resource{class: "oa:TextQuoteSelector"}
		s.say("oa:exact", c.Quote)
		target.say("oa:hasSelector", s)
	}
	if c.Start != nil {
		s := &resource{class: "oa:TextPositionSelector"}
		s.say("oa:start", literal{fmt.Sprint(*c.Start), "xsd:nonNegativeInteger", ""})
		s.say("oa:end", literal{fmt.Sprint(*c.End), "xsd:nonNegativeInteger", ""})
		target.say("oa:hasSelector", s)
	}
	target.say("c:locator", c.Locator)
	r.say("oa:hasTarget", target)
	r.say("prov:wasDerivedFrom", iriOf("document", c.Document))
	if c.Speaker != "" {
		r.say("prov:wasAttributedTo", iriOf("entity", c.Speaker))
	}
	for i, v := range c.Via {
		x := &resource{class: "c:Link"}
		x.say("c:position", i+1)
		x.say("c:entity", iriOf("entity", v))
		r.say("c:via", x)
	}
	r.say("c:verdict", string(c.Verdict))
	r.say("c:modality", string(c.Modality))
	r.say("c:verification", string(c.Verification))
	r.say("c:statedOn", c.StatedOn)
	if c.Confidence != nil {
		r.say("c:confidence", literal{plain(*c.Confidence), "xsd:double", ""})
	}
	r.say("rdfs:comment", c.Note)
	return r
}
