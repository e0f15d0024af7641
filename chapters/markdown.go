package chapters

import (
	"bytes"
	"html"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
)

// The labels that plain fences may have, beside the directives.
var fences = []string{"go", "python", "c", "sh", "console", "text", "http"}

// look walks through Markdown, gives headings their ids, and collects links. top says that node is the page itself:
// directives may stand only there.
func (p *page) look(node ast.Node, top bool) {
	p.lookIn(node, p.source, 0, top)
}

// lookIn is look for a source that begins at line+1 of the file.
func (p *page) lookIn(root ast.Node, source []byte, line int, top bool) {
	at := func(n ast.Node) int { return line + lineOf(n, source) }
	visit := func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			p.heading(n, source, at(n))
		case *ast.Link:
			p.links = append(p.links, link{string(n.Destination), at(n)})
		case *ast.Image:
			if plain(n, source) == "" {
				p.problems.add(p.File, at(n), "image %s has no alternative text", n.Destination)
			}
			p.problems.add(p.File, at(n), "image %s: the book has no images of its own yet", n.Destination)
		case *ast.HTMLBlock, *ast.RawHTML:
			p.problems.add(p.File, at(n), "HTML is not shown; write Markdown or a directive")
		case *ast.FencedCodeBlock:
			name := label(n, source)
			directive := directives[name] != nil
			switch {
			case directive && (!top || n.Parent() != root):
				p.problems.add(p.File, at(n), "the directive %q must stand by itself at the top level", name)
			case n.Info != nil && strings.TrimSpace(string(n.Info.Segment.Value(source))) != name:
				p.problems.add(p.File, at(n), "text after the fence label %q, which would not be read", name)
			case !directive && !slices.Contains(fences, name):
				p.problems.add(p.File, at(n), "unknown fence label %q; there are: %s, and the directives %s",
					name, strings.Join(fences, ", "), strings.Join(directiveNames(), ", "))
			}
		}
		return ast.WalkContinue, nil
	}
	if err := ast.Walk(root, visit); err != nil {
		p.problems.add(p.File, line+1, "%v", err)
	}
}

func (p *page) heading(n *ast.Heading, source []byte, line int) {
	if n.Level == 1 {
		p.problems.add(p.File, line, "a heading of level 1: the title is in the front matter")
	}
	words := plain(n, source)
	id := slugify(words)
	if given, is := n.AttributeString("id"); is {
		if b, ok := given.([]byte); ok {
			id = string(b)
		}
	}
	if id == "" || id != slugify(id) {
		p.problems.add(p.File, line, "the heading %q has %q for an id: give it one of lower-case letters, digits and hyphens, as in {#name}", words, id)
	}
	n.SetAttributeString("id", []byte(id))
	p.anchor(id, line)
	for _, was := range Former(n) {
		p.anchor(was, line)
		p.former[was] = id
	}
	p.Headings = append(p.Headings, Heading{n.Level, id, words, line})
}

// Former returns the ids that a heading had before, as in {was="one two"}: links from elsewhere to them go on working.
func Former(n *ast.Heading) []string {
	was, _ := n.AttributeString("was")
	words, _ := was.([]byte)
	return strings.Fields(string(words))
}

// markdown parses the text of a directive, whose first line is the given one of the file.
func (p *page) markdown(source string, line int) Text {
	if strings.TrimSpace(source) == "" {
		return Text{}
	}
	b := []byte(source)
	doc := Markdown.Parser().Parse(text.NewReader(b))
	p.lookIn(doc, b, line-1, false)
	return Text{doc, b}
}

// label returns the first word after the fence.
func label(n *ast.FencedCodeBlock, source []byte) string {
	return string(n.Language(source))
}

// lineOf returns the line on which a node begins, counted from 1; for a fence with content, the line of the fence.
func lineOf(n ast.Node, source []byte) int {
	offset := -1
	for m := n; m != nil && offset < 0; m = m.Parent() {
		switch {
		case m.Kind() == ast.KindFencedCodeBlock && m.(*ast.FencedCodeBlock).Info != nil:
			offset = m.(*ast.FencedCodeBlock).Info.Segment.Start
		case m.Type() == ast.TypeInline:
			ast.Walk(m, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
				if t, is := c.(*ast.Text); is && entering {
					offset = t.Segment.Start
					return ast.WalkStop, nil
				}
				return ast.WalkContinue, nil
			})
		case m.Type() == ast.TypeBlock && m.Lines().Len() > 0:
			offset = m.Lines().At(0).Start
		}
	}
	if offset < 0 {
		offset = 0
	}
	return 1 + bytes.Count(source[:offset], []byte("\n"))
}

// plain returns the text of a node without its markup.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	ast.Walk(n, func(c ast.Node, entering bool) (ast.WalkStatus, error) {
		switch c := c.(type) {
		case *ast.Text:
			if entering {
				b.Write(c.Segment.Value(source))
				if c.SoftLineBreak() {
					b.WriteByte(' ')
				}
			}
		case *ast.String:
			if entering {
				b.WriteString(html.UnescapeString(string(c.Value))) // typographic quotes are entities here
			}
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// Plain returns the text without its markup.
func (t Text) Plain() string {
	if t.Empty() {
		return ""
	}
	return plain(t.Node, t.Source)
}

// slugify makes an id of a heading as GitHub does: lower case, spaces to hyphens, no punctuation. The result may be
// empty.
func slugify(words string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(words)) {
		switch {
		case unicode.In(r, unicode.L, unicode.M, unicode.Nd), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}
