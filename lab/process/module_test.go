//go:build linux

package process

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A module is built for WebAssembly, once for all who ask, again when a source has changed, and is kept compressed.
func TestModule(t *testing.T) {
	b, v, edit := tiny(t, "package main\n\nfunc main() {}\n")
	built := filepath.Join(t.TempDir(), "built")
	how := Moduler{Environment: []string{"GOOS=wasip1"}, Source: "runnable/kit",
		Command: func(scratch, folder, out string) ([]string, error) {
			return []string{"sh", "-c", `echo $GOOS "$0" >> "$1" && printf module > "$2"`, folder, built, out}, nil
		}}
	module := func() {
		t.Helper()
		packed, err := b.Module(t.Context(), v.Server, how)
		if err != nil {
			t.Error(err)
			return
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			t.Error(err)
			return
		}
		if text, err := io.ReadAll(z); string(text) != "module" || err != nil {
			t.Errorf("the module holds %q, %v", text, err)
		}
	}
	var together sync.WaitGroup
	for range 3 {
		together.Go(module)
	}
	together.Wait()
	edit("package main\n\nfunc main() { println() }\n")
	module()
	lines, err := os.ReadFile(built)
	if want := strings.Repeat("wasip1 runnable/tiny\n", 2); string(lines) != want || err != nil {
		t.Errorf("built:\n%s, %v; want\n%s", lines, err, want)
	}
}

// What the compiler says is in the error.
func TestModuleFails(t *testing.T) {
	b, v, _ := tiny(t, "package main\n\nfunc main() {}\n")
	_, err := b.Module(t.Context(), v.Server, Moduler{Source: "runnable/kit",
		Command: func(string, string, string) ([]string, error) {
			return []string{"sh", "-c", "echo no such package >&2; exit 1"}, nil
		}})
	if err == nil || !strings.Contains(err.Error(), "runnable/tiny") || !strings.Contains(err.Error(), "no such package") {
		t.Errorf("%v", err)
	}
}
