package site

import (
	"era/site/guard"
	"os"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

var withParts = fstest.MapFS{
	"content/index.md": {Data: []byte("---\ntitle: The book\n---\n\nText.\n")},
	"content/one/index.md": {Data: []byte("---\ntitle: One\norder: 1\npart: Calls\nyear: 1983\nminutes: 30\n---\n\n" +
		"## Reading {was=\"first second\"}\n\n### Half of it\n\n#### Deep\n\n" +
		"```quiz\ntitle: The first call\nquestion: \"*Which* call?\"\noptions: [a, b]\nanswer: 1\nwhy: w\n```\n\n```know\n- x\n```\n")},
	"content/two/index.md":   {Data: []byte("---\ntitle: Two\norder: 2\n---\n\nText.\n")},
	"content/words/index.md": {Data: []byte("---\ntitle: Words\norder: 99\npart: Reference\nkicker: List\n---\n\n## A\n")},
	"static/contents.css":    {},
	"static/contents.js":     {},
	"runnable/a.go":          {Data: []byte("package a\n")},
}

func TestOutline(t *testing.T) {
	e, err := New(withParts, Options{}).edition()
	if err != nil || len(e.problems) > 0 {
		t.Fatal(err, e.problems)
	}
	want := []outlinePart{
		{"Calls", []outlineChapter{
			{ID: "one", Number: "1", Title: "One", Year: 1983, Minutes: 30, Sections: []outlinePlace{
				{"reading", "Reading", 2}, {"half-of-it", "Half of it", 3}, {knowID, "What you now know", 2},
			}, Questions: []outlinePlace{{"quiz-1", "The first call", 0}}},
			{ID: "two", Number: "2", Title: "Two"},
		}},
		{"Reference", []outlineChapter{{ID: "words", Title: "Words"}}},
	}
	if got := e.outline(""); !reflect.DeepEqual(got, want) {
		t.Errorf("the outline is\n%+v, want\n%+v", got, want)
	}
	for page, here := range map[string]string{"one.html": "#one", "words.html": "#words", "index.html": "", "404.html": "",
		"contents.html": ""} {
		if want := `class="book" href="contents.html` + here + `"`; !strings.Contains(pageOf(t, withParts, page), want) {
			t.Errorf("%s: no %s", page, want)
		}
	}
}

// The page of contents leads to all parts, chapters, sections, experiments and questions of the book, without scripts.
func TestContentsPage(t *testing.T) {
	page := built(t)[contentsPage]
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	places := 0
	for _, part := range e.outline("") {
		if part.Title == "" || !strings.Contains(page, "<h2>"+part.Title+"</h2>") {
			t.Errorf("the part %q is not there", part.Title)
		}
		for _, c := range part.Chapters {
			for _, p := range slices.Concat([]outlinePlace{{}}, c.Sections, c.Experiments, c.Questions) {
				places++
				if to := strings.TrimSuffix(c.ID+".html#"+p.ID, "#"); !strings.Contains(page, `href="`+to+`"`) {
					t.Errorf("the contents do not lead to %s", to)
				}
			}
		}
	}
	if places < 200 {
		t.Errorf("the book has %d places only", places)
	}
}

// TestFormerAnchors: links from elsewhere to the sections of the book, as they were called in December 2026, go on
// working. They lead to the heading itself.
func TestFormerAnchors(t *testing.T) {
	list, err := os.ReadFile("testdata/anchors.txt")
	if err != nil {
		t.Fatal(err)
	}
	files := built(t)
	for address := range strings.FieldsSeq(string(list)) {
		file, anchor, _ := strings.Cut(address, "#")
		before, after, found := strings.Cut(files[file], ` id="`+anchor+`"`)
		if !found {
			t.Errorf("%s: no such place any more: give its heading {was=%q}", address, anchor)
			continue
		}
		last := before[strings.LastIndex(before, "<"):]
		if !strings.HasPrefix(last, "<h") && !(last == "<span" && strings.HasPrefix(after, "></span>")) {
			t.Errorf("%s leads to %s", address, last)
		}
	}
}

// From every page one link leads to the contents.
func TestContentsFromEveryPage(t *testing.T) {
	for name, body := range built(t) {
		if path.Ext(name) != ".html" || strings.Contains(body, `http-equiv="refresh"`) || path.Dir(name) == guard.Embedded {
			continue // an experiment's own page may stand in a frame
		}
		up := strings.Repeat("../", strings.Count(name, "/"))
		if strings.HasPrefix(name, "vi/") {
			up += "vi/"
		}
		if n := strings.Count(body, `class="book" href="`+up+contentsPage); n != 1 {
			t.Errorf("%s has %d links to the contents in its masthead", name, n)
		}
	}
}

// A chapter lists what it gives to do.
func TestToDo(t *testing.T) {
	if page := pageOf(t, withParts, "one.html"); !strings.Contains(page, `<a href="#quiz-1">The first call</a>`) {
		t.Error("the question is not in the list")
	}
	if page := pageOf(t, withParts, "two.html"); strings.Contains(page, "page:todo") {
		t.Error("a chapter with nothing to do has a list of it")
	}
}
