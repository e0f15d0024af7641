// Package net is what a module of the simulated kernel has instead of Go's: an error, and names for what is not there.
package net

import (
	"errors"
	"net/netip"
)

// ErrClosed is the error of a call on a closed connection.
var ErrClosed = errors.New("use of closed network connection")

// TCPListener would wait in Go's runtime, whose poller knows nothing of this kernel.
type TCPListener struct{}

func (*TCPListener) Addr() *TCPAddr { return nil }

type TCPAddr struct{}

func TCPAddrFromAddrPort(netip.AddrPort) *TCPAddr { return nil }

func ListenTCP(string, *TCPAddr) (*TCPListener, error) {
	return nil, errors.New("package net is not on the simulated kernel")
}
