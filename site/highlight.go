package site

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"sync"

	"github.com/alecthomas/chroma/v2"
	"github.com/alecthomas/chroma/v2/lexers"
)

// token is a piece of a line: the class of its colour, "" for plain, and its text.
type token struct{ class, text string }

// Lexers by the label of a fence. They are looked up by their canonical names: looking them up by file name is slow.
var lexerNames = map[string]string{"go": "Go", "python": "Python", "c": "C", "javascript": "JavaScript", "sh": "Bash", "http": "HTTP"}

var highlighted sync.Map // [32]byte, of language and text -> [][]token

// highlight cuts a text into coloured lines.
func highlight(language, text string) ([][]token, error) {
	key := sha256.Sum256([]byte(language + "\x00" + text))
	if lines, done := highlighted.Load(key); done {
		return lines.([][]token), nil
	}
	lines, err := tokenise(language, text)
	if err != nil {
		return nil, err
	}
	highlighted.Store(key, lines)
	return lines, nil
}

func tokenise(language, text string) ([][]token, error) {
	text = strings.TrimRight(text, "\n")
	name, is := lexerNames[language]
	if !is {
		var lines [][]token
		for line := range strings.SplitSeq(text, "\n") {
			lines = append(lines, []token{{"", line}})
		}
		return lines, nil
	}
	tokens, err := chroma.Coalesce(lexers.Get(name)).Tokenise(&chroma.TokeniseOptions{State: "root", EnsureLF: true}, text)
	if err != nil {
		return nil, fmt.Errorf("highlight %s: %w", language, err)
	}
	lines := [][]token{nil}
	for _, t := range tokens.Tokens() {
		for i, part := range strings.Split(t.Value, "\n") {
			if i > 0 {
				lines = append(lines, nil)
			}
			lines[len(lines)-1] = appendToken(lines[len(lines)-1], token{class(t.Type), part})
		}
	}
	for len(lines) > 1 && len(lines[len(lines)-1]) == 0 {
		lines = lines[:len(lines)-1]
	}
	return lines, nil
}

// appendToken joins a token to its neighbour when they look the same.
func appendToken(line []token, t token) []token {
	switch n := len(line); {
	case t.text == "":
		return line
	case strings.TrimSpace(t.text) == "" && n > 0:
		line[n-1].text += t.text
		return line
	case n > 0 && line[n-1].class == t.class:
		line[n-1].text += t.text
		return line
	}
	return append(line, t)
}

// class is one of the few colours of the book. Less colour reads calmer.
func class(t chroma.TokenType) string {
	switch {
	case t == chroma.KeywordType, t == chroma.NameClass:
		return "t"
	case t.InCategory(chroma.Keyword), t == chroma.OperatorWord:
		return "k"
	case t == chroma.CommentPreproc, t == chroma.CommentPreprocFile, t == chroma.NameDecorator:
		return "p"
	case t.InCategory(chroma.Comment):
		return "c"
	case t.InSubCategory(chroma.LiteralString):
		return "s"
	case t.InSubCategory(chroma.LiteralNumber):
		return "m"
	case t == chroma.NameFunction, t == chroma.NameFunctionMagic:
		return "f"
	case t == chroma.NameBuiltin, t == chroma.NameBuiltinPseudo:
		return "b"
	}
	return ""
}
