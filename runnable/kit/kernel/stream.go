package kernel

import "net/netip"

// State is how far a stream socket has come (tcp(7); netstat names more of them).
type State uint8

const (
	Unconnected State = iota
	Listening
	Connecting  // SYN is sent (SYN_SENT)
	HalfOpen    // SYN has arrived and is answered: a connection that its listener does not offer yet (SYN_RECV)
	Established // also when one side, or both, have said that they will send no more
	Over        // both sides have ended, or one has reset it
)

func (s State) String() string {
	return [...]string{"unconnected", "listening", "connecting", "half open", "established", "over"}[s]
}

// Stream is a stream socket: TCP as a program sees it.
type Stream struct {
	ID            int // counts the stream sockets of the machine
	kernel        *Kernel
	file          *File // nil when it has been closed, or has not been accepted yet
	State         State
	Local, Remote Addr
	Peer          *Stream // the other end, once SYN has arrived there

	In  []byte // has arrived and waits for read: the receive buffer
	Out []byte // write has taken it, and it has not arrived: the send buffer

	handshake Segment // SYN, SYNACK or ACK on its way from here
	fin       bool    // FIN is on its way from here, behind what Out holds
	finHeard  bool    // FIN from here has arrived
	reset     bool    // RST is on its way to here

	err      Errno // pending: the next call that asks for it has it, once
	asked    bool  // connect was called, and has not told yet how it went
	told     bool  // connect has told that it went well, or accept made the socket
	Ended    bool  // FIN has arrived: after In, read returns 0
	WriteEnd bool  // shutdown or close: no more is sent
	ReadEnd  bool
	noSpace  bool // a call was told that the send buffer is full: the next room in it is an event
	given    bool // bind gave it its address
	holds    bool // it has its port; Local still tells it when it is given back
	bound    bool // bind asked for this very port: it is kept until close
	reuse    bool // SO_REUSEADDR
	linger0  bool // SO_LINGER with a time of 0

	backlog int
	half    []*Stream // of a listener: SYN has arrived
	Queue   []*Stream // of a listener: connections that wait for accept
}

// Socket makes a stream socket and returns its descriptor (socket(2)).
func (p *Process) Socket() (int, error) {
	s := &Stream{kernel: p.Kernel}
	s.file = &File{Of: s}
	fd, err := p.open(s.file)
	if err == nil {
		p.Kernel.add(s)
	}
	return fd, err
}

func (k *Kernel) add(s *Stream) {
	k.made++
	s.ID = k.made
	k.streams = append(k.streams, s)
}

// stream returns the stream socket of a descriptor, or EBADF, ENOTSOCK, or EOPNOTSUPP for a datagram socket.
func (p *Process) stream(fd int) (*Stream, error) {
	f, err := p.file(fd)
	if err != nil {
		return nil, err
	}
	switch of := f.Of.(type) {
	case *Stream:
		return of, nil
	case *Datagram:
		return nil, EOPNOTSUPP
	}
	return nil, ENOTSOCK
}

// ReuseAddr sets SO_REUSEADDR (socket(7)).
func (p *Process) ReuseAddr(fd int) error {
	s, err := p.stream(fd)
	if err == EOPNOTSUPP {
		return nil // datagram sockets have it too; here it changes nothing
	}
	if err == nil {
		s.reuse = true
	}
	return err
}

// NoLinger makes close send RST instead of FIN: SO_LINGER with a time of 0 (socket(7)).
func (p *Process) NoLinger(fd int) error {
	s, err := p.stream(fd)
	if err == EOPNOTSUPP {
		return nil // of a datagram socket: no effect
	}
	if err == nil {
		s.linger0 = true
	}
	return err
}

