package aio

import (
	"errors"
	"slices"

	"era/runnable/kit/coro"
)

// Group is a set of tasks that do not outlive the block that made them.
type Group struct {
	parent          *Task
	tasks           []*Task
	errs            []error
	aborting        bool // the tasks are cancelled
	cancelledParent bool // and the body is cancelled
	over            bool
	allDone         *Future[None] // while WithGroup waits for the tasks
}

// ErrGroupOver is the result of a task for a group that is being cancelled or is over.
var ErrGroupOver = errors.New("aio: the task group is shutting down")

// WithGroup runs the body, which may start tasks in the group, and returns when all of them have ended. The first that
// fails cancels the others and the body. It returns the errors of all, joined; Cancelled only if the task was cancelled
// from outside and there is no error. With errors, that cancellation is not lost: the next wait returns it.
func WithGroup(t *Task, body func(g *Group) error) error {
	g := &Group{parent: t}
	err := body(g)
	var cancelled error
	if errors.Is(err, Cancelled) {
		cancelled = err
	}
	if err != nil {
		g.abort()
	}
	for len(g.tasks) > 0 {
		g.allDone = newFuture[None](t.loop, ForTask, -1)
		waited := t.wait(&g.allDone.future)
		g.allDone = nil
		if errors.Is(waited, coro.GeneratorExit) {
			return waited // the loop is closed, and ends the tasks itself
		}
		if waited != nil && !g.aborting {
			cancelled = waited
			g.abort()
		}
	}
	g.over = true
	if g.cancelledParent { // only after an error
		t.Uncancel()
	}
	if cancelled != nil && len(g.errs) == 0 {
		return cancelled
	}
	if err != nil && !errors.Is(err, Cancelled) {
		g.errs = append(g.errs, err)
	}
	if len(g.errs) > 0 && t.Cancelling() > 0 { // cancelled from outside as well, but errors are returned:
		t.Uncancel() // ask once more, so that the next wait gets it. The count stays as it was
		t.Cancel()
	}
	return errors.Join(g.errs...)
}

// Go starts a task in the group.
func (g *Group) Go(body func(t *Task) error) *Future[None] { return GoIn(g, withoutResult(body)) }

// GoIn is Group.Go for a body with a result.
func GoIn[T any](g *Group, body func(t *Task) (T, error)) *Future[T] {
	if g.over || g.aborting {
		refused := newFuture[T](g.parent.loop, ForTask, -1)
		refused.finish(ErrGroupOver)
		return refused
	}
	f := spawn(g.parent.loop, body)
	g.tasks = append(g.tasks, f.task)
	f.whenDone(func() { g.ended(f.task) })
	return f
}

func (g *Group) ended(t *Task) {
	i := slices.Index(g.tasks, t)
	g.tasks = slices.Delete(g.tasks, i, i+1)
	if g.allDone != nil && len(g.tasks) == 0 {
		g.allDone.SetResult(None{})
	}
	err := t.result.taken()
	if err == nil || errors.Is(err, Cancelled) {
		return
	}
	g.errs = append(g.errs, err)
	if !g.aborting && !g.cancelledParent {
		g.abort()
		g.cancelledParent = true
		g.parent.Cancel()
	}
}

func (g *Group) abort() {
	if g.aborting {
		return
	}
	g.aborting = true
	for _, t := range g.tasks {
		t.Cancel()
	}
}
