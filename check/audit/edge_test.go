//go:build linux

package audit_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/internal/hang"
	"era/runnable/kit/trace"
)

const (
	small = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
	hello = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 6\r\n\r\nhello\n"
)

// large takes two reads, of 4096 bytes at most.
var large = "GET / HTTP/1.1\r\nHost: x\r\nPadding: " + strings.Repeat("x", 5000) + "\r\n\r\n"

// edged is a traced epoll server, and two clients that have had a reply, so that the server waits in the kernel and
// nothing is under way.
type edged struct {
	pid           int
	reader        *trace.Reader
	first, second net.Conn
}

func eachEdge(t *testing.T, test func(t *testing.T, id string, s edged)) {
	for _, id := range []string{"epoll", "epoll-edge-once", "epoll-edge-drain", "epoll-edge"} {
		for _, name := range []string{id, id + "/python"} {
			t.Run(name, func(t *testing.T) { test(t, id, startEdged(t, name)) })
		}
	}
}

func startEdged(t *testing.T, name string) edged {
	v, err := catalogue.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	argv, preload := build(t, v, t.TempDir())
	path := filepath.Join(t.TempDir(), "trace")
	r, err := trace.Create(path, 1<<14)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	cmd := exec.Command(argv[0], append(argv[1:], "-addr", "127.0.0.1:0")...)
	cmd.Env = append(os.Environ(), trace.Env+"="+path, "LD_PRELOAD="+preload)
	cmd.Stderr = os.Stderr
	addr, stop := listening(t, cmd, cmd.Start)
	t.Cleanup(stop)
	connect := func() net.Conn {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
		return conn
	}
	s := edged{cmd.Process.Pid, r, connect(), connect()}
	for _, conn := range []net.Conn{s.first, s.second} {
		send(t, conn, small)
		receive(t, conn, hello)
	}
	for deadline := time.Now().Add(hang.After); !s.sleeps(t); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the server does not go to sleep")
		}
	}
	return s
}

// sleeps reports whether the server's thread is off the processor and in epoll_wait.
func (s edged) sleeps(t *testing.T) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.pid))
	if err != nil {
		t.Fatal(err)
	}
	calls := s.reader.InCall()
	return strings.Contains(string(stat), ") S ") && len(calls) == 1 && calls[0].Kind == trace.EpollWait
}

func send(t *testing.T, conn net.Conn, bytes string) {
	t.Helper()
	if _, err := io.WriteString(conn, bytes); err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, conn net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != want {
		t.Fatalf("received %q, %v; want %q", got, err, want)
	}
}

// TestC2_7_OneReadForAnEdge: a server that reads once for each event gets no event for the rest, and the client waits
// until it sends something more.
func TestC2_7_OneReadForAnEdge(t *testing.T) {
	eachEdge(t, func(t *testing.T, id string, s edged) {
		send(t, s.first, large)
		send(t, s.second, small)
		receive(t, s.second, hello) // the first one's event came before this one's
		if id != "epoll-edge-once" {
			receive(t, s.first, hello)
			return
		}
		s.first.SetReadDeadline(time.Now().Add(time.Millisecond)) // a reply would be here already
		if n, err := s.first.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("read %d, %v; the server should have had no event", n, err)
		}
		s.first.SetReadDeadline(time.Now().Add(hang.After))
		send(t, s.first, small)
		receive(t, s.first, hello+hello)
	})
}

// TestClientsLeaveBeforeTheWait: clients send half a request, or more than one read takes, and leave while the server
// is stopped. Their bytes and their end are one edge: a server that reads once for it never sees the end, and keeps the
// descriptor.
func TestClientsLeaveBeforeTheWait(t *testing.T) {
	const gone = 20
	eachEdge(t, func(t *testing.T, id string, s edged) {
		open := func() int {
			files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.pid))
			if err != nil {
				t.Fatal(err)
			}
			return len(files)
		}
		want := open()
		if id == "epoll-edge-once" {
			want += gone
		}
		if err := syscall.Kill(s.pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		for i := range gone {
			conn, err := net.Dial("tcp", s.first.RemoteAddr().String())
			if err != nil {
				t.Fatal(err)
			}
			send(t, conn, []string{small[:9], large}[i%2])
			conn.Close()
		}
		if err := syscall.Kill(s.pid, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", s.first.RemoteAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		send(t, conn, small)
		receive(t, conn, hello) // the others were accepted before
		conn.Close()
		for deadline := time.Now().Add(time.Minute); !s.sleeps(t) || open() != want; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("it has %d descriptors, want %d", open(), want)
			}
		}
	})
}

// TestC2_9_TheFloodAndThePolite: while the server is stopped, one client sends much and another, after it, a request.
// The test measures how much of the flood is read before the request is.
func TestC2_9_TheFloodAndThePolite(t *testing.T) {
	const flood, oneRead = 40_000, 4096 // empty lines, which a server skips
	most := map[string]int{"epoll": oneRead, "epoll-edge-once": oneRead, "epoll-edge": 2 * oneRead,
		"epoll-edge-drain": flood}
	eachEdge(t, func(t *testing.T, id string, s edged) {
		var status syscall.WaitStatus
		if err := syscall.Kill(s.pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		if _, err := syscall.Wait4(s.pid, &status, syscall.WUNTRACED, nil); err != nil || !status.Stopped() {
			t.Fatalf("stop the server: %v, %v", status, err)
		}
		polite := small[:len(small)-2] + "Polite: yes\r\n\r\n" // recognized by its length
		send(t, s.first, strings.Repeat("\r\n", flood/2))
		send(t, s.second, polite)
		if err := syscall.Kill(s.pid, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		receive(t, s.second, hello)

		fds := map[uint32]int32{} // by the client's port
		port := func(conn net.Conn) uint32 { return uint32(conn.LocalAddr().(*net.TCPAddr).Port) }
		before := -len(small) // read from the first before this
		for e, ok := s.reader.Next(); ok; e, ok = s.reader.Next() {
			switch {
			case e.Kind == trace.Accept && e.Result >= 0:
				fds[e.Arg] = e.Result
			case e.Kind != trace.Read || e.Result < 0:
			case e.FD == fds[port(s.first)]:
				before += int(e.Result)
			case e.FD == fds[port(s.second)] && int(e.Result) == len(polite):
				if before != most[id] {
					t.Errorf("%d bytes of the flood were read before the polite request, want %d", before, most[id])
				}
				return
			}
		}
		t.Error("the trace has no polite request")
	})
}
