package site

import "strings"

// token is a part of a line: the class of its colour, "" for plain, and its text.
type token struct{ class, text string }

// highlight cuts a text into coloured lines.
func highlight(language, text string) [][]token {
	lines := [][]token{nil}
	put := func(class, text string) {
		for i, part := range strings.Split(text, "\n") {
			if i > 0 {
				lines = append(lines, nil)
			}
			lines[len(lines)-1] = appendToken(lines[len(lines)-1], token{class, part})
		}
	}
	text = strings.TrimRight(text, "\n")
	if g := grammars[language]; g != nil {
		g.colour(text, put)
	} else {
		put("", text)
	}
	return lines
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
