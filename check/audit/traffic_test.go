//go:build linux

package audit_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"era/catalogue"
	"era/check/servertest"
	"era/internal/hang"
)

// traffic sends one of everything: both routes, keep-alive, pipelined, refused, an end by either side.
func traffic(t *testing.T, addr string) {
	t.Helper()
	for _, requests := range [][]string{
		{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "GET /ask?delay=3 HTTP/1.1\r\nHost: x\r\n\r\n",
			"GET /ask HTTP/1.1\r\nHost: x\r\n\r\n"},
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
		if _, err := io.Copy(io.Discard, replies); err != nil { // the server's end of file: it has finished
			t.Fatal(err)
		}
		conn.Close()
	}
}

// build makes the server, and for other languages than Go the library that traces it.
func build(t testing.TB, v catalogue.Variant, dir string) (argv []string, preload string) {
	t.Helper()
	if v.Language != catalogue.Go {
		preload = servertest.Preload(t, dir)
	}
	return servertest.Build(t, v, dir), preload
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
