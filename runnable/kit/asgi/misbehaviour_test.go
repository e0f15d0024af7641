//go:build linux || darwin

package asgi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"era/check/servertest"
	"era/internal/hang"
)

// misbehaviour is an application that breaks the contract, and what its client sees: status, body, and whether the
// connection is kept, ended, or cut off before the reply is complete. testdata/apps.py has the same applications.
var misbehaviour = []struct {
	path string
	app  App
	want string
}{
	{"/after-the-end", func(_ Scope, _ Receive, send Send) error {
		hello(send)
		return errors.Join(send(body("more")), hello(send))
	}, "200 hello kept"},
	{"/starts-twice", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start()), send(start()))
	}, "500 Internal Server Error\n ended"},
	{"/starts-twice-and-goes-on", func(_ Scope, _ Receive, send Send) error {
		send(start())
		n := count(send(start()))
		return send(body(fmt.Sprint(n, " refused")))
	}, "200 1 refused kept"},
	{"/body-first", func(_ Scope, _ Receive, send Send) error { return send(body("hello")) },
		"500 Internal Server Error\n ended"},
	{"/nothing-known", func(_ Scope, _ Receive, send Send) error {
		return send(Event{Type: "http.response.nonsense"})
	}, "500 Internal Server Error\n ended"},
	{"/returns", func(Scope, Receive, Send) error { return nil }, "500 Internal Server Error\n ended"},
	{"/returns-after-start", func(_ Scope, _ Receive, send Send) error { return send(start()) },
		"500 Internal Server Error\n ended"},
	{"/fails-after-start", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start()), errors.New("on purpose"))
	}, "500 Internal Server Error\n ended"},
	{"/cancelled", func(Scope, Receive, Send) error { return errors.New("cancelled") },
		"500 Internal Server Error\n ended"},
	{"/returns-in-the-middle", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start()), send(part("half")))
	}, "200 half cut"},
	{"/fails-in-the-middle", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start()), send(part("half")), errors.New("on purpose"))
	}, "200 half cut"},
	{"/too-short", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start(Header{"content-length", "10"})), send(body("half")))
	}, "200 half cut"},
	{"/too-long", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start(Header{"content-length", "1"})), send(body("half")))
	}, "500 Internal Server Error\n ended"},
	{"/too-long-in-the-end", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(start(Header{"content-length", "5"})), send(part("half")), send(body("half")))
	}, "200 half cut"},
	{"/name", func(_ Scope, _ Receive, send Send) error {
		send(start(Header{"x y", "z"}))
		return send(body("hello"))
	}, "500 Internal Server Error\n ended"},
	{"/splits", func(_ Scope, _ Receive, send Send) error {
		send(start(Header{"x", "y\r\nset-cookie: z"}))
		return send(body("hello"))
	}, "500 Internal Server Error\n ended"},
	{"/capitals", func(_ Scope, _ Receive, send Send) error {
		send(start(Header{"Content-Length", "5"}, Header{"Transfer-Encoding", "chunked"}, Header{"Connection", "Close"}))
		return send(body("hello"))
	}, "200 hello ended"},
	{"/two-lengths", func(_ Scope, _ Receive, send Send) error {
		send(start(Header{"content-length", "5"}, Header{"content-length", "6"}))
		return send(body("hello"))
	}, "500 Internal Server Error\n ended"},
	{"/no-number", func(_ Scope, _ Receive, send Send) error {
		send(start(Header{"content-length", "five"}))
		return send(body("hello"))
	}, "500 Internal Server Error\n ended"},
	{"/status-99", status(99), "500 Internal Server Error\n ended"},
	{"/status-101", status(101), "500 Internal Server Error\n ended"},
	{"/status-600", status(600), "500 Internal Server Error\n ended"},
	{"/status-299", status(299), "299 hello kept"},
}

func hello(send Send) error { return errors.Join(send(start()), send(body("hello"))) }

func start(headers ...Header) Event { return Event{Type: ResponseStart, Status: 200, Headers: headers} }

func body(text string) Event { return Event{Type: ResponseBody, Body: []byte(text)} }

func part(text string) Event { return Event{Type: ResponseBody, Body: []byte(text), More: true} }

