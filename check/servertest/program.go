//go:build linux || darwin

// Package servertest starts what tests need: servers of the catalogue and third-party ones, built as the lab builds
// them, and the backend that they ask. A test whose server or tool is not installed is skipped, and fails under
// CI=true.
package servertest

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"era/internal/hang"
)

// Tethered starts the command. The kernel kills it, where it can, when the test is killed. until is called when it has
// started, and the command's end is waited for after it; ended is closed then.
func Tethered(cmd *exec.Cmd, until func()) (ended <-chan struct{}, err error) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	tethered(cmd.SysProcAttr)
	started, over := make(chan error, 1), make(chan struct{})
	go func() {
		defer close(over)
		runtime.LockOSThread() // the child is tied to this thread
		err := cmd.Start()
		started <- err
		if err == nil {
			until()
			cmd.Wait() // how it ended is in its ProcessState
		}
	}()
	return over, <-started
}

// Program is a server that runs as a process of its own, and its workers with it.
type Program struct {
	Addr  string // HOST:PORT
	cmd   *exec.Cmd
	said  output
	ended <-chan struct{}
}

// where matches the address that a server prints; each has its own words around it.
var where = regexp.MustCompile(`127\.0\.0\.1:[1-9][0-9]*`)

// DependsOn reads the Python files of folders. go test runs a test again when a file that it has read has changed; what
// a program that the test starts reads, it does not see.
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

// Server starts a program that listens on a port of its own choice on 127.0.0.1, and says so in its output. A program
// that ends before it has said so has an empty Addr. Processes that are left when the test ends are killed.
func Server(t *testing.T, dir string, env []string, argv ...string) *Program {
	t.Helper()
	p := &Program{cmd: exec.Command(argv[0], argv[1:]...)}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, &p.said, &p.said
	p.cmd.Env = append(append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1"), env...)
	p.cmd.WaitDelay = time.Second // a worker that outlives its supervisor may hold the output
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if p.ended, err = Tethered(p.cmd, func() {}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // a group of its own: an error says that all have ended
		<-p.ended
	})
	for end := time.Now().Add(hang.After); ; time.Sleep(2 * time.Millisecond) {
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

// Terminate sends SIGTERM, as a service manager does. A program that has already ended is fine.
func (p *Program) Terminate() { p.cmd.Process.Signal(syscall.SIGTERM) }

// ExitCode waits for the end, but no longer than patience. It returns -1 if a signal ended the program, or if it has
// not ended.
func (p *Program) ExitCode(patience time.Duration) int {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(patience):
		return -1
	}
}

// Said returns everything that it wrote.
func (p *Program) Said() string { return p.said.String() }

// output collects what is written, and can be read meanwhile.
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
