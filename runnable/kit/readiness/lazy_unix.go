//go:build linux || darwin

package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// lazy delays unregistering: a connection that just waited for a request will soon wait for the next one, so the
// kernel's registration stays and is used again without a call. Only an event that is not wanted ends it.
type lazy struct {
	Selector
	watched []registration // by descriptor
}

type registration struct {
	want       Events // the wanted events
	data       any
	kernel     Events // the events that the kernel watches for
	generation uint32 // of the descriptor number when it was registered
}

// NewLazy is New for programs that wait for one descriptor after another: starting and ending a wait costs a system
// call only where it differs from the last. A descriptor must be closed with sys.Close, and no duplicate of it may stay
// open: the kernel then forgets the registration, and so does this selector.
func NewLazy() (Selector, error) {
	s, err := New()
	if err != nil {
		return nil, err
	}
	return &lazy{Selector: s}, nil
}

// of returns the descriptor's registration: an empty one if it was closed since, because then the kernel has removed
// its own.
func (l *lazy) of(fd int) *registration {
	for fd >= len(l.watched) {
		l.watched = append(l.watched, registration{})
	}
	r := &l.watched[fd]
	if now := sys.Generation(fd); r.generation != now {
		*r = registration{generation: now}
	}
	return r
}

func (l *lazy) Register(fd int, want Events, data any) error {
	if fd < 0 {
		return sys.EBADF
	}
	r := l.of(fd)
	if r.want != 0 {
		return sys.EEXIST
	}
	return l.wish(fd, r, want, data)
}

func (l *lazy) Modify(fd int, want Events, data any) error {
	if fd < 0 || l.of(fd).want == 0 {
		return sys.ENOENT
	}
	return l.wish(fd, l.of(fd), want, data)
}

func (l *lazy) Unregister(fd int) error {
	if fd < 0 || l.of(fd).want == 0 {
		return sys.ENOENT
	}
	r := l.of(fd)
	if fd >= sys.Generations { // the number has no generation: a close would not be noticed
		return l.tell(fd, r, 0)
	}
	r.want, r.data = 0, nil
	return nil
}

// wish stores the wanted events, and registers them with the kernel if it does not watch for them already.
func (l *lazy) wish(fd int, r *registration, want Events, data any) error {
	if want == 0 {
		return ErrNoEvents
	}
	if want&^r.kernel != 0 {
		if err := l.tell(fd, r, want); err != nil {
			return err
		}
	}
	r.want, r.data = want, data
	return nil
}

// tell makes the kernel watch for exactly the wanted events.
func (l *lazy) tell(fd int, r *registration, want Events) (err error) {
	switch {
	case want == 0:
		err = l.Selector.Unregister(fd)
	case r.kernel == 0:
		err = l.Selector.Register(fd, want, nil)
	default:
		err = l.Selector.Modify(fd, want, nil)
	}
	if err == nil {
		r.want, r.kernel = want, want
	}
	return err
}

// Wait leaves out events that are not wanted, and makes the kernel do the same from now on, or it would report them at
// every wait. Such an event does not end a wait without a timeout.
func (l *lazy) Wait(timeout time.Duration) ([]Ready, error) {
	for {
		ready, err := l.Selector.Wait(timeout)
		if err != nil || len(ready) == 0 {
			return nil, err
		}
		ready, err = l.wanted(ready)
		if err != nil || len(ready) > 0 || timeout >= 0 {
			return ready, err
		}
	}
}

func (l *lazy) wanted(ready []Ready) ([]Ready, error) {
	wanted := ready[:0]
	for _, event := range ready {
		r := l.of(event.FD)
		if event.Events&^r.want != 0 {
			if err := l.tell(event.FD, r, r.want); err != nil {
				return nil, fmt.Errorf("stop watching descriptor %d, whose event is not wanted: %w", event.FD, err)
			}
		}
		if event.Events &= r.want; event.Events != 0 {
			event.Data = r.data
			wanted = append(wanted, event)
		}
	}
	return wanted, nil
}
