package kernel

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What may differ between the two kernels, and is therefore not compared or not generated:
//
//   - How much of a long write a stream socket takes: Linux counts the memory that it needs to keep the data, and lets
//     buffers grow (tcp(7), tcp_wmem). Writes here stay below what both take. Pipes are compared to the byte.
//   - When a connection arrives that found the queue full: Linux asks again after a second (listen(2), tcp(7)).
//   - The order in which one epoll_wait reports what became ready by one call: epoll_wait(2) promises none.
//   - RecvFrom and SendTo of stream sockets, which Linux treats as read and write, and Shutdown of datagram sockets and
//     of sockets that have no connection yet, or were refused one (Linux says ENOTCONN, and remembers it): no server
//     here has them.
//   - An interest list of epoll within another, which Linux allows (epoll(7)).
//   - A socket that connects to itself, which TCP allows (simultaneous open, RFC 9293).
//   - Port numbers (bind(2), ip(7)), and TIME_WAIT: every program has an address of its own.

var programs = flag.Int("programs", 10_000, "how many random programs run on both kernels")

// TestDifferential runs random programs of calls on this kernel and on the real one. Returns, errors, bytes and events
// must be the same. A program that differs is made shorter until nothing can be left out.
func TestDifferential(t *testing.T) {
	free := freeNumbers(t, most)
	calls := 0
	for seed := range *programs {
		p := random(uint64(seed))
		calls += len(p)
		if difference(p, free, seed, 0, time.Millisecond, 20*time.Millisecond) == "" {
			continue
		}
		for again := true; again; {
			again = false
			for i := range p {
				if shorter := slices.Delete(slices.Clone(p), i, i+1); difference(shorter, free, seed, 0, time.Millisecond) != "" {
					p, again = shorter, true
					break
				}
			}
		}
		t.Fatalf("program %d: %s\n%s", seed, difference(p, free, seed, 0), p)
	}
	t.Logf("%d programs, %d calls: the same on both kernels", *programs, calls)
}

// most is how many descriptors a program may have open.
const most = 24

