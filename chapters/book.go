// Package chapters reads the book: Markdown with directives in content/, and the code it shows from the files that are
// compiled and tested. It checks all of it and knows nothing of HTML.
package chapters

import (
	"time"

	"github.com/yuin/goldmark/ast"
)

// Book is the landing page and the chapters in their order.
type Book struct {
	Landing      *Chapter
	Chapters     []*Chapter
	Translations []*Translation // by language
}

// Chapter is one page of the book.
type Chapter struct {
	Slug  string // the folder's name, "" for the landing page
	File  string // relative to the repository's root: "content/select/index.md"
	Front Front
	// Changed is the day on which the text or a recorded run was last changed; zero if that is not known.
	Changed time.Time
	// Blocks are the chapter's text and directives, in order.
	Blocks []Block
	// Headings of the text, in order. Level 1 does not occur: the title is in the front matter.
	Headings []Heading
	links    []link
	anchors  map[string]bool
	former   map[string]string // anchors that were, and what they are now

	// A translation has the rest as well.
	Language    string     // "" in the book's own
	Standings   []Standing // of its blocks, as many as these
	HeadChanged bool       // the original's title or summary has changed since
	Marks       []Mark     // of what is translated
	Behind      Problems   // what is not, and what has changed since: no mistakes, but work for its translator
}

// Front is the front matter of a chapter.
type Front struct {
	Title     string   `yaml:"title"`
	Slug      string   `yaml:"slug"` // must be the folder's name where it is given
	Order     int      `yaml:"order"`
	Part      string   `yaml:"part"` // the title of the part of the book that begins with this chapter
	Year      int      `yaml:"year"`
	Minutes   int      `yaml:"minutes"` // to read it, labs included
	Summary   string   `yaml:"summary"`
	Languages []string `yaml:"languages"`
	Kicker    string   `yaml:"kicker"` // over the title, in place of the chapter's number
}

// Heading is one entry of a chapter's contents.
type Heading struct {
	Level int // 2 to 4
	ID    string
	Text  string
	line  int
}

// LineOf returns the line of the heading with the id, or 1.
func (c *Chapter) LineOf(id string) int {
	for _, h := range c.Headings {
		if h.ID == id {
			return h.line
		}
	}
	return 1
}

// Text is parsed Markdown: a document node and the bytes that it refers to.
type Text struct {
	Node   ast.Node
	Source []byte
}

// Empty reports whether nothing was written.
func (t Text) Empty() bool { return t.Node == nil || !t.Node.HasChildren() }

// Block is a piece of a chapter: Prose or one of the directives.
type Block interface{ block() }

// The kinds of blocks.
type (
	// Prose is plain Markdown between directives.
	Prose struct{ Text }

	// Lab is an experiment that the reader can run, shown with its recorded run.
	Lab struct {
		Name     string
		Title    string
		Scenario string
		Servers  []string          // as catalogue.Find takes them
		Settings map[string]string // knobs that differ from their defaults
		Predict  Text
		Measure  string // what grades the guess: "GROUP.answered", "total.p99", "threads_max", "syscalls.read"
		Guess    Guess
		Caption  Text
		Story    []Told // none: the lab finds one

		Chapter string // slug
		File    string
		Line    int
	}

	// Guess is how a lab's question is answered, see CONTRIBUTING.md. What the author leaves out follows from the measure.
	Guess struct {
		Kind    string
		Unit    string
		Within  float64
		Limits  []string
		Options Options
		Which   string
	}

	// Options are answers in words, each with the least figure that it is right for.
	Options []struct{ Words, From string }

	// Code is one idea in several languages, walked through in steps.
	Code struct {
		ID       string // "walk-1", unique in its chapter
		Title    string
		Excerpts []Excerpt // in the order Go, Python, C
		Steps    []Step
		Caption  Text
	}

	// Shapes is one job in several shapes side by side, with the same steps lit in each.
	Shapes struct {
		ID      string // "shapes-1", unique in its chapter
		Title   string
		Steps   []NamedStep
		Shapes  []Shape
		Caption Text
	}

	// Quiz is a question with one right answer.
	Quiz struct {
		ID       string
		Title    string // names the question in lists
		Question Text
		Options  []Text
		Answer   int // 1 is the first option
		Why      Text
	}

	// Myth is a common belief and what is true.
	Myth struct{ Myth, Truth Text }

	// Note stands in the margin: a clause of a standard or manual page.
	Note struct {
		ID     string // its anchor, "clause-c0-2"; "" without a clause
		Clause string // the book's number for it, which tests have in their names: "C0.2"
		Text   Text
		Quote  string // the source's own words, where it obliges or advises: "should raise an exception"
		Source Text   // "accept(2)", with links
	}

	// Article is a listing of the article that the book follows, quoted as it stands there.
	Article struct {
		Language string
		Caption  Text
		Code     string
	}

	// Know sums up what the reader now knows.
	Know struct{ Items []Text }

	// Next points to the chapter that solves the problem left open.
	Next struct {
		Chapter string // slug; "" while that chapter is not written
		Text    Text
	}

	// Milestones are a time line: of the whole book on the landing page, of an era in a chapter.
	Milestones struct{ Items []Milestone }
)

