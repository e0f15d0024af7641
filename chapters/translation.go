package chapters

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"go.yaml.in/yaml/v3"
)

// Translation is the book in another language, as far as it is translated. A page stands beside its original, as
// content/blocking/index.vi.md does, and takes from that what it does not have itself, block by block.
type Translation struct {
	Language string     // as HTML's lang has it: "vi"
	Pages    []*Chapter // in the order of the book; the first page, if it is translated, before them
}

// Standing says how a block of a translated page stands to its original.
type Standing struct {
	Original bool // it is not translated, and is shown as it is in the original
	Changed  bool // the original has changed since it was translated
}

// Mark is the mark of a translated block: a hash of its original's words, as they were when it was translated.
type Mark struct {
	Line  int    // of the translation
	Was   string // "?" for a block that was never marked
	Is    string // of the original's words today
	Place string // of the original, FILE:LINE
}

// Page returns the translation of the page with the slug, or nil.
func (t *Translation) Page(slug string) *Chapter {
	if i := slices.IndexFunc(t.Pages, func(c *Chapter) bool { return c.Slug == slug }); i >= 0 {
		return t.Pages[i]
	}
	return nil
}

// In returns the translation into a language, or nil.
func (b *Book) In(language string) *Translation {
	if i := slices.IndexFunc(b.Translations, func(t *Translation) bool { return t.Language == language }); i >= 0 {
		return b.Translations[i]
	}
	return nil
}

// translated returns all pages of all translations.
func (b *Book) translated() (all []*Chapter) {
	for _, t := range b.Translations {
		all = append(all, t.Pages...)
	}
	return all
}

var translationName = regexp.MustCompile(`^index\.([a-z]{2,3}(?:-[A-Za-z0-9]+)*)\.md$`)

// translations reads what stands beside the pages of the book in other languages.
func (l *loader) translations(book *Book) {
	for _, c := range book.pages() {
		beside, err := fs.Glob(l.root, path.Join(path.Dir(c.File), "index.*.md"))
		if err != nil {
			l.problems.add(c.File, 1, "find translations: %v", err)
		}
		for _, file := range beside {
			m := translationName.FindStringSubmatch(path.Base(file))
			if m == nil {
				l.problems.add(file, 1, "the name of a translation is index.LANGUAGE.md, as in index.vi.md")
				continue
			}
			t := book.In(m[1])
			if t == nil {
				t = &Translation{Language: m[1]}
				book.Translations = append(book.Translations, t)
			}
			t.Pages = append(t.Pages, l.translation(file, t.Language, c))
		}
	}
	slices.SortFunc(book.Translations, func(a, b *Translation) int { return cmp.Compare(a.Language, b.Language) })
}

// unit is a piece of a page that is translated as a whole: a paragraph, a heading, a list, a table, a directive.
type unit struct {
	nodes []ast.Node
	kind  string
	key   string // what names it in both files: the anchor of a heading, the name of a lab, the number of a clause
	hash  string // of its words
	line  int
	mark  string // of a translated unit
}

// fenced is the kind of plain code, which is the same in all languages: a translation need not have it.
const fenced = "fence"

func (u *unit) fence() *ast.FencedCodeBlock {
	fence, _ := u.nodes[0].(*ast.FencedCodeBlock)
	return fence
}

// units divides the original.
func (p *page) units(doc ast.Node) []*unit {
	var all []*unit
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		end := len(p.source)
		if next := n.NextSibling(); next != nil {
			end = next.Pos()
		}
		u := p.unit(n)
		if u.hash == "" {
			u.hash = hash(string(p.source[n.Pos():end]))
		}
		all = append(all, u)
	}
	return all
}

