package kernel

// Events is what a file is ready for, or what a call waits for. The bits are those of poll(2) and of epoll_ctl(2),
// which Linux gives the same values.
type Events uint32

const (
	POLLIN    Events = 0x1
	POLLPRI   Events = 0x2
	POLLOUT   Events = 0x4
	POLLERR   Events = 0x8  // reported whether asked for or not
	POLLHUP   Events = 0x10 // the same
	POLLNVAL  Events = 0x20 // the same: the descriptor is not open
	POLLRDHUP Events = 0x2000
)

// Read takes up to len(b) bytes that have arrived; 0 says that none will come any more (read(2)).
func (p *Process) Read(fd int, b []byte) (int, error) {
	f, err := p.file(fd)
	if err != nil {
		return -1, err
	}
	switch of := f.Of.(type) {
	case *Stream:
		return of.read(b)
	case *Datagram:
		if len(b) == 0 {
			return 0, nil
		}
		n, _, err := p.RecvFrom(fd, b)
		return min(n, len(b)), err
	case PipeReader:
		return of.read(b)
	case PipeWriter:
		return -1, EBADF
	}
	return -1, EINVAL
}

// Write takes up to len(b) bytes, and returns how many (write(2)).
func (p *Process) Write(fd int, b []byte) (int, error) {
	f, err := p.file(fd)
	if err != nil {
		return -1, err
	}
	switch of := f.Of.(type) {
	case *Stream:
		return of.write(b)
	case *Datagram:
		return of.send(b, of.Remote)
	case PipeReader:
		return -1, EBADF
	case PipeWriter:
		return of.write(b)
	}
	return -1, EINVAL
}

// PollFd is an entry of poll's list.
type PollFd struct {
	Fd              int
	Events, Revents Events
}

// Poll fills in what each entry is ready for, and returns how many are ready for something (poll(2)). It does not wait.
func (p *Process) Poll(list []PollFd) (n int, err error) {
	for i := range list {
		e := &list[i]
		e.Revents = 0
		if e.Fd < 0 {
			continue
		}
		if f, err := p.file(e.Fd); err != nil {
			e.Revents = POLLNVAL
		} else {
			e.Revents = f.Of.Poll() & (e.Events | POLLERR | POLLHUP)
		}
		if e.Revents != 0 {
			n++
		}
	}
	return n, nil
}

// FdSet is select's set of descriptors.
type FdSet [1024 / 64]uint64

// Set adds a descriptor. It panics for a number from 1024 on, which glibc's and Go's sets do not hold either.
func (s *FdSet) Set(fd int)        { s[fd/64] |= 1 << (fd % 64) }
func (s *FdSet) Clear(fd int)      { s[fd/64] &^= 1 << (fd % 64) }
func (s *FdSet) IsSet(fd int) bool { return s[fd/64]>>(fd%64)&1 == 1 }
func (s *FdSet) Zero()             { *s = FdSet{} }

// Select leaves in the sets what is ready, and returns how many bits that are (select(2)). It does not wait. A set may
// be nil. EBADF leaves the sets as they are.
func (p *Process) Select(nfds int, readable, writable, exceptional *FdSet) (n int, err error) {
	if nfds < 0 {
		return -1, EINVAL
	}
	sets := [3]*FdSet{readable, writable, exceptional}
	count := [3]Events{POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI}
	var ready [3]FdSet
	for fd := range min(nfds, len(FdSet{})*64) {
		for i, set := range sets {
			if set == nil || !set.IsSet(fd) {
				continue
			}
			f, err := p.file(fd)
			if err != nil {
				return -1, err
			}
			if f.Of.Poll()&count[i] != 0 {
				ready[i].Set(fd)
				n++
			}
		}
	}
	for i, set := range sets {
		if set != nil {
			*set = ready[i]
		}
	}
	return n, nil
}
