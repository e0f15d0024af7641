package loop

import (
	"strconv"
	"unsafe"

	"era/runnable/kit/kernel/simulation"
)

// show tells the simulated machine how to look at the loop's callbacks. Its build adds the call (lab/simulated).
func show(l *Loop) *Loop {
	simulation.Machine.Callbacks(func() (all []simulation.Parked) {
		queued := map[*Handle]bool{}
		for at := l.ready.first; at != l.ready.next; at++ {
			queued[l.ready.ring[at&uint(len(l.ready.ring)-1)]] = true
		}
		add := func(h *Handle, fd int, why string) {
			if h != nil && h.call != nil {
				all = append(all, simulation.Callback(uint32(len(all)+1), code(h.call), fd, why, queued[h]))
			}
			delete(queued, h)
		}
		for fd, w := range l.watched {
			add(w.reader, fd, "waits until "+strconv.Itoa(fd)+" can be read")
			add(w.writer, fd, "waits until "+strconv.Itoa(fd)+" can be written")
		}
		for _, t := range l.timers {
			add(&t.Handle, -1, "waits until its time has come")
		}
		for at := l.ready.first; at != l.ready.next; at++ {
			if h := l.ready.ring[at&uint(len(l.ready.ring)-1)]; queued[h] {
				add(h, -1, "waits for its turn")
			}
		}
		return all
	})
	return l
}

// code is the address of a function's code: a func value points to a word that holds it.
func code(f func()) uintptr { return **(**uintptr)(unsafe.Pointer(&f)) }