// unit returns the unit of a node. Its hash is "" where the source of the node says all.
func (p *page) unit(n ast.Node) *unit {
	u := &unit{nodes: []ast.Node{n}, kind: strings.ToLower(n.Kind().String()), line: p.lineAt(n)}
	switch n := n.(type) {
	case *ast.Heading:
		words := plain(n, p.source)
		u.key, u.hash = slugify(words), hash(words)
		if id, is := n.AttributeString("id"); is {
			u.key = fmt.Sprintf("%s", id)
		}
	case *ast.FencedCodeBlock:
		u.kind = fenced
		b := p.body(n)
		if directives[b.name] == nil {
			break
		}
		u.kind = b.name
		var root yaml.Node
		if yaml.Unmarshal(b.yaml, &root) != nil || len(root.Content) == 0 {
			break // it is reported where the directive is read
		}
		var named struct{ Name, Clause string }
		root.Decode(&named) // a list has no name
		u.key = named.Name + named.Clause
		var words []string
		for _, w := range wordsOf(b.name, root.Content[0]) {
			words = append(words, w.path+": "+w.node.Value)
		}
		u.hash = hash(strings.Join(words, "\n"))
	}
	return u
}

// lineAt returns the line on which a block of the page itself begins.
func (p *page) lineAt(n ast.Node) int {
	return 1 + bytes.Count(p.source[:max(0, n.Pos())], []byte("\n"))
}

// hash is that of the words of a block, however its lines are broken.
func hash(words string) string {
	sum := sha256.Sum256([]byte(strings.Join(strings.Fields(words), " ")))
	return hex.EncodeToString(sum[:4])
}

// A mark stands on a line of its own before each block of a translation, where no reader of Markdown sees it.
var marked = regexp.MustCompile(`^<!-- ([0-9a-f]{8}|\?) -->\s*$`)

// markedUnits divides a translation: what stands between two marks is a unit.
func (p *page) markedUnits(doc ast.Node) []*unit {
	var all []*unit
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if html, is := n.(*ast.HTMLBlock); is && html.Lines().Len() == 1 {
			if m := marked.FindSubmatch(html.Lines().Value(p.source)); m != nil {
				all = append(all, &unit{mark: string(m[1]), line: p.lineAt(n)})
				continue
			}
		}
		switch {
		case len(all) == 0:
			p.problems.add(p.File, p.lineAt(n), "no mark stands before this; write <!-- ? --> and run `serve translations -mark`")
			return nil
		case len(all[len(all)-1].nodes) == 0:
			u := p.unit(n)
			u.mark, u.line = all[len(all)-1].mark, all[len(all)-1].line
			all[len(all)-1] = u
		default:
			last := all[len(all)-1]
			last.nodes = append(last.nodes, n)
		}
	}
	return slices.DeleteFunc(all, func(u *unit) bool {
		if len(u.nodes) == 0 {
			p.problems.add(p.File, u.line, "nothing stands after this mark")
		}
		return len(u.nodes) == 0
	})
}

// pair finds the originals of translated units. First by their words: as long as these are the same, a block may have
// moved. Then by name. What is left has an original that was changed and has no name: it is found by its place, if only
// one arrangement fits.
func pair(originals, translated []*unit) map[*unit]*unit {
	of := map[*unit]*unit{}
	taken := map[*unit]bool{}
	match := func(t *unit, fits func(*unit) bool) {
		if of[t] != nil {
			return
		}
		if i := slices.IndexFunc(originals, func(o *unit) bool { return !taken[o] && o.kind == t.kind && fits(o) }); i >= 0 {
			of[t], taken[originals[i]] = originals[i], true
		}
	}
	for _, t := range translated {
		match(t, func(o *unit) bool { return o.hash == t.mark && (t.key == "" || t.kind == "heading" || o.key == t.key) })
	}
	for _, t := range translated {
		match(t, func(o *unit) bool { return o.key == t.key && t.key != "" })
	}
	place := func(t *unit) int { return slices.Index(originals, of[t]) }
	for from := 0; from < len(translated); from++ {
		if of[translated[from]] != nil {
			continue
		}
		to := from
		for to < len(translated) && of[translated[to]] == nil {
			to++
		}
		first, last := 0, len(originals)
		if from > 0 {
			first = place(translated[from-1]) + 1
		}
		if to < len(translated) {
			last = place(translated[to])
		}
		left := map[string][]*unit{} // originals between the neighbours, by kind
		for i := first; i < last; i++ {
			if o := originals[i]; !taken[o] {
				left[o.kind] = append(left[o.kind], o)
			}
		}
		lost := map[string][]*unit{}
		for _, t := range translated[from:to] {
			lost[t.kind] = append(lost[t.kind], t)
		}
		for kind, ts := range lost {
			if len(ts) != len(left[kind]) {
				continue
			}
			for i, t := range ts {
				of[t], taken[left[kind][i]] = left[kind][i], true
			}
		}
		from = to
	}
	return of
}

