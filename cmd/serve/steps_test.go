//go:build linux

package main

import (
	"os"
	"strings"
	"testing"

	"era/chapters"
	"era/lab/process"
)

// TestBookTellsTrueRuns plays every run that the book tells.
func TestBookTellsTrueRuns(t *testing.T) {
	t.Chdir("../..")
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	book, err := chapters.Load(os.DirFS(root))
	if err != nil {
		t.Fatal(err)
	}
	if len(book.Steps()) < 14 {
		t.Errorf("the book tells %d runs", len(book.Steps()))
	}
	wrong, err := checkSteps(t.Context(), root, book, modules(root, process.NewBuilder(root, "")))
	if err != nil || len(wrong) > 0 {
		t.Errorf("%v %v", wrong, err)
	}
}

// A run that is not as the book has it is found, with its file and the line of the stop, each time anew.
func TestWrongStops(t *testing.T) {
	t.Chdir("../..")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	root, err := findRoot()
	if err != nil {
		t.Fatal(err)
	}
	run := func(name, shows string, stops ...chapters.Stop) chapters.Block {
		return &chapters.Steps{Name: name, Server: "blocking", Scenario: "first", Shows: shows, Stops: stops,
			File: "content/x/index.md"}
	}
	socket := chapters.Stop{Take: []string{"t1"}, Call: "socket() = 3", Line: 10}
	book := &chapters.Book{Chapters: []*chapters.Chapter{{Blocks: []chapters.Block{
		run("right", "", socket),
		run("call", "", socket, chapters.Stop{Take: []string{"t1"}, Call: "bind(3) = 0", Line: 20}),
		run("unreached", "", socket, chapters.Stop{Take: []string{"t1", "c1"}, Call: "client 1 connects", Line: 30}),
		run("property", "unanswered", socket),
	}}}}
	module := modules(root, process.NewBuilder(root, ""))
	for range 2 {
		wrong, err := checkSteps(t.Context(), root, book, module)
		if err != nil {
			t.Fatal(err)
		}
		if len(wrong) != 3 {
			t.Fatalf("found:\n%v", wrong)
		}
		for i, want := range []string{`content/x/index.md:20: steps call: after 2 choices it is "setsockopt(`,
			"content/x/index.md:30: steps unreached: the stop is not reached: choice 3, c1, cannot be taken",
			`content/x/index.md:10: steps property: what follows the last stop does not show "unanswered"`} {
			if got := wrong[i].String(); !strings.HasPrefix(got, want) {
				t.Errorf("found %q; want %q", got, want)
			}
		}
	}
}
