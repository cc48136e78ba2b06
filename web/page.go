package web

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"chancery/graph"
)

//go:embed page.html
var pageHTML string

//go:embed page.css
var pageCSS string

// question is an example of what can be asked. It fits any graph.
type question struct {
	Title string
	About string
	Query string
}

var questions = []question{
	{
		"What was recorded last, and which words does it rest on?",
		"Every relation shows where a source says so: the exact words, their document, and who spoke them.",
		`{
  relations(first: 10, orderBy: [{field: RECORDED}]) {
    nodes {
      from { name }
      label
      to { name }
      occurred
      status
      citations(first: 2) {
        quote
        speaker { name }
        document { title publisher published }
      }
    }
  }
}`,
	},
	{
		"Who stands where on what?",
		"A position runs from -2, strongly against, to 2, strongly for, and names the statements behind it.",
		`{
  positions(first: 25) {
    totalCount
    nodes {
      actor { name }
      target { name }
      label
      conditional
      since
      basis { label occurred }
    }
  }
}`,
	},
	{
		"What do sources contradict each other about?",
		"Both sides of a contradiction stay in the graph, each with its own words.",
		`{
  relations(first: 25, filter: {status: [CONTESTED, DENIED]}) {
    nodes {
      from { name }
      label
      to { name }
      status
      citations(first: 10) {
        verdict
        quote
        speaker { name }
      }
    }
  }
}`,
	},
}

// Link runs the question and shows the answer as JSON.
func (q question) Link() string { return "/graphql?query=" + url.QueryEscape(q.Query) }

// Playground is where the question can be changed and asked.
func (q question) Playground() string { return "/playground/?query=" + url.QueryEscape(q.Query) }

// figure is one number of the page with what it counts.
type figure struct{ Count, Of string }

// document is one of the documents served below /docs/.
type document struct{ Name, Title, About string }

// Main tells whether the page shows the document; one on a single format is found by way of the one on all.
func (d document) Main() bool { return !strings.HasPrefix(d.Name, "format-") }

// pageData is what the page shows.
type pageData struct {
	Style     template.CSS
	Figures   []figure
	Revision  graph.Revision
	Engine    string
	Version   string
	ReadOnly  bool
	Questions []question
	Documents []document
}

// page is what stands at the root: what is here, and where to go on.
type page struct {
	s        *server
	template *template.Template
	policy   string
}

func newPage(s *server) (*page, error) {
	t, err := template.New("page").Parse(pageHTML)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(pageCSS))
	return &page{s: s, template: t, policy: "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(hash[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}, nil
}

// documentsOf lists Markdown files with their first headings and the sentences after these.
func documentsOf(files fs.FS) ([]document, error) {
	if files == nil {
		return nil, nil
	}
	names, err := fs.Glob(files, "*.md")
	if err != nil {
		return nil, err
	}
	var docs []document
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		title, rest, _ := strings.Cut(string(text), "\n")
		docs = append(docs, document{name, strings.TrimSpace(strings.TrimLeft(title, "#")), firstSentence(rest)})
	}
	return docs, nil
}

// firstSentence is that of a text in Markdown, without what marks code.
func firstSentence(markdown string) string {
	text := strings.Join(strings.Fields(strings.ReplaceAll(markdown, "`", "")), " ")
	sentence, _, _ := strings.Cut(text, ". ")
	return strings.TrimSuffix(sentence, ".") + "."
}

// ServeHTTP shows the page.
func (p *page) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	revision, counts, err := countsOf(r.Context(), p.s.Graph)
	if err != nil {
		p.s.fault(w, r, err)
		return
	}
	numbers := message.NewPrinter(language.English)
	data := pageData{
		Style: template.CSS(pageCSS), Revision: revision, Engine: p.s.Graph.Engine(), Version: p.s.Version, ReadOnly: p.s.ReadOnly,
		Questions: questions, Documents: p.s.documents,
		Figures: []figure{
			{numbers.Sprint(counts.Entities), plural(counts.Entities, "entity", "entities")},
			{numbers.Sprint(counts.Relations), plural(counts.Relations, "relation", "relations")},
			{numbers.Sprint(counts.Citations), plural(counts.Citations, "citation", "citations")},
			{numbers.Sprint(counts.Documents), plural(counts.Documents, "document", "documents")},
		},
	}
	var b bytes.Buffer
	if err := p.template.Execute(&b, data); err != nil {
		p.s.fault(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", p.policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	writeText(w, r, b.String())
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
