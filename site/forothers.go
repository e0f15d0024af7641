package site

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"era/chapters"
	"era/site/guard"
)

// What a site has for programs: pictures for those that share links, the site map, the feed of changes, and headers for
// the host.
const (
	mapPage     = "sitemap.xml"
	robotsPage  = "robots.txt"
	feedPage    = "feed.xml"
	headersPage = "_headers"
	changelog   = "CHANGELOG.md"
)

// addForOthers adds what needs whole addresses.
func (e *edition) addForOthers(files []string) {
	card := func(c *chapters.Chapter, lab *chapters.Lab) {
		if lab != nil && slices.Contains(files, lab.Recording()) {
			p := e.add(cardPage(c.Slug), func() ([]byte, error) { return e.card(c.Front.Title, lab) })
			p.beside = path.Dir(path.Dir(lab.Recording()))
		}
	}
	if o := e.book.Opening(); o != nil && e.book.Landing != nil {
		card(e.book.Landing, e.book.Lab(o.Lab))
	}
	for _, c := range e.book.Chapters {
		if labs := c.Labs(); len(labs) > 0 {
			card(c, labs[0])
		}
	}
	if entries := e.news(); len(entries) > 0 {
		e.add(feedPage, func() ([]byte, error) { return e.feed(entries) })
	}
	e.add(mapPage, e.siteMap)
	if u, err := url.Parse(e.options.Base); err == nil && u.Path == "/" { // a host has one, at its root
		e.add(robotsPage, func() ([]byte, error) {
			return fmt.Appendf(nil, "User-agent: *\nAllow: /\nSitemap: %s\n", e.whole(mapPage)), nil
		})
	}
}

// siteMap lists the pages, with the day of their last change where it is known.
func (e *edition) siteMap() ([]byte, error) {
	type place struct {
		Address string `xml:"loc"`
		Changed string `xml:"lastmod,omitempty"`
	}
	all := struct {
		XMLName xml.Name `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		Places  []place  `xml:"url"`
	}{}
	for _, name := range slices.Sorted(maps.Keys(e.pages)) {
		p := e.pages[name]
		if path.Ext(name) != ".html" || p.unlisted {
			continue
		}
		at := place{Address: e.whole(name)}
		if !p.changed.IsZero() {
			at.Changed = p.changed.Format(time.DateOnly)
		}
		all.Places = append(all.Places, at)
	}
	return document(all)
}

func document(what any) ([]byte, error) {
	data, err := xml.MarshalIndent(what, "", " ")
	return append([]byte(xml.Header), append(data, '\n')...), err
}

// news is an entry of the feed: a section of the changelog whose heading ends with a day. Those that are not finished
// have none, and come when they do.
type news struct {
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Link    feedLink    `xml:"link"`
	Content feedContent `xml:"content"`
}

type feedLink struct {
	Rel  string `xml:"rel,attr,omitempty"`
	Type string `xml:"type,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type feedContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

var datedHeading = regexp.MustCompile(`^(.+) \((\d{1,2} \w+ \d{4})\)$`)

// news returns the entries, in the order of the changelog: the last first.
func (e *edition) news() []news {
	source, err := fs.ReadFile(e.root, changelog)
	if err != nil {
		return nil // a book may have none
	}
	var all []news
	var section *ast.Document
	finish := func() {
		if section != nil {
			all[len(all)-1].Content = feedContent{"html", plainHTML(section, source)}
		}
		section = nil
	}
	for node := chapters.Markdown.Parser().Parse(text.NewReader(source)).FirstChild(); node != nil; {
		next := node.NextSibling()
		heading, is := node.(*ast.Heading)
		switch {
		case is && heading.Level <= 2:
			finish()
			parts := datedHeading.FindStringSubmatch(string(heading.Lines().Value(source)))
			if parts == nil {
				break
			}
			if day, err := time.Parse("2 January 2006", parts[2]); err == nil {
				all = append(all, news{Title: parts[1], ID: e.whole(feedPage) + "#" + url.PathEscape(parts[1]),
					Updated: day.Format(time.RFC3339), Link: feedLink{Href: e.whole("index.html")}})
				section = ast.NewDocument()
			}
		case section != nil:
			section.AppendChild(section, node)
		}
		node = next
	}
	finish()
	return all
}

// plainHTML renders a part of a document of the repository. Its links are relative to files that the site does not
// have, so only their words stay.
func plainHTML(node ast.Node, source []byte) string {
	var b bytes.Buffer
	r := renderer.NewRenderer(renderer.WithNodeRenderers(util.Prioritized(wordsOfLinks{}, 100),
		util.Prioritized(goldmarkhtml.NewRenderer(), 1000)))
	if err := r.Render(&b, source, node); err != nil {
		return "" // it writes to memory: only a kind of node without a renderer fails, such as a table
	}
	return b.String()
}

type wordsOfLinks struct{}

func (wordsOfLinks) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindLink, func(util.BufWriter, []byte, ast.Node, bool) (ast.WalkStatus, error) {
		return ast.WalkContinue, nil
	})
}

// feed returns the feed in the Atom format (RFC 4287).
func (e *edition) feed(entries []news) ([]byte, error) {
	return document(struct {
		XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
		Title   string     `xml:"title"`
		ID      string     `xml:"id"`
		Updated string     `xml:"updated"`
		Links   []feedLink `xml:"link"`
		Author  string     `xml:"author>name"`
		Entries []news     `xml:"entry"`
	}{
		Title: bookTitle, ID: e.whole(feedPage), Author: bookTitle, Entries: entries,
		Updated: slices.MaxFunc(entries, func(a, b news) int { return strings.Compare(a.Updated, b.Updated) }).Updated,
		Links: []feedLink{{Rel: "self", Type: "application/atom+xml", Href: e.whole(feedPage)},
			{Rel: "alternate", Type: "text/html", Href: e.whole("index.html")}},
	})
}

// headers are for hosts that take them from a file of this name, as Netlify and Cloudflare Pages do: no page of the
// book may be shown in a frame, but those of single experiments. Hosts join the headers of all rules that match, and a
// header cannot be taken back by them all, so no rule covers more pages than it means.
func (e *edition) headers() ([]byte, error) {
	top := "/"
	if u, err := url.Parse(e.options.Base); err == nil && u.Path != "" {
		top = u.Path
	}
	rules := map[string]bool{top: true}
	for name := range e.pages {
		folder, rest, below := strings.Cut(name, "/")
		switch bare := strings.TrimSuffix(name, ".html"); {
		case bare == name:
		case !below: // some hosts leave out the ending
			rules[top+name], rules[top+bare] = true, true
		case rest != "" && folder != guard.Embedded:
			rules[top+folder+"/*"] = true
		}
	}
	var b bytes.Buffer
	for _, rule := range slices.Sorted(maps.Keys(rules)) {
		fmt.Fprintf(&b, "%s\n  Content-Security-Policy: frame-ancestors 'none'\n  X-Frame-Options: DENY\n", rule)
	}
	return b.Bytes(), nil
}
