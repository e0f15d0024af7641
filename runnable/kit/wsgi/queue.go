package wsgi

import (
	"runtime"
	"sync"
)

// queue holds the connections that have input, until a thread of the pool is free for them. It differs from a channel
// in which threads it wakes: a channel would wake a thread for each of the first connections.
type queue struct {
	mutex   sync.Mutex
	some    sync.Cond // there is a connection, or end was called
	waiting []*conn
	resting int // threads that wait for some, and have not been woken
	ended   bool
}

func newQueue() *queue {
	q := &queue{}
	q.some.L = &q.mutex
	return q
}

// put adds a connection at the end. It wakes no thread.
func (q *queue) put(c *conn) {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.waiting = append(q.waiting, c)
}

// take waits for a connection; ok is false when there will be no more.
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

// share wakes threads one after the other while there are connections for them, and each can run before the next is
// woken: with few processors, the first may have served all connections by then, and waking a thread costs as much as a
// short request. If a thread waits inside an application, share continues and wakes another.
func (q *queue) share() {
	for q.wake() {
		runtime.Gosched()
	}
}

// wake wakes a thread, if one rests and there is a connection for it.
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

// end makes the threads return when all waiting connections are done.
func (q *queue) end() {
	q.mutex.Lock()
	defer q.mutex.Unlock()
	q.ended = true
	q.some.Broadcast()
}
