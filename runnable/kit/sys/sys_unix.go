//go:build linux || darwin

package sys

import (
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"time"

	"golang.org/x/sys/unix"

	"era/runnable/kit/trace"
)

// Constants, under the names of the manual pages.
const (
	AF_INET     = unix.AF_INET
	SOCK_STREAM = unix.SOCK_STREAM
	SOCK_DGRAM  = unix.SOCK_DGRAM
	SHUT_WR     = unix.SHUT_WR
	SOMAXCONN   = unix.SOMAXCONN
	FD_SETSIZE  = unix.FD_SETSIZE
)

// Error numbers that a server acts on (errno(3)).
const (
	EAGAIN       = unix.EAGAIN // the call would have to wait; EWOULDBLOCK is the same number here
	EINPROGRESS  = unix.EINPROGRESS
	EINTR        = unix.EINTR
	ECONNABORTED = unix.ECONNABORTED
	EBADF        = unix.EBADF
	EMFILE       = unix.EMFILE
	ENFILE       = unix.ENFILE
	ENOBUFS      = unix.ENOBUFS
	ENOMEM       = unix.ENOMEM
	ENOSPC       = unix.ENOSPC
	ENOTCONN     = unix.ENOTCONN
)

// Addr is an IPv4 address and a port, for bind, connect and accept.
type Addr = netip.AddrPort

// FdSet is select's set of descriptors, a bitmap of FD_SETSIZE (1024) bits. Its Set panics for a descriptor whose
// number does not fit (select(2), BUGS).
type FdSet = unix.FdSet

func init() {
	// A server's main goroutine keeps the process's first thread, so that the lane "thread 1" of a trace is one
	// operating system thread from beginning to end.
	runtime.LockOSThread()

	// Go's runtime opens two descriptors of its own for its first timer, and ends the program when none is free. Let it
	// open them now, not when clients hold them all.
	time.Sleep(1)
}

// Sleep suspends the thread for d; nothing else runs on it meanwhile (nanosleep(2)).
func Sleep(d time.Duration) {
	call := trace.Begin(trace.Sleep, -1)
	sleep(d)
	call.End(0, 0, 0)
}

// Socket makes an endpoint and returns its descriptor (socket(2)). A child process does not inherit it.
func Socket(domain, typ, protocol int) (fd int, err error) {
	call := trace.Begin(trace.Socket, -1)
	fd, err = socket(domain, typ, protocol)
	call.End(fd, number(err), 0)
	return fd, err
}

// ReuseAddr lets a server bind to its port again while the kernel still holds closed connections of its last run:
// setsockopt(SOL_SOCKET, SO_REUSEADDR, 1), see socket(7).
func ReuseAddr(fd int) error {
	call := trace.Begin(trace.SetSockOpt, fd)
	err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	call.End(result(err), number(err), 0)
	return err
}

// NoDelay sends small writes at once, even if the peer has not yet acknowledged an earlier one: setsockopt(IPPROTO_TCP,
// TCP_NODELAY, 1), see tcp(7). Accepted connections inherit it from their listening socket.
func NoDelay(fd int) error {
	call := trace.Begin(trace.SetSockOpt, fd)
	err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	call.End(result(err), number(err), 0)
	return err
}

