// Package code finds out which parts of a source file are code. Comments, blank lines and spacing are not, and neither
// are Python's docstrings: changing these changes no program. How code is broken into lines counts, so that files with
// the same sum have the same lines of code, wherever these are in the file.
package code

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"
	"strings"
)

// File is the code of a source file.
type File struct {
	Sum   string // a hash of the code
	lines []int  // numbers of the lines of the file that have code
}

// Of finds the code of a file, by the name's extension. In unknown languages, everything is code.
func Of(name string, text []byte) File {
	source := strings.ReplaceAll(string(text), "\r\n", "\n")
	r := reader{language: languages[path.Ext(name)], text: source}
	if path.Ext(name) == ".go" && cgo(source) {
		r.language = language{} // cgo compiles what stands in a comment
	}
	r.looks = strings.Contains(source, "__doc__")
	r.read()
	sum := sha256.Sum256([]byte(strings.Join(r.code, "\n")))
	return File{hex.EncodeToString(sum[:8]), r.numbers}
}

// cgo reports whether a Go program imports "C", alone or among others.
func cgo(source string) bool {
	_, others, _ := strings.Cut(source, "\nimport (")
	return strings.Contains(source, "\nimport \"C\"") || strings.Contains(upTo(others, "\n)")+"\n", "\t\"C\"\n")
}

// Count returns the number of a line of the file among those with code, from 1; 0 if the line has none.
func (f File) Count(line int) int {
	at, found := slices.BinarySearch(f.lines, line)
	if !found {
		return 0
	}
	return at + 1
}

// Line returns the line of the file with a number among those with code; 0 if there are fewer.
func (f File) Line(count int) int {
	if count < 1 || count > len(f.lines) {
		return 0
	}
	return f.lines[count-1]
}

// language is what must be known about a language to find its code.
type language struct {
	comment    string   // begins a comment that ends with the line; "" if all is code
	block      bool     // there are comments like this: /* */
	quotes     string   // begin and end strings
	directives []string // begin lines that are code, although comments
	macros     bool     // spacing is code in lines that begin with #, and a backslash joins lines
	indented   bool     // the indentation of a statement is code, and a statement that is a string is not
}

var (
	c         = language{comment: "//", block: true, quotes: `"'`, macros: true}
	languages = map[string]language{
		".go": {comment: "//", block: true, quotes: "\"'`", directives: []string{"//go:", "//export ", "// +build "}},
		".py": {comment: "#", quotes: `"'`, indented: true},
		".c":  c, ".h": c, ".s": c,
	}
)

// reader reads a file once.
type reader struct {
	language
	text  string
	looks bool // the program reads its docstrings

	at, start  int  // in the text: here, and at the beginning of the line
	depth      int  // of brackets
	spaced     bool // there is space before the next word
	continuing bool // the previous line ended with a backslash
	macro      bool // and it was one of a macro
	line       strings.Builder
	number     int      // of the line
	code       []string // of the previous lines that have some
	numbers    []int    // of these
}

func (r *reader) read() {
	r.number = 1
	for r.at < len(r.text) {
		rest := r.text[r.at:]
		switch b := rest[0]; {
		case b == '\n':
			r.end(r.language.comment == "")
		case r.language.comment == "":
			r.take(1)
		case b == ' ' || b == '\t' || b == '\r' || b == '\f':
			r.spaced = true
			r.at++
		case r.at == r.start && r.directive(rest):
			r.take(len(strings.TrimRight(upTo(rest, "\n"), " \t")))
		case strings.HasPrefix(rest, r.language.comment):
			r.skip(r.remark(rest))
		case r.block && strings.HasPrefix(rest, "/*"):
			r.skip(len(upTo(rest[2:], "*/")) + 4)
		default:
			if n := r.docstring(); n > 0 {
				r.skip(n)
			} else {
				r.word()
			}
		}
	}
	if r.line.Len() > 0 {
		r.end(false)
	}
}

func (r *reader) directive(text string) bool {
	return slices.ContainsFunc(r.directives, func(begin string) bool { return strings.HasPrefix(text, begin) })
}

