package site

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"era/chapters"
	"era/internal/language"
)

// view is the templates' data of one page.
type view struct {
	e           *edition
	name        string // "source/select/main.go.html"
	up          string // "../../": from the page to the top
	title       string
	description string
	chapter     *chapters.Chapter // nil outside the book's own pages
	lab         bool              // the page may have lab blocks, and accepts the key to run them
	brief       bool              // for the search: experiments without their results
	problems    chapters.Problems
	still       int // bytes of a picture, on a page without a budget; 0 with one
}

// view returns the view of a page of the book, or of another page if there is no chapter.
func (e *edition) view(name, title string, c *chapters.Chapter) *view {
	up := strings.Repeat("../", strings.Count(name, "/"))
	return &view{e: e, name: name, up: up, title: title, chapter: c, lab: c != nil}
}

// has reports whether the page has a block of a kind.
func has[B chapters.Block](c *chapters.Chapter) bool {
	return c != nil && slices.ContainsFunc(c.Blocks, func(b chapters.Block) bool { _, is := b.(B); return is })
}

// isLanding reports whether this is the first page.
func (v *view) isLanding() bool { return v.chapter != nil && v.chapter.Slug == "" }

// labScript is the script that accepts the key to run experiments: that of the first page does little else.
func (v *view) labScript() string {
	if v.isLanding() && !has[*chapters.Lab](v.chapter) {
		return "landing.js"
	}
	return "lab.js"
}

// kicker is the text over the title.
func (v *view) kicker() string {
	if v.chapter.Front.Kicker != "" {
		return v.chapter.Front.Kicker
	}
	return fmt.Sprint("Chapter ", v.chapter.Front.Order)
}

// number is that of a chapter as the contents have it; a page without one, as the glossary, has a dot.
func number(c *chapters.Chapter) string {
	if c.Front.Kicker != "" {
		return "·"
	}
	return fmt.Sprint(c.Front.Order)
}

// counts reports whether the page is one of the counted chapters: what is read there is progress through the book.
func (v *view) counts() bool { return v.isChapter() && v.chapter.Front.Kicker == "" }

// isChapter reports whether the page is a chapter, and not the first page or one outside the book.
func (v *view) isChapter() bool { return v.chapter != nil && v.chapter.Slug != "" }

// leadsOn reports whether the chapter's own last words lead to another.
func (v *view) leadsOn(to *chapters.Chapter) bool {
	return slices.ContainsFunc(v.chapter.Blocks, func(b chapters.Block) bool {
		next, is := b.(chapters.Next)
		return is && next.Chapter == to.Slug
	})
}

func render(c templ.Component) ([]byte, error) {
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// raw writes HTML that was made by this package.
func raw(s string, err error) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		if err != nil {
			return err
		}
		_, err := io.WriteString(w, s)
		return err
	})
}

func (v *view) text(t chapters.Text) templ.Component   { return raw(v.markdown(t)) }
func (v *view) inline(t chapters.Text) templ.Component { return raw(v.line(t)) }

// chapter returns the page of a chapter; for a chapter with mistakes, a page that lists them.
func (e *edition) chapter(name string, c *chapters.Chapter) ([]byte, error) {
	v := e.view(name, c.Front.Title, c)
	v.description = c.Front.Summary
	if v.problems = e.problems.In(c.File); len(v.problems) > 0 {
		return render(brokenPage(v))
	}
	if c.Slug == "" {
		return render(landingPage(v))
	}
	html, err := render(chapterPage(v))
	if err != nil {
		return nil, err
	}
	return html, distinct(c, html)
}

var idAttribute = regexp.MustCompile(` id="([^"]*)"`)

// distinct finds an id that two elements of a chapter's page have: a link would lead to the first. Headings, directives
// and their parts all make ids, so only the whole page can be checked.
func distinct(c *chapters.Chapter, html []byte) error {
	seen := map[string]bool{}
	for _, match := range idAttribute.FindAllSubmatch(html, -1) {
		id := string(match[1])
		if seen[id] {
			return chapters.Problems{{File: c.File, Line: c.LineOf(id),
				Text: fmt.Sprintf("two parts of the page have the id %q: give the heading another, as in {#name}", id)}}
		}
		seen[id] = true
	}
	return nil
}

