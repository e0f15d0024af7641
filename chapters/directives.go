package chapters

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

func (p *page) lab(b body) Block {
	var y struct {
		Name, Title, Scenario string
		Servers               []string
		Settings              map[string]string
		Predict               words
		Measure               string
		Guess                 Guess
		Caption               words
		Story                 []telling
	}
	if !p.read(b, &y, "name", "title", "scenario", "servers") {
		return nil
	}
	if !p.goodName(b, y.Name) {
		return nil
	}
	if (y.Predict.text == "") != (y.Measure == "") {
		p.problems.add(p.File, b.fence, "lab: predict and measure go together")
	}
	if y.Measure == "" && b.lineOf("guess:") != b.fence {
		p.problems.add(p.File, b.lineOf("guess:"), "lab: a guess without a measure is never graded")
	}
	p.underHeading(b)
	p.anchor("lab-"+y.Name, b.fence)
	var story []Told
	for _, t := range y.Story {
		story = append(story, Told{t.Telling, b.fence + t.line})
	}
	return &Lab{
		Name: y.Name, Title: y.Title, Scenario: y.Scenario, Servers: y.Servers, Settings: y.Settings,
		Predict: p.md(b, y.Predict), Measure: y.Measure, Guess: y.Guess, Caption: p.md(b, y.Caption), Story: story,
		Chapter: p.Slug, File: p.File, Line: b.fence,
	}
}

// telling is a moment of a story, with the line where it stands.
type telling struct {
	Telling
	line int
}

// UnmarshalYAML keeps the line. A decoder that refuses unknown keys does not do so for what a node decodes.
func (t *telling) UnmarshalYAML(n *yaml.Node) error {
	t.line = n.Line
	keys := map[string]*string{"at": &t.At, "first": &t.First, "last": &t.Last, "most": &t.Most, "server": &t.Server,
		"of": &t.Of, "say": &t.Say}
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: expected a moment, with say and at, first, last or most", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if keys[key.Value] == nil || value.Kind != yaml.ScalarNode {
			return fmt.Errorf("line %d: unknown key %q of a moment; there are: %s", key.Line, key.Value,
				strings.Join(slices.Sorted(maps.Keys(keys)), " "))
		}
		*keys[key.Value] = value.Value
	}
	return nil
}

// UnmarshalYAML reads a mapping and keeps its order: {none: 0, some: 1, all: 20}.
func (o *Options) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: expected the least figure of each answer, as in {none: 0, some: 1}", n.Line)
	}
	for i := 0; i < len(n.Content); i += 2 {
		*o = append(*o, struct{ Words, From string }{n.Content[i].Value, n.Content[i+1].Value})
	}
	return nil
}

// none is written for a step that lights nothing in a language; its text must then say so.
const none = "none"

// underHeading checks that a heading of level 2 stands before a directive whose title becomes one of level 3, so that
// the outline that a screen reader announces has no gaps.
func (p *page) underHeading(b body) {
	if p.Slug != "" && !slices.ContainsFunc(p.Headings, func(h Heading) bool { return h.Level == 2 && h.line < b.fence }) {
		p.problems.add(p.File, b.fence, "%s: a heading (##) must stand before it", b.name)
	}
}

// patterns lights lines: one or several texts.
type patterns struct {
	texts []string
	line  int
}

// UnmarshalYAML takes a text or a list of texts.
func (t *patterns) UnmarshalYAML(n *yaml.Node) error {
	t.line = n.Line
	if n.Kind == yaml.ScalarNode {
		t.texts = []string{n.Value}
		return nil
	}
	return n.Decode(&t.texts)
}

func (p *page) code(b body) Block {
	var y struct {
		Title         string
		Go, Python, C string
		Caption       words
		Steps         []struct {
			Say           words
			Go, Python, C patterns
		}
	}
	if !p.read(b, &y, "title") {
		return nil
	}
	p.underHeading(b)
	p.walks++
	code := &Code{ID: fmt.Sprintf("walk-%d", p.walks), Title: y.Title, Caption: p.md(b, y.Caption)}
	p.anchor(code.ID, b.fence)
	for _, from := range []struct{ language, reference string }{{"go", y.Go}, {"python", y.Python}, {"c", y.C}} {
		if from.reference == "" {
			continue
		}
		excerpt, err := p.include(from.reference)
		if err != nil {
			p.problems.add(p.File, b.lineOf(from.language+":"), "code: %v", err)
			continue
		}
		excerpt.Language = from.language
		code.Excerpts = append(code.Excerpts, excerpt)
	}
	if y.Go+y.Python+y.C == "" {
		p.problems.add(p.File, b.fence, "code: at least one of %s is needed", strings.Join(languages, ", "))
	}
	for _, s := range y.Steps {
		step := Step{Say: p.md(b, s.Say), Lit: map[string][]Range{}}
		lights := map[string]patterns{"go": s.Go, "python": s.Python, "c": s.C}
		for _, excerpt := range code.Excerpts {
			lit := lights[excerpt.Language]
			switch {
			case len(lit.texts) == 0:
				p.problems.add(p.File, b.lineOf("title:"), "code: step %d lights nothing in the %s tab; if that is meant, write %s: none", len(code.Steps)+1,
					excerpt.Language, excerpt.Language)
			case lit.texts[0] == none:
				lit.texts = nil
			}
			for _, text := range lit.texts {
				r, err := excerpt.find(text)
				if err != nil {
					p.problems.add(p.File, b.fence+lit.line, "code: %s: %v", excerpt.Language, err)
					continue
				}
				step.Lit[excerpt.Language] = append(step.Lit[excerpt.Language], r)
			}
		}
		code.Steps = append(code.Steps, step)
	}
	return code
}

