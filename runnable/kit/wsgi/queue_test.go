//go:build linux || darwin

package wsgi

import (
	"fmt"
	"runtime"
	"sync"
	"testing"

	"era/internal/hang"
)

// takers starts n threads, which take connections and pass them to do until the test ends.
func takers(t *testing.T, n int, do func(*conn)) *queue {
	q := newQueue()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for c, ok := q.take(); ok; c, ok = q.take() {
				do(c)
			}
		})
	}
	t.Cleanup(func() {
		q.end()
		all.Wait()
	})
	rest(t, q, n)
	return q
}

// rest waits until n threads rest.
func rest(t *testing.T, q *queue, n int) {
	t.Helper()
	hang.Await(t, "the threads to rest", func() string {
		q.mutex.Lock()
		defer q.mutex.Unlock()
		if q.resting != n {
			return fmt.Sprintf("%d threads rest, not %d", q.resting, n)
		}
		return ""
	})
}

// TestQueueWakesFew: on one processor, one thread does all the work that it can do without waiting.
func TestQueueWakesFew(t *testing.T) {
	const threads, rounds, each = 4, 100, 10
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var done sync.WaitGroup
	q := takers(t, threads, func(*conn) { done.Done() })
	woken := 0
	for range rounds {
		done.Add(each)
		for range each {
			q.put(&conn{})
		}
		if q.resting != threads {
			t.Fatal("put woke a thread")
		}
		for q.wake() { // as share does
			woken++
			runtime.Gosched()
		}
		done.Wait()
		rest(t, q, threads)
	}
	if woken > 2*rounds { // the scheduler may preempt a thread now and then
		t.Errorf("%d threads were woken in %d rounds, where one per round would do", woken, rounds)
	}
}

// TestQueueWakesEnough: a thread that waits for its client or its backend does not delay the others.
func TestQueueWakesEnough(t *testing.T) {
	const threads = 3
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var inside sync.WaitGroup
	inside.Add(threads)
	q := takers(t, threads, func(*conn) {
		inside.Done()
		inside.Wait() // until all are in here at the same time
	})
	for range threads {
		q.put(&conn{})
	}
	q.share()
	inside.Wait()
}

// TestQueueEnds: waiting connections are taken before take returns false.
func TestQueueEnds(t *testing.T) {
	q := newQueue()
	first, second := &conn{}, &conn{}
	q.put(first)
	q.put(second)
	q.end()
	for _, want := range []*conn{first, second, nil} {
		if c, ok := q.take(); c != want || ok != (want != nil) {
			t.Errorf("%p, %v, want %p", c, ok, want)
		}
	}
}
