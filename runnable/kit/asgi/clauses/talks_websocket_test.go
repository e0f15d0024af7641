//go:build linux || darwin

package clauses

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

// sockets are cases about WebSockets.
var sockets = []exchange{
	{"C6.11", "closed before it was accepted", one(handshake("/refuses")), "403"},
	{"C6.11", "another answer", one(handshake("/denies")), "401 Unauthorized: who are you?"},
	{"C6.11", "a failure before it was accepted", one(handshake("/raises")), "500"},
	{"C6.11", "a message before it was accepted", func(t *testing.T, s *server) string {
		return s.ask(t, handshake("/early")) + ", " + s.notes(t, 1)
	}, "403, raised"},
	{"C6.11", "the client leaves before it was accepted", func(t *testing.T, s *server) string {
		c := s.dial(t)
		c.say(handshake("/hesitates"))
		first := s.notes(t, 1)
		c.Close()
		return first + ", " + s.notes(t, 1)
	}, "websocket.connect, websocket.disconnect 1006"},
	{"C6.11", "accepted, with a subprotocol and a header", func(t *testing.T, s *server) string {
		conn, ctx, r := s.open(t, "/greets", "chat.v1", "chat.v2")
		_, said, err := conn.Read(ctx)
		return fmt.Sprintf("%s: %s %s %s %v", s.notes(t, 1), said, conn.Subprotocol(), r.Header.Get("X-Room"), err)
	}, "websocket.connect: /greets chat.v1+chat.v2 chat.v2 1 <nil>"},
	{"C6.11", "101 without a length, whatever the application names", func(t *testing.T, s *server) string {
		_, _, r := s.open(t, "/greets", "chat.v2")
		defer s.notes(t, 1)
		return fmt.Sprintf("%d %q", r.StatusCode, r.Header.Get("Content-Length"))
	}, `101 ""`},
	{"C6.12", "a message of no bytes", func(t *testing.T, s *server) string {
		conn, ctx, _ := s.open(t, "/talks")
		if err := conn.Write(ctx, websocket.MessageText, nil); err != nil {
			return err.Error()
		}
		kind, back, err := conn.Read(ctx)
		conn.CloseNow()
		s.notes(t, 2)
		if err != nil {
			return "nothing comes back"
		}
		return fmt.Sprintf("%v %q", kind, back)
	}, `MessageText ""`},
	{"C6.12", "text and bytes stay what they are", func(t *testing.T, s *server) string {
		conn, ctx, _ := s.open(t, "/talks")
		for _, message := range []string{"hällo", strings.Repeat("0123456789", 30_000)} {
			for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
				if err := conn.Write(ctx, kind, []byte(message)); err != nil {
					return err.Error()
				}
				if got, back, err := conn.Read(ctx); got != kind || string(back) != message || err != nil {
					return fmt.Sprintf("%v of %d bytes came back as %v of %d, %v", kind, len(message), got, len(back), err)
				}
			}
		}
		if err := conn.Close(websocket.StatusNormalClosure, ""); err != nil {
			return err.Error()
		}
		return s.notes(t, 2)
	}, "websocket.connect; 1000"},
	{"C6.12", "fragments come together, and a ping between them is answered", func(t *testing.T, s *server) string {
		c := s.shake(t, "/talks")
		c.frame(ws.NewFrame(ws.OpText, false, []byte("one ")))
		c.frame(ws.NewPingFrame([]byte("in between")))
		c.frame(ws.NewFrame(ws.OpContinuation, true, []byte("two")))
		said := c.next() + ", " + c.next()
		c.Close()
		s.notes(t, 2)
		return said
	}, "pong in between, text one two"},
	{"C6.12", "text and bytes in one event", func(t *testing.T, s *server) string {
		s.shake(t, "/both")
		return s.notes(t, 2)
	}, "websocket.connect; raised"},
	{"C6.13", "the client's code and reason", closing(ws.NewCloseFrame(ws.NewCloseFrameBody(4321, "bye"))),
		"close 4321, 4321 bye"},
	{"C6.13", "a close without a code", closing(ws.NewCloseFrame(nil)), "close, 1005"},
	{"C6.13", "1005 on the wire", closing(ws.NewCloseFrame(ws.NewCloseFrameBody(1005, ""))), "close 1002, 1002"},
	{"C6.13", "what is no text", closing(ws.NewTextFrame([]byte("\xc3"))), "close 1007, 1007"},
	{"C6.13", "a frame that is not masked", func(t *testing.T, s *server) string {
		c := s.shake(t, "/talks")
		c.say(string(ws.MustCompileFrame(ws.NewTextFrame([]byte("x")))))
		said := c.next()
		c.Close()
		return said + ", " + strings.TrimPrefix(s.notes(t, 2), "websocket.connect; ")
	}, "close 1002, 1002"},
	{"C6.13", "a client who goes without a word", func(t *testing.T, s *server) string {
		s.shake(t, "/talks").Close()
		return s.notes(t, 2)
	}, "websocket.connect; 1006"},
	{"C6.13", "close without a code is 1000", wire("/leaves"), "close 1000"},
	{"C6.13", "so is the application's return", wire("/returns"), "close 1000"},
	{"C6.13", "its failure is 1011", wire("/stumbles"), "close 1011"},
	{"C6.13", "an application cannot send 1005", func(t *testing.T, s *server) string {
		said := s.shake(t, "/leaves-badly").next()
		return s.notes(t, 2) + ", " + said
	}, "websocket.connect; raised, close 1000"},
	{"C6.10", "send on a WebSocket that is closed", func(t *testing.T, s *server) string {
		conn, _, _ := s.open(t, "/late")
		conn.Close(websocket.StatusNormalClosure, "") // another case checks how it is answered
		return s.notes(t, 2)
	}, "websocket.connect; OSError"},
}

