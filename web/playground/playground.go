// Package playground serves GraphiQL, the in-browser editor for GraphQL queries, from inside the binary.
//
// The page works without any other host: its program, sheets, icon font and Monaco's three workers are embedded, and a
// Content-Security-Policy lets the browser ask nothing but the page's own origin. Queries go to /graphql there. The first
// tab opens with [DefaultQuery].
//
// The sources are in src; dist is their committed build, so that building the service needs no Node. Only gzip'ed files
// are embedded: 34 files, 1.9 MB, two thirds of it Monaco; 6.6 MB unpacked. A first visit loads 1.4 MB, a later one only
// asks whether the page has changed. GraphiQL's fonts (0.3 MB) are left out for the reader's own. `npm run build` writes
// dist, `npm run check` compares it with what the sources give; the same sources and lock file give the same bytes in
// any folder.
package playground

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// DefaultQuery is the text of the editor's first tab, comments included. The page fetches it as default-query.graphql.
//
//go:embed default-query.graphql
var DefaultQuery string

// dist holds the built page, each file packed as NAME.gz. "all:" because a bundler may begin a name with "_".
//
//go:embed all:dist
var dist embed.FS

const (
	pageName  = "index.html"
	queryName = "default-query.graphql"
)

// contentSecurityPolicy allows the page's own origin and no other. Monaco positions lines and draws its widgets with
// style attributes, hence 'unsafe-inline' for styles, and has some icons as data URIs in its sheet. Scripts get neither
// inline code nor eval.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const (
	// cacheForever suits files whose names carry a hash of their content.
	cacheForever = "public, max-age=31536000, immutable"
	// cacheChecked lets a browser keep the file, but ask by its ETag each time.
	cacheChecked = "no-cache"
)

// mediaTypes has an entry for each kind of file the build makes.
var mediaTypes = map[string]string{
	".css":     "text/css; charset=utf-8",
	".graphql": "text/plain; charset=utf-8",
	".html":    "text/html; charset=utf-8",
	".js":      "text/javascript; charset=utf-8",
	".md":      "text/plain; charset=utf-8",
	".svg":     "image/svg+xml",
	".ttf":     "font/ttf",
}

// A file is one thing the handler serves.
type file struct {
	packed       string // path in dist; empty for the query, which is too short to pack
	size         int64  // packed, in bytes
	mediaType    string
	cacheControl string
	tag          string // hash of the stored bytes, hex
}

// handler maps the names after the prefix to files. Nothing else is reachable, so no path can lead out.
type handler struct {
	prefix string // without a slash at its end
	files  map[string]file
}

// Handler serves the page at prefix + "/" and its files below, for GET and HEAD. The prefix begins with a slash, as in
// "/playground"; a request for the prefix itself is sent to the page. Other paths answer 404, other methods 405.
//
// It panics when the prefix does not begin with a slash, or when the embedded build is damaged: mistakes of the program.
func Handler(prefix string) http.Handler {
	if !strings.HasPrefix(prefix, "/") {
		panic(fmt.Sprintf("playground: prefix %q does not begin with a slash", prefix))
	}
	files, err := embeddedFiles()
	if err != nil {
		panic(fmt.Sprintf("playground: embedded build: %v", err))
	}
	return &handler{prefix: strings.TrimRight(prefix, "/"), files: files}
}

