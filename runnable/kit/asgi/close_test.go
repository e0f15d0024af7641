//go:build linux || darwin

package asgi

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/gobwas/ws"
)

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
			{"a reserved bit", []ws.Frame{{Header: ws.Header{Fin: true, Rsv: 4, OpCode: ws.OpText}}}, nil, "close 1002 ",
				"1002 "},
			{"a reserved code", []ws.Frame{ws.NewFrame(5, true, nil)}, nil, "close 1002 ", "1002 "},
			{"the middle first", []ws.Frame{ws.NewFrame(ws.OpContinuation, true, nil)}, nil, "close 1002 ", "1002 "},
			{"a message in a message", []ws.Frame{ws.NewFrame(ws.OpText, false, nil), ws.NewTextFrame(nil)}, nil, "close 1002 ",
				"1002 "},
			{"a ping in parts", []ws.Frame{ws.NewFrame(ws.OpPing, false, nil)}, nil, "close 1002 ", "1002 "},
			{"no text", []ws.Frame{ws.NewTextFrame([]byte("\xc3"))}, nil, "close 1007 ", "1007 "},
			{"too much", []ws.Frame{ws.NewBinaryFrame(make([]byte, 1001))}, nil, "close 1009 ", "1009 "},
			{"too much in parts", []ws.Frame{ws.NewFrame(ws.OpText, false, make([]byte, 999)),
				ws.NewFrame(ws.OpContinuation, true, make([]byte, 2))}, nil, "close 1009 ", "1009 "},
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
				t.Errorf("%s: the application receives %q, want %q", c.name, got, c.ended)
			}
			w.wantEnd()
		}
		w := r.shake()
		w.Close()
		if got, want := wait(t, ended, "the end"), "1006 "; got != want {
			t.Errorf("got %q, want %q", got, want)
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
		for path, want := range map[string]websocket.CloseError{"/returns": {Code: 1000}, "/fails": {Code: 1011},
			"/": {Code: 1000, Reason: "1005 1006 1015 999 5000 "}} {
			conn, ctx := r.open(path)
			_, _, err := conn.Read(ctx)
			if got := (websocket.CloseError{}); !errors.As(err, &got) || got != want {
				t.Errorf("%s: %v", path, err)
			}
		}
		if got, want := wait(t, closed, "the end"), "websocket.disconnect1000 true"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestPings: a client that answers pings stays connected, one that does not is dropped.
func TestPings(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		ended := make(chan string, 2)
		r := serve(just(echo(ended)), func(s *Server) { s.Ping = time.Second })
		alive, ctx := r.open("/")
		pinged := make(chan error, 1)
		go func() { _, _, err := alive.Read(ctx); pinged <- err }() // its library answers while it reads
		dead := r.shake()
		if got, want := dead.next(), "ping "; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		if got, want := wait(t, ended, "the one who does not answer"), "1006 "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := alive.Write(ctx, websocket.MessageText, []byte("here")); err != nil {
			t.Error(err)
		}
		if err := wait(t, pinged, "the echo"); err != nil {
			t.Error(err)
		}
	})
}
