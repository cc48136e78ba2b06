package playground_test

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// builtNames lists the files of dist by the names they are served under.
func builtNames(t *testing.T) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS("dist"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimSuffix(name, ".gz"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(names) < 10 {
		t.Fatalf("dist has %d files, want a whole build", len(names))
	}
	return names
}

func TestPageNamesOnlyFilesOfItsOwn(t *testing.T) {
	page := string(body(t, request(t, http.MethodGet, "/playground/")))
	references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(references) < 3 {
		t.Fatalf("the page names %d files, want at least its icon, sheet and program:\n%s", len(references), page)
	}
	base := &url.URL{Path: "/playground/"}
	for _, reference := range references {
		target, err := url.Parse(reference[1])
		if err != nil || target.Host != "" || target.Scheme != "" || strings.HasPrefix(target.Path, "/") {
			t.Errorf("%q is not relative to the page (%v)", reference[1], err)
			continue
		}
		if response := request(t, http.MethodGet, base.ResolveReference(target).Path); response.StatusCode != http.StatusOK {
			t.Errorf("%q: status %d, want 200", reference[1], response.StatusCode)
		}
	}
	if inline := regexp.MustCompile(`<script[^>]*>[^<]|<style| style=| on[a-z]+=`).FindString(page); inline != "" {
		t.Errorf("the page has inline code that its policy forbids: %s", inline)
	}
}

func TestSheetsNameOnlyFilesOfTheirOwn(t *testing.T) {
	for _, name := range builtNames(t) {
		if filepath.Ext(name) != ".css" {
			continue
		}
		sheet := string(body(t, request(t, http.MethodGet, "/playground/"+name)))
		for _, reference := range regexp.MustCompile(`url\(["']?([^)"']*)`).FindAllStringSubmatch(sheet, -1) {
			if strings.HasPrefix(reference[1], "data:image/") {
				continue
			}
			target, err := url.Parse(reference[1])
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			path := (&url.URL{Scheme: "http", Host: "host.example", Path: "/playground/" + name}).ResolveReference(target)
			if response := request(t, http.MethodGet, path.Path); path.Host != "host.example" || response.StatusCode != http.StatusOK {
				t.Errorf("%s names %.80s: status %d", name, reference[1], response.StatusCode)
			}
		}
		if strings.Contains(sheet, "@import") {
			t.Errorf("%s imports another sheet", name)
		}
	}
}

// The gzip headers must not say when or from what a file was packed, or no two builds would be the same.
func TestPackingIsReproducible(t *testing.T) {
	total := 0
	for _, name := range builtNames(t) {
		packed, err := os.ReadFile(filepath.Join("dist", filepath.FromSlash(name)+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		if flagsAndTime := packed[3:8]; !bytes.Equal(flagsAndTime, make([]byte, 5)) {
			t.Errorf("%s: gzip flags and time are %x, want zeros", name, flagsAndTime)
		}
		total += len(packed)
	}
	if limit := 2_500_000; total > limit {
		t.Errorf("dist has %d bytes, want at most %d", total, limit)
	}
}

func TestLicencesTravelWithTheBuild(t *testing.T) {
	text := string(body(t, request(t, http.MethodGet, "/playground/licenses.md")))
	for _, name := range []string{"graphiql", "graphql", "monaco-editor", "monaco-graphql", "react", "react-dom", "prettier"} {
		if !strings.Contains(text, "\n## "+name+" - ") {
			t.Errorf("licenses.md has no section for %s", name)
		}
	}
}

// A lock file that names where its packages came from works only for people who can reach that place.
func TestLockFileNamesNoRegistry(t *testing.T) {
	lock, err := os.ReadFile("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(lock, []byte(`"integrity": "sha512-`)) {
		t.Error("package-lock.json has no checksums")
	}
	if bytes.Contains(lock, []byte(`"resolved"`)) {
		t.Error(`package-lock.json has addresses under "resolved"; npm leaves them out by the setting in .npmrc`)
	}
}
