package site

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// grammar is what the colours of a language depend on. It is not a parser: a listing has been compiled and tested.
type grammar struct {
	comment   string // begins a comment that ends with its line
	brackets  bool   // comments stand in /* and */
	quotes    []quote
	prefixes  string // letters that may precede a quote: r"\d"
	directive string // begins a line for the compiler, which ends with a comment or the line
	decorator byte   // begins a line with a name
	calls     bool   // a name before a parenthesis is a function's
	types     string // ends names of types
	shell     bool   // a word ends with space or an operator, and a number is a word
	words     map[string]string
	defines   map[string]string // the class of the name that follows a word: def NAME
}

// quote begins and ends a string.
type quote struct {
	mark    string
	raw     bool // a backslash is a backslash
	several bool // it may have several lines
}

// classes maps the words of each list to its class.
func classes(lists map[string]string) map[string]string {
	all := map[string]string{}
	for class, list := range lists {
		for word := range strings.FieldsSeq(list) {
			all[word] = class
		}
	}
	return all
}

var grammars = map[string]*grammar{
	"go": {
		comment: "//", brackets: true, directive: "//go:", calls: true,
		quotes: []quote{{mark: `"`}, {mark: "'"}, {mark: "`", raw: true, several: true}},
		words: classes(map[string]string{
			"k": `break case chan const continue default defer else fallthrough false for func go goto if import
				interface iota map nil package range return select struct switch true type var`,
			"t": `any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
				rune string uint uint8 uint16 uint32 uint64 uintptr`,
			"b": "append cap clear close complex copy delete imag len make max min new panic print println real " +
				"recover",
		}),
	},
	"python": {
		comment: "#", prefixes: "rRbBfFuU", decorator: '@',
		quotes: []quote{
			{mark: `"""`, several: true}, {mark: "'''", several: true}, {mark: `"`}, {mark: "'"},
		},
		defines: map[string]string{"def": "f", "class": "t"},
		words: classes(map[string]string{
			"k": `and as assert async await break class continue def del elif else except finally for from global
				if import in is lambda nonlocal not or pass raise return try while with yield False None True`,
			"b": `abs all any bool bytearray bytes callable chr classmethod dict dir enumerate filter float format
				frozenset getattr hasattr hash hex id input int isinstance issubclass iter len list map max
				memoryview min next object open ord pow print property range repr reversed round self set
				setattr slice sorted staticmethod str sum super tuple type vars zip`,
		}),
	},
	"c": {
		comment: "//", brackets: true, directive: "#", calls: true, types: "_t",
		quotes: []quote{{mark: `"`}, {mark: "'"}},
		words: classes(map[string]string{
			"k": `auto break case const continue default do else enum extern for goto if inline register restrict
				return sizeof static struct switch typedef union volatile while _Atomic _Thread_local NULL false
				true`,
			"t": "_Bool bool char double float int long short signed unsigned void",
		}),
	},
	"javascript": {
		comment: "//", brackets: true, calls: true,
		quotes: []quote{{mark: `"`}, {mark: "'"}, {mark: "`", several: true}},
		words: classes(map[string]string{
			"k": `async await break case catch class const continue default delete do else export extends false
				finally for from function if import in instanceof let new null of return static super switch
				this throw true try typeof undefined var void while yield`,
		}),
	},
	"sh": {
		comment: "#", shell: true,
		quotes: []quote{{mark: `"`, several: true}, {mark: "'", raw: true, several: true}},
		words: classes(map[string]string{
			"k": "case do done elif else esac fi for function if in then until while",
			"b": "cd echo exec exit export kill printf read set shift source test trap ulimit unset wait",
		}),
	},
}

