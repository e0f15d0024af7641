package aio

import (
	"errors"
	"slices"
)

// Queue passes values between tasks, first in, first out. When it is full, putting waits: that is backpressure.
type Queue[T any] struct {
	max     int // 0: no limit
	values  []T
	getters []*Future[None]
	putters []*Future[None]
}

// ErrFull and ErrEmpty are the errors of TryPut and TryGet.
var (
	ErrFull  = errors.New("aio: the queue is full")
	ErrEmpty = errors.New("aio: the queue is empty")
)

// NewQueue makes a queue that holds at most max values; 0 is no limit.
func NewQueue[T any](max int) *Queue[T] { return &Queue[T]{max: max} }

// Len returns how many values it holds.
func (q *Queue[T]) Len() int { return len(q.values) }

func (q *Queue[T]) full() bool { return q.max > 0 && len(q.values) >= q.max }

// Put waits for room and puts a value in.
func (q *Queue[T]) Put(t *Task, value T) error {
	if err := line(t, &q.putters, q.full); err != nil {
		return err
	}
	return q.TryPut(value)
}

// Get waits for a value and takes it out.
func (q *Queue[T]) Get(t *Task) (T, error) {
	if err := line(t, &q.getters, func() bool { return len(q.values) == 0 }); err != nil {
		var none T
		return none, err
	}
	return q.TryGet()
}

// TryPut puts a value in, or returns ErrFull.
func (q *Queue[T]) TryPut(value T) error {
	if q.full() {
		return ErrFull
	}
	q.values = append(q.values, value)
	next(&q.getters)
	return nil
}

// TryGet takes a value out, or returns ErrEmpty.
func (q *Queue[T]) TryGet() (value T, err error) {
	if len(q.values) == 0 {
		return value, ErrEmpty
	}
	value, q.values[0] = q.values[0], value
	q.values = q.values[1:]
	next(&q.putters)
	return value, nil
}

// line queues the task while it has to wait.
func line(t *Task, others *[]*Future[None], mustWait func() bool) error {
	for mustWait() {
		turn := newFuture[None](t.loop, ForQueue, -1)
		*others = append(*others, turn)
		if err := t.wait(&turn.future); err != nil {
			turn.Cancel()
			if i := slices.Index(*others, turn); i >= 0 {
				*others = slices.Delete(*others, i, i+1)
			}
			if !mustWait() && !turn.Cancelled() {
				next(others) // our turn came, but we are cancelled: pass it to the next task
			}
			return err
		}
	}
	return nil
}

// next wakes the first task in line that still waits.
func next(waiting *[]*Future[None]) {
	for len(*waiting) > 0 {
		turn := (*waiting)[0]
		*waiting = (*waiting)[1:]
		if turn.SetResult(None{}) {
			return
		}
	}
}
