//go:build linux || darwin

package sys

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

// must ends the test at the first call that fails.
func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// listen returns a listening socket and its address.
func listen(t *testing.T) (fd int, addr Addr) {
	t.Helper()
	fd, err := Socket(AF_INET, SOCK_STREAM, 0)
	must(t, err)
	t.Cleanup(func() { Close(fd) })
	must(t, ReuseAddr(fd), Bind(fd, loopback), Listen(fd, 8))
	addr, err = Getsockname(fd)
	must(t, err)
	return fd, addr
}

// accepted returns the descriptor of a connection from a client of the standard library.
func accepted(t *testing.T) (fd int, client *net.TCPConn) {
	t.Helper()
	listener, addr := listen(t)
	conn, err := net.Dial("tcp", addr.String())
	must(t, err)
	t.Cleanup(func() { conn.Close() })
	fd, err = Accept(listener)
	must(t, err)
	t.Cleanup(func() { Close(fd) })
	return fd, conn.(*net.TCPConn)
}

func TestConversation(t *testing.T) {
	fd, client := accepted(t)
	io.WriteString(client, "to the server")
	p := make([]byte, 100)
	n, err := Read(fd, p)
	if string(p[:max(n, 0)]) != "to the server" || err != nil {
		t.Fatalf("read %q, %v", p[:max(n, 0)], err)
	}
	if n, err = Write(fd, []byte("to the client")); n != 13 || err != nil {
		t.Fatalf("wrote %d, %v", n, err)
	}
	must(t, Shutdown(fd, SHUT_WR))
	if got, err := io.ReadAll(client); string(got) != "to the client" || err != nil {
		t.Errorf("the client read %q, %v", got, err)
	}
	must(t, client.CloseWrite())
	if n, err := Read(fd, p); n != 0 || err != nil {
		t.Errorf("at the client's end of file: %d, %v", n, err)
	}
}

func TestNonblocking(t *testing.T) {
	fd, _ := accepted(t)
	must(t, SetNonblock(fd, true))
	if n, err := Read(fd, make([]byte, 1)); n != -1 || err != EAGAIN {
		t.Errorf("read with nothing there: %d, %v", n, err)
	}
	full := make([]byte, 1<<20)
	for written := 0; ; {
		n, err := Write(fd, full)
		if err == EAGAIN && written > 0 {
			break // the client does not read, so the kernel's buffers are full
		}
		must(t, err)
		written += n
	}
	must(t, SetNonblock(fd, false))
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if must(t, err); flags&unix.O_NONBLOCK != 0 {
		t.Error("the descriptor was made blocking again, but does not block")
	}
}

// TestAcceptedBlocks: an accepted connection is blocking even when its listener is not (Linux does so; on macOS this
// package does).
func TestAcceptedBlocks(t *testing.T) {
	listener, addr := listen(t)
	must(t, SetNonblock(listener, true))
	if _, err := Accept(listener); err != EAGAIN {
		t.Errorf("accept without a client: %v", err)
	}
	client, err := net.Dial("tcp", addr.String())
	must(t, err)
	defer client.Close()
	fd, err := Accept(listener) // Dial has returned, so a connection is waiting
	must(t, err)
	defer Close(fd)
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	if must(t, err); flags&unix.O_NONBLOCK != 0 {
		t.Error("the accepted connection does not block")
	}
}

func TestConnect(t *testing.T) {
	listener, there := listen(t)
	gone, nobody := listen(t)
	must(t, Close(gone))
	for _, test := range []struct {
		addr Addr
		want error
	}{{there, nil}, {nobody, unix.ECONNREFUSED}} {
		fd, err := Socket(AF_INET, SOCK_STREAM, 0)
		must(t, err, SetNonblock(fd, true))
		err = Connect(fd, test.addr)
		if err == EINPROGRESS {
			var writable FdSet
			writable.Set(fd)
			if n, err := Select(fd+1, nil, &writable, nil, -1); n != 1 || err != nil || !writable.IsSet(fd) {
				t.Fatalf("select: %d, %v", n, err)
			}
			err = SocketError(fd)
		}
		if err != test.want {
			t.Errorf("connect to %v: %v, want %v", test.addr, err, test.want)
		}
		if err := SocketError(fd); err != nil {
			t.Errorf("asking should have cleared the error: %v", err)
		}
		must(t, Close(fd))
	}
	_, err := Accept(listener)
	must(t, err)
}

