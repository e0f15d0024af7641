//go:build linux || darwin

package battery

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// patience limits every wait. No case comes near it, even on a busy machine: it turns a hang into a failure.
const patience = hang.After

// server is a running server under test.
type server struct {
	addr    string
	variant catalogue.Variant
	sockets int // before a client comes: the listener, and in asyncio two by which threads wake the loop (Linux)
	cmd     *exec.Cmd
	stderr  output
	stdout  output
	ended   <-chan struct{}
}

// alone reports whether the server serves one client at a time.
func (s *server) alone() bool { return s.variant.Server.ID == "blocking" }

// once reports whether the server closes a connection after its reply, since a client that stayed would keep a worker.
func (s *server) once() bool { return s.variant.Server.ID == "wsgi-workers" }

// start starts the server and waits until it prints where it listens. nofile limits its descriptors.
func start(t *testing.T, v catalogue.Variant, backend string, nofile int) *server {
	t.Helper()
	s := &server{variant: v}
	s.cmd = command(argv(t, v), nofile, "-addr", "127.0.0.1:0", "-backend", backend)
	stdout, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.cmd.Stderr = &s.stderr
	first := make(chan string, 1)
	s.ended, err = servertest.Tethered(s.cmd, func() {
		lines := bufio.NewReader(io.TeeReader(stdout, &s.stdout))
		line, _ := lines.ReadString('\n') // the end of the output is an empty line, which is refused below
		first <- line
		io.Copy(io.Discard, lines)
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.cmd.Process.Kill()
		<-s.ended
		if t.Failed() {
			t.Logf("%s wrote to standard error:\n%s", v, s.stderr.String())
		}
	})
	select {
	case line := <-first:
		addr, ok := strings.CutPrefix(line, "listening on ")
		if !ok {
			t.Fatalf("%s: first line of output %q, want \"listening on HOST:PORT\\n\"", v, line)
		}
		s.addr = strings.TrimSuffix(addr, "\n")
		if runtime.GOOS == "linux" {
			_, s.sockets = s.descriptors(t)
		}
	case <-time.After(patience):
		t.Fatalf("%s does not say where it listens", v)
	}
	return s
}

// command starts through a shell that sets the limits and then becomes the server. The limit on CPU time ends a server
// that survives its test.
func command(argv []string, nofile int, flags ...string) *exec.Cmd {
	limits := fmt.Sprintf(`ulimit -n %d && ulimit -t 120 && exec "$@"`, nofile)
	args := append([]string{"-c", limits, "sh"}, argv...)
	return exec.Command("/bin/sh", append(args, flags...)...)
}

// checkWell checks what a server leaves when all clients have gone: it runs, has printed one line to standard output,
// no crash to standard error, and has closed every connection.
func (s *server) checkWell(t *testing.T) {
	t.Helper()
	select {
	case <-s.ended:
		t.Fatalf("%s ended: %v", s.variant, s.cmd.ProcessState)
	default:
	}
	if got, want := s.stdout.String(), "listening on "+s.addr+"\n"; got != want {
		t.Errorf("standard output %q, want only %q", got, want)
	}
	for _, word := range []string{"panic", "Traceback", "goroutine ", "Segmentation", "Error:"} {
		if strings.Contains(s.stderr.String(), word) {
			t.Errorf("standard error holds %q:\n%s", word, s.stderr.String())
		}
	}
	if runtime.GOOS == "linux" {
		hang.Await(t, "all clients' sockets to be closed", func() string {
			if _, sockets := s.descriptors(t); sockets != s.sockets {
				return fmt.Sprintf("%d sockets are open, of which %d should be", sockets, s.sockets)
			}
			return ""
		})
	}
}

// descriptors counts the server's open descriptors, and the sockets among them (Linux).
func (s *server) descriptors(t *testing.T) (all, sockets int) {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid)
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		target, _ := os.Readlink(filepath.Join(dir, f.Name())) // one that was closed meanwhile is not a socket
		if strings.HasPrefix(target, "socket:") {
			sockets++
		}
	}
	return len(files), sockets
}

// output collects what a process writes.
type output struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.bytes.String()
}
