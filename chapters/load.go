package chapters

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Check checks a lab with knowledge that this package does not have: scenarios, knobs and servers.
type Check func(*Lab) []error

// Markdown is the dialect of the book: CommonMark with tables, typographic quotes and explicit heading ids.
var Markdown = goldmark.New(
	goldmark.WithExtensions(extension.Table, extension.Typographer),
	goldmark.WithParserOptions(parser.WithHeadingAttribute()),
)

// Load reads content/index.md and content/*/index.md below root, the root of the repository. It reports all mistakes at
// once, as an error of type Problems; the book is then returned as well, with everything that could be read.
func Load(root fs.FS, checks ...Check) (*Book, error) {
	l := &loader{root: root, files: map[string]*sourceFile{}}
	book := &Book{}
	if _, err := fs.Stat(root, "content/index.md"); err == nil {
		book.Landing = l.chapter("content/index.md", "")
	} else {
		l.problems.add("content/index.md", 1, "there is no landing page")
	}
	folders, err := fs.ReadDir(root, "content")
	if err != nil {
		return nil, fmt.Errorf("list the chapters: %w", err)
	}
	for _, folder := range folders {
		if folder.IsDir() {
			book.Chapters = append(book.Chapters, l.chapter("content/"+folder.Name()+"/index.md", folder.Name()))
		}
	}
	slices.SortStableFunc(book.Chapters, func(a, b *Chapter) int { return cmp.Compare(a.Front.Order, b.Front.Order) })
	l.translations(book)
	l.crossCheck(book, checks)
	days := changes(root)
	for _, c := range append(book.pages(), book.translated()...) {
		c.Changed = days[c.File].day
	}
	book.linkTerms()
	return book, l.problems.err()
}

// Missing returns the labs and the matrices that have no recorded run yet.
func (b *Book) Missing(root fs.FS) Problems {
	var missing Problems
	for _, lab := range b.Labs() {
		if _, err := fs.Stat(root, lab.Recording()); err != nil {
			missing.add(lab.File, lab.Line, "lab %q has no recording %s: make it with `serve record`", lab.Name, lab.Recording())
		}
	}
	for _, m := range b.Matrices() {
		if _, err := fs.Stat(root, m.Recording()); err != nil {
			missing.add(m.File, m.Line, "matrix %q has no recording %s: make it with `serve record`", m.Name, m.Recording())
		}
	}
	return missing
}

// loader holds what is shared while a book is read.
type loader struct {
	root     fs.FS
	files    map[string]*sourceFile // by path; nil if the file does not exist
	problems Problems
}

// page is one Markdown file while it is read.
type page struct {
	*loader
	*Chapter
	source  []byte
	walks   int
	quizzes int
	sets    int // of shapes
}

func newChapter(file, slug string) *Chapter {
	return &Chapter{Slug: slug, File: file, anchors: map[string]bool{}, former: map[string]string{}}
}

func (l *loader) chapter(file, slug string) *Chapter {
	c := newChapter(file, slug)
	source, err := fs.ReadFile(l.root, file)
	if err != nil {
		l.problems.add(file, 1, "%v", err)
		return c
	}
	p := &page{loader: l, Chapter: c, source: l.clean(file, source)}
	p.address()
	p.front()
	doc := Markdown.Parser().Parse(text.NewReader(p.source))
	p.look(doc, true)
	p.split(doc)
	// The headings of directives were appended last.
	slices.SortStableFunc(c.Headings, func(a, b Heading) int { return cmp.Compare(a.line, b.line) })
	return c
}

// clean normalizes what editors write differently: it removes a byte order mark, ends all lines with LF, the last one
// too, and makes accented letters one character each (Unicode's form NFC), so that an id or a term is found however it
// was typed.
func (l *loader) clean(file string, source []byte) []byte {
	if !utf8.Valid(source) {
		for i, line := range bytes.Split(source, []byte("\n")) {
			if !utf8.Valid(line) {
				l.problems.add(file, i+1, "not UTF-8: %q", line)
			}
		}
	}
	source = bytes.TrimPrefix(source, []byte("\ufeff"))
	source = bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n"))
	if !bytes.HasSuffix(source, []byte("\n")) {
		source = append(source, '\n')
	}
	return norm.NFC.Bytes(source)
}

// address checks the folder's name, which becomes the page's address, unescaped.
func (p *page) address() {
	if p.Slug != slugify(p.Slug) {
		p.problems.add(p.File, 1, "the folder's name is the page's address, and %q cannot be one: use lower-case letters, digits and hyphens", p.Slug)
	}
}

