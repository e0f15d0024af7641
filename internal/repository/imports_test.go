// Package repository tests what concerns the repository as a whole.
package repository

import (
	"errors"
	"go/build"
	"io/fs"
	pathpkg "path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rules are the arrows of ARCHITECTURE.md: what a package must not import, directly or through other packages of ours.
// "era/x" is this package alone, "era/x/..." also those below it.
var rules = []struct {
	from  string
	never []string
	why   string
}{
	{"era/runnable/kit/...", []string{"era/catalogue/...", "era/lab/...", "era/site/...", "era/chapters"},
		"the layers are read, tested and run by themselves; the trace file and the command line are all that the lab sees of them"},
	{"era/catalogue", []string{"era/runnable/kit/...", "era/lab/...", "era/site/...", "era/chapters", "os", "os/exec",
		"net", "net/http"},
		"the catalogue is data"},
	{"era/catalogue/madeof/...", []string{"era/catalogue", "era/lab/...", "era/site/...", "era/chapters",
		"era/runnable/..."},
		"it takes programs as plain values"},
	{"era/chapters", []string{"era/site/...", "era/lab/...", "era/catalogue/...", "era/runnable/...", "html/template",
		"net/http", "os/exec",
		"github.com/a-h/templ/...", "github.com/yuin/goldmark/renderer/..."},
		"it reads the book and checks it; how the book looks is the site's matter"},
	{"era/site", []string{"era/lab", "era/lab/process", "era/lab/traffic", "era/lab/live", "era/lab/cli",
		"era/lab/simulated", "era/runnable/kit/...", "os/exec"},
		"it shows runs and starts none, so the book can be built where nothing can run"},
	{"era/internal/aside", []string{"era/..."},
		"it writes files, whatever is in them"},
	{"era/site/epub", []string{"era/..."},
		"it packs a book, whatever is in it"},
	{"era/site/guard", []string{"era/..."},
		"what stands in front of everything must be readable alone"},
	{"era/lab/...", []string{"era/site/...", "era/chapters"},
		"an experiment needs no page and no book: lab, record and matrix work in a terminal"},
	{"era/lab/recording", []string{"era/lab", "era/lab/process", "era/lab/traffic", "era/catalogue/...",
		"era/runnable/...", "os/exec", "net"},
		"it is the form in which a run leaves the lab, and reading one needs no lab"},
	{"era/lab/scenario", []string{"era/lab", "era/lab/process", "era/lab/traffic", "era/runnable/kit/...", "os/exec",
		"net"},
		"a script is data: the same seed gives the same bytes"},
	{"era/lab/simulated/script", []string{"era/...", "os/exec", "net", "github.com/tetratelabs/..."},
		"it is data, which pages are made of without a machine to run it on"},
	{"era/lab/verdict", []string{"era/lab", "era/lab/process", "era/lab/traffic", "era/lab/timeline", "era/site/...",
		"os/exec", "net"},
		"sentences are made from data, wherever they are shown, and are tested without a run"},
	{"era/lab/story", []string{"era/lab", "era/lab/process", "era/lab/traffic", "era/lab/timeline", "era/site/...",
		"os/exec", "net"},
		"moments are found in data, wherever they are shown, and are tested without a run"},
	{"era/lab/guess", []string{"era/lab", "era/lab/process", "era/lab/traffic", "era/catalogue/...", "os/exec", "net"},
		"a guess is graded by a recording as by a live run"},
	{"era/lab/words", []string{"era/..."},
		"a number reads the same in terminal, pages and sentences"},
	{"era/lab/timeline", []string{"era/lab", "era/lab/process", "os/exec"},
		"it turns events into lanes, and is tested without a process"},
	{"era/lab/traffic", []string{"era/lab", "era/lab/process", "os/exec"},
		"clients know an address, and not what listens there"},
	{"era/lab/process", []string{"era/lab", "era/lab/traffic", "era/lab/scenario", "era/lab/timeline"},
		"it starts and ends programs, whatever they are for"},
	{"era/cmd/serve", []string{"testing", "github.com/chromedp/...", "pgregory.net/rapid",
		"era/lab/recording/recordingtest", "github.com/tetratelabs/wazero/..."},
		"running the book must not wait for what only tests need"},
}

func TestImports(t *testing.T) {
	imports := map[string][]string{}
	for _, system := range []string{"linux", "darwin", "windows"} {
		for name, more := range listed(t, system) {
			imports[name] = append(imports[name], more...)
		}
	}
	for _, rule := range rules {
		found := false
		for name := range imports {
			if !matches(rule.from, name) {
				continue
			}
			found = true
			for _, never := range rule.never {
				if chain := reaches(imports, name, never); chain != nil {
					t.Errorf("%s must not import %s: %s\n\t%s", rule.from, never, rule.why, strings.Join(chain, " -> "))
				}
			}
		}
		if !found {
			t.Errorf("no package is %s: has it moved?", rule.from)
		}
	}
}

// No server imports the lab or the catalogue that lists it.
func TestServersStandAlone(t *testing.T) {
	imports := listed(t, "linux")
	for name := range imports {
		if !strings.HasPrefix(name, "era/runnable/") {
			continue
		}
		for _, never := range []string{"era/catalogue/...", "era/lab/...", "era/site/...", "era/chapters"} {
			if chain := reaches(imports, name, never); chain != nil {
				t.Errorf("a server is a program of its own and may import only the kit: %s", strings.Join(chain, " -> "))
			}
		}
	}
}

// listed returns the packages of the module and what they import on a system, without their tests. It reads them itself
// instead of calling go list, so that go test knows when a cached result is stale.
func listed(t *testing.T, system string) map[string][]string {
	t.Helper()
	at := build.Default
	at.GOOS, at.CgoEnabled = system, false
	imports := map[string][]string{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || !entry.IsDir():
			return err
		case path != root && skipped(entry.Name()) || path == filepath.Join(root, "tools"): // a module of its own
			return filepath.SkipDir
		}
		p, err := at.ImportDir(path, 0)
		if none := (*build.NoGoError)(nil); errors.As(err, &none) {
			return nil
		} else if err != nil {
			return err
		}
		below, err := filepath.Rel(root, path)
		imports[pathpkg.Join("era", filepath.ToSlash(below))] = p.Imports
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// skipped reports whether the go command ignores a folder.
func skipped(name string) bool {
	return name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")
}

// reaches returns the shortest import chain from a package to one that matches, through packages of ours, or nil.
func reaches(imports map[string][]string, from, pattern string) []string {
	before := map[string]string{from: ""}
	for ways := []string{from}; len(ways) > 0; ways = ways[1:] {
		for _, next := range imports[ways[0]] {
			if _, seen := before[next]; seen {
				continue
			}
			before[next] = ways[0]
			if !matches(pattern, next) {
				ways = append(ways, next) // packages that are not ours are not listed, so the search ends there
				continue
			}
			var chain []string
			for at := next; at != ""; at = before[at] {
				chain = append(chain, at)
			}
			slices.Reverse(chain)
			return chain
		}
	}
	return nil
}

func matches(pattern, name string) bool {
	root, below := strings.CutSuffix(pattern, "/...")
	return name == root || below && strings.HasPrefix(name, root+"/")
}
