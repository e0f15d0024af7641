package site

import (
	"cmp"
	"fmt"
	"html"
	"io/fs"
	"strings"

	"github.com/a-h/templ"

	"era/chapters"
	"era/site/epub"
)

// A chapter of the e-book: what it tells and asks, then the answers, then its notes; and the listings of all documents.

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
