package main

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

// The chapter says what Linux does with datagrams; these tests check it.

// TestC3_18: one send is one receive, also for an empty datagram, and bytes beyond the receiver's buffer are lost.
func TestC3_18(t *testing.T) {
	here, there := open(t), open(t)
	for _, text := range []string{"one", "", "twelve bytes", "two"} {
		send(t, here, text, there)
	}
	for _, want := range []string{"one", "", "twel", "two"} {
		room := make([]byte, 4)
		n, _, err := there.ReadFromUDPAddrPort(room)
		if err != nil || string(room[:n]) != want {
			t.Errorf("%q, %v; want %q", room[:n], err, want)
		}
	}
}

// TestNoListener: only a connected socket receives the error that no socket listens on a port.
func TestNoListener(t *testing.T) {
	gone := open(t)
	nobody := gone.LocalAddr().(*net.UDPAddr)
	gone.Close()

	loose := open(t)
	if _, err := loose.WriteToUDP([]byte("x"), nobody); err != nil {
		t.Error(err)
	}
	send(t, loose, "me", loose) // which comes after the kernel's error, if there is one
	room := make([]byte, 10)
	if n, _, err := loose.ReadFromUDPAddrPort(room); err != nil || string(room[:n]) != "me" {
		t.Errorf("not connected: %q, %v", room[:n], err)
	}

	connected, err := net.DialUDP("udp4", nil, nobody)
	if err != nil {
		t.Fatal(err)
	}
	defer connected.Close()
	if _, err := connected.Write([]byte("x")); err != nil {
		t.Error(err)
	}
	if _, err := connected.Read(room); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("connected: %v", err)
	}
}

// TestRoomForDatagrams: sending never fails, and a datagram costs more than its length: as many of 1 byte fit as of
// 128.
func TestRoomForDatagrams(t *testing.T) {
	fits := map[int]int{}
	for _, size := range []int{1, 128, 1400, 8000} {
		here, there := open(t), open(t)
		for range 2000 {
			send(t, here, string(make([]byte, size)), there)
		}
		send(t, there, "", here) // so that the last one has been put into its place, or dropped
		if _, _, err := here.ReadFromUDPAddrPort(nil); err != nil {
			t.Fatal(err)
		}
		fits[size] = waiting(t, there)
	}
	t.Logf("of 2000 there were, by size: %v", fits)
	if fits[1] != fits[128] || fits[1] == 2000 || fits[1400] >= fits[128] || fits[8000] >= fits[1400] {
		t.Errorf("of 2000 there were, by size: %v", fits)
	}
}

// waiting receives all datagrams that have arrived, and returns their number.
func waiting(t *testing.T, c *net.UDPConn) (n int) {
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	raw.Read(func(fd uintptr) bool {
		for room := make([]byte, 1); ; n++ {
			if _, _, err = syscall.Recvfrom(int(fd), room, syscall.MSG_DONTWAIT); err != nil {
				return true
			}
		}
	})
	if err != syscall.EAGAIN {
		t.Fatal(err)
	}
	return n
}

func open(t *testing.T) *net.UDPConn {
	c, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func send(t *testing.T, from *net.UDPConn, text string, to *net.UDPConn) {
	t.Helper()
	if _, err := from.WriteToUDP([]byte(text), to.LocalAddr().(*net.UDPAddr)); err != nil {
		t.Error(err)
	}
}
