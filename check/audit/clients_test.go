//go:build linux

package audit_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"era/catalogue"
	"era/check/servertest"
	"era/runnable/kit/aio"
	"era/runnable/kit/trace"
)

// program starts a server in Go and returns its address and its standard error.
func program(t *testing.T, name string, env []string, args ...string) (addr string, stderr *bufio.Reader) {
	t.Helper()
	v, err := catalogue.Find(name)
	if err != nil {
		t.Fatal(err)
	}
	argv, _ := build(t, v, t.TempDir())
	cmd := exec.Command(argv[0], append(append(argv[1:], "-addr", "127.0.0.1:0"), args...)...)
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	errors, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	addr, stop := listening(t, cmd, cmd.Start)
	t.Cleanup(stop)
	return addr, bufio.NewReader(errors)
}

// body returns the server's answer, which must have status 200.
func body(t *testing.T, url string) string {
	t.Helper()
	r, err := http.Get(url)
	if err != nil {
		t.Error(err)
		return ""
	}
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	if err != nil || r.StatusCode != http.StatusOK {
		t.Errorf("%s: %s, %v", url, r.Status, err)
	}
	return string(text)
}

// TestWaitingInLine: with one place, tasks that ask are parked in line, and the trace says so, at the line that asks.
func TestWaitingInLine(t *testing.T) {
	backend := servertest.Backend(t)
	for name, test := range map[string]struct{ flag, line string }{
		"httpclient": {"-max-clients", "s.client.Fetch("},
		"redis":      {"-pool", "s.pool.Pipeline("},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "trace")
			r, err := trace.Create(file, 1<<14)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			addr, _ := program(t, name, []string{trace.Env + "=" + file}, "-backend", backend, test.flag, "1")
			var asking sync.WaitGroup
			for range 3 {
				asking.Go(func() {
					if got := body(t, "http://"+addr+"/ask?delay=100"); got != "waited 100 ms\n" {
						t.Errorf("%q", got)
					}
				})
			}
			asking.Wait()
			main := "tornado/" + name + "/main.go"
			source, err := os.ReadFile(filepath.Join(runnable, main))
			if err != nil {
				t.Fatal(err)
			}
			inLine := 0
			for e, ok := r.Next(); ok; e, ok = r.Next() {
				if e.Kind != trace.TaskPark || aio.Reason(e.Arg) != aio.ForQueue {
					continue
				}
				inLine++
				file, number, _ := strings.Cut(e.Site, ":")
				n, err := strconv.Atoi(number)
				if err != nil || file != main || !strings.Contains(strings.Split(string(source), "\n")[n-1], test.line) {
					t.Errorf("parked at %s, want at the line with %s", e.Site, test.line)
				}
			}
			if inLine != 2 {
				t.Errorf("%d tasks were parked in line, want 2", inLine)
			}
		})
	}
}

// TestOwnRedis: without an address the program starts a Redis of its own, which other clients find as well.
func TestOwnRedis(t *testing.T) {
	addr, stderr := program(t, "redis", nil)
	said, err := stderr.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	_, own, _ := strings.Cut(strings.TrimSpace(said), "listens on ")
	for _, question := range []string{"delay=20", "size=5000", ""} {
		if got := body(t, "http://"+addr+"/ask?"+question); !strings.HasPrefix(got, "waited ") {
			t.Errorf("%s: %q", question, got)
		}
	}
	conn, err := net.Dial("tcp", own)
	if err != nil {
		t.Fatalf("%q: %v", said, err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "*2\r\n$3\r\nGET\r\n$5\r\nasked\r\n")
	got := make([]byte, len("$1\r\n3\r\n"))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "$1\r\n3\r\n" {
		t.Errorf("the counter: %q, %v", got, err)
	}

	fmt.Fprint(conn, "*3\r\n$5\r\nLPUSH\r\n$16\r\nnobody:delay=500\r\n$3\r\nnow\r\n")
	got = make([]byte, len(":1\r\n"))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != ":1\r\n" {
		t.Errorf("pushed: %q, %v", got, err)
	}
	if got := body(t, "http://"+addr+"/ask?delay=500"); got != "now\n" {
		t.Errorf("want the pushed value as the answer, got %q", got)
	}

	other, _ := program(t, "redis", nil, "-backend", "127.0.0.1:1", "-redis", own) // -redis goes first
	if got := body(t, "http://"+other+"/ask?delay=1"); got != "waited 1 ms\n" {
		t.Errorf("the answer of the Redis named by -redis: %q", got)
	}
}

// TestFetchAddresses: the HTTP client as a command.
func TestFetchAddresses(t *testing.T) {
	addr, _ := program(t, "select", nil)
	v, err := catalogue.Find("httpclient")
	if err != nil {
		t.Fatal(err)
	}
	argv, _ := build(t, v, t.TempDir())
	for _, x := range []struct {
		path   string
		status int
		says   []string
	}{
		{"/", 0, []string{"200", "6 bytes", "http://" + addr + "/"}},
		{"/nowhere", 1, []string{"404", "Not Found"}},
	} {
		out, err := exec.Command(argv[0], "http://"+addr+x.path, "http://"+addr+x.path).CombinedOutput()
		if (err != nil) != (x.status != 0) {
			t.Errorf("%s: %v\n%s", x.path, err, out)
		}
		for _, word := range x.says {
			if strings.Count(string(out), word) < 2 {
				t.Errorf("%s: %q is not twice in\n%s", x.path, word, out)
			}
		}
	}
}
