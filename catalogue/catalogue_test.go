package catalogue_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"era/catalogue"
	"era/catalogue/madeof"
)

const root = ".."

// The entry of a server in Python or C that names epoll says that it runs only on Linux. (The module selectors chooses
// what the system has, and so does our Go.)
func TestWhatOnlyLinuxHas(t *testing.T) {
	named := map[catalogue.Language]string{
		catalogue.C: "<sys/epoll.h>", catalogue.Python: "sys.exit(\"epoll is Linux's own\")"}
	var all []catalogue.Variant
	var programs []madeof.Program
	for _, s := range catalogue.Servers() {
		for _, l := range s.Languages {
			if !s.RunsOn("linux", l) {
				t.Errorf("%s in %s does not run on Linux", s.ID, l)
			}
			if named[l] != "" {
				all = append(all, catalogue.Variant{Server: s, Language: l})
				programs = append(programs, madeof.Program{Source: s.Source(l), Args: s.Args})
			}
		}
	}
	files, err := madeof.Files(t.Context(), root, "linux", programs...)
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for i, v := range all {
		found := false
		for _, file := range files[i] {
			text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
			if err != nil {
				t.Fatal(err)
			}
			found = found || bytes.Contains(text, []byte(named[v.Language]))
		}
		if found {
			seen++
		}
		if found == v.Server.RunsOn("darwin", v.Language) {
			t.Errorf("%s: names epoll: %v, runs on macOS: %v", v, found, !found)
		}
	}
	if seen != 4 {
		t.Errorf("%d servers that name epoll", seen)
	}
}
