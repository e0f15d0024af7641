package site

import (
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"errors"
	"fmt"
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