// Bind gives a socket its address (bind(2)).
func (p *Process) Bind(fd int, to Addr) error {
	f, err := p.file(fd)
	if err != nil {
		return err
	}
	switch of := f.Of.(type) {
	case *Stream:
		if of.State != Unconnected && of.State != Over || of.holds {
			return EINVAL
		}
		if p.Kernel.taken(of, to) {
			of.Local = netip.AddrPortFrom(anyAddr.Addr(), of.Local.Port())
			return EADDRINUSE
		}
		of.Local, of.given, of.holds, of.bound = p.Kernel.withPort(to), true, true, to.Port() != 0
		return nil
	case *Datagram:
		return of.bind(to)
	}
	return ENOTSOCK
}

// taken tells whether an address is in use, so that bind refuses it. Two sockets may have it when both ask for that
// with SO_REUSEADDR and neither listens.
func (k *Kernel) taken(s *Stream, to Addr) bool {
	for _, other := range k.streams {
		if other == s || !other.holds || to.Port() == 0 || other.Local.Port() != to.Port() || !overlap(other.Local, to) {
			continue
		}
		if !s.reuse || !other.reuse || other.State == Listening {
			return true
		}
	}
	return false
}

// overlap tells whether two addresses have a machine's address in common: 0.0.0.0 is all of them.
func overlap(a, b Addr) bool {
	return a.Addr() == b.Addr() || a.Addr().IsUnspecified() || b.Addr().IsUnspecified()
}

// withPort returns the address with a port, which nothing else uses, if it asks for one with 0.
func (k *Kernel) withPort(a Addr) Addr {
	if a.Port() != 0 {
		return a
	}
	for {
		if k.port++; k.port < firstPort {
			k.port = firstPort
		}
		a = netip.AddrPortFrom(a.Addr(), k.port)
		if !k.taken(&Stream{}, a) && k.datagramAt(a) == nil {
			return a
		}
	}
}

// Listen makes a socket accept connections, and says how many may wait (listen(2)).
func (p *Process) Listen(fd, backlog int) error {
	s, err := p.stream(fd)
	if err != nil {
		return err
	}
	if s.State != Unconnected && s.State != Listening {
		return EINVAL
	}
	if !s.holds {
		s.Local, s.holds = p.Kernel.withPort(anyAddr), true
	}
	if s.State != Listening && p.Kernel.listener(s.Local) != nil {
		return EADDRINUSE
	}
	if backlog < 0 || backlog > p.Kernel.Backlog {
		backlog = p.Kernel.Backlog // listen takes the number as unsigned
	}
	s.State, s.backlog = Listening, backlog
	return nil
}

var (
	anyAddr  = netip.AddrPortFrom(netip.AddrFrom4([4]byte{}), 0)
	loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})
)

// listener returns the socket that listens at an address, or nil.
func (k *Kernel) listener(at Addr) *Stream {
	for _, s := range k.streams {
		if s.State == Listening && s.Local.Port() == at.Port() && overlap(s.Local, at) {
			return s
		}
	}
	return nil
}

// full tells whether no more connection may wait. Linux lets one more wait than listen says.
func (s *Stream) full() bool { return len(s.Queue) > s.backlog }

// Accept takes the first connection from the queue. Its descriptor blocks, whatever the listener does (accept(2)). The
// number is looked for first: EMFILE comes even when no connection waits.
func (p *Process) Accept(fd int) (int, error) {
	s, err := p.stream(fd)
	if err != nil {
		return -1, err
	}
	if _, err := p.free(); err != nil {
		return -1, err
	}
	if s.State != Listening {
		return -1, EINVAL
	}
	if len(s.Queue) == 0 {
		return -1, EAGAIN
	}
	c := s.Queue[0]
	s.Queue = s.Queue[1:]
	c.file, c.told = &File{Of: c}, true
	return p.open(c.file)
}