// NoLinger makes a later Close discard unsent data; the peer then reads a reset instead of an end of file:
// setsockopt(SOL_SOCKET, SO_LINGER) with a time of 0, see socket(7).
func NoLinger(fd int) error {
	call := trace.Begin(trace.SetSockOpt, fd)
	err := unix.SetsockoptLinger(fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
	call.End(result(err), number(err), 0)
	return err
}

// Bind gives the socket its address; port 0 lets the system choose one (bind(2)).
func Bind(fd int, addr Addr) error {
	call := trace.Begin(trace.Bind, fd)
	err := unix.Bind(fd, sockaddr(addr))
	call.End(result(err), number(err), uint32(addr.Port()))
	return err
}

// Listen makes the socket accept connections. backlog bounds the connections that the kernel has completed and the
// server has not accepted; the system caps it silently (listen(2)).
func Listen(fd, backlog int) error {
	call := trace.Begin(trace.Listen, fd)
	err := unix.Listen(fd, backlog)
	call.End(result(err), number(err), uint32(backlog))
	return err
}

// Getsockname returns the address that the socket is bound to (getsockname(2)). It is not traced, as it affects no
// connection.
func Getsockname(fd int) (Addr, error) {
	sa, err := getsockname(fd)
	if err != nil {
		return Addr{}, err
	}
	return address(sa), nil
}

// Getpeername returns the address of the other end (getpeername(2)), or ENOTCONN when that end has reset the
// connection. Like Getsockname it is not traced.
func Getpeername(fd int) (Addr, error) {
	sa, err := getpeername(fd)
	if err != nil {
		return Addr{}, err
	}
	return address(sa), nil
}

// Accept takes the first waiting connection and returns a new descriptor for it. The new descriptor is blocking,
// whatever the listener is (accept(2); this is so on Linux, and made so here on macOS).
func Accept(fd int) (conn int, err error) {
	call := trace.Begin(trace.Accept, fd)
	conn, peer, err := accept(fd)
	call.End(conn, number(err), uint32(address(peer).Port()))
	return conn, err
}

// Connect connects the socket to a peer. On a non-blocking socket it returns EINPROGRESS: wait until the socket is
// writable, then ask SocketError for the result (connect(2)).
func Connect(fd int, addr Addr) error {
	call := trace.Begin(trace.Connect, fd)
	err := connect(fd, sockaddr(addr))
	call.End(result(err), number(err), uint32(addr.Port()))
	return err
}

// SocketError returns the socket's pending error, nil if there is none: getsockopt(SOL_SOCKET, SO_ERROR), see
// socket(7). Asking clears it.
func SocketError(fd int) error {
	call := trace.Begin(trace.GetSockOpt, fd)
	value, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	call.End(result(err), number(err), uint32(value))
	if err == nil && value != 0 {
		err = unix.Errno(value)
	}
	return err
}

// Read takes up to len(p) bytes that have arrived. n is 0 when the peer will send no more (read(2)).
func Read(fd int, p []byte) (n int, err error) {
	call := trace.Begin(trace.Read, fd)
	n, err = read(fd, p)
	call.End(n, number(err), 0)
	return n, err
}

// Write hands up to len(p) bytes to the kernel and returns how many it took, which may be fewer (write(2)). Writing to
// a connection that the peer has reset returns EPIPE or ECONNRESET; no signal kills the program (os/signal).
func Write(fd int, p []byte) (n int, err error) {
	call := trace.Begin(trace.Write, fd)
	n, err = write(fd, p)
	call.End(n, number(err), 0)
	return n, err
}

// RecvFrom takes the first waiting datagram and returns it with its sender. The part that does not fit into p is lost.
// On Linux n is the whole length all the same, so n > len(p) reports the loss (MSG_TRUNC, recv(2)); macOS does not
// report it.
func RecvFrom(fd int, p []byte) (n int, from Addr, err error) {
	call := trace.Begin(trace.RecvFrom, fd)
	n, sender, err := recvfrom(fd, p)
	from = address(sender)
	call.End(n, number(err), uint32(from.Port()))
	return n, from, err
}

// SendTo hands the kernel a datagram for the address. Success does not mean that it will arrive (udp(7)).
func SendTo(fd int, p []byte, to Addr) (n int, err error) {
	call := trace.Begin(trace.SendTo, fd)
	if err = unix.Sendto(fd, p, 0, sockaddr(to)); err == nil {
		n = len(p) // a datagram goes whole or not at all
	} else {
		n = -1
	}
	call.End(n, number(err), uint32(to.Port()))
	return n, err
}

// Shutdown ends one direction of a connection; with SHUT_WR the peer reads an end of file (shutdown(2)).
func Shutdown(fd, how int) error {
	call := trace.Begin(trace.Shutdown, fd)
	err := unix.Shutdown(fd, how)
	call.End(result(err), number(err), uint32(how))
	return err
}

// Close gives the descriptor back. Its number may name something else at once (close(2)).
func Close(fd int) error {
	nonblocking.set(fd, false)
	givenBack(fd) // before the close: after it another thread may get the number
	call := trace.Begin(trace.Close, fd)
	err := unix.Close(fd)
	call.End(result(err), number(err), 0)
	return err
}

// SetNonblock makes every later call on the descriptor return at once, with EAGAIN where it would have to wait. It is
// fcntl(F_SETFL) with O_NONBLOCK (fcntl(2)).
func SetNonblock(fd int, on bool) error {
	call := trace.Begin(trace.SetNonblock, fd)
	err := unix.SetNonblock(fd, on)
	if err == nil {
		nonblocking.set(fd, on)
	}
	var arg uint32
	if on {
		arg = 1
	}
	call.End(result(err), number(err), arg)
	return err
}

// Select waits until a descriptor of a set is ready, or for the timeout; a negative timeout waits forever. nfds is the
// highest descriptor in the sets plus one. On return the sets hold only what is ready, so fill them again before every
// call. It returns how many are ready, and EINTR when a signal arrived during the wait (select(2)).
func Select(nfds int, readable, writable, exceptional *FdSet, timeout time.Duration) (n int, err error) {
	var tv *unix.Timeval
	if timeout >= 0 {
		t := unix.NsecToTimeval(int64(timeout))
		tv = &t
	}
	call := trace.Begin(trace.Select, -1)
	n, err = unix.Select(nfds, readable, writable, exceptional, tv)
	call.End(n, number(err), uint32(nfds))
	return n, err
}

// Pipe makes a one-way channel: what is written to w can be read from r (pipe(2)).
func Pipe() (r, w int, err error) {
	call := trace.Begin(trace.Pipe, -1)
	r, w, err = pipe()
	call.End(result(err), number(err), 0)
	return r, w, err
}

// Thread runs a function on an operating system thread of its own, which ends with it. Go calls such a goroutine locked
// (runtime.LockOSThread); what blocks in it blocks a real thread, as with pthread_create(3).
func Thread(f func()) {
	go func() {
		runtime.LockOSThread() // never unlocked: the runtime ends the thread when the goroutine returns
		trace.Note(trace.ThreadStart, 0)
		defer trace.Note(trace.ThreadExit, 0)
		f()
	}()
}

// ParseAddr reads "127.0.0.1:8080" or "localhost:8080"; ":8080" and a name other than localhost are errors, because a
// name lookup would block.
func ParseAddr(text string) (Addr, error) {
	if len(text) > 10 && text[:10] == "localhost:" {
		text = "127.0.0.1:" + text[10:]
	}
	addr, err := netip.ParseAddrPort(text)
	if err != nil || !addr.Addr().Is4() {
		return Addr{}, fmt.Errorf("address %q: want an IPv4 address and a port, as in 127.0.0.1:8080", text)
	}
	return addr, nil
}

func sockaddr(a Addr) unix.Sockaddr {
	return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
}

func address(sa unix.Sockaddr) Addr {
	if in, ok := sa.(*unix.SockaddrInet4); ok {
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port))
	}
	return Addr{}
}

// result is what the system call itself returned: 0, or -1 with an error number.
func result(err error) int {
	if err != nil {
		return -1
	}
	return 0
}

func number(err error) int {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return int(errno)
	}
	return 0
}
