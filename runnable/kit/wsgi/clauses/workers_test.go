//go:build linux || darwin

package clauses

import (
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/wsgi"
)

// silent keeps the supervisor's log out of the test's output.
func silent(t *testing.T) {
	log.SetOutput(io.Discard)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
}

// pids returns the process numbers of n workers, as soon as all of them have answered.
func pids(t *testing.T, addr string, n int) map[string]bool {
	t.Helper()
	seen := map[string]bool{}
	var held []*client // keeps its worker busy, so that the others answer
	for len(seen) < n {
		c := dial(t, addr)
		c.send("POST /pid HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
		_, said := c.reply()
		seen[strings.TrimPrefix(said, "200 OK: ")] = true
		held = append(held, c)
	}
	for _, c := range held {
		c.Close()
	}
	return seen
}

// TestWorkersShareTheListener: each worker serves one client at a time.
func TestWorkersShareTheListener(t *testing.T) {
	addr, _ := serve(t, &wsgi.Workers{App: all, N: 3, Errors: io.Discard})
	if n, want := len(pids(t, addr, 3)), 3; n != want {
		t.Errorf("got %v, want %v", n, want)
	}
}

// TestWorkerDiesAndIsReplaced: a crash loses the request that caused it, and no other.
func TestWorkerDiesAndIsReplaced(t *testing.T) {
	silent(t)
	addr, _ := serve(t, &wsgi.Workers{App: all, N: 1, Errors: io.Discard})
	before := body(t, addr, "/pid")
	c := dial(t, addr)
	c.send(get("/dies"))
	if rest, _ := io.ReadAll(c); len(rest) > 0 { // an end of file or a reset, but no reply
		t.Errorf("%q", rest)
	}
	if after := body(t, addr, "/pid"); after == before {
		t.Error("the crashed worker answers")
	}
}

// TestWorkerHangsAndIsReplaced: a worker that does not report is killed.
func TestWorkerHangsAndIsReplaced(t *testing.T) {
	silent(t)
	t.Setenv("TEST_TIMEOUT", "2s") // even on a busy machine a healthy worker runs that often
	addr, _ := serve(t, &wsgi.Workers{App: all, N: 1, Timeout: 2 * time.Second, Errors: io.Discard})
	before := body(t, addr, "/pid")
	c := dial(t, addr)
	c.send(get("/hangs"))
	if rest, _ := io.ReadAll(c); len(rest) > 0 {
		t.Errorf("%q", rest)
	}
	if after := body(t, addr, "/pid"); after == before {
		t.Error("the killed worker answers")
	}
}

// TestWorkersRestart: the old workers finish their requests while the new ones already answer, and then they exit.
func TestWorkersRestart(t *testing.T) {
	server := &wsgi.Workers{App: all, N: 1, Errors: io.Discard}
	addr, _ := serve(t, server)
	old := body(t, addr, "/pid")
	busy := dial(t, addr)
	busy.send("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
	if _, err := busy.Peek(1); err != nil {
		t.Fatal(err)
	}
	server.Restart()
	if pid := body(t, addr, "/pid"); pid == old {
		t.Errorf("%s, which is busy, answers", pid)
	}
	busy.send("x")
	if _, said := busy.reply(); said != "200 OK: first then x, <nil>" {
		t.Errorf("got %q, want %q", said, "200 OK: first then x, <nil>")
	}
	busy.Close()
	hang.Await(t, "the worker to end", gone(t, old))
}

// TestWorkersStop: the request in progress is answered, and then there are neither workers nor a listener.
func TestWorkersStop(t *testing.T) {
	addr, stop := serve(t, &wsgi.Workers{App: all, N: 2, Errors: io.Discard})
	workers := pids(t, addr, 2)
	busy := dial(t, addr)
	busy.send("POST /gate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n")
	if _, err := busy.Peek(1); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- stop() }()
	busy.send("x")
	if _, said := busy.reply(); said != "200 OK: first then x, <nil>" {
		t.Errorf("got %q, want %q", said, "200 OK: first then x, <nil>")
	}
	busy.Close()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	for pid := range workers {
		if trouble, want := gone(t, pid)(), ""; trouble != want {
			t.Errorf("got %q, want %q", trouble, want)
		}
	}
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("the listener is still open")
	}
}

// TestWorkersDieWithTheSupervisor: when the supervisor is killed, its workers end too.
func TestWorkersDieWithTheSupervisor(t *testing.T) {
	program := t.TempDir() + "/wsgi"
	if out, err := exec.Command("go", "build", "-o", program, "era/runnable/wsgi").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "-model", "workers", "-n", "3", "-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	wsgi.Tether(cmd, syscall.SIGKILL)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var addr string
	if _, err := fmt.Fscanf(out, "listening on %s\n", &addr); err != nil {
		t.Fatal(err)
	}
	if _, said := request(t, addr, get("/")); said != "200 OK: hello\n" {
		t.Errorf("got %q, want %q", said, "200 OK: hello\n")
	}
	cmd.Process.Kill()
	// The workers hold the other end of this pipe: it ends when all of them have.
	if rest, err := io.ReadAll(out); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
	cmd.Wait() // the error only says that it was killed
	if conn, err := net.Dial("tcp", addr); err == nil {
		conn.Close()
		t.Error("the listener is still open")
	}
}

// gone returns a complaint while the process exists.
func gone(t *testing.T, pid string) func() string {
	n, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	return func() string {
		if syscall.Kill(n, 0) == nil {
			return pid + " is still there"
		}
		return ""
	}
}
