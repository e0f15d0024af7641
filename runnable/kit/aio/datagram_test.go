//go:build linux || darwin

package aio

import (
	"bytes"
	"errors"
	"net/netip"
	"runtime"
	"testing"

	"era/runnable/kit/sys"
)

// endpoint returns a non-blocking socket for datagrams, and its address.
func endpoint(t *testing.T) (fd int, addr sys.Addr) {
	t.Helper()
	fd, err := sys.Socket(sys.AF_INET, sys.SOCK_DGRAM, 0)
	if err == nil {
		t.Cleanup(func() { sys.Close(fd) })
		err = errors.Join(sys.SetNonblock(fd, true), sys.Bind(fd, netip.MustParseAddrPort("127.0.0.1:0")))
	}
	if err == nil {
		addr, err = sys.Getsockname(fd)
	}
	if err != nil {
		t.Fatal(err)
	}
	return fd, addr
}

// TestC2_5_SpuriousReadiness: the descriptor was readable, but the datagram is gone when it is read. The task continues
// to wait, and gets the next.
func TestC2_5_SpuriousReadiness(t *testing.T) {
	here, addr := endpoint(t)
	there, from := endpoint(t)
	run(t, func(task *Task) error {
		var waiting *Task
		received := Go(task, func(t *Task) (string, error) {
			waiting = t
			p := make([]byte, 100)
			n, sender, err := RecvFrom(t, here, p)
			if sender != from {
				return "", errors.New("from " + sender.String())
			}
			return string(p[:n]), err
		})
		if err := Sleep(task, 0); err != nil {
			return err
		}
		if err := SendTo(task, there, []byte("dropped"), addr); err != nil {
			return err
		}
		for !waiting.waiter.done { // until the loop has seen that the descriptor is readable
			if err := Sleep(task, 0); err != nil {
				return err
			}
		}
		if _, _, err := sys.RecvFrom(here, make([]byte, 100)); err != nil { // as if the kernel had dropped it
			return err
		}
		if err := Sleep(task, 0); err != nil {
			return err
		}
		if received.Done() {
			t.Error("RecvFrom returned although the datagram was gone")
		}
		if err := SendTo(task, there, []byte("the next"), addr); err != nil {
			return err
		}
		got, err := Await(task, received)
		if got != "the next" {
			t.Errorf("received %q", got)
		}
		return err
	})
}

// TestC3_18_CutOff: a datagram that is longer than p is reported as cut off, and the next one is complete.
func TestC3_18_CutOff(t *testing.T) {
	here, addr := endpoint(t)
	there, _ := endpoint(t)
	run(t, func(task *Task) error {
		for _, p := range []string{"0123456789", "", "next"} {
			if err := SendTo(task, there, []byte(p), addr); err != nil {
				return err
			}
		}
		p := make([]byte, 4)
		n, _, err := RecvFrom(task, here, p)
		if runtime.GOOS == "linux" && n != 10 || !bytes.Equal(p, []byte("0123")) || err != nil {
			t.Errorf("%d, %q, %v", n, p, err)
		}
		if n, _, err := RecvFrom(task, here, p); n != 0 || err != nil { // empty, which is not an end of file
			t.Errorf("%d, %v", n, err)
		}
		n, _, err = RecvFrom(task, here, p)
		if string(p[:n]) != "next" {
			t.Errorf("%q", p[:n])
		}
		return err
	})
}
