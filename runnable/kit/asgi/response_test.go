//go:build linux || darwin

package asgi

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
)

// TestC6_7: until the first part of the body nothing is sent, so a failure before it is a 500, not a truncated page.
func TestC6_7(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		log := logs(t)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			if scope.Path == "/body-first" {
				return send(Event{Type: ResponseBody, Body: []byte("early")})
			}
			send(Event{Type: ResponseStart, Status: 200, Headers: []Header{{"x-never", "seen"}}})
			switch scope.Path {
			case "/fails":
				return errors.New("after the start")
			case "/torn":
				send(Event{Type: ResponseBody, Body: []byte("half"), More: true})
				return errors.New("in the body")
			}
			return nil
		}))
		for _, path := range []string{"/fails", "/forgets", "/body-first"} {
			c := r.dial()
			c.say(get(path))
			if reply, _ := c.reply(); reply.StatusCode != 500 || reply.Header.Get("X-Never") != "" {
				t.Errorf("%s: %v", path, reply)
			}
		}
		c := r.dial()
		c.say(get("/torn"))
		if rest, err := io.ReadAll(c.replies); !strings.HasSuffix(string(rest), "4\r\nhalf\r\n") {
			t.Errorf("a truncated reply must not look whole: %q, %v", rest, err)
		}
		if !log.has("after the start") || !log.has("in the body") || !log.has("before its response was complete") {
			t.Errorf("log %q", log)
		}
	})
}

// TestC6_8: a part is in the connection's buffer when send returns, and events after the last part are ignored.
func TestC6_8(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		goOn := make(chan bool, 2)
		late := make(chan error, 2)
		r := serve(func(e Engine) App {
			return withoutLifespan(func(scope Scope, receive Receive, send Send) error {
				bell := e.NewBell()
				send(Event{Type: ResponseStart, Status: 200})
				send(Event{Type: ResponseBody, Body: []byte("one"), More: true})
				e.Go(func() error { // after the client has read the first part
					return e.InThread(func(back Back) error { <-goOn; return back(func() error { bell.Ring(); return nil }) })
				})
				bell.Wait()
				send(Event{Type: ResponseBody, Body: []byte("two")})
				late <- send(Event{Type: ResponseBody, Body: []byte("three")})
				late <- send(Event{Type: ResponseStart, Status: 404})
				return nil
			})
		})
		c := r.dial()
		c.say(get("/"))
		head := ""
		for !strings.HasSuffix(head, "one\r\n") {
			line, err := c.replies.ReadString('\n')
			if err != nil {
				t.Fatal(head, err)
			}
			head += line
		}
		goOn <- true
		c.say(get("/")) // only the next reply may follow
		if rest := make([]byte, len("3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 200")); true {
			if io.ReadFull(c.replies, rest); string(rest) != "3\r\ntwo\r\n0\r\n\r\nHTTP/1.1 200" {
				t.Errorf("%q", rest)
			}
		}
		goOn <- true
		for range 2 {
			if err := wait(t, late, "what is sent late"); err != nil {
				t.Error(err)
			}
		}
	})
}

// TestC6_8_backpressure: sending waits for a client that does not read, and other clients do not wait.
func TestC6_8_backpressure(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		const parts, size = 64, 1 << 20
		var sent atomic.Int64
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			if scope.Path == "/" {
				return text(send, "hello")
			}
			send(Event{Type: ResponseStart, Status: 200})
			for i := range parts {
				if err := send(Event{Type: ResponseBody, Body: make([]byte, size), More: i < parts-1}); err != nil {
					return err
				}
				sent.Add(1)
			}
			return nil
		}))
		deaf, other := r.dial(), r.dial()
		deaf.say(get("/much"))
		deaf.replies.Peek(1)
		for range 500 {
			other.ask(get("/"))
		}
		if n := sent.Load(); n > parts/2 {
			t.Errorf("%d of %d parts went to a client that does not read", n, parts)
		}
		if _, body := deaf.reply(); len(body) != parts*size {
			t.Errorf("%d bytes", len(body))
		}
	})
}

// TestC6_9: receive waits for the client to leave, or for the end of the response, and then says http.disconnect: once
// for each call.
func TestC6_9(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		events := make(chan string, 10)
		r := serve(func(e Engine) App {
			return withoutLifespan(func(scope Scope, receive Receive, send Send) error {
				receive()
				if scope.Path == "/poll" {
					events <- "polls"
					got, _ := receive()
					events <- got.Type
					events <- fmt.Sprint(send(Event{Type: ResponseStart, Status: 200}))
					return nil
				}
				beside := e.NewBell()
				e.Go(func() error { // it receives while the other task answers
					got, _ := receive()
					events <- got.Type
					beside.Ring()
					return nil
				})
				if err := text(send, "done"); err != nil {
					return err
				}
				beside.Wait()
				got, _ := receive()
				events <- "again " + got.Type
				return nil
			})
		})
		c := r.dial()
		for range 2 { // the connection can still be used
			if got, want := c.ask(get("/")), "200 OK|done"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
			if got, want := wait(t, events, "the end of the response")+", "+wait(t, events, "the second"),
				"http.disconnect, again http.disconnect"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		c.say(get("/poll"))
		if got, want := wait(t, events, "the long poll"), "polls"; got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		c.say(get("/behind")) // bytes are not the end
		if got := r.dial().ask(get("/")); got != "200 OK|done" || wait(t, events, "") != "http.disconnect" ||
			wait(t, events, "") != "again http.disconnect" {
			t.Errorf("got %q, want %q, and then the disconnect, twice", got, "200 OK|done")
		}
		select {
		case got := <-events:
			t.Errorf("%q, but the client has not left", got)
		default:
		}
		c.Close()
		if got, want := wait(t, events, "the client's end")+", "+wait(t, events, "the error"),
			"http.disconnect, "+ErrDisconnected.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestC6_10: sending to a client that has left returns an error of the kind net.ErrClosed, which servers do not log.
func TestC6_10(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		log, result := logs(t), make(chan error, 1)
		r := serve(just(func(scope Scope, receive Receive, send Send) (err error) {
			send(Event{Type: ResponseStart, Status: 200})
			for err == nil {
				err = send(Event{Type: ResponseBody, Body: make([]byte, 1<<16), More: true})
			}
			result <- err
			return err
		}))
		c := r.dial()
		c.say(get("/"))
		c.replies.Peek(1)
		c.SetLinger(0)
		c.Close()
		if err := wait(t, result, "the error"); !errors.Is(err, ErrDisconnected) || !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
		if err := r.stop(); err != nil || log.String() != "" {
			t.Errorf("%v, log %q", err, log)
		}
	})
}
