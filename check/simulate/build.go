// Package simulate builds the book's Go servers for the simulated kernel, and runs them there.
package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build compiles the server in a folder of the repository (runnable/select) to a WebAssembly module.
//
// A module that is stepped does not run main by itself: it needs a function that its host can call. The overlay adds
// that to the program's package. It also gives the module those files of the kit that say they are for Linux, and need
// nothing of it but the calls of sys.
func Build(ctx context.Context, root, folder, output string) error {
	scratch, err := os.MkdirTemp("", "era-simulate-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	replace := map[string]string{}
	add := func(path, text string) error {
		file := filepath.Join(scratch, fmt.Sprintf("%d.go", len(replace)))
		replace[filepath.Join(root, path)] = file
		return os.WriteFile(file, []byte(text), 0o600)
	}
	if err := add(folder+"/start_wasip1.go", start); err != nil {
		return err
	}
	for _, path := range portable {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		as := strings.NewReplacer("_linux.go", "_here.go", "_unix.go", "_here.go").Replace(path)
		if err := add(as, strings.Replace(string(text), "//go:build linux || darwin\n", "", 1)); err != nil {
			return err
		}
	}
	overlay := filepath.Join(scratch, "overlay.json")
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err == nil {
		err = os.WriteFile(overlay, text, 0o600)
	}
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-buildmode=c-shared", "-trimpath",
		"-ldflags=-s -w", "-o", output, "./"+filepath.ToSlash(folder))
	build.Dir = root
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s for the simulated kernel: %w\n%s", folder, err, said)
	}
	return nil
}

const start = `package main

//go:wasmexport start
func start() { go main() }
`

// portable are files that need nothing of a system but the calls of sys.
var portable = []string{
	"runnable/kit/sys/generation_unix.go",
	"runnable/kit/readiness/epoll_linux.go",
	"runnable/kit/readiness/lazy_unix.go",
	"runnable/kit/readiness/once_linux.go",
	"runnable/kit/readiness/poll_unix.go",
	"runnable/kit/readiness/select_unix.go",
}
