package sys

import (
	"fmt"
	"net/netip"
	"runtime"
	"strconv"
	"time"

	"era/runnable/kit/kernel"
	"era/runnable/kit/kernel/simulation"
	"era/runnable/kit/trace"
)

// In WebAssembly there is no kernel: the calls are made on the simulated one, and each waits until the reader, or a
// list of choices, lets it go on.

// machine is the one that this program runs on.
var machine = simulation.Machine

const (
	AF_INET     = 2
	SOCK_STREAM = 1
	SOCK_DGRAM  = 2
	SHUT_WR     = 1
	SOMAXCONN   = 4096
	FD_SETSIZE  = 1024
)

const (
	EAGAIN       = kernel.EAGAIN
	EINPROGRESS  = kernel.EINPROGRESS
	EINTR        = kernel.EINTR
	ECONNABORTED = kernel.ECONNABORTED
	EBADF        = kernel.EBADF
	EMFILE       = kernel.EMFILE
	ENFILE       = kernel.ENFILE
	ENOBUFS      = kernel.ENOBUFS
	ENOMEM       = kernel.ENOMEM
	ENOSPC       = kernel.ENOSPC
	ENOTCONN     = kernel.ENOTCONN
	EEXIST       = kernel.EEXIST
	ENOENT       = kernel.ENOENT
)

type (
	Addr  = netip.AddrPort
	FdSet = kernel.FdSet
)

// call makes a call that returns an error and nothing else.
func call(name, text string, fd int, do func() error) (err error) {
	enter(&simulation.Call{Name: name, Text: text, FD: fd, Until: -1, Do: func() bool { err = do(); return true },
		Result: returned(new(int), &err)})
	return err
}

// returned says what a call returned: a number, or the name of an error.
func returned(n *int, err *error) func() string {
	return func() string {
		if errno, is := (*err).(kernel.Errno); is {
			return errno.Name()
		}
		return strconv.Itoa(*n)
	}
}

// enter notes the source line that called the function of this package, and makes the call.
func enter(c *simulation.Call) {
	var pcs [1]uintptr
	for skip := 3; ; skip++ { // the first frame outside this file
		if runtime.Callers(skip, pcs[:]) == 0 {
			break
		}
		frame, _ := runtime.CallersFrames(pcs[:]).Next()
		if file, below := trace.Below(frame.File); below && file != "kit/sys/sys_wasip1.go" {
			c.Site = file + ":" + strconv.Itoa(frame.Line)
			break
		}
	}
	machine.Enter(c)
}

func blocks(fd int) bool {
	files := machine.Program.Files()
	return fd >= 0 && fd < len(files) && files[fd] != nil && !files[fd].NonBlock
}

// when returns whether a descriptor is ready, as a question that changes nothing.
func when(fd int, events kernel.Events) func() bool {
	return func() bool {
		files := machine.Program.Files()
		return fd >= len(files) || fd < 0 || files[fd] == nil ||
			files[fd].Of.Poll()&(events|kernel.POLLERR|kernel.POLLHUP) != 0
	}
}

func Socket(domain, typ, protocol int) (fd int, err error) {
	enter(&simulation.Call{Name: "socket", Text: "socket()", FD: -1, Until: -1, Result: returned(&fd, &err),
		Do: func() bool {
			if typ == SOCK_DGRAM {
				fd, err = machine.Program.SocketDatagram()
			} else {
				fd, err = machine.Program.Socket()
			}
			return true
		}})
	return fd, err
}

func ReuseAddr(fd int) error {
	return call("setsockopt", fmt.Sprintf("setsockopt(%d, SO_REUSEADDR)", fd), fd, func() error {
		return machine.Program.ReuseAddr(fd)
	})
}

func NoDelay(fd int) error {
	return call("setsockopt", fmt.Sprintf("setsockopt(%d, TCP_NODELAY)", fd), fd, func() error { return nil })
}

func NoLinger(fd int) error {
	return call("setsockopt", fmt.Sprintf("setsockopt(%d, SO_LINGER)", fd), fd, func() error {
		return machine.Program.NoLinger(fd)
	})
}

func Bind(fd int, addr Addr) error {
	return call("bind", fmt.Sprintf("bind(%d, %v)", fd, addr), fd, func() error {
		return machine.Program.Bind(fd, addr)
	})
}

func Listen(fd, backlog int) error {
	return call("listen", fmt.Sprintf("listen(%d, %d)", fd, backlog), fd, func() error {
		return machine.Program.Listen(fd, backlog)
	})
}

func Getsockname(fd int) (Addr, error) { return machine.Program.Getsockname(fd) }
func Getpeername(fd int) (Addr, error) { return machine.Program.Getpeername(fd) }