// translation reads a translated page and puts it together with its original.
func (l *loader) translation(file, language string, original *Chapter) *Chapter {
	own := newChapter(file, original.Slug)
	own.Language = language
	source, err := fs.ReadFile(l.root, file)
	whole, missing := fs.ReadFile(l.root, original.File)
	if err != nil || missing != nil {
		l.problems.add(file, 1, "%v", cmp.Or(err, missing))
		return own
	}
	// What is wrong with the original was reported when that was read.
	quiet := &loader{root: l.root, files: l.files}
	o := &page{loader: quiet, Chapter: newChapter(original.File, original.Slug), source: quiet.clean(original.File, whole)}
	o.front()
	t := &page{loader: l, Chapter: own, source: l.clean(file, source)}
	t.translatedFront(original)
	originals := o.units(Markdown.Parser().Parse(text.NewReader(o.source)))
	translated := t.markedUnits(Markdown.Parser().Parse(text.NewReader(t.source)))
	of, by := pair(originals, translated), map[*unit]*unit{}
	for _, u := range translated {
		if of[u] == nil {
			own.Behind.add(file, u.line, "the original of this block is gone, or has changed so that it cannot be told from others: "+
				"take its mark from `serve translations -all`")
			continue
		}
		by[of[u]] = u
	}
	w := &weaver{page: t, original: o}
	for _, u := range originals {
		w.add(u, by[u])
	}
	w.flush()
	return own
}

var frontMark = regexp.MustCompile(`(?m)^of:`)

// translatedFront reads the front matter of a translation: its words only, the rest is the original's.
func (p *page) translatedFront(original *Chapter) {
	p.Front = original.Front
	block, ok := p.cutFront()
	if !ok {
		return
	}
	var y struct{ Title, Summary, Kicker, Of string }
	p.strictYAML(block, 1, &y)
	words := []string{original.Front.Title, original.Front.Summary, original.Front.Kicker}
	for i, s := range []string{y.Title, y.Summary, y.Kicker} {
		if (s == "") != (words[i] == "") {
			p.problems.add(p.File, 1, "the front matter must translate what the original has of title, summary and kicker, and no more")
			return
		}
	}
	p.Front.Title, p.Front.Summary, p.Front.Kicker = y.Title, y.Summary, y.Kicker
	line := 2
	if at := frontMark.FindIndex(block); at != nil {
		line += bytes.Count(block[:at[0]], []byte("\n"))
	}
	p.HeadChanged = p.compare(Mark{line, y.Of, hash(strings.Join(words, "\n")), original.File + ":1"})
}

// compare keeps a mark, and reports whether the original is another by now.
func (p *page) compare(m Mark) (changed bool) {
	p.Marks = append(p.Marks, m)
	if m.Was != m.Is {
		p.Behind.add(p.File, m.Line, "the original, %s, has changed since; when this says the same again, its mark is %s", m.Place, m.Is)
	}
	return m.Was != m.Is
}

// weaver puts the blocks of a translated page together.
type weaver struct {
	*page    // the translation
	original *page

	prose    *ast.Document // that is not yet a block
	of       *page         // whose source it refers to
	standing Standing
}

