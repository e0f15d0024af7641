package site

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"era/catalogue/madeof/code"
	"era/chapters"
	"era/lab/recording"
	"era/lab/recording/recordingtest"
)

// TestLinesOfRecordings: a recorded run names the current lines, or none.
func TestLinesOfRecordings(t *testing.T) {
	const file = "runnable/select/main.go"
	then := "package main\n\n// main counts.\nfunc main() {\n\tprintln(1)\n\tprintln(2)\n}\n"
	for _, test := range []struct {
		what, now string
		lines     []int
	}{
		{"the same", then, []int{5, 6}},
		{"a comment and a blank line more",
			"// Package main counts.\npackage main\n\nfunc main() {\n\n\tprintln(1)\n\t// and\n\tprintln(2)\n}\n", []int{6, 8}},
		{"other code", "package main\n\nfunc main() {\n\tprintln(2)\n\tprintln(1)\n}\n", nil},
	} {
		run := recordingtest.New()
		was := code.Of(file, []byte(then))
		run.Sources = map[string]string{file: was.Sum}
		for i := range run.Tracks {
			run.Tracks[i].Sites = []recording.Site{
				{File: file, Line: was.Count(5)}, {File: "gone.go", Line: 1}, {File: file, Line: was.Count(6)}}
			for site := range run.Tracks[i].Sites {
				run.Tracks[i].Marks[site].Site = site
			}
			stuck := &recording.Stuck{Call: "read", FD: 3, TookMS: 2000, Site: &recording.Site{File: file, Line: was.Count(6)}}
			run.Result.Servers[i].Observed.Stuck, run.Result.Servers[i].Exit = stuck, ""
		}
		book := recorded(t, run, someMatrix("text"))
		book[file] = &fstest.MapFile{Data: []byte(test.now)}
		e, err := New(book, Options{}).edition()
		if err != nil {
			t.Fatal(err)
		}
		r, err := e.recorded(&chapters.Lab{Chapter: "one", Name: "run"})
		if err != nil {
			t.Fatal(err)
		}
		sentence := "it sat in read(fd 3) for 2.0 s"
		if test.lines != nil {
			sentence += fmt.Sprintf(" (%s:%d)", file, test.lines[1])
		}
		for _, page := range []string{"one.html", "recordings/run.js"} {
			if !strings.Contains(pageOf(t, book, page), sentence+".") {
				t.Errorf("%s: %s does not say that %s", test.what, page, sentence)
			}
		}
		for _, track := range r.Tracks {
			var lines []int
			for _, m := range track.Marks[:3] {
				if m.Site >= 0 {
					lines = append(lines, track.Sites[m.Site].Line)
				}
			}
			if !slices.Equal(lines, test.lines) {
				t.Errorf("%s: the marks are of lines %d, want %d", test.what, lines, test.lines)
			}
		}
	}
}
