package site

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
)

// ebookOf returns the e-book of a repository as its bytes, and its files by name.
func ebookOf(t *testing.T, root fs.FS) (data []byte, files map[string]string) {
	t.Helper()
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	if data, err = e.ebook(context.Background()); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return data, files
}

// xmlElement is one of a document, with its attributes.
type xmlElement struct {
	name string
	attr map[string]string
}

// elementsOf returns those of a document of XML.
func elementsOf(t *testing.T, name, text string) (all []xmlElement) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(text)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Errorf("%s is not well-formed: %v", name, err)
			return all
		}
		if start, is := token.(xml.StartElement); is {
			e := xmlElement{start.Name.Local, map[string]string{}}
			for _, a := range start.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			all = append(all, e)
		}
	}
}

// checkEBook holds an e-book against the rules of the format that can be checked without epubcheck.
func checkEBook(t *testing.T, files map[string]string) {
	t.Helper()
	ids := map[string]map[string]bool{}
	elements := map[string][]xmlElement{}
	for name, text := range files {
		if ext := path.Ext(name); ext != ".xhtml" && ext != ".svg" && ext != ".opf" {
			continue
		}
		elements[name], ids[name] = elementsOf(t, name, text), map[string]bool{}
		for _, e := range elements[name] {
			if id, has := e.attr["id"]; has {
				if id == "" || strings.ContainsAny(id, " \t\n") || ids[name][id] {
					t.Errorf("%s: the id %q is there twice, or is none", name, id)
				}
				ids[name][id] = true
			}
		}
	}
	const opf = "EPUB/package.opf"
	listed, inSpine := map[string]string{}, map[string]bool{}
	hrefs := map[string]string{} // by id
	for _, e := range elements[opf] {
		switch e.name {
		case "item":
			name := "EPUB/" + e.attr["href"]
			if listed[name] != "" {
				t.Errorf("the manifest lists %s twice", name)
			}
			listed[name], hrefs[e.attr["id"]] = e.attr["media-type"], name
		case "itemref":
			inSpine[hrefs[e.attr["idref"]]] = true
		}
	}
	for name := range listed {
		if _, is := files[name]; !is {
			t.Errorf("the manifest lists %s, which is not there", name)
		}
	}
	used := map[string]bool{}
	for name := range files {
		if strings.HasPrefix(name, "EPUB/") && name != opf && listed[name] == "" {
			t.Errorf("the manifest does not list %s", name)
		}
		if path.Ext(name) == ".xhtml" && !inSpine[name] {
			t.Errorf("%s is not in the spine", name)
		}
		for _, e := range elements[name] {
			if e.name == "script" || e.name == "iframe" || e.name == "form" || e.name == "button" || e.name == "object" {
				t.Errorf("%s has an element %s", name, e.name)
			}
			for attribute, to := range e.attr {
				if strings.HasPrefix(attribute, "on") || attribute == "style" || attribute == "tabindex" {
					t.Errorf("%s: an attribute %s", name, attribute)
				}
				if attribute != "href" && attribute != "src" || name == opf {
					continue
				}
				if regexp.MustCompile(`^(https?|mailto):`).MatchString(to) && e.name == "a" {
					continue
				}
				file, anchor, _ := strings.Cut(to, "#")
				target := path.Join(path.Dir(name), file)
				if file == "" {
					target = name
				}
				used[target] = true
				if _, is := files[target]; !is {
					t.Errorf("%s: %s leads nowhere", name, to)
				} else if anchor != "" && !ids[target][anchor] {
					t.Errorf("%s: %s: no such place", name, to)
				}
			}
		}
		if strings.HasSuffix(name, ".css") || strings.HasSuffix(name, ".svg") {
			if regexp.MustCompile(`@import|url\([^#]`).MatchString(files[name]) {
				t.Errorf("%s needs another file", name)
			}
		}
	}
	for name := range listed {
		if !used[name] && name != "EPUB/nav.xhtml" && name != "EPUB/cover.xhtml" {
			t.Errorf("nothing leads to %s", name)
		}
	}
}

// TestEBook: the e-book has all of the book, keeps the rules of its format, and is the same each time.
func TestEBook(t *testing.T) {
	data, files := ebookOf(t, root)
	checkEBook(t, files)
	if again, _ := ebookOf(t, root); !bytes.Equal(data, again) {
		t.Error("the same files have made another e-book")
	}
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range e.book.Chapters {
		text := files["EPUB/"+c.Slug+".xhtml"]
		if !strings.Contains(files["EPUB/nav.xhtml"], `href="`+c.Slug+`.xhtml"`) || text == "" {
			t.Errorf("%s is not in the e-book, or not in its contents", c.Slug)
		}
		for _, lab := range c.Labs() {
			picture := "pictures/" + lab.Name + ".svg"
			if files["EPUB/"+picture] == "" || !strings.Contains(text, `src="`+picture+`"`) {
				t.Errorf("%s has no picture of %s", c.Slug, lab.Name)
			}
		}
		if strings.Contains(text, `<ul class="verdicts"><li><b>`) {
			t.Errorf("%s names a server before its verdict, which begins with the name", c.Slug)
		}
		if n := len(c.Labs()); strings.Count(text, `<table class="results">`) != n {
			t.Errorf("%s has not a table for each of its %d runs", c.Slug, n)
		}
	}
	config, err := png.DecodeConfig(strings.NewReader(files["EPUB/cover.png"]))
	if err != nil || config.Width < 600 || config.Height < config.Width {
		t.Errorf("the cover is %d by %d (%v)", config.Width, config.Height, err)
	}
	checked(t, data)
}

