// Package sockets asks the system which user and process a socket of this machine belongs to. Only Linux answers
// without further rights.
package sockets

import (
	"fmt"
	"net/netip"
)

// Socket is a socket as the kernel's tables have it.
type Socket struct {
	Local, Remote netip.AddrPort
	State         State
	UID           int    // of the user that it belongs to
	Inode         uint64 // 0: no process has it any more
}

// Name is the socket's name among the descriptors of its owners (proc_pid_fd(5)).
func (s Socket) Name() string { return fmt.Sprintf("socket:[%d]", s.Inode) }

// State is the state of a connection.
type State uint8

// The states that are used, with the values of the kernel's net/tcp_states.h. A UDP socket without a peer is
// Unconnected.
const (
	Established State = 1
	Unconnected State = 7
	Listening   State = 10
)
