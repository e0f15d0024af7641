//go:build linux || darwin

package bridge_test

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
	"era/runnable/kit/wsgi/bridge"
	"era/runnable/kit/wsgi/validate"
)

// routed is a typical application with chi (2015), a router on net/http.
func routed() http.Handler {
	router := chi.NewRouter()
	router.Use(func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Through", "middleware")
			next.ServeHTTP(w, r)
		})
	})
	router.Get("/hello/{name}", func(w http.ResponseWriter, r *http.Request) {
		client, _, err := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprintf(w, "hello %s, from %s, %s, to %s, %v", chi.URLParam(r, "name"), r.Host, r.URL.Query().Get("q"), client,
			err)
	})
	router.Post("/upload", func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s: %d of %d bytes, %v", r.Header.Get("Content-Type"), len(body), r.ContentLength, err)
	})
	router.Post("/gate", func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "first\n")
		http.NewResponseController(w).Flush()
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "then %s, %v", body, err)
	})
	router.Get("/empty", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })
	router.Get("/fails", func(w http.ResponseWriter, r *http.Request) { panic("on purpose") })
	router.Get("/endless", func(w http.ResponseWriter, r *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 64<<10)); err != nil {
				<-r.Context().Done() // or this handler, and the test, never end
				return
			}
		}
	})
	return router
}

// serve runs an application, validated, under Threads.
func serve(t *testing.T, app wsgi.App) (url string) {
	t.Helper()
	listener, err := sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0)
	if err == nil {
		err = sys.Bind(listener, netip.MustParseAddrPort("127.0.0.1:0"))
	}
	if err == nil {
		err = sys.Listen(listener, 128)
	}
	if err != nil {
		t.Fatal(err)
	}
	addr, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	server, ended := &wsgi.Threads{App: validate.New(app), N: 2, Errors: io.Discard}, make(chan error)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "http://" + addr.String()
}

func said(r *http.Response, err error) string {
	if err != nil {
		return err.Error()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	return fmt.Sprintf("%d %s [%s] %d %v", r.StatusCode, body, r.Header.Get("X-Through"), r.ContentLength, err)
}

// TestRouter: an application on net/http runs under our WSGI server, and under net/http through WSGI and back, and
// answers as it does without either.
func TestRouter(t *testing.T) {
	plain := httptest.NewServer(routed())
	defer plain.Close()
	through := httptest.NewServer(bridge.Handler(validate.New(bridge.App(routed()))))
	defer through.Close()
	asked := func(url string) (all []string) {
		for _, reply := range []string{
			said(http.Get(url + "/hello/w%C3%B6rld?q=1")),
			said(http.Get(url + "/nowhere")),
			said(http.Post(url+"/hello/x", "", nil)),
			said(http.Post(url+"/upload", "text/x", strings.NewReader("12345"))),
			said(http.Post(url+"/upload", "text/x", io.MultiReader(strings.NewReader("12345")))), // in chunks
			said(http.Get(url + "/empty")),
			said(http.Head(url + "/hello/x")),
		} {
			all = append(all, strings.ReplaceAll(reply, url[7:], "HOST"))
		}
		return all
	}
	want := asked(plain.URL)
	if !strings.HasPrefix(want[0], "200 hello wörld, from HOST, 1, to 127.0.0.1, <nil> [middleware]") {
		t.Fatal(want[0])
	}
	for name, url := range map[string]string{"threads": serve(t, bridge.App(routed())), "there and back": through.URL} {
		for i, got := range asked(url) {
			if got != want[i] {
				t.Errorf("%s: got %q, want %q", name, got, want[i])
			}
		}
	}
	if got := said(http.Get(serve(t, bridge.App(routed())) + "/fails")); !strings.HasPrefix(got, "500") {
		t.Errorf("got %q, want a status of 500", got)
	}
}

// TestStreamThroughBoth: the client has flushed bytes before the handler continues.
func TestStreamThroughBoth(t *testing.T) {
	conn, err := net.Dial("tcp", serve(t, bridge.App(routed()))[7:])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /gate HTTP/1.0\r\nContent-Length: 2\r\n\r\n")
	reply := bufio.NewReader(conn)
	for line := ""; line != "first\n"; {
		if line, err = reply.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	fmt.Fprint(conn, "go")
	if rest, err := io.ReadAll(reply); err != nil || string(rest) != "then go, <nil>" {
		t.Errorf("%q, %v", rest, err)
	}
}

// TestClientLeaves: the handler learns of it, or Stop would wait forever.
func TestClientLeaves(t *testing.T) {
	conn, err := net.Dial("tcp", serve(t, bridge.App(routed()))[7:])
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(conn, "GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
	if _, err := conn.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

// TestHandler: a WSGI application under net/http keeps its contract.
func TestHandler(t *testing.T) {
	closed := make(chan bool, 1)
	server := httptest.NewServer(bridge.Handler(validate.New(func(e wsgi.Environ,
		start wsgi.StartResponse) iter.Seq[[]byte] {
		headers := []wsgi.Header{{"Content-Type", "text/plain"}}
		start("200 OK", headers)
		return func(yield func([]byte) bool) {
			defer func() { closed <- true }()
			switch e.Text("PATH_INFO") {
			case "/changes-its-mind":
				if yield(nil) {
					start("503 Sorry", headers, io.ErrUnexpectedEOF)
					yield([]byte("sorry"))
				}
			case "/fails-late":
				if yield([]byte("part")) {
					start("500 Oops", headers, io.ErrUnexpectedEOF)
				}
			case "/endless":
				for yield(make([]byte, 64<<10)) {
				}
			}
		}
	})))
	defer server.Close()
	if got, want := said(http.Get(server.URL+"/changes-its-mind")), "503 sorry [] -1 <nil>"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	<-closed
	if got, want := said(http.Get(server.URL+"/fails-late")), "200 part [] -1 unexpected EOF"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	<-closed
	r, err := http.Get(server.URL + "/endless")
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close() // in the middle of the body
	<-closed
}
