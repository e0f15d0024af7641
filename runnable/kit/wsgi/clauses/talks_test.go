//go:build linux || darwin

package clauses

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"era/internal/hang"
)

// talks are cases that take more than a request and its reply. A talk returns what was observed.
var talks = []struct {
	clause, what string
	talk         func(t *testing.T, addr string) string
	want         string
}{
	{"C5.3", "headers as they were", func(t *testing.T, addr string) string {
		r, _ := request(t, addr, get("/head"))
		return fmt.Sprint(r.Header["X-One"], r.Header["X-Two"])
	}, "[1 3] [2]"},
	{"C5.3", "no header injected by the client", func(t *testing.T, addr string) string {
		r, _ := request(t, addr, get("/bad-header"))
		return fmt.Sprint(r.Header["Set-Cookie"])
	}, "[]"},
	{"C5.7", "closed at the end", closings(func(c *client) { c.send(get("/ends")); c.reply() }), "closed"},
	{"C5.7", "closed after a failure", closings(func(c *client) { c.send(get("/fails-late")); c.reply() }), "closed"},
	{"C5.7", "closed when the client leaves", closings(func(c *client) { leave(c) }), "closed"},
	{"C5.7", "no more chunks for a client that has left", func(t *testing.T, addr string) string {
		leave(dial(t, addr))
		if n := body(t, addr, "/asked"); n == strconv.Itoa(most) {
			return "all of them"
		}
		return "some"
	}, "some"},
	{"C5.8", "a chunk is sent before the next is asked for", gate("/gate", "first "), "first then go, <nil>"},
	{"C5.9", "also behind a middleware", gate("/shout/gate", "FIRST "), "FIRST THEN GO, <NIL>"},
	{"C5.10", "framing, of a length that is known", framing(get("/hello")), "length 6"},
	{"C5.10", "framing, of two chunks", framing(get("/two")), "chunks"},
	{"C5.10", "framing, of nothing", framing(get("/nothing")), "length 0"},
	{"C5.10", "204 without a length", framingOf("GET", "/no-content-none"), `204 [] ""`},
	{"C5.10", "204, whatever the application names", framingOf("GET", "/no-content-named"), `204 [] ""`},
	{"C5.10", "205 without a body", framingOf("GET", "/reset"), `205 [content-length: 0] ""`},
	{"C5.10", "304 with the length of the 200", framingOf("GET", "/not-modified"), `304 [content-length: 5] ""`},
	{"C5.10", "304 without a body", framingOf("GET", "/not-modified-bodied"), `304 [] ""`},
	{"C5.10", "HEAD, with a body that was left out", framingOf("HEAD", "/nothing"), `200 [] ""`},
	{"C5.10", "framing, of two chunks for HTTP/1.0", framing("GET /two HTTP/1.0\r\n\r\n"), "until the end"},
	{"C5.10", "framing, of a body that was not read", framing(post("/hello", "Content-Length: 3") + "abc"), "length 6"},
	{"C5.10", "an unread body is not a request", func(t *testing.T, addr string) string {
		c := dial(t, addr)
		c.send(post("/hello", "Content-Length: "+strconv.Itoa(len(get("/own")))) + get("/own"))
		rest, _ := io.ReadAll(c) // it may end with an end of file, a reset, or a timeout
		return fmt.Sprint(strings.Count(string(rest), "HTTP/1."), " reply")
	}, "1 reply"},
	{"C5.10", "no body for HEAD", func(t *testing.T, addr string) string {
		c := dial(t, addr)
		c.send("HEAD /two HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		all, err := io.ReadAll(c)
		_, text, _ := strings.Cut(string(all), "\r\n\r\n")
		return fmt.Sprintf("%q, %v", text, err)
	}, `"", <nil>`},
	{"C5.11", "100 Continue when the body is asked for", func(t *testing.T, addr string) string {
		c := dial(t, addr)
		c.send(post("/echo", "Content-Length: 5", "Expect: 100-continue"))
		if c.silent() {
			return "nothing"
		}
		r, _ := c.reply()
		if r.StatusCode != http.StatusContinue {
			return r.Status
		}
		c.send("hello")
		_, said := c.reply()
		return "100, " + said
	}, "100, 200 OK: hello, <nil>"},
	{"C5.11", "and not if it is not", func(t *testing.T, addr string) string {
		_, said := request(t, addr, post("/hello", "Content-Length: 5", "Expect: 100-continue"))
		return said
	}, "200 OK: hello\n"},
	{"C5.11", "nor if it is here already", func(t *testing.T, addr string) string {
		_, said := request(t, addr, post("/echo", "Content-Length: 5", "Expect: 100-continue")+"hello")
		return said
	}, "200 OK: hello, <nil>"},
	{"C5.11", "a client leaves in its body", func(t *testing.T, addr string) string {
		c := dial(t, addr)
		c.send(post("/echo", "Content-Length: 50") + "hello")
		c.Conn.(*net.TCPConn).CloseWrite()
		_, said := c.reply()
		return said
	}, "200 OK: hello, error"},
}

// closings returns whether do made the server close the iterator once.
func closings(do func(c *client)) func(*testing.T, string) string {
	return func(t *testing.T, addr string) string {
		count := func() int {
			n, err := strconv.Atoi(body(t, addr, "/closed"))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		before := count()
		c := dial(t, addr)
		do(c)
		c.Close()
		for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
			if n := count(); n == before+1 {
				return "closed"
			} else if n > before+1 {
				return "closed twice"
			}
		}
		return "never closed"
	}
}

// leave requests an endless body, and leaves after its first bytes.
func leave(c *client) {
	c.t.Helper()
	c.send(get("/endless"))
	if _, err := c.Peek(1); err != nil {
		c.t.Fatal(err)
	}
	c.Close()
}

// gate calls an application that waits for a byte, and sends that byte when the first chunk has arrived.
func gate(path, first string) func(*testing.T, string) string {
	return func(t *testing.T, addr string) string {
		c := dial(t, addr)
		c.send("POST " + path + " HTTP/1.0\r\nContent-Length: 2\r\n\r\n") // 1.0: the reply is not in chunks
		for line := ""; line != "\r\n"; {
			var err error
			if line, err = c.ReadString('\n'); err != nil {
				t.Fatal(err)
			}
		}
		got := make([]byte, len(first))
		if _, err := io.ReadFull(c, got); err != nil {
			t.Fatal(err)
		}
		c.send("go")
		rest, err := io.ReadAll(c)
		if err != nil {
			t.Fatal(err)
		}
		return string(got) + string(rest)
	}
}

// framing returns how a client learns where the body ends.
func framing(send string) func(*testing.T, string) string {
	return func(t *testing.T, addr string) string {
		r, _ := request(t, addr, send)
		switch {
		case len(r.TransferEncoding) > 0:
			return "chunks"
		case r.ContentLength >= 0:
			return fmt.Sprint("length ", r.ContentLength)
		}
		return "until the end"
	}
}

// framingOf returns a reply's status, the lines of its head that say where it ends, and the bytes after the head until
// the end of the connection (RFC 9110, section 8.6). With HEAD, chunks may be announced or not (RFC 9112, section 6.1).
func framingOf(method, path string) func(*testing.T, string) string {
	return func(t *testing.T, addr string) string {
		c := dial(t, addr)
		c.send(method + " " + path + head([]string{"Connection: close"}))
		all, _ := io.ReadAll(c) // another case checks how it ends
		top, rest, _ := strings.Cut(string(all), "\r\n\r\n")
		lines := strings.Split(strings.ToLower(top), "\r\n")
		framed := slices.DeleteFunc(lines[1:], func(line string) bool {
			return !strings.HasPrefix(line, "content-length:") &&
				(!strings.HasPrefix(line, "transfer-encoding:") || method == "HEAD")
		})
		_, status, _ := strings.Cut(lines[0], " ")
		return fmt.Sprintf("%.3s %v %q", status, framed, rest)
	}
}

// silent reports whether the server sends nothing while it waits for us. Only a silent server makes the test wait.
func (c *client) silent() bool {
	c.SetReadDeadline(time.Now().Add(time.Second))
	defer c.SetReadDeadline(time.Now().Add(hang.After))
	_, err := c.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded)
}
