package asgi

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"era/runnable/kit/http1"
)

// Server runs an application for the clients of a listener: ServeOnLoop, ServeOnGoroutines. Set the fields before that;
// their comments name the defaults for zero. A Server serves once.
type Server struct {
	App App

	Header     time.Duration // longest wait for the rest of a started head: 60 s
	Idle       time.Duration // longest silence between two requests: 75 s
	Linger     time.Duration // longest wait for the client's end of file after our last bytes: 5 s
	Grace      time.Duration // longest wait for requests in progress at Stop: 30 s
	Ping       time.Duration // between two pings to a WebSocket: 20 s. A client that does not answer is dropped
	MaxMessage int64         // bytes of a WebSocket's message, compressed and not: 1 MiB

	engine Engine
	state  map[string]any // of the lifespan
	gone   Bell           // after Stop, when the last connection is closed

	deflater deflater

	mu      sync.Mutex // never held while waiting
	conns   map[*conn]bool
	stopped bool
	stop    func()
}

// conn is a connection and what has arrived on it.
type conn struct {
	server         *Server
	stream         stream
	in             http1.Stream
	out            []byte // buffer for replies
	client, listen Address
	method         string // of the request: a reply or refusal to HEAD has no body

	// Under the server's lock.
	idle   bool    // no reply is pending
	socket *socket // set for a WebSocket
}

// serve runs a server: the application starts up, clients are served, the application shuts down.
func (s *Server) serve(e Engine, accept func() error) error {
	s.engine, s.gone, s.conns = e, e.NewBell(), map[*conn]bool{}
	s.Header = cmp.Or(s.Header, 60*time.Second)
	s.Idle = cmp.Or(s.Idle, 75*time.Second)
	s.Linger = cmp.Or(s.Linger, 5*time.Second)
	s.Grace = cmp.Or(s.Grace, 30*time.Second)
	s.Ping = cmp.Or(s.Ping, 20*time.Second)
	s.MaxMessage = cmp.Or(s.MaxMessage, 1<<20)
	life, err := s.startup()
	if err != nil {
		return err
	}
	e.Go(s.ping)
	if err := accept(); err != nil {
		return err
	}
	s.goAway()
	if err := s.empty(); err != nil {
		return err
	}
	return life.shutdown()
}

// converse serves one connection: one request after the other, so replies are in the order of the requests.
func (s *Server) converse(st stream) {
	c := &conn{server: s, stream: st}
	c.client, c.listen = st.Addresses()
	s.mu.Lock()
	s.conns[c] = true
	s.mu.Unlock()
	for c.request() {
	}
	st.Within(s.Linger)
	st.CloseWrite()
	for { // closing with unread bytes would reset the connection, and our last bytes might be lost (RFC 9112, 9.6)
		if _, err := st.Take(); err != nil {
			break
		}
	}
	st.Close()
	s.mu.Lock()
	delete(s.conns, c)
	if s.stopped && len(s.conns) == 0 {
		s.gone.Ring()
	}
	s.mu.Unlock()
}

// request serves one request, and reports whether there may be another on the connection.
func (c *conn) request() (more bool) {
	head, status, ok := c.head()
	c.method = head.Method
	switch {
	case !ok:
		return false
	case status != http.StatusOK:
		c.refuse(status)
		return false
	case upgrades(&head):
		return c.websocket(head)
	}
	return c.exchange(head)
}

// head waits for the next head: for up to Idle until it begins, and for up to Header for the rest of it.
func (c *conn) head() (head http1.Head, status int, ok bool) {
	if head, status, ok = c.in.Head(); ok {
		return head, status, !c.server.stopping()
	}
	if !c.setIdle(true) {
		return head, 0, false
	}
	begun := c.in.Waiting()
	c.stream.Within(c.patience(begun))
	for !ok {
		arrived, err := c.stream.Take()
		if err != nil {
			return head, 0, false // it left, or was silent for too long: not logged
		}
		if c.in.Add(arrived); !begun {
			begun = true
			if head, status, ok = c.in.Head(); ok {
				break
			}
			c.stream.Within(c.server.Header)
		}
		head, status, ok = c.in.Head()
	}
	c.stream.Within(0)
	return head, status, c.setIdle(false)
}

func (c *conn) patience(begun bool) time.Duration {
	if begun {
		return c.server.Header
	}
	return c.server.Idle
}

// setIdle marks the connection as one that may be closed at Stop, or as one in use; false if the server stops.
func (c *conn) setIdle(idle bool) bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.idle = idle
	return !c.server.stopped
}

// refuse answers a request without the application. The connection ends with it.
func (c *conn) refuse(status int, headers ...Header) {
	x := exchange{c: c, head: http1.Head{Method: c.method}, close: true}
	text := http.StatusText(status) + "\n"
	headers = append([]Header{{"content-type", "text/plain"}, {"content-length", strconv.Itoa(len(text))}}, headers...)
	x.put(Event{Type: ResponseStart, Status: status, Headers: headers})
	x.put(Event{Type: ResponseBody, Body: []byte(text)}) // an error says that the client has left, and so do we
}

// scope makes the application's scope for a request.
func (c *conn) scope(kind, scheme string, head *http1.Head) Scope {
	headers := make([]Header, len(head.Fields))
	for i, f := range head.Fields {
		headers[i] = Header{strings.ToLower(f.Name), f.Value}
	}
	return Scope{
		Type: kind, ASGI: Versions{"3.0", "2.5"}, HTTPVersion: strings.TrimPrefix(head.Version, "HTTP/"), Method: head.Method,
		Scheme: scheme,
		Path:   head.Path, QueryString: head.Query, Headers: headers, Client: c.client, Server: c.listen,
		State: maps.Clone(c.server.state),
	}
}
