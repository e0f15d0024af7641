package loop

import (
	"errors"
	"fmt"
	"sync"

	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

// wake is how other threads reach the loop while it waits. They append their callbacks to a list and write a byte to a
// pipe whose other end the loop watches: the self-pipe trick, which works with every selector.
type wake struct {
	mutex    sync.Mutex
	arrived  []func() // if there are any, the pipe holds a byte
	pipe     [2]int   // reading end, writing end
	isClosed bool
}

func (w *wake) open(l *Loop) (err error) {
	if w.pipe[0], w.pipe[1], err = sys.Pipe(); err == nil {
		err = errors.Join(sys.SetNonblock(w.pipe[0], true), sys.SetNonblock(w.pipe[1], true))
	}
	if err == nil {
		err = l.selector.Register(w.pipe[0], readiness.Readable, nil)
	}
	if err != nil {
		return fmt.Errorf("the loop's wake-up pipe: %w", err)
	}
	return nil
}

// CallSoonThreadsafe is CallSoon for other goroutines and threads: it wakes the loop if it waits. After Close it does
// nothing.
func (l *Loop) CallSoonThreadsafe(f func()) {
	w := &l.wake
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if w.isClosed {
		return
	}
	w.arrived = append(w.arrived, f)
	if len(w.arrived) == 1 {
		sys.Write(w.pipe[1], []byte{0}) // never blocks: the pipe holds at most one byte
	}
}

// take queues the callbacks that arrived; they run in this turn.
func (w *wake) take(l *Loop) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	sys.Read(w.pipe[0], make([]byte, 1))
	for _, f := range w.arrived {
		l.CallSoon(f)
	}
	w.arrived = nil
}

func (w *wake) close(l *Loop) error {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.isClosed = true
	return errors.Join(l.selector.Unregister(w.pipe[0]), sys.Close(w.pipe[0]), sys.Close(w.pipe[1]))
}
