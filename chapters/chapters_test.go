package chapters

import (
	"errors"
	"maps"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/text/unicode/norm"
)

const front = "---\ntitle: T\norder: 1\n---\n\n"

// fixture is the smallest book, plus the files that a test adds.
func fixture(files map[string]string) fstest.MapFS {
	all := fstest.MapFS{
		"content/index.md":      {Data: []byte(front + "Welcome.\n")},
		"content/one/index.md":  {Data: []byte(front + "## First\n\nText.\n")},
		"runnable/one/main.go":  {Data: []byte(goSource)},
		"runnable/one/serve.py": {Data: []byte(pythonSource)},
		"runnable/one/server.c": {Data: []byte(cSource)},
	}
	for name, text := range files {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

const (
	goSource = `package main

// limit is a limit.
const limit = 3

// serve answers.
func serve(fd int) {
	// region read
	n := read(fd)
	// endregion
	write(fd, n)
}

func (s *server) close() {
	s.fd = -1
}
`
	pythonSource = `import socket

# Answers.
@decorated
def serve(fd,
          more):
    read(fd)

    write(fd)

class Server:
    def close(self):
        pass

    def open(self):
        pass
`
	cSource = `#include <stdio.h>
#define LIMIT 3

static int serve(int fd);

/* Answers. */
static int serve(int fd)
{
    char open = '{'; // not a { brace
    puts("}");
    if (fd) {
        read(fd);
    }
}
`
)

func TestMistakesAreFoundWithFileAndLine(t *testing.T) {
	cases := []struct {
		name string
		text string // of content/one/index.md, after the five lines of front matter
		want string
	}{
		{"unknown fence label", "```golang\nx\n```\n", "content/one/index.md:6: unknown fence label \"golang\""},
		{"unknown key", "```lab\nname: a\ntitel: x\n```\n", "content/one/index.md:8: unknown key \"titel\""},
		{"broken YAML", "```quiz\nquestion: [\n```\n", "content/one/index.md:7: "},
		{"missing key", "```myth\nmyth: x\n```\n", `content/one/index.md:6: myth: the key "truth" is missing`},
		{"a clause that obliges without its source's words", "```note\nclause: C1.1\ntext: You *must* stop.\nsource: x(2)\n```\n",
			"content/one/index.md:6: note: clause C1.1 obliges: give the source's own words as quote"},
		{"a clause stronger than its source", "```note\nclause: C1.1\ntext: You must stop.\nquote: should stop\n```\n",
			`content/one/index.md:9: note: clause C1.1 obliges, its source only advises: "should stop"`},
		{"a clause weaker than its source", "```note\nclause: C1.1\ntext: You should stop.\nquote: must stop\n```\n",
			`content/one/index.md:9: note: clause C1.1 only advises, its source obliges: "must stop"`},
		{"advice that the source does not give", "```note\nclause: C1.1\ntext: You should stop.\nquote: stops\n```\n",
			`content/one/index.md:9: note: clause C1.1 advises, its source only states: "stops"`},
		{"missing file", "```code\ntitle: x\ngo: runnable/none/main.go\n```\n", "content/one/index.md:8: code: there is no file runnable/none/main.go"},
		{"a step that lights nothing", "```code\ntitle: x\ngo: runnable/one/main.go#serve\nsteps:\n  - say: Nothing.\n```\n",
			"content/one/index.md:7: code: step 1 lights nothing in the go tab; if that is meant, write go: none"},
		{"not a source", "```code\ntitle: x\ngo: content/one/index.md\n```\n", "content/one/index.md:8: code: content/one/index.md has no page of its own"},
		{"missing declaration", "```code\ntitle: x\ngo: runnable/one/main.go#nothing\n```\n", `content/one/index.md:8: code: runnable/one/main.go: "nothing" is neither`},
		{"missing pattern", "```code\ntitle: x\ngo: runnable/one/main.go#serve\nsteps:\n  - say: y\n    go: poll(\n```\n",
			`content/one/index.md:11: code: go: no line of runnable/one/main.go#serve contains "poll("`},
		{"a walk before any heading", "Text.\n\n```code\ntitle: x\ngo: runnable/one/main.go#serve\n```\n\n## Late\n", "content/one/index.md:8: code: a heading (##) must stand before it"},
		{"no language", "```code\ntitle: x\n```\n", "content/one/index.md:6: code: at least one of go, python, c is needed"},
		{"broken chapter link", "See [two](../two/index.md).\n", `content/one/index.md:6: link ../two/index.md: there is no chapter "two"`},
		{"chapter through a folder that is not there", "[x](none/one/index.md)\n", `link none/one/index.md: there is no chapter "one/none/one"`},
		{"a second YAML document", "```myth\nmyth: x\ntruth: y\n---\nlost: z\n```\n", "content/one/index.md:9: a second YAML document"},
		{"text after a fence label", "```go main.go\nx\n```\n", "content/one/index.md:6: text after the fence label \"go\""},
		{"a heading without a letter", "Text.\n\n## 🎉\n", `content/one/index.md:8: the heading "🎉" has "" for an id`},
		{"an id that is no slug", "## A {#a:b}\n", `content/one/index.md:6: the heading "A" has "a:b" for an id`},
		{"Latin-1", "Good.\n\nCaf\xe9.\n", `content/one/index.md:8: not UTF-8: "Caf\xe9."`},
		{"broken anchor", "Text.\n\nSee [x](#none).\n", "content/one/index.md:8: link #none: content/one/index.md has no anchor #none"},
		{"broken source link", "[x](../../runnable/one/gone.go)\n", "content/one/index.md:6: link ../../runnable/one/gone.go: there is no file"},
		{"line past the end", "[x](../../runnable/one/main.go#L99)\n", "has no line #L99"},
		{"absolute link", "[x](/blocking)\n", "content/one/index.md:6: link /blocking: must be relative"},
		{"link in a directive", "```myth\nmyth: x\ntruth: |\n  See\n  [x](#none).\n```\n", "content/one/index.md:10: link #none"},
		{"image without text", "![](x.svg)\n", "content/one/index.md:6: image x.svg has no alternative text"},
		{"same heading twice", "## A\n\n## A\n", "content/one/index.md:8: the anchor #a occurs twice"},
		{"a link to a former anchor", "## B {was=\"a\"}\n\n[x](#a)\n",
			"content/one/index.md:8: link #a: #a is a former anchor of content/one/index.md: it is #b now"},
		{"a former anchor that another heading has", "## A\n\n## B {was=\"c a\"}\n",
			"content/one/index.md:8: the anchor #a occurs twice"},
		{"level 1", "# A\n", "content/one/index.md:6: a heading of level 1"},
		{"HTML", "<b>x</b>\n", "content/one/index.md:6: HTML is not shown"},
		{"directive in a list", "- x\n\n  ```myth\n  myth: x\n  ```\n", `content/one/index.md:8: the directive "myth" must stand by itself`},
		{"same lab twice", lab + "\n" + lab, `content/one/index.md:13: the anchor #lab-a occurs twice`},
		{"matrix: name", "```matrix\nname: All of it\ntitle: x\n```\n", `content/one/index.md:6: matrix: the name "All of it" must be`},
		{"matrix: key", "```matrix\nname: all\ntitle: x\nservers: [a]\n```\n", `content/one/index.md:9: unknown key "servers"`},
		{"matrix: title", "```matrix\nname: all\n```\n", `content/one/index.md:6: matrix: the key "title" is missing`},
		{"matrix: a lab's name", lab + "\n```matrix\nname: a\ntitle: x\n```\n", "content/one/index.md:13: the anchor #lab-a occurs twice"},
		{"long title", "```quiz\nquestion: q\ntitle: What happens to a client that is never accepted?\noptions: [a, b]\nanswer: 1\nwhy: w\n```\n",
			"content/one/index.md:8: quiz: the title has more than 40 characters"},
		{"wrong answer", "```quiz\ntitle: t\nquestion: q\noptions: [a, b]\nanswer: 3\nwhy: w\n```\n", "content/one/index.md:6: quiz: answer 3 is not one of the 2 options"},
		{"next without a chapter", "```next\nchapter: two\ntext: x\n```\n", `content/one/index.md:6: link ../two/index.md: there is no chapter "two"`},
		{"shapes: missing pattern", shapesOf("go: poll("), `content/one/index.md:13: shapes: A: go: no line of runnable/one/main.go#serve contains "poll("`},
		{"shapes: a line of two steps", shapesOf("go: serve( ... write("), `content/one/index.md:14: shapes: A: go: "write(" lights line 11 of runnable/one/main.go, which belongs to step 1`},
		{"shapes: missing file", strings.Replace(shapesOf("go: n :="), "main.go", "none.go", 1),
			"content/one/index.md:11: shapes: A: there is no file runnable/one/none.go"},
		{"shapes: a language without lit lines", shapesOf("python: read"), "content/one/index.md:10: shapes: A: step 1 lights nothing in go"},
		{"shapes: steps that are not lit", strings.Replace(shapesOf("go: n :="), "name: read", "name: x}, {name: read", 1),
			"content/one/index.md:10: shapes: A lights 2 steps of 3"},
		{"shapes: too many steps", strings.Replace(shapesOf("go: n :="), "name: read", "name: x}, {name: y}, {name: read", 1),
			"content/one/index.md:8: shapes: 4 steps; there are colours for 3"},
		{"shapes: no language", "```shapes\ntitle: x\nsteps: [{name: read}]\nshapes:\n  - title: A\n    lit: [{}]\n```\n", "content/one/index.md:10: shapes: A: at least one of go, python, c is needed"},
		{"unknown key of a moment", lab[:len(lab)-4] + "story:\n  - first: blocked\n    sagt: x\n```\n",
			`content/one/index.md:13: unknown key "sagt" of a moment; there are: at first last most of say server`},
		{"a moment that is none", lab[:len(lab)-4] + "story: [blocked]\n```\n",
			"content/one/index.md:11: expected a moment, with say and at, first, last or most"},
		{"prediction without measure", "```lab\nname: a\ntitle: A\nscenario: s\nservers: [x]\npredict: How many?\n```\n",
			"content/one/index.md:6: lab: predict and measure go together"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := Load(fixture(map[string]string{"content/one/index.md": front + c.text}))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

// shapesOf returns the directive; the pattern that lights its first step is in line 13 of the file.
func shapesOf(first string) string {
	return "```shapes\ntitle: x\nsteps: [{name: read}, {name: write}]\nshapes:\n  - title: A\n    go: runnable/one/main.go#serve\n    lit:\n      - " + first + "\n      - go: write(\n```\n"
}

const lab = "```lab\nname: a\ntitle: A\nscenario: s\nservers: [x]\n```\n"

func TestFrontMatter(t *testing.T) {
	for text, want := range map[string]string{
		"No front matter.\n":                          "content/one/index.md:1: the file must begin with front matter",
		"---\ntitle: T\nautor: me\n---\n":             `content/one/index.md:3: unknown key "autor"`,
		"---\norder: 1\n---\n":                        "content/one/index.md:1: front matter has no title",
		"---\ntitle: T\nslug: two\n---\n":             `slug "two" is not the folder's name "one"`,
		"---\ntitle: T\nlanguages: [go, perl]\n---\n": `unknown language "perl"`,
	} {
		_, err := Load(fixture(map[string]string{"content/one/index.md": text}))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, name := range []string{"c#", "100%", "what?", "a b", "Upper"} {
		_, err := Load(fixture(map[string]string{"content/" + name + "/index.md": front}))
		if want := "content/" + name + "/index.md:1: the folder's name is the page's address"; err == nil ||
			!strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
	_, err := Load(fixture(map[string]string{"content/two/notes.md": "Text.\n"}))
	if err == nil || !strings.HasPrefix(err.Error(), "content/two/index.md:1: ") {
		t.Errorf("a folder without a page: %v", err)
	}
}

// Editors write the same text in several ways. All of them are read alike.
func TestEditors(t *testing.T) {
	const text = front + "## Đường đi\n\n[x](#đường-đi)"
	for name, written := range map[string]string{
		"plain":                  text + "\n",
		"no last line end":       text,
		"nothing behind it":      strings.TrimRight(front, "\n"),
		"CR LF":                  strings.ReplaceAll(text, "\n", "\r\n"),
		"byte order mark":        "\ufeff" + text,
		"combining marks":        norm.NFD.String(text),
		"marks only in the link": front + "## Đường đi\n\n[x](#" + norm.NFD.String("đường-đi") + ")\n",
	} {
		book, err := Load(fixture(map[string]string{"content/one/index.md": written}))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if h := book.Chapters[0].Headings; name != "nothing behind it" && (len(h) != 1 || h[0].ID != "đường-đi") {
			t.Errorf("%s: headings %v", name, h)
		}
	}
}

func TestChecksAndMissingRecordings(t *testing.T) {
	root := fixture(map[string]string{"content/one/index.md": front + "## Try it\n\n" + lab})
	_, err := Load(root, func(*Lab) []error { return []error{errors.New("no scenario s")} })
	if want := `content/one/index.md:8: lab "a": no scenario s`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	_, err = Load(root, func(*Lab) []error { return []error{Located{Line: 12, Err: errors.New("no such moment")}} })
	if want := `content/one/index.md:12: lab "a": no such moment`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	book, err := Load(root)
	if err != nil {
		t.Fatal(err)
	}
	if missing := book.Missing(root); len(missing) != 1 ||
		!strings.Contains(missing.Error(), "content/one/recordings/a.json") {
		t.Errorf("missing: %v", missing)
	}
}

func TestIncludes(t *testing.T) {
	l := &loader{root: fixture(nil), files: map[string]*sourceFile{}}
	for reference, want := range map[string]Range{
		"runnable/one/main.go#serve":         {6, 12},
		"runnable/one/main.go#limit":         {3, 4},
		"runnable/one/main.go#read":          {9, 9},
		"runnable/one/main.go#server.close":  {14, 16},
		"runnable/one/main.go":               {1, 16},
		"runnable/one/serve.py#serve":        {3, 9},
		"runnable/one/serve.py#Server":       {11, 16},
		"runnable/one/serve.py#Server.close": {12, 13},
		"runnable/one/server.c#serve":        {6, 14},
		"runnable/one/server.c#LIMIT":        {2, 2},
	} {
		e, err := l.include(reference)
		if err != nil {
			t.Errorf("%s: %v", reference, err)
			continue
		}
		if got := (Range{e.Lines[0].Number, e.Lines[len(e.Lines)-1].Number}); got != want {
			t.Errorf("%s: lines %v, want %v", reference, got, want)
		}
	}
	whole, err := l.include("runnable/one/main.go#serve")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range whole.Lines {
		if strings.Contains(line.Text, "region") {
			t.Errorf("a region mark is shown: line %d", line.Number)
		}
	}
	if r, err := whole.find("read( ... write("); err != nil || r != (Range{9, 11}) {
		t.Errorf("lit lines %v, %v", r, err)
	}
}

func TestStepsLightLines(t *testing.T) {
	text := "```code\ntitle: x\ngo: runnable/one/main.go#serve\npython: runnable/one/serve.py#serve\nsteps:\n" +
		"  - say: Reads.\n    go: [\"read(fd)\", \"write(\"]\n    python: read(\n  - say: Nothing.\n    go: none\n    python: none\n```\n"
	book, err := Load(fixture(map[string]string{"content/one/index.md": front + "## Serve\n\n" + text}))
	if err != nil {
		t.Fatal(err)
	}
	code := book.Chapters[0].Blocks[1].(*Code)
	if lit := code.Steps[0].Lit; len(lit["go"]) != 2 || lit["go"][0] != (Range{9, 9}) ||
		lit["python"][0] != (Range{7, 7}) {
		t.Errorf("lit: %v", lit)
	}
}

func TestShapesLightTheSameStepsInEach(t *testing.T) {
	text := "```shapes\ntitle: x\nsteps:\n  - name: Read\n    say: Waits.\n  - name: Write\nshapes:\n" +
		"  - title: Whole\n    year: 1983\n    go: runnable/one/main.go#serve\n    python: runnable/one/serve.py#serve\n" +
		"    lit:\n      - go: n := \n        python: read(\n      - go: write(\n        python: write(\n" +
		"  - title: In parts\n    go: [\"runnable/one/main.go#limit\", \"runnable/one/main.go#server.close\"]\n" +
		"    lit:\n      - go: limit = 3\n      - go: s.fd\n```\n"
	book, err := Load(fixture(map[string]string{"content/one/index.md": front + "## Shapes\n\n" + text}))
	if err != nil {
		t.Fatal(err)
	}
	s := book.Chapters[0].Blocks[1].(*Shapes)
	if len(s.Steps) != 2 || s.Steps[0].Name != "Read" || s.Steps[0].Say.Plain() != "Waits." {
		t.Errorf("steps: %+v", s.Steps)
	}
	whole, parts := s.Shapes[0], s.Shapes[1]
	if whole.Year != "1983" || !whole.Has("python") || parts.Has("python") || !s.Shows("runnable/one/serve.py") ||
		s.Shows("runnable/one/server.c") {
		t.Errorf("shapes: %+v", s.Shapes)
	}
	for language, want := range map[string]map[int]int{"go": {9: 1, 11: 2}, "python": {7: 1, 9: 2}} {
		for _, l := range whole.Listings {
			if l.Language == language && !maps.Equal(l.Parts[0].Step, want) {
				t.Errorf("%s: steps by line %v, want %v", language, l.Parts[0].Step, want)
			}
		}
	}
	if l := parts.Listings[0]; len(l.Parts) != 2 || l.Parts[0].Step[4] != 1 || l.Parts[1].Step[15] != 2 {
		t.Errorf("parts: %+v", l.Parts)
	}
}

func TestTheBookOfTheRepository(t *testing.T) {
	book, err := Load(os.DirFS(".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range book.Chapters {
		if c.Front.Minutes == 0 || c.Front.Summary == "" {
			t.Errorf("%s: a chapter needs minutes and summary", c.File)
		}
		// One without languages shows no servers: the time line, for example.
		if len(c.Front.Languages) > 0 && (c.Front.Year == 0 || len(c.Labs()) < 2) {
			t.Errorf("%s: a chapter with servers needs a year and two labs", c.File)
		}
	}
}
