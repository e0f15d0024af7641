package kernel

import "net/netip"

// Datagram is a datagram socket: UDP. What is sent arrives at once, or is lost when no socket has the address or the
// receiver's buffer is full. (Loss in between would be a choice; nothing in the book needs it yet.)
type Datagram struct {
	kernel        *Kernel
	file          *File
	Local, Remote Addr // Remote after connect
	Queue         []Message
	err           Errno
}

// Message is a datagram that has arrived.
type Message struct {
	From Addr
	Data []byte
}

// longest is the most that a datagram of IPv4 can carry.
const longest = 65_535 - 20 - 8

// SocketDatagram makes a datagram socket: socket(2) with SOCK_DGRAM.
func (p *Process) SocketDatagram() (int, error) {
	d := &Datagram{kernel: p.Kernel}
	d.file = &File{Of: d}
	fd, err := p.open(d.file)
	if err == nil {
		p.Kernel.datagrams = append(p.Kernel.datagrams, d)
	}
	return fd, err
}

func (k *Kernel) datagramAt(at Addr) *Datagram {
	for _, d := range k.datagrams {
		if d.Local.Port() == at.Port() && at.Port() != 0 && overlap(d.Local, at) {
			return d
		}
	}
	return nil
}

func (d *Datagram) bind(to Addr) error {
	if d.Local.Port() != 0 {
		return EINVAL
	}
	if d.kernel.datagramAt(to) != nil {
		return EADDRINUSE
	}
	d.Local = d.kernel.withPort(to)
	return nil
}

func (d *Datagram) connect(to Addr) error {
	if d.Local.Port() == 0 || d.Local.Addr().IsUnspecified() {
		d.Local = d.kernel.withPort(netip.AddrPortFrom(loopback, d.Local.Port()))
	}
	d.Remote = to
	return nil
}

// datagram returns the datagram socket of a descriptor, or EBADF or ENOTSOCK.
func (p *Process) datagram(fd int) (*Datagram, error) {
	f, err := p.file(fd)
	if err != nil {
		return nil, err
	}
	if d, is := f.Of.(*Datagram); is {
		return d, nil
	}
	return nil, ENOTSOCK
}

// SendTo sends a datagram to an address. Success does not mean that it has arrived (udp(7)).
func (p *Process) SendTo(fd int, b []byte, to Addr) (int, error) {
	d, err := p.datagram(fd)
	if err != nil {
		return -1, err
	}
	return d.send(b, to)
}

func (d *Datagram) send(b []byte, to Addr) (int, error) {
	if d.Local.Port() == 0 {
		d.Local = d.kernel.withPort(anyAddr) // also when nothing is sent in the end
	}
	switch {
	case len(b) > longest:
		return -1, EMSGSIZE
	case to.Port() == 0 && !to.IsValid():
		return -1, EDESTADDRREQ
	case to.Port() == 0:
		return -1, EINVAL
	case d.err != 0:
		return -1, d.take()
	}
	from := d.Local
	if from.Addr().IsUnspecified() {
		from = netip.AddrPortFrom(loopback, from.Port())
	}
	switch at := d.kernel.datagramAt(to); {
	case at == nil || at.Remote.IsValid() && at.Remote != from:
		if d.Remote == to {
			d.err = ECONNREFUSED // ICMP tells only who is connected to there (udp(7))
			d.file.wake(POLLERR)
		}
	case at.held()+len(b) <= d.kernel.Receive:
		at.Queue = append(at.Queue, Message{from, append([]byte(nil), b...)})
		at.file.wake(POLLIN)
	}
	d.file.wake(POLLOUT) // it has left the send buffer
	return len(b), nil
}

// take returns the pending error, once.
func (d *Datagram) take() error {
	if d.err == 0 {
		return nil
	}
	err := d.err
	d.err = 0
	return err
}

// held is how many bytes wait.
func (d *Datagram) held() (n int) {
	for _, m := range d.Queue {
		n += len(m.Data)
	}
	return n
}

// RecvFrom takes the first datagram. What does not fit is lost; the length that it had is returned all the same
// (MSG_TRUNC, recv(2)).
func (p *Process) RecvFrom(fd int, b []byte) (int, Addr, error) {
	d, err := p.datagram(fd)
	if err != nil {
		return -1, Addr{}, err
	}
	if err := d.take(); err != nil {
		return -1, Addr{}, err
	}
	if len(d.Queue) == 0 {
		return -1, Addr{}, EAGAIN
	}
	m := d.Queue[0]
	d.Queue = d.Queue[1:]
	copy(b, m.Data)
	return len(m.Data), m.From, nil
}

// Poll follows udp_poll.
func (d *Datagram) Poll() Events {
	is := POLLOUT
	if len(d.Queue) > 0 {
		is |= POLLIN
	}
	if d.err != 0 {
		is |= POLLERR
	}
	return is
}

func (d *Datagram) release() {
	for i, other := range d.kernel.datagrams {
		if other == d {
			d.kernel.datagrams = append(d.kernel.datagrams[:i:i], d.kernel.datagrams[i+1:]...)
			return
		}
	}
}
