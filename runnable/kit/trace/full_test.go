//go:build linux

package trace

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// A trace file has all its blocks from the beginning: one with holes would end the lab and the server with SIGBUS when
// the disk is full.
func TestNoHoles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "trace")
	r, err := Create(path, 1024)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	hole, err := f.Seek(0, unix.SEEK_HOLE) // the end counts as one
	if err != nil || hole != int64(Size(1024)) {
		t.Errorf("first hole at %d of %d, %v", hole, Size(1024), err)
	}
}