func Accept(fd int) (conn int, err error) {
	enter(&simulation.Call{Name: "accept", Text: fmt.Sprintf("accept(%d)", fd), FD: fd, Until: -1,
		Waits: "no connection waits", Result: returned(&conn, &err), Ready: when(fd, kernel.POLLIN), Do: func() bool {
			conn, err = machine.Program.Accept(fd)
			return err != EAGAIN || !blocks(fd)
		}})
	return conn, err
}

func Connect(fd int, addr Addr) (err error) {
	begun := false
	enter(&simulation.Call{Name: "connect", Text: fmt.Sprintf("connect(%d, %v)", fd, addr), FD: fd, Until: -1,
		Waits: "the connection is not there yet", Result: returned(new(int), &err),
		Ready: when(fd, kernel.POLLOUT), Do: func() bool {
			err = machine.Program.Connect(fd, addr)
			if begun && err == kernel.EALREADY || !begun && err == EINPROGRESS && blocks(fd) {
				begun = true
				return false
			}
			return true
		}})
	return err
}

func SocketError(fd int) error {
	return call("getsockopt", fmt.Sprintf("getsockopt(%d, SO_ERROR)", fd), fd, func() error {
		return machine.Program.SocketError(fd)
	})
}

func Read(fd int, p []byte) (n int, err error) {
	enter(&simulation.Call{Name: "read", Text: fmt.Sprintf("read(%d, %d)", fd, len(p)), FD: fd, Until: -1,
		Waits: "nothing has arrived", Result: returned(&n, &err), Ready: when(fd, kernel.POLLIN), Do: func() bool {
			n, err = machine.Program.Read(fd, p)
			return err != EAGAIN || !blocks(fd)
		}})
	return n, err
}

func Write(fd int, p []byte) (n int, err error) {
	enter(&simulation.Call{Name: "write", Text: fmt.Sprintf("write(%d, %d bytes)", fd, len(p)), FD: fd, Until: -1,
		Waits: "the send buffer is full", Result: returned(&n, &err), Ready: when(fd, kernel.POLLOUT), Do: func() bool {
			took, e := machine.Program.Write(fd, p[n:])
			switch {
			case e == EAGAIN && blocks(fd):
				return false
			case e != nil && n == 0:
				n, err = -1, e
				return true
			case e != nil:
				return true // the next call has the error
			}
			n += took
			return n == len(p) || !blocks(fd) // a blocking write takes all
		}})
	return n, err
}

func RecvFrom(fd int, p []byte) (n int, from Addr, err error) {
	enter(&simulation.Call{Name: "recvfrom", Text: fmt.Sprintf("recvfrom(%d, %d)", fd, len(p)), FD: fd, Until: -1,
		Waits: "no datagram has arrived", Result: returned(&n, &err), Ready: when(fd, kernel.POLLIN), Do: func() bool {
			n, from, err = machine.Program.RecvFrom(fd, p)
			return err != EAGAIN || !blocks(fd)
		}})
	return n, from, err
}

func SendTo(fd int, p []byte, to Addr) (n int, err error) {
	enter(&simulation.Call{Name: "sendto", Text: fmt.Sprintf("sendto(%d, %d bytes, %v)", fd, len(p), to), FD: fd,
		Until: -1, Result: returned(&n, &err), Do: func() bool {
			n, err = machine.Program.SendTo(fd, p, to)
			return true
		}})
	return n, err
}

func Shutdown(fd, how int) error {
	return call("shutdown", fmt.Sprintf("shutdown(%d)", fd), fd, func() error { return machine.Program.Shutdown(fd) })
}

func Close(fd int) error {
	return call("close", fmt.Sprintf("close(%d)", fd), fd, func() error {
		err := machine.Program.Close(fd)
		if err == nil {
			givenBack(fd)
		}
		return err
	})
}

func SetNonblock(fd int, on bool) error {
	return call("fcntl", fmt.Sprintf("fcntl(%d, O_NONBLOCK)", fd), fd, func() error {
		return machine.Program.SetNonblock(fd, on)
	})
}

// wait makes a call that waits for one of many descriptors.
func wait(name, text string, timeout time.Duration, look func() (int, error)) (n int, err error) {
	until := time.Duration(-1)
	if timeout >= 0 {
		until = machine.Now + timeout
	}
	enter(&simulation.Call{Name: name, Text: text, FD: -1, Until: until, Waits: "none of its descriptors is ready",
		Result: returned(&n, &err),
		Ready:  func() bool { n, err := look(); return n > 0 || err != nil },
		Do:     func() bool { n, err = look(); return n != 0 || err != nil },
		Signal: func() { n, err = -1, EINTR }})
	return n, err
}

