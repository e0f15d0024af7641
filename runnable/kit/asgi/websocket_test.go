//go:build linux || darwin

package asgi

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

// echo sends back what it receives, and reports how it ended.
func echo(ended chan<- string) App {
	return withoutLifespan(func(scope Scope, receive Receive, send Send) error {
		receive()
		if err := send(Event{Type: WebSocketAccept}); err != nil {
			return err
		}
		for {
			e, err := receive()
			if err != nil || e.Type == WebSocketDisconnect {
				ended <- fmt.Sprint(e.Code, " ", e.Reason)
				return err
			}
			if err := send(Event{Type: WebSocketSend, Bytes: e.Bytes, Text: e.Text}); err != nil {
				return err
			}
		}
	})
}

// open opens a WebSocket with a third-party client.
func (r *running) open(path string, protocols ...string) (*websocket.Conn, context.Context) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	r.t.Cleanup(cancel)
	conn, _, err := websocket.Dial(ctx, "ws://"+r.addr+path, &websocket.DialOptions{Subprotocols: protocols})
	if err != nil {
		r.t.Fatal(err)
	}
	conn.SetReadLimit(-1)
	r.t.Cleanup(func() { conn.CloseNow() })
	return conn, ctx
}

// TestC6_11: nothing is sent before the application answers: it accepts, or the client gets a 403, or another answer.
func TestC6_11(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		events := make(chan string, 10)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			if first, _ := receive(); first.Type != WebSocketConnect {
				return errors.New(first.Type)
			}
			switch scope.Path {
			case "/no":
				return send(Event{Type: WebSocketClose})
			case "/login":
				send(Event{Type: DenialStart, Status: 401, Headers: []Header{{"www-authenticate", "Basic"}}})
				return send(Event{Type: DenialBody, Body: []byte("who are you?")})
			case "/fails":
				return errors.New("no")
			case "/waits":
				events <- fmt.Sprint(send(Event{Type: WebSocketSend, Text: "too early"}) != nil)
				e, _ := receive() // not accepted, so only the disconnect can follow
				events <- fmt.Sprint(e.Type, e.Code)
				return nil
			}
			if err := send(Event{Type: WebSocketAccept, Subprotocol: "chat.v2",
				Headers: []Header{{"x-room", "1"}}}); err != nil {
				return err
			}
			return send(Event{Type: WebSocketSend, Text: scope.Path + strings.Join(scope.Subprotocols, "+")})
		}))
		logs(t)
		for path, want := range map[string]string{"/no": "403 Forbidden|Forbidden\n",
			"/login": "401 Unauthorized|who are you?", "/fails": "500 Internal Server Error|Internal Server Error\n"} {
			c := r.dial()
			if got := c.ask(handshake(path, "")); got != want {
				t.Errorf("%s: %q", path, got)
			}
			c.wantEnd()
		}
		conn, ctx := r.open("/yes", "chat.v1", "chat.v2")
		if _, message, err := conn.Read(ctx); string(message) != "/yeschat.v1+chat.v2" || conn.Subprotocol() != "chat.v2" ||
			err != nil {
			t.Errorf("%q, %q, %v", message, conn.Subprotocol(), err)
		}
		c := r.dial()
		c.say(handshake("/waits", ""))
		if got := wait(t, events, "the refusal of a message"); got != "true" {
			t.Error("a message may be sent before the socket is accepted")
		}
		c.Close()
		if got, want := wait(t, events, "the end"), "websocket.disconnect1006"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		for more, want := range map[string]string{
			"Sec-WebSocket-Version: 12\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==": "426",
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c2hvcnQ=":                 "400",
			"Sec-WebSocket-Version: 13":                                                "400",
		} {
			if got := r.dial().ask("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n" + more + "\r\n\r\n"); !strings.HasPrefix(got, want) {
				t.Errorf("%s: %s", more, got)
			}
		}
	})
}

// TestC6_12: text stays text and bytes stay bytes, fragments are joined, and the server answers pings without the
// application.
func TestC6_12(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		r := serve(just(echo(make(chan string, 10))))
		conn, ctx := r.open("/")
		long := strings.Repeat("0123456789", 30_000)
		for _, message := range []string{"", "hällo", long} {
			for _, kind := range []websocket.MessageType{websocket.MessageText, websocket.MessageBinary} {
				if err := conn.Write(ctx, kind, []byte(message)); err != nil {
					t.Fatal(err)
				}
				if got, back, err := conn.Read(ctx); got != kind || string(back) != message || err != nil {
					t.Fatalf("%v of %d bytes came back as %v of %d, %v", kind, len(message), got, len(back), err)
				}
			}
		}
		w := r.shake()
		w.frame(ws.NewFrame(ws.OpText, false, []byte("one ")))
		w.frame(ws.NewPingFrame([]byte("in between")))
		w.frame(ws.NewFrame(ws.OpContinuation, false, []byte("t")))
		w.frame(ws.NewFrame(ws.OpContinuation, true, []byte("wo")))
		if got, want := w.next()+", "+w.next(), "pong in between, text one two"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	// An event with both, or with neither, is not a message.
	onBoth(t, func(t *testing.T, serve serving) {
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			receive()
			send(Event{Type: WebSocketAccept})
			both := send(Event{Type: WebSocketSend, Text: "x", Bytes: []byte("y")})
			bad := send(Event{Type: WebSocketSend, Text: "\xff"})
			return send(Event{Type: WebSocketSend, Text: fmt.Sprint(both != nil, bad != nil)})
		}))
		if got, want := r.shake().next(), "text true true"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestReceiveWhileSending: a send that waits for the client does not delay a receive.
func TestReceiveWhileSending(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		heard := make(chan string, 1)
		r := serve(func(e Engine) App {
			return withoutLifespan(func(_ Scope, receive Receive, send Send) error {
				receive()
				send(Event{Type: WebSocketAccept})
				e.Go(func() error {
					heard <- "begins"
					return send(Event{Type: WebSocketSend, Bytes: make([]byte, 32<<20)}) // more than both kernels buffer
				})
				for {
					m, err := receive()
					if err != nil || m.Type == WebSocketDisconnect {
						return err
					}
					heard <- m.Text
				}
			})
		}, func(s *Server) { s.Linger = time.Second / 10 })
		w := r.shake() // which never reads
		wait(t, heard, "the message to the client")
		for _, word := range []string{"one", "two", "three"} {
			w.frame(ws.NewTextFrame([]byte(word)))
			if got := wait(t, heard, word); got != word {
				t.Errorf("%q, want %q", got, word)
			}
		}
	})
}
