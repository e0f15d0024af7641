// Package visible makes the output of servers safe to show. In a terminal and in a page some characters have effects
// instead of being shown: they clear the screen, write to the clipboard, reverse the direction of text.
package visible

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text escapes control characters, which begin a terminal's sequences, marks that reverse the direction of text, and
// bytes that are not UTF-8. It keeps tabs.
func Text(line string) string {
	if utf8.ValidString(line) && !strings.ContainsFunc(line, acts) {
		return line
	}
	var b strings.Builder
	for at, r := range line {
		switch {
		case acts(r) && r < unicode.MaxASCII:
			b.WriteString(strings.Trim(strconv.QuoteRuneToASCII(r), "'"))
		case acts(r): // as in JSON, where those above are escaped already
			fmt.Fprintf(&b, `\u%04x`, r)
		case r == utf8.RuneError && !strings.HasPrefix(line[at:], string(r)):
			fmt.Fprintf(&b, `\x%02x`, line[at])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func acts(r rune) bool {
	return unicode.IsControl(r) && r != '\t' || unicode.Is(unicode.Bidi_Control, r)
}

// Writer passes lines on as Text returns them. A character must not be cut in two by the end of a Write.
type Writer struct{ io.Writer }

func (w Writer) Write(p []byte) (int, error) {
	lines := strings.Split(string(p), "\n")
	for i, line := range lines {
		lines[i] = Text(line)
	}
	if _, err := io.WriteString(w.Writer, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}
