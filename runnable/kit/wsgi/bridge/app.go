// Package bridge connects WSGI and net/http, Go's own contract between servers and applications, where a Handler is
// called with a request and a writer. App runs a Handler, and so any framework on net/http, under a WSGI server;
// Handler runs a WSGI application under net/http.
//
//	WSGI                             net/http
//	environ                          *http.Request
//	start_response(status, headers)  Header() and WriteHeader(code): the reason is net/http's own
//	yield chunk                      Write(chunk), then Flush
//	the iterator is closed           the request's context is cancelled, and Write fails
//	an exception after the head      panic(http.ErrAbortHandler)
//
// Neither direction supports WebSockets: in WSGI an application cannot switch a connection from HTTP to another
// protocol.
package bridge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"era/runnable/kit/wsgi"
)

// App runs a handler of net/http under a WSGI server.
func App(handler http.Handler) wsgi.App {
	return func(environ wsgi.Environ, startResponse wsgi.StartResponse) iter.Seq[[]byte] {
		return func(yield func([]byte) bool) {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			request, err := request(ctx, environ)
			if err != nil {
				startResponse("400 Bad Request", []wsgi.Header{{"Content-Type", "text/plain"}})
				yield([]byte("Bad Request\n"))
				return
			}
			w := &writer{start: startResponse, yield: yield, cancel: cancel, header: http.Header{}}
			handler.ServeHTTP(w, request)
			w.finish()
		}
	}
}

// request makes a net/http request from the environ.
func request(ctx context.Context, environ wsgi.Environ) (*http.Request, error) {
	target := &url.URL{Path: environ.Text("SCRIPT_NAME") + environ.Text("PATH_INFO"),
		RawQuery: environ.Text("QUERY_STRING")}
	body, ok := environ["wsgi.input"].(io.Reader)
	if !ok {
		return nil, fmt.Errorf("wsgi.input is a %T", environ["wsgi.input"])
	}
	r, err := http.NewRequestWithContext(ctx, environ.Text("REQUEST_METHOD"), "/", body)
	if err != nil {
		return nil, err
	}
	r.URL, r.RequestURI = target, target.RequestURI()
	r.Proto = environ.Text("SERVER_PROTOCOL")
	if r.ProtoMajor, r.ProtoMinor, ok = http.ParseHTTPVersion(r.Proto); !ok {
		return nil, fmt.Errorf("SERVER_PROTOCOL %q", r.Proto)
	}
	for name, value := range environ {
		if field, is := strings.CutPrefix(name, "HTTP_"); is {
			r.Header.Set(strings.ReplaceAll(field, "_", "-"), fmt.Sprint(value))
		}
	}
	if kind := environ.Text("CONTENT_TYPE"); kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	if r.Host = r.Header.Get("Host"); r.Host == "" {
		r.Host = environ.Text("SERVER_NAME") + ":" + environ.Text("SERVER_PORT")
	}
	r.Header.Del("Host")                                              // net/http keeps it in r.Host only
	r.RemoteAddr = net.JoinHostPort(environ.Text("REMOTE_ADDR"), "0") // WSGI does not pass the port
	r.ContentLength = -1
	switch length := environ.Text("CONTENT_LENGTH"); {
	case length != "":
		if r.ContentLength, err = strconv.ParseInt(length, 10, 64); err != nil {
			return nil, fmt.Errorf("CONTENT_LENGTH %q", length)
		}
	case r.Header.Get("Transfer-Encoding") == "":
		r.ContentLength, r.Body = 0, http.NoBody
	}
	return r, nil
}

// writer is a ResponseWriter that yields. Like net/http's own it buffers the first bytes, so that short replies get a
// length; a handler with a longer stream calls Flush.
type writer struct {
	start  wsgi.StartResponse
	yield  func([]byte) bool
	cancel func()
	header http.Header
	code   int    // 0 until WriteHeader
	held   []byte // not yet yielded
	headed bool   // start_response was called
	gone   bool   // yield returned false
}

var errGone = errors.New("bridge: the server wants no more of this reply")

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(code int) {
	if w.code == 0 && code >= 200 { // interim replies are up to the WSGI server
		w.code = code
	}
}

func (w *writer) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.held = append(w.held, p...); len(w.held) > 2048 {
		w.Flush()
	}
	if w.gone {
		return 0, errGone
	}
	return len(p), nil
}

// Flush sends the buffered bytes: when it returns, the kernel has them.
func (w *writer) Flush() {
	w.WriteHeader(http.StatusOK)
	w.head()
	if !w.gone && len(w.held) > 0 && !w.yield(w.held) {
		w.gone = true // and yield must not be called again
		w.cancel()
	}
	w.held = nil
}

// finish sends the buffered bytes, with the length of the whole body if nothing was sent before.
func (w *writer) finish() {
	w.WriteHeader(http.StatusOK)
	bodiless := w.code == http.StatusNoContent || w.code == http.StatusNotModified
	if !w.headed && !bodiless && w.header.Get("Content-Length") == "" && len(w.held) > 0 {
		w.header.Set("Content-Length", strconv.Itoa(len(w.held)))
	}
	w.Flush()
}

func (w *writer) head() {
	if w.headed {
		return
	}
	w.headed = true
	if len(w.held) > 0 && w.header.Get("Content-Type") == "" {
		w.header.Set("Content-Type", http.DetectContentType(w.held))
	}
	var headers []wsgi.Header
	for name, values := range w.header {
		for _, value := range values {
			if !wsgi.HopByHop(name) { // the WSGI server sets those
				headers = append(headers, wsgi.Header{name, value})
			}
		}
	}
	reason := http.StatusText(w.code)
	if reason == "" {
		reason = "Unknown"
	}
	w.start(strconv.Itoa(w.code)+" "+reason, headers)
}
