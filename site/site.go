// Package site makes the pages of the book, the servers' sources and the recorded runs: one by one when they are
// served, all at once for a static host. Every address is relative, so that the pages work at any sub-path and from
// disk.
package site

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"era/chapters"
)

// Options say how the pages are used.
type Options struct {
	// Stream is the address of the lab's WebSocket, relative to the pages: set by serve, empty on static hosts.
	Stream string
	// Base is the address at which a built site will lie, as Base returns it. With it the build makes what needs whole
	// addresses: canonical links, pictures to share, the site map, the feed of changes.
	Base string
	// Report is the address at which readers report mistakes; "" where none is known.
	Report string
	// Module returns a server, by its folder below runnable, as a WebAssembly module that is compressed with gzip. nil:
	// pages step no servers.
	Module func(ctx context.Context, folder string) ([]byte, error)
	// Keep is a private folder, where finished builds are kept for the next Build; "" keeps none.
	Keep string
}

// Site is the book as pages. It reads its files again when they change.
type Site struct {
	root    fs.FS
	options Options

	drawings drawings
	signs    sync.Map // of recorded runs, by name, size and time of the file

	looking sync.Mutex // held while one goroutine checks the files

	mu      sync.Mutex
	current *edition
	looked  time.Time // when the files were checked
}

// fresh is how long a check of the files stays valid. Each takes some milliseconds, and strangers may ask for pages as
// often as they like; an author needs longer to reload the page after saving an edit.
const fresh = 200 * time.Millisecond

// New returns the site of the repository below root.
func New(root fs.FS, options Options) *Site {
	return &Site{root: root, options: options}
}

// edition is the site as the files were at one moment. Its pages are made when they are first asked for.
type edition struct {
	*Site
	print    string // of the files: name, size, time
	book     *chapters.Book
	problems chapters.Problems
	words    map[string]tongue // by language
	pages    map[string]*page
	lost     []*page  // the page of errors, by the depth of the address: its own addresses are relative
	code     sync.Map // code.File, by name, of the sources that recordings name

	recordings sync.Map // *decoding, by the hash of the file

	finds map[string]func() ([]searched, error) // what can be looked for, by language, read when it is first needed
}

// page is one file of the site.
type page struct {
	name     string // "blocking.html"
	make     func() ([]byte, error)
	beside   string    // a chapter's folder: it is made with that chapter, whose recordings it shows
	changed  time.Time // the chapter; zero for other pages
	unlisted bool      // the site map leaves it out
	steps    bool      // servers can be stepped on it

	once sync.Once
	file file
	err  error
}

