// Package build says how the book's Go servers are compiled for the simulated kernel, to WebAssembly modules. It is not
// part of the package that runs them: serve, which only compiles, then needs no interpreter of WebAssembly.
package build

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Command returns the command that compiles the server in a folder of the repository (runnable/select). It is to be run
// in root, with the variables of Environment. What it needs stands in the scratch folder.
//
// A module that is stepped does not run main by itself: it needs a function that its host can call. An overlay adds
// that to the program's package. It also gives the module those files of the kit that say they are for Linux, and need
// nothing of it but the calls of sys.
func Command(root, scratch, folder, output string) ([]string, error) {
	o := &overlay{root: root, scratch: scratch, replace: map[string]string{}}
	if err := o.fill(folder); err != nil {
		return nil, err
	}
	return []string{"go", "build", "-overlay", filepath.Join(scratch, "overlay.json"), "-buildmode=c-shared", "-trimpath",
		"-ldflags=-s -w", "-o", output, "./" + filepath.ToSlash(folder)}, nil
}

// Environment is what the command needs in its environment.
var Environment = []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"}

// overlay collects what go build takes instead of files of the repository.
type overlay struct {
	root, scratch string
	replace       map[string]string
}

func (o *overlay) fill(folder string) error {
	if err := o.add(folder+"/start_wasip1.go", start); err != nil {
		return err
	}
	for _, path := range portable {
		if err := o.patch(path); err != nil {
			return err
		}
	}
	for _, path := range left {
		o.replace[filepath.Join(o.root, path)] = ""
	}
	for path, change := range patches {
		if err := o.patch(path, change...); err != nil {
			return err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.scratch, "overlay.json"), text, 0o600)
}

func (o *overlay) add(path, text string) error {
	file := filepath.Join(o.scratch, fmt.Sprintf("%d.go", len(o.replace)))
	o.replace[filepath.Join(o.root, path)] = file
	return os.WriteFile(file, []byte(text), 0o600)
}

// patch changes texts in a file, given in pairs, and gives it a name that is for every system.
func (o *overlay) patch(path string, changes ...string) error {
	b, err := os.ReadFile(filepath.Join(o.root, path))
	if err != nil {
		return err
	}
	text := "//line " + path + ":1\n" + strings.Replace(string(b), "//go:build linux || darwin\n", "\n", 1)
	for ; len(changes) > 0; changes = changes[2:] {
		if !strings.Contains(text, changes[0]) {
			return fmt.Errorf("%s has no %q to be replaced", path, changes[0])
		}
		text = strings.ReplaceAll(text, changes[0], changes[1])
	}
	return o.add(strings.NewReplacer("_linux.go", "_here.go", "_unix.go", "_here.go").Replace(path), text)
}

const start = `package main

import "era/runnable/kit/kernel/simulation"

//go:wasmexport start
func start() { simulation.Machine.Begin(main) }
`

// portable are files that need nothing of a system but the calls of sys.
var portable = []string{
	"runnable/kit/readiness/epoll_linux.go",
	"runnable/kit/readiness/lazy_unix.go",
	"runnable/kit/readiness/once_linux.go",
	"runnable/kit/readiness/poll_unix.go",
	"runnable/kit/readiness/select_unix.go",
}

// left are files whose place another one takes: runnable/kit/trace/simulated_wasip1.go.
var left = []string{
	"runnable/kit/trace/caller_other.go",
	"runnable/kit/trace/map_other.go",
	"runnable/kit/trace/reader.go",
	"runnable/kit/trace/task.go",
	"runnable/kit/trace/trace.go",
}

// patches are small changes: the loop shows its callbacks, and the table of generations is only as large as the numbers
// that there are, since each step back copies it.
var patches = map[string][]string{
	"runnable/kit/loop/loop.go": {
		"l := &Loop{selector: selector, clock: time.Now}", "l := show(&Loop{selector: selector, clock: time.Now})",
	},
	"runnable/kit/sys/generation_unix.go": {"Generations = 1 << 20", "Generations = 1 << 10"},
}
