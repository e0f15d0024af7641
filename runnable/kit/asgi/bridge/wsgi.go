package bridge

import (
	"fmt"
	"io"
	"log"
	"runtime/debug"
	"strconv"
	"strings"

	"era/runnable/kit/asgi"
	"era/runnable/kit/wsgi"
)

// FromWSGI makes an ASGI application of one of WSGI (C6.16). WSGI is called once and cannot await, so each request
// occupies a thread from its first line to its last chunk; only receive and send run on the engine. The application
// does not become asynchronous: when all threads are in use, the next request waits.
//
//	scope                         environ
//	method                        REQUEST_METHOD
//	root_path                     SCRIPT_NAME
//	path, without root_path       PATH_INFO
//	query_string                  QUERY_STRING
//	headers                       CONTENT_TYPE, CONTENT_LENGTH, HTTP_*
//	server                        SERVER_NAME, SERVER_PORT
//	client                        REMOTE_ADDR, REMOTE_PORT
//	http_version                  SERVER_PROTOCOL
//	scheme                        wsgi.url_scheme
//	http.request events           wsgi.input
//	http.response.start           the status, without its reason, and the headers
//	http.response.body            a chunk
func FromWSGI(e asgi.Engine, app wsgi.App) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if scope.Type != "http" {
			return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
		}
		return e.InThread(func(back asgi.Back) (err error) {
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panic in the WSGI application: %v\n%s", p, debug.Stack())
				}
			}()
			r := &wsgiReply{back: back, send: send}
			for chunk := range app(environ(scope, &body{back: back, receive: receive}), r.startResponse) {
				if err := r.write(chunk); err != nil {
					return err // leaving the loop closes the iterator
				}
			}
			return r.pass(nil, false)
		})
	}
}

// environ makes the environ of a WSGI application.
func environ(scope asgi.Scope, input io.Reader) wsgi.Environ {
	env := wsgi.Environ{
		"REQUEST_METHOD": scope.Method, "SCRIPT_NAME": scope.RootPath,
		"PATH_INFO":    strings.TrimPrefix(scope.Path, scope.RootPath),
		"QUERY_STRING": scope.QueryString, "SERVER_NAME": scope.Server.Host, "SERVER_PORT": strconv.Itoa(scope.Server.Port),
		"REMOTE_ADDR": scope.Client.Host, "REMOTE_PORT": strconv.Itoa(scope.Client.Port),
		"SERVER_PROTOCOL": "HTTP/" + scope.HTTPVersion,
		"wsgi.version":    [2]int{1, 0}, "wsgi.url_scheme": scope.Scheme, "wsgi.input": input, "wsgi.errors": log.Writer(),
		"wsgi.multithread": true, "wsgi.multiprocess": false, "wsgi.run_once": false, "wsgi.input_terminated": true,
	}
	for _, h := range scope.Headers {
		key, ok := wsgi.Variable(h.Name)
		if !ok {
			continue
		}
		if before, twice := env[key].(string); twice {
			separator := ", " // one field in two lines (RFC 9110, section 5.3)
			if strings.EqualFold(h.Name, "cookie") {
				separator = "; "
			}
			h.Value = before + separator + h.Value
		}
		env[key] = h.Value
	}
	return env
}

// wsgiReply makes events of a WSGI application's reply. The start is delayed until the first non-empty chunk, as in PEP
// 3333; ASGI servers delay it as well, but need not.
type wsgiReply struct {
	back  asgi.Back
	send  asgi.Send
	start *asgi.Event
	sent  bool
}

func (r *wsgiReply) startResponse(status string, headers []wsgi.Header, exc ...error) wsgi.Write {
	excused := len(exc) > 0 && exc[0] != nil
	switch {
	case excused && r.sent:
		panic(exc[0])
	case r.start != nil && !excused:
		panic("start_response was called a second time, and no error is given")
	}
	code, _, _ := strings.Cut(status, " ")
	n, err := strconv.Atoi(code)
	if err != nil {
		panic(fmt.Sprintf("status %q", status))
	}
	r.start = &asgi.Event{Type: asgi.ResponseStart, Status: n}
	for _, h := range headers {
		if wsgi.HopByHop(h[0]) {
			panic(fmt.Sprintf("the header %q is the server's", h[0]))
		}
		r.start.Headers = append(r.start.Headers, asgi.Header{Name: strings.ToLower(h[0]), Value: h[1]})
	}
	return r.write
}

// write sends a chunk. When it returns, the chunk is in the connection's buffer: the next chunk is not taken before
// that.
func (r *wsgiReply) write(chunk []byte) error {
	if len(chunk) == 0 {
		return nil
	}
	return r.pass(chunk, true)
}

func (r *wsgiReply) pass(chunk []byte, more bool) error {
	if r.start == nil {
		panic("the application has not called start_response")
	}
	return r.back(func() error {
		if !r.sent {
			r.sent = true
			if err := r.send(*r.start); err != nil {
				return err
			}
		}
		return r.send(asgi.Event{Type: asgi.ResponseBody, Body: chunk, More: more})
	})
}
