package playground_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"chancery/web/playground"
)

// request sends one request with the given headers, as name and value in turn, to a handler under /playground.
func request(t *testing.T, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	recorder := httptest.NewRecorder()
	playground.Handler("/playground").ServeHTTP(recorder, r)
	return recorder.Result()
}

func body(t *testing.T, response *http.Response) []byte {
	t.Helper()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func unzip(t *testing.T, packed []byte) []byte {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestPageHeaders(t *testing.T) {
	response := request(t, http.MethodGet, "/playground/")
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d, want 200", response.StatusCode)
	}
	for name, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"Cache-Control":          "no-cache",
		"Vary":                   "Accept-Encoding",
		"Content-Encoding":       "",
		"X-Content-Type-Options": "nosniff",
		"Referrer-Policy":        "no-referrer",
	} {
		if got := response.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if page := body(t, response); !bytes.Contains(page, []byte("<title>Chancery playground</title>")) {
		t.Errorf("the page has no title:\n%s", page)
	}
}

func TestPolicyAllowsOnlyTheOwnOrigin(t *testing.T) {
	for _, target := range []string{"/playground/", "/playground/default-query.graphql", "/playground/nothing", "/playground"} {
		policy := request(t, http.MethodGet, target).Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; ") {
			t.Fatalf("%s: policy %q does not begin with default-src 'none'", target, policy)
		}
		for directive := range strings.SplitSeq(policy, ";") {
			words := strings.Fields(directive)
			for _, source := range words[1:] {
				allowed := source == "'self'" || source == "'none'" ||
					words[0] == "style-src" && source == "'unsafe-inline'" || words[0] == "img-src" && source == "data:"
				if !allowed {
					t.Errorf("%s: %s allows %s", target, words[0], source)
				}
			}
		}
	}
}

func TestEveryFileInBothEncodings(t *testing.T) {
	for _, name := range builtNames(t) {
		plain := request(t, http.MethodGet, "/playground/"+name)
		packed := request(t, http.MethodGet, "/playground/"+name, "Accept-Encoding", "br, gzip")
		if plain.StatusCode != http.StatusOK || packed.StatusCode != http.StatusOK {
			t.Errorf("%s: status %d plain, %d packed, want 200", name, plain.StatusCode, packed.StatusCode)
			continue
		}
		if got := packed.Header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("%s: Content-Encoding %q, want gzip", name, got)
		}
		if plain.Header.Get("Content-Type") == "" || plain.Header.Get("Content-Type") != packed.Header.Get("Content-Type") {
			t.Errorf("%s: media types %q and %q", name, plain.Header.Get("Content-Type"), packed.Header.Get("Content-Type"))
		}
		if plain.Header.Get("ETag") == packed.Header.Get("ETag") {
			t.Errorf("%s: both encodings have the ETag %s", name, plain.Header.Get("ETag"))
		}
		plainBody, packedBody := body(t, plain), body(t, packed)
		if !bytes.Equal(unzip(t, packedBody), plainBody) {
			t.Errorf("%s: the encodings differ in content", name)
		}
		if got := packed.Header.Get("Content-Length"); got != strconv.Itoa(len(packedBody)) {
			t.Errorf("%s: Content-Length %s packed, want %d", name, got, len(packedBody))
		}
		if got := plain.Header.Get("Content-Length"); got != strconv.Itoa(len(plainBody)) {
			t.Errorf("%s: Content-Length %s plain, want %d", name, got, len(plainBody))
		}
		want := "no-cache"
		if strings.HasPrefix(name, "assets/") {
			want = "public, max-age=31536000, immutable"
		}
		if got := plain.Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control %q, want %q", name, got, want)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	types := map[string]string{
		".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
		".svg": "image/svg+xml", ".ttf": "font/ttf", ".md": "text/plain; charset=utf-8",
	}
	for _, name := range builtNames(t) {
		want := types[filepath.Ext(name)]
		if got := request(t, http.MethodGet, "/playground/"+name).Header.Get("Content-Type"); want == "" || got != want {
			t.Errorf("%s: Content-Type %q, want %q", name, got, want)
		}
	}
}

