//go:build linux || darwin

package readiness

import (
	"fmt"
	"time"

	"era/runnable/kit/sys"
)

// selecting holds the wanted events and the data of each descriptor that fits into select's sets.
type selecting struct {
	want    [sys.FD_SETSIZE]Events
	data    [sys.FD_SETSIZE]any
	highest int
	ready   []Ready
}

// NewSelect watches with select. A descriptor numbered FD_SETSIZE (1024) or higher is an error, even if few are
// watched.
func NewSelect() (Selector, error) { return &selecting{highest: -1}, nil }

func (s *selecting) Register(fd int, want Events, data any) error {
	if fd < 0 || fd >= sys.FD_SETSIZE {
		return fmt.Errorf("readiness: select has no bit for descriptor %d, only for 0 to %d", fd, sys.FD_SETSIZE-1)
	}
	if s.want[fd] != 0 {
		return sys.EEXIST
	}
	return s.set(fd, want, data)
}

func (s *selecting) Modify(fd int, want Events, data any) error {
	if !s.watches(fd) {
		return sys.ENOENT
	}
	return s.set(fd, want, data)
}

func (s *selecting) Unregister(fd int) error {
	if !s.watches(fd) {
		return sys.ENOENT
	}
	s.want[fd], s.data[fd] = 0, nil
	for s.highest >= 0 && s.want[s.highest] == 0 {
		s.highest--
	}
	return nil
}

func (s *selecting) watches(fd int) bool { return fd >= 0 && fd < len(s.want) && s.want[fd] != 0 }

func (s *selecting) set(fd int, want Events, data any) error {
	if want == 0 {
		return ErrNoEvents
	}
	s.want[fd], s.data[fd], s.highest = want, data, max(s.highest, fd)
	return nil
}

func (s *selecting) Wait(timeout time.Duration) ([]Ready, error) {
	var readable, writable sys.FdSet // select overwrites them, so they are filled for every call
	for fd, want := range s.want[:s.highest+1] {
		if want&Readable != 0 {
			readable.Set(fd)
		}
		if want&Writable != 0 {
			writable.Set(fd)
		}
	}
	s.ready = s.ready[:0]
	_, err := sys.Select(s.highest+1, &readable, &writable, nil, timeout)
	if err == sys.EINTR {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	for fd := range s.want[:s.highest+1] {
		var is Events
		if readable.IsSet(fd) {
			is |= Readable
		}
		if writable.IsSet(fd) {
			is |= Writable
		}
		if is != 0 {
			s.ready = append(s.ready, Ready{fd, is, s.data[fd]})
		}
	}
	return s.ready, nil
}

func (s *selecting) Close() error { return nil }
