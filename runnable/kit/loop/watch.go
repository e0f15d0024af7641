package loop

import (
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

// watch holds the callbacks of a descriptor.
type watch struct {
	reader, writer *Handle
}

// AddReader calls f at every turn in which the descriptor is readable, until RemoveReader. It replaces an existing
// reader of the descriptor.
func (l *Loop) AddReader(fd int, f func()) error { return l.add(fd, f, readiness.Readable) }

// AddWriter calls f at every turn in which the descriptor is writable. An idle connection is nearly always writable:
// remove the writer when there is nothing to write, or the loop never sleeps.
func (l *Loop) AddWriter(fd int, f func()) error { return l.add(fd, f, readiness.Writable) }

// RemoveReader undoes AddReader. Call it before the descriptor is closed. Removing a reader that does not exist is not
// an error.
func (l *Loop) RemoveReader(fd int) error { return l.remove(fd, readiness.Readable) }

// RemoveWriter undoes AddWriter.
func (l *Loop) RemoveWriter(fd int) error { return l.remove(fd, readiness.Writable) }

func (w *watch) of(event readiness.Events) **Handle {
	if event == readiness.Readable {
		return &w.reader
	}
	return &w.writer
}

func (w *watch) wants() (want readiness.Events) {
	if w.reader != nil {
		want |= readiness.Readable
	}
	if w.writer != nil {
		want |= readiness.Writable
	}
	return want
}

func (l *Loop) add(fd int, f func(), event readiness.Events) error {
	if fd < 0 {
		return sys.EBADF
	}
	for fd >= len(l.watched) {
		l.watched = append(l.watched, watch{})
	}
	w := &l.watched[fd]
	var err error
	switch had := w.wants(); {
	case had == 0:
		err = l.selector.Register(fd, event, nil)
	case had|event != had:
		err = l.selector.Modify(fd, had|event, nil)
	}
	if err != nil {
		return err
	}
	of := w.of(event)
	if *of != nil {
		(*of).Cancel()
	}
	*of = &Handle{call: f}
	return nil
}

func (l *Loop) remove(fd int, event readiness.Events) error {
	if fd < 0 || fd >= len(l.watched) || *l.watched[fd].of(event) == nil {
		return nil
	}
	w := &l.watched[fd]
	(*w.of(event)).Cancel() // it may be queued for this turn already
	*w.of(event) = nil
	if want := w.wants(); want != 0 {
		return l.selector.Modify(fd, want, nil)
	}
	return l.selector.Unregister(fd)
}

// dispatch queues the callbacks of a ready descriptor; they run in this turn.
func (l *Loop) dispatch(event readiness.Ready) {
	if event.FD == l.wake.pipe[0] {
		l.wake.take(l)
		return
	}
	if event.FD >= len(l.watched) {
		return
	}
	w := &l.watched[event.FD]
	if event.Events&readiness.Readable != 0 && w.reader != nil {
		l.ready.push(w.reader)
	}
	if event.Events&readiness.Writable != 0 && w.writer != nil {
		l.ready.push(w.writer)
	}
}
