package sockets

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"testing"
)

// A connection that this process holds at both ends belongs to this user, by both interfaces of the kernel; a closed
// one belongs to no user.
func TestFind(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	c, err := net.Dial("tcp4", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	local, remote := netip.MustParseAddrPort(c.LocalAddr().String()), netip.MustParseAddrPort(c.RemoteAddr().String())
	s, ok := Find(local, remote)
	if !ok || s.UID != os.Geteuid() || s.Inode == 0 || s.State != Established {
		t.Errorf("found %+v, %v; want one of user %d", s, ok, os.Geteuid())
	}
	var inTable []Socket
	for other, err := range In(os.Getpid(), "tcp") {
		if err != nil {
			t.Fatal(err)
		}
		if other.Local == local && other.Remote == remote || other.Local == remote && other.State == Listening {
			inTable = append(inTable, other)
		}
	}
	if len(inTable) != 2 || !slices.Contains(inTable, s) {
		t.Errorf("the table has %+v; want the listener and %+v", inTable, s)
	}
	file, err := c.(*net.TCPConn).File()
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if name, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", file.Fd())); name != s.Name() {
		t.Errorf("its descriptor is %q, %v; want %q", name, err, s.Name())
	}
	if s, ok := Find(netip.MustParseAddrPort("127.0.0.1:1"), remote); ok {
		t.Errorf("found a connection that does not exist: %+v", s)
	}
}
