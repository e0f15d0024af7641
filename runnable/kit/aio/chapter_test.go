package aio

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestChapterCounts: the chapter on async/await gives the right sizes of this package and of its corpus.
func TestChapterCounts(t *testing.T) {
	chapter, err := os.ReadFile("../../../content/asyncawait/index.md")
	if err != nil {
		t.Fatal(err)
	}
	said := func(words string) string {
		found := regexp.MustCompile(words).FindSubmatch(chapter)
		if found == nil {
			t.Fatalf("the chapter does not say %q any more", words)
		}
		return string(found[1])
	}
	lines := 0
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(source)) {
			line = strings.TrimSpace(line)
			if !strings.HasSuffix(file, "_test.go") && line != "" && !strings.HasPrefix(line, "//") {
				lines++
			}
		}
	}
	if n, _ := strconv.Atoi(strings.ReplaceAll(said(`ours are some ([0-9,]+) lines of Go`), ",",
		"")); math.Abs(float64(n-lines)) > 50 {
		t.Errorf("it says some %d lines, and there are %d", n, lines)
	}
	twins, _ := filepath.Glob("testdata/*.py")
	if n := said(`there are ([0-9]+) small programs`); n != fmt.Sprint(len(twins)) {
		t.Errorf("it says %s programs, and there are %d", n, len(twins))
	}
	older, _ := filepath.Glob("testdata/*.older.log")
	words := []string{"none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"}
	if n := said(`In 3\.11 and 3\.12, ([a-z]+) print something else`); n != words[len(older)] {
		t.Errorf("it says that %s differ in older versions, and %d do", n, len(older))
	}
	for _, twin := range twins {
		log, err := os.ReadFile(strings.TrimSuffix(twin, ".py") + ".log")
		first, _, _ := strings.Cut(string(log), "\n")
		if want := "# CPython " + said(`The output of CPython ([0-9.]+) is the reference`); first != want || err != nil {
			t.Errorf("the log of %s begins with %q, want %q: %v", twin, first, want, err)
		}
	}
}