// add adds an original's unit, in its translation if it has one that can be shown.
func (w *weaver) add(original, translated *unit) {
	if translated == nil {
		if original.kind != fenced {
			w.Behind.add(w.original.File, original.line, "not yet in %s: %s, whose mark is %s", path.Base(w.File), original.kind,
				original.hash)
		}
		w.fall(original)
		return
	}
	place := fmt.Sprint(w.original.File, ":", original.line)
	changed := w.compare(Mark{translated.line, translated.mark, original.hash, place})
	wrong := w.translate(original, translated, Standing{Changed: changed})
	switch {
	case wrong == nil:
	case changed: // an edit of the original must not break what its author cannot read
		w.fall(original)
	default:
		w.problems = append(w.problems, wrong...)
	}
}

// fall shows the original.
func (w *weaver) fall(u *unit) {
	if u.kind == fenced { // code is of no language
		w.put(u.nodes, w.original, Standing{})
		return
	}
	fence := u.fence()
	if fence == nil {
		w.put(u.nodes, w.original, Standing{Original: true})
		return
	}
	w.flush()
	b := w.original.body(fence)
	w.quietly(func() { w.block(directives[b.name](w.page, b), Standing{Original: true}) })
}

// quietly forgets links and mistakes of the original, which were reported with it.
func (w *weaver) quietly(read func()) {
	links, found := len(w.links), len(w.problems)
	read()
	w.links, w.problems = w.links[:links], w.problems[:found]
}

// translate shows the translation, or says why not.
func (w *weaver) translate(original, translated *unit, s Standing) Problems {
	wrong := func(format string, args ...any) Problems {
		return Problems{{w.File, translated.line, fmt.Sprintf(format, args...)}}
	}
	if translated.fence() == nil || translated.kind == fenced {
		if h, is := original.nodes[0].(*ast.Heading); is {
			own := translated.nodes[0].(*ast.Heading) // the kinds are the same
			if own.Level != h.Level {
				return wrong("the original is a heading of level %d", h.Level)
			}
			own.SetAttributeString("id", []byte(original.key))
			for _, a := range h.Attributes() {
				own.SetAttribute(a.Name, a.Value)
			}
		}
		w.put(translated.nodes, w.page, s)
		return nil
	}
	if len(translated.nodes) > 1 {
		return wrong("more than one block stands after this mark")
	}
	own := w.body(translated.fence())
	b, problems := merged(w.original.body(original.fence()), own, w.File)
	if problems != nil {
		return problems
	}
	w.flush()
	before, links, found := *w.page, len(w.links), len(w.problems)
	block := directives[b.name](w.page, b)
	// The lines of what was merged are of neither file.
	for i := range w.links[links:] {
		w.links[links+i].line = own.fence
	}
	for i := range w.problems[found:] {
		w.problems[found+i].Line = own.fence
	}
	if problems = slices.Clone(w.problems[found:]); len(problems) > 0 {
		w.links, w.problems = w.links[:links], w.problems[:found]
		w.walks, w.quizzes, w.sets = before.walks, before.quizzes, before.sets
		return problems
	}
	w.block(block, s)
	return nil
}

// put adds text of a page. What stands alike stays together, and is rendered as one.
func (w *weaver) put(nodes []ast.Node, of *page, s Standing) {
	if w.prose != nil && (w.standing != s || w.of != of || s.Changed) { // each that has changed has a mark of its own
		w.flush()
	}
	if w.prose == nil {
		w.prose, w.of, w.standing = ast.NewDocument(), of, s
	}
	for _, n := range nodes {
		w.prose.AppendChild(w.prose, n)
	}
}

// flush makes a block of the text that was put.
func (w *weaver) flush() {
	if w.prose == nil {
		return
	}
	prose, headings := w.prose, len(w.Headings)
	w.prose = nil
	look := func() { w.lookIn(prose, w.of.source, 0, true) }
	if w.of == w.original {
		w.quietly(look)
	} else {
		look()
	}
	for i := range w.Headings[headings:] {
		w.Headings[headings+i].line = 1 // they are of two files
	}
	w.block(Prose{Text{prose, w.of.source}}, w.standing)
}

func (w *weaver) block(b Block, s Standing) {
	if b != nil {
		w.Blocks = append(w.Blocks, b)
		w.Standings = append(w.Standings, s)
	}
}
