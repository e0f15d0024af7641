package sys

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// These tests check what the first chapters say about Linux.

// TestC2_1_TheKernelTakesALongerSet: select's limit of 1024 is glibc's. The kernel examines as many bits as the call
// says, in a set of any size. (It ignores numbers beyond the highest open descriptor, so the test needs an open one.)
func TestC2_1_TheKernelTakesALongerSet(t *testing.T) {
	const high = 2000
	var limit unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &limit))
	if limit.Cur <= high { // Go has raised it to the highest that is allowed
		t.Skipf("SKIPPED: at most %d descriptors are allowed here", limit.Cur)
	}
	r, w, err := Pipe()
	must(t, err)
	defer Close(r)
	defer Close(w)
	must(t, unix.Dup3(r, high, unix.O_CLOEXEC))
	defer unix.Close(high)

	ask := func() (ready uintptr, isSet bool) {
		var set [high/64 + 1]uint64
		set[high/64] |= 1 << (high % 64)
		var now unix.Timespec
		ready, _, errno := unix.Syscall6(unix.SYS_PSELECT6, high+1, uintptr(unsafe.Pointer(&set)), 0, 0,
			uintptr(unsafe.Pointer(&now)), 0)
		if errno != 0 {
			t.Fatalf("got %v, want %v", errno, 0)
		}
		return ready, set[high/64]>>(high%64)&1 == 1
	}
	if ready, isSet := ask(); ready != 0 || isSet {
		t.Errorf("nothing to read: %d ready, the bit is %v", ready, isSet)
	}
	Write(w, []byte("x"))
	if ready, isSet := ask(); ready != 1 || !isSet {
		t.Errorf("a byte to read: %d ready, the bit is %v", ready, isSet)
	}
}

// TestSetFlags: F_SETFL clears the file status flags that are not passed to it. It changes neither the access mode nor
// the descriptor's own flag.
func TestSetFlags(t *testing.T) {
	r, w, err := Pipe()
	must(t, err)
	defer Close(r)
	defer Close(w)
	set := func(flags int) (status, descriptor int) {
		_, err := unix.FcntlInt(uintptr(w), unix.F_SETFL, flags)
		must(t, err)
		status, err = unix.FcntlInt(uintptr(w), unix.F_GETFL, 0)
		must(t, err)
		descriptor, err = unix.FcntlInt(uintptr(w), unix.F_GETFD, 0)
		must(t, err)
		return status, descriptor
	}
	if status, _ := set(unix.O_APPEND); status != unix.O_WRONLY|unix.O_APPEND {
		t.Fatalf("O_APPEND alone: the flags are %#o", status)
	}
	status, descriptor := set(unix.O_NONBLOCK)
	if status != unix.O_WRONLY|unix.O_NONBLOCK {
		t.Errorf("O_NONBLOCK alone: the flags are %#o", status)
	}
	if descriptor != unix.FD_CLOEXEC {
		t.Errorf("the descriptor's flags are %#x", descriptor)
	}
}

// TestC0_9_WriteAfterClose: the first write succeeds; the next one fails, after the peer's answer to the first has
// arrived.
func TestC0_9_WriteAfterClose(t *testing.T) {
	write := func(fd int) error {
		_, err := Write(fd, []byte("xx"))
		return err
	}
	fd, client := accepted(t)
	must(t, client.Close())
	if err := write(fd); err != nil {
		t.Errorf("the first write: %v", err)
	}
	hangUp(t, fd)
	if err := write(fd); err != unix.EPIPE {
		t.Errorf("the next write: %v", err)
	}

	fd, client = accepted(t)
	must(t, write(fd))
	_, err := client.Read(make([]byte, 1)) // the other byte stays unread
	must(t, err, client.Close())
	hangUp(t, fd)
	if err := write(fd); err != unix.ECONNRESET {
		t.Errorf("after a close with data unread: %v", err)
	}
}

// hangUp waits until both directions of the connection are closed.
func hangUp(t *testing.T, fd int) {
	t.Helper()
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(fd)}}, -1)
		if err != unix.EINTR {
			must(t, err)
			return
		}
	}
}

// TestC1_3_RefusedIsReady: a refused connection makes the socket readable and writable.
func TestC1_3_RefusedIsReady(t *testing.T) {
	gone, nobody := listen(t)
	must(t, Close(gone))
	fd, err := Socket(AF_INET, SOCK_STREAM, 0)
	must(t, err, SetNonblock(fd, true))
	defer Close(fd)
	if err := Connect(fd, nobody); err != EINPROGRESS {
		t.Fatal(err)
	}
	var readable, writable FdSet
	readable.Set(fd)
	writable.Set(fd)
	if n, err := Select(fd+1, &readable, &writable, nil, -1); n != 2 || err != nil {
		t.Errorf("%d ready, %v; want the descriptor in both sets", n, err)
	}
	if err := SocketError(fd); err != unix.ECONNREFUSED {
		t.Error(err)
	}
}

// TestC1_5_BufferIsDoubled: the kernel doubles the requested size of a send buffer.
func TestC1_5_BufferIsDoubled(t *testing.T) {
	fd, _ := accepted(t)
	must(t, unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, 10_000))
	if size, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF); size != 20_000 || err != nil {
		t.Errorf("%d, %v", size, err)
	}
}
