package chapters

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTranscripts: the interactive Python sessions in the book show what Python prints. The examples of a chapter are
// one session.
func TestTranscripts(t *testing.T) {
	pages, err := filepath.Glob("../content/*/index.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	sessions := 0
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		var session strings.Builder
		for _, fence := range pythonFence.FindAllStringSubmatch(string(text), -1) {
			if strings.HasPrefix(fence[1], ">>> ") {
				session.WriteString(fence[1] + "\n")
			}
		}
		if session.Len() == 0 {
			continue
		}
		sessions++
		t.Run(filepath.Base(filepath.Dir(page)), func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "session")
			for _, saved := range savedAs.FindAllStringSubmatch(string(text), -1) {
				if err := os.WriteFile(filepath.Join(dir, saved[1]), []byte(saved[2]), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.WriteFile(file, []byte(session.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			python, err := exec.LookPath("python3")
			if err != nil {
				t.Skip("no python3")
			}
			doctest := exec.Command(python, "-m", "doctest", file)
			doctest.Dir = dir
			if out, err := doctest.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	if sessions == 0 {
		t.Error("no page has a session: has the fence's name changed?")
	}
}

// savedAs matches a listing that the text asks the reader to save, so that a session can import it.
var savedAs = regexp.MustCompile("(?s)[Ss]ave it as `(\\w+\\.py)`[^`]*```python\n(.*?)```")

var pythonFence = regexp.MustCompile("(?s)```python\n(.*?)```")
