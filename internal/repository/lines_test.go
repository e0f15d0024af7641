package repository

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// A line has at most 120 columns. Of a long text in quotes, which is not broken for that, only the beginning counts.
// Templates are written as templ fmt has them.
func TestLineLength(t *testing.T) {
	const most, ofText = 120, 40
	short := func(literal string) string {
		if !strings.ContainsAny(literal[:1], "\"'`") || strings.HasPrefix(literal, `"""`) {
			return literal // a comment
		}
		lines := strings.Split(literal, "\n")
		for i, line := range lines {
			if runes := []rune(line); len(runes) > ofText {
				lines[i] = string(runes[:ofText])
			}
		}
		return strings.Join(lines, "\n")
	}
	for path, source := range sources(t, true) {
		if filepath.Ext(path) == ".templ" {
			continue
		}
		source = prose[filepath.Ext(path)].ReplaceAllStringFunc(source, short)
		for i, line := range strings.Split(source, "\n") {
			if n := utf8.RuneCountInString(line); n > most {
				t.Errorf("%s:%d has %d columns; %d are enough", path, i+1, n, most)
			}
		}
	}
}
