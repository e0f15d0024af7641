//go:build linux

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// serve build writes the e-book alone, unless a folder for the site is named as well.
func TestBuildEPUB(t *testing.T) {
	dir := t.TempDir()
	file, out := filepath.Join(dir, "era.epub"), filepath.Join(dir, "site")
	for _, args := range [][]string{{"build", "-epub", file}, {"build", "-epub", file, "-out", out}} {
		cmd := serveCommand(t, args...)
		status, stdout, stderr := output(t, cmd)
		if status != 0 || !strings.Contains(stdout, "the e-book is in "+file) {
			t.Fatalf("%q: status %d\n%s%s", args, status, stdout, stderr)
		}
		book, err := os.ReadFile(file)
		if err != nil || !bytes.HasPrefix(book, []byte("PK")) {
			t.Errorf("%q: %q, %v", args, book[:min(20, len(book))], err)
		}
		_, err = os.Stat(filepath.Join(out, "index.html"))
		if made, wanted := err == nil, len(args) > 3; made != wanted {
			t.Errorf("%q: a site was made: %v, want %v", args, made, wanted)
		}
	}
	status, _, stderr := output(t, serveCommand(t, "build", "-epub", filepath.Join(dir, "none", "era.epub")))
	if status != 1 || !strings.Contains(stderr, "none") {
		t.Errorf("into a folder that is not there: status %d, %s", status, stderr)
	}
}
