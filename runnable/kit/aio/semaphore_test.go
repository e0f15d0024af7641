//go:build linux || darwin

package aio

import (
	"fmt"
	"testing"
)

// TestSemaphore: no more tasks than places run, in the order in which they asked, and a newcomer does not overtake.
func TestSemaphore(t *testing.T) {
	run(t, func(task *Task) error {
		s := NewSemaphore(2)
		inside, most := 0, 0
		var order []int
		enter := func(t *Task, i int) error {
			if err := s.Acquire(t); err != nil {
				return err
			}
			defer s.Release()
			order = append(order, i)
			inside++
			most = max(most, inside)
			defer func() { inside-- }()
			return Sleep(t, 0)
		}
		err := WithGroup(task, func(g *Group) error {
			for i := range 6 {
				g.Go(func(t *Task) error {
					err := enter(t, i)
					if i == 0 {
						return enter(t, 6) // it asks again at once, and has to wait in line
					}
					return err
				})
			}
			return nil
		})
		if got := fmt.Sprint(order); got != "[0 1 2 3 4 5 6]" || most != 2 || s.free != 2 {
			t.Errorf("order %s, %d at most, %d free", got, most, s.free)
		}
		return err
	})
}

// TestSemaphoreCancelled: a task that is cancelled in line loses no place, not even when it had been given one already.
func TestSemaphoreCancelled(t *testing.T) {
	run(t, func(task *Task) error {
		s := NewSemaphore(1)
		s.Acquire(task)
		first := task.Go(s.Acquire)
		second := task.Go(s.Acquire)
		third := task.Go(s.Acquire)
		Sleep(task, 0)
		first.Cancel() // in line
		Sleep(task, 0)
		if s.Waiting() != 2 {
			t.Errorf("%d in line, want 2", s.Waiting())
		}
		s.Release()
		second.Cancel() // it has the place, but has not run since
		if _, err := Await(task, third); err != nil || !second.Cancelled() || s.free != 0 {
			t.Errorf("the third: %v; the second was cancelled: %v; %d free", err, second.Cancelled(), s.free)
		}
		return nil
	})
}
