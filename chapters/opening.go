package chapters

import (
	"slices"
	"time"
)

// Opening is the small experiment of the first page: a recorded run of the book, which stops for a question and then
// answers it by what happens.
type Opening struct {
	Lab     string   // the name of the run
	Servers []string // two of its servers, A and B
	Say     Text     // what is about to happen
	// Groups are the clients that the picture shows. The question is about the last of them, at server A.
	Groups  []OpeningGroup
	Stop    time.Duration // of the run, when the question is asked
	Ask     Text
	Choices []OpeningChoice
	Why     Text              // what is said when all is over
	Signs   map[string]string // plain words for what the picture shows, by state

	Line int
}

// OpeningGroup is a group of clients in plain words.
type OpeningGroup struct{ Name, Say string }

// OpeningChoice is a possible answer: when the group is answered, and 0 for never.
type OpeningChoice struct {
	Say string
	At  time.Duration
}

func (*Opening) block() {}

func (p *page) opening(b body) Block {
	var y struct {
		Lab     string
		Servers []string
		Say     words
		Groups  []OpeningGroup
		Stop    time.Duration
		Ask     words
		Choices []OpeningChoice
		Why     words
		Signs   map[string]string
	}
	if !p.read(b, &y, "lab", "servers", "say", "groups", "stop", "ask", "choices", "why", "signs") {
		return nil
	}
	if p.Slug != "" {
		p.problems.add(p.File, b.fence, "opening: it belongs on the first page")
	}
	if len(y.Servers) != 2 {
		p.problems.add(p.File, b.lineOf("servers:"), "opening: %d servers; it shows two", len(y.Servers))
		return nil
	}
	if len(y.Groups) == 0 {
		p.problems.add(p.File, b.lineOf("groups:"), "opening: no group of clients to ask about")
		return nil
	}
	if n := len(y.Choices); n < 2 || n > 3 {
		p.problems.add(p.File, b.lineOf("choices:"), "opening: %d choices; a visitor takes in two or three", n)
	}
	return &Opening{y.Lab, y.Servers, p.md(b, y.Say), y.Groups, y.Stop, p.md(b, y.Ask), y.Choices, p.md(b, y.Why), y.Signs,
		b.fence}
}

// Opening returns that of the first page, or nil.
func (b *Book) Opening() *Opening {
	if b.Landing != nil {
		for _, block := range b.Landing.Blocks {
			if o, is := block.(*Opening); is {
				return o
			}
		}
	}
	return nil
}

// checkOpening finds an opening whose run the book does not have.
func (l *loader) checkOpening(book *Book) {
	o := book.Opening()
	if o == nil {
		return
	}
	lab := book.Lab(o.Lab)
	if lab == nil {
		l.problems.add(book.Landing.File, o.Line, "opening: no lab has the name %q", o.Lab)
		return
	}
	for _, name := range o.Servers {
		if !slices.Contains(lab.Servers, name) {
			l.problems.add(book.Landing.File, o.Line, "opening: lab %q does not run %q", o.Lab, name)
		}
	}
}

// Lab returns the lab of the name, or nil.
func (b *Book) Lab(name string) *Lab {
	labs := b.Labs()
	if i := slices.IndexFunc(labs, func(l *Lab) bool { return l.Name == name }); i >= 0 {
		return labs[i]
	}
	return nil
}
