//go:build !linux

package process

import (
	"net/netip"

	"era/lab/sockets"
)

// peers needs /proc.
func peers(int, string) map[int][]int { return nil }

// checkListeners needs /proc.
func checkListeners(int, netip.AddrPort) error { return nil }

// holds needs /proc. It is never called: see sockets.Find.
func holds(int, sockets.Socket) bool { return false }
