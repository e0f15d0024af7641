// Package bridge connects ASGI with the other contracts: it makes applications of net/http handlers, handlers of
// applications, and ASGI applications of WSGI ones. So a framework written for one contract runs on the servers of all.
package bridge

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"

	"era/runnable/kit/asgi"
)

// FromHandler makes an application of a net/http handler. A handler may block, so it runs on a thread if the engine
// needs that; it reads and writes through receive and send. Its context ends when a write fails: a handler that does
// not write does not learn that the client has left. A panic is an error, as in net/http.
func FromHandler(e asgi.Engine, h http.Handler) asgi.App {
	return func(scope asgi.Scope, receive asgi.Receive, send asgi.Send) error {
		if scope.Type != "http" {
			return fmt.Errorf("%w: %q", asgi.ErrUnknownScope, scope.Type)
		}
		return e.InThread(func(back asgi.Back) (err error) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			w := &responseWriter{back: back, send: send, cancel: cancel, header: http.Header{}}
			r, err := request(ctx, scope, &body{back: back, receive: receive})
			if err != nil {
				return err
			}
			defer func() {
				if p := recover(); p != nil {
					err = fmt.Errorf("panic in the handler: %v\n%s", p, debug.Stack())
				}
			}()
			h.ServeHTTP(w, r)
			w.WriteHeader(http.StatusOK)
			return w.pass(false)
		})
	}
}

// request makes the handler's request.
func request(ctx context.Context, scope asgi.Scope, from io.Reader) (*http.Request, error) {
	target := scope.Path
	if scope.QueryString != "" {
		target += "?" + scope.QueryString
	}
	r, err := http.NewRequestWithContext(ctx, scope.Method, "/", io.NopCloser(from))
	if err != nil {
		return nil, err
	}
	r.URL.Path, r.URL.RawQuery, r.RequestURI = scope.Path, scope.QueryString, target
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/"+scope.HTTPVersion, 1,
		int(scope.HTTPVersion[len(scope.HTTPVersion)-1]-'0')
	r.RemoteAddr = net.JoinHostPort(scope.Client.Host, strconv.Itoa(scope.Client.Port))
	for _, h := range scope.Headers {
		switch strings.ToLower(h.Name) {
		case "host":
			r.Host = h.Value
		case "transfer-encoding":
			r.ContentLength = -1
		case "content-length":
			if r.ContentLength, err = strconv.ParseInt(h.Value, 10, 64); err != nil {
				return nil, err
			}
			r.Header.Add(h.Name, h.Value)
		default:
			r.Header.Add(h.Name, h.Value)
		}
	}
	return r, nil
}

// body reads the parts that receive returns.
type body struct {
	back    asgi.Back
	receive asgi.Receive
	part    []byte
	err     error // after the part
}

func (b *body) Read(p []byte) (int, error) {
	for len(b.part) == 0 && b.err == nil {
		b.err = b.back(func() error {
			e, err := b.receive()
			switch b.part = e.Body; {
			case err != nil:
				return err
			case e.Type == asgi.HTTPDisconnect:
				return io.ErrUnexpectedEOF
			case !e.More:
				return io.EOF
			}
			return nil
		})
	}
	n := copy(p, b.part)
	if b.part = b.part[n:]; n == 0 {
		return 0, b.err
	}
	return n, nil
}

// responseWriter is the handler's ResponseWriter. It collects small writes, up to 4 KiB or Flush.
type responseWriter struct {
	back   asgi.Back
	send   asgi.Send
	cancel context.CancelFunc

	header  http.Header
	status  int  // 0 until it is decided
	started bool // http.response.start was sent
	held    []byte
}

const holds = 4 << 10

func (w *responseWriter) Header() http.Header { return w.header }

func (w *responseWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 { // ASGI has no interim responses
		w.status = status
	}
}

func (w *responseWriter) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.held = append(w.held, p...)
	if len(w.held) < holds {
		return len(p), nil
	}
	return len(p), w.pass(true)
}

// Flush sends the collected bytes.
func (w *responseWriter) Flush() {
	w.WriteHeader(http.StatusOK)
	w.pass(true) // the next write returns the error, too
}

// pass sends the collected bytes.
func (w *responseWriter) pass(more bool) error {
	err := w.back(func() error {
		if !w.started {
			if err := w.send(w.start()); err != nil {
				return err
			}
			w.started = true
		}
		return w.send(asgi.Event{Type: asgi.ResponseBody, Body: w.held, More: more})
	})
	if w.held = w.held[:0]; err != nil {
		w.cancel()
	}
	return err
}

// start is the event that starts the response.
func (w *responseWriter) start() asgi.Event {
	if _, has := w.header["Content-Type"]; !has && len(w.held) > 0 {
		w.header.Set("Content-Type", http.DetectContentType(w.held)) // as net/http does
	}
	e := asgi.Event{Type: asgi.ResponseStart, Status: w.status}
	names := make([]string, 0, len(w.header))
	for name := range w.header {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range w.header[name] {
			e.Headers = append(e.Headers, asgi.Header{Name: strings.ToLower(name), Value: value})
		}
	}
	return e
}
