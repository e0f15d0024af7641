package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"era/catalogue"
	"era/chapters"
	"era/lab"
	"era/lab/recording"
	"era/lab/scenario"
	"era/site"
)

// TestRecordingsAreFresh finds recorded runs of servers that have changed since: the book would show behaviour that has
// changed.
func TestRecordingsAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	book, err := chapters.Load(os.DirFS(root), site.CheckLab)
	if err != nil {
		t.Fatal(err)
	}
	var all []catalogue.Variant
	for _, l := range book.Labs() {
		all = append(all, asked(t, l).Servers...)
	}
	sources := sourcesOf(t, root, all)
	for _, l := range book.Labs() {
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(l.Recording())))
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is missing: make it with go run ./cmd/serve record -only %s", l.Recording(), l.Name)
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var r recording.Recording
		if err := json.Unmarshal(data, &r); err != nil {
			t.Errorf("%s: %v", l.Recording(), err)
			continue
		}
		e := asked(t, l)
		made, want := recorded(r), []string{}
		for _, v := range e.Servers {
			want = append(want, v.Server.ID+"/"+string(v.Language))
		}
		if r.Result.Scenario != l.Scenario || !slices.Equal(made, want) {
			t.Errorf("%s is stale: it shows %s of %v, the book asks for %s of %v",
				l.Recording(), r.Result.Scenario, made, l.Scenario, want)
		} else if r.Result.Traffic != e.Script().SHA256() {
			t.Errorf("%s is stale: the scenario sends something else now, or has other settings; make it again with go run ./cmd/serve record -only %s",
				l.Recording(), l.Name)
		}
		for _, change := range changes(r.Sources, sources.Sums(e.Servers...)) {
			t.Errorf("%s is stale: %s; make it again with go run ./cmd/serve record -only %s", l.Recording(), change, l.Name)
		}
	}
}

// TestMatricesAreFresh does the same for the matrices: their programs, and the servers and applications of the
// catalogue.
func TestMatricesAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	book, err := chapters.Load(os.DirFS(root), site.CheckLab)
	if err != nil {
		t.Fatal(err)
	}
	var all []catalogue.Variant
	for _, g := range catalogue.Matrix() {
		all = append(all, slices.Concat(g.Programs...)...)
	}
	sources := sourcesOf(t, root, all)
	for _, block := range book.Matrices() {
		again := "make it with go run ./cmd/serve record -only " + block.Name
		data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(block.Recording())))
		if errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is missing: %s", block.Recording(), again)
			continue
		}
		var m recording.Matrix
		if err == nil {
			err = json.Unmarshal(data, &m)
		}
		if err != nil {
			t.Fatal(err)
		}
		if same, run := m.Same(); same != run {
			t.Errorf("%s: %d of %d cells are not like the first", block.Recording(), run-same, run)
		}
		var want []string // in the recording's form
		var ran []catalogue.Variant
		for i, g := range catalogue.Matrix() {
			want = append(want, fmt.Sprint(g.Servers, g.Apps))
			for j, row := range g.Programs {
				for k, v := range row {
					if i >= len(m.Grids) || j >= len(m.Grids[i].Cells) || k >= len(m.Grids[i].Cells[j]) ||
						m.Grids[i].Cells[j][k].Missing != "" {
						continue // a program that was missing when the recording was made
					}
					ran = append(ran, v)
				}
			}
		}
		for _, change := range changes(m.Sources, sources.Sums(ran...)) {
			t.Errorf("%s is stale: %s; %s", block.Recording(), change, again)
		}
		var made []string
		for _, g := range m.Grids {
			made = append(made, fmt.Sprint(g.Servers, g.Apps))
		}
		if !slices.Equal(made, want) {
			t.Errorf("%s is stale: it has other applications or servers; %s", block.Recording(), again)
		}
	}
}

func recorded(r recording.Recording) (names []string) {
	for _, s := range r.Result.Servers {
		names = append(names, s.ID+"/"+s.Language)
	}
	return names
}

// asked is the experiment that the book asks for.
func asked(t *testing.T, l *chapters.Lab) scenario.Experiment {
	e, wrong := site.Resolve(l)
	if wrong != nil {
		t.Fatal(errors.Join(wrong...))
	}
	return e
}

// sourcesOf returns what programs are made of on the system where the book's recordings are made.
func sourcesOf(t *testing.T, root string, programs []catalogue.Variant) lab.Sources {
	sources, err := lab.FindSources(t.Context(), root, "linux", programs...)
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// changes lists the differences between what a recording was made of and what it would be made of now, sorted.
func changes(then, now map[string]string) (all []string) {
	for file, sum := range now {
		switch was, there := then[file]; {
		case !there:
			all = append(all, file+" is new")
		case was != sum:
			all = append(all, file+" has changed since")
		}
	}
	for file := range then {
		if _, there := now[file]; !there {
			all = append(all, file+" is not part of it any more")
		}
	}
	slices.Sort(all)
	return all
}

// Recordings go to every reader: they must not contain where the checkout, the cache or the tools of the recording
// machine were, which readers need not know and which differs for each.
func TestRecordingsNameNoPlaces(t *testing.T) {
	files, err := filepath.Glob("../../content/*/recordings/*.json")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	place := regexp.MustCompile(`[^\w./](/(home|root|Users|tmp|var|private|opt|work|usr)/[^"\\\s]*)|[A-Z]:\\\\`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := place.FindString(string(text)); found != "" {
			t.Errorf("%s names %q, want paths from the root of the repository", file, found)
		}
	}
}