func TestNotModified(t *testing.T) {
	for _, name := range []string{"", "default-query.graphql", "favicon.svg"} {
		for _, encoding := range []string{"identity", "gzip"} {
			target := "/playground/" + name
			tag := request(t, http.MethodGet, target, "Accept-Encoding", encoding).Header.Get("ETag")
			if !regexp.MustCompile(`^"[0-9a-f]{16}(-gzip)?"$`).MatchString(tag) {
				t.Fatalf("%s: ETag %s is not a strong tag", target, tag)
			}
			again := request(t, http.MethodGet, target, "Accept-Encoding", encoding, "If-None-Match", tag)
			if content := body(t, again); again.StatusCode != http.StatusNotModified || len(content) != 0 {
				t.Errorf("%s as %s: status %d with %d bytes, want 304 with none", target, encoding, again.StatusCode, len(content))
			}
			if got := again.Header.Get("ETag"); got != tag {
				t.Errorf("%s as %s: 304 has the ETag %s, want %s", target, encoding, got, tag)
			}
			other := request(t, http.MethodGet, target, "Accept-Encoding", encoding, "If-None-Match", `"0123456789abcdef"`)
			if other.StatusCode != http.StatusOK {
				t.Errorf("%s as %s: status %d for an old tag, want 200", target, encoding, other.StatusCode)
			}
		}
	}
}

func TestHead(t *testing.T) {
	for _, name := range []string{"", "favicon.svg", "default-query.graphql"} {
		for _, encoding := range []string{"identity", "gzip"} {
			target := "/playground/" + name
			got := request(t, http.MethodHead, target, "Accept-Encoding", encoding)
			want := request(t, http.MethodGet, target, "Accept-Encoding", encoding)
			length := strconv.Itoa(len(body(t, want)))
			if content := body(t, got); got.StatusCode != http.StatusOK || len(content) != 0 {
				t.Errorf("HEAD %s: status %d with %d bytes, want 200 with none", target, got.StatusCode, len(content))
			}
			if got.Header.Get("Content-Length") != length {
				t.Errorf("HEAD %s: Content-Length %s, want %s", target, got.Header.Get("Content-Length"), length)
			}
			for header := range want.Header {
				if got.Header.Get(header) != want.Header.Get(header) {
					t.Errorf("HEAD %s: %s %q, GET has %q", target, header, got.Header.Get(header), want.Header.Get(header))
				}
			}
		}
	}
}

func TestRangesOfThePackedBytes(t *testing.T) {
	whole := body(t, request(t, http.MethodGet, "/playground/", "Accept-Encoding", "gzip"))
	part := request(t, http.MethodGet, "/playground/", "Accept-Encoding", "gzip", "Range", "bytes=10-19")
	if got := body(t, part); part.StatusCode != http.StatusPartialContent || !bytes.Equal(got, whole[10:20]) {
		t.Errorf("status %d with %x, want 206 with %x", part.StatusCode, got, whole[10:20])
	}
	if got := part.Header.Get("Content-Length"); got != "10" {
		t.Errorf("Content-Length %s, want 10", got)
	}
	beyond := request(t, http.MethodGet, "/playground/", "Accept-Encoding", "gzip", "Range", "bytes=99999999-")
	if beyond.StatusCode != http.StatusRequestedRangeNotSatisfiable || beyond.Header.Get("Content-Encoding") != "" {
		t.Errorf("status %d, Content-Encoding %q, want 416 and none", beyond.StatusCode, beyond.Header.Get("Content-Encoding"))
	}
}

