package site

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// bookOf is a book of one chapter in the folder.
func bookOf(folder, text string) fstest.MapFS {
	return fstest.MapFS{
		"content/index.md":                {Data: []byte("---\ntitle: T\n---\n\nWelcome.\n")},
		"content/" + folder + "/index.md": {Data: []byte("---\ntitle: One\norder: 1\n---\n\n" + text)},
		"static/base.css":                 {},
		"runnable/a.go":                   {Data: []byte("package a\n\nfunc a() {\n}\n")},
	}
}

// A heading may have any words, including the names of the page's own parts.
func TestIDsOfHeadingsAndOfThePage(t *testing.T) {
	for _, word := range []string{"Main", "Contents title", "Know title", "Timeline"} {
		pageOf(t, bookOf("one", "## "+word+"\n\n```know\n- x\n```\n"), "one.html")
	}
}

// Where two parts make the same id, the build says so: a link to it would lead to the first.
func TestAnIDIsThereOnce(t *testing.T) {
	const walk = "\n\n```code\ntitle: Walk\ngo: runnable/a.go#a\n```\n"
	err := New(bookOf("one", "Text.\n\n## Walk 1 title"+walk), Options{}).Build(t.Context(), t.TempDir())
	if want := `content/one/index.md:8: two parts of the page have the id "walk-1-title"`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	if err := New(bookOf("one", "## Walking"+walk), Options{}).Build(t.Context(), t.TempDir()); err != nil {
		t.Errorf("without the heading: %v", err)
	}
}

// A chapter cannot take the place of the first page, or of the page of errors.
func TestAddressesAreThereOnce(t *testing.T) {
	for _, folder := range []string{"index", "404"} {
		err := New(bookOf(folder, "Text.\n"), Options{}).Build(t.Context(), t.TempDir())
		want := fmt.Sprintf("content/%s/index.md:1: the site has another page of this address, %s.html", folder, folder)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
