package browser

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// The Nu Html Checker is the validator that W3C runs. It takes Java, which epubcheck needs as well.
const (
	vnuVersion = "26.9.27"
	vnuSum     = "22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47"
)

// TestValidity lets the Nu Html Checker look at every page of the static site.
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
	const most = 40 // lines that are shown
	out, err := exec.CommandContext(t.Context(), java, "-jar", jar, "--errors-only", "--skip-non-html", "--stdout",
		dir).CombinedOutput()
	said := strings.ReplaceAll(strings.TrimSpace(string(out)), dir, "")
	for i, line := range strings.Split(said, "\n") {
		if line != "" && i < most {
			t.Error(line)
		}
	}
	if err != nil {
		t.Errorf("%d lines in all: %v", strings.Count(said, "\n")+1, err)
	}
}