func status(n int) App {
	return func(_ Scope, _ Receive, send Send) error {
		send(Event{Type: ResponseStart, Status: n})
		return send(body("hello"))
	}
}

// count is 1 for an error.
func count(err error) int {
	if err != nil {
		return 1
	}
	return 0
}

// denied are applications that misuse a WebSocket: the client reads a status, or the close frame.
var denied = []struct {
	path string
	app  App
	want string
}{
	{"/ws-returns", func(Scope, Receive, Send) error { return nil }, "500"},
	{"/ws-sends-first", func(_ Scope, _ Receive, send Send) error {
		return send(Event{Type: WebSocketSend, Text: "hello"})
	}, "500"},
	{"/ws-accepts-twice", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(Event{Type: WebSocketAccept}), send(Event{Type: WebSocketAccept}))
	}, "101 close 1011 "},
	{"/ws-splits", func(_ Scope, _ Receive, send Send) error {
		return send(Event{Type: WebSocketAccept, Headers: []Header{{"x", "y\r\nset-cookie: z"}}})
	}, "500"},
	{"/ws-protocol", func(_ Scope, _ Receive, send Send) error {
		return send(Event{Type: WebSocketAccept, Subprotocol: "not.offered"})
	}, "500"},
	{"/ws-both", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(Event{Type: WebSocketAccept}),
			send(Event{Type: WebSocketSend, Text: "x", Bytes: []byte("y")}))
	}, "101 close 1011 "},
	{"/ws-code", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(Event{Type: WebSocketAccept}), send(Event{Type: WebSocketClose, Code: 1006}))
	}, "101 close 1011 "},
	{"/ws-closes-twice", func(_ Scope, _ Receive, send Send) error {
		return errors.Join(send(Event{Type: WebSocketAccept}), send(Event{Type: WebSocketClose}),
			send(Event{Type: WebSocketClose}))
	}, "101 close 1000 "},
	{"/ws-leaves", func(_ Scope, _ Receive, send Send) error { return send(Event{Type: WebSocketAccept}) },
		"101 close 1000 "},
}

// applications are all of the above and some that need an engine or one another.
func applications(e Engine) App {
	others, heard := e.NewBell(), ""
	by := map[string]App{
		"/hello": func(_ Scope, _ Receive, send Send) error { return hello(send) },
		"/spins": func(_ Scope, receive Receive, send Send) error {
			receive()
			hello(send)
			var over atomic.Bool
			e.Go(func() error { others.Wait(); over.Store(true); return nil })
			for !over.Load() {
				receive()
			}
			return nil
		},
		"/others": func(_ Scope, _ Receive, send Send) error { others.Ring(); return hello(send) },
		"/late": func(_ Scope, receive Receive, send Send) error {
			e.Go(func() error {
				receive()
				e.Sleep(0)
				hello(send)
				return nil
			})
			return nil
		},
		"/ws-refuses-and-receives": func(_ Scope, receive Receive, send Send) error {
			send(Event{Type: WebSocketClose})
			event, _ := receive()
			again, _ := receive()
			heard = fmt.Sprint(event.Type, " ", again.Type, " ", event.Code, " ", count(send(Event{Type: WebSocketAccept})))
			others.Ring()
			return nil
		},
		"/heard": func(_ Scope, _ Receive, send Send) error {
			others.Wait()
			return errors.Join(send(start()), send(body(heard)))
		},
		"/never": func(_ Scope, receive Receive, send Send) error {
			receive()
			return errors.Join(send(start()), send(part("half")), e.Sleep(time.Hour))
		},
	}
	for _, c := range append(misbehaviour, denied...) {
		by[c.path] = c.app
	}
	return withoutLifespan(func(scope Scope, receive Receive, send Send) error {
		if scope.Type == "websocket" {
			receive()
		}
		return by[scope.Path](scope, receive, send)
	})
}

