package kernel

// Flags of epoll_ctl(2), besides the events.
const (
	EPOLLET      Events = 1 << 31 // report what happens, not what is
	EPOLLONESHOT Events = 1 << 30 // report once, then nothing until EPOLL_CTL_MOD
)

// Operations of epoll_ctl(2).
const (
	EPOLL_CTL_ADD = 1
	EPOLL_CTL_DEL = 2
	EPOLL_CTL_MOD = 3
)

// Epoll is an interest list with its ready list (epoll(7)).
type Epoll struct {
	file     *File
	Interest []*watch // in the order of epoll_ctl
	Ready    []*watch // what epoll_wait looks at next, in this order
}

// watch is an entry of the interest list. It belongs to a number and an open file together.
type watch struct {
	list   *Epoll
	Fd     int
	of     *File
	Events Events // 0 of the events: a one-shot that has been reported
	Data   int32
	ready  bool // it is in the ready list
}

// EpollEvent is what epoll_wait reports.
type EpollEvent struct {
	Events Events
	Fd     int32 // what was registered: a number that may stand for something else by now
}

// EpollCreate makes an empty interest list (epoll_create1(2)).
func (p *Process) EpollCreate() (int, error) {
	e := &Epoll{}
	e.file = &File{Of: e}
	return p.open(e.file)
}

// epoll returns the interest list of a descriptor, or EBADF or EINVAL.
func (p *Process) epoll(fd int) (*Epoll, error) {
	f, err := p.file(fd)
	if err != nil {
		return nil, err
	}
	if e, is := f.Of.(*Epoll); is {
		return e, nil
	}
	return nil, EINVAL
}

// EpollCtl adds an entry, changes it, or deletes it (epoll_ctl(2)). An interest list in another is refused with EINVAL:
// Linux allows it.
func (p *Process) EpollCtl(epfd, op, fd int, events Events) error {
	if _, err := p.file(epfd); err != nil {
		return err
	}
	f, err := p.file(fd)
	if err != nil {
		return err
	}
	e, err := p.epoll(epfd)
	if err != nil {
		return err
	}
	if _, nested := f.Of.(*Epoll); nested {
		return EINVAL
	}
	var w *watch
	for _, other := range e.Interest {
		if other.Fd == fd && other.of == f {
			w = other
		}
	}
	switch {
	case op == EPOLL_CTL_ADD && w != nil:
		return EEXIST
	case op == EPOLL_CTL_ADD:
		w = &watch{list: e, Fd: fd, of: f, Data: int32(fd)}
		e.Interest = append(e.Interest, w)
		f.watches = append(f.watches, w)
	case op != EPOLL_CTL_MOD && op != EPOLL_CTL_DEL:
		return EINVAL
	case w == nil:
		return ENOENT
	case op == EPOLL_CTL_DEL:
		f.watches = remove(f.watches, w)
		e.remove(w)
		return nil
	}
	w.Events = events | POLLERR | POLLHUP
	if w.is() != 0 {
		w.queue() // what is ready already counts as an edge
	}
	return nil
}

// is tells what the entry's file is ready for, of what the entry asks.
func (w *watch) is() Events { return w.of.Of.Poll() & w.Events }

// hear is told that something has happened to the file.
func (w *watch) hear(key Events) {
	if w.Events&^(EPOLLET|EPOLLONESHOT) != 0 && (key == 0 || key&w.Events != 0) {
		w.queue()
	}
}

func (w *watch) queue() {
	if !w.ready {
		w.ready = true
		w.list.Ready = append(w.list.Ready, w)
		w.list.file.wake(POLLIN)
	}
}

func (e *Epoll) remove(w *watch) {
	e.Interest, e.Ready = remove(e.Interest, w), remove(e.Ready, w)
}

func remove(all []*watch, one *watch) (rest []*watch) {
	for _, w := range all {
		if w != one {
			rest = append(rest, w)
		}
	}
	return rest
}

// EpollWait fills events from the start and returns how many (epoll_wait(2)). It does not wait. It asks each entry of
// the ready list whether it is ready still. An entry for states (level) goes to the end of the list again, one for
// changes (edge) does not.
func (p *Process) EpollWait(epfd int, events []EpollEvent) (n int, err error) {
	if len(events) == 0 {
		return -1, EINVAL
	}
	e, err := p.epoll(epfd)
	if err != nil {
		return -1, err
	}
	list := e.Ready
	e.Ready = nil
	var again []*watch
	for i, w := range list {
		if n == len(events) {
			again = append(list[i:len(list):len(list)], again...)
			break
		}
		w.ready = false
		is := w.is()
		if is == 0 {
			continue
		}
		events[n] = EpollEvent{is, w.Data}
		n++
		switch {
		case w.Events&EPOLLONESHOT != 0:
			w.Events &= EPOLLET | EPOLLONESHOT
		case w.Events&EPOLLET == 0:
			w.ready = true
			again = append(again, w)
		}
	}
	e.Ready = append(again, e.Ready...)
	return n, nil
}

// Poll: an interest list is readable when something on it is ready. Entries that are so no longer are dropped.
func (e *Epoll) Poll() Events {
	for len(e.Ready) > 0 {
		if e.Ready[0].is() != 0 {
			return POLLIN
		}
		e.Ready[0].ready = false
		e.Ready = e.Ready[1:]
	}
	return 0
}

func (e *Epoll) release() {
	for _, w := range e.Interest {
		w.of.watches = remove(w.of.watches, w)
	}
	e.Interest, e.Ready = nil, nil
}
