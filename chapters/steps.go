package chapters

import "strings"

// Steps is a run on the simulated kernel, told stop by stop. A puzzle asks for such a run, and its stops are an answer.
type Steps struct {
	Name     string
	Title    string
	Server   string // as catalogue.Find takes it
	Scenario string // of the simulated kernel
	Say      Text
	Puzzle   Text   // what is to be brought about; empty in a narrated run
	Shows    string // the property that the last stop breaches; "" if none is meant
	Stops    []Stop
	Caption  Text

	Chapter string // slug
	File    string
	Line    int
}

// Stop is a moment of such a run: after some more choices were taken, of which the last made the call.
type Stop struct {
	Take []string // the choices since the stop before
	Call string   // with its result: "accept(3) = 4"
	Say  Text
	Line int // in the file
}

func (*Steps) block() {}

// Key names the block among all that can be stepped, as CHAPTER/LAB does a lab.
func (s *Steps) Key() string { return s.Chapter + "/steps-" + s.Name }

// Taken is the whole list of choices.
func (s *Steps) Taken() (all []string) {
	for _, stop := range s.Stops {
		all = append(all, stop.Take...)
	}
	return all
}

// Steps returns the chapter's runs on the simulated kernel, in order.
func (c *Chapter) Steps() (all []*Steps) {
	for _, b := range c.Blocks {
		if s, is := b.(*Steps); is {
			all = append(all, s)
		}
	}
	return all
}

// Steps returns those of the whole book, in order.
func (b *Book) Steps() (all []*Steps) {
	for _, c := range b.Chapters {
		all = append(all, c.Steps()...)
	}
	return all
}

func (p *page) steps(b body) Block {
	var y struct {
		Name, Title, Server, Scenario string
		Say, Puzzle                   words
		Shows                         string
		Stops                         []struct{ Take, Call, Say words }
		Caption                       words
	}
	if !p.read(b, &y, "name", "title", "server", "scenario", "stops") || !p.goodName(b, y.Name) {
		return nil
	}
	p.underHeading(b)
	p.anchor("steps-"+y.Name, b.fence)
	s := &Steps{Name: y.Name, Title: y.Title, Server: y.Server, Scenario: y.Scenario, Say: p.md(b, y.Say),
		Puzzle: p.md(b, y.Puzzle), Shows: y.Shows, Caption: p.md(b, y.Caption), Chapter: p.Slug, File: p.File, Line: b.fence}
	for i, stop := range y.Stops {
		line := b.fence + max(stop.Take.line, 1)
		if stop.Take.text == "" || stop.Call.text == "" || stop.Say.text == "" {
			p.problems.add(p.File, line, "steps: stop %d needs take, call and say", i+1)
		}
		s.Stops = append(s.Stops, Stop{strings.Fields(stop.Take.text), stop.Call.text, p.md(b, stop.Say), line})
	}
	return s
}