// embeddedFiles lists what is embedded by the name it is served under.
func embeddedFiles() (map[string]file, error) {
	files := map[string]file{
		queryName: {mediaType: mediaTypes[path.Ext(queryName)], cacheControl: cacheChecked, tag: tagOf([]byte(DefaultQuery))},
	}
	err := fs.WalkDir(dist, "dist", func(packed string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, isPacked := strings.CutSuffix(strings.TrimPrefix(packed, "dist/"), ".gz")
		mediaType, known := mediaTypes[path.Ext(name)]
		if !isPacked || !known {
			return fmt.Errorf("%s: neither packed with gzip nor of a known media type", packed)
		}
		content, err := dist.ReadFile(packed)
		if err != nil {
			return err
		}
		cacheControl := cacheChecked
		if strings.HasPrefix(name, "assets/") {
			cacheControl = cacheForever
		}
		files[name] = file{packed: packed, size: int64(len(content)), mediaType: mediaType, cacheControl: cacheControl, tag: tagOf(content)}
		return nil
	})
	if err == nil && files[pageName].packed == "" {
		err = fmt.Errorf("dist has no %s", pageName)
	}
	return files, err
}

// tagOf shortens a SHA-256 to 64 bits: enough to tell the builds of one file apart.
func tagOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}

// ServeHTTP implements [http.Handler].
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("Content-Security-Policy", contentSecurityPolicy)
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		header.Set("Allow", "GET, HEAD")
		http.Error(w, "the playground answers GET and HEAD only", http.StatusMethodNotAllowed)
		return
	}
	name, below := strings.CutPrefix(r.URL.Path, h.prefix+"/")
	if !below && r.URL.Path == h.prefix {
		// Relative, so that it also holds behind a proxy that adds a prefix of its own.
		header.Set("Location", path.Base(h.prefix)+"/")
		w.WriteHeader(http.StatusMovedPermanently)
		return
	}
	if name == "" {
		name = pageName
	}
	f, found := h.files[name]
	if !below || !found {
		http.NotFound(w, r)
		return
	}
	if err := f.serve(w, r); err != nil {
		http.Error(w, "the playground's file cannot be read", http.StatusInternalServerError)
	}
}

// serve answers with the file, packed where the client takes it so. An error means that nothing was written yet.
func (f file) serve(w http.ResponseWriter, r *http.Request) error {
	header := w.Header()
	tag := f.tag
	var content io.ReadSeeker
	switch {
	case f.packed == "":
		content = strings.NewReader(DefaultQuery)
	case acceptsGzip(r.Header.Values("Accept-Encoding")):
		packed, err := dist.Open(f.packed)
		if err != nil {
			return err
		}
		defer packed.Close()
		content = packed.(io.ReadSeeker) // as embed promises of files
		// ServeContent leaves the length out of encoded answers; here it is known. Two encodings need two strong tags.
		header.Set("Content-Length", strconv.FormatInt(f.size, 10))
		header.Set("Content-Encoding", "gzip")
		tag += "-gzip"
	default:
		plain, err := unpack(f.packed)
		if err != nil {
			return err
		}
		content = bytes.NewReader(plain)
	}
	if f.packed != "" {
		header.Set("Vary", "Accept-Encoding")
	}
	header.Set("Content-Type", f.mediaType)
	header.Set("Cache-Control", f.cacheControl)
	header.Set("ETag", strconv.Quote(tag))
	http.ServeContent(w, r, "", time.Time{}, content)
	return nil
}

// unpack gives the plain bytes of a packed file. Clients without gzip are rare, so nothing of it is kept.
func unpack(packed string) ([]byte, error) {
	source, err := dist.Open(packed)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	reader, err := gzip.NewReader(source)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(reader)
}

// acceptsGzip reads Accept-Encoding headers by RFC 9110, section 12.5.3. A weight that is no number counts as zero, since
// plain bytes are always right.
func acceptsGzip(values []string) bool {
	others := false
	for part := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, parameter, _ := strings.Cut(strings.ToLower(part), ";")
		weight := 1.0
		if text := strings.TrimSpace(parameter); text != "" {
			number, err := strconv.ParseFloat(strings.TrimPrefix(text, "q="), 64)
			if err != nil {
				number = 0
			}
			weight = number
		}
		switch strings.TrimSpace(coding) {
		case "gzip", "x-gzip":
			return weight > 0
		case "*":
			others = weight > 0
		}
	}
	return others
}
