//go:build linux || darwin

package lab

import (
	"io"
	"net"
	"strings"
	"testing"

	"era/lab/scenario"
	"era/lab/timeline"
	"era/lab/traffic"
	"era/runnable/kit/trace"
)

// Connections that no client of the experiment made take a server's time: they are counted and reported, at the server
// and at its backend.
func TestConnectionsFromElsewhere(t *testing.T) {
	for name, c := range map[string]struct {
		ports       []int // that the server accepts; the client has number 1
		early       int   // before the experiment, by the server itself
		gaveUp      bool  // one client more gave up connecting, and may have been accepted
		foreign     int   // that came to the backend
		elsewhere   int   // that are counted
		server, ask string
	}{
		"none":             {ports: []int{1}},
		"two":              {ports: []int{2, 1, 3}, elsewhere: 2, server: "2 connections came to it from outside the experiment"},
		"the server's own": {ports: []int{1}, early: 1},
		"one that gave up": {ports: []int{1, 2}, gaveUp: true},
		"nginx is before":  {ports: []int{2, 3}},
		"at the backend":   {ports: []int{1}, foreign: 1, elsewhere: 1, ask: "Its backend turned away 1 connection from outside"},
		"at both of them": {ports: []int{1, 2}, foreign: 2, elsewhere: 3, server: "1 connection came",
			ask: "turned away 2 connections"},
		"the same port,too": {ports: []int{1, 1}, elsewhere: 1, server: "1 connection came"},
	} {
		t.Run(name, func(t *testing.T) {
			s, l := lies(t)
			s.timeline = timeline.New(int64(trace.Now()), []scenario.Client{{Name: "one"}}, s.sites.locate)
			s.timeline.Client(traffic.Event{At: s.timeline.Zero(), What: traffic.Connected, Port: 1})
			s.tally.add(traffic.Event{What: traffic.Connecting, At: s.created})
			s.tally.add(traffic.Event{What: traffic.Connected, At: s.created, Port: 1})
			if c.gaveUp {
				s.tally.dialed[1] = s.created
			}
			for range c.early {
				l.tell(trace.Event{Kind: trace.Accept, Thread: 1, FD: 3, Result: 4, Arg: 9, At: uint64(s.created)})
			}
			for i, port := range c.ports {
				l.tell(trace.Event{Kind: trace.Accept, Thread: 1, FD: 3, Result: int32(5 + i), Arg: uint32(port)})
			}
			s.drain()
			for range c.foreign {
				conn, err := net.Dial("tcp4", s.backend.Addr)
				if err != nil {
					t.Fatal(err)
				}
				io.WriteString(conn, "GET /?size=10 HTTP/1.1\r\nOrigin: http://localhost:8000\r\n\r\n")
				io.ReadAll(conn) // until it is turned away
				conn.Close()
			}
			all, said := s.elsewhere()+c.foreign, sentences(s)
			if all != c.elsewhere || !strings.Contains(said, c.server) || !strings.Contains(said, c.ask) ||
				(said == "") != (c.elsewhere == 0) {
				t.Errorf("%d from elsewhere, said %q; want %d, %q, %q", all, said, c.elsewhere, c.server, c.ask)
			}
		})
	}
}
