package site

import (
	"html"
	"strings"
	"testing"

	"era/lab/recording"
	"era/lab/recording/recordingtest"
	"era/lab/verdict"
)

// The sentences about a recorded run are made with its page and its script: the recording has none.
func TestVerdictsAreMadeForThePage(t *testing.T) {
	run := recordingtest.New()
	want := verdict.Of(run.Result, run.Result.Servers[0])
	book := recorded(t, run, &recording.Matrix{})
	if text := string(book["content/one/recordings/run.json"].Data); want == "" || strings.Contains(text, want[:40]) {
		t.Errorf("the recording has %q in it", want)
	}
	if page := html.UnescapeString(pageOf(t, book, "one.html")); !strings.Contains(page, want) {
		t.Errorf("the page has no %q", want)
	}
	if !strings.Contains(pageOf(t, book, "recordings/run.js"), `"verdict":"`+want[:40]) {
		t.Errorf("the script has no %q", want[:40])
	}
	for i := range run.Result.Servers {
		run.Result.Servers[i].Observed = nil
	}
	if page := pageOf(t, recorded(t, run, &recording.Matrix{}), "one.html"); strings.Contains(page, "answered 1 of") {
		t.Error("there is a verdict on a run of which nothing was observed")
	}
}
