package site

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
	"html"
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"era/chapters"
	"era/internal/aside"
	"era/lab/recording"
	"era/site/epub"
)

// The e-book has the pages of the site under their names, with .xhtml in place of .html, so that their links stay as
// they are. What differs is made anew: there is nothing to press, so a recorded run is a picture with its table, the
// answers to what a chapter asks stand at its end, and notes with them. Sources are in it as far as links lead to them.

//go:embed ebook.css
var ebookSheet []byte

const (
	ebookLanguage = "en"
	ebookRoom     = 40 << 10 // bytes of a picture, before compression
	ebookCover    = "cover.png"
)

// ebook collects what the e-book is made of.
type ebook struct {
	*edition
	pages map[string]bool // names that the site has for what is in the e-book, without the sources

	mu      sync.Mutex
	files   map[string][]byte
	sources map[string]string // files that links lead to, by the names of their pages
}

// WriteEBook writes the whole book as an EPUB to a file. As Build, it refuses a book with mistakes.
func (s *Site) WriteEBook(ctx context.Context, file string) error {
	e, err := s.complete()
	if err != nil {
		return err
	}
	data, err := e.ebook(ctx)
	if err != nil {
		return err
	}
	return aside.Write(file, "."+filepath.Base(file)+"-*", data, 0o644)
}

// ebook returns the e-book. The same files make the same bytes.
func (e *edition) ebook(ctx context.Context) ([]byte, error) {
	b := &ebook{edition: e, pages: map[string]bool{}, files: map[string][]byte{}, sources: map[string]string{}}
	book := &epub.Book{Title: bookTitle, Language: ebookLanguage, ID: identifier(bookTitle, ebookLanguage),
		Creator: "The authors of " + bookTitle, Rights: "BSD 3-Clause License", Modified: e.newest(),
		Cover: ebookCover, CoverSays: "Lanes of a recorded run below the title: " + bookTitle, Sheet: "ebook.css",
		Summary: "All pictures are of recorded runs. Each is described by the sentences and the table below it.",
	}
	var todo []*chapters.Chapter
	if e.book.Landing != nil {
		book.Description = e.book.Landing.Front.Summary
		todo = append(todo, e.book.Landing)
	}
	todo = append(todo, e.book.Chapters...)
	for _, c := range todo {
		b.pages[cmp.Or(c.Slug, "index")+".html"] = true
	}
	if len(e.clauses()) > 0 {
		b.pages[clausesPage] = true
	}

	made := make([]epub.Document, len(todo))
	err := each(ctx, indices(len(todo)), func(i int) (err error) {
		made[i], err = b.chapter(todo[i])
		return err
	})
	if err != nil {
		return nil, err
	}
	first, part := len(made)-len(e.book.Chapters), ""
	for i, c := range e.book.Chapters {
		part = cmp.Or(c.Front.Part, part)
		made[first+i].Part = part
	}
	if first < len(made) {
		made[first].Landmark = "bodymatter"
	}
	if b.pages[clausesPage] {
		d, err := b.document(e.view(clausesPage, "Clauses and their sources", nil), clauseList)
		if err != nil {
			return nil, err
		}
		made = append(made, d)
	}
	listings, err := b.listings(ctx)
	if err != nil {
		return nil, err
	}
	book.Documents = append(made, listings...)

	if b.files[ebookCover], err = e.cover(); err != nil {
		return nil, err
	}
	b.files[book.Sheet] = ebookSheet
	for _, name := range slices.Sorted(maps.Keys(b.files)) {
		book.Files = append(book.Files, epub.File{Name: name, Data: b.files[name]})
	}
	return book.Bytes()
}