// freeNumbers are the lowest free descriptor numbers of this process, in the order in which the kernel gives them.
func freeNumbers(t *testing.T, n int) (free []int) {
	for range n {
		fd, err := unix.Open("/dev/null", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		free = append(free, fd)
	}
	for _, fd := range free {
		unix.Close(fd)
	}
	return free
}

// op is a call. a and b choose descriptors among those that the program has had; n is a number for it.
type op struct {
	call    string
	a, b, n int
}

type program []op

func (p program) String() string {
	var b strings.Builder
	for i, o := range p {
		fmt.Fprintf(&b, "%3d  %s(a %d, b %d, n %d)\n", i, o.call, o.a, o.b, o.n)
	}
	return b.String()
}

var weights = []struct {
	call   string
	weight int
}{
	{"socket", 6}, {"listener", 6}, {"pair", 12}, {"datagram", 3}, {"pipe", 4}, {"dup", 3}, {"close", 8},
	{"bind", 2}, {"listen", 1}, {"connect", 5}, {"accept", 6}, {"read", 18}, {"write", 18}, {"shutdown", 8},
	{"nolinger", 2}, {"error", 3}, {"peername", 2}, {"poll", 8}, {"select", 4},
	{"sendto", 4}, {"recvfrom", 4}, {"epoll", 3}, {"ctl", 16}, {"wait", 24}, {"fill", 3},
}

// random returns a program of 5 to 60 calls.
func random(seed uint64) (p program) {
	r := rand.New(rand.NewPCG(seed, 12))
	sum := 0
	for _, w := range weights {
		sum += w.weight
	}
	for range 5 + r.IntN(56) {
		at := r.IntN(sum)
		for _, w := range weights {
			if at -= w.weight; at < 0 {
				p = append(p, op{w.call, r.IntN(1000), r.IntN(1000), r.IntN(1 << 16)})
				break
			}
		}
	}
	return p
}

// difference runs a program on both kernels and says where they differ first. A busy machine may let something arrive
// late, which the simulated one does not: what differs is tried again, with the next patience.
func difference(p program, free []int, seed int, patiences ...time.Duration) (found string) {
	for _, patience := range patiences {
		here, there := &simulated{p: New(Usual).NewProcess()}, &linux{free: free, patience: patience}
		address := netip.AddrFrom4([4]byte{127, byte(1 + seed>>16), byte(seed >> 8), byte(seed)})
		found = compare(p, here, there, address)
		there.end()
		if found == "" {
			break
		}
	}
	return found
}

func compare(p program, here *simulated, there *linux, address netip.Addr) string {
	numbers := []int{-1} // all that the program has had, open or not: numbers of the simulated kernel
	for i, o := range p {
		if len(numbers) > 12 && (o.call == "pair" || o.call == "listener" || o.call == "pipe") {
			continue
		}
		a, b := here.pick(numbers, o.a, o.call), here.pick(numbers, o.b, "second of "+o.call)
		if f, err := here.p.file(a); err == nil {
			s, stream := f.Of.(*Stream)
			_, datagram := f.Of.(*Datagram)
			_, pipe := f.Of.(PipeWriter)
			if o.call == "fill" && !pipe {
				continue // the other buffers grow
			}
			if stream && (o.call == "sendto" || o.call == "recvfrom") ||
				o.call == "shutdown" && (datagram || stream && (s.State == Unconnected || s.State == Over && s.asked)) {
				continue
			}
		}
		if f, err := here.p.file(b); err == nil {
			_, nested := f.Of.(*Epoll)
			_, stream := f.Of.(*Stream)
			if o.call == "ctl" && nested || o.call == "connect" && stream && here.p.same(a, b) {
				continue
			}
		}
		if f, err := here.p.file(b); err == nil && o.call == "bind" {
			if s, stream := f.Of.(*Stream); stream && s.State != Listening {
				o.n = 0 // its port may be in TIME_WAIT
			}
		}
		got := step(here, o, a, b, i, address)
		want := step(there, o, a, b, i, address)
		here.p.Kernel.Settle()
		if there.patience > 0 {
			time.Sleep(there.patience)
		}
		if got.text != want.text {
			return fmt.Sprintf("call %d, %s(%d, %d, %d): the simulated kernel says %s, Linux %s", i, o.call, a, b, o.n,
				got.text, want.text)
		}
		for _, fd := range got.made {
			if !slices.Contains(numbers, fd) {
				numbers = append(numbers, fd)
			}
		}
	}
	return ""
}

// pick chooses one of the descriptors, open or not: mostly one that the call is for.
func (s *simulated) pick(numbers []int, n int, call string) int {
	var fit []int
	for _, fd := range numbers {
		f, err := s.p.file(fd)
		if err != nil {
			continue
		}
		_, epoll := f.Of.(*Epoll)
		_, datagram := f.Of.(*Datagram)
		of, stream := f.Of.(*Stream)
		_, pipe := f.Of.(PipeWriter)
		switch call {
		case "fill":
			stream = pipe
		case "ctl", "wait":
			stream = epoll
		case "second of ctl":
			stream = !epoll
		case "sendto", "recvfrom", "second of sendto":
			stream = datagram
		case "accept", "listen", "second of connect":
			stream = stream && of.State == Listening
		case "read", "write":
			stream = stream && of.State == Established || !stream && !epoll && !datagram
		}
		if stream {
			fit = append(fit, fd)
		}
	}
	if n%8 > 0 && len(fit) > 0 {
		return fit[n/8%len(fit)]
	}
	return numbers[n%len(numbers)]
}

// same tells whether two descriptors stand for the same open file.
func (p *Process) same(a, b int) bool {
	f, err := p.file(a)
	g, _ := p.file(b)
	return err == nil && f == g
}

// outcome is what a step made, and all that can be seen of it.
type outcome struct {
	made []int
	text string
}

// machine are the calls, as both kernels have them. Descriptors are the simulated kernel's numbers.
type machine interface {
	socket(datagram bool) (int, error)
	bind(fd int, to Addr) error
	listen(fd, backlog int) error
	connect(fd int, to Addr) error
	accept(fd int) (int, error)
	name(fd int) (Addr, error)
	peerName(fd int) error
	read(fd int, b []byte) (int, error)
	write(fd int, b []byte) (int, error)
	sendTo(fd int, b []byte, to Addr) (int, error)
	recvFrom(fd int, b []byte) (int, error)
	shutdown(fd int) error
	noLinger(fd int) error
	socketError(fd int) error
	dup(fd int) (int, error)
	close(fd int) error
	pipe() (int, int, error)
	poll(fds []PollFd) (int, error)
	sel(nfds int, r, w *FdSet) (int, error)
	epoll() (int, error)
	ctl(ep, op, fd int, events Events) error
	wait(ep int) ([]EpollEvent, error)
	waitFor(ep, most int) ([]EpollEvent, error)
	settle()
}

// step makes one call on one kernel, or the few that a program would make together.
func step(m machine, o op, a, b, i int, address netip.Addr) (out outcome) {
	say := func(format string, values ...any) { out.text += fmt.Sprintf(format+" ", values...) }
	made := func(fd int, err error) int {
		say("%d %v", fd, name(err))
		if err == nil {
			out.made = append(out.made, fd)
		}
		return fd
	}
	any := netip.AddrPortFrom(address, 0)
	switch o.call {
	case "socket":
		made(m.socket(false))
	case "datagram":
		fd := made(m.socket(true))
		if o.n%3 > 0 {
			say("%v", name(m.bind(fd, any)))
		}
	case "listener":
		fd := made(m.socket(false))
		say("%v %v", name(m.bind(fd, any)), name(m.listen(fd, 100)))
	case "pair": // a connection, from asking to accepted
		l := made(m.socket(false))
		say("%v %v", name(m.bind(l, any)), name(m.listen(l, 100)))
		to, err := m.name(l)
		say("%v", name(err))
		c := made(m.socket(false))
		say("%v", name(m.connect(c, to)))
		m.settle()
		made(m.accept(l))
		if o.n%2 > 0 {
			say("%v", name(m.connect(c, to)))
		}
	case "pipe":
		r, w, err := m.pipe()
		made(r, err)
		if err == nil {
			out.made = append(out.made, w)
		}
		say("%d", w)
	case "dup":
		made(m.dup(a))
	case "close":
		say("%v", name(m.close(a)))
	case "bind":
		to := any
		if at, err := m.name(b); err == nil && o.n%2 > 0 && at.Addr() == address {
			to = at // may be taken
		}
		say("%v", name(m.bind(a, to)))
	case "listen":
		say("%v", name(m.listen(a, 100)))
	case "connect":
		to, err := m.name(b)
		if err != nil || to.Port() == 0 || to.Addr().IsUnspecified() {
			break
		}
		say("%v", name(m.connect(a, to)))
	case "accept":
		made(m.accept(a))
	case "read":
		p := make([]byte, []int{0, 1, 10, 700, 5000, 70_000}[o.n%6])
		n, err := m.read(a, p)
		say("%d %v %x", n, name(err), sum(p[:max(n, 0)]))
	case "write":
		p := bytes.Repeat([]byte{byte(i + 1)}, []int{0, 1, 30, 900, 3000, 4096, 5000, 9000}[o.n%8])
		n, err := m.write(a, p)
		say("%d %v", n, name(err))
	case "fill": // a pipe, with writes of one size, until it takes no more
		for n := 1; n > 0; {
			var err error
			n, err = m.write(a, bytes.Repeat([]byte{byte(i + 1)}, 100+o.n%8000))
			say("%d %v", n, name(err))
		}
	case "shutdown":
		say("%v", name(m.shutdown(a)))
	case "nolinger":
		say("%v", name(m.noLinger(a)))
	case "error":
		say("%v", name(m.socketError(a)))
	case "peername":
		say("%v", name(m.peerName(a)))
	case "poll":
		fds := []PollFd{{Fd: a, Events: Events(o.n) & (POLLIN | POLLOUT | POLLRDHUP)}, {Fd: b, Events: POLLIN | POLLOUT}}
		n, err := m.poll(fds)
		say("%d %v %#x %#x", n, name(err), fds[0].Revents, fds[1].Revents)
	case "select":
		var r, w FdSet
		for n, fd := range []int{a, b} {
			if fd < 0 {
				break
			}
			if o.n>>n&1 > 0 {
				r.Set(fd)
			}
			if o.n>>n&4 > 0 {
				w.Set(fd)
			}
		}
		n, err := m.sel(max(a, b)+1, &r, &w)
		say("%d %v %x %x", n, name(err), r, w)
	case "sendto":
		if to, err := m.name(b); err == nil && !to.Addr().IsUnspecified() {
			n, err := m.sendTo(a, bytes.Repeat([]byte{byte(i + 1)}, o.n%1000), to)
			say("%d %v", n, name(err))
		}
	case "recvfrom":
		p := make([]byte, []int{1, 500, 2000}[o.n%3])
		n, err := m.recvFrom(a, p)
		say("%d %v %x", n, name(err), sum(p[:min(max(n, 0), len(p))]))
	case "epoll":
		made(m.epoll())
	case "ctl":
		events := []Events{POLLIN, POLLOUT, POLLIN | POLLOUT, POLLIN | POLLRDHUP}[o.n%4] |
			[]Events{0, 0, EPOLLET, EPOLLET, EPOLLONESHOT, EPOLLONESHOT | EPOLLET}[o.n/4%6]
		say("%v", name(m.ctl(a, []int{1, 1, 1, 3, 2}[o.n/24%5], b, events)))
	case "wait":
		events, err := m.wait(a)
		slices.SortFunc(events, func(x, y EpollEvent) int { return int(x.Fd - y.Fd) })
		say("%x %v", events, name(err))
	default:
		panic(o.call)
	}
	return out
}

func sum(b []byte) (s uint64) {
	for _, c := range b {
		s = s*31 + uint64(c)
	}
	return s
}

// name names an error, the same for both kernels.
func name(err error) string {
	switch e := err.(type) {
	case nil:
		return "ok"
	case Errno:
		return e.Name()
	case unix.Errno:
		if e == unix.EOPNOTSUPP {
			return "EOPNOTSUPP" // the number has two names
		}
		return unix.ErrnoName(e)
	}
	return err.Error()
}

type simulated struct{ p *Process }

func (s *simulated) settle() { s.p.Kernel.Settle() }
func (s *simulated) socket(datagram bool) (int, error) {
	if datagram {
		return s.p.SocketDatagram()
	}
	return s.p.Socket()
}
func (s *simulated) bind(fd int, to Addr) error                    { return s.p.Bind(fd, to) }
func (s *simulated) listen(fd, backlog int) error                  { return s.p.Listen(fd, backlog) }
func (s *simulated) connect(fd int, to Addr) error                 { return s.p.Connect(fd, to) }
func (s *simulated) accept(fd int) (int, error)                    { return s.p.Accept(fd) }
func (s *simulated) name(fd int) (Addr, error)                     { return s.p.Getsockname(fd) }
func (s *simulated) peerName(fd int) error                         { _, err := s.p.Getpeername(fd); return err }
func (s *simulated) read(fd int, b []byte) (int, error)            { return s.p.Read(fd, b) }
func (s *simulated) write(fd int, b []byte) (int, error)           { return s.p.Write(fd, b) }
func (s *simulated) sendTo(fd int, b []byte, to Addr) (int, error) { return s.p.SendTo(fd, b, to) }
func (s *simulated) recvFrom(fd int, b []byte) (int, error) {
	n, _, err := s.p.RecvFrom(fd, b)
	return n, err
}
func (s *simulated) shutdown(fd int) error                  { return s.p.Shutdown(fd) }
func (s *simulated) noLinger(fd int) error                  { return s.p.NoLinger(fd) }
func (s *simulated) socketError(fd int) error               { return s.p.SocketError(fd) }
func (s *simulated) dup(fd int) (int, error)                { return s.p.Dup(fd) }
func (s *simulated) close(fd int) error                     { return s.p.Close(fd) }
func (s *simulated) pipe() (int, int, error)                { return s.p.Pipe() }
func (s *simulated) poll(fds []PollFd) (int, error)         { return s.p.Poll(fds) }
func (s *simulated) sel(nfds int, r, w *FdSet) (int, error) { return s.p.Select(nfds, r, w, nil) }
func (s *simulated) epoll() (int, error)                    { return s.p.EpollCreate() }
func (s *simulated) ctl(ep, op, fd int, e Events) error     { return s.p.EpollCtl(ep, op, fd, e) }
func (s *simulated) wait(ep int) ([]EpollEvent, error)      { return s.waitFor(ep, 100) }
func (s *simulated) waitFor(ep, most int) ([]EpollEvent, error) {
	events := make([]EpollEvent, most)
	n, err := s.p.EpollWait(ep, events)
	return events[:max(n, 0)], err
}

// linux is the real kernel. The nth descriptor of a program has the nth free number of this process.
type linux struct {
	free     []int
	open     [most]bool
	patience time.Duration
}

// fd is the number here of a descriptor of the simulated kernel; -1 if it is not open, for the number may be another's.
func (l *linux) fd(simulated int) int {
	if n := simulated - 3; n >= 0 && n < most && l.open[n] {
		return l.free[n]
	}
	return -1
}

// opened is the reverse, for a new descriptor.
func (l *linux) opened(fd int, err error) (int, error) {
	if err != nil {
		return -1, err
	}
	n := slices.Index(l.free, fd)
	if n < 0 {
		unix.Close(fd)
		return -1, fmt.Errorf("number %d is none of those that were free", fd)
	}
	l.open[n] = true
	unix.SetNonblock(fd, true)
	return n + 3, nil
}

// end closes all, with RST, so that no port is kept.
func (l *linux) end() {
	for n, open := range l.open {
		if open {
			unix.SetsockoptLinger(l.free[n], unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
			unix.Close(l.free[n])
		}
	}
}

func (l *linux) settle() { time.Sleep(l.patience) }
func (l *linux) socket(datagram bool) (int, error) {
	if datagram {
		return l.opened(unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0))
	}
	fd, err := l.opened(unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0))
	if err == nil { // otherwise a second short write waits until the first is acknowledged (tcp(7))
		unix.SetsockoptInt(l.fd(fd), unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	}
	return fd, err
}
func sockaddr(a Addr) unix.Sockaddr {
	return &unix.SockaddrInet4{Addr: a.Addr().As4(), Port: int(a.Port())}
}
func (l *linux) bind(fd int, to Addr) error    { return unix.Bind(l.fd(fd), sockaddr(to)) }
func (l *linux) listen(fd, backlog int) error  { return unix.Listen(l.fd(fd), backlog) }
func (l *linux) connect(fd int, to Addr) error { return unix.Connect(l.fd(fd), sockaddr(to)) }
func (l *linux) accept(fd int) (int, error) {
	conn, _, err := unix.Accept4(l.fd(fd), unix.SOCK_CLOEXEC)
	return l.opened(conn, err)
}
func (l *linux) name(fd int) (Addr, error) {
	sa, err := unix.Getsockname(l.fd(fd))
	if in, is := sa.(*unix.SockaddrInet4); is {
		return netip.AddrPortFrom(netip.AddrFrom4(in.Addr), uint16(in.Port)), err
	}
	return Addr{}, err
}
func (l *linux) peerName(fd int) error               { _, err := unix.Getpeername(l.fd(fd)); return err }
func (l *linux) read(fd int, b []byte) (int, error)  { return unix.Read(l.fd(fd), b) }
func (l *linux) write(fd int, b []byte) (int, error) { return unix.Write(l.fd(fd), b) }
func (l *linux) sendTo(fd int, b []byte, to Addr) (int, error) {
	if err := unix.Sendto(l.fd(fd), b, 0, sockaddr(to)); err != nil {
		return -1, err
	}
	return len(b), nil
}
func (l *linux) recvFrom(fd int, b []byte) (int, error) {
	n, _, err := unix.Recvfrom(l.fd(fd), b, unix.MSG_TRUNC)
	return n, err
}
func (l *linux) shutdown(fd int) error { return unix.Shutdown(l.fd(fd), unix.SHUT_WR) }
func (l *linux) noLinger(fd int) error {
	return unix.SetsockoptLinger(l.fd(fd), unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1})
}
func (l *linux) socketError(fd int) error {
	value, err := unix.GetsockoptInt(l.fd(fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && value != 0 {
		err = unix.Errno(value)
	}
	return err
}
func (l *linux) dup(fd int) (int, error) {
	return l.opened(unix.FcntlInt(uintptr(l.fd(fd)), unix.F_DUPFD_CLOEXEC, 0))
}
func (l *linux) close(fd int) error {
	err := unix.Close(l.fd(fd))
	if n := fd - 3; err == nil {
		l.open[n] = false
	}
	return err
}
func (l *linux) pipe() (int, int, error) {
	var p [2]int
	err := unix.Pipe2(p[:], unix.O_CLOEXEC)
	r, err := l.opened(p[0], err)
	if err != nil {
		return -1, -1, err
	}
	w, err := l.opened(p[1], nil)
	return r, w, err
}
func (l *linux) poll(fds []PollFd) (int, error) {
	real := make([]unix.PollFd, len(fds))
	for i, e := range fds {
		real[i] = unix.PollFd{Fd: int32(l.fd(e.Fd)), Events: int16(e.Events)}
		if e.Fd >= 0 && real[i].Fd < 0 {
			real[i].Fd = 1 << 30 // not open, and not to be skipped
		}
	}
	n, err := unix.Poll(real, 0)
	for i := range fds {
		fds[i].Revents = Events(real[i].Revents)
	}
	return n, err
}
func (l *linux) sel(nfds int, r, w *FdSet) (int, error) {
	var sets [2]unix.FdSet
	high := 0
	for fd := range nfds {
		for i, set := range []*FdSet{r, w} {
			if !set.IsSet(fd) {
				continue
			}
			real := l.fd(fd)
			if real < 0 {
				return -1, unix.EBADF // the number is free here, or another's
			}
			sets[i].Set(real)
			high = max(high, real)
		}
	}
	n, err := unix.Select(high+1, &sets[0], &sets[1], nil, &unix.Timeval{})
	if err == nil {
		for fd := range nfds {
			for i, set := range []*FdSet{r, w} {
				if real := l.fd(fd); real >= 0 && set.IsSet(fd) && !sets[i].IsSet(real) {
					set.Clear(fd)
				}
			}
		}
	}
	return n, err
}
func (l *linux) epoll() (int, error) { return l.opened(unix.EpollCreate1(unix.EPOLL_CLOEXEC)) }
func (l *linux) ctl(ep, op, fd int, events Events) error {
	return unix.EpollCtl(l.fd(ep), op, l.fd(fd), &unix.EpollEvent{Events: uint32(events), Fd: int32(fd)})
}
func (l *linux) wait(ep int) ([]EpollEvent, error) { return l.waitFor(ep, 100) }
func (l *linux) waitFor(ep, most int) ([]EpollEvent, error) {
	real := make([]unix.EpollEvent, most)
	n, err := unix.EpollWait(l.fd(ep), real, 0)
	var events []EpollEvent
	for _, e := range real[:max(n, 0)] {
		events = append(events, EpollEvent{Events(e.Events), e.Fd})
	}
	return events, err
}

// bothKernels runs a test on both.
func bothKernels(t *testing.T, test func(t *testing.T, m machine, address netip.Addr)) {
	for n, m := range []machine{&simulated{p: New(Usual).NewProcess()},
		&linux{free: freeNumbers(t, most), patience: 20 * time.Millisecond}} {
		t.Run([]string{"simulated", "linux"}[n], func(t *testing.T) {
			test(t, m, netip.AddrFrom4([4]byte{127, 200, 0, 1}))
			if l, is := m.(*linux); is {
				l.end()
			}
		})
	}
}

// pair returns both ends of a connection.
func pair(t *testing.T, m machine, address netip.Addr) (client, conn int) {
	t.Helper()
	l, _ := m.socket(false)
	m.bind(l, netip.AddrPortFrom(address, 0))
	m.listen(l, 10)
	to, _ := m.name(l)
	client, _ = m.socket(false)
	m.connect(client, to)
	m.settle()
	conn, err := m.accept(l)
	if err != nil {
		t.Fatal(err)
	}
	return client, conn
}

// A buffer that was full is an edge when a third of it is free again. How much it takes differs between the kernels.
func TestFullBufferIsAnEdge(t *testing.T) {
	bothKernels(t, func(t *testing.T, m machine, address netip.Addr) {
		client, conn := pair(t, m, address)
		ep, _ := m.epoll()
		m.ctl(ep, EPOLL_CTL_ADD, client, POLLOUT|EPOLLET)
		said := ""
		look := func(when string) {
			m.settle()
			events, err := m.wait(ep)
			said += fmt.Sprintf("%s: %d %v; ", when, len(events), name(err))
		}
		look("new")
		look("again")
		sent := 0
		for {
			n, err := m.write(client, make([]byte, 60_000))
			sent += max(n, 0)
			if err != nil {
				said += name(err) + "; "
				break
			}
			m.settle()
		}
		look("full")
		got := 0
		for got < sent {
			n, err := m.read(conn, make([]byte, 60_000))
			got += max(n, 0)
			if err != nil && name(err) != "EAGAIN" {
				t.Fatal(err)
			}
			m.settle()
		}
		look("read")
		look("again")
		if want := "new: 1 ok; again: 0 ok; EAGAIN; full: 0 ok; read: 1 ok; again: 0 ok; "; said != want {
			t.Errorf("got %s, want %s", said, want)
		}
	})
}

// With room for one event, a level-triggered list takes turns, and no entry starves (epoll(7)).
func TestLevelTakesTurns(t *testing.T) {
	bothKernels(t, func(t *testing.T, m machine, address netip.Addr) {
		ep, _ := m.epoll()
		var order []int32
		for range 3 {
			client, conn := pair(t, m, address)
			m.write(client, []byte("x"))
			m.settle()
			m.ctl(ep, EPOLL_CTL_ADD, conn, POLLIN)
			order = append(order, int32(conn))
		}
		for n := range 6 {
			events, err := m.waitFor(ep, 1)
			if err != nil || len(events) != 1 || events[0].Fd != order[n%3] {
				t.Errorf("turn %d: %v, %v; the order is %v", n, events, err, order)
			}
		}
	})
}