// colour splits a text into tokens; everything between two colours is one token.
func (g *grammar) colour(text string, put func(class, text string)) {
	defines := ""             // the class of the next name
	blank, dot := true, false // only space precedes on the line; a dot precedes
	plain := 0
	for at := 0; at < len(text); {
		class, n := g.next(text[at:], blank)
		piece := text[at : at+n]
		if class == "name" {
			class = g.name(piece, text[at+n:], defines, dot)
			defines = g.defines[piece]
		}
		if class != "" {
			put("", text[plain:at])
			put(class, piece)
			plain = at + n
		}
		blank = piece == "\n" || blank && (piece == " " || piece == "\t")
		dot = piece == "."
		at += n
	}
	put("", text[plain:])
}

// next returns the class and the length of the first token of a text. A "name" has yet to be looked up.
func (g *grammar) next(text string, blank bool) (class string, length int) {
	first, n := utf8.DecodeRuneInString(text)
	switch {
	case blank && g.directive != "" && strings.HasPrefix(text, g.directive):
		line, rest := text[:lineOf(text)], len(g.directive)
		if comment := strings.Index(line[rest:], g.comment); comment >= 0 {
			line = line[:rest+comment]
		}
		return "p", len(line)
	case blank && g.decorator != 0 && text[0] == g.decorator:
		return "p", n + run(text[n:], func(r rune) bool { return inName(r) || r == '.' })
	case strings.HasPrefix(text, g.comment):
		return "c", lineOf(text)
	case g.brackets && strings.HasPrefix(text, "/*"):
		if end := strings.Index(text[2:], "*/"); end >= 0 {
			return "c", end + len("/**/")
		}
		return "c", len(text)
	case g.shell && inWord(first):
		return "name", run(text, inWord)
	case unicode.IsDigit(first) || first == '.' && len(text) > 1 && '0' <= text[1] && text[1] <= '9':
		return "m", run(text, func(r rune) bool { return inName(r) || r == '.' })
	case inName(first):
		n := run(text, inName)
		if n <= 2 && strings.Trim(text[:n], g.prefixes) == "" {
			if length := g.quoted(text[n:], strings.ContainsAny(text[:n], "rR")); length > 0 {
				return "s", n + length
			}
		}
		return "name", n
	}
	if length := g.quoted(text, false); length > 0 {
		return "s", length
	}
	return "", n
}

// lineOf returns the length of the first line; a backslash at its end joins the next one to it.
func lineOf(text string) int {
	for i := range len(text) {
		if text[i] == '\n' && (i == 0 || text[i-1] != '\\') {
			return i
		}
	}
	return len(text)
}

// run returns the length of the prefix whose characters are of a kind.
func run(text string, of func(rune) bool) int {
	if end := strings.IndexFunc(text, func(r rune) bool { return !of(r) }); end >= 0 {
		return end
	}
	return len(text)
}

func inName(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// inWord reports whether a character is part of a word of the shell, such as -set or 127.0.0.1:8080.
func inWord(r rune) bool { return !unicode.IsSpace(r) && !strings.ContainsRune("\"'`;|&()<>", r) }

// quoted returns the length of the string that the text begins with; 0 if it begins with none.
func (g *grammar) quoted(text string, raw bool) int {
	for _, q := range g.quotes {
		if !strings.HasPrefix(text, q.mark) {
			continue
		}
		for i := len(q.mark); i < len(text); i++ {
			switch {
			case text[i] == '\\' && !q.raw, text[i] == '\\' && raw:
				i++
			case text[i] == '\n' && !q.several:
				return i
			case strings.HasPrefix(text[i:], q.mark):
				return i + len(q.mark)
			}
		}
		return len(text)
	}
	return 0
}

// name returns the class of a name: one that is defined here, a word of the language, or a function that is called.
func (g *grammar) name(name, rest, defines string, dot bool) string {
	class := g.words[name]
	called := g.calls && strings.HasPrefix(strings.TrimLeft(rest, " "), "(")
	switch {
	case defines != "":
		return defines
	case class == "b" && (dot || g.calls && !called): // another of the same name
		return ""
	case class != "":
		return class
	case g.types != "" && strings.HasSuffix(name, g.types):
		return "t"
	case called:
		return "f"
	}
	return ""
}