// remark returns the length of the comment that begins a text and ends with its line.
func (r *reader) remark(text string) int {
	n := len(upTo(text, "\n"))
	for r.macros && n < len(text) && text[n-1] == '\\' {
		n += 1 + len(upTo(text[n+1:], "\n"))
	}
	return n
}

// statement reports whether a statement of Python begins here.
func (r *reader) statement() bool {
	return r.indented && r.line.Len() == 0 && r.depth == 0 && !r.continuing
}

// docstring returns the length of a Python statement that is only a string; 0 if there is none here, or if the program
// reads its docstrings.
func (r *reader) docstring() int {
	if !r.statement() || r.looks {
		return 0
	}
	rest, prefix := r.text[r.at:], 0
	if strings.IndexByte("rRuU", rest[0]) >= 0 {
		prefix = 1
	}
	if prefix == len(rest) || strings.IndexByte(r.quotes, rest[prefix]) < 0 {
		return 0
	}
	n := quoted(rest, prefix, true)
	if after := strings.TrimLeft(upTo(rest[n:], "\n"), " \t"); after != "" && after[0] != '#' {
		return 0
	}
	return n
}

// word reads the next byte, or the string that begins with it.
func (r *reader) word() {
	if r.statement() {
		r.line.WriteString(r.text[r.start:r.at])
		r.spaced = false
	}
	b := r.text[r.at]
	if line := r.line.String(); r.spaced && r.macro {
		r.line.WriteByte(' ')
	} else if r.spaced && line != "" {
		if before := kind(line[len(line)-1]); r.macros && line[0] == '#' || before == kind(b) && before != bracket {
			r.line.WriteByte(' ')
		}
	}
	r.spaced = false
	switch {
	case strings.IndexByte(r.quotes, b) >= 0:
		r.take(quoted(r.text[r.at:], 0, r.indented))
		return
	case strings.IndexByte("([{", b) >= 0:
		r.depth++
	case strings.IndexByte(")]}", b) >= 0:
		r.depth--
	}
	r.take(1)
}

// quoted returns how long a text is up to the end of the string that begins at a quote in it. Python's may be three
// quotes.
func quoted(text string, at int, triple bool) int {
	quote := text[at : at+1]
	if three := strings.Repeat(quote, 3); triple && strings.HasPrefix(text[at:], three) {
		quote = three
	}
	for i := at + len(quote); i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], quote):
			return i + len(quote)
		case text[i] == '\\' && quote != "`":
			i++
		case text[i] == '\n' && len(quote) == 1 && quote != "`":
			return i // it has no end: the text of an #error
		}
	}
	return len(text)
}

// take takes code unchanged.
func (r *reader) take(n int) {
	end := min(r.at+n, len(r.text))
	for ; r.at < end; r.at++ {
		if r.text[r.at] != '\n' {
			r.line.WriteByte(r.text[r.at])
			continue
		}
		r.end(true)
		r.at--
	}
}

// skip skips what is not code.
func (r *reader) skip(n int) {
	end := min(r.at+n, len(r.text))
	for r.at < end {
		if r.text[r.at] == '\n' {
			r.end(false)
		} else {
			r.at++
		}
	}
	r.spaced = true
}

// end ends a line, which is a line of code if it has some, if it is within a string, or if it ends what a backslash has
// continued.
func (r *reader) end(code bool) {
	if line := r.line.String(); line != "" || code || r.continuing {
		r.code, r.numbers = append(r.code, line), append(r.numbers, r.number)
		r.continuing = strings.HasSuffix(line, `\`)
		r.macro = r.continuing && r.macros && (r.macro || line[0] == '#')
	}
	r.line.Reset()
	r.at++
	r.number++
	r.start, r.spaced = r.at, false
}

// upTo returns the text before the first end in it.
func upTo(text, end string) string {
	before, _, _ := strings.Cut(text, end)
	return before
}

// The kinds of bytes. Space makes a difference only between two bytes of one kind, and none next to a bracket.
const (
	letter = iota
	operator
	bracket
)

func kind(b byte) int {
	switch {
	case strings.IndexByte("()[]{},;", b) >= 0:
		return bracket
	case strings.IndexByte("_\"'`", b) >= 0 || b >= 0x80 || '0' <= b && b <= '9' || 'a' <= b|0x20 && b|0x20 <= 'z':
		return letter
	}
	return operator
}
