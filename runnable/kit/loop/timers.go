package loop

import (
	"container/heap"
	"time"

	"era/runnable/kit/trace"
)

// Timer is a callback for a point in time.
type Timer struct {
	Handle
	when time.Time
	at   int // index in the heap, -1 after it was removed
	loop *Loop
}

// When returns the time at which the timer is due.
func (t *Timer) When() time.Time { return t.when }

// Cancel removes the callback, if it has not run yet. (asyncio leaves a cancelled timer in its heap until it is due, or
// until half of the heap is cancelled.)
func (t *Timer) Cancel() {
	t.Handle.Cancel()
	if t.at >= 0 {
		heap.Remove(&t.loop.timers, t.at)
	}
}

// next removes the timer that is due first, and returns its callback.
func (h *timers) next(now time.Time) *Handle {
	t := heap.Pop(h).(*Timer)
	trace.Step(trace.Timer, 0, 0, -1, uint32(now.Sub(t.when)/time.Microsecond))
	return &t.Handle
}

// timers is a heap: the timer that is due next is the first.
type timers []*Timer

func (h timers) Len() int           { return len(h) }
func (h timers) Less(i, j int) bool { return h[i].when.Before(h[j].when) }
func (h timers) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].at, h[j].at = i, j }
func (h *timers) Push(t any)        { t.(*Timer).at = len(*h); *h = append(*h, t.(*Timer)) }
func (h *timers) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h, t.at = (*h)[:last], -1
	return t
}
