package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"era/internal/hang"
)

func python(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	for _, arg := range args {
		os.Stat(arg) // so that go test does not reuse the result of a run before the program's last change
	}
	path, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	return exec.Command(path, args...)
}

// buggy runs a server whose handler has a bug: a request for /ask raises ValueError. All tasks are kept, or a collected
// task would report its error then.
const buggy = `
import asyncio, runpy, sys
sys.path.insert(0, "../kit/python")
import http1

next, create_task, tasks = http1.Inbox.next, asyncio.BaseEventLoop.create_task, []

def bug(inbox):
    request = next(inbox)
    if request and request.asks:
        raise ValueError("a bug")
    return request

def keep(*args, **kwargs):
    tasks.append(create_task(*args, **kwargs))
    return tasks[-1]

http1.Inbox.next, asyncio.BaseEventLoop.create_task = bug, keep
del sys.argv[0]
runpy.run_path(sys.argv[0], run_name="__main__")
`

// TestHandlersOwnFailure: an error that a handler does not expect is logged once, with its traceback. Its client loses
// the connection, and no other client does.
func TestHandlersOwnFailure(t *testing.T) {
	for _, server := range []string{"server.py", "mistakes/server.py -mistake kept-timeout",
		"mistakes/server.py -mistake with-drain"} {
		t.Run(server, func(t *testing.T) {
			cmd := python(t, append([]string{"-c", buggy}, strings.Fields(server+" -addr 127.0.0.1:0")...)...)
			var log bytes.Buffer
			cmd.Stderr = &log
			stdout, err := cmd.StdoutPipe()
			if err == nil {
				err = cmd.Start()
			}
			if err != nil {
				t.Fatal(err)
			}
			stop := func() { cmd.Process.Kill(); cmd.Wait() }
			defer stop()
			line, err := bufio.NewReader(stdout).ReadString('\n')
			if err != nil {
				stop()
				t.Fatalf("%v: %s", err, &log)
			}
			addr := strings.TrimSpace(strings.TrimPrefix(line, "listening on "))
			old := dial(t, addr)
			if err := hello(old); err != nil {
				t.Errorf("before: %v", err)
			}
			failed := dial(t, addr)
			fmt.Fprint(failed, "GET /ask HTTP/1.1\r\nHost: a\r\n\r\n")
			if got, err := io.ReadAll(failed); err != nil || len(got) > 0 {
				t.Errorf("the client of the bug read %q, %v", got, err)
			}
			for _, conn := range []net.Conn{old, dial(t, addr)} {
				if err := hello(conn); err != nil {
					t.Errorf("after: %v", err)
				}
			}
			stop()
			if text := log.String(); strings.Count(text, "Traceback") != 1 || strings.Count(text, "ValueError: a bug") != 1 {
				t.Errorf("logged %q", text)
			}
		})
	}
}

func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	return conn
}

func hello(conn net.Conn) error {
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	reply, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	if body, err := io.ReadAll(reply.Body); string(body) != "hello\n" || err != nil {
		return fmt.Errorf("%q, %w", body, err)
	}
	return nil
}

// TestPayment: a shielded task that is kept completes although its caller has been cancelled; a task without a
// reference is collected in the middle.
func TestPayment(t *testing.T) {
	cmd := python(t, "payment.py")
	var log bytes.Buffer
	cmd.Stderr = &log
	out, err := cmd.Output()
	if got := string(out); err != nil || got != "10 is paid\n20 is lost\n" {
		t.Errorf("it prints %q, %v", got, err)
	}
	if got := log.String(); strings.Count(got, "Task was destroyed but it is pending!") != 1 {
		t.Errorf("it logs %q", got)
	}
}
