package bridge

import (
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"era/runnable/kit/asgi"
)

// Handler makes a net/http handler of an application that was made for the engine asgi.OnGoroutines. It supports no
// lifespan and no WebSockets, whose handshakes are plain requests here. state is the state that the application's
// lifespan would have set.
func Handler(app asgi.App, state map[string]any) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{w: w, r: r}
		err := app(scope(r, maps.Clone(state)), x.receive, x.send)
		switch {
		case x.complete:
		case x.sending || r.Context().Err() != nil: // the client must see that the body is incomplete
			panic(http.ErrAbortHandler)
		default:
			log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
			http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	})
}

// scope makes the scope of a request. net/http keeps headers by name: the order of different names is lost, which ASGI
// allows.
func scope(r *http.Request, state map[string]any) asgi.Scope {
	s := asgi.Scope{
		Type: "http", ASGI: asgi.Versions{Version: "3.0", SpecVersion: "2.5"}, Method: r.Method, Scheme: "http",
		Path:        r.URL.Path,
		HTTPVersion: strconv.Itoa(r.ProtoMajor) + "." + strconv.Itoa(r.ProtoMinor), QueryString: r.URL.RawQuery, State: state,
		Headers: []asgi.Header{{Name: "host", Value: r.Host}}, Client: address(r.RemoteAddr),
	}
	if r.ProtoMajor == 2 {
		s.HTTPVersion = "2"
	}
	if r.TLS != nil {
		s.Scheme = "https"
	}
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		s.Server = address(local.String())
	}
	for name, values := range r.Header {
		for _, value := range values {
			s.Headers = append(s.Headers, asgi.Header{Name: strings.ToLower(name), Value: value})
		}
	}
	if r.ContentLength < 0 {
		s.Headers = append(s.Headers, asgi.Header{Name: "transfer-encoding", Value: "chunked"})
	}
	return s
}

func address(text string) asgi.Address {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return asgi.Address{}
	}
	n, _ := strconv.Atoi(port) // 0 is unknown
	return asgi.Address{Host: host, Port: n}
}

// exchange is one request and its response.
type exchange struct {
	w    http.ResponseWriter
	r    *http.Request
	told bool // the whole body was received

	mu       sync.Mutex
	start    *asgi.Event // sent with the first part of the body
	sending  bool
	complete bool
}

func (x *exchange) receive() (asgi.Event, error) {
	if x.over() {
		return asgi.Event{Type: asgi.HTTPDisconnect}, nil
	}
	if x.told {
		<-x.r.Context().Done() // the client has left, or the handler has returned
		return asgi.Event{Type: asgi.HTTPDisconnect}, nil
	}
	part := make([]byte, 32<<10)
	n, err := x.r.Body.Read(part)
	x.told = err != nil
	if err != nil && err != io.EOF {
		return asgi.Event{Type: asgi.HTTPDisconnect}, nil
	}
	return asgi.Event{Type: asgi.HTTPRequest, Body: part[:n], More: err == nil}, nil
}

// head passes the head to net/http.
func (x *exchange) head() {
	for _, h := range x.start.Headers {
		if !strings.EqualFold(h.Name, "transfer-encoding") {
			x.w.Header().Add(h.Name, h.Value)
		}
	}
	x.w.WriteHeader(x.start.Status)
}

func (x *exchange) over() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.complete
}

func (x *exchange) send(e asgi.Event) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case x.complete:
		return nil
	case x.r.Context().Err() != nil:
		return asgi.ErrDisconnected
	case e.Type == asgi.ResponseStart && x.start == nil:
		x.start = &e
		return nil
	case e.Type == asgi.ResponseBody && x.start != nil:
		if !x.sending {
			x.head()
		}
		x.sending, x.complete = true, !e.More
		if _, err := x.w.Write(e.Body); err != nil && err != http.ErrBodyNotAllowed {
			return asgi.ErrDisconnected
		}
		if e.More {
			return http.NewResponseController(x.w).Flush()
		}
		return nil
	}
	return asgi.Misplaced(e)
}