func TestSelect(t *testing.T) {
	r, w, err := Pipe()
	must(t, err)
	defer Close(r)
	defer Close(w)
	var readable FdSet
	readable.Set(r)
	if n, err := Select(r+1, &readable, nil, nil, time.Millisecond); n != 0 || err != nil || readable.IsSet(r) {
		t.Errorf("nothing there: %d, %v, set %v", n, err, readable.IsSet(r))
	}
	Write(w, []byte("x"))
	readable.Zero()
	readable.Set(r)
	if n, err := Select(r+1, &readable, nil, nil, -1); n != 1 || err != nil || !readable.IsSet(r) {
		t.Errorf("a byte there: %d, %v, set %v", n, err, readable.IsSet(r))
	}
	if n, err := Select(r+1, nil, nil, nil, 0); n != 0 || err != nil {
		t.Errorf("no sets: %d, %v", n, err)
	}
}

// TestFdSetSize: Go's part of the program fd-setsize: Set panics where C writes beyond the set.
func TestFdSetSize(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a set of 1024 bits took the 1025th")
		}
	}()
	var set FdSet
	set.Set(FD_SETSIZE - 1)
	set.Set(FD_SETSIZE)
}

func TestErrors(t *testing.T) {
	const none = 1 << 20 // beyond what a process may open
	_, accept := Accept(none)
	_, read := Read(none, nil)
	_, write := Write(none, nil)
	for call, err := range map[string]error{
		"accept": accept, "read": read, "write": write, "close": Close(none), "listen": Listen(none, 1),
		"bind":    Bind(none, loopback),
		"connect": Connect(none, loopback), "shutdown": Shutdown(none, SHUT_WR), "setnonblock": SetNonblock(none, true),
		"setsockopt": ReuseAddr(none), "setsockopt of TCP": NoDelay(none), "linger": NoLinger(none),
		"getsockopt": SocketError(none),
	} {
		if err != unix.EBADF {
			t.Errorf("%s of no descriptor: %v", call, err)
		}
	}
	fd, client := accepted(t)
	must(t, client.SetLinger(0), client.Close())
	if _, err := Read(fd, make([]byte, 1)); err != unix.ECONNRESET {
		t.Errorf("read after a reset: %v", err)
	}
	if _, err := Write(fd, []byte("x")); err != unix.EPIPE {
		t.Errorf("write after a reset: %v", err) // no signal: SIGPIPE does not kill a Go program for a socket
	}
}

// TestThread: each function has an operating system thread of its own.
func TestThread(t *testing.T) {
	if _, err := os.Stat("/proc/self/task"); err != nil {
		t.Skip("SKIPPED: this system does not list a process's threads")
	}
	threads, hold := make(chan int), make(chan struct{})
	defer close(hold)
	seen := map[int]bool{unix.Getpid(): true}
	for range 3 {
		Thread(func() { threads <- gettid(); <-hold })
		id := <-threads
		if seen[id] {
			t.Errorf("two functions on thread %d", id)
		}
		seen[id] = true
	}
}

func TestParseAddr(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:80": "127.0.0.1:80", "localhost:0": "127.0.0.1:0", "0.0.0.0:65535": "0.0.0.0:65535",
		":80": "", "example.org:80": "", "[::1]:80": "", "127.0.0.1": "", "127.0.0.1:65536": "", "127.0.0.1:x": "",
		"localhost:": "", "": "",
	} {
		got, err := ParseAddr(text)
		if (err != nil) != (want == "") || err == nil && got.String() != want {
			t.Errorf("%q: %v, %v; want %q", text, got, err, want)
		}
	}
}

// gettid returns the thread's number from /proc.
func gettid() int {
	link, err := os.Readlink("/proc/thread-self")
	if err != nil {
		return -1
	}
	var pid, tid int
	fmt.Sscanf(link, "%d/task/%d", &pid, &tid)
	return tid
}

// TestGeneration: a number has a new generation after its descriptor was closed.
func TestGeneration(t *testing.T) {
	r, w, err := Pipe()
	if err != nil {
		t.Fatal(err)
	}
	before, others := Generation(r), Generation(w)
	if err := Close(r); err != nil {
		t.Fatal(err)
	}
	if Generation(r) == before || Generation(w) != others {
		t.Errorf("closed: %d after %d; open: %d after %d", Generation(r), before, Generation(w), others)
	}
	Close(w)
	if Generation(-1) != 0 || Generation(Generations) != 0 {
		t.Error("numbers that are not counted have a generation")
	}
}
