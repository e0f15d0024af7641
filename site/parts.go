package site

import (
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"era/chapters"
	"era/lab/recording"
)

// Small parts that the templates are made of.

func (v *view) headTitle() string {
	if v.title == "" || v.title == bookTitle {
		return bookTitle
	}
	return v.title + " · " + bookTitle
}

func (v *view) lab_(lab *chapters.Lab) templ.Component {
	l, err := v.labView(lab)
	if err != nil {
		return raw("", err)
	}
	if v.brief || v.chapter.Labs()[0] != lab {
		return labBlock(v, l)
	}
	signs, err := v.signs()
	if err != nil {
		return raw("", err)
	}
	return templ.Join(howToRead(v, signs), labBlock(v, l))
}

// place is a walk through a file, in a chapter.
type place struct{ Slug, ID, Title, Chapter string }

// walksOf returns the walks that show code of a file.
func (v *view) walksOf(file string) []place {
	var all []place
	for _, c := range v.e.book.Chapters {
		for _, b := range c.Blocks {
			switch b := b.(type) {
			case *chapters.Code:
				if slices.ContainsFunc(b.Excerpts, func(x chapters.Excerpt) bool { return x.File == file }) {
					all = append(all, place{c.Slug, b.ID, b.Title, c.Front.Title})
				}
			case *chapters.Shapes:
				if b.Shows(file) {
					all = append(all, place{c.Slug, b.ID, b.Title, c.Front.Title})
				}
			}
		}
	}
	return all
}

// years keeps a dash with the year before it, so that a range of years breaks after the dash.
func years(year string) string { return strings.ReplaceAll(year, " –", "\u00a0–") }

// sourceLines is the listing of a source page: for each line its number, which is a link, and its text.
func sourceLines(lines [][]token) templ.Component {
	var b strings.Builder
	for i, line := range lines {
		fmt.Fprintf(&b, `<span class="l" id="L%d"><a class="n" href="#L%d" data-n="%d" aria-label="Line %d"></a>`, i+1, i+1, i+1, i+1)
		writeTokens(&b, line)
		b.WriteString("\n</span>")
	}
	return raw(b.String(), nil)
}

// sample shows a state in the legend as it looks in the picture.
func sample(s recording.State) string {
	if s.Moment() {
		p, d := &picture{y: 2}, drawing{}
		p.glyph(s, 13, 10, d)
		d.write(p)
		return p.b.String()
	}
	if s == recording.Parked {
		return `<path class="t-parked" d="M1 7h24"/>`
	}
	return fmt.Sprintf(`<path class="b-%s" fill="url(#s-%s)" d="M1 2h24v10h-24z"/>`, s, s)
}
