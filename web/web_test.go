// Package web tests the sources of the pages' scripts and style sheets, as far as that needs no browser.
package web

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// TestUnits runs the unit tests of the scripts, in the folder test, with Node.js.
func TestUnits(t *testing.T) {
	node, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("CI=true: unit tests of the scripts need Node.js: ", err)
		}
		t.Skip("unit tests of the scripts need Node.js: ", err)
	}
	sources(t) // so that go test runs again when one has changed
	out, err := exec.CommandContext(t.Context(), node, "--test", "--test-reporter=tap").CombinedOutput()
	if err != nil {
		t.Fatalf("node --test: %v\n%s", err, out)
	}
	if !regexp.MustCompile(`(?m)^# pass [1-9]`).Match(out) {
		t.Errorf("node --test ran no test:\n%s", out)
	}
}

// sources returns all scripts and style sheets, by name.
func sources(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, pattern := range []string{"*.js", "*/*.js", "*.css", "*/*.css"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			all[filepath.ToSlash(name)] = string(text)
		}
	}
	if len(all) == 0 {
		t.Fatal("there are no sources")
	}
	return all
}

// Modules import what they need: the only global name is the one that scripts of recordings call.
func TestOneGlobalName(t *testing.T) {
	global := regexp.MustCompile(`\b(?:globalThis|window|self)\.(\w+)\s*(?:\?\?|\|\|)?=[^=]`)
	prototype := regexp.MustCompile(`\.prototype\b`)
	found := []string{}
	for name, text := range sources(t) {
		if filepath.Dir(name) == "test" { // a test may set up what a browser has
			continue
		}
		for _, m := range global.FindAllStringSubmatch(text, -1) {
			found = append(found, name+" "+m[1])
		}
		if prototype.MatchString(text) {
			t.Errorf("%s reaches into a prototype; import what is needed", name)
		}
	}
	slices.Sort(found)
	if want := []string{"lab.js era", "landing.js era", "late/door.js era", "step.js era"}; !slices.Equal(found, want) {
		t.Errorf("global names: %q, want %q", found, want)
	}
}

// The browser's files are made from the files at the top, one from each; nothing else is left in static/.
func TestBundlesAreOfTheEntries(t *testing.T) {
	names := func(dir string) (names []string) {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range entries {
			if slices.Contains([]string{".js", ".css", ".svg"}, filepath.Ext(entry.Name())) {
				names = append(names, entry.Name())
			}
		}
		return names
	}
	if entries, bundles := names("."), names("../static"); !slices.Equal(entries, bundles) {
		t.Errorf("static/ has %q, and web/ the entries %q: run make generate, or remove what is left over", bundles, entries)
	}
}
