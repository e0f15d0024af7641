package chapters

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/yuin/goldmark/ast"

	"era/internal/language"
)

// The languages of the book, in the order of the tabs.
var languages = language.Names()

// body is the YAML inside a directive's fence.
type body struct {
	name  string
	yaml  []byte
	fence int // the fence's line; the first line of the YAML is the next
}

// directives holds the reader of each kind of directive. A reader reports what is wrong and returns nil when nothing
// can be shown.
var directives map[string]func(*page, body) Block

func init() {
	directives = map[string]func(*page, body) Block{
		"lab": (*page).lab, "matrix": (*page).matrix, "code": (*page).code, "shapes": (*page).shapes, "quiz": (*page).quiz,
		"myth": (*page).myth, "note": (*page).note,
		"article": (*page).article, "directory": (*page).directory, "glossary": (*page).glossary,
		"milestones": (*page).milestones, "know": (*page).know, "next": (*page).next,
		"opening": (*page).opening, "steps": (*page).steps,
	}
}

func directiveNames() []string { return slices.Sorted(maps.Keys(directives)) }

func (p *page) body(fence *ast.FencedCodeBlock) body {
	var b bytes.Buffer
	for i := range fence.Lines().Len() {
		line := fence.Lines().At(i)
		b.Write(line.Value(p.source))
	}
	return body{label(fence, p.source), b.Bytes(), lineOf(fence, p.source)}
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// strictYAML decodes YAML whose first line follows the given line of the file. Unknown keys are mistakes.
func (p *page) strictYAML(source []byte, before int, into any) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(source))
	decoder.KnownFields(true)
	err := decoder.Decode(into)
	if err == nil {
		var second yaml.Node
		if err := decoder.Decode(&second); !errors.Is(err, io.EOF) {
			p.problems.add(p.File, before+max(second.Line, 1), "a second YAML document, which would not be read: remove the line ---")
			return false
		}
		return true
	}
	texts := []string{strings.TrimPrefix(err.Error(), "yaml: ")}
	var several *yaml.TypeError
	if errors.As(err, &several) {
		texts = texts[:0]
		for _, e := range several.Errors {
			texts = append(texts, fmt.Sprint(e))
		}
	}
	for _, text := range texts {
		line := 1
		if m := yamlLine.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1]) // digits, by the pattern
			text = strings.Replace(text, m[0], "", 1)
		}
		text = regexp.MustCompile(`field (\S+) not found in type \S+`).ReplaceAllString(text, `unknown key "$1"`)
		p.problems.add(p.File, before+line, "%s", text)
	}
	return false
}

// read decodes a directive's YAML and reports required fields that are missing.
func (p *page) read(b body, into any, required ...string) bool {
	if !p.strictYAML(b.yaml, b.fence, into) {
		return false
	}
	var have map[string]any
	if err := yaml.Unmarshal(b.yaml, &have); err != nil {
		p.problems.add(p.File, b.fence, "%s: %v", b.name, err)
		return false
	}
	complete := true
	for _, key := range required {
		if value, is := have[key]; !is || value == nil || value == "" {
			p.problems.add(p.File, b.fence, "%s: the key %q is missing", b.name, key)
			complete = false
		}
	}
	return complete
}

// words is Markdown in YAML, with the line where it stands.
type words struct {
	text string
	line int
}

// UnmarshalYAML keeps the line. A block scalar begins on the line after its key.
func (w *words) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: expected text", n.Line)
	}
	w.text, w.line = n.Value, n.Line
	if n.Style == yaml.LiteralStyle || n.Style == yaml.FoldedStyle {
		w.line++
	}
	return nil
}

func (p *page) md(b body, w words) Text { return p.markdown(w.text, b.fence+w.line) }

func (p *page) mds(b body, ws []words) []Text {
	texts := make([]Text, len(ws))
	for i, w := range ws {
		texts[i] = p.md(b, w)
	}
	return texts
}
