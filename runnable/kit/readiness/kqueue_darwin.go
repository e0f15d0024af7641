package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// kqueueing holds a kernel event queue, in which reading and writing are separate interests.
type kqueueing struct {
	kq      int
	flags   int           // EV_CLEAR or none
	watched map[int]Ready // the wanted events, and the data
	events  []sys.KeventT
	ready   []Ready
}

// batch is how many events one wait takes at most; the next wait reports the others.
const batch = 256

// NewKqueue watches with kqueue: the list stays in the kernel, and a wait costs only as much as it reports.
func NewKqueue() (Selector, error) { return newKqueue(0) }

// NewKqueueEdge watches with kqueue and reports changes instead of states (EV_CLEAR).
func NewKqueueEdge() (Selector, error) { return newKqueue(sys.EV_CLEAR) }

// New returns the system's best selector (as selectors.DefaultSelector): here kqueue.
func New() (Selector, error) { return NewKqueue() }

// NewEdge returns the system's best edge-triggered selector: here kqueue.
func NewEdge() (Selector, error) { return NewKqueueEdge() }

func newKqueue(flags int) (Selector, error) {
	kq, err := sys.Kqueue()
	if err != nil {
		return nil, fmt.Errorf("kqueue: %w", err)
	}
	return &kqueueing{kq: kq, flags: flags, watched: map[int]Ready{}, events: make([]sys.KeventT, batch)}, nil
}

func (k *kqueueing) Register(fd int, want Events, data any) error {
	if k.watched[fd].Events != 0 {
		return sys.EEXIST
	}
	if want == 0 {
		return ErrNoEvents
	}
	return k.change(Ready{fd, want, data})
}

func (k *kqueueing) Modify(fd int, want Events, data any) error {
	if k.watched[fd].Events == 0 {
		return sys.ENOENT
	}
	if want == 0 {
		return ErrNoEvents
	}
	return k.change(Ready{fd, want, data})
}

func (k *kqueueing) Unregister(fd int) error {
	if k.watched[fd].Events == 0 {
		return sys.ENOENT
	}
	return k.change(Ready{FD: fd})
}

// change replaces the wanted events of a descriptor, in one call.
func (k *kqueueing) change(to Ready) error {
	var changes []sys.KeventT
	for _, interest := range []struct {
		event  Events
		filter int
	}{{Readable, sys.EVFILT_READ}, {Writable, sys.EVFILT_WRITE}} {
		was, is := k.watched[to.FD].Events&interest.event != 0, to.Events&interest.event != 0
		switch {
		case is && !was:
			changes = append(changes, sys.Change(to.FD, interest.filter, sys.EV_ADD|k.flags))
		case was && !is:
			changes = append(changes, sys.Change(to.FD, interest.filter, sys.EV_DELETE))
		}
	}
	delete(k.watched, to.FD)
	if to.Events != 0 {
		k.watched[to.FD] = to
	}
	if len(changes) == 0 {
		return nil
	}
	_, err := sys.Kevent(k.kq, changes, nil, 0)
	if err != nil {
		delete(k.watched, to.FD)
	}
	return err
}

// Wait may report a descriptor twice: once to read and once to write.
func (k *kqueueing) Wait(timeout time.Duration) ([]Ready, error) {
	k.ready = k.ready[:0]
	n, err := sys.Kevent(k.kq, nil, k.events, timeout)
	if err == sys.EINTR {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("kevent: %w", err)
	}
	for _, event := range k.events[:n] {
		is := Readable
		if event.Filter == sys.EVFILT_WRITE {
			is = Writable
		}
		fd := int(event.Ident)
		k.ready = append(k.ready, Ready{fd, is, k.watched[fd].Data})
	}
	return k.ready, nil
}

func (k *kqueueing) Close() error { return sys.Close(k.kq) }
