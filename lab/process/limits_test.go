//go:build linux

package process

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// T8: limits.
func TestTooManyProcesses(t *testing.T) {
	p := begin(t, "forks")
	<-p.Done()
	if !strings.Contains(p.Exit(), "more than ") {
		t.Errorf("exit: %q", p.Exit())
	}
	gone(t, pids(p.Output(), 1)...)
}

// A process that has left its parent and its session counts as well.
func TestTooManyDaemons(t *testing.T) {
	c, err := spawn(t.Context(), spec{Argv: program("daemons").Argv, Processes: 8}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
	if !strings.Contains(c.exit(), "more than 8 processes") {
		t.Errorf("exit: %q", c.exit())
	}
	gone(t, pids(c.output(), 1)...)
}

func TestTooMuchMemory(t *testing.T) {
	argv := program("hog").Argv
	c, err := spawn(t.Context(), spec{Argv: argv, RSSKB: 64 << 10}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
	if !strings.Contains(c.exit(), "more than 64 MiB of memory") {
		t.Errorf("exit: %q", c.exit())
	}
}

func TestTooLong(t *testing.T) {
	c, err := spawn(t.Context(), spec{Argv: program("silent").Argv, Wall: time.Millisecond}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-c.done
	if !strings.Contains(c.exit(), "ran longer than 1ms") {
		t.Errorf("exit: %q", c.exit())
	}
}

func TestFlood(t *testing.T) {
	p := begin(t, "flood")
	connect(t, p.Addr) // the server answers only after it has written everything: the flood does not block it
	<-p.Done()
	if p.Exit() != "exit status 1: the end of the flood" {
		t.Errorf("exit: %q", p.Exit())
	}
	output := strings.Join(p.Output(), "\n")
	if !strings.Contains(output, "more bytes of standard output dropped") || len(output) > 64<<10 {
		t.Errorf("%d bytes of output kept, no count of the dropped", len(output))
	}
}

// T14: a server sees only what it needs of the environment.
func TestEnvironment(t *testing.T) {
	t.Setenv("SECRET_KEY", "do not tell")
	p := begin(t, "listen")
	environ, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.PID))
	if err != nil {
		t.Skip("no /proc here")
	}
	if strings.Contains(string(environ), "do not tell") || strings.Contains(string(environ), superviseEnv) {
		t.Errorf("environment: %q", environ)
	}
	// Which the server can read as well.
	parent, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", p.child.supervisor.Process.Pid))
	if err != nil || strings.Contains(string(parent), "do not tell") {
		t.Errorf("environment of the supervisor: %q, %v", parent, err)
	}
}