// checked holds the e-book against all rules, by epubcheck, where that is installed.
func checked(t *testing.T, data []byte) {
	t.Helper()
	program, err := exec.LookPath("epubcheck")
	if err != nil {
		t.Log("without epubcheck (apt-get install epubcheck), only some rules are checked")
		return
	}
	file := filepath.Join(t.TempDir(), "era.epub")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	command := []string{program}
	if begin, err := os.ReadFile(program); err == nil && bytes.HasPrefix(begin, []byte("PK")) {
		command = []string{"java", "-jar", program} // Debian's is the archive itself, which not every kernel can start
	}
	command = append(command, "--failonwarnings", file)
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Errorf("epubcheck: %v\n%s", err, out)
	}
}

// Neither the result of an experiment nor the answer to a question stands beside what is asked: both are at the end of
// the chapter, and links lead there and back.
func TestEBookAsksBeforeItAnswers(t *testing.T) {
	_, files := ebookOf(t, root)
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	for _, c := range e.book.Chapters {
		text := files["EPUB/"+c.Slug+".xhtml"]
		before, answers, _ := strings.Cut(text, `<section class="answers"`)
		for _, lab := range c.Labs() {
			if lab.Predict.Empty() {
				continue
			}
			asked++
			picture := "pictures/" + lab.Name + ".svg"
			if strings.Contains(before, picture) || !strings.Contains(answers, picture) {
				t.Errorf("%s: the picture of %s is not at the end", c.Slug, lab.Name)
			}
			if !strings.Contains(before, `href="#book:run-`+lab.Name+`"`) ||
				!strings.Contains(answers, `href="#lab-`+lab.Name+`"`) {
				t.Errorf("%s: no links from question to result of %s, and back", c.Slug, lab.Name)
			}
		}
		if n := strings.Count(before, ">The answer</a>"); n != strings.Count(answers, `id="book:answer-`) {
			t.Errorf("%s: %d questions have not as many answers at the end", c.Slug, n)
		}
	}
	if asked == 0 {
		t.Error("the book asks nothing")
	}
}

// Steps lead to lines and these back, and notes as well. Lines have their numbers as text.
func TestEBookLinksBothWays(t *testing.T) {
	_, files := ebookOf(t, root)
	text := files["EPUB/blocking.xhtml"]
	for _, want := range []string{`<li id="walk-1-step-1">`, `href="#walk-1-go-15"`,
		`id="walk-1-go-15"><span class="n">15</span>`, `href="#walk-1-step-1"`,
		`id="book:ref-1" href="#clause-`, `href="#book:ref-1"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the chapter has no %s", want)
		}
	}
}

// For any texts in a recording, the e-book keeps the rules, and no text becomes an element; unless the recording is
// refused.
func TestHostileEBook(t *testing.T) {
	taken := 0
	check := func(where string, run *recording.Recording, matrix *recording.Matrix) {
		t.Helper()
		book := recorded(t, run, matrix)
		e, err := New(book, Options{}).edition()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.pages["one.html"].get(); err != nil {
			return // the recording is refused
		}
		taken++
		_, files := ebookOf(t, book)
		checkEBook(t, files)
		for name, text := range files {
			if found := regexp.MustCompile(`<script|<iframe|<img src="x"|<style>\*`).FindString(text); found != "" {
				t.Errorf("%s: in %s a text has become %s", where, name, found)
			}
		}
	}
	text := strings.Join(recordingtest.Text, " ")
	for where, run := range recordingtest.Hostile([]string{text}) {
		check(where, run, someMatrix("text"))
	}
	check("matrix", recordingtest.New(), someMatrix(text))
	if taken < 10 {
		t.Errorf("only %d recordings were taken", taken)
	}
}

// The e-book takes the place of a former one when it is whole.
func TestWriteEBook(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "era.epub")
	if err := os.WriteFile(file, []byte("former"), 0o644); err != nil {
		t.Fatal(err)
	}
	book := smallBook(t)
	if err := New(book, Options{}).WriteEBook(context.Background(), file); err != nil {
		t.Fatal(err)
	}
	written, err := os.ReadFile(file)
	if err != nil || !bytes.HasPrefix(written, []byte("PK")) {
		t.Fatalf("%q, %v", written[:min(20, len(written))], err)
	}
	delete(book, runFile)
	if err := New(book, Options{}).WriteEBook(context.Background(), file); err == nil {
		t.Error("an e-book was made of a book without one of its runs")
	}
	after, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(after, written) {
		t.Error("a book with a mistake has replaced the e-book")
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 {
		t.Errorf("beside the e-book is left: %v", left)
	}
}
