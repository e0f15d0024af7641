// Package build says how the book's Go servers are compiled for the simulated kernel, to WebAssembly modules. It is not
// part of the package that runs them: serve, which only compiles, then needs no interpreter of WebAssembly.
package build

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Command returns the command that compiles the server in a folder of the repository (runnable/select). It is to be run
// in root, with the variables of Environment. What it needs stands in the scratch folder.
//
// A module that is stepped does not run main by itself: it needs a function that its host can call. An overlay adds
// that to the program's package. It also gives the module those files of the kit that say they are for Linux, and need
// nothing of it but the calls of sys, and small packages instead of large ones of Go's (runnable/kit/kernel/small): a
// module is downloaded. Tests change the program.
func Command(root, scratch, folder, output string, changes ...Change) ([]string, error) {
	o := &overlay{root: root, scratch: scratch, replace: map[string]string{}}
	if err := o.fill(folder, changes); err != nil {
		return nil, err
	}
	return []string{"go", "build", "-overlay", filepath.Join(scratch, "overlay.json"), "-buildmode=c-shared", "-trimpath",
		"-ldflags=-s -w -X runtime.godebugDefault=gcshrinkstackoff=1", "-o", output, "./" + filepath.ToSlash(folder)}, nil
}

// Environment is what the command needs in its environment.
var Environment = []string{"GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0"}

// Change is another text for one in a file of the repository, which no patch is for.
type Change struct{ File, From, To string }

// overlay collects what go build takes instead of files of the repository.
type overlay struct {
	root, scratch string
	replace       map[string]string
}

func (o *overlay) fill(folder string, changes []Change) error {
	if err := o.add(folder+"/start_wasip1.go", start); err != nil {
		return err
	}
	for path, text := range stubs {
		if err := o.add(path, text); err != nil {
			return err
		}
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
	where := exec.Command("go", "env", "GOROOT")
	where.Dir = o.root // the repository may ask for another Go
	goroot, err := where.Output()
	if err != nil {
		return fmt.Errorf("go env GOROOT: %w", err)
	}
	debug := filepath.Join(o.scratch, "godebug.go")
	o.replace[filepath.Join(strings.TrimSpace(string(goroot)), "src/internal/godebug/godebug.go")] = debug
	if err := os.WriteFile(debug, []byte(godebug), 0o600); err != nil {
		return err
	}
	for _, c := range changes {
		if err := o.patch(c.File, c.From, c.To); err != nil {
			return err
		}
	}
	for _, path := range []string{"runnable/kit", folder} {
		if err := o.shrink(path); err != nil {
			return err
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": o.replace})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(o.scratch, "overlay.json"), text, 0o600)
}

// shrink has all files of a folder, and of those below, import small packages.
func (o *overlay) shrink(folder string) error {
	return filepath.WalkDir(filepath.Join(o.root, folder), func(path string, entry fs.DirEntry, err error) error {
		if _, done := o.replace[path]; done || err != nil || entry.IsDir() || filepath.Ext(path) != ".go" ||
			strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil || fitted(string(text)) == string(text) {
			return err
		}
		as, err := filepath.Rel(o.root, path)
		if err != nil {
			return err
		}
		return o.add(as, string(text))
	})
}

func (o *overlay) add(path, text string) error {
	text = fitted(text)
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

// fitted gives a file small packages, and has it sleep on the simulated clock.
func fitted(text string) string {
	text = smaller.Replace(text)
	if strings.Contains(text, "\"era/runnable/kit/sys\"\n") {
		text = strings.ReplaceAll(text, "time.Sleep(", "sys.Sleep(")
	}
	return text
}

// smaller replaces imports: a package of Go's by the small one with its name.
var smaller = func() *strings.Replacer {
	var pairs []string
	for _, path := range []string{"fmt", "log", "flag", "os", "os/signal", "runtime/debug", "net", "net/http",
		"net/netip", "net/url", "crypto/sha256"} {
		small := `"era/runnable/kit/kernel/small/` + path[strings.LastIndexByte(path, '/')+1:] + "\"\n"
		pairs = append(pairs, "\t\""+path+"\"\n", "\t"+small, "import \""+path+"\"\n", "import "+small)
	}
	return strings.NewReplacer(pairs...)
}()

const start = `package main

import "era/runnable/kit/kernel/simulation"

//go:wasmexport start
func start() { simulation.Machine.Begin(main) }
`

// godebug stands for the package of Go that reads GODEBUG, which is not set here: with it come the runtime's metrics.
const godebug = `package godebug

type Setting struct{ name string }

func New(name string) *Setting        { return &Setting{name} }
func (s *Setting) Name() string       { return s.name }
func (s *Setting) Undocumented() bool { return false }
func (s *Setting) String() string     { return s.name + "=" }
func (s *Setting) IncNonDefault()     {}
func (s *Setting) Value() string      { return "" }
`

// portable are files that need nothing of a system but the calls of sys.
var portable = []string{
	"runnable/kit/readiness/epoll_linux.go",
	"runnable/kit/readiness/lazy_unix.go",
	"runnable/kit/readiness/once_linux.go",
	"runnable/kit/readiness/poll_unix.go",
	"runnable/kit/readiness/select_unix.go",
}

// left are files whose place another one takes: kit/trace/simulated_wasip1.go, kit/wsgi/workers_wasip1.go,
// kit/asgi/http_wasip1.go, a stub.
var left = []string{
	"runnable/kit/asgi/deflate.go",
	"runnable/kit/asgi/frames.go",
	"runnable/kit/asgi/goroutines.go",
	"runnable/kit/asgi/handshake.go",
	"runnable/kit/asgi/websocket.go",
	"runnable/kit/wsgi/tether_other.go",
	"runnable/kit/wsgi/work.go",
	"runnable/kit/wsgi/workers.go",
	"runnable/kit/trace/caller_other.go",
	"runnable/kit/trace/map_other.go",
	"runnable/kit/trace/reader.go",
	"runnable/kit/trace/task.go",
	"runnable/kit/trace/trace.go",
}

// stubs stand for what is not on this kernel.
var stubs = map[string]string{
	"runnable/wsgi/nginx.go": `package main

import (
	"log"

	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

func behindNginx(wsgi.Server, sys.Addr) (wsgi.Server, int) {
	log.Fatal("nginx is not on the simulated kernel")
	return nil, 0
}
`,
}

// patches are small changes: the loop shows its callbacks, and the table of generations is only as large as the numbers
// that there are, since each step back copies it.
var patches = map[string][]string{
	"runnable/kit/loop/loop.go": {
		"l := &Loop{selector: selector, clock: time.Now}", "l := show(&Loop{selector: selector, clock: time.Now})",
		"reflect.ValueOf(call).Pointer()", "code(call)", "\t\"reflect\"\n", "",
	},
	// Go's own timers do not know the machine's clock.
	"runnable/blocking/threads/main.go":   {"time.Sleep(", "sys.Sleep("},
	"runnable/select/threads/main.go":     {"time.Sleep(", "sys.Sleep("},
	"runnable/kit/sys/generation_unix.go": {"Generations = 1 << 20", "Generations = 1 << 10"},
}
