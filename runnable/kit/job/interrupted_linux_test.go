package job

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestConnectInterrupted: in C, a signal that ends connect's wait does not end the connecting (POSIX, connect, EINTR).
func TestConnectInterrupted(t *testing.T) {
	if _, err := exec.LookPath("cc"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("cc is missing, and CI=true")
		}
		t.Skip("SKIPPED: cc is missing")
	}
	binary := filepath.Join(t.TempDir(), "interrupted")
	for _, command := range [][]string{{"cc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", binary, "testdata/interrupted.c"}, {binary}} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", command, err, out)
		}
	}
}
