package chapters

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// A page keeps its day until its text or one of its runs changes, in a clone without history as well, and whatever git
// has left of the file.
func TestChanges(t *testing.T) {
	page := func(title string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("---\ntitle: " + title + "\norder: 1\n---\n\nText.\n")}
	}
	root := fstest.MapFS{"content/index.md": page("T"), "content/one/index.md": page("One"),
		"content/one/recordings/run.json": {Data: []byte("{}\n")}, "content/two/index.md": page("Two")}
	day := func(n int) time.Time { return time.Date(2026, 12, n, 0, 0, 0, 0, time.UTC) }
	// days makes the file anew on a day, and returns the day of each page as the book has it then.
	days := func(today int) string {
		t.Helper()
		book, err := Load(root)
		if book == nil {
			t.Fatal(err)
		}
		text, err := book.Changes(root, day(today))
		if err != nil {
			t.Fatal(err)
		}
		root[ChangesFile] = &fstest.MapFile{Data: text}
		if book, _ = Load(root); book == nil {
			t.Fatal("the book is gone")
		}
		var all []string
		for _, c := range book.pages() {
			all = append(all, c.Changed.Format("2"))
		}
		return strings.Join(all, " ")
	}
	for _, step := range []struct {
		what  string
		edit  func()
		today int
		want  string
	}{
		{"the first time", func() {}, 1, "1 1 1"},
		{"nothing changed", func() {}, 2, "1 1 1"},
		{"other ends of lines", func() {
			for _, file := range root {
				file.Data = []byte(strings.ReplaceAll(string(file.Data), "\n", "\r\n"))
			}
		}, 3, "1 1 1"},
		{"a text", func() { root["content/two/index.md"] = page("Second") }, 4, "1 1 4"},
		{"a run", func() { root["content/one/recordings/run.json"].Data = []byte("{ }") }, 5, "1 5 4"},
		{"a conflict", func() {
			text := string(root[ChangesFile].Data)
			at := strings.Index(text, "content/two/")
			root[ChangesFile].Data = []byte(text[:at] + "<<<<<<< HEAD\n" + text[at:] + "=======\ncontent/two/index.md 2026-12-03 0123\n>>>>>>> other\n")
		}, 6, "1 5 6"},
	} {
		step.edit()
		if got := days(step.today); got != step.want {
			t.Errorf("%s: %q, want %q", step.what, got, step.want)
		}
	}
	if text := string(root[ChangesFile].Data); strings.Contains(text, "<<<") || strings.Count(text, "\n") != 4 {
		t.Errorf("the file holds more than a head and a line for each page:\n%s", text)
	}
}
