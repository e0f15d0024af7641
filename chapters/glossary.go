package chapters

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// Glossary is the list of the book's terms, by letter and name.
type Glossary struct{ Letters []Letter }

// Letter holds the terms that begin with it.
type Letter struct {
	ID, Name string // "letter-a", "A"
	Terms    []*Term
}

// Term is a word of the field.
type Term struct {
	ID    string // of its place in the glossary
	Name  string
	Forms []string // the words that stand for it in running text; may be empty
	Text  Text
	See   Text // a link to where the book explains it
	Hint  string
}

func (Glossary) block() {}

func (g Glossary) terms() []*Term {
	var all []*Term
	for _, l := range g.Letters {
		all = append(all, l.Terms...)
	}
	return all
}

func (p *page) glossary(b body) Block {
	var y []struct {
		Term      words
		Forms     *[]string
		Text, See words
	}
	if !p.strictYAML(b.yaml, b.fence, &y) {
		return nil
	}
	var terms []*Term
	taken := map[string]string{}
	for _, e := range y {
		wrong := func(format string, args ...any) {
			p.problems.add(p.File, b.fence+max(e.Term.line, 1), "glossary: "+format, args...)
		}
		name := e.Term.text
		if name == "" || e.Text.text == "" || !strings.Contains(e.See.text, "](") {
			wrong("%q: each term needs a term, a text, and a link in see", name)
			continue
		}
		t := &Term{ID: slugify(name), Name: name, Forms: []string{name}, Text: p.md(b, e.Text), See: p.md(b, e.See)}
		if e.Forms != nil {
			t.Forms = *e.Forms
		}
		for _, form := range t.Forms {
			if other := taken[fold(form)]; other != "" {
				wrong("%s: the form %q is taken by %s", name, form, other)
			}
			taken[fold(form)] = name
		}
		t.Hint = firstSentence(t.Text.Plain())
		p.anchor(t.ID, b.fence+e.Term.line)
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b *Term) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	var g Glossary
	for _, t := range terms {
		name := strings.ToUpper(t.Name[:1])
		if n := len(g.Letters); n == 0 || g.Letters[n-1].Name != name {
			l := Letter{ID: "letter-" + strings.ToLower(name), Name: name}
			p.anchor(l.ID, b.fence)
			p.Headings = append(p.Headings, Heading{2, l.ID, l.Name, b.fence})
			g.Letters = append(g.Letters, l)
		}
		last := &g.Letters[len(g.Letters)-1]
		last.Terms = append(last.Terms, t)
	}
	return g
}

// firstSentence returns the text up to the first full stop that a space follows.
func firstSentence(s string) string {
	if first, _, more := strings.Cut(s, ". "); more {
		return first + "."
	}
	return s
}

// fold returns a pattern for a form that may begin a sentence: its first letter may be of either case. "EAGAIN" stays
// as it is.
func fold(form string) string {
	first, n := utf8.DecodeRuneInString(form)
	return string(unicode.ToLower(first)) + form[n:]
}

// KindTermLink is the kind of TermLink nodes.
var KindTermLink = ast.NewNodeKind("TermLink")

// TermLink stands around the first occurrence of a term in a chapter.
type TermLink struct {
	ast.BaseInline
	Term  *Term
	Where string // the slug of the chapter that holds the glossary
}

// Kind returns KindTermLink.
func (*TermLink) Kind() ast.NodeKind { return KindTermLink }

// Dump prints the node for debugging.
func (n *TermLink) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// linkTerms links the first occurrence of each term in the running text of each chapter to the glossary: in paragraphs
// and lists, not in headings, tables, links or code.
func (b *Book) linkTerms() {
	for _, c := range b.Chapters {
		for _, block := range c.Blocks {
			if g, is := block.(Glossary); is {
				b.linkTo(g, c)
			}
		}
	}
}

// GlossaryPage returns the slug of the chapter that holds the glossary, or "".
func (b *Book) GlossaryPage() string {
	for _, c := range b.Chapters {
		for _, block := range c.Blocks {
			if _, is := block.(Glossary); is {
				return c.Slug
			}
		}
	}
	return ""
}

func (b *Book) linkTo(g Glossary, home *Chapter) {
	forms := map[byte][]form{} // by the first byte; it may be of either case
	for _, t := range g.terms() {
		for _, text := range t.Forms {
			folded := fold(text)
			forms[folded[0]] = append(forms[folded[0]], form{folded, t})
		}
	}
	for _, all := range forms { // of two that begin at one place, the longer is meant: "event loop", not "event"
		slices.SortFunc(all, func(a, b form) int { return len(b.text) - len(a.text) })
	}
	for _, c := range append(b.translated(), b.Chapters...) {
		if c.Slug == home.Slug || c.Slug == "" {
			continue
		}
		linked := map[*Term]bool{}
		for _, block := range c.Blocks {
			prose, is := block.(Prose)
			if !is {
				continue
			}
			for _, n := range runningText(prose.Node) {
				linkIn(n, prose.Source, forms, linked, home.Slug)
			}
		}
	}
}

// runningText returns the pieces of text in paragraphs and lists that are not inside a link or code. Emphasised text is
// left out: it is explained where it stands, or is stressed for another reason.
func runningText(root ast.Node) []*ast.Text {
	var all []*ast.Text
	ast.Walk(root, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.Link, *ast.AutoLink, *ast.CodeSpan, *ast.Heading, *ast.Blockquote, *ast.Emphasis:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if block := blockOf(n); entering && (block == ast.KindParagraph || block == ast.KindTextBlock) {
				all = append(all, n)
			}
		}
		return ast.WalkContinue, nil
	})
	return all
}

func blockOf(n ast.Node) ast.NodeKind {
	for n.Type() == ast.TypeInline {
		n = n.Parent()
	}
	return n.Kind()
}

// form is a word, or several, that names a term.
type form struct {
	text string // folded
	term *Term
}

// linkIn puts links around the terms in one piece of text that are not linked yet.
func linkIn(n *ast.Text, source []byte, forms map[byte][]form, linked map[*Term]bool, where string) {
	for start := n.Segment.Start; start < n.Segment.Stop; start++ {
		t, stop := termAt(source[:n.Segment.Stop], start, forms)
		if t == nil || !standsAlone(source, start, stop) {
			continue
		}
		if !linked[t] {
			linked[t] = true
			link := &TermLink{Term: t, Where: where}
			link.AppendChild(link, ast.NewTextSegment(text.NewSegment(start, stop)))
			before := ast.NewTextSegment(text.NewSegment(n.Segment.Start, start))
			parent := n.Parent()
			parent.InsertBefore(parent, n, before)
			parent.InsertBefore(parent, n, link)
			n.Segment = text.NewSegment(stop, n.Segment.Stop) // and keeps the end of its line
		}
		start = stop - 1
	}
}

// termAt is the term whose longest form stands at a place of the source, and where that ends; nil if none does.
func termAt(source []byte, at int, forms map[byte][]form) (t *Term, stop int) {
	first, n := utf8.DecodeRune(source[at:])
	folded := string(unicode.ToLower(first))
	for _, f := range forms[folded[0]] {
		if rest, is := strings.CutPrefix(f.text, folded); is && bytes.HasPrefix(source[at+n:], []byte(rest)) {
			return f.term, at + n + len(rest)
		}
	}
	return nil, 0
}

// standsAlone reports whether source[start:stop] is not part of a longer word.
func standsAlone(source []byte, start, stop int) bool {
	before, _ := utf8.DecodeLastRune(source[:start])
	after, _ := utf8.DecodeRune(source[stop:])
	part := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' }
	return !part(before) && !part(after)
}
