//go:build linux

package audit_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// faulty is a server whose system calls strace makes fail.
type faulty struct {
	addr    string
	stderr  *lockedBuffer
	calls   string // the file with what strace saw
	ended   chan struct{}
	backend string
}

type lockedBuffer struct {
	sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.Lock()
	defer b.Unlock()
	return b.Buffer.String()
}

// startFaulty starts a server under strace, which traces the calls and injects the faults.
func startFaulty(t *testing.T, name, calls string, faults ...string) *faulty {
	t.Helper()
	servertest.Need(t, "strace")
	v, err := catalogue.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	argv, _ := build(t, v, t.TempDir())
	s := &faulty{calls: filepath.Join(t.TempDir(), "calls")}
	args := []string{"-f", "-o", s.calls, "-e", "trace=" + calls}
	for _, fault := range faults {
		args = append(args, "-e", "inject="+fault)
	}
	s.start(t, append(append([]string{"strace"}, args...), argv...)...)
	return s
}

func (s *faulty) start(t *testing.T, argv ...string) {
	t.Helper()
	s.stderr, s.ended = new(lockedBuffer), make(chan struct{})
	if s.backend == "" {
		s.backend = servertest.Backend(t)
	}
	cmd := exec.Command(argv[0], append(argv[1:], "-addr", "127.0.0.1:0", "-backend", s.backend)...)
	cmd.Stderr = s.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	addr, _ := listening(t, cmd, cmd.Start)
	s.addr = addr
	go func() {
		cmd.Wait() // it was killed: its status means nothing
		close(s.ended)
	}()
	t.Cleanup(func() {
		syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // strace and what it traces
		<-s.ended
		if t.Failed() {
			t.Logf("on standard error:\n%s", s.stderr.String())
		}
	})
}

// ask sends a request on a connection of its own and returns the status of the reply; 0 if the connection was lost.
func (s *faulty) ask(t *testing.T, target string) (status int) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatalf("the server is gone: %v", err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	// Fails if the server has closed; the read shows that.
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target)
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil {
		_, err = io.Copy(io.Discard, reply.Body)
	}
	if timeout, ok := err.(net.Error); ok && timeout.Timeout() {
		t.Fatalf("%s: neither a reply nor an end", target)
	}
	if err != nil {
		return 0
	}
	return reply.StatusCode
}

// TestOneRegistrationFails: the kernel's list may be full (ENOSPC) when a client must be watched. That client is lost,
// and no other.
func TestOneRegistrationFails(t *testing.T) {
	for _, name := range []string{"epoll", "epoll/python", "epoll/c", "epoll-edge", "epoll-edge/python", "callbacks",
		"callbacks/python", "coroutine", "coroutine/python"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			s, shim := new(faulty), "LD_PRELOAD="
			argv := overlaid(t, v, "kit/sys/epoll_linux.go", "\terr := unix.EpollCtl(", "\tif adds++; op == EPOLL_CTL_ADD && adds > 5 && adds%7 == 0 {\n"+
				"\t\treturn ENOSPC\n\t}\n\terr := unix.EpollCtl(", "// EpollCreate makes", "var adds int\n\n// EpollCreate makes")
			if v.Language != catalogue.Go {
				servertest.Need(t, "cc")
				library := filepath.Join(t.TempDir(), "full.so")
				servertest.Run(t, "cc", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-o", library, "testdata/full.c")
				shim += library
			}
			s.start(t, append([]string{"/usr/bin/env", shim}, argv...)...)
			lost := 0
			for range 40 {
				if s.ask(t, "/") == 0 {
					lost++
				}
			}
			if lost == 0 || lost == 40 {
				t.Errorf("%d of 40 clients lost", lost)
			}
			for range 20 { // the socket to the backend is watched as well
				s.ask(t, "/ask")
			}
			select {
			case <-s.ended:
				t.Error("the server ended")
			default:
			}
		})
	}
}

// overlaid builds the server. In Go, one file is used with texts replaced, by pairs.
func overlaid(t *testing.T, v catalogue.Variant, file string, pairs ...string) (argv []string) {
	t.Helper()
	dir := t.TempDir()
	if v.Language != catalogue.Go {
		argv, _ := build(t, v, dir)
		return argv
	}
	original, err := filepath.Abs(filepath.Join(runnable, file))
	if err != nil {
		t.Fatal(err)
	}
	replaced, overlay, binary := filepath.Join(dir, "replaced.go"), filepath.Join(dir, "overlay.json"),
		filepath.Join(dir, "server")
	copyWith(t, original, replaced, pairs...)
	if err := os.WriteFile(overlay, fmt.Appendf(nil, `{"Replace": {%q: %q}}`, original, replaced), 0o600); err != nil {
		t.Fatal(err)
	}
	servertest.Run(t, "go", "build", "-overlay", overlay, "-o", binary, root+"/"+v.Server.Dir())
	return append([]string{binary}, v.Server.Args...)
}

