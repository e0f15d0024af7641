//go:build linux || darwin

package clauses

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"era/internal/hang"
	"era/runnable/kit/sys"
	"era/runnable/kit/wsgi"
)

// TestMain is also a worker's main function: a worker is this program, started again.
func TestMain(m *testing.M) {
	if listener, is := wsgi.Inherited(); is {
		timeout, err := time.ParseDuration(os.Getenv("TEST_TIMEOUT"))
		if err != nil {
			timeout = 0
		}
		if err := (&wsgi.Workers{App: all, Errors: io.Discard, Timeout: timeout}).Serve(listener); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// models are the two servers, configured for the clauses' tests. A worker's counters are its own, so there is only one
// worker.
var models = map[string]func() wsgi.Server{
	"threads": func() wsgi.Server { return &wsgi.Threads{App: all, N: 2, Errors: io.Discard} },
	"workers": func() wsgi.Server { return &wsgi.Workers{App: all, N: 1, Errors: io.Discard} },
}

// each runs a test with each of the two servers.
func each(t *testing.T, test func(t *testing.T, addr string)) {
	for name, model := range models {
		t.Run(name, func(t *testing.T) {
			addr, _ := serve(t, model())
			test(t, addr)
		})
	}
}

// serve runs the server until the test ends. stop stops it earlier, and returns Serve's error.
func serve(t *testing.T, s wsgi.Server) (addr string, stop func() error) {
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
	bound, err := sys.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the workers end with this thread
		ended <- s.Serve(listener)
	}()
	stop = sync.OnceValue(func() error {
		s.Stop()
		return <-ended
	})
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return bound.String(), stop
}

// client sends and receives bytes.
type client struct {
	net.Conn
	*bufio.Reader
	t *testing.T
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(hang.After)) // turns a hang into a failure
	return &client{conn, bufio.NewReader(conn), t}
}

func (c *client) Read(p []byte) (int, error) { return c.Reader.Read(p) }

func (c *client) send(text string) {
	c.t.Helper()
	if _, err := io.WriteString(c.Conn, text); err != nil {
		c.t.Fatal(err)
	}
}

// reply reads one reply and describes it: its status, its body, and whether the body was cut off. The text of error
// replies is left out, as it differs between servers. Bytes that are not HTTP are reported.
func (c *client) reply() (r *http.Response, said string) {
	c.t.Helper()
	r, err := http.ReadResponse(c.Reader, nil)
	if err != nil {
		return &http.Response{}, "no HTTP: " + err.Error()
	}
	body, err := io.ReadAll(r.Body)
	said = r.Status + ": " + string(body)
	if r.StatusCode == http.StatusInternalServerError || r.StatusCode == http.StatusBadRequest {
		said = r.Status
	}
	if err != nil {
		said += " [broken off]"
	}
	return r, said
}

// request sends a request on its own connection.
func request(t *testing.T, addr, text string) (r *http.Response, said string) {
	t.Helper()
	c := dial(t, addr)
	defer c.Close()
	c.send(text)
	return c.reply()
}

// body requests a path and returns the reply's body.
func body(t *testing.T, addr, path string) string {
	t.Helper()
	_, said := request(t, addr, get(path))
	_, text, _ := strings.Cut(said, ": ")
	return text
}

func get(path string, fields ...string) string {
	return "GET " + path + head(fields)
}

func post(path string, fields ...string) string { return "POST " + path + head(fields) }

func head(fields []string) string {
	return strings.Join(append([]string{" HTTP/1.1", "Host: test"}, fields...), "\r\n") + "\r\n\r\n"
}
