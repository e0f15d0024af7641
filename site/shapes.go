package site

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"era/chapters"
	"era/internal/language"
)

func shapeID(s *chapters.Shapes, i int) string { return fmt.Sprintf("%s-%d", s.ID, i+1) }

// shapeLanguages returns those that any of the shapes has, in the order of the tabs.
func shapeLanguages(s *chapters.Shapes) []string {
	var all []string
	for _, name := range language.Names() {
		if slices.ContainsFunc(s.Shapes, func(shape chapters.Shape) bool { return shape.Has(name) }) {
			all = append(all, name)
		}
	}
	return all
}

// panesOf returns the ids of the listings that a tab shows.
func panesOf(s *chapters.Shapes, language string) string {
	var ids []string
	for i, shape := range s.Shapes {
		if shape.Has(language) {
			ids = append(ids, shapeID(s, i)+"-"+language)
		}
	}
	return strings.Join(ids, " ")
}

// shapeClasses tells style sheets which languages a shape has, as walkClasses does.
func shapeClasses(s chapters.Shape) string {
	classes := "shape"
	for _, l := range s.Listings {
		classes += " has-" + l.Language
	}
	return classes
}

// partCode is the listing of a part. A line of a step has the step's colour and, for readers who do not see it, its
// number: visible where the step begins, only in the text on the lines after it.
func (v *view) partCode(part chapters.Part) templ.Component {
	whole, err := fs.ReadFile(v.e.root, part.File)
	if err != nil {
		return raw("", err)
	}
	lines := highlight(part.Language, string(whole))
	var b strings.Builder
	before := 0
	for _, line := range part.Lines {
		step := part.Step[line.Number]
		indent, depth := indentation(line.Text)
		fmt.Fprintf(&b, `<span class="l d%d`, depth)
		if step > 0 {
			class := "badge"
			if step == before {
				class = "quiet-text"
			}
			fmt.Fprintf(&b, ` s%d" data-step="%d"><span class="%s"><span class="quiet-text">step </span>%d</span>`, step, step, class, step)
		} else {
			b.WriteString(`">`)
		}
		before = step
		if line.Number <= len(lines) {
			fmt.Fprintf(&b, `<span class="in">%s</span>`, indent)
			writeTokens(&b, unindented(lines[line.Number-1], len(indent)))
		}
		b.WriteString("\n</span>")
	}
	return raw(b.String(), nil)
}

// indentation returns the white space that a line begins with, and how many levels deep it is, 8 at most: columns are
// narrow, so a level takes little room in them, and a long line continues below its beginning.
func indentation(line string) (white string, depth int) {
	white = line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	return white, min(strings.Count(white, "\t")+strings.Count(white, " ")/4, 8)
}

// unindented returns the tokens of a line without its first n bytes.
func unindented(line []token, n int) []token {
	line = slices.Clone(line)
	for n > 0 && len(line) > 0 {
		cut := min(n, len(line[0].text))
		line[0].text = line[0].text[cut:]
		n -= cut
		if line[0].text == "" {
			line = line[1:]
		}
	}
	return line
}
