//go:build linux

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"era/internal/hang"
	"era/site/guard"
)

// The file that opens the browser lies where a sweep finds it, in case serve is killed before it removes the file.
func TestPageForBrowserIsSwept(t *testing.T) {
	cache, programs := hang.TempDir(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(programs, "xdg-open"), []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv("DISPLAY", ":1")
	t.Setenv("PATH", programs+":"+os.Getenv("PATH"))
	listener, err := guard.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	g, err := guard.New(listener, guard.Options{})
	if err != nil {
		t.Fatal(err)
	}
	done, err := openBrowser(g)
	if err != nil {
		t.Fatal(err)
	}
	const page = "open-*/open.html"
	within := filepath.Join(cache, "era-of-asynchrony", "run", fmt.Sprintf("scratch-%d-*", os.Getpid()))
	if found, _ := filepath.Glob(filepath.Join(within, page)); len(found) != 1 {
		t.Errorf("pages %q in %s, want one", found, within)
	}
	done()
	if left, _ := filepath.Glob(within); len(left) != 0 {
		t.Errorf("left: %q", left)
	}
}
