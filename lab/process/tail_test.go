package process

import (
	"strings"
	"testing"
)

// The output of a server may be shown in a terminal, where a line could clear the screen or write to the clipboard.
func TestOutputIsText(t *testing.T) {
	const said, want = "\x1b[2Jcleared \u202e caf\xe9", `\x1b[2Jcleared \u202e caf\xe9`
	var stream tail
	stream.read(strings.NewReader(said + "\n"))
	if got := stream.all(); len(got) != 1 || got[0] != want {
		t.Errorf("%q: got %q, want %q", said, got, want)
	}
}
