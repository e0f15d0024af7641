// Package kernel is the part of an operating system that a network server meets, as ordinary Go that one can read:
// descriptors, stream sockets with their queues and buffers, datagrams, pipes, select, poll and epoll. It follows
// Linux. It imports nothing of the system, so that it runs in a web page as well as in a test.
//
// Nothing happens by itself here. A call changes what it changes and returns at once; where a real one would wait, it
// returns EAGAIN, and its caller decides what becomes of the thread. What is sent stays on its way until the caller has
// it arrive (Flights, Arrive). All that may differ between two runs of one program on a real machine is therefore
// outside this package.
//
// A differential test runs random programs on this kernel and on Linux's (differential_linux_test.go).
package kernel

import "net/netip"

// Addr is an IPv4 address and a port.
type Addr = netip.AddrPort

// Sizes are the limits of a machine. Buffers are counted in bytes of data; Linux counts what it needs to keep them.
type Sizes struct {
	Descriptors int // of one process (RLIMIT_NOFILE)
	Send        int // bytes that write takes and that have not arrived yet, per stream socket
	Receive     int // bytes that have arrived and were not read, per socket
	Backlog     int // the most that listen grants (net.core.somaxconn)
}

// Usual are sizes as on a Linux machine of today.
var Usual = Sizes{Descriptors: 1024, Send: 2_500_000, Receive: 128 << 10, Backlog: 4096}

// Kernel is one machine with its loopback network.
type Kernel struct {
	Sizes
	streams   []*Stream   // those that have an address, in the order in which they got it
	datagrams []*Datagram // the same
	made      int         // stream sockets so far
	Short     bool        // the next write to a stream socket takes one byte: a fault that a test wants
	Full      bool        // no number is free: another one
	port      uint16      // the last port that was given to a socket that asked for none
}

// New returns a machine on which nothing runs yet.
func New(sizes Sizes) *Kernel { return &Kernel{Sizes: sizes, port: firstPort - 1} }

// firstPort is the first port for sockets that ask for none (ip_local_port_range).
const firstPort = 32768

// File is an open file: what one or several descriptors stand for (open file description, open(2)).
type File struct {
	Of       Object
	NonBlock bool // O_NONBLOCK belongs to the open file, not to the descriptor
	refs     int
	watches  []*watch // epoll entries that hear of changes
}

// Object is what is open: a Stream, a Datagram, an end of a pipe, or an Epoll.
type Object interface {
	// Poll tells what it is ready for now.
	Poll() Events
	// release is called when the last descriptor is closed.
	release()
}

// wake tells epoll entries that something has happened: key says what, 0 stands for anything.
func (f *File) wake(key Events) {
	if f == nil {
		return // closed by its process
	}
	for _, w := range f.watches {
		w.hear(key)
	}
}

// Process has descriptors. Threads of one process share them.
type Process struct {
	Kernel *Kernel
	files  []*File // by number
}

// NewProcess returns a process. The numbers 0 to 2 are taken, as by the terminal.
func (k *Kernel) NewProcess() *Process {
	p := &Process{Kernel: k}
	for range 3 {
		p.open(&File{Of: terminal{}})
	}
	return p
}

// terminal is what the first three descriptors stand for; nothing is known of it.
type terminal struct{}

func (terminal) Poll() Events { return POLLOUT }
func (terminal) release()     {}

// Files returns what is open, by number; nil for a free number.
func (p *Process) Files() []*File { return p.files }

// file returns the open file of a descriptor, or EBADF.
func (p *Process) file(fd int) (*File, error) {
	if fd < 0 || fd >= len(p.files) || p.files[fd] == nil {
		return nil, EBADF
	}
	return p.files[fd], nil
}

// free returns the lowest number that is not in use, or EMFILE.
func (p *Process) free() (int, error) {
	if p.Kernel.Full {
		return -1, EMFILE
	}
	for fd, f := range p.files {
		if f == nil {
			return fd, nil
		}
	}
	if len(p.files) >= p.Kernel.Descriptors {
		return -1, EMFILE
	}
	p.files = append(p.files, nil)
	return len(p.files) - 1, nil
}

// open gives an open file the lowest free number.
func (p *Process) open(f *File) (int, error) {
	fd, err := p.free()
	if err != nil {
		return -1, err
	}
	f.refs++
	p.files[fd] = f
	return fd, nil
}

// Dup returns another descriptor, the lowest free one, for the same open file (dup(2)).
func (p *Process) Dup(fd int) (int, error) {
	f, err := p.file(fd)
	if err != nil {
		return -1, err
	}
	return p.open(f)
}

// Close gives the number back. With the last number of an open file, what it stands for ends (close(2)).
func (p *Process) Close(fd int) error {
	f, err := p.file(fd)
	if err != nil {
		return err
	}
	p.files[fd] = nil
	if f.refs--; f.refs > 0 {
		return nil
	}
	for _, w := range f.watches {
		w.list.remove(w) // an entry of epoll lasts as long as the open file, not as long as the number
	}
	f.Of.release()
	return nil
}

// SetNonblock changes the open file, with all descriptors that stand for it (fcntl(2)).
func (p *Process) SetNonblock(fd int, on bool) error {
	f, err := p.file(fd)
	if err == nil {
		f.NonBlock = on
	}
	return err
}

// Exit closes whatever is open.
func (p *Process) Exit() {
	for fd, f := range p.files {
		if f != nil {
			p.Close(fd)
		}
	}
}
