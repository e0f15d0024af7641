package site

import (
	"html"
	"slices"
	"strings"
)

// unit is a place of a chapter that a reader can look for. An experiment, a walk through code and a clause are parts of
// the unit before them, which has their text.
type unit struct {
	kind    unitKind
	anchor  string // "" is the top of the page
	title   string
	aliases []string // its other names
	blocks  []block
	symbols []string // what its text sets as code
}

// unitKind says what a unit is. In the index it is a letter before the anchor.
type unitKind string

const (
	chapterUnit unitKind = "c" // what stands before its first section
	sectionUnit unitKind = "s"
	termUnit    unitKind = "t"
	entryUnit   unitKind = "e" // of a directory
	serverUnit  unitKind = "v"
	labUnit     unitKind = "x"
	walkUnit    unitKind = "w"
	clauseUnit  unitKind = "n"
)

// hasText reports whether units of the kind have text of their own.
func (k unitKind) hasText() bool { return k != labUnit && k != walkUnit && k != clauseUnit }

// block is a paragraph, an item, a row, or a line of a listing.
type block struct {
	anchor string // the nearest around it, or before it
	text   string
	code   bool
}

// reader reads units from the HTML of a chapter, so that a search finds what the page shows, and where it shows it.
// What a page folds is not found: a search must not tell the answer to a question.
type reader struct {
	units   []unit
	current int // the unit that has the text
	section string
	open    []element
}

// element is one that is open.
type element struct {
	name    string
	skipped bool
	code    bool
	anchor  string           // of the nearest element around it that has one
	text    *strings.Builder // of the nearest block around it
	block   bool             // the text is its own
	titles  int              // the unit that its text names, counted from 1
	symbol  int              // where the text of inline code begins, counted from 1
}

// asideClasses are classes of what is not the book's text: controls, labels, numbers of lines, results.
var asideClasses = strings.Fields("anchor badge checked clause coming label lab-empty lab-made lab-recorded onward pane-name shape-titles " +
	"shape-year signs since spots step-number tabs tag tells when")

var (
	asideNames = strings.Fields("button canvas details nav script style svg")
	blockNames = strings.Fields("dd dt figcaption h2 h3 h4 label legend li p pre tr")
	voidNames  = strings.Fields("br hr img input link meta wbr")
)

// readUnits returns the units of a chapter: itself, with its first words, and those in the HTML of its blocks.
func readUnits(title, summary, markup string) []unit {
	r := &reader{units: []unit{{kind: chapterUnit, title: title}}, open: []element{{}}}
	if summary != "" {
		r.units[0].blocks = []block{{text: summary}}
	}
	for markup != "" {
		text, rest, found := strings.Cut(markup, "<")
		r.read(html.UnescapeString(text))
		if !found {
			break
		}
		var tag string
		tag, markup, _ = strings.Cut(rest, ">") // values of attributes are escaped
		if name, ends := strings.CutPrefix(tag, "/"); ends {
			r.end(name)
		} else {
			r.begin(tag)
		}
	}
	return r.units
}

func (r *reader) top() *element { return &r.open[len(r.open)-1] }

func (r *reader) read(text string) {
	if e := r.top(); !e.skipped && e.text != nil {
		e.text.WriteString(text)
	}
}

func (r *reader) begin(tag string) {
	name, _, _ := strings.Cut(tag, " ")
	if slices.Contains(voidNames, name) || strings.HasPrefix(tag, "!") || strings.HasSuffix(tag, "/") {
		return
	}
	around := r.top()
	e := element{name: name, skipped: around.skipped, anchor: around.anchor, text: around.text}
	e.code = around.code || name == "pre"
	classes, id := strings.Fields(valueOf(tag, "class")), valueOf(tag, "id")
	isAside := func(class string) bool { return slices.Contains(asideClasses, class) }
	if name == "dt" && id == "" || slices.Contains(asideNames, name) || slices.ContainsFunc(classes, isAside) {
		e.skipped = true
	}
	if !e.skipped {
		e.titles = r.start(&e, tag, id, classes)
		e.block = e.titles > 0 || slices.Contains(blockNames, name) || e.code && len(classes) > 0 && classes[0] == "l"
		switch {
		case e.block:
			e.text = new(strings.Builder)
		case e.text == nil:
		case name == "td" || name == "th":
			if e.text.Len() > 0 {
				e.text.WriteString(" · ")
			}
		case name == "code" && !around.code:
			e.symbol = 1 + e.text.Len()
		}
	}
	r.open = append(r.open, e)
}

// start adds the unit that an element begins, if it begins one. It returns the unit that the element's text names,
// counted from 1.
func (r *reader) start(e *element, tag, id string, classes []string) (named int) {
	is := func(class string) bool { return slices.Contains(classes, class) }
	isHeading := e.name == "h2" || e.name == "h3" || e.name == "h4"
	add := func(kind unitKind) int {
		r.units = append(r.units, unit{kind: kind, anchor: id})
		if kind.hasText() {
			r.current = len(r.units) - 1
		}
		return len(r.units)
	}
	switch {
	case isHeading && id == "":
		if last := &r.units[r.current]; last.kind == entryUnit && last.title == "" {
			return r.current + 1
		}
	case isHeading && strings.HasPrefix(id, "letter-"): // of the glossary
		e.skipped = true
	case isHeading:
		if of, is := strings.CutSuffix(id, "-title"); is {
			for i, u := range r.units {
				if u.anchor == of {
					return i + 1
				}
			}
		}
		r.section = id
		return add(sectionUnit)
	case id == "" || is("pane"):
	case e.name == "dt":
		r.section = id
		return add(termUnit)
	case is("entry"):
		r.section = id
		add(entryUnit)
	case is("lab"):
		n := add(labUnit)
		for _, name := range []string{valueOf(tag, "data-lab"), valueOf(tag, "data-scenario")} {
			if name != "" && !slices.Contains(r.units[n-1].aliases, name) {
				r.units[n-1].aliases = append(r.units[n-1].aliases, name)
			}
		}
		e.anchor = id
	case is("walk"), is("shapes"):
		add(walkUnit)
		e.anchor = id
	case strings.HasPrefix(id, "clause-"):
		n := add(clauseUnit)
		r.units[n-1].title = strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(id, "clause-"), "-", "."))
		e.anchor = id
	default:
		e.anchor = id
	}
	return 0
}

// end closes an element, and those in it that have no end of their own.
func (r *reader) end(name string) {
	for len(r.open) > 1 {
		e := *r.top()
		r.open = r.open[:len(r.open)-1]
		r.finish(e)
		if e.name == name {
			return
		}
	}
}

func (r *reader) finish(e element) {
	if e.skipped {
		return
	}
	u := &r.units[r.current]
	if e.symbol > 0 {
		u.symbols = append(u.symbols, e.text.String()[e.symbol-1:])
	}
	if !e.block {
		return
	}
	text := strings.Trim(e.text.String(), "\n")
	if e.name != "pre" {
		text = strings.Join(strings.Fields(text), " ")
	}
	switch {
	case strings.TrimSpace(text) == "":
	case e.titles > 0:
		r.units[e.titles-1].title = text
	default:
		anchor := e.anchor
		if anchor == "" {
			anchor = r.section
		}
		u.blocks = append(u.blocks, block{anchor, text, e.code})
	}
}

// valueOf returns the value of an attribute, "" without it.
func valueOf(tag, attribute string) string {
	_, rest, _ := strings.Cut(tag, " "+attribute+`="`)
	value, _, _ := strings.Cut(rest, `"`)
	return html.UnescapeString(value)
}
