package site

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/renderer"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/util"

	"era/chapters"
)

// address returns where a target lies, relative to the page.
func (v *view) address(t chapters.Target) string {
	to := ""
	switch {
	case t.Kind == chapters.External:
		return t.URL
	case t.Kind == chapters.ToSource:
		to = sourcePage(t.Source)
	case t.Slug == "":
		to = "index.html"
	default:
		to = t.Slug + ".html"
	}
	if to == v.name && t.Anchor != "" {
		return "#" + t.Anchor
	}
	if t.Anchor != "" {
		to += "#" + t.Anchor
	}
	return v.up + to
}

// markdown renders text of the page's chapter.
func (v *view) markdown(t chapters.Text) (string, error) {
	if t.Empty() {
		return "", nil
	}
	var b bytes.Buffer
	r := renderer.NewRenderer(renderer.WithNodeRenderers(
		util.Prioritized(proseRenderer{v}, 100),
		util.Prioritized(tableRenderer{}, 500),
		util.Prioritized(goldmarkhtml.NewRenderer(), 1000),
	))
	if err := r.Render(&b, t.Source, t.Node); err != nil {
		return "", fmt.Errorf("render %s: %w", v.name, err)
	}
	return b.String(), nil
}

// line renders text without the paragraph around it, where it is a single one.
func (v *view) line(t chapters.Text) (string, error) {
	s, err := v.markdown(t)
	inner, is := strings.CutPrefix(strings.TrimSpace(s), "<p>")
	if inner, closed := strings.CutSuffix(inner, "</p>"); is && closed && !strings.Contains(inner, "<p>") {
		return inner, err
	}
	return s, err
}

// proseRenderer renders what the book writes differently from plain HTML.
type proseRenderer struct{ *view }

func (r proseRenderer) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindLink, r.link)
	register.Register(ast.KindHeading, r.heading)
	register.Register(ast.KindFencedCodeBlock, r.fence)
	register.Register(chapters.KindTermLink, r.term)
}

// term is a quiet link to the glossary, whose first sentence appears under the pointer.
func (r proseRenderer) term(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	t := n.(*chapters.TermLink)
	to := r.address(chapters.Target{Kind: chapters.ToChapter, Slug: t.Where, Anchor: t.Term.ID})
	fmt.Fprintf(w, `<a class="term" href="%s" title="%s">`, html.EscapeString(to), html.EscapeString(t.Term.Hint))
	return ast.WalkContinue, nil
}

func (r proseRenderer) link(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		w.WriteString("</a>")
		return ast.WalkContinue, nil
	}
	to := string(n.(*ast.Link).Destination)
	target, err := r.e.book.Resolve(r.e.root, r.chapter, to)
	if err != nil {
		return ast.WalkStop, err
	}
	rel := ""
	if target.Kind == chapters.External {
		rel = ` rel="external noreferrer"`
	}
	fmt.Fprintf(w, `<a href="%s"%s>`, html.EscapeString(r.address(target)), rel)
	return ast.WalkContinue, nil
}

// heading renders a heading with a link to itself, so that readers can share a place in a chapter.
func (r proseRenderer) heading(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	h := n.(*ast.Heading)
	id, _ := h.AttributeString("id")
	if entering {
		fmt.Fprintf(w, `<h%d id="%s">`, h.Level, html.EscapeString(fmt.Sprintf("%s", id)))
		for _, was := range chapters.Former(h) {
			fmt.Fprintf(w, `<span id="%s"></span>`, html.EscapeString(was))
		}
		return ast.WalkContinue, nil
	}
	stop := ""
	if h.Level == 2 { // the contents have the same link
		stop = ` tabindex="-1"`
	}
	fmt.Fprintf(w, ` <a class="anchor" href="#%s"%s aria-label="Link to this section">#</a></h%d>`+"\n",
		html.EscapeString(fmt.Sprintf("%s", id)), stop, h.Level)
	return ast.WalkContinue, nil
}

func (r proseRenderer) fence(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	fence := n.(*ast.FencedCodeBlock)
	var text bytes.Buffer
	for i := range fence.Lines().Len() {
		line := fence.Lines().At(i)
		text.Write(line.Value(source))
	}
	w.WriteString(plainCode(string(fence.Language(source)), text.String()))
	return ast.WalkContinue, nil
}

// plainCode returns a listing without line numbers. A console shows commands, each after a prompt, and what they print.
func plainCode(language, text string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<pre class="code" tabindex="0"><code class="language-%s">`, html.EscapeString(language))
	for _, line := range highlight(language, text) {
		switch {
		case language == "sh":
			writeWords(&b, line)
		case language == "console" && len(line) > 0 && strings.HasPrefix(line[0].text, "$ "):
			b.WriteString(`<span class="prompt">$ </span><span class="command">`)
			writeWords(&b, highlight("sh", line[0].text[len("$ "):])[0])
			b.WriteString(`</span>`)
		default:
			writeTokens(&b, line)
		}
		b.WriteByte('\n')
	}
	b.WriteString("</code></pre>\n")
	return b.String()
}

// writeWords writes a line of the shell, in which each word is an element of its own: a line breaks between words only.
func writeWords(b *strings.Builder, line []token) {
	open := false
	for _, t := range line {
		for part := range strings.SplitAfterSeq(t.text, " ") {
			word := strings.TrimRight(part, " ")
			if word != "" && !open {
				b.WriteString(`<span class="word">`)
				open = true
			}
			writeTokens(b, []token{{t.class, word}})
			if open && len(word) < len(part) {
				b.WriteString(`</span>`)
				open = false
			}
			b.WriteString(part[len(word):])
		}
	}
	if open {
		b.WriteString(`</span>`)
	}
}

func writeTokens(b *strings.Builder, line []token) {
	for _, t := range line {
		if t.class == "" || t.text == "" {
			b.WriteString(html.EscapeString(t.text))
			continue
		}
		fmt.Fprintf(b, `<span class="%s">%s</span>`, t.class, html.EscapeString(t.text))
	}
}
