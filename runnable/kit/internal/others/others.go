//go:build linux || darwin

// Package others helps tests to run one battery on many servers, our own and those that others wrote: it finds and starts
// programs (this file), and keeps the ledger of what each server said (ledger.go).
package others

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience turns a hang into a failure. No start and no end comes near it.
const patience = 30 * time.Second

// Python finds a Python that has the modules, and their versions as "name version", separated by ", ". A module without
// a version of its own has that of its package. where is "" if there is none.
func Python(modules ...string) (where, version string) {
	const ask = `import importlib, importlib.metadata, platform, sys
said = []
for name in sys.argv[1:]:
    importlib.import_module(name)
    try:
        said.append(name + " " + importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        said.append("Python " + platform.python_version())
print(", ".join(said))`
	var found []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		found = append(found, filepath.Join(dir, "python3"))
	}
	for _, python := range append(found, "/usr/bin/python3") {
		if out, err := exec.Command(python, append([]string{"-c", ask}, modules...)...).Output(); err == nil {
			return python, strings.TrimSpace(string(out))
		}
	}
	return "", ""
}

// Missing skips a test whose server is not installed. Under CI=true that is a failure if it is wanted there.
func Missing(t *testing.T, wanted bool, what string) {
	t.Helper()
	if wanted && os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed, and CI=true", what)
	}
	t.Skipf("SKIPPED: %s is not installed", what)
}

// Program is a server that runs as a process of its own, and its workers with it.
type Program struct {
	Addr  string // HOST:PORT
	cmd   *exec.Cmd
	said  output
	ended chan struct{}
}

// where is how they all say where they listen, though each in its own words.
var where = regexp.MustCompile(`127\.0\.0\.1:[1-9][0-9]*`)

// DependsOn reads the Python files of folders. go test runs a test again when a file that it has read has changed; what a
// program that it starts reads, it does not see.
func DependsOn(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.py"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no Python in %s, %v", folder, err)
		}
		for _, file := range files {
			if _, err := os.ReadFile(file); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Start starts a program that listens on a port of its own choice on 127.0.0.1, and says so in its output. A program that
// ends before it has said so has an empty Addr. What is left of it when the test ends is killed.
func Start(t *testing.T, dir string, env []string, argv ...string) *Program {
	t.Helper()
	p := &Program{cmd: exec.Command(argv[0], argv[1:]...), ended: make(chan struct{})}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, &p.said, &p.said
	p.cmd.Env = append(append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"), env...)
	p.cmd.WaitDelay = time.Second // a worker that outlives its supervisor may hold the output
	tether(p.cmd)
	started := make(chan error, 1)
	go func() {
		defer close(p.ended)
		runtime.LockOSThread() // the tether is to this thread
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.cmd.Wait() // how it ended is ExitCode's to say
		}
	}()
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // a group of its own: an error says that all have ended
		<-p.ended
	})
	for end := time.Now().Add(patience); ; time.Sleep(2 * time.Millisecond) {
		if addr := where.FindString(p.said.String()); addr != "" {
			p.Addr = addr
			return p
		}
		select {
		case <-p.ended:
			return p
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("%s does not say where it listens: %s", argv, p.Said())
		}
	}
}

// Terminate asks it to end, as a service manager does. That it has ended already is no trouble.
func (p *Program) Terminate() { p.cmd.Process.Signal(syscall.SIGTERM) }

// ExitCode waits for its end, and no longer than patience. It is -1 if a signal was the end, and if there was none.
func (p *Program) ExitCode(patience time.Duration) int {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		return -1
	}
}

// Said is all that it wrote.
func (p *Program) Said() string { return p.said.String() }

// output collects what is written while others read it.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}
