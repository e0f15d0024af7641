//go:build linux || darwin

package machine

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

// accepted returns a Conn, and its client's end.
func accepted(t *testing.T, backend sys.Addr) (*Conn, *net.TCPConn) {
	t.Helper()
	listener, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err == nil {
		defer sys.Close(listener)
		err = sys.Bind(listener, netip.MustParseAddrPort("127.0.0.1:0"))
	}
	if err == nil {
		err = sys.Listen(listener, 1)
	}
	if err != nil {
		t.Fatal(err)
	}
	addr, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	client, err := net.Dial("tcp", addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	client.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	fd, err := sys.Accept(listener)
	if err != nil {
		t.Fatal(err)
	}
	return New(fd, backend), client.(*net.TCPConn)
}

// serve calls Step whenever the descriptor that the connection waits for is ready, until the connection is over.
func serve(t *testing.T, c *Conn) (over chan struct{}) {
	over = make(chan struct{})
	go func() {
		defer close(over)
		for !c.Gone() {
			await(t, c)
			c.Step()
		}
	}()
	return over
}

// await waits until the connection need not wait any more.
func await(t *testing.T, c *Conn) {
	var readable, writable sys.FdSet
	wait := c.Waits()
	if wait.Write {
		writable.Set(wait.FD)
	} else {
		readable.Set(wait.FD)
	}
	for {
		_, err := sys.Select(wait.FD+1, &readable, &writable, nil, -1)
		if err == nil {
			return
		}
		if err != sys.EINTR {
			t.Errorf("select: %v", err)
			return
		}
	}
}

// backend answers each question with the function, which may hang up instead.
func backend(t *testing.T, answer func(question string, conn net.Conn)) sys.Addr {
	t.Helper()
	return netip.MustParseAddrPort(servertest.Listen(t, func(conn net.Conn) {
		if question, err := bufio.NewReader(conn).ReadString('\n'); err == nil {
			answer(question, conn)
		}
	}))
}

func echo(question string, conn net.Conn) { io.WriteString(conn, question) }

func reply(status, body string) string {
	return fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s", status, len(body), body)
}

// conversation sends the requests, half-closes, and checks all that comes back.
func conversation(t *testing.T, address sys.Addr, send func(*net.TCPConn), want string) {
	t.Helper()
	c, client := accepted(t, address)
	over := serve(t, c)
	go func() {
		send(client)
		client.CloseWrite()
	}()
	got, err := io.ReadAll(client)
	if string(got) != want || err != nil {
		t.Errorf("got %.300q, %v\nwant %.300q", got, err, want)
	}
	<-over
}

func TestPipelined(t *testing.T) {
	// The first answer is the slowest, and still comes first.
	slowFirst := backend(t, func(question string, conn net.Conn) {
		if question == "1\n" {
			time.Sleep(20 * time.Millisecond) // the delay is what is tested
		}
		echo(question, conn)
	})
	requests := "GET /ask?1 HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\nGET /ask?2 HTTP/1.1\r\nHost: x\r\n\r\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n"
	want := reply("200 OK", "1\n") + reply("200 OK", "hello\n") + reply("200 OK", "2\n") +
		reply("404 Not Found", "Not Found\n")
	conversation(t, slowFirst, func(c *net.TCPConn) { io.WriteString(c, requests) }, want)
	conversation(t, slowFirst, func(c *net.TCPConn) {
		for i := range requests {
			io.WriteString(c, requests[i:i+1])
		}
	}, want)
}

func TestLine(t *testing.T) {
	long := strings.Repeat(".", 3<<20) + "\n"
	get := func(c *net.TCPConn) {
		io.WriteString(c, "GET /ask?q HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	drip := backend(t, func(question string, conn net.Conn) {
		for i := range question {
			io.WriteString(conn, question[i:i+1])
		}
	})
	conversation(t, drip, get, reply("200 OK", "q\n")+reply("200 OK", "hello\n"))
	large := backend(t, func(_ string, conn net.Conn) { io.WriteString(conn, long) })
	conversation(t, large, get, reply("200 OK", long)+reply("200 OK", "hello\n"))
}

func TestBackendFails(t *testing.T) {
	failed := reply("502 Bad Gateway", "Bad Gateway\n")
	get := func(c *net.TCPConn) {
		io.WriteString(c, "GET /ask?q HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	hangup := backend(t, func(string, net.Conn) {})
	conversation(t, hangup, get, failed+reply("200 OK", "hello\n"))
	half := backend(t, func(_ string, conn net.Conn) { io.WriteString(conn, "no end") })
	conversation(t, half, get, failed+reply("200 OK", "hello\n"))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := netip.MustParseAddrPort(listener.Addr().String())
	listener.Close()
	conversation(t, nobody, get, failed+reply("200 OK", "hello\n"))
}

// TestSlowReader: a reply that the client does not read is kept, and Step does not wait.
func TestSlowReader(t *testing.T) {
	long := strings.Repeat(".", 16<<20) + "\n" // more than the kernel keeps for both ends
	large := backend(t, func(_ string, conn net.Conn) { io.WriteString(conn, long) })
	c, client := accepted(t, large)
	io.WriteString(client, "GET /ask HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
	for c.state != writing {
		await(t, c)
		c.Step()
	}
	left := -1
	for left != len(c.outbox) { // until the kernel takes no more
		left = len(c.outbox)
		c.Step()
	}
	if got, want := c.Waits(), (Wait{c.client, true, 0}); c.state != writing || left == 0 || got != want {
		t.Fatalf("state %d with %d bytes left waits for %v, want %v", c.state, left, got, want)
	}
	over := serve(t, c)
	client.CloseWrite()
	want := reply("200 OK", long) + reply("200 OK", "hello\n")
	if got, err := io.ReadAll(client); string(got) != want || err != nil {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(want))
	}
	<-over
}

// TestStepWithoutNews: a step when nothing has arrived changes nothing, so that a server may poll.
func TestStepWithoutNews(t *testing.T) {
	c, client := accepted(t, backend(t, echo))
	for range 3 {
		c.Step()
	}
	if c.state != reading {
		t.Errorf("state %d, want Reading", c.state)
	}
	client.Close()
	<-serve(t, c)
}

// TestLingeringClose: after the last reply the server continues to read until the client has received it, and answers
// nothing more.
func TestLingeringClose(t *testing.T) {
	c, client := accepted(t, sys.Addr{})
	over := serve(t, c)
	io.WriteString(client, "GET / HTTP/1.0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
	got, err := io.ReadAll(client) // to the server's end of file
	if n := strings.Count(string(got), "HTTP/1.1 200 OK"); n != 1 || err != nil {
		t.Errorf("%d replies, %v: %q", n, err, got)
	}
	if _, err := io.WriteString(client, strings.Repeat("more", 1000)); err != nil {
		t.Errorf("the server stopped reading: %v", err)
	}
	select {
	case <-over:
		t.Error("the server closed before the client")
	default:
	}
	client.CloseWrite()
	<-over
}

func TestReset(t *testing.T) {
	c, client := accepted(t, sys.Addr{})
	io.WriteString(client, "GET / HTTP/1.1\r\n")
	client.SetLinger(0)
	client.Close()
	<-serve(t, c)
}
