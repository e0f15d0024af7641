package httpclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"era/runnable/kit/aio"
)

// run runs a client's task against a server of the standard library.
func run(t *testing.T, o Options, handler http.HandlerFunc, main func(t *aio.Task, c *Client, url string) error) {
	t.Helper()
	server := httptest.NewServer(handler)
	defer server.Close()
	with(t, o, func(t *aio.Task, c *Client) error { return main(t, c, server.URL) })
}

func with(t *testing.T, o Options, main func(t *aio.Task, c *Client) error) {
	t.Helper()
	err := aio.Run(func(task *aio.Task) error {
		c := New(o)
		defer c.Close()
		return main(task, c)
	})
	if err != nil {
		t.Error(err)
	}
}

// serve lets a function speak for a server, in bytes, on every connection that comes. n counts them from 1.
func serve(t *testing.T, talk func(n int, conn net.Conn)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for n := 1; ; n++ {
			conn, err := listener.Accept()
			if err != nil {
				return // closed: the test is over
			}
			go func() {
				defer conn.Close()
				talk(n, conn)
			}()
		}
	}()
	return "http://" + listener.Addr().String()
}

// hear reads up to the empty line after a request's head; ok is false when the client has gone.
func hear(conn net.Conn) (head string, ok bool) {
	var heard []byte
	for !strings.HasSuffix(string(heard), "\r\n\r\n") {
		b := make([]byte, 1)
		if _, err := io.ReadFull(conn, b); err != nil {
			return string(heard), false
		}
		heard = append(heard, b...)
	}
	return string(heard), true
}

const two = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func TestResponse(t *testing.T) {
	run(t, Options{Header: http.Header{"user-agent": {"test"}}}, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Asked", r.Method+" "+r.URL.String())
		json.NewEncoder(w).Encode(map[string]string{
			"body": string(body), "type": r.Header.Get("Content-Type"), "agent": r.UserAgent(), "accept": r.Header.Get("Accept"),
			"auth": r.Header.Get("Authorization"),
		})
	}, func(task *aio.Task, c *Client, address string) error {
		withUser := strings.Replace(address, "http://", "http://me:secret@", 1)
		for _, test := range []struct {
			ask  func() (*Response, error)
			want string
		}{
			{func() (*Response, error) { return c.Get(task, address+"/a?b=c#d") }, `GET /a?b=c map[accept:*/* agent:test auth: body: type:]`},
			{func() (*Response, error) { return c.Get(task, address, Params(url.Values{"q": {"a b"}})) },
				`GET /?q=a+b map[accept:*/* agent:test auth: body: type:]`},
			{func() (*Response, error) { return c.Post(task, address, Form(url.Values{"q": {"a&b"}})) },
				`POST / map[accept:*/* agent:test auth: body:q=a%26b type:application/x-www-form-urlencoded]`},
			{func() (*Response, error) { return c.Put(task, address, JSON([]int{1})) },
				`PUT / map[accept:*/* agent:test auth: body:[1] type:application/json]`},
			{func() (*Response, error) { return c.Delete(task, withUser, Header("Accept", "text/*")) },
				`DELETE / map[accept:*/* agent:test auth:Basic bWU6c2VjcmV0 body: type:]`},
		} {
			r, err := test.ask()
			if err != nil {
				return err
			}
			var said map[string]string
			if err := r.JSON(&said); err != nil {
				return err
			}
			if got := r.Header.Get("X-Asked") + " " + fmt.Sprint(said); got != test.want || r.StatusCode != 200 ||
				r.RaiseForStatus() != nil {
				t.Errorf("%d\n got %s\nwant %s", r.StatusCode, got, test.want)
			}
		}
		head, err := c.Head(task, address)
		if err == nil && (head.Text() != "" || head.Header.Get("Content-Length") == "") {
			t.Errorf("HEAD: %+v", head)
		}
		return err
	})
}

