package site

import (
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
)

// withShapes is a book of one chapter, which shows a job in two shapes.
var withShapes = fstest.MapFS{
	"content/index.md": {Data: []byte("---\ntitle: T\n---\n\nWelcome.\n")},
	"content/one/index.md": {Data: []byte("---\ntitle: One\norder: 1\n---\n\n## Twice\n\n```shapes\ntitle: Twice\n" +
		"steps: [{name: Read, say: It waits.}, {name: Write}]\nshapes:\n" +
		"  - title: A\n    go: runnable/a.go#a\n    python: runnable/a.py#a\n    lit:\n      - {go: read ... more, python: read}\n      - {go: write, python: write}\n" +
		"  - title: B\n    go: runnable/b.go\n    lit: [{go: read}, {go: write}]\n```\n")},
	"content/two/index.md": {Data: []byte("---\ntitle: Two\norder: 2\n---\n\nText.\n")},
	"runnable/a.go":        {Data: []byte("package a\n\nfunc a() {\n\tread()\n\tmore()\n\twrite()\n}\n")},
	"runnable/a.py":        {Data: []byte("def a():\n    read()\n    write()\n")},
	"runnable/b.go":        {Data: []byte("package b\n\n// read\n// write\n")},
	"static/shapes.css":    {},
	"static/shapes.js":     {},
}

func pageOf(t *testing.T, root fs.FS, name string) string {
	t.Helper()
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	f, err := e.pages[name].get()
	if err != nil {
		t.Fatal(err)
	}
	return string(f.body)
}

// What colour shows must also be there as text, in every language, without scripts.
func TestShapesSayTheirSteps(t *testing.T) {
	body := pageOf(t, withShapes, "one.html")
	pane := func(id string) string {
		_, after, found := strings.Cut(body, `id="`+id+`"`)
		if !found {
			t.Fatalf("there is no %s in the page", id)
		}
		code, _, _ := strings.Cut(after, "</div>")
		return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(code[strings.Index(code, "<code>"):], "")
	}
	for id, want := range map[string]string{
		"shapes-1-1-go":     "func a() {\nstep 1\tread()\nstep 1\tmore()\nstep 2\twrite()\n}\n",
		"shapes-1-1-python": "def a():\nstep 1    read()\nstep 2    write()\n",
		"shapes-1-2-go":     "package b\n\nstep 1// read\nstep 2// write\n",
	} {
		if got := pane(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if want := `aria-controls="shapes-1-1-go shapes-1-2-go"`; !strings.Contains(body, want) {
		t.Errorf("the tab of Go has no %s", want)
	}
	if source := pageOf(t, withShapes, "source/b.go.html"); !strings.Contains(source, `one.html#shapes-1"`) {
		t.Error("the page of the source does not say where it is explained")
	}
}

func TestOnlyPagesWithShapesLoadThem(t *testing.T) {
	for name, want := range map[string]bool{"one.html": true, "two.html": false, "index.html": false,
		"source/a.go.html": false} {
		body := pageOf(t, withShapes, name)
		for _, file := range []string{"static/shapes.css", "static/shapes.js"} {
			if strings.Contains(body, file) != want {
				t.Errorf("%s names %s: %v, want %v", name, file, !want, want)
			}
		}
	}
}
