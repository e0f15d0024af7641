// Package validate is a middleware between a server and an application that checks both, as wsgiref.validate does for
// Python. It changes nothing. A breach of the contract is a panic that names the clause; a server answers it as any
// other failure of the application.
//
//	C5.1   the server passes an environ and a start_response, and the application returns an iterator
//	C5.3   status and headers are well-formed, and a body has a Content-Type
//	C5.5   start_response is called again only with an error
//	C5.6   it was called before the first chunk
//	C5.9   a middleware yields for every chunk that it takes (see Middleware)
//	C5.10  the body is as long as Content-Length says; no header is the connection's
//	C5.11  wsgi.input can be read, wsgi.errors written; the three flags are there
//	C5.12  the environ's variables are there, and are what they must be
//
// C5.7, the close, needs no check: leaving a range loop over an iter.Seq ends the iterator. C5.2 is the type []byte.
// C5.4 and C5.8 are about what the client gets and when, which is not visible here.
package validate

import (
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"strings"

	"era/runnable/kit/wsgi"
)

// Violation is the panic value for a breach of the contract.
type Violation struct {
	Clause string // "C5.3"
	Text   string
}

func (v Violation) Error() string { return v.Clause + ": " + v.Text }

// want panics unless ok.
func want(ok bool, clause, format string, args ...any) {
	if !ok {
		panic(Violation{clause, fmt.Sprintf(format, args...)})
	}
}

// New validates an application, and the server that calls it.
func New(app wsgi.App) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		want(environ != nil && startResponse != nil, "C5.1", "an application is called with an environ and a start_response")
		checkEnviron(environ)
		c := &call{left: unknown, method: environ.Text("REQUEST_METHOD")}
		chunks := app(environ, func(status string, headers []wsgi.Header, exc ...error) wsgi.Write {
			c.start(status, headers, len(exc) > 0 && exc[0] != nil)
			write := startResponse(status, headers, exc...)
			return func(chunk []byte) error {
				c.count(chunk)
				return write(chunk)
			}
		})
		want(chunks != nil, "C5.1", "the application returned no iterator")
		return func(yield func([]byte) bool) {
			for chunk := range chunks {
				want(c.started, "C5.6", "a chunk came before start_response")
				c.count(chunk)
				if !yield(chunk) {
					return // the server takes no more chunks: that the rest is missing is its decision
				}
			}
			want(c.started, "C5.6", "the body ended before start_response")
			want(c.left <= 0 || c.method == http.MethodHead, "C5.10", "the body ended %d bytes before its Content-Length", c.left)
		}
	}
}

// call is the state of one call of the application.
type call struct {
	method  string
	started bool
	typed   bool  // there is a Content-Type
	left    int64 // bytes that Content-Length still announces
}

const unknown = -1

func (c *call) start(status string, headers []wsgi.Header, excused bool) {
	want(!c.started || excused, "C5.5", "start_response was called again, without an error")
	c.started, c.left = true, unknown
	code, err := strconv.Atoi(status[:min(3, len(status))])
	want(err == nil && code >= 200 && len(status) >= 4 && status[3] == ' ', "C5.3",
		"status %q: want three digits, a space and a reason", status)
	c.typed = false
	for _, header := range headers {
		name, value := strings.ToLower(header[0]), header[1]
		want(name != "" && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == "", "C5.3", "header name %q",
			header[0])
		want(!strings.HasSuffix(name, "-") && name != "status", "C5.3", "header name %q", header[0])
		want(!strings.ContainsFunc(value, func(c rune) bool { return c < ' ' && c != '\t' || c == 0x7f }), "C5.3",
			"header %s: %q has a control character", header[0], value)
		want(!wsgi.HopByHop(name), "C5.10", "header %q is the connection's, and so the server's", header[0])
		switch name {
		case "content-type":
			c.typed = true
		case "content-length":
			n, err := strconv.ParseInt(value, 10, 64)
			want(err == nil && n >= 0 && c.left == unknown, "C5.10", "Content-Length %q: want one, and a number of bytes", value)
			c.left = n
		}
	}
	bodiless := code == http.StatusNoContent || code == http.StatusNotModified
	if code == http.StatusNotModified {
		c.left = unknown // its Content-Length is that of the client's copy (RFC 9110, section 8.6)
	}
	want(!bodiless || !c.typed, "C5.3", "status %d has no body, and so no Content-Type", code)
}

func (c *call) count(chunk []byte) {
	want(len(chunk) == 0 || c.typed, "C5.3", "a body without Content-Type")
	if c.left != unknown {
		want(int64(len(chunk)) <= c.left, "C5.10", "the body is longer than its Content-Length")
		c.left -= int64(len(chunk))
	}
}

// checkEnviron checks the server's environ.
func checkEnviron(environ wsgi.Environ) {
	for _, name := range []string{"REQUEST_METHOD", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"} {
		want(environ.Text(name) != "", "C5.12", "%s is missing or empty", name)
	}
	for name, value := range environ {
		_, text := value.(string)
		want(text || strings.Contains(name, "."), "C5.12", "%s is a %T, and not text", name, value)
		want(name != "HTTP_CONTENT_TYPE" && name != "HTTP_CONTENT_LENGTH", "C5.12", "%s: its name has no HTTP_", name)
	}
	script, path := environ.Text("SCRIPT_NAME"), environ.Text("PATH_INFO")
	want(script == "" || script[0] == '/' && script != "/", "C5.12", "SCRIPT_NAME %q", script)
	want(path == "" && script != "" || path == "*" || strings.HasPrefix(path, "/"), "C5.12",
		"PATH_INFO %q and SCRIPT_NAME %q", path, script)
	if length := environ.Text("CONTENT_LENGTH"); length != "" {
		n, err := strconv.ParseInt(length, 10, 64)
		want(err == nil && n >= 0, "C5.12", "CONTENT_LENGTH %q", length)
	}
	want(environ["wsgi.version"] == [2]int{1, 0}, "C5.12", "wsgi.version %v", environ["wsgi.version"])
	scheme := environ["wsgi.url_scheme"]
	want(scheme == "http" || scheme == "https", "C5.12", "wsgi.url_scheme %v", scheme)
	_, reads := environ["wsgi.input"].(io.Reader)
	want(reads, "C5.11", "wsgi.input is a %T, not a reader", environ["wsgi.input"])
	_, writes := environ["wsgi.errors"].(io.Writer)
	want(writes, "C5.11", "wsgi.errors is a %T, not a writer", environ["wsgi.errors"])
	for _, name := range []string{"wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"} {
		_, flag := environ[name].(bool)
		want(flag, "C5.11", "%s is a %T", name, environ[name])
	}
}

// Middleware validates a middleware. For every chunk that it takes from the application it must yield one, possibly
// empty, before it takes the next (C5.9): a middleware that collects a stream makes the client wait for its end.
func Middleware(middleware func(wsgi.App) wsgi.App) func(wsgi.App) wsgi.App {
	return func(app wsgi.App) wsgi.App {
		return New(func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
			yielded := 0
			inner := func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
				chunks := New(app)(environ, startResponse)
				return func(yield func([]byte) bool) {
					for chunk := range chunks {
						before := yielded
						if !yield(chunk) {
							return
						}
						want(yielded > before, "C5.9", "the middleware wants another chunk, and has yielded nothing for the last")
					}
				}
			}
			chunks := middleware(inner)(environ, startResponse)
			return func(yield func([]byte) bool) {
				for chunk := range chunks {
					yielded++
					if !yield(chunk) {
						return
					}
				}
			}
		})
	}
}
