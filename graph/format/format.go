package format

import (
	"context"
	"fmt"
	"io"
	"mime"
	"path"
	"slices"
	"strings"

	"chancery/graph"
)

// Shape says what an edge of a file stands for.
type Shape string

// The shapes.
const (
	Relations Shape = "relations" // an edge for each relation, with its citations
	Ties      Shape = "ties"      // a weighted edge for each ordered pair and type, with the ids of the relations behind it
)

// Shapes lists them, the default first.
var Shapes = []Shape{Relations, Ties}

// WriteOptions say how a piece is written.
type WriteOptions struct {
	Shape Shape // empty for relations
	// Excel marks CSV for spreadsheets: a byte order mark, and an apostrophe before what a spreadsheet would take for a formula.
	Excel bool
}

// Format is one file format. A format that can only be written, or only be
// read, leaves the other function nil.
type Format struct {
	// Name is what users call it, in lower case.
	Name string
	// Extensions are those of its files, with the dot; the first is used for new files.
	Extensions []string
	// MediaTypes are those it is known by; the first is used for answers.
	MediaTypes []string
	// Shapes are those it can be written in, the default first.
	Shapes []Shape
	// Spreadsheet says that it knows the option Excel.
	Spreadsheet bool
	// Lacks says what of the graph the format cannot hold; empty for nothing.
	Lacks string
	// Write writes a piece and returns how many lines, or nodes and edges, that was. Equal pieces give equal bytes.
	Write func(ctx context.Context, p *graph.Piece, o WriteOptions, w io.Writer) (int, error)
	// Read reads a file, plain or packed, into a graph; see [Import] for what it promises.
	Read func(ctx context.Context, g Applier, r io.Reader, o ImportOptions) (*Report, error)
}

// Check finds options that the format does not have. The error is for users.
func (f *Format) Check(o WriteOptions) error {
	if o.Shape != "" && !slices.Contains(f.Shapes, o.Shape) {
		var names []string
		for _, s := range f.Shapes {
			names = append(names, string(s))
		}
		return fmt.Errorf("%s has no shape %q; there is %s", f.Name, o.Shape, strings.Join(names, ", "))
	}
	if o.Excel && !f.Spreadsheet {
		return fmt.Errorf("%s is not for spreadsheets; excel is an option of csv", f.Name)
	}
	return nil
}

// Formats is the table of all formats. The first is the service's own.
var Formats = []Format{jsonLines, graphML, gexf12, gexf13, cytoscape, nodeLink, csvFiles, jsonLD, turtle, dot}

// Packings are the extensions that a packed file has behind that of its format, as gzip and zstd name them.
var Packings = []string{".gz", ".zst"}

// ByName finds a format by its name, whatever the case, or returns nil.
func ByName(name string) *Format {
	return find(func(f *Format) bool { return strings.EqualFold(f.Name, name) })
}

// ByExtension finds the format of a file by its name, packed or not, or returns nil.
func ByExtension(file string) *Format {
	file = strings.ToLower(file)
	if ext := path.Ext(file); slices.Contains(Packings, ext) {
		file = strings.TrimSuffix(file, ext)
	}
	return find(func(f *Format) bool {
		return slices.ContainsFunc(f.Extensions, func(ext string) bool { return strings.HasSuffix(file, ext) })
	})
}

// ByMediaType finds a format by a media type, parameters and all, or returns nil.
func ByMediaType(mediaType string) *Format {
	name, _, err := mime.ParseMediaType(mediaType)
	if err != nil {
		return nil
	}
	return find(func(f *Format) bool { return slices.Contains(f.MediaTypes, name) })
}

func find(is func(*Format) bool) *Format {
	for i := range Formats {
		if is(&Formats[i]) {
			return &Formats[i]
		}
	}
	return nil
}
