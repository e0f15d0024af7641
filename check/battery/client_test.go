//go:build linux || darwin

package battery

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"
)

// client is a TCP connection that speaks bytes, so that it can misbehave as real clients do.
type client struct {
	*net.TCPConn
	t    *testing.T
	once bool // the server closes after each reply
}

func dial(t *testing.T, s *server) *client { return dialer(t, s, net.Dialer{Timeout: patience}) }

// dialStalled connects with the smallest receive buffer, so that the server soon notices that the client does not read.
func dialStalled(t *testing.T, s *server) *client {
	return dialer(t, s, net.Dialer{Timeout: patience, Control: func(_, _ string, raw syscall.RawConn) error {
		var failed error
		err := raw.Control(func(fd uintptr) {
			failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 1)
		})
		if failed != nil {
			return failed
		}
		return err
	}})
}

func dialer(t *testing.T, s *server, d net.Dialer) *client {
	t.Helper()
	conn, err := d.Dial("tcp", s.addr)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &client{conn.(*net.TCPConn), t, s.once()}
}

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatalf("send: %v", err)
	}
}

// want reads as many bytes as the expected text has, or until one differs.
func (c *client) want(text string) {
	c.t.Helper()
	if err := c.receive(text); err != nil {
		c.t.Fatal(err)
	}
}

// receive is want for goroutines that must not end the test.
func (c *client) receive(text string) error {
	if c.once {
		text = firstAndLast(text)
	}
	buffer := make([]byte, len(text))
	for got := 0; got < len(text); {
		n, err := c.Read(buffer[got:])
		if string(buffer[got:got+n]) != text[got:got+n] {
			return fmt.Errorf("reply\n got %s\nwant %s", short(string(buffer[:got+n])), short(text))
		}
		if got += n; err != nil {
			return fmt.Errorf("reply after %d of %d bytes: %w", got, len(text), err)
		}
	}
	return nil
}

// status reads one reply and fails if it has another status.
func (c *client) status(want int) string {
	c.t.Helper()
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		c.t.Fatalf("reply: %v", err)
	}
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		c.t.Fatalf("body of the reply: %v", err)
	}
	if response.StatusCode != want {
		return response.Status
	}
	return ""
}

// wantEnd expects the server's end of file, and no byte before it. A reset is not an end.
func (c *client) wantEnd() {
	c.t.Helper()
	rest, err := io.ReadAll(c)
	if err != nil || len(rest) > 0 {
		c.t.Fatalf("want the end of the connection, got %s (%v)", short(string(rest)), err)
	}
}

// reset ends the connection with a reset segment instead of an orderly close.
func (c *client) reset() {
	c.t.Helper()
	if err := c.SetLinger(0); err != nil {
		c.t.Fatal(err)
	}
	c.Close()
}

// next is the client after all others: it proves that the server goes on.
func next(t *testing.T, s *server) {
	t.Helper()
	c := dial(t, s)
	c.send(get("/"))
	c.want(hello)
	c.Close()
}

func short(text string) string {
	if len(text) > 300 {
		return fmt.Sprintf("%q ... %q (%d bytes)", text[:200], text[len(text)-50:], len(text))
	}
	return fmt.Sprintf("%q", text)
}

// get returns a request as a browser sends it, only shorter.
func get(target string, headers ...string) string {
	lines := append([]string{"GET " + target + " HTTP/1.1", "Host: test"}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}
