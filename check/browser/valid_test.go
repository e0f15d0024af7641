package browser

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The Nu Html Checker is the validator that W3C runs. It takes Java, which epubcheck needs as well.
const (
	vnuVersion = "26.9.27"
	vnuSum     = "22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47"

	// Tables say their roles, as one that is laid out as a list on a phone loses them; the panels of tabs get theirs from
	// the script without which there are no tabs.
	meant = `.*(“role” attribute must not be used on a “t[rhd]” element|Every active “role=tab” element must have).*`
)

// TestValidity lets the Nu Html Checker look at the pages of the static site; of those of sources, which are alike, at
// one.
func TestValidity(t *testing.T) {
	java, err := exec.LookPath("java")
	var jar string
	if err == nil {
		jar, err = fromNPM("vnu-jar", vnuVersion, "build/dist/vnu.jar", vnuSum)
	}
	switch {
	case err == nil:
	case os.Getenv("CI") == "true":
		t.Fatal(err)
	default:
		t.Skip("SKIPPED: no validator, so the HTML of the pages is checked in parts only: ", err)
	}
	dir, err := export()
	if err != nil {
		t.Fatal(err)
	}
	pages := []string{filepath.Join(dir, "source", "select", "main.go.html")}
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "source" {
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".html" {
			pages = append(pages, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const most = 40 // lines that are shown
	args := []string{"-jar", jar, "--errors-only", "--stdout", "--filterpattern", meant}
	out, err := exec.CommandContext(t.Context(), java, append(args, pages...)...).CombinedOutput()
	said := strings.Split(strings.ReplaceAll(strings.TrimSpace(string(out)), dir, ""), "\n")
	for _, line := range said[:min(most, len(said))] {
		if line != "" {
			t.Error(line)
		}
	}
	if err != nil {
		t.Errorf("%d pages have %d mistakes: %v", len(pages), len(said), err)
	}
}
