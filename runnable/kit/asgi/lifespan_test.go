//go:build linux || darwin

package asgi

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"era/internal/hang"
)

// TestC6_14: the application starts up before any client is served, and shuts down after all requests in progress are
// answered.
func TestC6_14(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		const inFlight = 50
		var d diary
		inside, goOn, ready := make(chan bool, inFlight), make(chan bool), make(chan bool)
		r := serve(func(e Engine) App {
			return func(scope Scope, receive Receive, send Send) error {
				switch scope.Type {
				case "lifespan":
					first, _ := receive()
					d.note(first.Type)
					e.InThread(func(Back) error { <-ready; return nil }) // starting takes some time
					d.note("ready")
					send(Event{Type: LifespanStartupComplete})
					second, _ := receive()
					d.note(second.Type)
					return send(Event{Type: LifespanShutdownComplete})
				case "http":
					d.note("request")
					if scope.Path == "/waits" {
						inside <- true
						e.InThread(func(Back) error { <-goOn; return nil })
					}
					d.note("response")
					return text(send, "done")
				}
				return ErrUnknownScope
			}
		})
		early := r.dial() // accepted by the kernel before the server
		early.say(get("/"))
		ready <- true
		if _, body := early.reply(); body != "done" {
			t.Errorf("got %q, want %q", body, "done")
		}
		var busy []client
		for range inFlight {
			c := r.dial()
			c.say(get("/waits"))
			busy = append(busy, c)
		}
		idle := r.dial()
		idle.ask(get("/"))
		for range min(inFlight, 5) { // the others may have to wait for one of the loop's threads
			wait(t, inside, "requests in flight")
		}
		go func() {
			for range inFlight - 5 {
				<-inside
			}
		}()
		for strings.Count(d.String(), "request\n") < inFlight+2 {
			time.Sleep(time.Millisecond)
		}
		r.Stop()
		idle.wantEnd() // so it is stopping
		hang.Await(t, "the end of accepting, while requests are in progress", func() string {
			conn, err := net.Dial("tcp", r.addr)
			if err != nil {
				return ""
			}
			conn.Close()
			return "a new client was accepted"
		})
		close(goOn)
		for _, c := range busy {
			if reply, body := c.reply(); body != "done" || !reply.Close {
				t.Error(body, reply.Header)
			}
			c.CloseWrite()
		}
		if err := r.ended(); err != nil {
			t.Error(err)
		}
		lines := strings.Fields(d.String())
		if lines[0] != LifespanStartup || lines[1] != "ready" || lines[2] != "request" ||
			lines[len(lines)-1] != LifespanShutdown || len(lines) != 3+2*(inFlight+2) {
			t.Errorf("order %v", lines)
		}
	})
}

// TestC6_14_failures: an application that reports a failure is not served; one that does not support lifespan is.
func TestC6_14_failures(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		log := logs(t)
		failing := func(when string) func(Engine) App {
			return just0(func(scope Scope, receive Receive, send Send) error {
				for {
					e, err := receive()
					if err != nil {
						return err
					}
					if e.Type == when {
						return send(Event{Type: e.Type + ".failed", Message: "no database"})
					}
					send(Event{Type: e.Type + ".complete"})
				}
			})
		}
		if err := serve(failing(LifespanStartup)).ended(); err == nil || !strings.Contains(err.Error(), "no database") {
			t.Error(err)
		}
		r := serve(failing(LifespanShutdown))
		r.dial().ask(get("/"))
		if err := r.stop(); err == nil || !strings.Contains(err.Error(), "no database") {
			t.Error(err)
		}
		r = serve(just0(func(Scope, Receive, Send) error { return errors.New("what is a lifespan?") }))
		if got, want := r.dial().ask(get("/")), "200 OK|hello"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := r.stop(); err != nil || !log.has("what is a lifespan?") {
			t.Errorf("%v, log %q", err, log)
		}
	})
}

// just0 returns an application with the given lifespan.
func just0(lifespan App) func(Engine) App {
	return func(Engine) App {
		return func(scope Scope, receive Receive, send Send) error {
			if scope.Type == "lifespan" {
				return lifespan(scope, receive, send)
			}
			return text(send, "hello")
		}
	}
}

// TestC6_14_websockets: a WebSocket is closed with 1001, going away.
func TestC6_14_websockets(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		ended := make(chan string, 1)
		r := serve(just(echo(ended)))
		conn, ctx := r.open("/")
		conn.Write(ctx, websocket.MessageText, []byte("x"))
		conn.Read(ctx)
		r.Stop()
		_, _, err := conn.Read(ctx)
		if websocket.CloseStatus(err) != websocket.StatusGoingAway {
			t.Error(err)
		}
		if got, want := wait(t, ended, "the disconnect"), "1001 "; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := r.ended(); err != nil {
			t.Error(err)
		}
	})
}

// TestGrace: a client that does not read its response delays the end by Grace at most.
func TestGrace(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		logs(t)
		began := make(chan bool, 1)
		r := serve(just(func(scope Scope, receive Receive, send Send) (err error) {
			began <- true
			send(Event{Type: ResponseStart, Status: 200})
			for err == nil {
				err = send(Event{Type: ResponseBody, Body: make([]byte, 1<<16), More: true})
			}
			return err
		}), func(s *Server) { s.Grace, s.Linger = 50*time.Millisecond, 50*time.Millisecond })
		c := r.dial()
		c.say(get("/"))
		wait(t, began, "the request")
		if err := r.stop(); err != nil {
			t.Error(err)
		}
	})
}

// TestC6_15: each request has its own copy of the state, with shared values.
func TestC6_15(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		r := serve(func(Engine) App {
			return func(scope Scope, receive Receive, send Send) error {
				if scope.Type == "lifespan" {
					receive()
					scope.State["name"] = "as it began"
					scope.State["pool"] = &diary{}
					send(Event{Type: LifespanStartupComplete})
					_, err := receive()
					return err
				}
				name := scope.State["name"]
				scope.State["name"] = "changed"
				pool := scope.State["pool"].(*diary)
				pool.note("used")
				return text(send, fmt.Sprint(name, strings.Count(pool.String(), "used")))
			}
		})
		c := r.dial()
		if got, want := c.ask(get("/"))+c.ask(get("/")), "200 OK|as it began1200 OK|as it began2"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestC6_18: the scope lists exactly the extensions that the server supports.
func TestC6_18(t *testing.T) {
	onBoth(t, func(t *testing.T, serve serving) {
		seen := make(chan string, 2)
		r := serve(just(func(scope Scope, receive Receive, send Send) error {
			seen <- fmt.Sprint(scope.Type, scope.Extensions)
			for _, e := range []string{"http.response.trailers", "http.response.pathsend", "http.response.zerocopysend",
				"http.response.push", "http.response.early_hint", "http.response.debug"} {
				if send(Event{Type: e}) == nil {
					seen <- e + " was taken"
				}
			}
			if scope.Type == "websocket" {
				return send(Event{Type: WebSocketClose})
			}
			return text(send, "")
		}))
		r.dial().ask(get("/"))
		r.dial().ask(handshake("/", ""))
		if got, want := wait(t, seen, "http")+" "+wait(t, seen, "websocket"),
			"httpmap[] websocketmap[websocket.http.response:map[]]"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
