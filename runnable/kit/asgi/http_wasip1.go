package asgi

import (
	"errors"
	"net"

	"era/runnable/kit/http1"
)

// The build for the simulated machine leaves out the files of WebSockets, as their libraries are large, and those of
// goroutines, which wait in Go's runtime (lab/simulated).

type (
	socket   struct{}
	deflater struct{}
)

const (
	readFirst  = 4 << 10
	readAtMost = 64 << 10
)

func (*socket) goAway() error { return nil }

func upgrades(*http1.Head) bool           { return false }
func (c *conn) websocket(http1.Head) bool { return false }

func (s *Server) ping() error { return nil }

// OnGoroutines is an engine that is not here.
var OnGoroutines Engine

func (s *Server) ServeOnGoroutines(*net.TCPListener) error {
	return errors.New("goroutines are not on the simulated kernel")
}
