//go:build linux || darwin

package job

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"era/check/servertest"
	"era/internal/hang"
	"era/runnable/kit/sys"
)

// handled runs Handle for one connection, and returns the client's end. done is closed when Handle returns.
func handled(t *testing.T, backend sys.Addr) (client *net.TCPConn, done chan struct{}) {
	t.Helper()
	listener := Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	defer sys.Close(listener)
	addr, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	fd, err := sys.Accept(listener)
	if err != nil {
		t.Fatal(err)
	}
	done = make(chan struct{})
	sys.Thread(func() {
		defer close(done)
		Handle(fd, backend)
	})
	return conn.(*net.TCPConn), done
}

// backend answers each question with itself, byte by byte; "hangup" it answers with an end of file.
func backend(t *testing.T) sys.Addr {
	t.Helper()
	return netip.MustParseAddrPort(servertest.Listen(t, func(conn net.Conn) {
		question, err := bufio.NewReader(conn).ReadString('\n')
		if err == nil && question != "hangup\n" {
			for i := range question {
				io.WriteString(conn, question[i:i+1])
			}
		}
	}))
}

func TestHandle(t *testing.T) {
	there := backend(t)
	for _, test := range []struct {
		name, requests string
		backend        sys.Addr
		want           []string // status and body
	}{
		{"nothing", "", there, nil},
		{"root", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", there, []string{"200 OK hello\n"}},
		{"pipelined", "GET /ask?1 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET /ask?2 HTTP/1.1\r\nHost: x\r\n\r\n", there,
			[]string{"200 OK 1\n", "200 OK hello\n", "200 OK 2\n"}},
		{"last of all", "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", there, []string{"200 OK hello\n"}},
		{"backend hangs up", "GET /ask?hangup HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n", there,
			[]string{"502 Bad Gateway Bad Gateway\n", "200 OK hello\n"}},
		{"no backend", "GET /ask HTTP/1.1\r\nHost: x\r\n\r\n", netip.MustParseAddrPort("127.0.0.1:1"),
			[]string{"502 Bad Gateway Bad Gateway\n"}},
	} {
		for _, size := range []int{1, 1 << 16} {
			t.Run(fmt.Sprintf("%s in pieces of %d", test.name, size), func(t *testing.T) {
				client, done := handled(t, test.backend)
				for rest := test.requests; rest != ""; {
					n := min(size, len(rest))
					io.WriteString(client, rest[:n])
					rest = rest[n:]
				}
				client.CloseWrite()
				got, err := io.ReadAll(client)
				if err != nil {
					t.Fatal(err)
				}
				<-done
				var replies []string
				for _, reply := range strings.Split(string(got), "HTTP/1.1 ")[1:] {
					head, body, _ := strings.Cut(reply, "\r\n\r\n")
					status, _, _ := strings.Cut(head, "\r\n")
					replies = append(replies, status+" "+body)
				}
				if fmt.Sprintf("%q", replies) != fmt.Sprintf("%q", test.want) {
					t.Errorf("got %q, want %q", replies, test.want)
				}
			})
		}
	}
}
