package wsgi

import (
	"runtime"
	"sync"
)

// queue holds the connections for which there is something to do, until a thread of the pool is free for them. It is a
// channel, but for when it wakes whom: a channel wakes a thread for each of the first that are put into it.
type queue struct {
	mutex   sync.Mutex
	some    sync.Cond // there is a connection, or the end
	waiting []*conn
	resting int // threads that wait for some, and have not been woken
	ended   bool
}

func newQueue() *queue {
	q := &queue{}
	q.some.L = &q.mutex
	return q
}

// put adds a connection at the end. It wakes nobody.
func (q *queue) put(c *conn) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.waiting = append(q.waiting, c)
}

// take waits for a connection; ok is false when there will be none any more.
func (q *queue) take() (c *conn, ok bool) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	for len(q.waiting) == 0 && !q.ended {
		q.resting++
		q.some.Wait()
	}
	if len(q.waiting) == 0 {
		return nil, false
	}
	c, q.waiting = q.waiting[0], q.waiting[1:]
	return c, true
}

// share wakes threads while there is something to do for them, one after the other, and each gets a chance before the next is
// woken: where processors are few, the first may have done it all by then, and to wake a thread costs as much as a short
// request. Who waits inside of an application lets us go on, and we wake another.
func (q *queue) share() {
	for q.wake() {
		runtime.Gosched()
	}
}

// wake wakes a thread, if one rests and there is something for it.
func (q *queue) wake() bool {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	if len(q.waiting) == 0 || q.resting == 0 {
		return false
	}
	q.resting--
	q.some.Signal()
	return true
}

// end lets the threads go when all that waits is done.
func (q *queue) end() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.ended = true
	q.some.Broadcast()
}
