package chapters

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Directory is a list of systems, groups or people, each with what it is and how it stands today.
type Directory struct {
	ID      string // of its heading
	Title   string
	Entries []Entry
}

// Entry of a directory.
type Entry struct {
	ID       string // "gunicorn", unique in its chapter
	Name     string
	Since    string // "2010"
	By       string
	Way      string // one of Ways; "" where it does not apply
	StandsOn Text
	State    string // one of States; "" where it does not apply
	Today    Text   // the state in words, with the date of the source
	Text     Text
	Source   Text      // where this can be checked: one link at least
	Checked  time.Time // the day on which the entry was last compared with its sources
	Seen     time.Time // how far those sources reached, where they ended before that day; else zero
}

func (Directory) block() {}

// Ways say how the callers of a system wait.
var Ways = map[string]string{
	"sync":  "blocking",
	"async": "async",
	"both":  "both",
}

// States of a system, as its sources have it.
var States = map[string]string{
	"active":      "active",
	"settled":     "settled",
	"maintenance": "maintenance only",
	"ending":      "ending",
	"unknown":     "not verified",
}

func (p *page) directory(b body) Block {
	var y struct {
		Title   string
		Entries []struct {
			Name, Source          words
			Since, By, Way, State string
			StandsOn              words `yaml:"stands-on"`
			Today, Text           words
			Checked, Seen         words
		}
	}
	if !p.read(b, &y, "title", "entries") {
		return nil
	}
	d := Directory{ID: slugify(y.Title), Title: y.Title}
	p.anchor(d.ID, b.fence)
	p.Headings = append(p.Headings, Heading{2, d.ID, d.Title, b.fence})
	for _, e := range y.Entries {
		wrong := func(format string, args ...any) {
			p.problems.add(p.File, b.fence+max(e.Name.line, 1), "directory: "+format, args...)
		}
		switch {
		case e.Name.text == "":
			wrong("an entry has no name")
		case e.Text.text == "":
			wrong("%s: the key %q is missing", e.Name.text, "text")
		case !strings.Contains(e.Source.text, "](https://"):
			wrong("%s: source must hold a link to where this can be checked", e.Name.text)
		case e.Way != "" && Ways[e.Way] == "":
			wrong("%s: unknown way %q; there are: %s", e.Name.text, e.Way, known(Ways))
		case e.State != "" && States[e.State] == "":
			wrong("%s: unknown state %q; there are: %s", e.Name.text, e.State, known(States))
		case e.State != "" && e.Today.text == "":
			wrong("%s: a state needs its words, with a date, in the key %q", e.Name.text, "today")
		}
		checked := p.day(b, e.Name, "checked", e.Checked)
		var seen time.Time
		if e.Seen.text != "" {
			if seen = p.day(b, e.Name, "seen", e.Seen); seen.After(checked) {
				p.problems.add(p.File, b.fence+e.Seen.line, "directory: %s: seen: %s is later than checked: %s", e.Name.text, e.Seen.text,
					e.Checked.text)
			}
		}
		id := slugify(e.Name.text)
		p.anchor(id, b.fence+max(e.Name.line, 1))
		d.Entries = append(d.Entries, Entry{
			ID: id, Name: e.Name.text, Since: e.Since, By: e.By, Way: e.Way, State: e.State,
			StandsOn: p.md(b, e.StandsOn), Today: p.md(b, e.Today), Text: p.md(b, e.Text), Source: p.md(b, e.Source),
			Checked: checked, Seen: seen,
		})
	}
	return d
}

// day parses a date of the named entry.
func (p *page) day(b body, name words, key string, w words) time.Time {
	line := b.fence + max(w.line, name.line, 1)
	day, err := time.Parse(time.DateOnly, w.text)
	switch {
	case w.text == "":
		p.problems.add(p.File, line, "directory: %s: the key %q is missing", name.text, key)
	case err != nil:
		p.problems.add(p.File, line, "directory: %s: %s: %q is not a date such as 2026-11-30", name.text, key, w.text)
	}
	return day
}

func known(names map[string]string) string {
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}
