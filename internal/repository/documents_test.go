package repository

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var (
	link = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	// A step of the run that ARCHITECTURE.md follows: its number, a link to a file, and in the next cell the functions.
	functions = regexp.MustCompile(`(?m)^\| \d+ \[[^]]*\]\(([^)]+)\) \|([^|]*)\|`)
	quoted    = regexp.MustCompile("`([^`]+)`")

	// Commands that the documents and the book print: what they run, and the tests or benchmarks that they choose.
	command = regexp.MustCompile("(go run|go test|python3) ([^`\n#]+)")
	place   = regexp.MustCompile(`(?:^| )(?:\./)?((?:runnable|check|cmd|lab|catalogue|site|chapters)/[\w./-]*)`)
	chosen  = regexp.MustCompile(`-(run|bench) '?([\w|]+)'?`)
)

// Every link of the documents leads to a file that exists.
func TestLinksOfDocuments(t *testing.T) {
	for _, document := range documents(t) {
		for _, found := range link.FindAllStringSubmatch(text(t, document), -1) {
			target, _, _ := strings.Cut(found[1], "#")
			if target == "" || strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(document), target)); err != nil {
				t.Errorf("%s links to %s, which does not exist: %v", filepath.Base(document), found[1], err)
			}
		}
	}
}

// The functions that ARCHITECTURE.md names are in the files that it names.
func TestFunctionsOfArchitecture(t *testing.T) {
	rows := functions.FindAllStringSubmatch(text(t, filepath.Join(root, "ARCHITECTURE.md")), -1)
	if len(rows) == 0 {
		t.Fatal("found no table in ARCHITECTURE.md that follows a run from file to file")
	}
	for _, row := range rows {
		file := text(t, filepath.Join(root, row[1]))
		for _, name := range quoted.FindAllStringSubmatch(row[2], -1) {
			short := name[1][strings.LastIndex(name[1], ".")+1:] // of a method
			if !definition(short).MatchString(file) {
				t.Errorf("ARCHITECTURE.md: %s has no %s", row[1], name[1])
			}
		}
	}
}

// Commands that the documents and the chapters print run something that exists, and tests that exist.
func TestCommands(t *testing.T) {
	chapters, err := filepath.Glob(filepath.Join(root, "content/*/index.md"))
	if err != nil {
		t.Fatal(err)
	}
	commands := 0
	for _, document := range append(documents(t), chapters...) {
		for _, found := range command.FindAllStringSubmatch(text(t, document), -1) {
			at := place.FindStringSubmatch(found[2])
			if at == nil {
				continue
			}
			commands++
			wrong := func(why string) { t.Errorf("%s: %s: %s", strings.TrimPrefix(document, root+"/"), found[0], why) }
			pattern, tests := "main.go", ""
			switch found[1] {
			case "go test":
				pattern = "*_test.go"
			case "python3":
				pattern = ""
			}
			files, err := filepath.Glob(filepath.Join(root, at[1], pattern))
			if err != nil || len(files) == 0 {
				wrong("there is no " + filepath.Join(at[1], pattern))
				continue
			}
			if found[1] != "go test" {
				continue
			}
			for _, file := range files {
				tests += text(t, file)
			}
			for _, c := range chosen.FindAllStringSubmatch(found[2], -1) {
				kind := map[string]string{"run": "Test", "bench": "Benchmark"}[c[1]]
				for _, name := range strings.Split(c[2], "|") {
					if !regexp.MustCompile(`(?m)^func ` + kind + `\w*` + name).MatchString(tests) {
						wrong("no " + kind + "..." + name + " in " + at[1])
					}
				}
			}
		}
	}
	if commands < 20 {
		t.Errorf("found only %d commands", commands)
	}
}

// definition matches the definition of a function or method, in Go or JavaScript.
func definition(name string) *regexp.Regexp {
	return regexp.MustCompile(`(?m)^func (\([^)]*\) )?` + name + `\(|^\s*(async )?` + name + `\(.*\) \{`)
}

// documents are the Markdown files at the root and those for the repository's host.
func documents(t *testing.T) (all []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", ".github/*.md", ".github/*/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		t.Fatal("there are no documents")
	}
	return all
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
