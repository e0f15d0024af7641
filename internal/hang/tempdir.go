package hang

import (
	"os"
	"testing"
	"time"
)

// TempDir is a folder for a test whose programs may outlive their parent for a moment, and write to the folder
// meanwhile. It is removed when they have ended.
func TempDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "era-test-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end := time.Now().Add(After)
		for err := os.RemoveAll(dir); err != nil; err = os.RemoveAll(dir) {
			if time.Now().After(end) {
				t.Errorf("something still writes to a folder of the test: %v", err)
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
	return dir
}