// Connect asks for a connection and returns EINPROGRESS. Called again it tells how that went: EALREADY while it goes
// on, nil once it is there, or the error (connect(2)).
func (p *Process) Connect(fd int, to Addr) error {
	f, err := p.file(fd)
	if err != nil {
		return err
	}
	if d, is := f.Of.(*Datagram); is {
		return d.connect(to)
	}
	s, err := p.stream(fd)
	switch {
	case err != nil:
		return err
	case s.told:
		return EISCONN
	case s.asked && s.State == Connecting:
		return EALREADY
	case s.asked && s.State == Over:
		err := s.take(ECONNABORTED)
		s.disconnect()
		return err
	case s.asked:
		s.asked, s.told = false, true
		return nil
	case s.State != Unconnected:
		return EISCONN
	}
	if to.Addr().IsUnspecified() {
		to = netip.AddrPortFrom(loopback, to.Port())
	}
	if !s.holds {
		local := anyAddr.Addr()
		if s.given {
			local = s.Local.Addr()
		}
		s.Local = netip.AddrPortFrom(local, 0)
	}
	if s.Local.Port() == 0 || s.Local.Addr().IsUnspecified() {
		if s.Local.Addr().IsUnspecified() {
			s.Local = netip.AddrPortFrom(loopback, s.Local.Port())
		}
		s.Local, s.holds = p.Kernel.withPort(s.Local), true
	}
	s.State, s.Remote, s.asked, s.handshake = Connecting, to, true, SYN
	return EINPROGRESS
}

// disconnect makes it a new socket, but for its options and what bind gave it (tcp_disconnect).
func (s *Stream) disconnect() {
	local := anyAddr
	if s.given {
		local = s.Local
	}
	*s = Stream{ID: s.ID, kernel: s.kernel, file: s.file, Local: local, given: s.given, holds: s.bound, bound: s.bound,
		reuse: s.reuse, linger0: s.linger0}
	s.file.wake(POLLERR)
}

// take returns the pending error, once, or the other one if none is pending.
func (s *Stream) take(other Errno) error {
	err := s.err
	s.err = 0
	if err == 0 {
		err = other
	}
	if err == 0 {
		return nil
	}
	return err
}

// read follows tcp_recvmsg: what has arrived comes first, then the end, then the error.
func (s *Stream) read(b []byte) (int, error) {
	switch {
	case len(b) == 0:
		return 0, nil
	case s.State == Listening:
		return -1, ENOTCONN
	case len(s.In) > 0:
		n := copy(b, s.In)
		s.In = s.In[n:]
		return n, nil
	case s.Ended:
		return 0, nil
	case s.err != 0:
		return -1, s.take(0)
	case s.ReadEnd:
		return 0, nil
	case s.State == Unconnected || s.State == Over:
		return -1, ENOTCONN
	}
	return -1, EAGAIN
}

// write follows tcp_sendmsg: it takes what fits into the send buffer.
func (s *Stream) write(b []byte) (int, error) {
	switch {
	case s.err != 0 || s.WriteEnd:
		return -1, s.take(EPIPE)
	case s.State == Connecting:
		return -1, EAGAIN
	case s.State != Established:
		return -1, EPIPE
	}
	n := min(len(b), s.kernel.Send-len(s.Out))
	if s.kernel.Short {
		n = min(n, 1)
	}
	s.noSpace = s.noSpace || n < len(b)
	if n == 0 && len(b) > 0 {
		return -1, EAGAIN
	}
	s.Out = append(s.Out, b[:n]...)
	return n, nil
}

// Shutdown ends one direction: nothing more is sent, and the peer reads the end after what was written (shutdown(2)
// with SHUT_WR).
func (p *Process) Shutdown(fd int) error {
	s, err := p.stream(fd)
	if err == EOPNOTSUPP {
		return ENOTCONN // a datagram socket
	}
	if err != nil {
		return err
	}
	if s.asked && s.State != Connecting {
		s.asked, s.told = false, true
	}
	switch s.State {
	case Listening:
		s.file.wake(0)
		return nil
	case Unconnected, Over:
		s.file.wake(0)
		return ENOTCONN
	case Connecting: // gives up
		s.disconnect()
		s.file.wake(0)
		return nil
	}
	s.fin = s.fin || !s.WriteEnd
	s.WriteEnd = true
	s.file.wake(0)
	return nil
}