// onAll runs a test for the applications on both engines, and for those in Python on Python's server. stop stops the
// server and waits for its end.
func onAll(t *testing.T, test func(t *testing.T, r *running, stop func())) {
	onBoth(t, func(t *testing.T, serve serving) {
		logs(t)
		r := serve(applications, func(s *Server) { s.Linger, s.Grace = time.Second/2, time.Second/2 })
		test(t, r, func() {
			if err := r.stop(); err != nil {
				t.Error(err)
			}
		})
	})
	t.Run("python", func(t *testing.T) {
		servertest.DependsOn(t, "testdata", "../../asgi", "../python")
		python := servertest.Need(t, "python3")
		p := servertest.Server(t, "", nil, python, "testdata/apps.py")
		if p.Addr == "" {
			t.Fatal(p.Said())
		}
		test(t, &running{t: t, addr: p.Addr}, func() {
			p.Terminate()
			if code := p.ExitCode(hang.After); code != 0 {
				t.Errorf("the server ended with status %d: %s", code, p.Said())
			}
		})
	})
}

// outcome returns the reply to a request, and the state of the connection after it.
func (c client) outcome(request string) string {
	c.say(request)
	reply, err := http.ReadResponse(c.replies, nil)
	if err != nil {
		return err.Error()
	}
	body, err := io.ReadAll(reply.Body)
	end := "kept"
	if err != nil {
		end = "cut"
	} else {
		io.WriteString(c, get("/hello")) // reading will return the error
		if again, err := http.ReadResponse(c.replies, nil); err == io.ErrUnexpectedEOF {
			end = "ended"
		} else if err != nil || again.StatusCode != 200 {
			end = fmt.Sprint(again, err)
		}
	}
	return strconv.Itoa(reply.StatusCode) + " " + string(body) + " " + end
}

// TestMisbehaviour: an application that breaks the contract never breaks the protocol below it.
func TestMisbehaviour(t *testing.T) {
	onAll(t, func(t *testing.T, r *running, stop func()) {
		for _, c := range misbehaviour {
			if got := r.dial().outcome(get(c.path)); got != c.want {
				t.Errorf("%s: %q, want %q", c.path, got, c.want)
			}
		}
		for _, c := range denied {
			w := wire{r.dial()}
			w.say(handshake(c.path, ""))
			got := "no reply"
			if reply, err := http.ReadResponse(w.replies, nil); err == nil {
				got = strconv.Itoa(reply.StatusCode)
			}
			if got == "101" {
				got += " " + w.next()
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.path, got, c.want)
			}
		}
		if got := r.dial().outcome(get("/late")); got != "500 Internal Server Error\n ended" {
			t.Errorf("/late: %q", got)
		}
		// A client that reads until the end of the connection must see that it was not a regular end.
		c := r.dial()
		c.say("GET /fails-in-the-middle HTTP/1.0\r\n\r\n")
		if all, err := io.ReadAll(c.replies); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("HTTP/1.0: %q, %v", all, err)
		}
		r.dial().say(handshake("/ws-refuses-and-receives", ""))
		if got, want := r.dial().outcome(get("/heard")), "200 websocket.disconnect websocket.disconnect 1006 1 kept"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
		c = r.dial()
		c.say(get("/spins"))
		c.reply()
		if got := r.dial().outcome(get("/others")); got != "200 hello kept" {
			t.Errorf("beside an application that spins: %q", got)
		}
		stop()
	})
}

// TestGrace_never: an application that does not return delays the end by a limited time.
func TestGrace_never(t *testing.T) {
	onAll(t, func(t *testing.T, r *running, stop func()) {
		c := r.dial()
		c.say(get("/never"))
		if _, err := http.ReadResponse(c.replies, nil); err != nil {
			t.Fatal(err)
		}
		stop()
		if _, err := io.ReadAll(c.replies); err == nil {
			t.Error("the client takes half a reply for the whole")
		}
	})
}

// TestFlood: a client that continues to send after the application has returned is dropped in the end.
func TestFlood(t *testing.T) {
	onAll(t, func(t *testing.T, r *running, stop func()) {
		w := wire{r.dial()}
		w.say(handshake("/ws-leaves", ""))
		message := string(ws.MustCompileFrame(ws.MaskFrame(ws.NewTextFrame([]byte("x")))))
		go func() {
			for {
				if _, err := io.WriteString(w, strings.Repeat(message, 1000)); err != nil {
					return
				}
			}
		}()
		io.Copy(io.Discard, w.replies) // until it is cut off
		stop()
	})
}
