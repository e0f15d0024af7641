package site

import (
	"bytes"
	"encoding/xml"
	"html"
	"image/png"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
)

const someBase = "https://example.org/book/"

// based returns the site of the repository as a host would have it at an address.
func based(t *testing.T) *edition {
	t.Helper()
	e, err := New(root, Options{Base: someBase}).edition()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *edition) body(t *testing.T, name string) string {
	t.Helper()
	p := e.pages[name]
	if p == nil {
		t.Fatalf("there is no %s", name)
	}
	f, err := p.get()
	if err != nil {
		t.Fatal(err)
	}
	return string(f.body)
}

func TestBase(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.org": "https://example.org/", "https://example.org/book": someBase, someBase: someBase,
		"http://127.0.0.1:8000/a/b/": "http://127.0.0.1:8000/a/b/",
		"example.org/book":           "", "/book": "", "ftp://example.org/": "", "https://example.org/?x": "",
		"https://example.org/#x":  "",
		"https://me@example.org/": "", "https://": "", "javascript:alert(1)": "",
	} {
		if got, err := Base(address); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v; want %q", address, got, err, want)
		}
	}
}

// Pages say what they are and where they lie: each is described, each has one address, and a picture of a run.
func TestPagesTellWhatTheyAre(t *testing.T) {
	e := based(t)
	descriptions := map[string]string{}
	for name, want := range map[string]string{"index.html": someBase, "select.html": someBase + "select.html",
		"lab/one-slow.html": someBase + "lab/one-slow.html", "clauses.html": someBase + "clauses.html",
		"source/select/main.go.html": someBase + "source/select/main.go.html", "404.html": ""} {
		body := e.body(t, name)
		value := func(what string) string {
			m := regexp.MustCompile(what + `"[^>]*? (?:content|href)="([^"]*)"`).FindStringSubmatch(body)
			if m == nil {
				return ""
			}
			return html.UnescapeString(m[1])
		}
		canonical, shared, picture := value(`rel="canonical`), value(`og:url`), value(`og:image`)
		if canonical != want || shared != want {
			t.Errorf("%s lies at %q, shared as %q, want %q", name, canonical, shared, want)
		}
		if want == "" {
			continue
		}
		if inSite := strings.TrimPrefix(picture, someBase); inSite == picture || e.pages[inSite] == nil {
			t.Errorf("%s: the picture %q does not exist", name, picture)
		}
		what := value(`name="description`)
		if other := descriptions[what]; what == "" || other != "" {
			t.Errorf("%s is described as %q, like %q", name, what, other)
		}
		descriptions[what] = name
	}
	if body := built(t)["select.html"]; strings.Contains(body, "canonical") || strings.Contains(body, "og:") {
		t.Error("a site that was not told its address says where it lies")
	}
}

// The picture of a chapter shows its run: other marks, another picture.
func TestCards(t *testing.T) {
	rec := recordingtest.New()
	draw := func() []byte {
		t.Helper()
		e, err := New(recorded(t, rec, someMatrix("text")), Options{Base: someBase}).edition()
		if err != nil {
			t.Fatal(err)
		}
		return []byte(e.body(t, cardPage("one")))
	}
	first := draw()
	if !bytes.Equal(first, draw()) {
		t.Error("the same run makes another picture")
	}
	for i := range rec.Tracks {
		m := recording.Mark{At: 5e8, Took: 1e9, State: recording.Blocked, FD: -1, Count: 1, Site: -1}
		rec.Tracks[i].Marks = []recording.Mark{m}
	}
	picture, err := png.Decode(bytes.NewReader(draw()))
	if err != nil {
		t.Fatal(err)
	}
	if size := picture.Bounds().Size(); size.X != cardWidth || size.Y != cardHeight {
		t.Errorf("the picture is %v", size)
	}
	// A quarter of the run passes before the mark, which takes half of it, in each pane.
	orange := colour(recording.Blocked.Look().Light)
	left, right, rows := cardWidth, 0, 0
	for y := range cardHeight {
		found := false
		for x := range cardWidth {
			if picture.At(x, y) == orange {
				left, right, found = min(left, x), max(right, x), true
			}
		}
		if found {
			rows++
		}
	}
	const width = cardWidth - 2*cardEdge
	if near(left, cardEdge+width/4) && near(right, cardEdge+3*width/4) && rows > 20 {
		return
	}
	t.Errorf("the mark is painted from %d to %d, in %d rows", left, right, rows)
}

func near(got, want int) bool { return got > want-6 && got < want+6 }

func TestWrapped(t *testing.T) {
	face, err := cardFace(52)
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{"Short": "Short", "": "",
		"Blocking sockets and the C10K problem, which is long": "Blocking sockets and the C10K problem,|which is long",
		strings.Repeat("words ", 40):                           "words words words words words words|words words words words words words …"} {
		if got := strings.Join(wrapped(face, text, cardWidth-2*cardEdge, 2), "|"); got != want {
			t.Errorf("%.60q: %q, want %q", text, got, want)
		}
	}
}

