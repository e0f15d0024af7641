//go:build linux || darwin

package asgi

import (
	"bufio"
	"bytes"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/aio"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
)

// patience turns a hang into a failure. Every case takes much less.
const patience = hang.After

// running is a server with an application, on one of the engines.
type running struct {
	*Server
	t    *testing.T
	addr string
	over chan error
}

// onBoth runs a test on both engines.
func onBoth(t *testing.T, test func(t *testing.T,
	serve func(make func(e Engine) App, change ...func(*Server)) *running)) {
	for name, begin := range map[string]func(*testing.T, *Server, func(Engine) App) (string, chan error){"loop": beginLoop,
		"goroutines": beginGoroutines} {
		t.Run(name, func(t *testing.T) {
			test(t, func(app func(e Engine) App, change ...func(*Server)) *running {
				s := &Server{}
				for _, f := range change {
					f(s)
				}
				r := &running{Server: s, t: t}
				r.addr, r.over = begin(t, s, app)
				t.Cleanup(func() { s.Stop() })
				return r
			})
		})
	}
}

func beginLoop(t *testing.T, s *Server, app func(Engine) App) (string, chan error) {
	listener := job.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
	bound, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() {
		over <- aio.Run(func(t *aio.Task) error {
			s.App = app(OnLoop(t))
			return s.ServeOnLoop(t, listener)
		})
	}()
	return bound.String(), over
}

func beginGoroutines(t *testing.T, s *Server, app func(Engine) App) (string, chan error) {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	s.App = app(OnGoroutines)
	go func() { over <- s.ServeOnGoroutines(listener) }()
	return listener.Addr().String(), over
}

// stop stops the server and returns serving's error.
func (r *running) stop() error {
	r.t.Helper()
	r.Stop()
	return r.ended()
}

func (r *running) ended() error {
	r.t.Helper()
	select {
	case err := <-r.over:
		return err
	case <-time.After(patience):
		r.t.Fatal("the server does not end")
		return nil
	}
}

// just returns an application that needs no engine.
func just(app App) func(Engine) App { return func(Engine) App { return withoutLifespan(app) } }

func withoutLifespan(app App) App {
	return func(scope Scope, receive Receive, send Send) error {
		if scope.Type == "lifespan" {
			return ErrUnknownScope
		}
		return app(scope, receive, send)
	}
}

// text answers with a text.
func text(send Send, body string) error {
	if err := send(Event{Type: ResponseStart, Status: 200,
		Headers: []Header{{"content-type", "text/plain"}}}); err != nil {
		return err
	}
	return send(Event{Type: ResponseBody, Body: []byte(body)})
}

// client sends and receives bytes.
type client struct {
	*net.TCPConn
	t       *testing.T
	replies *bufio.Reader
}

func (r *running) dial() client {
	r.t.Helper()
	conn, err := net.Dial("tcp", r.addr)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	return client{conn.(*net.TCPConn), r.t, bufio.NewReader(conn)}
}

func (c client) say(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		c.t.Fatal(err)
	}
}

// reply reads one response.
func (c client) reply() (*http.Response, string) {
	c.t.Helper()
	reply, err := http.ReadResponse(c.replies, nil)
	if err != nil {
		c.t.Fatal("no reply: ", err)
	}
	body, err := io.ReadAll(reply.Body)
	if err != nil {
		c.t.Fatal("half a reply: ", err)
	}
	return reply, string(body)
}

// ask sends a request and returns the status and body of the reply.
func (c client) ask(request string) string {
	c.t.Helper()
	c.say(request)
	reply, body := c.reply()
	return reply.Status + "|" + body
}

func (c client) wantEnd() {
	c.t.Helper()
	if rest, err := io.ReadAll(c.replies); len(rest) > 0 || err != nil {
		c.t.Errorf("want the end of the connection, got %q, %v", rest, err)
	}
}

func get(path string) string { return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n" }

// wait waits for an event of a test.
func wait[T any](t *testing.T, c <-chan T, what string) (value T) {
	t.Helper()
	select {
	case value = <-c:
	case <-time.After(patience):
		t.Fatalf("waited %v for %s", patience, what)
	}
	return value
}

// logs collects what is logged during a test.
func logs(t *testing.T) *diary {
	var d diary
	log.SetOutput(&d)
	t.Cleanup(func() { log.SetOutput(os.Stderr) })
	return &d
}

type diary struct {
	mu    sync.Mutex
	bytes bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bytes.Write(p)
}

func (d *diary) note(line string) { io.WriteString(d, line+"\n") }

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.bytes.String()
}

func (d *diary) has(text string) bool { return strings.Contains(d.String(), text) }
