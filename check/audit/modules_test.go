//go:build linux

package audit_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"era/catalogue"
	"era/check/servertest"
)

// TestOurModulesComeFirst: a reader may have installed modules with the names of ours. Every server in Python imports
// ours.
func TestOurModulesComeFirst(t *testing.T) {
	servertest.Need(t, "python3")
	others := t.TempDir()
	for _, name := range []string{"job", "http1", "machine"} {
		if err := os.WriteFile(filepath.Join(others, name+".py"), []byte("raise SystemExit(\"another's module\")\n"),
			0o644); err != nil {
			t.Fatal(err)
		}
	}
	asked := map[string]bool{}
	for _, server := range catalogue.Servers() {
		source := server.Source(catalogue.Python)
		if !server.Has(catalogue.Python) || asked[source] || !strings.HasSuffix(source, ".py") {
			continue
		}
		asked[source] = true
		cmd := exec.Command("python3", filepath.Join(root, source), "-h")
		cmd.Env = append(os.Environ(), "PYTHONPATH="+others)
		// Other missing modules do not matter here.
		if out, _ := cmd.CombinedOutput(); strings.Contains(string(out), "another's module") {
			t.Errorf("%s:\n%s", source, out)
		}
	}
	if len(asked) == 0 {
		t.Error("no server was asked")
	}
}
