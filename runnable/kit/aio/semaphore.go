package aio

import "slices"

// Semaphore has a number of places. A task that finds none free waits in line, and the line is kept: a place that is given
// back goes to the first in line, never to a newcomer.
type Semaphore struct {
	free    int
	waiting []*Future[None]
}

// NewSemaphore makes a semaphore with n places.
func NewSemaphore(n int) *Semaphore { return &Semaphore{free: n} }

// Waiting is how many tasks stand in line.
func (s *Semaphore) Waiting() int { return len(s.waiting) }

// Acquire takes a place, and waits for one if none is free. If the task is cancelled meanwhile, it has none.
func (s *Semaphore) Acquire(t *Task) error {
	if s.free > 0 { // then nobody waits
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
		s.Release() // the place was ours already, and we are cancelled: the next one's, then
	}
	return err
}

// Release gives a place back.
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
