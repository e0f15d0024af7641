package main

import (
	"strings"
	"testing"
)

// An address that pages cannot have is refused before anything is built.
func TestBuildRefusesBase(t *testing.T) {
	var stdout, stderr strings.Builder
	status := run(t.Context(), []string{"build", "-out", t.TempDir(), "-base", "example.org/book"}, &stdout, &stderr)
	if status != 2 || !strings.Contains(stderr.String(), `-base "example.org/book": want a whole address`) {
		t.Errorf("status %d: %s", status, &stderr)
	}
}
