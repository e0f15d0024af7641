//go:build linux

package audit_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"era/catalogue"
	"era/catalogue/installed"
	"era/internal/hang"
	"era/runnable/kit/backend"
)

// traffic is one of everything: both routes, keep-alive, pipelined, refused, an end by either side.
func traffic(t *testing.T, addr string) {
	t.Helper()
	for _, requests := range [][]string{
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /ask?delay=3 HTTP/1.1\r\nHost: x\r\n\r\n", "GET /ask HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /ask?delay=1 HTTP/1.1\r\nHost: x\r\n\r\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n"},
		{"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"},
		{"nonsense\r\n\r\n"},
		{"GET /ask?size=200000 HTTP/1.0\r\n\r\n"},
	} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
		replies := bufio.NewReader(conn)
		for _, request := range requests {
			if _, err := io.WriteString(conn, request); err != nil {
				t.Fatal(err)
			}
			for range strings.Count(request, "\r\n\r\n") {
				reply, err := http.ReadResponse(replies, nil)
				if err == nil {
					_, err = io.Copy(io.Discard, reply.Body)
				}
				if err != nil {
					t.Fatalf("%q: %v", request, err)
				}
			}
		}
		conn.(*net.TCPConn).CloseWrite()
		if _, err := io.Copy(io.Discard, replies); err != nil { // the server's end of file: it is done with us
			t.Fatal(err)
		}
		conn.Close()
	}
}

// build makes the server, and for other languages than Go the library that traces it.
func build(t testing.TB, v catalogue.Variant, dir string) (argv []string, preload string) {
	t.Helper()
	source, binary := filepath.Join(root, v.Server.Source(v.Language)), filepath.Join(dir, "server")
	if v.Language == catalogue.Go {
		run(t, "go", "build", "-o", binary, root+"/"+v.Server.Dir())
		return append([]string{binary}, v.Server.Args...), ""
	}
	need(t, "cc")
	preload = filepath.Join(dir, "libtrace.so")
	run(t, "cc", "-O2", "-g", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror", "-o", preload, runnable+"/kit/trace/preload.c", "-ldl", "-pthread")
	if v.Language == catalogue.Python {
		argv, err := python(v)
		switch {
		case err != nil && len(v.Server.Needs) > 0: // nothing of the book depends on it
			t.Skipf("SKIPPED: %v", err)
		case err != nil:
			skip(t, err.Error())
		}
		return argv, preload
	}
	run(t, "cc", "-O2", "-g", "-D_FORTIFY_SOURCE=2", "-fstack-protector-strong", "-pthread", "-Wall", "-Wextra", "-Werror", "-o", binary, source)
	return append([]string{binary}, v.Server.Args...), preload
}

var finder installed.Finder

// python is the command that runs the server on a Python that has what it needs.
func python(v catalogue.Variant) (argv []string, err error) {
	if _, err := finder.Programs(v.Server.Needs); err != nil {
		return nil, err
	}
	found, err := finder.Python(v.Server.Needs)
	if err != nil {
		return nil, err
	}
	modules := "PYTHONPATH=" + strings.Join(found.Folders, string(os.PathListSeparator))
	return append([]string{"/usr/bin/env", modules, found.Path, filepath.Join(root, v.Server.Source(v.Language))}, v.Server.Args...), nil
}

// listening starts a server, by cmd.Start or in another way, and returns the address that it prints. stop kills it.
func listening(t testing.TB, cmd *exec.Cmd, start func() error) (addr string, stop func()) {
	t.Helper()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := start(); err != nil {
		t.Fatal(err)
	}
	stop = func() {
		cmd.Process.Kill()
		cmd.Wait() // it was killed: no news
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		stop()
		t.Fatalf("the first line of output: %v", err)
	}
	return strings.TrimSpace(strings.TrimPrefix(line, "listening on ")), stop
}

func run(t testing.TB, name string, args ...string) (output string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// need skips the test, loudly, when a tool is missing. Under CI=true it fails.
func need(t testing.TB, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		skip(t, tool+" is missing")
	}
}

func skip(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s, and CI=true", why)
	}
	t.Skipf("SKIPPED: %s", why)
}

// listenAndServe runs a TCP server for the test and returns its address.
func listenAndServe(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go serve(conn)
			}
		}
	}()
	return listener.Addr().String()
}

// answer is a backend: one question in, and after the delay that it names one answer out, of the size that it names.
func answer(conn net.Conn) {
	defer conn.Close()
	questions := backend.NewAsked(conn, 4096)
	for {
		question, err := questions.Next()
		if err != nil {
			return
		}
		if question.Reply != nil {
			_, err = conn.Write(question.Reply)
		} else {
			delay, size := backend.Wanted(question.Query)
			time.Sleep(delay)
			err = question.Answer(conn, delay, size)
		}
		if err != nil || question.Last {
			return
		}
	}
}
