//go:build linux || darwin

package asgi

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

// echo sends back what it receives, and tells how it ended.
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

// open opens a WebSocket with a client that we did not write.
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

// TestC6_11: nothing is answered before the application has: it accepts, or the client gets a 403, or another answer.
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
				e, _ := receive() // nobody has accepted, so nothing can come but the end
				events <- fmt.Sprint(e.Type, e.Code)
				return nil
			}
			if err := send(Event{Type: WebSocketAccept, Subprotocol: "chat.v2", Headers: []Header{{"x-room", "1"}}}); err != nil {
				return err
			}
			return send(Event{Type: WebSocketSend, Text: scope.Path + strings.Join(scope.Subprotocols, "+")})
		}))
		logs(t)
		for path, want := range map[string]string{"/no": "403 Forbidden|Forbidden\n", "/login": "401 Unauthorized|who are you?", "/fails": "500 Internal Server Error|Internal Server Error\n"} {
			c := r.dial()
			if got := c.ask(handshake(path, "")); got != want {
				t.Errorf("%s: %q", path, got)
			}
			c.wantEnd()
		}
		conn, ctx := r.open("/yes", "chat.v1", "chat.v2")
		if _, message, err := conn.Read(ctx); string(message) != "/yeschat.v1+chat.v2" || conn.Subprotocol() != "chat.v2" || err != nil {
			t.Errorf("%q, %q, %v", message, conn.Subprotocol(), err)
		}
		c := r.dial()
		c.say(handshake("/waits", ""))
		if got := wait(t, events, "the refusal of a message"); got != "true" {
			t.Error("a message may be sent before the socket is accepted")
		}
		c.Close()
		if got := wait(t, events, "the end"); got != "websocket.disconnect1006" {
			t.Error(got)
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

// TestC6_12: text and bytes stay what they are, fragments come together, pings are answered below the application.
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
		if got := w.next() + ", " + w.next(); got != "pong in between, text one two" {
			t.Error(got)
		}
	})
	// Both, or neither of the right kind, is no message.
	onBoth(t, func(t *testing.T, serve serving) {
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			receive()
			send(Event{Type: WebSocketAccept})
			both := send(Event{Type: WebSocketSend, Text: "x", Bytes: []byte("y")})
			bad := send(Event{Type: WebSocketSend, Text: "\xff"})
			return send(Event{Type: WebSocketSend, Text: fmt.Sprint(both != nil, bad != nil)})
		}))
		if got := r.shake().next(); got != "text true true" {
			t.Error(got)
		}
	})
}