// The site map has every page that readers find, once, with the day on which it was changed.
func TestSiteMap(t *testing.T) {
	e := based(t)
	var all struct {
		Places []struct {
			Address string `xml:"loc"`
			Changed string `xml:"lastmod"`
		} `xml:"url"`
	}
	if err := xml.Unmarshal([]byte(e.body(t, mapPage)), &all); err != nil {
		t.Fatal(err)
	}
	listed := map[string]string{}
	for _, p := range all.Places {
		name := strings.TrimPrefix(p.Address, someBase)
		if name == "" || strings.HasSuffix(name, "/") { // of a translation
			name += "index.html"
		}
		if e.pages[name] == nil {
			t.Errorf("%s leads nowhere", p.Address)
		}
		listed[name] = p.Changed
	}
	if len(listed) != len(all.Places) {
		t.Error("an address is there twice")
	}
	for name := range e.pages {
		_, is := listed[name]
		moved := path.Ext(name) == ".html" && strings.Contains(e.body(t, name), `http-equiv="refresh"`)
		if want := path.Ext(name) == ".html" && name != "404.html" && !moved; is != want {
			t.Errorf("%s is listed: %v, want %v", name, is, want)
		}
	}
	for _, c := range e.book.Chapters {
		if c.Changed.IsZero() {
			t.Errorf("%s: nothing says when it was changed: run make generate", c.File)
		}
		if got, want := listed[c.Slug+".html"], c.Changed.Format("2006-01-02"); got != want {
			t.Errorf("%s was changed on %s, and the site map says %s", c.Slug, want, got)
		}
		want := c.Changed.Format(`Changed on <time datetime="2006-01-02">2 January 2006</time>`)
		if !strings.Contains(e.body(t, c.Slug+".html"), want) {
			t.Errorf("%s does not say when it was changed", c.Slug)
		}
	}
	if e.pages[robotsPage] != nil {
		t.Error("a site below the root of its host has robots.txt, which nothing reads there")
	}
}

// The feed has an entry for each finished section of the changelog: with a day, and words without links that lead
// nowhere.
func TestFeed(t *testing.T) {
	book := recorded(t, recordingtest.New(), someMatrix("text"))
	book[changelog] = &fstest.MapFile{Data: []byte("# Changes\n\n## Unreleased (December 2026)\n\n- not yet\n\n" +
		"## Two & more (3 December 2026)\n\n**Book**\n- See [a file](FILE.md), `x < y`.\n\n## One (22 November 2026)\n\n- It began.\n")}
	e, err := New(book, Options{Base: someBase}).edition()
	if err != nil {
		t.Fatal(err)
	}
	var feed struct {
		Updated string `xml:"updated"`
		Entries []struct {
			Title   string `xml:"title"`
			ID      string `xml:"id"`
			Updated string `xml:"updated"`
			Content string `xml:"content"`
		} `xml:"entry"`
	}
	if err := xml.Unmarshal([]byte(e.body(t, feedPage)), &feed); err != nil {
		t.Fatal(err)
	}
	if len(feed.Entries) != 2 || feed.Updated != "2026-12-03T00:00:00Z" {
		t.Fatalf("%d entries, the last of %s: %+v", len(feed.Entries), feed.Updated, feed)
	}
	first := feed.Entries[0]
	if first.Title != "Two & more" || first.Updated != feed.Updated || first.ID == feed.Entries[1].ID ||
		!strings.HasPrefix(first.ID, someBase) {
		t.Errorf("the first entry: %+v", first)
	}
	if got := first.Content; !strings.Contains(got, "See a file, <code>x &lt; y</code>.") || strings.Contains(got, "<a") {
		t.Errorf("its words: %s", got)
	}
	if page := e.body(t, "one.html"); !strings.Contains(page, `href="`+feedPage+`"`) {
		t.Error("pages do not name the feed")
	}
	delete(book, changelog)
	if e, err = New(book, Options{Base: someBase}).edition(); err != nil || e.pages[feedPage] != nil {
		t.Errorf("without a changelog there is a feed: %v", err)
	}
}

// The book's own changelog has finished sections, the last first.
func TestNews(t *testing.T) {
	all := based(t).news()
	newestFirst := func(a, b news) int { return strings.Compare(b.Updated, a.Updated) }
	if len(all) == 0 || !slices.IsSortedFunc(all, newestFirst) {
		t.Errorf("%d sections of CHANGELOG.md have a day, and the last ones come first: %v", len(all),
			slices.IsSortedFunc(all, newestFirst))
	}
}

// A reader learns where to report a mistake.
func TestReport(t *testing.T) {
	book := bookOf("one", "Text.\n")
	for report, want := range map[string]string{"": "Open an issue in the repository",
		"https://example.org/issues?new": `href="https://example.org/issues?new"`} {
		e, err := New(book, Options{Report: report}).edition()
		if err != nil {
			t.Fatal(err)
		}
		if page := e.body(t, reportPage); !strings.Contains(page, want) {
			t.Errorf("-report %q: the page has no %s", report, want)
		}
		if !strings.Contains(e.body(t, "one.html"), `href="`+reportPage+`"`) {
			t.Error("the chapter does not lead there")
		}
	}
	e, err := New(book, Options{Report: "javascript:alert(1)"}).edition()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(e.body(t, reportPage), "javascript:") {
		t.Error("a script is taken for an address")
	}
}
