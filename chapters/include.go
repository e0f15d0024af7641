package chapters

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
)

// Excerpt is a part of a source file, or all of it.
type Excerpt struct {
	File     string // relative to the repository's root
	Language string
	Name     string // the declaration or region; "" is the whole file
	Lines    []Line
}

// Line is a line of a file, without its end.
type Line struct {
	Number int // from 1
	Text   string
}

// sourceFile is a file that is shown in the book.
type sourceFile struct {
	name  string
	lines []string
}

func (l *loader) open(name string) (*sourceFile, error) {
	f, known := l.files[name]
	if !known {
		b, err := fs.ReadFile(l.root, name)
		if err == nil {
			f = &sourceFile{name, strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")}
		}
		l.files[name] = f
	}
	if f == nil {
		return nil, fmt.Errorf("there is no file %s", name)
	}
	return f, nil
}

// include takes FILE, FILE#DECLARATION or FILE#REGION. A declaration in Go is a function, Type.Method, type, variable
// or constant; in Python a function, class or Class.method; in C a function, struct or macro. A region wins over a
// declaration of the same name.
func (l *loader) include(reference string) (Excerpt, error) {
	name, part, named := strings.Cut(reference, "#")
	f, err := l.open(name)
	if err != nil {
		return Excerpt{}, err
	}
	if !IsSource(name) {
		return Excerpt{}, fmt.Errorf("%s has no page of its own that its lines could link to", name)
	}
	r := Range{1, len(f.lines)}
	if named {
		if r, err = f.region(part); errors.Is(err, errNone) {
			r, err = f.declaration(part)
		}
		if err != nil {
			return Excerpt{}, fmt.Errorf("%s: %q %w", name, part, err)
		}
	}
	excerpt := Excerpt{File: name, Name: part}
	for i := r.First; i <= r.Last; i++ {
		if text := f.lines[i-1]; !regionMark.MatchString(text) {
			excerpt.Lines = append(excerpt.Lines, Line{i, text})
		}
	}
	for len(excerpt.Lines) > 0 && strings.TrimSpace(excerpt.Lines[len(excerpt.Lines)-1].Text) == "" {
		excerpt.Lines = excerpt.Lines[:len(excerpt.Lines)-1]
	}
	if len(excerpt.Lines) == 0 {
		return Excerpt{}, fmt.Errorf("%s: %q %w", name, part, errEmpty)
	}
	return excerpt, nil
}

// Why a part of a file cannot be shown.
var (
	errNone  = errors.New("is neither a region nor a declaration there")
	errTwice = errors.New("is there twice")
	errOpen  = errors.New("has no endregion")
	errEmpty = errors.New("is empty")
)

var regionMark = regexp.MustCompile(`^\s*(?://|#|/\*)\s*(region|endregion)\b\s*([\w.-]*)`)

// region returns the lines between the comments "region NAME" and the next "endregion", with that name or without a
// name.
func (f *sourceFile) region(name string) (Range, error) {
	found := Range{}
	for i, line := range f.lines {
		m := regionMark.FindStringSubmatch(line)
		if m == nil || m[1] != "region" || m[2] != name {
			continue
		}
		if found.First != 0 {
			return found, errTwice
		}
		end := f.endOfRegion(i+1, name)
		if end < 0 {
			return found, errOpen
		}
		found = Range{i + 2, end}
	}
	if found.First == 0 {
		return found, errNone
	}
	return found, nil
}

func (f *sourceFile) endOfRegion(from int, name string) int {
	for i := from; i < len(f.lines); i++ {
		m := regionMark.FindStringSubmatch(f.lines[i])
		if m != nil && m[1] == "endregion" && (m[2] == name || m[2] == "") {
			return i
		}
	}
	return -1
}

func (f *sourceFile) declaration(name string) (Range, error) {
	switch Language(f.name) {
	case "go":
		return f.goDeclaration(name)
	case "python":
		return f.pythonDeclaration(name)
	}
	return f.cDeclaration(name)
}

// find returns the line that contains the text; "A ... B" runs from the first line with A to the next one with B, which
// may be the same.
func (e Excerpt) find(text string) (Range, error) {
	from, to, spans := strings.Cut(text, " ... ")
	first := e.lineWith(from, 0)
	if first < 0 {
		return Range{}, fmt.Errorf("no line of %s contains %q", e.reference(), from)
	}
	last := first
	if spans {
		if last = e.lineWith(to, first); last < 0 {
			return Range{}, fmt.Errorf("no line of %s after %q contains %q", e.reference(), from, to)
		}
	}
	return Range{e.Lines[first].Number, e.Lines[last].Number}, nil
}

func (e Excerpt) lineWith(text string, from int) int {
	for i := from; i < len(e.Lines); i++ {
		if strings.Contains(e.Lines[i].Text, text) {
			return i
		}
	}
	return -1
}

func (e Excerpt) reference() string {
	if e.Name == "" {
		return e.File
	}
	return e.File + "#" + e.Name
}