// TestC6_13: close codes, from the client to the application and back.
func TestC6_13(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		ended := make(chan string, 1)
		r := serve(just(echo(ended)), func(s *Server) { s.MaxMessage = 1000 })
		code := func(c ws.StatusCode, reason string) ws.Frame {
			return ws.NewCloseFrame(ws.NewCloseFrameBody(c, reason))
		}
		unmasked := ws.MustCompileFrame(ws.NewTextFrame([]byte("x")))
		for _, c := range []struct {
			name          string
			send          []ws.Frame
			raw           []byte
			answer, ended string
		}{
			{"a code", []ws.Frame{code(1001, "bye")}, nil, "close 1001 ", "1001 bye"},
			{"a code of its own", []ws.Frame{code(4321, "")}, nil, "close 4321 ", "4321 "},
			{"none", []ws.Frame{ws.NewCloseFrame(nil)}, nil, "close", "1005 "},
			{"1005 on the wire", []ws.Frame{code(1005, "")}, nil, "close 1002 ", "1002 "},
			{"1006 on the wire", []ws.Frame{code(1006, "")}, nil, "close 1002 ", "1002 "},
			{"a frame that is not masked", nil, unmasked, "close 1002 ", "1002 "},
			{"a reserved bit", []ws.Frame{{Header: ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpText}}}, nil, "close 1002 ", "1002 "},
			{"a reserved code", []ws.Frame{ws.NewFrame(5, true, nil)}, nil, "close 1002 ", "1002 "},
			{"the middle first", []ws.Frame{ws.NewFrame(ws.OpContinuation, true, nil)}, nil, "close 1002 ", "1002 "},
			{"a message in a message", []ws.Frame{ws.NewFrame(ws.OpText, false, nil), ws.NewTextFrame(nil)}, nil, "close 1002 ", "1002 "},
			{"a ping in parts", []ws.Frame{ws.NewFrame(ws.OpPing, false, nil)}, nil, "close 1002 ", "1002 "},
			{"no text", []ws.Frame{ws.NewTextFrame([]byte("\xc3"))}, nil, "close 1007 ", "1007 "},
			{"too much", []ws.Frame{ws.NewBinaryFrame(make([]byte, 1001))}, nil, "close 1009 ", "1009 "},
			{"too much in parts", []ws.Frame{ws.NewFrame(ws.OpText, false, make([]byte, 999)), ws.NewFrame(ws.OpContinuation, true, make([]byte, 2))}, nil, "close 1009 ", "1009 "},
		} {
			w := r.shake()
			for _, f := range c.send {
				w.frame(f)
			}
			w.Write(c.raw)
			if got := w.next(); got != c.answer {
				t.Errorf("%s: the client reads %q, want %q", c.name, got, c.answer)
			}
			w.CloseWrite()
			if got := wait(t, ended, c.name); got != c.ended {
				t.Errorf("%s: the application is told %q, want %q", c.name, got, c.ended)
			}
			w.wantEnd()
		}
		w := r.shake()
		w.Close()
		if got := wait(t, ended, "the end"); got != "1006 " {
			t.Error(got)
		}
	})
	onBoth(t, func(t *testing.T, serve serving) {
		closed := make(chan string, 3)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			receive()
			send(Event{Type: WebSocketAccept})
			switch scope.Path {
			case "/returns":
				return nil
			case "/fails":
				return errors.New("on purpose")
			}
			refused := ""
			for _, code := range []int{1005, 1006, 1015, 999, 5000} {
				if send(Event{Type: WebSocketClose, Code: code}) != nil {
					refused += fmt.Sprint(code, " ")
				}
			}
			send(Event{Type: WebSocketClose, Reason: refused})
			e, _ := receive()
			closed <- fmt.Sprint(e.Type, e.Code, " ", errors.Is(send(Event{Type: WebSocketSend, Text: "late"}), ErrDisconnected))
			return nil
		}))
		logs(t)
		for path, want := range map[string]websocket.CloseError{"/returns": {Code: 1000}, "/fails": {Code: 1011}, "/": {Code: 1000, Reason: "1005 1006 1015 999 5000 "}} {
			conn, ctx := r.open(path)
			_, _, err := conn.Read(ctx)
			if got := (websocket.CloseError{}); !errors.As(err, &got) || got != want {
				t.Errorf("%s: %v", path, err)
			}
		}
		if got := wait(t, closed, "the end"); got != "websocket.disconnect1000 true" {
			t.Error(got)
		}
	})
}

// TestPings: who answers is kept, who does not is left.
func TestPings(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		ended := make(chan string, 2)
		r := serve(just(echo(ended)), func(s *Server) { s.Ping = 100 * time.Millisecond })
		alive, ctx := r.open("/")
		pinged := make(chan error, 1)
		go func() { _, _, err := alive.Read(ctx); pinged <- err }() // its library answers while it reads
		dead := r.shake()
		if got := dead.next(); got != "ping " {
			t.Fatal(got)
		}
		if got := wait(t, ended, "the one who does not answer"); got != "1006 " {
			t.Error(got)
		}
		if err := alive.Write(ctx, websocket.MessageText, []byte("here")); err != nil {
			t.Error(err)
		}
		if err := wait(t, pinged, "the echo"); err != nil {
			t.Error(err)
		}
	})
}

// wire is a WebSocket whose client sends what it likes.
type wire struct{ client }

func handshake(path, more string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + more + "\r\n"
}

func (r *running) shake() wire {
	r.t.Helper()
	c := r.dial()
	c.say(handshake("/", ""))
	reply, err := http.ReadResponse(c.replies, nil)
	if err != nil || reply.StatusCode != 101 || reply.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" { // RFC 6455, section 1.3
		r.t.Fatal(reply, err)
	}
	return wire{c}
}

func (w wire) frame(f ws.Frame) {
	f.Payload = bytes.Clone(f.Payload)
	f.Header.Length = int64(len(f.Payload))
	w.say(string(ws.MustCompileFrame(ws.MaskFrame(f))))
}

var kinds = map[ws.OpCode]string{ws.OpText: "text", ws.OpBinary: "binary", ws.OpClose: "close", ws.OpPing: "ping", ws.OpPong: "pong"}

// next is the next frame in words.
func (w wire) next() string { return nextFrame(w.replies) }

func nextFrame(from *bufio.Reader) string {
	h, err := ws.ReadHeader(from)
	if err != nil {
		return err.Error()
	}
	payload := make([]byte, h.Length)
	io.ReadFull(from, payload)
	if h.OpCode == ws.OpClose && len(payload) >= 2 {
		code, reason := ws.ParseCloseFrameData(payload)
		return fmt.Sprintf("close %d %s", code, reason)
	}
	if h.OpCode == ws.OpClose {
		return "close"
	}
	return kinds[h.OpCode] + " " + string(payload)
}
