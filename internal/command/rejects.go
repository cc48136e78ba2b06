package command

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"chancery/graph/format"
)

// shownRejects is how many bad lines of a file are told on the terminal; the reject file has all.
const shownRejects = 10

// rejects is where the bad lines of one file go. The reject file is made when the first comes.
type rejects struct {
	s      *session
	source string // name of the imported file
	path   string // of the reject file, once it is there
	file   *os.File
	out    *bufio.Writer
	write  func(format.Reject) error
	n      int
}

// add keeps one bad line and tells of the first few.
func (r *rejects) add(bad format.Reject) error {
	if r.file == nil {
		if err := r.create(); err != nil {
			return fmt.Errorf("the file for bad lines cannot be written: %w", err)
		}
	}
	if r.n++; r.n <= shownRejects {
		for _, e := range bad.LineErrors() {
			fmt.Fprintf(r.s.stderr, "%s [%s]\n", e, e.Code)
		}
	} else if r.n == shownRejects+1 {
		fmt.Fprintf(r.s.stderr, "further bad lines are in %s\n", r.path)
	}
	return r.write(bad)
}

func (r *rejects) create() (err error) {
	if r.path = r.s.str("reject-file"); r.path != "" {
		r.file, err = os.OpenFile(r.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	} else {
		r.file, err = createNew(baseName(r.source) + ".rejects")
	}
	if err != nil {
		return err
	}
	r.path = r.file.Name()
	r.out = bufio.NewWriter(r.file)
	r.write = format.RejectWriter(r.out)
	return nil
}

// baseName is the name of a file without its directory and the extensions of its format and packing.
func baseName(path string) string {
	name := filepath.Base(path)
	for _, p := range format.Packings {
		name = strings.TrimSuffix(name, p)
	}
	for _, f := range format.Formats {
		for _, e := range f.Extensions {
			name = strings.TrimSuffix(name, e)
		}
	}
	return name
}

// createNew makes a file of a name that no file has yet, so that corrections in an older one are not lost.
func createNew(name string) (*os.File, error) {
	for i := 1; ; i++ {
		path := name + ".jsonl"
		if i > 1 {
			path = fmt.Sprintf("%s-%d.jsonl", name, i)
		}
		f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// close ends the reject file.
func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	if err := errors.Join(r.out.Flush(), r.file.Close()); err != nil {
		return fmt.Errorf("the file for bad lines: %w", err)
	}
	return nil
}

// clearRejectFile empties the reject file that was asked for, which must not be one of the files to import.
func (s *session) clearRejectFile() error {
	path := s.str("reject-file")
	if path == "" {
		return nil
	}
	old, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range s.args {
		if info, err := os.Stat(name); err == nil && os.SameFile(info, old) {
			return wrongUse("--reject-file %s is a file to import: bad lines go to another one", path)
		}
	}
	return os.Truncate(path, 0)
}
