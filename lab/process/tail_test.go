package process

import (
	"strings"
	"testing"
)

// What a server says may be shown in a terminal, where a line can clear the screen, or write to the clipboard.
func TestOutputIsText(t *testing.T) {
	for said, want := range map[string]string{
		"replaced \ufffd":           "replaced \ufffd",
		"plain, Đường\tđi":          "plain, Đường\tđi",
		"\x1b[2Jcleared":            `\x1b[2Jcleared`,
		"\x1b]52;c;cm0gLXJm\a":      `\x1b]52;c;cm0gLXJm\a`,
		"C1 \u009b31m":              `C1 \u009b31m`,
		"\u202eback to front\u2066": `\u202eback to front\u2066`,
		"Latin-1 caf\xe9":           `Latin-1 caf\xe9`,
		"a\rb\x00c\x7f":             `a\rb\x00c\x7f`,
	} {
		var stream tail
		stream.read(strings.NewReader(said + "\n"))
		if got := stream.all(); len(got) != 1 || got[0] != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
}
