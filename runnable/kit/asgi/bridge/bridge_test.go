//go:build linux || darwin

package bridge

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"era/runnable/kit/aio"
	"era/runnable/kit/asgi"
	"era/runnable/kit/job"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// servers are the ways to serve an application.
var servers = map[string]func(t *testing.T, app func(e asgi.Engine) asgi.App) (url string){
	"loop": func(t *testing.T, app func(e asgi.Engine) asgi.App) string {
		listener := job.Listen(netip.MustParseAddrPort("127.0.0.1:0"))
		bound, err := sys.Getsockname(listener)
		if err != nil {
			t.Fatal(err)
		}
		s, over := &asgi.Server{}, make(chan error, 1)
		go func() {
			over <- aio.Run(func(t *aio.Task) error {
				s.App = app(asgi.OnLoop(t))
				return s.ServeOnLoop(t, listener)
			})
		}()
		t.Cleanup(func() { end(t, s, over) })
		return "http://" + bound.String()
	},
	"goroutines": func(t *testing.T, app func(e asgi.Engine) asgi.App) string {
		listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		s, over := &asgi.Server{App: app(asgi.OnGoroutines)}, make(chan error, 1)
		go func() { over <- s.ServeOnGoroutines(listener) }()
		t.Cleanup(func() { end(t, s, over) })
		return "http://" + listener.Addr().String()
	},
	"net/http": func(t *testing.T, app func(e asgi.Engine) asgi.App) string {
		s := httptest.NewServer(Handler(app(asgi.OnGoroutines), nil))
		t.Cleanup(s.Close)
		return s.URL
	},
}

func end(t *testing.T, s *asgi.Server, over chan error) {
	http.DefaultClient.CloseIdleConnections()
	s.Stop()
	if err := <-over; err != nil {
		t.Error(err)
	}
}

// site is a typical application for net/http, with its router.
func site() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("X-Two", "1")
		w.Header().Add("X-Two", "2")
		fmt.Fprintf(w, "hello, %s of %s %s", r.PathValue("name"), r.Host, r.FormValue("q"))
	})
	m.HandleFunc("POST /upload", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprint(w, n, " ", r.ContentLength, " ", err)
	})
	m.HandleFunc("/stream", func(w http.ResponseWriter, r *http.Request) {
		for i := range 3 {
			fmt.Fprintln(w, i)
			http.NewResponseController(w).Flush()
		}
	})
	m.HandleFunc("/nothing", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	m.Handle("/moved", http.RedirectHandler("/hello/you", http.StatusFound))
	m.HandleFunc("/panics", func(w http.ResponseWriter, r *http.Request) { panic(errors.New("on purpose")) })
	return m
}

// TestSite: a site for net/http answers the same under net/http and as an application, on every server.
func TestSite(t *testing.T) {
	plain := httptest.NewServer(site())
	defer plain.Close()
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			url := serve(t, func(e asgi.Engine) asgi.App { return FromHandler(e, site()) })
			for _, c := range []struct{ method, target, body string }{
				{"GET", "/hello/w%C3%B6rld?q=%26", ""}, {"HEAD", "/hello/you", ""},
				{"POST", "/upload", strings.Repeat("x", 300_000)}, {"POST", "/upload", ""},
				{"GET", "/stream", ""}, {"GET", "/nothing", ""}, {"GET", "/moved", ""}, {"GET", "/nowhere", ""},
				{"PUT", "/upload", "x"},
			} {
				want, got := ask(t, plain.URL, c.method, c.target, c.body), ask(t, url, c.method, c.target, c.body)
				if got != want {
					t.Errorf("%s %s:\n got %s\nwant %s", c.method, c.target, got, want)
				}
			}
			if got := ask(t, url, "GET", "/panics", ""); !strings.HasPrefix(got, "500 ") {
				t.Errorf("got %q, want a status of 500", got)
			}
		})
	}
}

