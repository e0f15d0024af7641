package catalogue

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"era/runnable"
)

// chapters are the chapters that have servers, in the order of the book. Their folders below runnable come in this
// order, the chapter's own server first, and third-party ones last.
var chapters = []string{"blocking", "nonblocking", "select", "epoll", "callbacks", "coroutines", "tornado",
	"asyncawait", "goroutines", "wsgi", "workers", "asgi", "websocket", "gateways", "ecosystem"}

// Chapters returns the chapters that have servers, in the order of the book. The slice must not be changed.
func Chapters() []string { return chapters }

// jobPages are what a server of the book's one job answers.
var jobPages = []string{"/", "/ask", "/burn"}

// idPattern is the form of an ID, which stands in addresses and in lists on command lines.
var idPattern = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// entryFile is the file with a folder's entries.
const entryFile = "server.yaml"

// entry is a server as its folder's file describes it.
type entry struct {
	ID        placed
	Title     string
	Year      int
	Chapter   string // if it is not that of its folder
	Summary   string
	Languages []Language
	Pages     []string
	In        string
	OnLinux   []Language `yaml:"on-linux"`
	Args      []string
	Speaks    Protocol
	Chats     bool
	Tasks     bool
	Mistake   string
	Cure      string
	Bridged   bool
	Untraced  string
	Needs     []string // names of needs.yaml
}

// placed is a text with its line.
type placed struct {
	text string
	line int
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (p *placed) UnmarshalYAML(n *yaml.Node) error {
	p.line = n.Line
	return n.Decode(&p.text)
}

var loaded = sync.OnceValues(func() ([]Server, error) { return load(runnable.Entries) })

// Load reads the entries, as Servers does when it is first called. A program that calls Load first gets the error.
func Load() error {
	_, err := loaded()
	return err
}

// Servers returns the catalogue, in the order of the book. The slice must not be changed. Servers panics if an entry is
// wrong, see Load.
func Servers() []Server {
	all, err := loaded()
	if err != nil {
		panic(err)
	}
	return all
}

// load reads and checks the entries of all folders. An error names the file and the line.
func load(folders fs.FS) ([]Server, error) {
	needs, err := needs()
	if err != nil {
		return nil, err
	}
	files, err := fs.Glob(folders, "*/"+entryFile)
	if err != nil {
		return nil, err
	}
	below, err := fs.Glob(folders, "*/*/"+entryFile)
	if err != nil {
		return nil, err
	}
	files = append(files, below...)
	slices.SortStableFunc(files, func(a, b string) int { return cmp.Compare(place(a), place(b)) })
	var all []Server
	entries := map[string]string{} // their places, by ID
	for _, name := range files {
		several, err := read(folders, name)
		if err != nil {
			return nil, err
		}
		for _, e := range several {
			s, err := e.server(path.Dir(name), needs)
			if err == nil && entries[s.ID] != "" {
				err = fmt.Errorf("there is another server %q, at %s", s.ID, entries[s.ID])
			}
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.entry, err)
			}
			entries[s.ID] = s.entry
			all = append(all, s)
		}
	}
	for _, s := range all {
		if s.Cure != "" && entries[s.Cure] == "" {
			return nil, fmt.Errorf("%s: cure: there is no server %q", s.entry, s.Cure)
		}
	}
	return all, nil
}

// place returns the position of a file's folder among the chapters.
func place(file string) int {
	top, _, _ := strings.Cut(file, "/")
	if i := slices.Index(chapters, top); i >= 0 {
		return i
	}
	return len(chapters)
}

func read(folders fs.FS, name string) (entries []entry, err error) {
	file, err := folders.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	decoder.KnownFields(true)
	if err := decoder.Decode(&entries); err != nil && !errors.Is(err, io.EOF) {
		return nil, located("runnable/"+name, err)
	}
	if len(entries) == 0 {
		return nil, fmt.Errorf("runnable/%s: has no entry", name)
	}
	return entries, nil
}

// server returns the server that the entry of a folder describes.
func (e entry) server(folder string, needs map[string]Need) (Server, error) {
	top, _, _ := strings.Cut(folder, "/")
	s := Server{ID: e.ID.text, Folder: folder, Args: e.Args, Speaks: e.Speaks, Chats: e.Chats, Tasks: e.Tasks,
		Mistake: e.Mistake, Cure: e.Cure, Bridged: e.Bridged, Title: e.Title, Year: e.Year,
		Chapter: cmp.Or(e.Chapter, top), Summary: e.Summary, Languages: e.Languages, Pages: e.Pages, In: e.In,
		OnLinux: e.OnLinux, Untraced: e.Untraced,
		entry: fmt.Sprintf("runnable/%s/%s:%d", folder, entryFile, e.ID.line)}
	if e.Pages == nil && s.Speaks == HTTP {
		s.Pages = jobPages
	}
	for _, name := range e.Needs {
		n, known := needs[name]
		if !known {
			return s, fmt.Errorf("needs: there is no %q in catalogue/needs.yaml", name)
		}
		s.Needs = append(s.Needs, n)
	}
	switch {
	case !idPattern.MatchString(s.ID):
		return s, fmt.Errorf("id %q: lower-case letters, digits and hyphens are needed", s.ID)
	case s.Title == "" || s.Year == 0 || s.Summary == "" || len(s.Languages) == 0:
		return s, fmt.Errorf("%s: title, year, summary and languages are needed", s.ID)
	case strings.Contains(s.Title, ","):
		return s, fmt.Errorf("%s: the title begins sentences, so it has no comma", s.ID)
	case !slices.Contains(chapters, s.Chapter):
		return s, fmt.Errorf("%s: no chapter %q has servers; those that have are in the list chapters of catalogue/entries.go: %s",
			s.ID, s.Chapter, strings.Join(chapters, ", "))
	case !slices.Contains([]Protocol{HTTP, Echo, Datagrams, Mail}, s.Speaks):
		return s, fmt.Errorf("%s: speaks: %q is not %s, %s or %s, and without it a server speaks HTTP",
			s.ID, s.Speaks, Echo, Datagrams, Mail)
	case s.Mistake != "" && s.Cure != "":
		return s, fmt.Errorf("%s: it makes a mistake or cures one, not both", s.ID)
	}
	for _, l := range slices.Concat(s.Languages, s.OnLinux) {
		if sourceFiles[l] == "" {
			return s, fmt.Errorf("%s: no server is written in %q, but in %s, %s and %s", s.ID, l, Go, Python, C)
		}
	}
	return s, nil
}

var (
	yamlLine = regexp.MustCompile(`line (\d+): `)
	inType   = regexp.MustCompile(` (in|into) (type )?(\[\])?catalogue\.\w+`)
)

// located adds the file to the decoder's line, in the form that editors read.
func located(file string, err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if several := (*yaml.TypeError)(nil); errors.As(err, &several) {
		text = several.Errors[0]
	}
	text = inType.ReplaceAllString(text, "")
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		return fmt.Errorf("%s:%s: %s", file, m[1], strings.TrimPrefix(text, m[0]))
	}
	return fmt.Errorf("%s: %s", file, text)
}
