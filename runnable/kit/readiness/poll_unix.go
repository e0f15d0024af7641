//go:build linux || darwin

package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// polling holds the list that is passed to poll, the data of its entries, and each descriptor's index in it.
type polling struct {
	fds   []sys.PollFd
	data  []any
	at    map[int]int
	ready []Ready
}

// NewPoll watches with poll: it takes any descriptor, and every wait passes the whole list to the kernel and scans it.
func NewPoll() (Selector, error) { return &polling{at: map[int]int{}}, nil }

func (p *polling) Register(fd int, want Events, data any) error {
	if _, watched := p.at[fd]; watched {
		return sys.EEXIST
	}
	if want == 0 {
		return ErrNoEvents
	}
	p.at[fd] = len(p.fds)
	p.fds = append(p.fds, sys.PollFd{Fd: int32(fd), Events: pollEvents(want)})
	p.data = append(p.data, data)
	return nil
}

func (p *polling) Modify(fd int, want Events, data any) error {
	i, watched := p.at[fd]
	if !watched {
		return sys.ENOENT
	}
	if want == 0 {
		return ErrNoEvents
	}
	p.fds[i].Events, p.data[i] = pollEvents(want), data
	return nil
}

// Unregister puts the list's last entry into the place that becomes free.
func (p *polling) Unregister(fd int) error {
	i, watched := p.at[fd]
	if !watched {
		return sys.ENOENT
	}
	last := len(p.fds) - 1
	p.fds[i], p.data[i] = p.fds[last], p.data[last]
	p.at[int(p.fds[i].Fd)] = i
	p.fds, p.data = p.fds[:last], p.data[:last]
	delete(p.at, fd)
	return nil
}

func (p *polling) Wait(timeout time.Duration) ([]Ready, error) {
	p.ready = p.ready[:0]
	n, err := sys.Poll(p.fds, timeout)
	if err == sys.EINTR {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("poll: %w", err)
	}
	for i := range p.fds {
		if len(p.ready) == n {
			break
		}
		if got := p.fds[i].Revents; got != 0 {
			is := Events(0)
			if got&^sys.POLLOUT != 0 { // errors and hang-ups are reported unasked, and make both true
				is |= Readable
			}
			if got&^sys.POLLIN != 0 {
				is |= Writable
			}
			p.ready = append(p.ready, Ready{int(p.fds[i].Fd), is & wanted(p.fds[i].Events), p.data[i]})
		}
	}
	return p.ready, nil
}

func (p *polling) Close() error { return nil }

func pollEvents(want Events) (events int16) {
	if want&Readable != 0 {
		events |= sys.POLLIN
	}
	if want&Writable != 0 {
		events |= sys.POLLOUT
	}
	return events
}

func wanted(events int16) (want Events) {
	if events&sys.POLLIN != 0 {
		want |= Readable
	}
	if events&sys.POLLOUT != 0 {
		want |= Writable
	}
	return want
}
