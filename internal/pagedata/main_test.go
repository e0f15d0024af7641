package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestDataIsFresh finds a state, a language or a limit that was changed in Go and not in the pages, and a page of the
// book that was changed after the day that it shows.
func TestDataIsFresh(t *testing.T) {
	all, err := files(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range all {
		got, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is stale: run make generate, and commit it", name)
		}
	}
}