// cutFront returns the front matter and blanks it out, so that the lines below keep their numbers.
func (p *page) cutFront() (yamlText []byte, ok bool) {
	rest, found := bytes.CutPrefix(p.source, []byte("---\n"))
	yamlText, _, closed := bytes.Cut(rest, []byte("\n---\n"))
	if !found || !closed {
		p.problems.add(p.File, 1, "the file must begin with front matter between two lines of ---")
		return nil, false
	}
	length := len("---\n") + len(yamlText) + len("\n---\n")
	blank := bytes.Repeat([]byte("\n"), bytes.Count(p.source[:length], []byte("\n")))
	p.source = append(blank, p.source[length:]...)
	return yamlText, true
}

// front reads the front matter.
func (p *page) front() {
	yamlText, ok := p.cutFront()
	if !ok {
		return
	}
	p.strictYAML(yamlText, 1, &p.Front)
	if p.Front.Title == "" {
		p.problems.add(p.File, 1, "front matter has no title")
	}
	if p.Front.Slug != "" && p.Front.Slug != p.Slug {
		p.problems.add(p.File, 1, "slug %q is not the folder's name %q", p.Front.Slug, p.Slug)
	}
	for _, language := range p.Front.Languages {
		if !slices.Contains(languages, language) {
			p.problems.add(p.File, 1, "unknown language %q; there are: %s", language, strings.Join(languages, ", "))
		}
	}
}

// split cuts the document into prose and directives.
func (p *page) split(doc ast.Node) {
	var prose *ast.Document
	flush := func() {
		if prose != nil {
			p.Blocks = append(p.Blocks, Prose{Text{prose, p.source}})
			prose = nil
		}
	}
	for node := doc.FirstChild(); node != nil; {
		next := node.NextSibling()
		if fence, is := node.(*ast.FencedCodeBlock); is && directives[label(fence, p.source)] != nil {
			flush()
			if block := directives[label(fence, p.source)](p, p.body(fence)); block != nil {
				p.Blocks = append(p.Blocks, block)
			}
		} else {
			if prose == nil {
				prose = ast.NewDocument()
			}
			prose.AppendChild(prose, node)
		}
		node = next
	}
	flush()
}

// anchor reserves an id of the page.
func (p *page) anchor(id string, line int) {
	if p.anchors[id] {
		p.problems.add(p.File, line, "the anchor #%s occurs twice", id)
	}
	p.anchors[id] = true
}

// crossCheck checks what needs the whole book.
func (l *loader) crossCheck(book *Book, checks []Check) {
	first := map[string]*Lab{}
	for _, m := range book.Matrices() {
		if other := first[m.Name]; other != nil {
			l.problems.add(m.File, m.Line, "the name %q is taken by %s:%d", m.Name, other.File, other.Line)
			continue
		}
		first[m.Name] = &Lab{File: m.File, Line: m.Line}
	}
	for _, lab := range book.Labs() {
		if other := first[lab.Name]; other != nil {
			l.problems.add(lab.File, lab.Line, "the lab name %q is taken by %s:%d", lab.Name, other.File, other.Line)
		} else {
			first[lab.Name] = lab
		}
		for _, check := range checks {
			for _, err := range check(lab) {
				line := lab.Line
				if at, is := errors.AsType[Located](err); is {
					line = at.Line
				}
				l.problems.add(lab.File, line, "lab %q: %v", lab.Name, err)
			}
		}
	}
	for _, c := range book.translated() {
		for i, b := range c.Blocks {
			lab, is := b.(*Lab)
			if !is || c.Standings[i].Original {
				continue
			}
			for _, check := range checks {
				for _, err := range check(lab) {
					l.problems.add(lab.File, lab.Line, "lab %q: %v", lab.Name, err)
				}
			}
		}
	}
	told := map[string]*Steps{}
	for _, s := range book.Steps() {
		if other := told[s.Name]; other != nil {
			l.problems.add(s.File, s.Line, "the name %q is taken by %s:%d", s.Name, other.File, other.Line)
		}
		told[s.Name] = s
	}
	l.checkOpening(book)
	for _, c := range append(book.pages(), book.translated()...) {
		for _, link := range c.links {
			if _, err := l.resolve(book, c, link.to); err != nil {
				l.problems.add(c.File, link.line, "link %s: %v", link.to, err)
			}
		}
	}
}

// Resolve returns where a link in a chapter leads.
func (b *Book) Resolve(root fs.FS, from *Chapter, to string) (Target, error) {
	return (&loader{root: root, files: map[string]*sourceFile{}}).resolve(b, from, to)
}
