package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"era/catalogue"
	"era/chapters"
	"era/lab/recording"
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
		if made, want := recorded(r), asked(t, l); r.Result.Scenario != l.Scenario || !slices.Equal(made, want) {
			t.Errorf("%s is stale: it shows %s of %v, the book asks for %s of %v", l.Recording(), r.Result.Scenario, made, l.Scenario, want)
		}
		for file := range sources(t, l) {
			if r.Sources[file] != digest(t, filepath.Join(root, filepath.FromSlash(file))) {
				t.Errorf("%s is stale: %s has changed since; make it again with go run ./cmd/serve record "+
					"-only %s", l.Recording(), file, l.Name)
			}
		}
	}
}

// TestMatricesAreFresh does the same for the matrices: their programs, and the servers and applications of the catalogue.
func TestMatricesAreFresh(t *testing.T) {
	root := filepath.Join("..", "..")
	book, err := chapters.Load(os.DirFS(root), site.CheckLab)
	if err != nil {
		t.Fatal(err)
	}
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
		for i, g := range catalogue.Matrix() {
			want = append(want, fmt.Sprint(g.Servers, g.Apps))
			for j, row := range g.Programs {
				for k, v := range row {
					if i >= len(m.Grids) || j >= len(m.Grids[i].Cells) || k >= len(m.Grids[i].Cells[j]) || m.Grids[i].Cells[j][k].Missing != "" {
						continue // a program that was missing when the recording was made
					}
					for _, file := range v.Server.Sources(v.Language) {
						if m.Sources[file] != digest(t, filepath.Join(root, filepath.FromSlash(file))) {
							t.Fatalf("%s is stale: %s has changed since; %s", block.Recording(), file, again)
						}
					}
				}
			}
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

func asked(t *testing.T, l *chapters.Lab) (names []string) {
	for _, name := range l.Servers {
		v, err := catalogue.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, v.Server.ID+"/"+string(v.Language))
	}
	return names
}

// sources returns the files that the servers of a lab block are made of.
func sources(t *testing.T, l *chapters.Lab) map[string]bool {
	files := map[string]bool{}
	for _, name := range l.Servers {
		v, err := catalogue.Find(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range v.Server.Sources(v.Language) {
			files[file] = true
		}
	}
	return files
}

func digest(t *testing.T, path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
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