// Milestone is one point of the time line.
type Milestone struct {
	Year    string // "1983", "today"
	Title   string
	Text    Text
	Chapter string // slug; "" when no chapter tells it yet
	Soon    bool   // a chapter is planned
	Source  Text   // where the fact is from, with links
}

// Told is a moment of an experiment's story, given by the author.
type Told struct {
	Telling
	Line int // in the file
}

// Telling says where in the recorded run a moment is, as story.Telling has it, and what is to be said of it.
type Telling struct {
	At, First, Last, Most string
	Server                string
	Of                    string
	Say                   string
}

// Step of a walk through code: a sentence and the lines that it is about.
type Step struct {
	Say Text
	Lit map[string][]Range // by language; lines of the file
}

// NamedStep is a step that all shapes take.
type NamedStep struct {
	Name string
	Say  Text
}

// Shape is one way to write the job.
type Shape struct {
	Title    string
	Year     string
	Say      Text
	Listings []Listing // one for each language, in the order Go, Python, C
}

// Listing is a shape in one language: one or several parts of its files.
type Listing struct {
	Language string
	Parts    []Part
}

// Part is an excerpt whose lines belong to steps.
type Part struct {
	Excerpt
	Step map[int]int // by line of the file: the step, counted from 1. Lines of no step are missing
}

// Range is a run of lines, both ends included, counted from 1.
type Range struct{ First, Last int }

func (Prose) block()      {}
func (*Lab) block()       {}
func (*Code) block()      {}
func (*Shapes) block()    {}
func (Quiz) block()       {}
func (Myth) block()       {}
func (Note) block()       {}
func (Article) block()    {}
func (Know) block()       {}
func (Next) block()       {}
func (Milestones) block() {}

// Recording returns where the lab's recorded run is kept, relative to the repository's root.
func (l *Lab) Recording() string {
	return recordingOf(l.Chapter, l.Name)
}

// Labs returns the labs of a chapter, in order.
func (c *Chapter) Labs() []*Lab {
	var labs []*Lab
	for _, b := range c.Blocks {
		if lab, is := b.(*Lab); is {
			labs = append(labs, lab)
		}
	}
	return labs
}

// Labs returns the labs of the whole book, in order.
func (b *Book) Labs() []*Lab {
	var labs []*Lab
	for _, c := range b.Chapters {
		labs = append(labs, c.Labs()...)
	}
	return labs
}

// Chapter returns the chapter with the slug, or nil.
func (b *Book) Chapter(slug string) *Chapter {
	for _, c := range b.Chapters {
		if c.Slug == slug {
			return c
		}
	}
	return nil
}
