package site

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"html"
	"io"
	"os"
	"path"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"era/chapters"
	"era/site/guard"
)

var root = os.DirFS("..")

// built returns the site of the repository as a static host would have it, by name.
func built(t *testing.T) map[string]string {
	t.Helper()
	files, err := buildOnce()
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// buildOnce is for all tests: under the race detector a build takes half a minute.
var buildOnce = sync.OnceValues(func() (map[string]string, error) {
	e, err := New(root, Options{Module: anyModule}).edition()
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for name, p := range e.pages {
		f, err := p.get()
		if err != nil {
			return nil, err
		}
		files[name] = string(f.body)
	}
	return files, nil
})

var (
	reference = regexp.MustCompile(`\b(?:href|src)="([^"]*)"`)
	anchorID  = regexp.MustCompile(`\bid="([^"]*)"`)
)

func TestAllLinksAreRelativeAndLeadSomewhere(t *testing.T) {
	files := built(t)
	ids := map[string]map[string]bool{}
	for name, body := range files {
		if path.Ext(name) != ".html" {
			continue
		}
		ids[name] = map[string]bool{}
		for _, m := range anchorID.FindAllStringSubmatch(body, -1) {
			if ids[name][m[1]] {
				t.Errorf("%s: the id %q occurs twice", name, m[1])
			}
			ids[name][m[1]] = true
		}
	}
	for name := range ids {
		for _, m := range reference.FindAllStringSubmatch(files[name], -1) {
			to := m[1]
			if strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "http://") {
				continue
			}
			if strings.HasPrefix(to, "/") || strings.Contains(to, "://") {
				t.Errorf("%s: %s is not relative", name, to)
				continue
			}
			file, id, _ := strings.Cut(to, "#")
			target := path.Join(path.Dir(name), file)
			if file == "" {
				target = name
			}
			if _, is := files[target]; !is {
				t.Errorf("%s: %s leads nowhere", name, to)
			} else if id != "" && !ids[target][id] {
				t.Errorf("%s: %s: no such place", name, to)
			}
		}
	}
}

func TestPagesKeepTheStrictPolicy(t *testing.T) {
	inline := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script>|<script [^>]*>[^<]|(?:src|link rel="stylesheet" href)="https?:`)
	for name, body := range built(t) {
		if path.Ext(name) == ".html" {
			if found := inline.FindString(body); found != "" {
				t.Errorf("%s: %q breaks the policy", name, found)
			}
			policy := guard.Policy
			if steppedOn(t, name) {
				policy = guard.SteppingPolicy
			}
			head, _, found := strings.Cut(body, `http-equiv="Content-Security-Policy" content="`+html.EscapeString(policy)+`"`)
			if !found || regexp.MustCompile(`<(script|link|body)`).MatchString(head) {
				t.Errorf("%s does not begin with the policy: %.300s", name, body)
			}
		}
		if path.Ext(name) == ".css" && regexp.MustCompile(`@import|url\(\s*["']?(https?:|//)`).MatchString(body) {
			t.Errorf("%s asks another host", name)
		}
	}
}

func TestReadingWithoutScripts(t *testing.T) {
	files := built(t)
	s := New(root, Options{})
	e, err := s.edition()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range e.book.Chapters {
		body := files[c.Slug+".html"]
		for _, b := range c.Blocks {
			switch b := b.(type) {
			case *chapters.Code:
				for _, x := range b.Excerpts {
					if n := fmt.Sprintf(`data-n="%d"`, x.Lines[0].Number); !strings.Contains(body, n) ||
						!strings.Contains(body, x.File) {
						t.Errorf("%s: %s: the code of %s is not in the page", c.File, b.ID, x.File)
					}
				}
			case *chapters.Lab:
				if recorded, _ := e.recorded(b); recorded == nil {
					continue
				}
				if !strings.Contains(body, `id="p-`+b.Name+`"`) || !strings.Contains(body, "<table class=\"results\">") {
					t.Errorf("%s: lab %s shows neither picture nor results", c.File, b.Name)
				}
			}
		}
	}
}