// release is close(2) of the last descriptor: FIN follows what was written. If bytes have arrived that were not read,
// or SO_LINGER says so, it is RST, and what has not arrived is lost.
func (s *Stream) release() {
	s.file = nil
	switch s.State {
	case Listening:
		s.State = Over
		for _, c := range append(s.half, s.Queue...) {
			c.sendReset()
		}
		s.half, s.Queue = nil, nil
	case Unconnected, Connecting:
		s.handshake = 0
		s.State = Over
	case Established:
		if len(s.In) > 0 || s.linger0 {
			s.sendReset()
			break
		}
		s.fin = s.fin || !s.WriteEnd
		s.WriteEnd, s.ReadEnd = true, true
	}
	s.kernel.forget(s)
}

// sendReset ends the connection here at once, and there when RST arrives.
func (s *Stream) sendReset() {
	s.over()
	if s.Peer != nil && s.Peer.State != Over {
		s.Peer.reset = true
	}
	s.kernel.forget(s)
}

// forget removes sockets from the machine which no descriptor leads to and nothing will happen to.
func (k *Kernel) forget(s *Stream) {
	if s.file != nil || s.State != Over && !(s.finHeard && s.Ended) {
		return
	}
	for i, other := range k.streams {
		if other == s {
			k.streams = append(k.streams[:i:i], k.streams[i+1:]...)
			return
		}
	}
}

// Poll follows tcp_poll.
func (s *Stream) Poll() (is Events) {
	if s.State == Listening {
		if len(s.Queue) > 0 {
			return POLLIN
		}
		return 0
	}
	if s.State == Unconnected || s.State == Over || s.ReadEnd && s.WriteEnd {
		is |= POLLHUP
	}
	if s.ReadEnd {
		is |= POLLIN | POLLRDHUP
	}
	if s.State != Connecting {
		if len(s.In) > 0 {
			is |= POLLIN
		}
		if s.WriteEnd || s.roomy() {
			is |= POLLOUT
		} else {
			s.noSpace = true
		}
	}
	if s.err != 0 {
		is |= POLLERR
	}
	return is
}

// roomy tells whether a third of the send buffer is free: before that, poll does not report it.
func (s *Stream) roomy() bool { return 3*len(s.Out) <= 2*s.kernel.Send }

// SocketError returns the pending error, and clears it: getsockopt with SO_ERROR (socket(7)).
func (p *Process) SocketError(fd int) error {
	if d, err := p.datagram(fd); err == nil {
		return d.take()
	}
	s, err := p.stream(fd)
	if err != nil {
		return err
	}
	return s.take(0)
}

// Getsockname returns the socket's own address (getsockname(2)).
func (p *Process) Getsockname(fd int) (Addr, error) {
	f, err := p.file(fd)
	if err != nil {
		return Addr{}, err
	}
	local := anyAddr
	switch of := f.Of.(type) {
	case *Stream:
		local = of.Local
	case *Datagram:
		local = of.Local
	default:
		return Addr{}, ENOTSOCK
	}
	if !local.IsValid() {
		local = anyAddr
	}
	return local, nil
}

// Getpeername returns the address of the other end, or ENOTCONN: also when the connection is over (getpeername(2)).
func (p *Process) Getpeername(fd int) (Addr, error) {
	if d, err := p.datagram(fd); err == nil {
		if !d.Remote.IsValid() {
			return Addr{}, ENOTCONN
		}
		return d.Remote, nil
	}
	s, err := p.stream(fd)
	if err == nil && s.State != Established {
		err = ENOTCONN
	}
	if err != nil {
		return Addr{}, err
	}
	return s.Remote, nil
}