func TestAcceptEncoding(t *testing.T) {
	for accepted, want := range map[string]string{
		"":                       "",
		"identity":               "",
		"br":                     "",
		"gzip":                   "gzip",
		"GZIP":                   "gzip",
		"x-gzip":                 "gzip",
		"br;q=1.0, gzip;q=0.8":   "gzip",
		"gzip; q=0.001":          "gzip",
		"gzip;q=0":               "",
		"gzip;q=0.000":           "",
		"gzip;q=0, *":            "",
		"*":                      "gzip",
		"*;q=0":                  "",
		"br, *;q=0.1":            "gzip",
		"gzip;q=much":            "",
		"gzip;q=nan":             "",
		"gzipped":                "",
		",,":                     "",
		"deflate , gzip ; q=0.5": "gzip",
	} {
		response := request(t, http.MethodGet, "/playground/", "Accept-Encoding", accepted)
		if got := response.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q, want %q", accepted, got, want)
		}
	}
	two := request(t, http.MethodGet, "/playground/", "Accept-Encoding", "br", "Accept-Encoding", "gzip")
	if got := two.Header.Get("Content-Encoding"); got != "gzip" {
		t.Errorf("gzip in a second header: Content-Encoding %q, want gzip", got)
	}
}

func TestUnknownPaths(t *testing.T) {
	for _, path := range []string{
		"/", "/playgrounds", "/playground/x", "/playground/assets", "/playground/assets/", "/playground/assets/x.js",
		"/playground/index.html/", "/playground/index.html.gz", "/playground/dist/index.html", "/playground//index.html",
		"/playground/../playground.go", "/playground/assets/../../playground.go", "/playground/assets/../index.html",
		"/playground/./index.html", `/playground/assets\..\index.html`, "/playground/playground.go", "/playground/\x00",
		"/playground//etc/passwd", "/graphql",
	} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r := httptest.NewRequest(method, "/", nil)
			r.URL = &url.URL{Path: path}
			recorder := httptest.NewRecorder()
			playground.Handler("/playground").ServeHTTP(recorder, r)
			if recorder.Code != http.StatusNotFound {
				t.Errorf("%s %q: status %d, want 404", method, path, recorder.Code)
			}
			if strings.Contains(recorder.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s %q: the miss is cached for good", method, path)
			}
		}
	}
}

func TestEscapedPathsDoNotLeadOut(t *testing.T) {
	mux := http.NewServeMux()
	mux.Handle("/playground/", playground.Handler("/playground"))
	server := httptest.NewServer(mux)
	defer server.Close()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, path := range []string{"%2e%2e/playground.go", "..%2fplayground.go", "assets/%2e%2e/%2e%2e/package.json", "%2fetc%2fpasswd"} {
		response, err := client.Get(server.URL + "/playground/" + path)
		if err != nil {
			t.Fatal(err)
		}
		content := body(t, response)
		response.Body.Close()
		if response.StatusCode == http.StatusOK {
			t.Errorf("%s: status 200:\n%.200s", path, content)
		}
	}
}

func TestOtherMethods(t *testing.T) {
	for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions} {
		response := request(t, method, "/playground/")
		if response.StatusCode != http.StatusMethodNotAllowed || response.Header.Get("Allow") != "GET, HEAD" {
			t.Errorf("%s: status %d, Allow %q, want 405 and GET, HEAD", method, response.StatusCode, response.Header.Get("Allow"))
		}
	}
}

func TestPrefixes(t *testing.T) {
	for prefix, page := range map[string]string{"/playground": "/playground/", "/playground/": "/playground/", "/": "/", "/tools/try": "/tools/try/"} {
		handler := playground.Handler(prefix)
		for _, path := range []string{page, page + "index.html", page + "favicon.svg"} {
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path, nil))
			if recorder.Code != http.StatusOK {
				t.Errorf("prefix %s, path %s: status %d, want 200", prefix, path, recorder.Code)
			}
		}
		bare := strings.TrimSuffix(page, "/")
		if bare == "" {
			continue // the root has no address without its slash
		}
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, bare, nil))
		location, err := recorder.Result().Location()
		if err != nil || recorder.Code != http.StatusMovedPermanently {
			t.Errorf("%s: status %d, location error %v, want 301", bare, recorder.Code, err)
			continue
		}
		from := &url.URL{Scheme: "http", Host: "host.example", Path: bare}
		if got := from.ResolveReference(location).Path; got != page {
			t.Errorf("%s leads to %s, want %s", bare, got, page)
		}
	}
}

func TestPrefixWithoutSlashPanics(t *testing.T) {
	for _, prefix := range []string{"", "playground"} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("prefix %q: no panic", prefix)
				}
			}()
			playground.Handler(prefix)
		}()
	}
}
