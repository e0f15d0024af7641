package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// The pages know what Go has decided: a state, a language or a limit that is changed in Go only is found here.
func TestDataOfPages(t *testing.T) {
	all, err := files()
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
