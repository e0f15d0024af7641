package aio

import "slices"

// Semaphore has a number of places. A task that finds none free waits in line: a released place goes to the first in
// line, never to a newcomer.
type Semaphore struct {
	free    int
	waiting []*Future[None]
}

// NewSemaphore makes a semaphore with n places.
func NewSemaphore(n int) *Semaphore { return &Semaphore{free: n} }

// Waiting returns how many tasks are in line.
func (s *Semaphore) Waiting() int { return len(s.waiting) }

// Acquire takes a place, and waits for one if none is free. If the task is cancelled meanwhile, it gets none.
func (s *Semaphore) Acquire(t *Task) error {
	if s.free > 0 { // then no task waits
		s.free--
		return nil
	}
	turn := newFuture[None](t.loop, ForQueue, -1)
	s.waiting = append(s.waiting, turn)
	err := t.wait(&turn.future)
	if err == nil {
		return nil
	}
	if i := slices.Index(s.waiting, turn); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
	} else if !turn.Cancelled() {
		s.Release() // we had the place already, but are cancelled: pass it to the next task
	}
	return err
}

// Release returns a place.
func (s *Semaphore) Release() {
	for len(s.waiting) > 0 {
		turn := s.waiting[0]
		s.waiting = s.waiting[1:]
		if turn.SetResult(None{}) {
			return
		}
	}
	s.free++
}