// lineOf returns the line of the file on which the directive's text first stands.
func (b body) lineOf(text string) int {
	for i, line := range strings.Split(string(b.yaml), "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), text) {
			return b.fence + 1 + i
		}
	}
	return b.fence
}

const shortTitle = 40 // characters of a question's title

func (p *page) quiz(b body) Block {
	var y struct {
		Title    string
		Question words
		Options  []words
		Answer   int
		Why      words
	}
	if !p.read(b, &y, "title", "question", "options", "answer", "why") {
		return nil
	}
	if y.Answer < 1 || y.Answer > len(y.Options) {
		p.problems.add(p.File, b.fence, "quiz: answer %d is not one of the %d options", y.Answer, len(y.Options))
		return nil
	}
	if utf8.RuneCountInString(y.Title) > shortTitle {
		p.problems.add(p.File, b.lineOf("title:"), "quiz: the title has more than %d characters: it stands in lists", shortTitle)
	}
	p.quizzes++
	id := fmt.Sprintf("quiz-%d", p.quizzes)
	p.anchor(id, b.fence)
	return Quiz{id, y.Title, p.md(b, y.Question), p.mds(b, y.Options), y.Answer, p.md(b, y.Why)}
}

func (p *page) myth(b body) Block {
	var y struct{ Myth, Truth words }
	if !p.read(b, &y, "myth", "truth") {
		return nil
	}
	return Myth{p.md(b, y.Myth), p.md(b, y.Truth)}
}

func (p *page) note(b body) Block {
	var y struct {
		Clause string
		Text   words
		Quote  string
		Source words
	}
	if !p.read(b, &y, "text") {
		return nil
	}
	n := Note{Clause: y.Clause, Text: p.md(b, y.Text), Quote: y.Quote, Source: p.md(b, cited(y.Source))}
	if y.Clause != "" {
		p.checkStrength(b, y.Clause, y.Text.text, y.Quote)
		n.ID = "clause-" + slugify(strings.ReplaceAll(y.Clause, ".", " "))
		p.anchor(n.ID, b.fence)
	}
	return n
}

func (p *page) article(b body) Block {
	var y struct {
		Lang    string
		Caption words
		Code    string
	}
	if !p.read(b, &y, "lang", "code") {
		return nil
	}
	if !slices.Contains(languages, y.Lang) {
		p.problems.add(p.File, b.fence, "article: unknown lang %q; there are: %s", y.Lang, strings.Join(languages, ", "))
	}
	return Article{y.Lang, p.md(b, y.Caption), y.Code}
}

// know takes a list.
func (p *page) know(b body) Block {
	var y []words
	if !p.strictYAML(b.yaml, b.fence, &y) {
		return nil
	}
	return Know{p.mds(b, y)}
}

func (p *page) next(b body) Block {
	var y struct {
		Chapter string
		Text    words
	}
	if !p.read(b, &y, "text") {
		return nil
	}
	if y.Chapter != "" {
		p.links = append(p.links, link{p.toChapterFile(y.Chapter), b.fence})
	}
	return Next{y.Chapter, p.md(b, y.Text)}
}

func (p *page) milestones(b body) Block {
	var y []struct {
		Year, Title string
		Text        words
		Chapter     string
		Soon        bool
		Source      words
	}
	if !p.strictYAML(b.yaml, b.fence, &y) {
		return nil
	}
	var all Milestones
	for _, m := range y {
		if m.Year == "" || m.Title == "" {
			p.problems.add(p.File, b.fence, "milestones: each needs a year and a title")
		}
		if m.Chapter != "" {
			p.links = append(p.links, link{p.toChapterFile(m.Chapter), b.fence})
		}
		all.Items = append(all.Items,
			Milestone{m.Year, m.Title, p.md(b, m.Text), m.Chapter, m.Soon, p.md(b, cited(m.Source))})
	}
	return all
}

// toChapterFile returns a link to another chapter as it is written in this file.
func (p *page) toChapterFile(slug string) string {
	if p.Slug == "" {
		return slug + "/index.md"
	}
	return "../" + slug + "/index.md"
}
