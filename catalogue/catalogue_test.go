package catalogue_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"era/catalogue"
)

// TestWhatOnlyLinuxHas: a server in Python or C that names epoll itself says that it runs on Linux only. (The module selectors
// chooses what the system has, and so does our Go.)
func TestWhatOnlyLinuxHas(t *testing.T) {
	named := map[catalogue.Language]string{catalogue.C: "<sys/epoll.h>", catalogue.Python: "sys.exit(\"-edge: epoll is Linux's own\")"}
	seen := 0
	for _, s := range catalogue.Servers {
		for _, l := range s.Languages {
			found := false
			for _, file := range s.Sources(l) {
				text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(file)))
				if err != nil {
					t.Fatal(err)
				}
				found = found || named[l] != "" && bytes.Contains(text, []byte(named[l])) && (l == catalogue.C || len(s.Args) > 0)
			}
			if found {
				seen++
			}
			if found == s.RunsOn("darwin", l) {
				t.Errorf("%s in %s: names epoll: %v, runs on macOS: %v", s.ID, l, found, !found)
			}
			if !s.RunsOn("linux", l) {
				t.Errorf("%s in %s does not run on Linux", s.ID, l)
			}
		}
	}
	if seen != 4 {
		t.Errorf("%d servers that name epoll", seen)
	}
}