// ask returns the response that a client sees, without the headers for the server, the date and the framing.
func ask(t *testing.T, url, method, target, body string) string {
	t.Helper()
	r, err := http.NewRequest(method, url+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = "test"
	reply, err := http.DefaultTransport.RoundTrip(r) // does not follow redirects
	if err != nil {
		t.Fatalf("%s %s: %v", method, target, err)
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(reply.Body)
	for _, name := range []string{"Date", "Content-Length", "Connection"} {
		reply.Header.Del(name)
	}
	return fmt.Sprint(reply.Status, " ", reply.Header, " ", string(text), " ", err)
}

// TestApp: an application in a Handler gets the same scope as on its own server, and its failures look the same.
func TestApp(t *testing.T) {
	app := func(asgi.Engine) asgi.App {
		return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
			if scope.Type == "lifespan" {
				return asgi.ErrUnknownScope
			}
			body := ""
			for more := true; more; {
				e, err := receive()
				if err != nil {
					return err
				}
				body, more = body+string(e.Body), e.More
			}
			if err := send(asgi.Event{Type: asgi.ResponseStart, Status: 201,
				Headers: []asgi.Header{{Name: "x-path", Value: scope.Path}}}); err != nil {
				return err
			}
			if scope.Path == "/fails" {
				return errors.New("after the start")
			}
			send(asgi.Event{Type: asgi.ResponseBody, Body: []byte(scope.Method + " " + scope.QueryString + " " +
				scope.Get("x-a") + " "), More: true})
			send(asgi.Event{Type: asgi.ResponseBody, Body: []byte(body)})
			e, err := receive()
			if e.Type != asgi.HTTPDisconnect {
				t.Errorf("after the response: %v, %v", e, err)
			}
			return err
		}
	}
	for name, serve := range servers {
		t.Run(name, func(t *testing.T) {
			url := serve(t, app)
			r, _ := http.NewRequest("POST", url+"/a%20b?c=%20", strings.NewReader("body"))
			r.Header.Set("X-A", "1")
			reply, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := io.ReadAll(reply.Body)
			reply.Body.Close()
			if reply.StatusCode != 201 || reply.Header.Get("X-Path") != "/a b" || string(text) != "POST c=%20 1 body" {
				t.Errorf("%s %v %q", reply.Status, reply.Header, text)
			}
			if got := ask(t, url, "GET", "/fails", ""); !strings.HasPrefix(got, "500 ") || strings.Contains(got, "X-Path") {
				t.Errorf("got %q, want a status of 500 and no X-Path", got)
			}
		})
	}
}

// TestCapitals: names of headers are case-insensitive. A server should send lower case, but need not.
func TestCapitals(t *testing.T) {
	scope := asgi.Scope{Type: "http", Method: "GET", Path: "/", HTTPVersion: "1.1",
		Headers: []asgi.Header{{Name: "Host", Value: "me"}, {Name: "Content-Length", Value: "2"},
			{Name: "Cookie", Value: "a=1"}, {Name: "Cookie", Value: "b=2"}}}
	if got := scope.Get("content-length"); got != "2" {
		t.Errorf("Get: %q", got)
	}
	said := ""
	call := func(app asgi.App) string {
		said = ""
		err := app(scope, func() (asgi.Event, error) {
			return asgi.Event{Type: asgi.HTTPRequest, Body: []byte("hi")}, nil
		}, func(e asgi.Event) error {
			said += string(e.Body)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return said
	}
	handler := FromHandler(asgi.OnGoroutines, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Host, " ", r.ContentLength, " ", r.Header["Cookie"])
	}))
	if got := call(handler); got != "me 2 [a=1 b=2]" {
		t.Errorf("to a handler: %s", got)
	}
	inWSGI := FromWSGI(asgi.OnGoroutines, func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		startResponse("200 OK", nil)
		return wsgi.One([]byte(environ.Text("HTTP_HOST") + " " + environ.Text("CONTENT_LENGTH") + " " +
			environ.Text("HTTP_COOKIE")))
	})
	if got := call(inWSGI); got != "me 2 a=1; b=2" {
		t.Errorf("to WSGI: %s", got)
	}
}
