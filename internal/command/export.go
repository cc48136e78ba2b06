package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"chancery/graph"
	"chancery/graph/format"
)

const exportDetails = `
Without --filter and --neighborhood everything is exported. The formats and
their attributes are in docs/formats.md.

Equal graphs give equal bytes: an export imported into an empty store is
exported again as the same file.`

func export(ctx context.Context, s *session) error {
	if err := s.checkOutput(); err != nil {
		return err
	}
	f, err := s.exportFormat()
	if err != nil {
		return err
	}
	q, err := s.exportQuestion(f)
	if err != nil {
		return err
	}
	m := s.newMeter("exporting")
	defer m.close()
	tell := func(n int64) {
		m.show(n, 0, sized(n), map[string]int64{"bytes": n})
	}
	write, done, err := s.exporter(ctx, q, tell)
	if err != nil {
		return err
	}
	err = s.writeOutput(write)
	return errors.Join(err, done())
}

func (s *session) exportFormat() (*format.Format, error) {
	f := &format.Formats[0]
	if name := s.str("format"); name != "" {
		f = format.ByName(name)
	} else if output := s.str("output"); output != "-" && filepath.Ext(unpacked(output)) != "" {
		if f = format.ByExtension(output); f == nil {
			return nil, wrongUse("--output: no format has names like %s; there is %s: name the file so, or give --format", filepath.Base(output),
				formatNames(func(f *format.Format) bool { return f.Write != nil }))
		}
	}
	if f == nil || f.Write == nil {
		return nil, wrongUse("--format: there is no format %q to export; there is %s", s.str("format"),
			formatNames(func(f *format.Format) bool { return f.Write != nil }))
	}
	return f, nil
}

// exportQuestion is what is to be exported, and how.
type exportQuestion struct {
	format    *format.Format
	options   format.WriteOptions
	selection graph.Selection
}

// exportQuestion reads the selection and the options of the format.
func (s *session) exportQuestion(f *format.Format) (*exportQuestion, error) {
	q := &exportQuestion{format: f, options: format.WriteOptions{Shape: f.Shapes[0], Excel: s.on("excel")}}
	if shape := s.str("shape"); shape != "" {
		q.options.Shape = format.Shape(shape)
	}
	if err := f.Check(q.options); err != nil {
		return nil, wrongUse("--format, --shape, --excel: %s", err)
	}
	var err error
	if text := s.str("filter"); text != "" {
		if q.selection.Filter, err = graph.ParseFilter(text); err != nil {
			return nil, wrongUse("--filter: %s", err)
		}
	}
	if text := s.str("neighborhood"); text != "" {
		if q.selection.Neighborhood, err = graph.ParseNeighborhood(text); err != nil {
			return nil, wrongUse("--neighborhood: %s", err)
		}
	}
	if q.selection.Filter != nil && q.selection.Neighborhood != nil {
		return nil, wrongUse("--filter and --neighborhood exclude each other: a neighborhood takes a filter as its field relations")
	}
	return q, nil
}

// query asks a service for the same.
func (q *exportQuestion) query(s *session) url.Values {
	query := url.Values{"format": {q.format.Name}, "shape": {string(q.options.Shape)}}
	for _, name := range []string{"revision", "filter", "neighborhood"} {
		if value := s.str(name); value != "" {
			query.Set(name, value)
		}
	}
	if q.options.Excel {
		query.Set("excel", "true")
	}
	return query
}

// unpacked is a file's name without the ending of its packing.
func unpacked(name string) string {
	return strings.TrimSuffix(strings.TrimSuffix(name, ".gz"), ".zst")
}

// checkOutput finds what is wrong with the name of the file before anything is read.
func (s *session) checkOutput() error {
	name := s.str("output")
	if name == "-" {
		return nil
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return fmt.Errorf("--output: %s is a directory: name a file in it", name)
	}
	if _, err := os.Stat(filepath.Dir(name)); err != nil {
		return fmt.Errorf("--output: the directory of %s: %w", name, err)
	}
	return nil
}

// exporter is what writes the export: a running service or the store.
func (s *session) exporter(ctx context.Context, q *exportQuestion, tell func(int64)) (write func(io.Writer) error, done func() error, err error) {
	service, err := s.service()
	if err != nil {
		return nil, nil, err
	}
	if service != nil {
		return func(w io.Writer) error { return service.export(ctx, q.query(s), w, tell) }, func() error { return nil }, nil
	}
	o, err := s.openToRead(ctx)
	if err != nil {
		return nil, nil, err
	}
	at := graph.At{}
	if text := s.str("revision"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return nil, nil, errors.Join(err, o.close()) // it was checked
		}
		at.Revision = new(graph.Revision(n))
	}
	write = func(w io.Writer) error {
		v, err := o.graph.View(ctx, at)
		if err != nil {
			return err
		}
		defer v.Release()
		p, err := v.Select(ctx, q.selection)
		if err != nil {
			return err
		}
		_, err = q.format.Write(ctx, p, q.options, &progressWriter{w: w, tell: tell})
		return err
	}
	return write, o.close, nil
}

// progressWriter tells how much was written.
type progressWriter struct {
	w    io.Writer
	n    int64
	tell func(int64)
}

// Write writes on.
func (p *progressWriter) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.n += int64(n)
	p.tell(p.n)
	return n, err
}

// writeOutput writes to standard output, or to a file that appears under its name when it is whole.
func (s *session) writeOutput(write func(io.Writer) error) (err error) {
	name := s.str("output")
	if name == "-" {
		return write(s.stdout)
	}
	temp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, temp.Close(), os.Remove(temp.Name()))
		}
	}()
	out, err := packer(name, temp)
	if err != nil {
		return err
	}
	if err := errors.Join(write(out), out.Close()); err != nil {
		return err
	}
	if err := errors.Join(temp.Chmod(0o644), temp.Sync()); err != nil {
		return err
	}
	if err := os.Rename(temp.Name(), name); err != nil {
		return err
	}
	if err := temp.Close(); err != nil {
		fmt.Fprintf(s.stderr, "closing %s: %s\n", name, err)
	}
	return nil
}

// packer packs what goes to a file as its name says. Closing it leaves the file open.
func packer(name string, w io.Writer) (io.WriteCloser, error) {
	switch {
	case strings.HasSuffix(name, ".gz"):
		return gzip.NewWriter(w), nil
	case strings.HasSuffix(name, ".zst"):
		return zstd.NewWriter(w)
	}
	return plainWriter{w}, nil
}

type plainWriter struct{ io.Writer }

// Close does nothing: the file is closed by who opened it.
func (plainWriter) Close() error { return nil }
