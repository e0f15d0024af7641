package cli

import (
	"strings"
	"testing"
	"unicode"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/visible"
)

// controls returns the characters of a text that control a terminal instead of being shown.
func controls(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar {
			return r
		}
		return -1
	}, text)
}

// A terminal shows anything that a recording holds as text: the tables, the verdicts, and the JSON.
func TestHostileRecordingsAreText(t *testing.T) {
	for where, r := range recordingtest.Hostile(recordingtest.All()) {
		var b strings.Builder
		out := visible.Writer{Writer: &b} // as serve writes it
		if err := table(out, r, 100); err != nil && !strings.Contains(err.Error(), "no scenario") {
			t.Fatalf("%s: %v", where, err)
		}
		if found := controls(b.String()); found != "" {
			t.Errorf("%s: the table has %q", where, found)
		}
		if strings.Contains(where, "doubt") && strings.Contains(where, "script>document") &&
			!strings.Contains(where, "all") && !strings.Contains(b.String(), "document.title='pwned'") {
			t.Errorf("%s: the verdict is not in the table:\n%s", where, b.String())
		}
		b.Reset()
		if err := printJSON(out, r); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
		if found := strings.Trim(controls(b.String()), string(unicode.ReplacementChar)); found != "" {
			t.Errorf("%s: the JSON has %q", where, found)
		}
	}
}

// A matrix contains replies of servers, and what tools print about themselves.
func TestHostileMatrixIsText(t *testing.T) {
	for _, text := range append(recordingtest.Acting, recordingtest.Text...) {
		m := &recording.Matrix{Grids: []recording.Grid{{
			Language: text, Servers: []recording.Side{{Title: text, Contract: text}, {Title: text}},
			Apps:  []recording.Side{{Title: text, Contract: text}},
			Cells: [][]recording.Cell{{{SHA256: text, Differs: []string{text}}, {Missing: text}}},
		}}}
		var b strings.Builder
		if err := matrixTable(visible.Writer{Writer: &b}, m); err != nil {
			t.Fatal(err)
		}
		if found := controls(b.String()); found != "" {
			t.Errorf("%.60q: the table has %q", text, found)
		}
	}
}
