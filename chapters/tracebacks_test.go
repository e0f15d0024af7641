package chapters

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var frame = regexp.MustCompile(`(?m)^ *File "([^"/]+\.py)", line (\d+), in \w+\n +(.+)$`)

// TestTracebacks: a line that a traceback in the book quotes from one of our files stands in that file under that
// number. (A line that is in none of the files was written for the example, and is not looked for.)
func TestTracebacks(t *testing.T) {
	sources := map[string][][]string{} // by base name: the lines of each file of that name
	err := fs.WalkDir(os.DirFS(".."), "runnable", func(name string, d fs.DirEntry, err error) error {
		if err != nil || path.Ext(name) != ".py" {
			return err
		}
		text, err := os.ReadFile("../" + name)
		sources[path.Base(name)] = append(sources[path.Base(name)], strings.Split(string(text), "\n"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := fs.Glob(os.DirFS(".."), "content/*/index.md")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, page := range pages {
		text, err := os.ReadFile("../" + page)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range frame.FindAllStringSubmatch(strings.ReplaceAll(string(text), "\r\n", "\n"), -1) {
			numbers := linesWith(sources[f[1]], f[3])
			if len(numbers) == 0 {
				continue
			}
			checked++
			if !slices.Contains(numbers, f[2]) {
				t.Errorf("%s: %q of %s is quoted as line %s, and is line %s", page, f[3], f[1], f[2], strings.Join(numbers, " or "))
			}
		}
	}
	if checked == 0 {
		t.Error("no traceback was checked")
	}
}

// linesWith returns the numbers of the lines that hold exactly this, ignoring surrounding space.
func linesWith(files [][]string, want string) (numbers []string) {
	for _, lines := range files {
		for i, line := range lines {
			if strings.TrimSpace(line) == want {
				numbers = append(numbers, strconv.Itoa(i+1))
			}
		}
	}
	return numbers
}
