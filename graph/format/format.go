package format

import (
	"context"
	"io"
	"mime"
	"path"
	"slices"
	"strings"

	"chancery/graph"
)

// Format is one file format. A format that can only be written, or only be
// read, leaves the other function nil.
type Format struct {
	// Name is what users call it, in lower case.
	Name string
	// Extensions are those of its files, with the dot; the first is used for new files.
	Extensions []string
	// MediaTypes are those it is known by; the first is used for answers.
	MediaTypes []string
	// Write writes all that a view shows and returns how many records that was.
	Write func(ctx context.Context, v *graph.View, w io.Writer) (int, error)
	// Read reads a file, plain or packed, into a graph; see [Import] for what it promises.
	Read func(ctx context.Context, g Applier, r io.Reader, o ImportOptions) (*Report, error)
}

// Formats is the table of all formats. The first is the service's own.
var Formats = []Format{jsonLines}

// Packings are the extensions that a packed file has behind that of its format, as gzip and zstd name them.
var Packings = []string{".gz", ".zst"}

// ByName finds a format by its name, whatever the case, or returns nil.
func ByName(name string) *Format {
	return find(func(f *Format) bool { return strings.EqualFold(f.Name, name) })
}

// ByExtension finds the format of a file by its name, packed or not, or returns nil.
func ByExtension(file string) *Format {
	file = strings.ToLower(file)
	ext := path.Ext(file)
	if slices.Contains(Packings, ext) {
		ext = path.Ext(strings.TrimSuffix(file, ext))
	}
	return find(func(f *Format) bool { return slices.Contains(f.Extensions, ext) })
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
