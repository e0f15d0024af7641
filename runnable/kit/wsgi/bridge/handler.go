package bridge

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"

	"era/runnable/kit/wsgi"
)

// Handler runs a WSGI application under net/http. Many goroutines call it at a time.
func Handler(app wsgi.App) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := &gateway{w: w}
		for chunk := range app(environ(r), g.start) {
			if err := g.write(chunk); err != nil {
				return // the client has gone
			}
		}
		g.head()
	})
}

// environ makes the request's environ.
func environ(r *http.Request) wsgi.Environ {
	scheme, port := "http", "80"
	if r.TLS != nil {
		scheme, port = "https", "443"
	}
	host := r.Host
	if name, number, err := net.SplitHostPort(r.Host); err == nil { // an error means that there is no port
		host, port = name, number
	}
	host, port = cmp.Or(host, "localhost"), cmp.Or(port, "80") // neither may be empty, whatever the client says
	e := wsgi.Environ{
		"REQUEST_METHOD": r.Method, "SCRIPT_NAME": "", "PATH_INFO": r.URL.Path, "QUERY_STRING": r.URL.RawQuery,
		"SERVER_NAME": host, "SERVER_PORT": port, "SERVER_PROTOCOL": r.Proto, "HTTP_HOST": r.Host,
		"wsgi.version": [2]int{1, 0}, "wsgi.url_scheme": scheme, "wsgi.input": io.Reader(r.Body),
		"wsgi.errors":      io.Writer(os.Stderr),
		"wsgi.multithread": true, "wsgi.multiprocess": false, "wsgi.run_once": false, "wsgi.input_terminated": true,
	}
	if client, _, err := net.SplitHostPort(r.RemoteAddr); err == nil { // an error: a test without a client
		e["REMOTE_ADDR"] = client
	}
	for name, values := range r.Header {
		if key, ok := wsgi.Variable(name); ok {
			e[key] = strings.Join(values, ", ")
		}
	}
	switch {
	case r.ContentLength > 0:
		e["CONTENT_LENGTH"] = strconv.FormatInt(r.ContentLength, 10)
	case r.ContentLength < 0:
		e["HTTP_TRANSFER_ENCODING"] = "chunked" // net/http removes it together with the chunks
	}
	return e
}

// gateway is the server's half of the contract, apart from what net/http does.
type gateway struct {
	w       http.ResponseWriter
	code    int // 0 until start_response
	headers []wsgi.Header
	sent    bool
}

func (g *gateway) start(status string, headers []wsgi.Header, exc ...error) wsgi.Write {
	excused := len(exc) > 0 && exc[0] != nil
	if g.sent && excused {
		panic(http.ErrAbortHandler) // net/http aborts the reply, and logs nothing
	}
	if g.code != 0 && !excused {
		panic("start_response was called a second time, and no error is given")
	}
	code, err := strconv.Atoi(status[:min(3, len(status))])
	if err != nil || code < 200 {
		panic(fmt.Errorf("status %q: want three digits, a space and a reason", status))
	}
	for _, header := range headers {
		if wsgi.HopByHop(header[0]) {
			panic(fmt.Errorf("header %q is for the connection, which is the server's", header[0]))
		}
	}
	g.code, g.headers = code, headers
	return g.write
}

// write sends a chunk before it returns, as far as net/http can promise that.
func (g *gateway) write(chunk []byte) error {
	if g.code == 0 {
		panic("a chunk of the body before start_response")
	}
	if len(chunk) == 0 {
		return nil
	}
	g.head()
	if _, err := g.w.Write(chunk); err != nil {
		return err
	}
	return http.NewResponseController(g.w).Flush()
}

// head sends the head, once.
func (g *gateway) head() {
	if g.code == 0 {
		panic("the application ended without start_response")
	}
	if g.sent {
		return
	}
	g.sent = true
	for _, header := range g.headers {
		g.w.Header().Add(header[0], header[1])
	}
	g.w.WriteHeader(g.code)
}
