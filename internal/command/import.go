package command

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"chancery/graph"
	"chancery/graph/format"
)

const importDetails = `
FILE is in JSON Lines, plain or packed with gzip or zstd; - is standard input.
The form is described in docs/interchange.md.

Importing a file again changes nothing, so an import that was interrupted is
continued by running it again. Bad lines are left out, told with their place and
what would be right, and written to a reject file, which can be imported itself
once the lines in it are corrected. With bad lines, the exit code is 1.`

// importer reads one source and tells progress and bad lines; into a store or over HTTP.
type importer func(ctx context.Context, src io.Reader, f *format.Format, o format.ImportOptions) (*format.Report, error)

func importFiles(ctx context.Context, s *session) (err error) {
	service, err := s.service()
	if err != nil {
		return err
	}
	if err := s.checkFiles(); err != nil {
		return err
	}
	if err := s.clearRejectFile(); err != nil {
		return err
	}
	into := service.importFile
	if service == nil {
		o, err := s.open(ctx, false)
		if err != nil {
			return err
		}
		defer o.closing(&err)
		into = func(ctx context.Context, src io.Reader, f *format.Format, opts format.ImportOptions) (*format.Report, error) {
			return f.Read(ctx, o.graph, src, opts)
		}
	}
	bad := 0
	for _, name := range s.args {
		report, err := s.importFile(ctx, into, name)
		if report != nil {
			bad += report.Rejected
		}
		if err != nil {
			return err
		}
	}
	if bad > 0 {
		return errTold
	}
	return nil
}

// checkFiles finds what is wrong with the arguments before a store is opened, or made for nothing.
func (s *session) checkFiles() error {
	if len(s.args) == 0 {
		return wrongUse("import needs a file, or - for standard input")
	}
	for _, name := range s.args {
		if _, err := s.importFormat(name); err != nil {
			return err
		}
	}
	for _, name := range s.args {
		if name == "-" {
			continue
		}
		info, err := os.Stat(name)
		if err != nil {
			return err
		}
		if info.IsDir() {
			return fmt.Errorf("%s is a directory: name the files in it", name)
		}
	}
	return nil
}

// importFormat is the format that was asked for, or what the name of a file says.
func (s *session) importFormat(file string) (*format.Format, error) {
	f := &format.Formats[0]
	if name := s.str("format"); name != "" {
		f = format.ByName(name)
	} else if byExtension := format.ByExtension(file); byExtension != nil {
		f = byExtension
	}
	if f == nil || f.Read == nil {
		return nil, wrongUse("--format: there is no format %q to import; there is %s", cmp.Or(s.str("format"), filepath.Ext(unpacked(file))),
			formatNames(func(f *format.Format) bool { return f.Read != nil }))
	}
	return f, nil
}

// formatNames lists the formats that can do something.
func formatNames(can func(*format.Format) bool) string {
	var names []string
	for i := range format.Formats {
		if can(&format.Formats[i]) {
			names = append(names, format.Formats[i].Name)
		}
	}
	return strings.Join(names, ", ")
}

func (s *session) importFile(ctx context.Context, into importer, name string) (*format.Report, error) {
	f, err := s.importFormat(name)
	if err != nil {
		return nil, err
	}
	src, size := s.stdin, int64(0)
	label := "stdin"
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			size = info.Size()
		}
		src, label = file, filepath.Base(name)
	}
	bad := &rejects{s: s, source: label}
	m := s.newMeter("importing " + label)
	report, err := into(ctx, src, f, format.ImportOptions{
		File: label, Size: size, Strict: s.on("strict"), By: "import", Reject: bad.add,
		Progress: func(p format.Progress) {
			m.show(p.Bytes, p.Total, fmt.Sprintf("%s lines, %s relations/s", grouped(p.Lines), grouped(int(p.Rate()))), p)
		},
	})
	m.close()
	if report != nil {
		err = errors.Join(err, s.printReport(report, bad))
	}
	err = errors.Join(err, bad.close())
	if err != nil && ctx.Err() != nil {
		err = fmt.Errorf("interrupted; what the report names is written, and running the import again goes on from there: %w", err)
	}
	return report, err
}

// printReport says what an import did.
func (s *session) printReport(r *format.Report, bad *rejects) error {
	if s.on("json") {
		return json.NewEncoder(s.stdout).Encode(struct {
			*format.Report
			RejectFile string `json:"rejectFile,omitempty"`
		}{r, bad.path})
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s in %.1f s\n", r.File, counted(r.Lines, "line", "lines"), r.Seconds)
	t := newTable("", "documents", "entities", "relation types", "relation lines", "judgements")
	for _, row := range []struct {
		name   string
		counts format.LineCounts
	}{{"read", r.Read}, {"new", r.Created}, {"changed", r.Updated}, {"unchanged", r.Unchanged}} {
		c := row.counts
		t.row(row.name, grouped(c.Documents), grouped(c.Entities), grouped(c.RelationTypes), grouped(c.Relations), grouped(c.Judgements))
	}
	t.write(&b)
	if r.Seconds >= 1 && r.Read.Relations > 0 { // a rate of less time says nothing
		fmt.Fprintf(&b, "%s relation lines a second\n", grouped(int(float64(r.Read.Relations)/r.Seconds)))
	}
	if r.Rejected > 0 {
		fmt.Fprintf(&b, "%s: correct what is wrong in %s and import that\n", counted(r.Rejected, "bad line", "bad lines"), bad.path)
	}
	if r.Waiting > 0 {
		fmt.Fprintf(&b, "%s not written: something named there had not come yet\n", counted(r.Waiting, "line", "lines"))
	}
	_, err := io.WriteString(s.stdout, b.String())
	return err
}

// loadExample reads the bundled example into a graph that has never been written to.
func loadExample(ctx context.Context, g *graph.Graph, name string, src io.Reader) (*format.Report, error) {
	v, err := g.View(ctx, graph.At{})
	if err != nil {
		return nil, err
	}
	empty := v.Revision() == 0
	v.Release()
	if !empty {
		return nil, nil
	}
	report, err := format.Import(ctx, g, src, format.ImportOptions{File: name, By: "example", Strict: true})
	if err != nil {
		return nil, fmt.Errorf("loading the bundled example: %w", err)
	}
	return report, nil
}
