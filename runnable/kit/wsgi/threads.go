package wsgi

import (
	"cmp"
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

// Threads serves with a pool of operating system threads, as Gunicorn's gthread worker does. A thread has a connection
// only while there is something to do for it; idle connections wait together in the kernel's list. So a client that
// stays connected, or sends its head slowly, occupies no thread. A client that sends its body slowly, or reads slowly,
// does: its thread is in the middle of a call of the application, which cannot be suspended.
type Threads struct {
	App    App
	N      int           // threads; 0 is 4
	Idle   time.Duration // longest silence of a client between requests; 0 is 60 s
	Body   time.Duration // longest wait in the middle of a body, or for a client that does not read; 0 is 30 s
	Errors io.Writer     // wsgi.errors, and the log for failures of the application; nil is standard error

	stopping atomic.Bool
	wake     atomic.Int32 // the writing end of a pipe on which the main thread waits; 0 before Serve
	list     *readiness.Once
	ready    *queue
	mutex    sync.Mutex
	idle     map[int]*conn // by descriptor: connections that no thread has
	full     bool          // the listener is not watched: there was no room for another client
}

const linger = 5 * time.Second

// Serve accepts clients, and waits for idle ones, on the caller's thread.
func (s *Threads) Serve(listener int) (err error) {
	serving := &server{app: s.App, multithread: true, errors: cmp.Or[io.Writer](s.Errors, os.Stderr)}
	s.idle, s.ready = map[int]*conn{}, newQueue()
	patience := &patience{idle: cmp.Or(s.Idle, time.Minute), body: cmp.Or(s.Body, 30*time.Second), linger: linger}
	wake, err := s.watch(serving, listener)
	if err != nil {
		return err
	}
	var pool sync.WaitGroup
	for range cmp.Or(s.N, 4) {
		pool.Add(1)
		sys.Thread(func() {
			defer pool.Done()
			s.work(serving)
		})
	}
	for swept := time.Now(); err == nil && !s.stopping.Load(); {
		var ready []int
		ready, err = s.list.Wait(time.Second)
		for _, fd := range ready {
			switch fd {
			case listener:
				err = s.admit(listener, patience)
			case wake:
			default:
				s.ready.put(s.take(fd))
			}
		}
		if now := time.Now(); now.Sub(swept) >= time.Second {
			s.dismiss(now)
			swept = now
			if s.full && err == nil {
				s.full = false
				err = s.list.Arm(listener)
			}
		}
		s.ready.share()
	}
	sys.Close(listener)
	s.dismiss(time.Time{})
	s.ready.end()
	pool.Wait()
	s.dismiss(time.Time{}) // those that were busy
	sys.Close(wake)
	if w := s.wake.Swap(0); w != 0 { // Serve was not ended by Stop
		sys.Close(int(w))
	}
	s.list.Close()
	return err
}

// Stop makes Serve return when the requests in progress are answered.
func (s *Threads) Stop() {
	s.stopping.Store(true)
	if w := s.wake.Swap(0); w != 0 {
		sys.Close(int(w)) // the other end becomes readable, which ends the wait
	}
}

// watch makes the list, with the listener and the pipe in it.
func (s *Threads) watch(serving *server, listener int) (wake int, err error) {
	if err := serving.at(listener); err != nil {
		return 0, err
	}
	if s.list, err = readiness.NewOnce(); err != nil {
		return 0, err
	}
	r, w, err := sys.Pipe()
	if err != nil {
		return 0, fmt.Errorf("pipe: %w", err)
	}
	s.wake.Store(int32(w))
	for _, fd := range []int{listener, r} {
		if err := s.list.Add(fd); err != nil {
			return 0, fmt.Errorf("watch: %w", err)
		}
	}
	return r, nil
}

// work is what each thread of the pool does.
func (s *Threads) work(serving *server) {
	own := &scratch{}
	for {
		c, ok := s.ready.take()
		if !ok {
			return
		}
		c.scratch = own
		if !c.turn(serving, false) || !s.park(c) {
			sys.Close(c.fd)
		}
	}
}

// park makes a connection idle. It refuses once the server is stopping: the idle connections were closed before.
func (s *Threads) park(c *conn) bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if s.stopping.Load() {
		return false
	}
	s.idle[c.fd] = c
	if err := s.list.Arm(c.fd); err != nil { // under the lock, so that it is not closed and its number reused
		log.Printf("watch: %v", err) // it stays until its time is over
	}
	return true
}

// take removes a connection from the idle ones.
func (s *Threads) take(fd int) *conn {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	c := s.idle[fd]
	delete(s.idle, fd)
	return c
}

// admit accepts all waiting clients. When no descriptor is free they stay in the kernel's queue until the next sweep:
// trying again and again would take time from the connected clients.
func (s *Threads) admit(listener int, p *patience) error {
	for {
		c, err := accept(listener, p)
		switch err {
		case nil:
		case sys.EAGAIN:
			return s.list.Arm(listener)
		case sys.ECONNABORTED:
			continue
		default:
			log.Printf("accept: %v", err)
			s.full = true
			return nil
		}
		s.mutex.Lock()
		s.idle[c.fd] = c
		s.mutex.Unlock()
		if err := s.list.Add(c.fd); err != nil {
			log.Printf("watch: %v", err)
			sys.Close(s.take(c.fd).fd)
		}
	}
}

// dismiss closes the idle connections whose time is over; with the zero time, all of them.
func (s *Threads) dismiss(now time.Time) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	for fd, c := range s.idle {
		if now.IsZero() || now.After(c.until) {
			delete(s.idle, fd)
			sys.Close(fd)
		}
	}
}
