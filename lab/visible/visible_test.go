package visible

import (
	"encoding/json"
	"strings"
	"testing"
)

// The output of a server may be shown in a terminal, where a line could clear the screen or write to the clipboard.
func TestText(t *testing.T) {
	for said, want := range map[string]string{
		"replaced \ufffd":           "replaced \ufffd",
		"plain, Đường\tđi":          "plain, Đường\tđi",
		"\x1b[2Jcleared":            `\x1b[2Jcleared`,
		"\x1b]52;c;cm0gLXJm\a":      `\x1b]52;c;cm0gLXJm\a`,
		"C1 \u009b31m":              `C1 \u009b31m`,
		"\u202eback to front\u2066": `\u202eback to front\u2066`,
		"Latin-1 caf\xe9":           `Latin-1 caf\xe9`,
		"a\rb\x00c\x7f":             `a\rb\x00c\u007f`,
		"two\nlines":                `two\nlines`,
	} {
		if got := Text(said); got != want {
			t.Errorf("%q: got %q, want %q", said, got, want)
		}
	}
}

func TestWriterKeepsLines(t *testing.T) {
	var b strings.Builder
	n, err := Writer{&b}.Write([]byte("one\n\x1b[2Jtwo\n"))
	if want := "one\n" + `\x1b[2Jtwo` + "\n"; b.String() != want || n != len("one\n\x1b[2Jtwo\n") || err != nil {
		t.Errorf("got %q, %d, %v; want %q", b.String(), n, err, want)
	}
}

// The JSON that commands print is filtered the same way, and means the same afterwards.
func TestWriterKeepsJSON(t *testing.T) {
	const said = "\x00\x1b\x7f\u0085\u009b\u061c\u202e\u2066 \" \\"
	data, err := json.Marshal(said)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if _, err := (Writer{&b}).Write(data); err != nil {
		t.Fatal(err)
	}
	var got string
	if err := json.Unmarshal([]byte(b.String()), &got); err != nil || got != said {
		t.Errorf("%s: got %q, %v; want %q", b.String(), got, err, said)
	}
	if Text(b.String()) != b.String() {
		t.Errorf("control characters are left: %q", b.String())
	}
}
