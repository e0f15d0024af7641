//go:build linux || darwin

package battery

import (
	"strings"
	"testing"
)

// behaviours are clients as they are: they leave in the middle, send half a request, do not read.
var behaviours = []struct {
	name string
	run  func(t *testing.T, s *server)
}{
	{"says nothing and leaves", func(t *testing.T, s *server) {
		dial(t, s).Close()
	}},
	{"resets before it says anything", func(t *testing.T, s *server) {
		dial(t, s).reset()
	}},
	{"leaves in the middle of a request", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send("GET / HT")
		c.Close()
	}},
	{"resets in the middle of a request", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send(get("/"))
		c.want(hello) // so the server has accepted it, and reads
		c.send("GET / HT")
		c.reset()
	}},
	{"resets while the backend is asked", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send(get("/ask?delay=20"))
		c.reset()
	}},
	{"resets with a reply unread", func(t *testing.T, s *server) {
		c := dialStalled(t, s)
		c.send(get("/ask?size=8388608"))
		c.want("HTTP") // the reply is under way
		c.reset()
	}},
	{"leaves with a reply unread and a request unanswered", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send(strings.Repeat(get("/"), 100))
		c.want("HTTP")
		c.Close()
	}},
	{"half-closes after the request", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send(get("/"))
		c.halfClose()
		c.want(hello)
		c.wantEnd()
	}},
	{"half-closes while the backend is asked", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send(get("/") + get("/ask?delay=20"))
		c.halfClose()
		c.want(hello + reply("200 OK", waited(20, 0)))
		c.wantEnd()
	}},
	{"half-closes in the middle of a request", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send("GET / HTTP/1.1\r\nHost: te")
		c.halfClose()
		c.wantEnd()
	}},
	{"never reads and leaves", func(t *testing.T, s *server) {
		c := dialStalled(t, s)
		c.send(get("/ask?size=8388608"))
		if !s.alone() {
			next(t, s) // a client that does not read harms only itself
		}
		c.want("HTTP")
		c.Close() // with megabytes unread: the kernel makes it a reset
	}},
	{"goes on sending after the last reply", func(t *testing.T, s *server) {
		c := dial(t, s)
		c.send(get("/", "Connection: close"))
		c.want(lastHello)
		c.wantEnd()
		c.send(strings.Repeat("x", 100_000)) // the server reads and discards, so that no reset destroys the reply
		c.Close()
	}},
	{"stays when it is slow", func(t *testing.T, s *server) {
		slow := dial(t, s)
		slow.send("GET / HTTP/1.1\r\n")
		asking := dial(t, s)
		asking.send(get("/ask?delay=50"))
		if !s.alone() {
			next(t, s) // neither of the two blocks the server
		}
		slow.send("Host: test\r\n\r\n")
		slow.want(hello)
		slow.Close() // the blocking server turns to the other only now
		asking.want(reply("200 OK", waited(50, 0)))
		asking.Close()
	}},
}

func testBehaviours(t *testing.T, s *server) {
	for _, b := range behaviours {
		t.Run(b.name, func(t *testing.T) {
			b.run(t, s)
			next(t, s)
		})
	}
}

func (c *client) halfClose() {
	c.t.Helper()
	if err := c.CloseWrite(); err != nil {
		c.t.Fatal(err)
	}
}
