//go:build linux

package audit_test

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// The chapters state facts about systems and versions. These tests check those that a short run can show, on this
// machine.

// TestFactsOfPython asks CPython, see testdata/facts.py.
func TestFactsOfPython(t *testing.T) {
	servertest.Need(t, "python3")
	servertest.Run(t, "python3", "testdata/facts.py")
}

// TestFactsOfNode: microtasks and nextTick run until their queue is empty, setImmediate does not.
func TestFactsOfNode(t *testing.T) {
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("SKIPPED: node is missing") // nothing in the book depends on it
	}
	if got, want := servertest.Run(t, "node", "testdata/queues.mjs"),
		"setImmediate shared\nprocess.nextTick kept\nqueueMicrotask kept\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestStacksOfGoThreads: with cgo a thread of Go has the stack that the C library gives it, without cgo a small one.
func TestStacksOfGoThreads(t *testing.T) {
	servertest.Need(t, "cc")
	var stack syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_STACK, &stack); err != nil {
		t.Fatal(err)
	}
	if stack.Cur < 1<<22 || stack.Cur > 1<<30 {
		t.Skipf("SKIPPED: the C library's stacks follow ulimit -s, which is %d", stack.Cur)
	}
	const clients = 50
	for cgo, small := range map[string]bool{"CGO_ENABLED=1": false, "CGO_ENABLED=0": true} {
		binary := filepath.Join(t.TempDir(), "threads")
		build := exec.Command("go", "build", "-o", binary, runnable+"/blocking/threads")
		build.Env = append(os.Environ(), cgo)
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		cmd := exec.Command(binary, "-addr", "127.0.0.1:0")
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		addr, stop := listening(t, cmd, cmd.Start)
		before := addresses(t, cmd.Process.Pid)
		for range clients {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			greet(t, conn)
		}
		each := (addresses(t, cmd.Process.Pid) - before) / clients
		stop()
		if (each < int64(stack.Cur)) != small {
			t.Errorf("%s: %d bytes of addresses for each thread, where ulimit -s is %d", cgo, each, stack.Cur)
		}
	}
}

// greet asks for / and reads the reply, so that the connection has its thread.
func greet(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
}

// addresses returns the size of the process's address space, VmSize in proc_pid_status(5).
func addresses(t *testing.T, pid int) (bytes int64) {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "\nVmSize:")
	if _, err := fmt.Sscan(rest, &bytes); err != nil {
		t.Fatal(err)
	}
	return bytes << 10
}

// TestEpollCtl counts the registrations that the callbacks chapter compares: for each client that asks the backend
// once, eight from the epoll server and from asyncio, and three from our reactor.
func TestEpollCtl(t *testing.T) {
	servertest.Need(t, "strace")
	if out, err := exec.Command("strace", "-o", os.DevNull, "true").CombinedOutput(); err != nil {
		servertest.Skip(t, fmt.Sprintf("strace may not trace here: %s", out))
	}
	backend := servertest.Backend(t)
	for name, want := range map[string]struct{ own, program, client int }{
		"epoll":            {own: 1, program: 1, client: 8}, // of Go's runtime; the listener
		"callbacks":        {own: 1, program: 2, client: 3}, // of Go's runtime; the listener and the reactor's pipe
		"callbacks/python": {own: 1, program: 1, client: 8}, // asyncio's pair of sockets; the listener
	} {
		t.Run(name, func(t *testing.T) {
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			argv, _ := build(t, v, dir)
			file := filepath.Join(dir, "strace")
			cmd := exec.Command("strace", append(append([]string{"-f", "-o", file, "-e", "trace=epoll_ctl,accept,accept4"},
				argv...), "-addr", "127.0.0.1:0", "-backend", backend)...)
			cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
			addr, stop := listening(t, cmd, cmd.Start)
			defer stop()
			const clients = 3 // of lines
			lines(t, addr, "", "GET /ask?delay=1 HTTP/1.1\r\nHost: x\r\n\r\n")
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			greet(t, conn) // when this one is accepted, the server has finished with the others
			if err := syscall.Kill(child(t, cmd.Process.Pid), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
			cmd.Wait() // it was killed: its status means nothing
			seen, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			accepted := acceptedOne.FindAllIndex(seen, -1)
			if len(accepted) != clients+1 {
				t.Fatalf("%d accepted, want %d:\n%s", len(accepted), clients+1, seen)
			}
			seen = seen[:accepted[clients][0]]
			if got, want := strings.Count(string(seen), "epoll_ctl("), want.own+want.program+clients*want.client; got != want {
				t.Errorf("%d calls of epoll_ctl, want %d:\n%s", got, want, seen)
			}
		})
	}
}

var acceptedOne = regexp.MustCompile(`accept4?(\(| resumed>).*= \d+\n`)
