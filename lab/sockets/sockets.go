// Package sockets asks the system whose a socket of this machine is. Only Linux tells without more rights.
package sockets

import (
	"fmt"
	"net/netip"
)

// Socket is one, as the kernel's tables have it.
type Socket struct {
	Local, Remote netip.AddrPort
	State         State
	UID           int    // of the user that it belongs to
	Inode         uint64 // 0: no process has it any more
}

// Name is what the socket is called among the descriptors of its owners (proc_pid_fd(5)).
func (s Socket) Name() string { return fmt.Sprintf("socket:[%d]", s.Inode) }

// State is that of a connection.
type State uint8

// The states that are asked for: those of the kernel's net/tcp_states.h. A socket of UDP has none, and is Unconnected.
const (
	Established State = 1
	Unconnected State = 7
	Listening   State = 10
)
