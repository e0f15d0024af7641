package sys

import (
	"errors"
	"net/netip"
	"strconv"
	"time"

	"era/runnable/kit/kernel"
	"era/runnable/kit/kernel/simulation"
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

// call makes a call that returns an error and nothing else, and does not wait.
func call(name string, fd int, args func() string, do func() error) (err error) {
	machine.Enter(&simulation.Call{Name: name, Args: args, FD: fd, Until: -1,
		Do: func() bool { err = do(); return true }, Result: func() (int, error) { return 0, err }})
	return err
}

// args writes arguments: a descriptor, and more.
func args(fd int, more ...string) func() string {
	return func() string {
		text := "(" + strconv.Itoa(fd)
		for _, m := range more {
			text += ", " + m
		}
		return text + ")"
	}
}

// with is args for a number more.
func with(fd, n int, unit string) func() string {
	return func() string { return "(" + strconv.Itoa(fd) + ", " + strconv.Itoa(n) + unit + ")" }
}

// to is args for an address more.
func to(fd int, addr Addr) func() string {
	return func() string { return "(" + strconv.Itoa(fd) + ", " + addr.String() + ")" }
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// failed says in words which error a call has returned.
func failed(err error) string {
	errno, is := err.(kernel.Errno)
	switch {
	case !is:
		return "fails: " + err.Error()
	case errno == EAGAIN:
		return "returns EAGAIN at once"
	}
	return "fails with " + errno.Name() + ": " + errno.Error()
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
	machine.Enter(&simulation.Call{Name: "socket", FD: -1, Until: -1,
		Result: func() (int, error) { return fd, err },
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
	return call("setsockopt", fd, args(fd, "SO_REUSEADDR"), func() error { return machine.Program.ReuseAddr(fd) })
}

func NoDelay(fd int) error {
	return call("setsockopt", fd, args(fd, "TCP_NODELAY"), func() error { return nil })
}

func NoLinger(fd int) error {
	return call("setsockopt", fd, args(fd, "SO_LINGER"), func() error { return machine.Program.NoLinger(fd) })
}

func Bind(fd int, addr Addr) error {
	return call("bind", fd, to(fd, addr), func() error { return machine.Program.Bind(fd, addr) })
}

func Listen(fd, backlog int) error {
	return call("listen", fd, with(fd, backlog, ""), func() error { return machine.Program.Listen(fd, backlog) })
}

func Getsockname(fd int) (Addr, error) { return machine.Program.Getsockname(fd) }
func Getpeername(fd int) (Addr, error) { return machine.Program.Getpeername(fd) }

func Accept(fd int) (conn int, err error) {
	machine.Enter(&simulation.Call{Name: "accept", Args: args(fd), FD: fd, Until: -1,
		Waits: "no connection waits", Result: func() (int, error) { return conn, err }, Ready: when(fd, kernel.POLLIN),
		Do: func() bool {
			conn, err = machine.Program.Accept(fd)
			return err != EAGAIN || !blocks(fd)
		},
		Plain: func() string {
			if err == EAGAIN {
				return "returns EAGAIN at once: no connection waits"
			} else if err != nil {
				return failed(err)
			}
			return "takes " + machine.Peer(conn) + " from the queue; its number is " + strconv.Itoa(conn)
		}})
	return conn, err
}

func Connect(fd int, addr Addr) (err error) {
	begun := false
	machine.Enter(&simulation.Call{Name: "connect", Args: to(fd, addr), FD: fd, Until: -1,
		Waits: "the connection is not there yet", Result: func() (int, error) { return 0, err },
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
	return call("getsockopt", fd, args(fd, "SO_ERROR"), func() error { return machine.Program.SocketError(fd) })
}

func Read(fd int, p []byte) (n int, err error) {
	machine.Enter(&simulation.Call{Name: "read", Args: with(fd, len(p), ""), FD: fd, Until: -1,
		Waits: "nothing has arrived", Result: func() (int, error) { return n, err }, Ready: when(fd, kernel.POLLIN),
		Do: func() bool {
			n, err = machine.Program.Read(fd, p)
			return err != EAGAIN || !blocks(fd)
		},
		Plain: func() string {
			from := "it"
			if peer := machine.Peer(fd); peer != "" {
				from = peer
			}
			switch {
			case err == EAGAIN:
				return "returns EAGAIN at once: nothing has arrived"
			case err != nil:
				return failed(err)
			case n == 0:
				return "returns 0: " + from + " sends no more"
			}
			return "takes " + counted(n, "byte") + " of " + from
		}})
	return n, err
}

func Write(fd int, p []byte) (n int, err error) {
	machine.Enter(&simulation.Call{Name: "write", Args: with(fd, len(p), " bytes"), FD: fd, Until: -1,
		Waits: "the send buffer is full", Result: func() (int, error) { return n, err }, Ready: when(fd, kernel.POLLOUT),
		Do: func() bool {
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
		},
		Plain: func() string {
			switch {
			case err == EAGAIN:
				return "returns EAGAIN at once: the send buffer is full"
			case err != nil:
				return failed(err)
			case n < len(p):
				return "takes only " + strconv.Itoa(n) + " of " + counted(len(p), "byte")
			}
			return "puts " + counted(n, "byte") + " into the send buffer"
		}})
	return n, err
}

func RecvFrom(fd int, p []byte) (n int, from Addr, err error) {
	machine.Enter(&simulation.Call{Name: "recvfrom", Args: with(fd, len(p), ""), FD: fd, Until: -1,
		Waits: "no datagram has arrived", Result: func() (int, error) { return n, err }, Ready: when(fd, kernel.POLLIN),
		Do: func() bool {
			n, from, err = machine.Program.RecvFrom(fd, p)
			return err != EAGAIN || !blocks(fd)
		}})
	return n, from, err
}

func SendTo(fd int, p []byte, addr Addr) (n int, err error) {
	machine.Enter(&simulation.Call{Name: "sendto", Args: to(fd, addr), FD: fd, Until: -1,
		Result: func() (int, error) { return n, err }, Do: func() bool {
			n, err = machine.Program.SendTo(fd, p, addr)
			return true
		}})
	return n, err
}

func Shutdown(fd, how int) error {
	return call("shutdown", fd, args(fd, "SHUT_WR"), func() error { return machine.Program.Shutdown(fd) })
}

func Close(fd int) error {
	return call("close", fd, args(fd), func() error {
		err := machine.Program.Close(fd)
		if err == nil {
			givenBack(fd)
		}
		return err
	})
}

func SetNonblock(fd int, on bool) error {
	return call("fcntl", fd, args(fd, "O_NONBLOCK"), func() error { return machine.Program.SetNonblock(fd, on) })
}

// ready says in words what a call that waits for one of many descriptors returned.
func ready(n *int, err *error) func() string {
	return func() string {
		switch {
		case *err != nil:
			return failed(*err)
		case *n == 0:
			return "returns 0: none is ready"
		case *n == 1:
			return "returns 1: one descriptor is ready"
		}
		return "returns " + strconv.Itoa(*n) + ": so many are ready"
	}
}

// wait makes a call that waits for one of many descriptors.
func wait(c simulation.Call, timeout time.Duration, look func() (int, error)) (n int, err error) {
	c.Until = -1
	if timeout >= 0 {
		c.Until = machine.Now + timeout
	}
	if c.Ready == nil {
		c.Ready = func() bool { n, err := look(); return n > 0 || err != nil }
	}
	c.Result, c.Plain = func() (int, error) { return n, err }, ready(&n, &err)
	c.Do = func() bool { n, err = look(); return n != 0 || err != nil }
	c.Signal = func() { n, err = -1, EINTR }
	machine.Enter(&c)
	return n, err
}

const none = "none of its descriptors is ready"

func Select(nfds int, readable, writable, exceptional *FdSet, timeout time.Duration) (int, error) {
	sets := [3]*FdSet{readable, writable, exceptional}
	var asked, ready [3]FdSet
	for i, set := range sets {
		if set != nil {
			asked[i] = *set
		}
	}
	n, err := wait(simulation.Call{Name: "select", Args: args(nfds), FD: -1, Waits: none}, timeout, func() (int, error) {
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
	many := func() string { return "(" + counted(len(fds), "descriptor") + ")" }
	n, err := wait(simulation.Call{Name: "poll", Args: many, FD: -1, Waits: none}, timeout, func() (int, error) {
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
	machine.Enter(&simulation.Call{Name: "epoll_create1", FD: -1, Until: -1,
		Result: func() (int, error) { return fd, err }, Do: func() bool {
			fd, err = machine.Program.EpollCreate()
			return true
		}})
	return fd, err
}

func EpollCtl(epfd, op, fd int, events uint32) error {
	name := [...]string{"", "EPOLL_CTL_ADD", "EPOLL_CTL_DEL", "EPOLL_CTL_MOD"}[op]
	return call("epoll_ctl", fd, func() string {
		return "(" + strconv.Itoa(epfd) + ", " + name + ", " + strconv.Itoa(fd) + ")"
	}, func() error { return machine.Program.EpollCtl(epfd, op, fd, kernel.Events(events)) })
}

func EpollWait(epfd int, events []EpollEvent, timeout time.Duration) (int, error) {
	found := make([]kernel.EpollEvent, len(events))
	n, err := wait(simulation.Call{Name: "epoll_wait", Args: args(epfd), FD: epfd, Waits: "its ready list is empty",
		Ready: when(epfd, kernel.POLLIN)}, timeout, func() (int, error) {
		return machine.Program.EpollWait(epfd, found)
	})
	for i, e := range found[:max(n, 0)] {
		events[i] = EpollEvent{Events: uint32(e.Events), Fd: e.Fd}
	}
	return n, err
}

func Pipe() (r, w int, err error) {
	err = call("pipe", -1, nil, func() error {
		r, w, err = machine.Program.Pipe()
		return err
	})
	return r, w, err
}

func Sleep(d time.Duration) {
	machine.Enter(&simulation.Call{Name: "nanosleep", Args: func() string { return "(" + d.String() + ")" }, FD: -1,
		Until: machine.Now + d, Waits: "its time has not come", Ready: func() bool { return false },
		Do: func() bool { return false }})
}

func Thread(f func()) { machine.Thread(f) }

func ParseAddr(text string) (Addr, error) {
	addr, err := netip.ParseAddrPort(text)
	if err != nil {
		return Addr{}, errors.New("address " + strconv.Quote(text) +
			": want an IPv4 address and a port, as in 127.0.0.1:8080")
	}
	return addr, nil
}
