package site

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"era/internal/hang"
	"era/lab/recording/recordingtest"
)

// buildFiles builds the site below root into a new folder and returns its files.
func buildFiles(tb testing.TB, root fs.FS, keep string) map[string]string {
	tb.Helper()
	dir := tb.TempDir()
	if err := New(root, Options{Keep: keep}).Build(context.Background(), dir); err != nil {
		tb.Fatal(err)
	}
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	return files
}

func differing(a, b map[string]string) (names []string) {
	all := maps.Clone(a)
	maps.Copy(all, b)
	for name := range all {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// edit is an edit of a file that pages are made of.
type edit struct {
	file, old, new string
	page           string // the page that shows it
}

const (
	runFile    = "content/one/recordings/run.json"
	matrixFile = "content/one/recordings/all.json"
)

// edits has one for each kind of file of the small book. Each new text has the word EDITED and its number.
var edits = map[string]edit{
	"a chapter":                   {"content/one/index.md", "\n## ", "\nEDITED 1\n\n## ", "one.html"},
	"the landing page":            {"content/index.md", "\ntitle: ", "\ntitle: EDITED 2 ", "index.html"},
	"the glossary's hint":         {"content/terms/index.md", "text: ", "text: EDITED 3 ", "one.html"},
	"a style sheet":               {"static/page.css", "", "/* EDITED 4 */", "static/page.css"},
	"a script":                    {"static/page.js", "", "/* EDITED 5 */", "static/page.js"},
	"a recording":                 {runFile, `"machine":"`, `"machine":"EDITED 6 `, "one.html"},
	"a recording, for the viewer": {runFile, `"made":"`, `"made":"EDITED 7 `, "recordings/run.js"},
	"a matrix":                    {matrixFile, `"machine":"`, `"machine":"EDITED 8 `, "one.html"},
	"a listing":                   {"runnable/a.go", "package a", "package a // EDITED 9", "one.html"},
	"a source, for the viewer":    {"runnable/a.go", "package a", "package a // EDITED A", "sources/runnable/a.go.js"},
	"the page of a source":        {"runnable/a.go", "package a", "package a // EDITED B", "source/a.go.html"},
}

// smallBook returns a book with one file of each kind.
func smallBook(t *testing.T) fstest.MapFS {
	book := recorded(t, recordingtest.New(), someMatrix("text"))
	add := func(file, text string) { book[file] = &fstest.MapFile{Data: append(book[file].Data, text...)} }
	add("content/one/index.md", "\nA term.\n\n```code\ntitle: A\ngo: runnable/a.go\n```\n")
	book["static/page.css"] = &fstest.MapFile{Data: []byte("a{}\n")}
	book["content/terms/index.md"] = &fstest.MapFile{Data: []byte("---\ntitle: Terms\norder: 2\n---\n\n" +
		"```glossary\n- term: term\n  text: A word.\n  see: \"[One](../one/index.md)\"\n```\n")}
	return book
}

func (e edit) apply(t *testing.T, book fstest.MapFS) {
	t.Helper()
	text := book[e.file].Data
	if !bytes.Contains(text, []byte(e.old)) {
		t.Fatalf("%s holds no %q", e.file, e.old)
	}
	book[e.file] = &fstest.MapFile{Data: bytes.Replace(text, []byte(e.old), []byte(e.new), 1)}
}

func (e edit) mark() string { return e.new[strings.Index(e.new, "EDITED"):][:len("EDITED 1")] }

// An edit of any file shows at once, in a build and in the next page that is served, whatever was kept from before.
func TestEveryEditShows(t *testing.T) {
	book, keep := smallBook(t), t.TempDir()
	served := New(book, Options{})
	buildFiles(t, book, keep)
	for what, e := range edits {
		if _, err := served.edition(); err != nil {
			t.Fatal(err)
		}
		e.apply(t, book)
		if page := buildFiles(t, book, keep)[e.page]; !strings.Contains(page, e.mark()) {
			t.Errorf("%s: the built %s does not show the edit", what, e.page)
		}
		shown := false
		for until := time.Now().Add(hang.After); !shown && time.Now().Before(until); time.Sleep(fresh / 10) {
			edition, err := served.edition()
			if err != nil {
				t.Fatal(err)
			}
			page, err := edition.pages[e.page].get()
			shown = err == nil && strings.Contains(string(page.body), e.mark())
		}
		if !shown {
			t.Errorf("%s: the served %s does not show the edit", what, e.page)
		}
	}
	if names := differing(buildFiles(t, book, keep), buildFiles(t, book, "")); names != nil {
		t.Errorf("files of the last build differ from those of a build without a cache: %v", names)
	}
	if kept, _ := os.ReadDir(keep); len(kept) != mostKept {
		t.Errorf("%d builds are kept, want %d", len(kept), mostKept)
	}
}

// A kept build of the whole book is copied byte for byte.
func TestKeptBookIsTheSame(t *testing.T) {
	keep := t.TempDir()
	first, second := buildFiles(t, root, keep), buildFiles(t, root, keep)
	if names := differing(first, second); names != nil {
		t.Errorf("files of the second build differ: %v", names)
	}
}

// A kept build is used; one that cannot be read is built again.
func TestKeptBuild(t *testing.T) {
	book, keep := smallBook(t), t.TempDir()
	site := New(book, Options{Keep: keep})
	first := buildFiles(t, book, keep)
	state := site.state()
	pages := site.kept(state)
	if pages == nil {
		t.Fatal("nothing is kept")
	}
	pages["index.html"] = []byte("kept")
	site.keep(state, pages)
	if got := buildFiles(t, book, keep)["index.html"]; got != "kept" {
		t.Errorf("the kept page is not used, but %.60q", got)
	}
	if err := os.WriteFile(filepath.Join(keep, state), []byte("cut"), 0o600); err != nil {
		t.Fatal(err)
	}
	if names := differing(first, buildFiles(t, book, keep)); names != nil {
		t.Errorf("files of the build after a damaged one differ: %v", names)
	}
	for _, other := range []Options{{Stream: "lab/live"}, {Base: someBase}, {Report: someBase}} {
		other.Keep = keep
		if New(book, other).state() == state {
			t.Errorf("other options are the same state: %+v", other)
		}
	}
	book[changelog] = &fstest.MapFile{Data: []byte("# Changes\n")}
	if site.state() == state {
		t.Error("another changelog, which the feed is made of, is the same state")
	}
}
