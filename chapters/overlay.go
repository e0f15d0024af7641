package chapters

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// texts say where in each directive words of a language stand. A step of a path is a key of a mapping, or * for each of
// its values, {} for each of its keys, [] for each element of a list. A translation of the directive has these, and
// nothing else; it may leave out those with a ?. Where the original has words for keys, it has a list of them.
var texts = map[string][]string{
	"lab":        {"title", "predict", "guess options {}", "caption", "story [] say"},
	"matrix":     {"title", "caption"},
	"code":       {"title", "steps [] say", "caption"},
	"steps":      {"title", "say", "puzzle", "stops [] say", "caption"},
	"shapes":     {"title", "steps [] name", "steps [] say", "shapes [] title", "shapes [] say", "caption"},
	"quiz":       {"title", "question", "options []", "why"},
	"myth":       {"myth", "truth"},
	"note":       {"text", "source ?"},
	"article":    {"caption"},
	"know":       {"[]"},
	"next":       {"text"},
	"milestones": {"[] year ?", "[] title", "[] text", "[] source ?"},
	"opening":    {"say", "groups [] say", "ask", "choices [] say", "why", "signs *"},
	"directory": {"title", "entries [] text", "entries [] today", "entries [] stands-on ?", "entries [] by ?",
		"entries [] source ?"},
	"glossary": {"[] term ?", "[] text", "[] see"},
}

// word is a text of a directive.
type word struct {
	path     string // "steps[2].say"
	node     *yaml.Node
	optional bool
}

// wordsOf returns what is to be translated of a directive.
func wordsOf(directive string, root *yaml.Node) (all []word) {
	for _, pattern := range texts[directive] {
		steps := strings.Fields(pattern)
		optional := steps[len(steps)-1] == "?"
		if optional {
			steps = steps[:len(steps)-1]
		}
		find(root, steps, "", func(path string, n *yaml.Node) { all = append(all, word{path, n, optional}) })
	}
	return all
}

// find visits the texts to which a path leads.
func find(n *yaml.Node, steps []string, at string, visit func(string, *yaml.Node)) {
	if len(steps) == 0 {
		if n.Kind == yaml.ScalarNode && n.Value != "" {
			visit(at, n)
		}
		return
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode && steps[0] == "[]":
			find(c, steps[1:], element(at, i), visit)
		case n.Kind != yaml.MappingNode:
		case i%2 == 0 && steps[0] == "{}":
			find(c, steps[1:], element(at, i/2), visit)
		case i%2 == 1 && (steps[0] == "*" || steps[0] == n.Content[i-1].Value):
			find(c, steps[1:], member(at, n.Content[i-1].Value), visit)
		}
	}
}

// leaves visits all texts below a node.
func leaves(n *yaml.Node, at string, visit func(string, *yaml.Node)) {
	if n.Kind == yaml.ScalarNode {
		visit(at, n)
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			leaves(c, element(at, i), visit)
		case n.Kind == yaml.MappingNode && i%2 == 1:
			leaves(c, member(at, n.Content[i-1].Value), visit)
		}
	}
}

func element(at string, i int) string     { return fmt.Sprintf("%s[%d]", at, i) }
func member(at string, key string) string { return strings.TrimPrefix(at+"."+key, ".") }

// merged returns a directive with the words of its translation, which stands in the given file.
func merged(original, translated body, file string) (body, Problems) {
	var o, t yaml.Node
	var wrong Problems
	for _, from := range []struct {
		source []byte
		into   *yaml.Node
	}{{original.yaml, &o}, {translated.yaml, &t}} {
		if err := yaml.Unmarshal(from.source, from.into); err != nil || len(from.into.Content) == 0 {
			wrong.add(file, translated.fence, "%s: cannot be read: %v", original.name, err)
			return body{}, wrong
		}
	}
	have := map[string]*yaml.Node{}
	leaves(t.Content[0], "", func(path string, n *yaml.Node) { have[path] = n })
	for _, w := range wordsOf(original.name, o.Content[0]) {
		n := have[w.path]
		delete(have, w.path)
		switch {
		case n != nil && n.Value != "":
			w.node.Value, w.node.Style, w.node.Tag = n.Value, n.Style, "!!str"
		case !w.optional:
			wrong.add(file, translated.fence, "%s: %q is not translated", original.name, w.path)
		}
	}
	// What names the original may be repeated.
	leaves(o.Content[0], "", func(path string, n *yaml.Node) {
		if (path == "name" || path == "clause") && have[path] != nil && have[path].Value == n.Value {
			delete(have, path)
		}
	})
	for path, n := range have {
		wrong.add(file, translated.fence+n.Line, "%s: %q is not among the words of the original; all else comes from there", original.name,
			path)
	}
	if wrong != nil {
		slices.SortFunc(wrong, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
		return body{}, wrong
	}
	source, err := yaml.Marshal(&o)
	if err != nil {
		wrong.add(file, translated.fence, "%s: %v", original.name, err)
	}
	return body{original.name, source, translated.fence}, wrong
}
