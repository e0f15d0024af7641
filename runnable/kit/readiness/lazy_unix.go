//go:build linux || darwin

package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// lazy is slow to tell the kernel that a descriptor is not wanted any more. Who waits for a client's request will soon
// wait for the next: the registration stays, and is used again for nothing. Only an event that nobody wants ends it.
type lazy struct {
	Selector
	watched []registration // by descriptor
}

type registration struct {
	want       Events // what is wanted
	told       Events // what the kernel believes is wanted
	generation uint32 // of the descriptor number when the kernel was told
}

// NewLazy is New for programs that wait for one descriptor after another: begin and end a wait as often as you like,
// and it costs a system call only where it differs from the last. A descriptor must be closed with sys.Close, and no
// duplicate of it may stay open: the kernel then forgets the registration, and so does this selector.
func NewLazy() (Selector, error) {
	s, err := New()
	if err != nil {
		return nil, err
	}
	return &lazy{Selector: s}, nil
}

// of is what is known of the descriptor: nothing if the number was given back since, for then the kernel knows nothing.
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

func (l *lazy) Register(fd int, want Events) error {
	if fd < 0 {
		return sys.EBADF
	}
	r := l.of(fd)
	if r.want != 0 {
		return sys.EEXIST
	}
	return l.wish(fd, r, want)
}

func (l *lazy) Modify(fd int, want Events) error {
	if fd < 0 || l.of(fd).want == 0 {
		return sys.ENOENT
	}
	return l.wish(fd, l.of(fd), want)
}

func (l *lazy) Unregister(fd int) error {
	if fd < 0 || l.of(fd).want == 0 {
		return sys.ENOENT
	}
	if fd >= sys.Generations { // whether it is closed meanwhile could not be seen
		return l.tell(fd, l.of(fd), 0)
	}
	l.of(fd).want = 0
	return nil
}

// wish notes what is wanted, and tells the kernel if it does not watch for that already.
func (l *lazy) wish(fd int, r *registration, want Events) error {
	if want == 0 {
		return ErrNoEvents
	}
	if want&^r.told == 0 {
		r.want = want
		return nil
	}
	return l.tell(fd, r, want)
}

// tell makes the kernel watch for exactly what is wanted.
func (l *lazy) tell(fd int, r *registration, want Events) (err error) {
	switch {
	case want == 0:
		err = l.Selector.Unregister(fd)
	case r.told == 0:
		err = l.Selector.Register(fd, want)
	default:
		err = l.Selector.Modify(fd, want)
	}
	if err == nil {
		r.want, r.told = want, want
	}
	return err
}

// Wait leaves out what nobody wants, and has the kernel do the same from now on, or it would report it at every wait. Who
// waits for ever is not disturbed by that.
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
				return nil, fmt.Errorf("descriptor %d is ready, wanted by nobody, and cannot be unregistered: %w", event.FD, err)
			}
		}
		if event.Events &= r.want; event.Events != 0 {
			wanted = append(wanted, event)
		}
	}
	return wanted, nil
}
