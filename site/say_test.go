package site

import (
	"bytes"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"era/lab/recording"
	"era/lab/scenario"
)

var (
	saidInGo     = regexp.MustCompile(`\bsay(?:ing)?\(("(?:[^"\\]|\\.)*")`)
	saidInScript = regexp.MustCompile(`(?:^|[^.\w])say\('((?:[^'\\]|\\.)*)'`)
	placeOf      = regexp.MustCompile(`%[1-9]`)
)

// said returns the sentences that files have as arguments of say, and where.
func said(t *testing.T, sentence *regexp.Regexp, unquote bool, patterns ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range patterns {
		names, err := fs.Glob(root, pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := fs.ReadFile(root, name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_templ.go") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range sentence.FindAllStringSubmatch(string(text), -1) {
				words := strings.ReplaceAll(m[1], `\'`, "'")
				if unquote {
					if words, err = strconv.Unquote(m[1]); err != nil {
						t.Fatalf("%s: %s: %v", name, m[1], err)
					}
				}
				all[words] = name
			}
		}
	}
	return all
}

// The table of each language has all sentences that templates and scripts say, and no others.
func TestWordsOfTheInterface(t *testing.T) {
	e, err := New(root, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	if len(e.words) == 0 {
		t.Fatal("the book is in no other language")
	}
	pages := said(t, saidInGo, true, "site/*.templ", "site/*.go")
	for _, l := range recording.Looks {
		pages[l.Word], pages[l.Means] = "lab/recording/states.go", "lab/recording/states.go"
	}
	for _, k := range recording.Kinds {
		pages[k.Means] = "lab/recording/rows.go"
	}
	expected := map[string]bool{} // a scenario may be translated before a chapter that has it is
	for _, s := range scenario.All {
		expected[s.Expect] = true
	}
	for _, c := range e.book.Chapters {
		expected[c.Front.Part] = true
	}
	scripts := said(t, saidInScript, false, "web/*.js", "web/*/*.js")
	if len(pages) < 50 || len(scripts) < 10 {
		t.Fatalf("found only %d sentences of pages, %d of scripts", len(pages), len(scripts))
	}
	for language, words := range e.words {
		file := "content/words." + language + ".yaml"
		compare := func(part string, used map[string]string, have map[string]string) {
			for sentence, where := range used {
				if have[sentence] == "" {
					t.Errorf("%s: %s: %q is not translated; %s says it", file, part, sentence, where)
				}
			}
			for sentence, translated := range have {
				if used[sentence] == "" && !expected[sentence] {
					t.Errorf("%s: %s: nothing says %q", file, part, sentence)
				}
				if want, got := parts(sentence), parts(translated); !slices.Equal(got, want) {
					t.Errorf("%s: %s: %q has the parts %v, its translation %v", file, part, sentence, want, got)
				}
			}
		}
		compare("pages", pages, words.Pages)
		compare("scripts", scripts, words.Scripts)
		if words.Name == "" {
			t.Errorf("%s: the language has no name", file)
		}
	}
}

func parts(sentence string) []string {
	all := placeOf.FindAllString(sentence, -1)
	slices.Sort(all)
	return all
}

// What a page may have in another language is said, and not written into its template.
func TestTemplatesSayTheirWords(t *testing.T) {
	written := []*regexp.Regexp{
		regexp.MustCompile(`>[^<>{}@]*[A-Za-z]{2,}[^<>{}@]*<`),
		regexp.MustCompile(`\b(?:aria-label|title|placeholder|alt)="[^"]+"`),
		regexp.MustCompile(`(?m)^\s*[A-Z][a-z']* [^={}]*$`),
	}
	code := regexp.MustCompile(`<code>.*?</code>|//.*|\bcase \S+:`)
	// The others are on pages that are in English only: of sources, clauses, the directory and the glossary.
	for name, until := range map[string]string{"layout.templ": "// missingPage", "chapter.templ": "", "landing.templ": "",
		"lab.templ": "", "signs.templ": "", "shapes.templ": "", "step.templ": "", "contents.templ": ""} {
		data, err := fs.ReadFile(root, "site/"+name)
		if err != nil {
			t.Fatal(err)
		}
		text := string(data)
		if until != "" {
			text, _, _ = strings.Cut(text, until)
		}
		text = code.ReplaceAllString(text, "")
		for _, p := range written {
			for _, found := range p.FindAllString(text, -1) {
				t.Errorf("%s: %q is not said", name, strings.TrimSpace(found))
			}
		}
	}
}

// inEnglish finds words that are in no Vietnamese sentence.
var inEnglish = regexp.MustCompile(`(?i)\b(the|of|is|are|and|this|that|with|what|when|how|not|from|its)\b`)

// What a translated page has in English, it says so.
func TestTranslatedPagesMarkTheirEnglish(t *testing.T) {
	tag := regexp.MustCompile(`(?s)<(/?)([a-z][a-z0-9]*)((?:\s[^<>]*?)?)(/?)>|<!--.*?-->`)
	spoken := regexp.MustCompile(`\b(?:aria-label|title|placeholder|alt)="([^"]*)"`)
	seen := 0
	for name, body := range built(t) {
		if path.Dir(name) != "vi" || path.Ext(name) != ".html" {
			continue
		}
		seen++
		_, body, _ = strings.Cut(body, "<body")
		body = "<body" + body
		type element struct {
			name  string
			quiet bool
		}
		var open []element
		quiet := func() bool { return len(open) > 0 && open[len(open)-1].quiet }
		last := 0
		for _, m := range tag.FindAllStringSubmatchIndex(body, -1) {
			text := body[last:m[0]]
			last = m[1]
			if found := inEnglish.FindString(text); found != "" && !quiet() {
				t.Errorf("%s: %q in %q", name, found, strings.TrimSpace(text))
			}
			if m[4] < 0 {
				continue
			}
			kind, attributes := body[m[4]:m[5]], body[m[6]:m[7]]
			if m[2] < m[3] { // an end
				for len(open) > 0 {
					top := open[len(open)-1]
					open = open[:len(open)-1]
					if top.name == kind {
						break
					}
				}
				continue
			}
			hidden := quiet() || slices.Contains([]string{"code", "pre", "svg", "em"}, kind)
			switch {
			case strings.Contains(attributes, ` lang="en"`):
				hidden = true
			case strings.Contains(attributes, ` lang="vi"`):
				hidden = false
			}
			for _, a := range spoken.FindAllStringSubmatch(attributes, -1) {
				if found := inEnglish.FindString(a[1]); found != "" && !hidden {
					t.Errorf("%s: %q in the attribute %q", name, found, a[0])
				}
			}
			if m[8] == m[9] && !slices.Contains([]string{"meta", "link", "input", "br", "hr"}, kind) {
				open = append(open, element{kind, hidden})
			}
		}
	}
	if seen == 0 {
		t.Error("no page is in Vietnamese")
	}
}

const ownWords = "name: Tiếng Việt\npages:\n  \"Skip to the text\": Sang phần chữ\n  \"Myth\": Ngộ nhận\nscripts: {Copy: Chép}\n"

// A page that is translated in part: what stands in which language, and where links lead.
func TestTranslatedPage(t *testing.T) {
	head := func(title, more string) string { return "---\ntitle: " + title + "\n" + more + "---\n\n" }
	files := fstest.MapFS{
		"content/index.md":    {Data: []byte(head("T", "") + "[One](one/index.md) [two](two/index.md)\n")},
		"content/index.vi.md": {Data: []byte(head("Đề", "") + "<!-- ? -->\n[Một](one/index.md) [hai](two/index.md)\n")},
		"content/one/index.md": {Data: []byte(head("One", "order: 1\n") + "## First\n\nKept.\n\n- a\n- b\n\n| h |\n|---|\n| c |\n\nTold.\n\n" +
			"```myth\nmyth: m\ntruth: n\n```\n")},
		"content/one/index.vi.md": {Data: []byte(head("Một", "of: 00000000\n") + "<!-- ? -->\n## Đường đi {#first}\n\n<!-- 01234567 -->\n" +
			"Tôi. [Hai](../two/index.md), [trên](#first)\n\n")},
		"content/two/index.md":  {Data: []byte(head("Two", "order: 2\n") + "[One](../one/index.md)\n")},
		"content/words.vi.yaml": {Data: []byte(ownWords)},
		"runnable/a.go":         {}, "static/a.css": {},
	}
	// One paragraph of two is translated, so that its mark has to tell which.
	translation := files["content/one/index.vi.md"]
	translation.Data = bytes.Replace(translation.Data, []byte("01234567"), []byte(markOf(t, files, "Told.")), 1)
	one, two, first := pageOf(t, files, "vi/one.html"), pageOf(t, files, "two.html"), pageOf(t, files, "vi/index.html")
	contents := pageOf(t, files, "vi/contents.html")
	for text, page := range map[string]string{
		`<html lang="vi">`:                                                 one,
		`<h2 id="first">Đường`:                                             one,
		`<p lang="en">Kept.</p>`:                                           one,
		`<ul lang="en">`:                                                   one,
		`aria-label="Table: h" lang="en"`:                                  one,
		`<section class="myth" lang="en">`:                                 one,
		`<span class="label">Myth</span>`:                                  one, // in the language of its block
		`Sang phần chữ`:                                                    one,
		`<p>Tôi. <a href="../two.html">Hai</a>, <a href="#first`:           one,
		`<link rel="alternate" hreflang="en" href="../one.html"`:           one,
		`<link rel="alternate" hreflang="vi" href="../vi/one.html"`:        one,
		`<a class="tongue" hreflang="en" lang="en" href="../one.html">`:    one,
		`<meta name="era-words" content="{&#34;Copy&#34;:&#34;Chép&#34;`:   one,
		`<p class="changed"><a href="../one.html"`:                         one, // its title
		`<p class="changed"><a href="../one.html#first"`:                   one, // the heading, which has no mark yet
		`<a href="../vi/one.html">Một</a> <a href="../two.html">hai</a>`:   first,
		`<a href="one.html">One</a>`:                                       two,
		`<a class="tongue" hreflang="vi" lang="vi" href="vi/index.html">`:  two, // it is not translated, the first page is
		`<html lang="en">`:                                                 two,
		`class="book" href="../vi/contents.html#one"`:                      one,
		`<li class="chapter-item" id="one"><h3><a href="../vi/one.html">`:  contents,
		`<li class="chapter-item" id="two" lang="en">`:                     contents,
		`<a class="tongue" hreflang="en" lang="en" href="../contents.html`: contents,
	} {
		if !strings.Contains(page, text) {
			t.Errorf("no %s in %.6000s", text, page)
		}
	}
	for _, text := range []string{`rel="alternate"`, "era-words", "tongue.css"} {
		if strings.Contains(two, text) {
			t.Errorf("a page in English only has %s", text)
		}
	}
	if n := strings.Count(one, `class="changed"`); n != 2 {
		t.Errorf("%d blocks are marked as changed, want the title and the heading", n)
	}
}

// markOf returns the mark of a paragraph of the chapter one.
func markOf(t *testing.T, files fstest.MapFS, paragraph string) string {
	t.Helper()
	e, err := New(files, Options{}).edition()
	if err != nil {
		t.Fatal(err)
	}
	line := 1 + strings.Count(strings.Split(string(files["content/one/index.md"].Data), paragraph)[0], "\n")
	for _, p := range e.book.In("vi").Page("one").Behind {
		if p.File == "content/one/index.md" && p.Line == line {
			return p.Text[len(p.Text)-8:]
		}
	}
	t.Fatalf("no mark for %q", paragraph)
	return ""
}

func TestSay(t *testing.T) {
	v := &view{words: map[string]string{"%1 of %2": "%2, trong đó %1"}}
	if got := v.say("%1 of %2", "3", "%1"); got != "%1, trong đó 3" {
		t.Errorf("got %q", got)
	}
	html, err := render(v.saying("%1 of %2", inCode("<"), raw("", nil)))
	if string(html) != ", trong đó <code>&lt;</code>" || err != nil {
		t.Errorf("got %q, %v", html, err)
	}
	if _, err := render(v.saying("%1 of %2", inCode("a"))); err == nil {
		t.Error("a part is missing, without an error")
	}
}