// edition returns the pages as the files are now, or were a moment ago. A request that comes while another one checks
// the files does not wait for that, unless the last check was long ago.
func (s *Site) edition() (*edition, error) {
	e, age := s.latest()
	if e != nil && age < fresh {
		return e, nil
	}
	if !s.looking.TryLock() {
		if e != nil && age < 5*fresh {
			return e, nil
		}
		s.looking.Lock()
	}
	defer s.looking.Unlock()
	e, age = s.latest()
	if e != nil && age < fresh {
		return e, nil
	}
	files, print, err := s.inventory()
	if err != nil {
		return nil, err
	}
	looked := time.Now()
	if e == nil || e.print != print {
		e = &edition{Site: s, print: print}
		if err := e.read(files); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current, s.looked = e, looked
	return e, nil
}

// latest returns the last edition, or nil, and how long ago the files were checked.
func (s *Site) latest() (*edition, time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current, time.Since(s.looked)
}

// inventory lists the files that pages are made of, and their state as one text.
func (s *Site) inventory() (files []string, print string, err error) {
	var b strings.Builder
	for _, top := range []string{"content", "static", "runnable"} {
		err := fs.WalkDir(s.root, top, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() {
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			files = append(files, name)
			fmt.Fprintln(&b, name, info.Size(), info.ModTime().Format(time.RFC3339Nano))
			return nil
		})
		if err != nil {
			return nil, "", fmt.Errorf("find the site's files: %w", err)
		}
	}
	return files, b.String(), nil
}

// read loads the book and lists the pages.
func (e *edition) read(files []string) error {
	book, err := chapters.Load(e.root, CheckLab, e.checkStory)
	problems, is := err.(chapters.Problems)
	if err != nil && !is {
		return err
	}
	for _, s := range book.Steps() {
		if _, _, err := CheckSteps(s); err != nil {
			problems = append(problems, chapters.Problem{File: s.File, Line: s.Line, Text: "steps: " + err.Error()})
		}
	}
	e.book, e.problems, e.pages = book, problems, map[string]*page{}
	if e.words, err = e.tongues(); err != nil {
		return err
	}
	if book.Landing != nil {
		p := e.add("index.html", func() ([]byte, error) { return e.chapter("index.html", book.Landing) })
		p.changed = book.Landing.Changed
	}
	e.add("404.html", func() ([]byte, error) { return e.missing("404.html") }).unlisted = true
	e.add(reportPage, e.reportPage)
	if len(e.clauses()) > 0 {
		e.add(clausesPage, e.clausesPage)
	}
	e.add(contentsPage, func() ([]byte, error) { return e.contentsPage("") })
	e.add("outline.js", func() ([]byte, error) { return e.outlineScript("") })
	e.addSearch(files)
	for depth := range deepest + 1 {
		name := strings.Repeat("x/", depth) + "404.html"
		e.lost = append(e.lost, &page{name: name, make: func() ([]byte, error) { return e.missing(name) }})
	}
	for _, c := range book.Chapters {
		name := c.Slug + ".html"
		if e.pages[name] != nil {
			e.problems = append(e.problems, chapters.Problem{File: c.File, Line: 1,
				Text: "the site has another page of this address, " + name + ": rename the folder"})
			continue
		}
		p := e.add(name, func() ([]byte, error) { return e.chapter(name, c) })
		p.beside, p.changed, p.steps = path.Dir(c.File), c.Changed, e.canStep(c)
	}
	for _, t := range book.Translations {
		e.add("outline-"+t.Language+".js", func() ([]byte, error) { return e.outlineScript(t.Language) })
		e.add(contentsIn(t.Language), func() ([]byte, error) { return e.contentsPage(t.Language) })
		for _, c := range t.Pages {
			name := e.pageOf(t.Language, c.Slug)
			p := e.add(name, func() ([]byte, error) { return e.chapter(name, c) })
			p.beside, p.changed, p.steps = path.Dir(c.File), c.Changed, e.canStep(c)
		}
	}
	for _, name := range files {
		switch {
		case strings.HasPrefix(name, "static/"):
			e.add(name, func() ([]byte, error) { return fs.ReadFile(e.root, name) })
		case chapters.IsSource(name):
			html := sourcePage(name)
			e.add(html, func() ([]byte, error) { return e.source(html, name) })
			if former := formerPage(name); former != "" {
				e.add(former, func() ([]byte, error) { return movedTo(former, html), nil }).unlisted = true
			}
			e.add("sources/"+name+".js", func() ([]byte, error) { return e.sourceScript(name) })
		}
	}
	for _, lab := range book.Labs() {
		if slices.Contains(files, lab.Recording()) {
			chapter := path.Dir(path.Dir(lab.Recording()))
			name := "recordings/" + lab.Name
			e.add(name+".js", func() ([]byte, error) { return e.recordingScript(lab) }).beside = chapter
			e.add(name+".trace.json.gz", func() ([]byte, error) { return e.trace(lab) }).beside = chapter
			p := e.add(alonePage(lab.Name), func() ([]byte, error) { return e.alone(lab) })
			p.beside, p.changed, p.steps = chapter, book.Chapter(lab.Chapter).Changed, e.stepping(lab) != nil
		}
	}
	e.addSteps()
	if e.options.Base != "" {
		e.addForOthers(files)
	}
	e.addOffline(files)
	return nil
}

func (e *edition) add(name string, make func() ([]byte, error)) *page {
	p := &page{name: name, make: make}
	e.pages[name] = p
	return p
}

// get returns the page, and makes it only once.
func (p *page) get() (file, error) {
	p.once.Do(func() {
		body, err := p.make()
		if err != nil {
			p.err = fmt.Errorf("%s: %w", p.name, err)
			return
		}
		p.file = pack(p.name, body)
	})
	return p.file, p.err
}

// sourcePage returns the name of the page of a source file: source/select/main.go.html for runnable/select/main.go.
func sourcePage(name string) string {
	return "source/" + strings.TrimPrefix(name, "runnable/") + ".html"
}
