package job

import (
	"path/filepath"
	"testing"

	"era/check/servertest"
)

// TestConnectInterrupted: in C, a signal that ends connect's wait does not end the connecting (POSIX, connect, EINTR).
func TestConnectInterrupted(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "interrupted")
	servertest.CC(t, binary, "testdata/interrupted.c")
	servertest.Run(t, binary)
}
