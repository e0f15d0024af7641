package loop

import (
	"container/heap"
	"time"

	"era/runnable/kit/trace"
)

// Timer is a callback that waits for its time.
type Timer struct {
	Handle
	when time.Time
	at   int // its place in the heap, -1 when it has left it
	loop *Loop
}

// When is the time that the timer waits for.
func (t *Timer) When() time.Time { return t.when }

// Cancel takes the callback back, if it has not run yet. (asyncio leaves a cancelled timer in its heap until its time
// comes, or until half of the heap is such.)
func (t *Timer) Cancel() {
	t.Handle.Cancel()
	if t.at >= 0 {
		heap.Remove(&t.loop.timers, t.at)
	}
}

// next takes out the timer that is due first, and returns its callback.
func (h *timers) next(now time.Time) *Handle {
	t := heap.Pop(h).(*Timer)
	trace.Step(trace.Timer, 0, 0, -1, uint32(now.Sub(t.when)/time.Microsecond))
	return &t.Handle
}

// timers is a heap: the next to be due is the first.
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
