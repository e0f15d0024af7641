package loop

import "era/runnable/kit/readiness"

// watch is what a descriptor's readiness calls.
type watch struct {
	reader, writer *Handle
}

// AddReader calls f at every turn in which the descriptor is readable, until RemoveReader. It replaces the reader that
// the descriptor had.
func (l *Loop) AddReader(fd int, f func()) error { return l.add(fd, f, readiness.Readable) }

// AddWriter calls f at every turn in which the descriptor is writable. An idle connection is nearly always writable:
// remove the writer when there is nothing to write, or the loop never sleeps.
func (l *Loop) AddWriter(fd int, f func()) error { return l.add(fd, f, readiness.Writable) }

// RemoveReader ends AddReader. Call it before the descriptor is closed. It is no error if there was no reader.
func (l *Loop) RemoveReader(fd int) error { return l.remove(fd, readiness.Readable) }

// RemoveWriter ends AddWriter.
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
	w := l.watched[fd]
	if w == nil {
		if err := l.selector.Register(fd, event); err != nil {
			return err
		}
		w = &watch{}
		l.watched[fd] = w
	} else if had := w.wants(); had|event != had {
		if err := l.selector.Modify(fd, had|event); err != nil {
			return err
		}
	}
	of := w.of(event)
	if *of != nil {
		(*of).Cancel()
	}
	*of = &Handle{call: f}
	return nil
}

func (l *Loop) remove(fd int, event readiness.Events) error {
	w := l.watched[fd]
	if w == nil || *w.of(event) == nil {
		return nil
	}
	(*w.of(event)).Cancel() // it may be queued for this turn already
	*w.of(event) = nil
	if want := w.wants(); want != 0 {
		return l.selector.Modify(fd, want)
	}
	delete(l.watched, fd)
	return l.selector.Unregister(fd)
}

// dispatch queues the callbacks of a descriptor that is ready: they run in this turn.
func (l *Loop) dispatch(event readiness.Ready) {
	if event.FD == l.wake.pipe[0] {
		l.wake.take(l)
		return
	}
	w := l.watched[event.FD]
	if w == nil {
		return
	}
	if event.Events&readiness.Readable != 0 && w.reader != nil {
		l.ready.push(w.reader)
	}
	if event.Events&readiness.Writable != 0 && w.writer != nil {
		l.ready.push(w.writer)
	}
}
