//go:build !linux

package sockets

import "net/netip"

// Find needs Linux. macOS has only the list of all sockets of the system (sysctl(3), net.inet.tcp.pcblist_n), in a
// layout that no manual describes; it is not used.
func Find(_, _ netip.AddrPort) (Socket, bool) { return Socket{}, false }
