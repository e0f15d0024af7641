package guard

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// small is a guarded server with few places.
func small(t *testing.T, most int, held int64) (*site, *crowd) {
	t.Helper()
	s := newSite(t, "127.0.0.1:0", false)
	l, err := Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	s.Guard, err = New(l, Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	_, s.port, _ = net.SplitHostPort(s.addr)
	server, listener := s.Server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/endless" {
			for {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}
		s.MayRun(r)
		io.WriteString(w, "page")
	}))
	c := listener.(*crowd)
	c.most, c.held = most, held
	go server.Serve(c)
	t.Cleanup(func() { server.Close() })
	return s, c
}

// dial opens a connection and sends the beginning of a request.
func (s *site) dial(t *testing.T, begin string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	begin = strings.ReplaceAll(strings.ReplaceAll(begin, "PORT", s.port), "\n", "\r\n")
	if _, err := io.WriteString(c, begin); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Logf("a stranger: %v", err) // it was cut off already
	}
	return c
}

const getPage = "GET / HTTP/1.1\nHost: 127.0.0.1:PORT\n"

// However strangers fill the places, the reader gets in, and a connection that has shown a right stays.
func TestReaderGetsIntoACrowd(t *testing.T) {
	for name, begin := range map[string]string{
		"silent":      "",
		"slow head":   "GET / HTTP/1.1\nHost:",
		"kept alive":  getPage + "\n",
		"slow body":   "POST /lab/enter HTTP/1.1\nHost: 127.0.0.1:PORT\nContent-Type: application/json\nX-Era: 1\nContent-Length: 500\n\n{",
		"slow reader": "GET /endless HTTP/1.1\nHost: 127.0.0.1:PORT\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			const most = 16
			s, c := small(t, most, maxHeld)
			token := s.token(t)
			known := s.dial(t, getPage+"X-Era-Right: "+token+"\n\n")
			answers := bufio.NewReader(known)
			if r, err := http.ReadResponse(answers, nil); err != nil {
				t.Fatal(err)
			} else {
				io.Copy(io.Discard, r.Body)
			}
			for range 4 * most {
				s.dial(t, begin)
			}
			if r, _ := s.send(t, s.addr, getPage); r.StatusCode != 200 {
				t.Errorf("the reader: %s", r.Status)
			}
			io.WriteString(known, strings.ReplaceAll(strings.ReplaceAll(getPage, "PORT", s.port), "\n", "\r\n")+"\r\n")
			if _, err := http.ReadResponse(answers, nil); err != nil {
				t.Errorf("a connection with a right was cut: %v", err)
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			if len(c.all) > most {
				t.Errorf("%d connections, want %d at most", len(c.all), most)
			}
		})
	}
}

// Requests may be as large as browsers make them, but all together not larger than the memory that is reserved for
// them.
func TestHeadersAreBoundedTogether(t *testing.T) {
	const large = 720 << 10 // 180 cookies of 4 KiB
	s, c := small(t, 64, 8*large)
	cookies := "Cookie: " + strings.Repeat("x", large)
	for range 20 {
		s.dial(t, getPage+cookies)
		c.mu.Lock()
		if c.bytes > 8*large {
			t.Errorf("requests hold %d bytes, want %d at most", c.bytes, 8*large)
		}
		c.mu.Unlock()
	}
	if r, _ := s.send(t, s.addr, getPage); r.StatusCode != 200 {
		t.Errorf("the reader: %s", r.Status)
	}
	if r, _ := s.send(t, s.addr, getPage+cookies+"\n"); r.StatusCode != 200 {
		t.Errorf("the reader, with that many cookies: %s", r.Status)
	}
}

// Other machines cannot take all places, and one of them cannot take those of all others.
func TestPlacesOfOtherMachines(t *testing.T) {
	c := &crowd{most: 64, held: maxHeld, all: map[*guest]bool{}}
	at := time.Now()
	come := func(address string) *guest {
		near, far := net.Pipe()
		t.Cleanup(func() { near.Close(); far.Close() })
		at = at.Add(time.Second)
		ip := netip.MustParseAddr(address)
		g := &guest{Conn: near, crowd: c, local: ip.IsLoopback(), from: netip.PrefixFrom(ip, 32), since: at}
		c.admit(g)
		return g
	}
	count := func(of func(*guest) bool) (n int) {
		for g := range c.all {
			if of(g) {
				n++
			}
		}
		return n
	}
	reader := come("127.0.0.1")
	first := come("192.0.2.1")
	for range 100 {
		come("192.0.2.9")
	}
	if n := count(func(g *guest) bool { return g.from.Addr().String() == "192.0.2.9" }); n != 16 || !c.all[first] {
		t.Errorf("one machine has %d places, want 16; the first of another was cut: %v", n, !c.all[first])
	}
	for i := range 200 {
		come(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}).String())
	}
	if n := count(func(g *guest) bool { return !g.local }); n != 48 {
		t.Errorf("other machines have %d places, want 48", n)
	}
	for range 16 {
		come("127.0.0.1")
	}
	if n := count(func(g *guest) bool { return g.local }); n != 17 || !c.all[reader] {
		t.Errorf("this machine has %d places, want 17 and the first among them", n)
	}
}