// closing sends a last frame, and returns the server's answer and the application's event.
func closing(last ws.Frame) func(*testing.T, *server) string {
	return func(t *testing.T, s *server) string {
		c := s.shake(t, "/talks")
		c.frame(last)
		said := c.next()
		c.Close()
		return said + ", " + strings.TrimPrefix(s.notes(t, 2), "websocket.connect; ")
	}
}

// wire returns the first frame that a client reads.
func wire(path string) func(*testing.T, *server) string {
	return func(t *testing.T, s *server) string {
		said := s.shake(t, path).next()
		s.notes(t, 1)
		return said
	}
}

// ends are cases about the end of the server.
var ends = []exchange{
	{"C6.14", "a WebSocket is told that the server goes", func(t *testing.T, s *server) string {
		conn, _, _ := s.open(t, "/talks")
		ctx, cancel := context.WithTimeout(context.Background(), patience) // some take seconds
		defer cancel()
		s.stop()
		_, _, err := conn.Read(ctx)
		code := websocket.CloseStatus(err)
		var closed websocket.CloseError
		if !errors.As(err, &closed) {
			return "it is cut off"
		}
		return fmt.Sprint(int(code))
	}, "1001"},
}

// lives are cases about the lifespan, each with its own server: see LIFESPAN in apps.py.
var lives = []struct {
	exchange
	lifespan string
}{
	{exchange{"C6.14", "startup before all, and shutdown at the end", func(t *testing.T, s *server) string {
		said := s.ask(t, get("/hello"))
		s.stop()
		code, _ := s.over()
		lines, err := os.ReadFile(s.diary)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s, %s, code %d", said, strings.Join(strings.Fields(string(lines)), " "), code)
	}, "200 OK: hello, lifespan.startup ready lifespan.shutdown, code 0"}, ""},
	{exchange{"C6.14", "an application that cannot start is not served", func(t *testing.T, s *server) string {
		served, ended := make(chan bool, 1), make(chan string, 1)
		if s.addr != "" { // ours listen before the application's startup: clients wait in the kernel
			go func() { served <- s.serves() }()
		}
		go func() {
			code, said := s.over()
			ended <- fmt.Sprintf("it ends: code 0 %t, says why %t", code == 0, strings.Contains(said, "no database"))
		}()
		select {
		case said := <-ended:
			return said
		case yes := <-served:
			if yes {
				return "it serves"
			}
			return <-ended
		}
	}, "it ends: code 0 false, says why true"}, "fails"},
	{exchange{"C6.14", "one that knows no lifespan is served", one(get("/hello")), "200 OK: hello"}, "raises"},
}

// serves reports whether the server answers.
func (s *server) serves() bool {
	r, err := http.Get("http://" + s.addr + "/hello")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}