func TestStylesAndScriptsGoOutWithoutComments(t *testing.T) {
	comment := regexp.MustCompile(`/\*|(?m)^[ \t]*//|\n[ \t]`)
	seen := 0
	for name, body := range built(t) {
		if ext := path.Ext(name); path.Dir(name) != "static" || ext != ".css" && ext != ".js" {
			continue
		}
		seen++
		if found := comment.FindStringIndex(body); found != nil {
			t.Errorf("%s has a comment or indentation: %.80q", name, body[found[0]:])
		}
	}
	if seen == 0 {
		t.Error("there are no style sheets and no scripts")
	}
}

// Every page names the files that it needs, and only chapters name those of the lab: the first page has less to do.
func TestFilesOfPages(t *testing.T) {
	pages := 0
	for name, body := range built(t) {
		if path.Ext(name) != ".html" || strings.Contains(body, `http-equiv="refresh"`) {
			continue
		}
		pages++
		up := strings.Repeat("../", strings.Count(name, "/"))
		first := path.Base(name) == "index.html"
		chapter := !strings.HasPrefix(name, "source/") && name != "404.html" && name != clausesPage && name != findPage &&
			path.Base(name) != contentsPage && name != reportPage && !first
		for file, want := range map[string]bool{"theme.js": true, "page.js": true, "page.css": true, "lab.js": chapter,
			"lab.css": false, "landing.js": first, "landing.css": first} {
			if got := strings.Contains(body, `"`+up+"static/"+file+`"`); got != want {
				t.Errorf("%s names %s: %v, want %v", name, file, got, want)
			}
		}
	}
	if pages == 0 {
		t.Error("there are no pages")
	}
}

func TestBudget(t *testing.T) {
	const budget = 45 << 10
	files := built(t)
	size := func(body string) int {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, body)
		z.Close()
		return b.Len()
	}
	for name, body := range files {
		if path.Ext(name) != ".html" || strings.HasPrefix(name, "source/") {
			continue
		}
		total := size(body)
		for _, m := range reference.FindAllStringSubmatch(body, -1) {
			// The sheet for paper is loaded after all that the screen needs.
			asset := path.Join(path.Dir(name), m[1])
			if base := path.Base(asset); strings.HasPrefix(asset, "static/") && base != "print.css" &&
				!(strings.HasPrefix(base, "lab") && path.Ext(base) == ".js") {
				total += size(files[asset])
			}
		}
		if total > budget {
			t.Errorf("%s is %d bytes compressed, with style sheets and page scripts; the budget is %d", name, total, budget)
		}
	}
}

// TestLabBudget compares the lab's scripts, and the style sheet that they ask for, with their budget.
func TestLabBudget(t *testing.T) {
	const budget = 45 << 10
	total := 0
	for name, body := range built(t) {
		base := path.Base(name)
		if !strings.HasPrefix(name, "static/lab") || path.Ext(base) != ".js" && base != "lab.css" {
			continue
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		io.WriteString(z, body)
		z.Close()
		total += b.Len()
	}
	if total == 0 || total > budget {
		t.Errorf("the lab's scripts and style sheet are %d bytes compressed; the budget is %d", total, budget)
	}
}

func TestAnEntryShowsWhenItWasLookedAt(t *testing.T) {
	entry := func(name, dates string) string {
		return "- name: " + name + "\n  text: It serves.\n  source: \"[page](https://e.org)\"\n" + dates
	}
	page := pageOf(t, fstest.MapFS{
		"content/index.md": {Data: []byte("---\ntitle: T\n---\n\n```directory\ntitle: Servers\nentries:\n" +
			entry("one", "  checked: 2026-11-23\n") + entry("two", "  checked: 2026-11-23\n  seen: 2026-08-02\n") + "```\n")},
		"runnable/a.go": {}, "static/a.css": {},
	}, "index.html")
	const looked = `<time datetime="2026-11-23">23 November 2026</time>`
	if n := strings.Count(page, looked); n != 2 {
		t.Errorf("the day is on the page %d times, not with both entries", n)
	}
	if n := strings.Count(page, looked+`, in sources up to <time datetime="2026-08-02">2 August 2026</time>`); n != 1 {
		t.Errorf("%d entries say how far their sources reached, not one", n)
	}
}
