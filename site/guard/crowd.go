package guard

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

const (
	maxConnections = 1024
	maxHeader      = 1 << 20  // bytes; pages on other ports can make a browser send 180 cookies of 4 KiB each
	maxHeld        = 64 << 20 // bytes of all requests that are being read or answered
)

// Server serves the next handler, guarded, on the listener that New was given. It allows as many connections as this
// process's limit of descriptors permits, and leaves most of these to the experiments.
func (g *Guard) Server(next http.Handler) (*http.Server, net.Listener) {
	c := &crowd{Listener: g.listener, most: room(), held: maxHeld, all: map[*guest]bool{}}
	return &http.Server{
		Handler: g.Handler(next), ErrorLog: slog.NewLogLogger(g.options.Log.Handler(), slog.LevelDebug),
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute,
		IdleTimeout: 2 * time.Minute,
		// Every request passes through the guard, even OPTIONS *.
		MaxHeaderBytes: maxHeader, DisableGeneralOptionsHandler: true,
		ConnState: c.note, ConnContext: introduce,
	}, c
}

// crowd is a listener that limits the number of connections. When all places are taken, a newcomer gets the place of
// the connection that is least missed: strangers cannot keep the reader out, however many they are.
type crowd struct {
	net.Listener
	most int
	held int64 // bytes that all requests together may hold

	mu    sync.Mutex
	all   map[*guest]bool
	bytes int64 // that requests hold
}

// guest is a connection.
type guest struct {
	net.Conn
	crowd *crowd
	from  netip.Prefix // its machine, or with IPv6 its network, which has surely one owner
	local bool         // of this machine

	// with the lock of the crowd
	known bool // has shown a right
	state http.ConnState
	since time.Time // of the state
	bytes int64     // of the request that is being read or answered
}

// Accept waits for a connection, and makes room for it.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g := &guest{Conn: conn, crowd: c, since: time.Now()}
		if tcp, is := conn.RemoteAddr().(*net.TCPAddr); is {
			ip := tcp.AddrPort().Addr().Unmap()
			g.local = ip.IsLoopback()
			g.from, _ = ip.Prefix(map[bool]int{true: 32, false: 64}[ip.Is4()]) // cannot fail for a valid address
		}
		if c.admit(g) {
			return g, nil
		}
		conn.Close()
	}
}

// admit adds the newcomer. Other machines have three quarters of the places, and one of them a quarter.
func (c *crowd) admit(g *guest) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	same, others := 0, 0
	for o := range c.all {
		if !o.local {
			others++
		}
		if o.from == g.from {
			same++
		}
	}
	everybody := func(*guest) bool { return true }
	switch {
	case !g.local && same >= c.most/4 && !c.cut(func(o *guest) bool { return o.from == g.from }),
		!g.local && others >= c.most*3/4 && !c.cut(func(o *guest) bool { return !o.local }),
		len(c.all) >= c.most && !c.cut(everybody):
		return false
	}
	c.all[g] = true
	return true
}

// cut closes the connection that is least missed among some; it returns false if all of these have a right.
func (c *crowd) cut(some func(*guest) bool) bool {
	var least *guest
	for g := range c.all {
		if !g.known && some(g) && (least == nil || missed(g, least) < 0) {
			least = g
		}
	}
	if least == nil {
		return false
	}
	c.drop(least)
	return true
}

// missed orders connections: other machines before this one; those that have sent no request yet, then idle ones, then
// those that are served; then by how long they have been in that state, which is long for slow clients.
func missed(a, b *guest) int {
	order := func(g *guest) int {
		n := map[http.ConnState]int{http.StateNew: 0, http.StateIdle: 1}
		at, waits := n[g.state]
		if !waits {
			at = 2
		}
		if g.local {
			at += 3
		}
		return at
	}
	return cmp.Or(order(a)-order(b), a.since.Compare(b.since))
}

// drop closes a connection and discards what the other side has not read.
func (c *crowd) drop(g *guest) {
	c.forget(g)
	if tcp, is := g.Conn.(*net.TCPConn); is {
		tcp.SetLinger(0)
	}
	g.Conn.Close()
}

func (c *crowd) forget(g *guest) {
	delete(c.all, g)
	c.bytes -= g.bytes
	g.bytes = 0
}

// note is called by the HTTP server when a connection changes its state.
func (c *crowd) note(conn net.Conn, state http.ConnState) {
	g := conn.(*guest)
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.all[g] {
		return
	}
	g.state, g.since = state, time.Now()
	switch state {
	case http.StateIdle, http.StateHijacked:
		c.bytes -= g.bytes
		g.bytes = 0
	case http.StateClosed:
		c.forget(g)
	}
}

// Read counts the bytes of a request. When all requests together take too much, those that take more than their share
// are cut, the slow ones first.
func (g *guest) Read(p []byte) (int, error) {
	n, err := g.Conn.Read(p)
	c := g.crowd
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.all[g] || g.state == http.StateHijacked {
		return n, err
	}
	g.bytes += int64(n)
	c.bytes += int64(n)
	for c.bytes > c.held {
		share := c.bytes / int64(len(c.all))
		if !c.cut(func(o *guest) bool { return o.bytes >= share }) {
			c.drop(g)
			break
		}
	}
	return n, err
}

// Close is also the end of a connection that left HTTP for a WebSocket.
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	g.crowd.forget(g)
	g.crowd.mu.Unlock()
	return g.Conn.Close()
}

type guestKey struct{}

// introduce lets handlers find the connection of a request.
func introduce(ctx context.Context, conn net.Conn) context.Context {
	return context.WithValue(ctx, guestKey{}, conn)
}

// know records that the connection has shown a right: it is never cut to make room.
func know(r *http.Request) {
	if g, is := r.Context().Value(guestKey{}).(*guest); is {
		g.crowd.mu.Lock()
		g.known = true
		g.crowd.mu.Unlock()
	}
}