func (e *edition) missing(name string) ([]byte, error) {
	return render(missingPage(e.view(name, "No such page", nil)))
}

// source returns the page of a source file.
func (e *edition) source(name, file string) ([]byte, error) {
	text, err := fs.ReadFile(e.root, file)
	if err != nil {
		return nil, err
	}
	lines := highlight(chapters.Language(file), string(text))
	v := e.view(name, file, nil)
	v.description = "The source of " + file
	return render(sourceFilePage(v, file, lines))
}

// neighbours returns the chapters before and after, nil at the ends. The first page comes before the first chapter.
func (v *view) neighbours() (before, after *chapters.Chapter) {
	all := v.e.book.Chapters
	if v.isLanding() && len(all) > 0 {
		return nil, all[0]
	}
	for i, c := range all {
		if c != v.chapter {
			continue
		}
		if i > 0 {
			before = all[i-1]
		}
		if i+1 < len(all) {
			after = all[i+1]
		}
	}
	return before, after
}

// sections returns the headings that the chapter's own contents show.
func (v *view) sections() []chapters.Heading {
	return slices.DeleteFunc(slices.Clone(sections(v.chapter)), func(h chapters.Heading) bool { return h.Level != 2 })
}

// knowID is the id of the heading over what the reader now knows.
const knowID = "page:know-title"

// languageName returns the name of a listing's language.
func languageName(l string) string {
	return cmp.Or(map[string]string{"sh": "Shell", "http": "HTTP"}[l], language.Language(l).Title())
}

func languageList(languages []string) string {
	var names []string
	for _, l := range languages {
		names = append(names, languageName(l))
	}
	return strings.Join(names, ", ")
}

// spots names the lines of a step: "line 21", "lines 14–16, 30".
func spots(ranges []chapters.Range) string {
	var all []string
	for _, r := range ranges {
		if r.First == r.Last {
			all = append(all, fmt.Sprint(r.First))
		} else {
			all = append(all, fmt.Sprintf("%d–%d", r.First, r.Last))
		}
	}
	if len(all) == 1 && !strings.Contains(all[0], "–") {
		return "line " + all[0]
	}
	return "lines " + strings.Join(all, ", ")
}

// excerptCode returns the listing of a walk. Each line says which steps light it; those of the first are lit.
func (v *view) excerptCode(code *chapters.Code, x chapters.Excerpt) templ.Component {
	whole, err := fs.ReadFile(v.e.root, x.File)
	if err != nil {
		return raw("", err)
	}
	lines := highlight(x.Language, string(whole))
	var b strings.Builder
	for _, line := range x.Lines {
		steps := litBy(code, x.Language, line.Number)
		b.WriteString(`<span class="l`)
		if strings.HasPrefix(steps+" ", "1 ") {
			b.WriteString(` lit`)
		}
		fmt.Fprintf(&b, `" data-n="%d"`, line.Number)
		if steps != "" {
			fmt.Fprintf(&b, ` data-s="%s"`, steps)
		}
		b.WriteByte('>')
		if line.Number <= len(lines) {
			writeTokens(&b, lines[line.Number-1])
		}
		b.WriteString("\n</span>")
	}
	return raw(b.String(), nil)
}

// litBy returns the numbers of the steps that light a line, "1 3".
func litBy(code *chapters.Code, language string, line int) string {
	var steps []string
	for i, s := range code.Steps {
		for _, r := range s.Lit[language] {
			if r.First <= line && line <= r.Last {
				steps = append(steps, fmt.Sprint(i+1))
				break
			}
		}
	}
	return strings.Join(steps, " ")
}

// walkClasses tells style sheets which languages a walk has, so that its tabs are right at first sight without a
// script.
func walkClasses(code *chapters.Code) string {
	classes := "walk"
	for _, x := range code.Excerpts {
		classes += " has-" + x.Language
	}
	if len(code.Steps) == 0 {
		classes += " bare"
	}
	return classes
}