// copyWith copies a file and replaces texts in it, each of which must be there.
func copyWith(t *testing.T, from, to string, pairs ...string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	s := string(text)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(s, pairs[i]) {
			t.Fatalf("%s: there is no %q", from, pairs[i])
		}
		s = strings.Replace(s, pairs[i], pairs[i+1], 1)
	}
	if err := os.WriteFile(to, []byte(s), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFull: accept fails because the whole system has no descriptor left (ENFILE), and this server has no client that
// could free one. It must nevertheless try again, and wait in between.
func TestFull(t *testing.T) {
	const waits = "clock_nanosleep,nanosleep,select,pselect6,poll,ppoll,epoll_wait,epoll_pwait,epoll_pwait2,futex"
	for _, name := range []string{"blocking", "blocking/python", "blocking/c", "threads", "threads/python", "threads/c",
		"select",
		"select/python", "select/c", "selectthreads", "selectthreads/python", "poll", "poll/python", "poll/c", "epoll",
		"epoll/python",
		"epoll/c", "epoll-edge", "epoll-edge/python", "callbacks", "callbacks/python", "coroutine", "coroutine/python",
		"tcpserver"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			errno := "ENFILE"
			if strings.HasPrefix(name, "blocking") || strings.HasPrefix(name, "threads") {
				errno = "ENOBUFS"
			}
			s := startFaulty(t, name, "accept4,"+waits, "accept4:error="+errno+":when=1..10")
			if name == "tcpserver" {
				lines(t, s.addr, "", "one\n")
			} else if status := s.ask(t, "/"); status != http.StatusOK {
				t.Errorf("status %d", status)
			}
			text, err := os.ReadFile(s.calls)
			if err != nil {
				t.Fatal(err)
			}
			before, accepts, waited := "", 0, true
			for line := range strings.Lines(string(text)) {
				if !strings.Contains(line, "accept4") {
					waited = true
					continue
				}
				if strings.Contains(line, "<... accept4 resumed>") {
					continue
				}
				if accepts++; !waited {
					t.Fatalf("accept twice in a row:\n%s%s", before, line)
				}
				before, waited = line, !strings.Contains(line, "INJECTED")
			}
			if accepts < 10 {
				t.Errorf("%d calls of accept", accepts)
			}
		})
	}
}

// TestSignalsLoseNoClient: in C, a read, a write or an accept that a signal interrupted (EINTR) is repeated, and the
// client is not lost.
func TestSignalsLoseNoClient(t *testing.T) {
	for _, name := range []string{"blocking/c", "threads/c", "nonblocking/c", "select/c", "poll/c", "epoll/c"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The first read is the loader's, of the C library; the first write is the line that says where the server
			// listens.
			s := startFaulty(t, name, "read,write,accept4", "read:error=EINTR:when=2+2", "write:error=EINTR:when=2+2",
				"accept4:error=EINTR:when=1+2")
			for _, target := range []string{"/", "/ask", "/ask?size=200000", "/"} {
				if status := s.ask(t, target); status != http.StatusOK {
					t.Errorf("%s: status %d", target, status)
				}
			}
			if strings.Contains(s.stderr.String(), "accept") {
				t.Errorf("an interrupted accept was taken for an error")
			}
		})
	}
}

// TestResetWhileAsked: a client asks, ends its side, and resets the connection before the backend has answered. Then
// the write of the reply fails with EPIPE, and in C the signal SIGPIPE would end a server that does not ignore it.
func TestResetWhileAsked(t *testing.T) {
	for _, name := range []string{"blocking/c", "threads/c", "nonblocking/c", "select/c", "poll/c", "epoll/c", "select",
		"select/python"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := catalogue.Find(name)
			if err != nil {
				t.Fatal(err)
			}
			asked, reset := make(chan struct{}), make(chan struct{})
			first := sync.OnceFunc(func() {
				close(asked)
				<-reset
			})
			s := &faulty{backend: servertest.Listen(t, func(conn net.Conn) {
				first()
				servertest.Answer(conn)
			})}
			argv, _ := build(t, v, t.TempDir())
			s.start(t, argv...)
			client, err := net.Dial("tcp", s.addr)
			if err != nil {
				t.Fatal(err)
			}
			io.WriteString(client, "GET /ask HTTP/1.1\r\nHost: x\r\n\r\n")
			select {
			case <-asked:
			case <-time.After(hang.After): // turns a hang into a failure
				t.Fatal("the backend was not asked")
			}
			client.(*net.TCPConn).CloseWrite()
			client.(*net.TCPConn).SetLinger(0)
			client.Close()
			close(reset)
			for range 2 {
				if status := s.ask(t, "/ask"); status != http.StatusOK {
					t.Errorf("status %d for the next client", status)
				}
			}
		})
	}
}

// TestSelectRefusesWhatDoesNotFit: C's select server has no bit for descriptor 1024, so it closes that client, and
// serves the others.
func TestSelectRefusesWhatDoesNotFit(t *testing.T) {
	v, err := catalogue.Find("select/c")
	if err != nil {
		t.Fatal(err)
	}
	argv, _ := build(t, v, t.TempDir())
	s := new(faulty)
	s.start(t, append([]string{"/bin/sh", "-c", `ulimit -n 1200 && exec "$@"`, "sh"}, argv...)...)
	served, refused := []net.Conn{}, 0
	for range 1100 {
		conn, err := net.Dial("tcp", s.addr)
		if err != nil {
			t.Fatalf("after %d: %v", len(served), err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
		io.WriteString(conn, small)                  // fails if the server has closed; the read shows that
		if _, err := io.ReadFull(conn, make([]byte, len(hello))); err != nil {
			refused++
		} else {
			served = append(served, conn)
		}
	}
	if len(served) < 1000 || refused == 0 {
		t.Errorf("%d served, %d refused", len(served), refused)
	}
	// With a few places free, the socket to the backend may be the one that does not fit.
	served[0].Close()
	statuses := map[int]bool{}
	for _, conn := range served[1:3] {
		send(t, conn, small)
		receive(t, conn, hello)
	}
	statuses[s.ask(t, "/ask")] = true
	for _, conn := range served[3:] {
		conn.Close()
	}
	if status := s.ask(t, "/ask"); status != http.StatusOK && s.ask(t, "/ask") != http.StatusOK {
		t.Errorf("status %d with room again", status)
	}
}