// TestOneConnection: the requests of one task share a connection, whatever the bodies are framed by.
func TestOneConnection(t *testing.T) {
	var peers sync.Map
	run(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		peers.Store(r.RemoteAddr, true)
		switch r.URL.Path {
		case "/chunked":
			io.WriteString(w, "a")
			w.(http.Flusher).Flush()
			io.WriteString(w, "b")
		case "/none":
			w.WriteHeader(http.StatusNoContent)
		case "/large":
			w.Write(make([]byte, 3<<20))
		default:
			body, _ := io.ReadAll(r.Body) // all of it first: else net/http closes after the reply
			w.Write(body)
		}
	}, func(task *aio.Task, c *Client, address string) error {
		large := strings.Repeat("x", 3<<20)
		for path, want := range map[string]int{"/chunked": 2, "/none": 0, "/large": 3 << 20} {
			if r, err := c.Get(task, address+path); err != nil || len(r.Body) != want {
				t.Errorf("%s: %v", path, err)
			}
		}
		if r, err := c.Post(task, address, Content("text/plain", []byte(large))); err != nil || r.Text() != large {
			t.Errorf("3 MiB there and back: %v", err)
		}
		connections := 0
		peers.Range(func(any, any) bool { connections++; return true })
		if connections != 1 || len(c.pool.idle) != 1 {
			t.Errorf("%d connections, %d idle", connections, len(c.pool.idle))
		}
		return nil
	})
}

func TestStatus(t *testing.T) {
	run(t, Options{}, http.NotFound, func(task *aio.Task, c *Client, address string) error {
		r, err := c.Get(task, address)
		if err != nil {
			return err
		}
		no := (*StatusError)(nil)
		if !errors.As(r.RaiseForStatus(), &no) || no.Response.StatusCode != 404 {
			t.Errorf("%d: %v", r.StatusCode, r.RaiseForStatus())
		}
		return nil
	})
}

func TestRedirects(t *testing.T) {
	last := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s%s%s%s", r.Method, r.Header.Get("Authorization"), r.Header.Get("Proxy-Authorization"),
			r.Header.Get("Cookie"), r.Header.Get("X"))
	}))
	defer last.Close()
	run(t, Options{}, func(w http.ResponseWriter, r *http.Request) {
		var code int
		if n, _ := fmt.Sscanf(r.URL.Path, "/%d", &code); n == 1 {
			http.Redirect(w, r, "/there", code)
			return
		}
		switch r.URL.Path {
		case "/there":
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%s %s%s", r.Method, body,
				r.Header.Get("Authorization")+r.Header.Get("Proxy-Authorization")+r.Header.Get("Content-Language"))
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/tls":
			http.Redirect(w, r, "https://127.0.0.1/", http.StatusFound)
		case "/away":
			http.Redirect(w, r, last.URL, http.StatusTemporaryRedirect)
		}
	}, func(task *aio.Task, c *Client, address string) error {
		for path, want := range map[string]string{"/301": "GET ", "/302": "GET ", "/303": "GET ", "/307": "POST body",
			"/308": "POST body"} {
			r, err := c.Post(task, address+path, Content("text/plain", []byte("body")), FollowRedirects())
			if err != nil || r.Text() != want || len(r.History) != 1 || r.URL != address+"/there" {
				t.Errorf("POST %s: %+v, %v", path, r, err)
			}
		}
		if r, err := c.Put(task, address+"/301", Content("text/plain", []byte("body")), FollowRedirects()); err != nil ||
			r.Text() != "PUT body" {
			t.Errorf("PUT 301: %+v, %v", r, err)
		}
		if r, err := c.Get(task, address+"/302"); err != nil || r.StatusCode != 302 || r.RaiseForStatus() == nil {
			t.Errorf("not followed: %+v, %v", r, err)
		}
		for _, name := range []string{"Authorization", "Proxy-Authorization", "Cookie", "X"} {
			want := map[string]string{"X": "GET secret"}[name]
			if want == "" {
				want = "GET "
			}
			if r, err := c.Get(task, address+"/away", Header(name, "secret"), FollowRedirects()); err != nil ||
				r.Text() != want {
				t.Errorf("%s, and the redirect goes to another host: %+v, %v", name, r, err)
			}
		}
		if r, err := c.Get(task, address+"/307", Header("Authorization", "for this host"), FollowRedirects()); err != nil ||
			r.Text() != "GET for this host" {
			t.Errorf("to the same host: %+v, %v", r, err)
		}
		if r, err := c.Post(task, address+"/303", Header("Content-Language", "vi"), FollowRedirects()); err != nil ||
			r.Text() != "GET " {
			t.Errorf("there is no content, and headers tell of it: %+v, %v", r, err)
		}
		if _, err := c.Get(task, address+"/loop", FollowRedirects()); err != ErrTooManyRedirects {
			t.Errorf("in circles: %v", err)
		}
		if _, err := c.Get(task, address+"/tls", FollowRedirects()); err == nil || !strings.Contains(err.Error(), "TLS") {
			t.Errorf("to TLS: %v", err)
		}
		return nil
	})
}