func Select(nfds int, readable, writable, exceptional *FdSet, timeout time.Duration) (int, error) {
	sets := [3]*FdSet{readable, writable, exceptional}
	var asked, ready [3]FdSet
	for i, set := range sets {
		if set != nil {
			asked[i] = *set
		}
	}
	n, err := wait("select", fmt.Sprintf("select(%d)", nfds), timeout, func() (int, error) {
		ready = asked
		return machine.Program.Select(nfds, &ready[0], &ready[1], &ready[2])
	})
	if err == nil {
		for i, set := range sets {
			if set != nil {
				*set = ready[i]
			}
		}
	}
	return n, err
}

type PollFd struct {
	Fd      int32
	Events  int16
	Revents int16
}

const (
	POLLIN   = int16(kernel.POLLIN)
	POLLOUT  = int16(kernel.POLLOUT)
	POLLERR  = int16(kernel.POLLERR)
	POLLHUP  = int16(kernel.POLLHUP)
	POLLNVAL = int16(kernel.POLLNVAL)
)

func Poll(fds []PollFd, timeout time.Duration) (int, error) {
	list := make([]kernel.PollFd, len(fds))
	for i, e := range fds {
		list[i] = kernel.PollFd{Fd: int(e.Fd), Events: kernel.Events(e.Events)}
	}
	n, err := wait("poll", fmt.Sprintf("poll(%d descriptors)", len(fds)), timeout, func() (int, error) {
		return machine.Program.Poll(list)
	})
	for i := range fds {
		fds[i].Revents = int16(list[i].Revents)
	}
	return n, err
}

type EpollEvent struct {
	Events uint32
	Fd     int32
	Pad    int32
}

const (
	EPOLL_CTL_ADD  = kernel.EPOLL_CTL_ADD
	EPOLL_CTL_MOD  = kernel.EPOLL_CTL_MOD
	EPOLL_CTL_DEL  = kernel.EPOLL_CTL_DEL
	EPOLLIN        = uint32(kernel.POLLIN)
	EPOLLOUT       = uint32(kernel.POLLOUT)
	EPOLLERR       = uint32(kernel.POLLERR)
	EPOLLHUP       = uint32(kernel.POLLHUP)
	EPOLLRDHUP     = uint32(kernel.POLLRDHUP)
	EPOLLET        = uint32(kernel.EPOLLET)
	EPOLLONESHOT   = uint32(kernel.EPOLLONESHOT)
	EPOLLEXCLUSIVE = uint32(1 << 28) // without effect here: one process waits
)

func EpollCreate() (fd int, err error) {
	enter(&simulation.Call{Name: "epoll_create1", Text: "epoll_create1()", FD: -1, Until: -1,
		Result: returned(&fd, &err), Do: func() bool {
			fd, err = machine.Program.EpollCreate()
			return true
		}})
	return fd, err
}

func EpollCtl(epfd, op, fd int, events uint32) error {
	text := fmt.Sprintf("epoll_ctl(%d, %s, %d)", epfd, [...]string{"", "ADD", "DEL", "MOD"}[op], fd)
	return call("epoll_ctl", text, fd, func() error {
		return machine.Program.EpollCtl(epfd, op, fd, kernel.Events(events))
	})
}

func EpollWait(epfd int, events []EpollEvent, timeout time.Duration) (int, error) {
	found := make([]kernel.EpollEvent, len(events))
	until := time.Duration(-1)
	if timeout >= 0 {
		until = machine.Now + timeout
	}
	var n int
	var err error
	enter(&simulation.Call{Name: "epoll_wait", Text: fmt.Sprintf("epoll_wait(%d)", epfd), FD: epfd, Until: until,
		Waits: "its ready list is empty", Result: returned(&n, &err), Ready: when(epfd, kernel.POLLIN),
		Do: func() bool {
			n, err = machine.Program.EpollWait(epfd, found)
			return n != 0 || err != nil
		},
		Signal: func() { n, err = -1, EINTR }})
	for i, e := range found[:max(n, 0)] {
		events[i] = EpollEvent{Events: uint32(e.Events), Fd: e.Fd}
	}
	return n, err
}

func Pipe() (r, w int, err error) {
	err = call("pipe", "pipe()", -1, func() error {
		r, w, err = machine.Program.Pipe()
		return err
	})
	return r, w, err
}

func Sleep(d time.Duration) {
	enter(&simulation.Call{Name: "nanosleep", Text: "nanosleep(" + d.String() + ")", FD: -1, Until: machine.Now + d,
		Waits: "its time has not come", Ready: func() bool { return false }, Do: func() bool { return false }})
}

func Thread(f func()) { machine.Thread(f) }

func ParseAddr(text string) (Addr, error) {
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		return Addr{}, fmt.Errorf("address %q: want an IPv4 address and a port, as in 127.0.0.1:8080", text)
	}
	return addr, nil
}