func indices(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// identifier returns a UUID that is made of the words: one of version 8, as RFC 9562 has it.
func identifier(words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\n")))
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}

// newest returns the last day that the book itself names, of a recorded run or of an entry that was looked at: it is
// the same on every machine.
func (e *edition) newest() time.Time {
	newest := time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // the first that a zip file can hold
	later := func(t time.Time) {
		if t.After(newest) {
			newest = t
		}
	}
	for _, lab := range e.book.Labs() {
		if r, err := e.recorded(lab); err == nil {
			if t, err := time.Parse(time.DateOnly, r.Made); err == nil {
				later(t)
			}
		}
	}
	for _, c := range e.book.Chapters {
		for _, block := range c.Blocks {
			if d, is := block.(chapters.Directory); is {
				for _, entry := range d.Entries {
					later(entry.Checked)
				}
			}
		}
	}
	return newest
}

// document makes a document of what a template shows of a page.
func (b *ebook) document(v *view, show func(*view) templ.Component) (epub.Document, error) {
	page, err := render(show(v))
	if err != nil {
		return epub.Document{}, err
	}
	d := epub.Document{Name: asXHTML(v.name), Title: v.title}
	d.Body, err = epub.XHTML(string(page), func(x *epub.Element) epub.Fate { return b.fate(v.name, x) })
	if err != nil {
		return d, fmt.Errorf("%s: %w", v.name, err)
	}
	return d, nil
}

func asXHTML(name string) string { return strings.TrimSuffix(name, ".html") + ".xhtml" }

// fate decides what becomes of an element of a page of the site: what is for a screen, a keyboard or a script is left
// out, and links lead to where they lead in the e-book.
func (b *ebook) fate(page string, x *epub.Element) epub.Fate {
	if x.Name == "script" || x.Name == "button" || x.Get("class") == "anchor" {
		return epub.Drop
	}
	inTable := slices.Contains([]string{"table", "thead", "tbody", "tr", "th", "td"}, x.Name)
	kept := x.Attributes[:0]
	for _, a := range x.Attributes {
		name := a.Name.Local
		if name != "tabindex" && !strings.HasPrefix(name, "data-") && !(inTable && name == "role") {
			kept = append(kept, a)
		}
	}
	x.Attributes = kept
	if x.Name == "a" && x.Get("href") != "" {
		to := b.address(page, x.Get("href"))
		if to == "" {
			return epub.Unwrap
		}
		x.Set("href", to)
	}
	return epub.Keep
}

// address returns where a link of a page leads in the e-book; "" if nowhere.
func (b *ebook) address(page, to string) string {
	file, anchor, anchored := strings.Cut(to, "#")
	if file == "" || strings.Contains(file, ":") { // this page, or another site
		return to
	}
	name := path.Join(path.Dir(page), file)
	if !b.pages[name] && !b.wants(name) {
		return ""
	}
	if anchored {
		return asXHTML(file) + "#" + anchor
	}
	return asXHTML(file)
}

// wants puts the page of a source file into the e-book, and reports whether there is one.
func (b *ebook) wants(name string) bool {
	file := "runnable/" + strings.TrimSuffix(strings.TrimPrefix(name, "source/"), ".html")
	if !strings.HasPrefix(name, "source/") || b.edition.pages[name] == nil || sourcePage(file) != name {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sources[name] = file
	return true
}

// picture puts an SVG into the e-book and returns its address.
func (b *ebook) picture(name, svg string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	name = "pictures/" + name + ".svg"
	b.files[name] = []byte(svg)
	return name
}

// sign returns the address of the picture of a state.
func (b *ebook) sign(s recording.State) string {
	return b.picture("sign-"+string(s), still(`<svg class="lanes" viewBox="0 0 26 14" width="26" height="14">`+
		sample(s)+`</svg>`, s))
}

// listings returns the documents of the source files that links lead to, after a list of them.
func (b *ebook) listings(ctx context.Context) ([]epub.Document, error) {
	names := slices.Sorted(maps.Keys(b.sources))
	if len(names) == 0 {
		return nil, nil
	}
	all := make([]epub.Document, len(names))
	err := each(ctx, indices(len(names)), func(i int) error {
		name := names[i]
		file := b.sources[name]
		text, err := fs.ReadFile(b.root, file)
		if err != nil {
			return err
		}
		lines := highlight(chapters.Language(file), string(text))
		all[i], err = b.document(b.view(name, file, nil), func(v *view) templ.Component {
			return ebookSource(v, file, lines)
		})
		all[i].Aside = true
		return err
	})
	if err != nil {
		return nil, err
	}
	list, err := b.document(b.view("sources.html", "The sources of the servers", nil), func(v *view) templ.Component {
		return ebookList(names, b.sources)
	})
	return append([]epub.Document{list}, all...), err
}

// chapter returns the document of a chapter, or of the first page.
func (b *ebook) chapter(c *chapters.Chapter) (epub.Document, error) {
	v := b.view(cmp.Or(c.Slug, "index")+".html", c.Front.Title, c)
	v.still = ebookRoom
	p := &ebookPage{view: v, b: b}
	if err := p.read(); err != nil {
		return epub.Document{}, err
	}
	d, err := b.document(v, func(*view) templ.Component { return ebookChapter(p) })
	if err != nil {
		return d, err
	}
	d.Type = "chapter"
	if v.isLanding() {
		d.Title, d.Type = "About this book", "introduction"
	} else if c.Front.Kicker == "" {
		d.Title = fmt.Sprintf("%d. %s", c.Front.Order, c.Front.Title)
	}
	if has[chapters.Glossary](c) {
		d.Landmark, d.Type = "glossary", ""
	}
	for _, h := range v.sections() {
		d.Sections = append(d.Sections, epub.Section{ID: h.ID, Title: h.Text})
	}
	return d, nil
}

// ebookPage is the templates' data of a chapter: its text, and what stands at its end.
type ebookPage struct {
	*view
	b       *ebook
	text    []string // HTML of its blocks
	answers []string
	notes   []chapters.Note
}

// read makes text, answers and notes.
func (p *ebookPage) read() error {
	for _, block := range p.chapter.Blocks {
		shown := []templ.Component{p.only(block)}
		var answer templ.Component
		switch block := block.(type) {
		case chapters.Note:
			if err := p.note(block); err != nil {
				return err
			}
			continue
		case *chapters.Lab:
			l, err := p.labView(block)
			if err != nil {
				return err
			}
			run := ebookRun(p, l)
			shown = []templ.Component{ebookLab(p, l, run)}
			if !l.Predict.Empty() {
				shown, answer = []templ.Component{ebookLab(p, l, nil)}, ebookResult(l, run)
			}
			if p.chapter.Labs()[0] == block {
				signs, err := p.signs()
				if err != nil {
					return err
				}
				shown = append([]templ.Component{ebookSigns(p, signs)}, shown...)
			}
		case chapters.Quiz:
			shown, answer = []templ.Component{ebookQuiz(p, block)}, ebookAnswer(p, block)
		case *chapters.Code:
			shown = []templ.Component{ebookWalk(p, block)}
		case *chapters.Shapes:
			shown = []templ.Component{ebookShapes(p, block)}
		case *chapters.Steps:
			shown = []templ.Component{ebookSteps(p, block)}
			if !block.Puzzle.Empty() {
				answer = ebookStepsAnswer(p, block)
			}
		}
		text, err := render(templ.Join(shown...))
		if err != nil {
			return err
		}
		p.text = append(p.text, string(text))
		if answer != nil {
			text, err := render(answer)
			if err != nil {
				return err
			}
			p.answers = append(p.answers, string(text))
		}
	}
	return nil
}

// only is a block as the page of the site shows it.
func (p *ebookPage) only(block chapters.Block) templ.Component {
	alone := *p.chapter
	alone.Blocks = []chapters.Block{block}
	return blocks(p.in(&alone))
}

// note keeps a note for the end of the chapter. Its number stands at the end of the paragraph before it, or alone.
func (p *ebookPage) note(n chapters.Note) error {
	p.notes = append(p.notes, n)
	number, err := render(ebookNoteRef(n, len(p.notes)))
	if err != nil {
		return err
	}
	const end = "</p>"
	if last := len(p.text) - 1; last >= 0 {
		if before, is := strings.CutSuffix(strings.TrimSpace(p.text[last]), end); is {
			p.text[last] = before + " " + string(number) + end
			return nil
		}
	}
	p.text = append(p.text, "<p>"+string(number)+end)
	return nil
}

// Headings have no colon in their ids, which are an author's.

// noteID is the id of a note at the end of its chapter: other pages link to those that have a clause.
func noteID(n chapters.Note, number int) string {
	return cmp.Or(n.ID, fmt.Sprint("book:note-", number))
}

// noteRefID is the id of a note's number in the text.
func noteRefID(number int) string { return fmt.Sprint("book:ref-", number) }

// resultID is the id of what an experiment showed.
func resultID(l *labView) string { return "book:run-" + l.Name }

// picture returns the address of the picture of a lab's run.
func (p *ebookPage) picture(l *labView) string {
	return p.up + p.b.picture(l.Name, still(l.Picture, l.Legend...))
}

// lineID is the id of a line of a walk.
func lineID(code *chapters.Code, language string, line int) string {
	return fmt.Sprintf("%s-%s-%d", code.ID, language, line)
}

// numbered is a listing whose lines have their numbers as text: programs for reading know little of style sheets. mark
// adds to the end of a line, and its id to the beginning.
func numbered(lines []chapters.Line, all [][]token, mark func(number int) (id, class, end string)) templ.Component {
	var b strings.Builder
	last := 0
	for _, line := range lines {
		last = max(last, line.Number)
	}
	width := len(fmt.Sprint(last))
	for _, line := range lines {
		id, class, end := mark(line.Number)
		if id != "" {
			id = ` id="` + html.EscapeString(id) + `"`
		}
		fmt.Fprintf(&b, `<span class="%s"%s><span class="n">%*d</span> `, strings.TrimSpace("l "+class), id, width,
			line.Number)
		if line.Number <= len(all) {
			for _, t := range all[line.Number-1] {
				writeTokens(&b, []token{{t.class, strings.ReplaceAll(t.text, "\t", "    ")}})
			}
		}
		b.WriteString(end + "\n</span>")
	}
	return raw(b.String(), nil)
}

// walkLines is the listing of a walk. Where lines of a step begin, a link leads back to it.
func (p *ebookPage) walkLines(code *chapters.Code, x chapters.Excerpt) templ.Component {
	whole, err := fs.ReadFile(p.e.root, x.File)
	if err != nil {
		return raw("", err)
	}
	return numbered(x.Lines, highlight(x.Language, string(whole)), func(number int) (id, class, end string) {
		for i, step := range code.Steps {
			for _, r := range step.Lit[x.Language] {
				if r.First <= number && number <= r.Last {
					class = "lit"
				}
				if r.First == number {
					id = lineID(code, x.Language, number)
					end += fmt.Sprintf(` <a class="back" href="#%s-step-%d">◂ %d</a>`, code.ID, i+1, i+1)
				}
			}
		}
		return id, class, end
	})
}

// partLines is a part of a shape. The number of a step stands where its lines begin.
func (p *ebookPage) partLines(s *chapters.Shapes, part chapters.Part) templ.Component {
	whole, err := fs.ReadFile(p.e.root, part.File)
	if err != nil {
		return raw("", err)
	}
	before := 0
	return numbered(part.Lines, highlight(part.Language, string(whole)), func(number int) (id, class, end string) {
		step := part.Step[number]
		if step > 0 {
			class = "lit"
		}
		if step > 0 && step != before {
			end = fmt.Sprintf(` <a class="back" href="#%s-step-%d">◂ %d</a>`, s.ID, step, step)
		}
		before = step
		return "", class, end
	})
}

// fileLines is a whole file, in which each line has an id, as on its page.
func fileLines(all [][]token) templ.Component {
	lines := make([]chapters.Line, len(all))
	for i := range lines {
		lines[i].Number = i + 1
	}
	return numbered(lines, all, func(number int) (id, class, end string) { return fmt.Sprint("L", number), "", "" })
}

// choices are the answers between which the reader of a lab chooses; none if it asks for something else.
func (l *labView) choices() string {
	var all []string
	for _, o := range l.Lab.Guess.Options {
		all = append(all, o.Words)
	}
	return strings.Join(all, " · ")
}

// cover is the picture of the book: the run that its first page shows, or else its first.
func (e *edition) cover() ([]byte, error) {
	var rec *recording.Recording
	if o := e.book.Opening(); o != nil {
		lab := e.book.Lab(o.Lab)
		if whole, err := e.recorded(lab); err == nil {
			if rec, err = openingOf(whole, lab, o); err != nil {
				return nil, err
			}
		}
	}
	for _, lab := range e.book.Labs() {
		if rec == nil {
			rec, _ = e.recorded(lab) // without one, the next
		}
	}
	if rec == nil {
		return nil, errors.New("there is no recorded run to make the cover of")
	}
	return poster(bookTitle, rec, 1200, 1800, 120)
}