// TestFragments: an address that a redirect names without a fragment has that of the one before (RFC 9110, 10.2.2).
func TestFragments(t *testing.T) {
	for location, want := range map[string]string{"/b": "/b#a%20b", "/b#c": "/b#c", "/b#": "/b", "": "/#a%20b",
		"http://other.example/x": "http://other.example/x#a%20b"} {
		r, err := newRequest("GET", "http://here.example/#a%20b")
		if err != nil {
			t.Fatal(err)
		}
		r.Follow = 1
		if location == "" {
			location = "http://here.example/"
		}
		next, err := r.redirected(&Response{StatusCode: 302, Header: http.Header{"Location": {location}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(next.URL.String(), "http://here.example"); got != want {
			t.Errorf("%s: %s, want %s", location, got, want)
		}
	}
}

// TestEarlyReply: a server answers when it has read the head, and does not want the rest. Its reply ends the sending,
// whatever it does with the connection.
func TestEarlyReply(t *testing.T) {
	const refused = "HTTP/1.1 413 Content Too Large\r\n"
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	const stays, halfCloses, closes = 0, 1, 2
	for name, test := range map[string]struct {
		says string
		then int
	}{
		"and closes":                   {refused + "Connection: close\r\nContent-Length: 2\r\n\r\nno", closes},
		"and says no more":             {refused + "Connection: close\r\nContent-Length: 2\r\n\r\nno", halfCloses},
		"and its end is the reply's":   {refused + "\r\nno", halfCloses},
		"and keeps the connection":     {refused + "Content-Length: 2\r\n\r\nno", stays},
		"and an interim reply comes":   {"HTTP/1.1 103 Early Hints\r\n\r\n" + refused + "Content-Length: 2\r\n\r\nno", stays},
		"and it is a success":          {two, stays},
		"and says close, and does not": {refused + "Connection: close\r\nContent-Length: 2\r\n\r\nno", stays},
	} {
		t.Run(name, func(t *testing.T) {
			// with bytes unread that is a reset, which may erase the reply (RFC 9112, 9.6)
			if test.then == closes && runtime.GOOS != "linux" {
				t.Skip("SKIPPED: only Linux is known to keep what came before a reset")
			}
			address := serve(t, func(n int, conn net.Conn) {
				hear(conn)
				io.WriteString(conn, test.says)
				if test.then == halfCloses {
					conn.(*net.TCPConn).CloseWrite()
				}
				if test.then != closes {
					<-over
				}
			})
			with(t, Options{}, func(task *aio.Task, c *Client) error {
				r, err := c.Post(task, address, Content("text/plain", make([]byte, 20<<20)))
				if err == nil && (r.Text() != "no" && r.Text() != "ok" || len(c.pool.idle) != 0) {
					t.Errorf("%+v, %d connections kept", r, len(c.pool.idle))
				}
				return err
			})
		})
	}
}

// TestInterimReply: a reply that is only an interim one does not end the sending.
func TestInterimReply(t *testing.T) {
	const size = 5 << 20
	address := serve(t, func(n int, conn net.Conn) {
		hear(conn)
		io.WriteString(conn, "HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n")
		io.CopyN(io.Discard, conn, size)
		fmt.Fprint(conn, size)
		hear(conn)
	})
	with(t, Options{}, func(task *aio.Task, c *Client) error {
		r, err := c.Post(task, address, Content("text/plain", make([]byte, size)))
		if err == nil && (r.Text() != fmt.Sprint(size) || len(c.pool.idle) != 1) {
			t.Errorf("%q, %d connections kept", r.Text(), len(c.pool.idle))
		}
		return err
	})
}

// TestNotSent: what would say something else on the wire than the caller meant is refused.
func TestNotSent(t *testing.T) {
	with(t, Options{}, func(task *aio.Task, c *Client) error {
		for _, test := range []struct {
			method, address string
			option          Option
		}{
			{"GET", "https://127.0.0.1/", nil}, {"GET", "127.0.0.1:80", nil}, {"GET", "http:///x", nil},
			{"GET", "http://%zz/", nil},
			{"GET / HTTP/1.1\r\nX:", "http://127.0.0.1/", nil},
			{"GET", "http://127.0.0.1/?a b", nil},
			{"GET", "http://127.0.0.1/", Header("X", "a\r\nY: b")}, {"GET", "http://127.0.0.1/", Header("X:Y", "a")},
			{"GET", "http://127.0.0.1/", Header("content-length", "5")},
			{"GET", "http://127.0.0.1/", JSON(func() {})},
		} {
			if test.option == nil {
				test.option = Header("X", "y")
			}
			var refused *ConnectError
			if r, err := c.Request(task, test.method, test.address, test.option); err == nil || errors.As(err, &refused) {
				t.Errorf("%q %q: %+v, %v", test.method, test.address, r, err)
			}
		}
		return nil
	})
}

// TestTimeouts: each wait has its own.
func TestTimeouts(t *testing.T) {
	silent := serve(t, func(_ int, conn net.Conn) { hear(conn); hear(conn) })
	over := make(chan struct{})
	defer close(over)
	deaf := serve(t, func(_ int, conn net.Conn) { <-over })
	const soon = 20 * time.Millisecond
	for while, ask := range map[string]func(task *aio.Task, c *Client) error{
		"while reading": func(task *aio.Task, c *Client) error {
			_, err := c.Get(task, silent)
			return err
		},
		"while writing": func(task *aio.Task, c *Client) error {
			_, err := c.Post(task, deaf, Content("text/plain", make([]byte, 64<<20)))
			return err
		},
		"while connecting": func(task *aio.Task, c *Client) error {
			c.pool.lookup = func(t *aio.Task, name string) ([]string, error) { return nil, aio.Sleep(t, time.Hour) }
			_, err := c.Get(task, "http://slow.example/")
			return err
		},
		"in the queue": func(task *aio.Task, c *Client) error {
			c.pool.places.Acquire(task)
			_, err := c.Get(task, silent)
			c.pool.places.Release()
			return err
		},
	} {
		t.Run(while, func(t *testing.T) {
			timeouts := map[string]Timeouts{"in the queue": {Pool: soon}, "while connecting": {Connect: soon},
				"while writing": {Write: soon},
				"while reading": {Read: soon}}[while]
			with(t, Options{Timeouts: &timeouts, Limits: Limits{MaxConnections: 1}}, func(task *aio.Task, c *Client) error {
				err := ask(task, c)
				late := (*TimeoutError)(nil)
				if !errors.As(err, &late) || late.While != while {
					t.Errorf("%v", err)
				}
				if c.pool.active != 0 || len(c.pool.idle) != 0 {
					t.Errorf("%d active, %d idle", c.pool.active, len(c.pool.idle))
				}
				return nil
			})
		})
	}
}

// TestC3_17: a name is looked up in a thread, and the loop goes on meanwhile; its addresses are tried in turn.
func TestC3_17(t *testing.T) {
	address := serve(t, func(_ int, conn net.Conn) { hear(conn); io.WriteString(conn, two) })
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(address, "http://"))
	with(t, Options{}, func(task *aio.Task, c *Client) error {
		found := make(chan []string)
		c.pool.lookup = func(t *aio.Task, name string) ([]string, error) {
			return aio.RunInThread(t, func() ([]string, error) { return <-found, nil })
		}
		asked := aio.Go(task, func(t *aio.Task) (*Response, error) { return c.Get(t, "http://name.example:"+port) })
		for range 3 {
			if err := aio.Sleep(task, time.Millisecond); err != nil { // the loop turns, although the thread waits
				return err
			}
		}
		found <- []string{"127.0.0.2:", "::1", "127.1.2.3", "127.0.0.1"}
		r, err := aio.Await(task, asked)
		if err == nil && r.Text() != "ok" {
			t.Errorf("%+v", r)
		}
		c.pool.lookup = lookup
		if _, err := c.Get(task, "http://no.such.host.invalid/", Within(time.Minute)); !errors.As(err, new(*ConnectError)) {
			t.Errorf("a name that does not exist: %v", err)
		}
		return err
	})
}
