package chapters

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
)

// link is a link of a page, checked once the whole book is read.
type link struct {
	to   string
	line int
}

// Target is where a link leads. Kind says which of the fields are set.
type Target struct {
	Kind   TargetKind
	URL    string // of an external link
	Slug   string // of a chapter; "" is the landing page
	Source string // file relative to the repository's root
	Anchor string // without #; "L10" in a source file
}

// TargetKind is a kind of target.
type TargetKind int

// The kinds of targets.
const (
	External TargetKind = iota
	ToChapter
	ToSource
)

// resolve follows a link as a Markdown viewer does: relative to the file that holds it.
func (l *loader) resolve(book *Book, from *Chapter, to string) (Target, error) {
	switch {
	case strings.HasPrefix(to, "https://"), strings.HasPrefix(to, "http://"), strings.HasPrefix(to, "mailto:"):
		return Target{Kind: External, URL: to}, nil
	case strings.Contains(to, ":"), strings.HasPrefix(to, "/"):
		return Target{}, errors.New("must be relative to this file, or begin with https://")
	}
	file, anchor, _ := strings.Cut(to, "#")
	if file == "" {
		return toChapter(from, anchor)
	}
	file = path.Join(path.Dir(from.File), file)
	switch {
	case file == "content/index.md" && book.Landing != nil:
		return toChapter(book.Landing, anchor)
	case strings.HasPrefix(file, "content/") && path.Base(file) == "index.md":
		for _, c := range book.Chapters {
			if c.File == file {
				return toChapter(c, anchor)
			}
		}
		return Target{}, fmt.Errorf("there is no chapter %q",
			strings.TrimSuffix(strings.TrimPrefix(file, "content/"), "/index.md"))
	case IsSource(file):
		return l.toSource(file, anchor)
	}
	if _, err := fs.Stat(l.root, file); err != nil {
		return Target{}, fmt.Errorf("there is no file %s", file)
	}
	return Target{}, fmt.Errorf("%s is not a page of the book", file)
}

func toChapter(c *Chapter, anchor string) (Target, error) {
	if now := c.former[anchor]; now != "" {
		return Target{}, fmt.Errorf("#%s is a former anchor of %s: it is #%s now", anchor, c.File, now)
	}
	if anchor != "" && !c.anchors[anchor] {
		return Target{}, fmt.Errorf("%s has no anchor #%s", c.File, anchor)
	}
	return Target{Kind: ToChapter, Slug: c.Slug, Anchor: anchor}, nil
}

func (l *loader) toSource(file, anchor string) (Target, error) {
	f, err := l.open(file)
	if err != nil {
		return Target{}, err
	}
	if anchor != "" {
		digits, is := strings.CutPrefix(anchor, "L")
		line, err := strconv.Atoi(digits)
		if !is || err != nil || line < 1 || line > len(f.lines) {
			return Target{}, fmt.Errorf("%s has no line #%s", file, anchor)
		}
	}
	return Target{Kind: ToSource, Source: file, Anchor: anchor}, nil
}

// IsSource reports whether the file, relative to the repository's root, has a page of its own in the book.
func IsSource(file string) bool {
	if !strings.HasPrefix(file, "runnable/") || strings.HasSuffix(file, "_test.go") {
		return false
	}
	switch path.Ext(file) {
	case ".go", ".py", ".c", ".h", ".mjs":
		return true
	}
	return false
}

// Language returns the language of a source file by its name: one of the book's languages, or JavaScript.
func Language(file string) string {
	switch path.Ext(file) {
	case ".go":
		return "go"
	case ".py":
		return "python"
	case ".mjs":
		return "javascript"
	}
	return "c"
}
