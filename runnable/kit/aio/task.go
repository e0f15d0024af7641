package aio

import (
	"errors"
	"time"

	"era/runnable/kit/coro"
	"era/runnable/kit/trace"
)

// Task is a coroutine that the loop resumes whenever the future that it waits for is done.
type Task struct {
	loop       *Loop
	coro       *coro.Coro
	yield      coro.Yield
	result     *future
	wake       func()  // resumes it
	waiter     *future // the future that it awaits
	mustCancel bool    // the next resumption delivers Cancelled
	requests   int     // calls of Cancel that were not undone by Uncancel
	place      int     // among the loop's tasks
}

// Go makes a task that runs the body, starting in a later turn (create_task). The future is its result.
func Go[T any](t *Task, body func(t *Task) (T, error)) *Future[T] { return spawn(t.loop, body) }

// Go is the function Go for a body without result.
func (t *Task) Go(body func(t *Task) error) *Future[None] { return spawn(t.loop, withoutResult(body)) }

func spawn[T any](l *Loop, body func(t *Task) (T, error)) *Future[T] {
	f := newFuture[T](l, ForTask, -1)
	t := &Task{loop: l, result: &f.future, place: len(l.tasks)}
	f.task, t.wake = t, t.step
	t.coro = l.coros.New(func(yield coro.Yield) (any, error) {
		t.yield = yield
		value, err := body(t)
		f.value = value
		return nil, err
	})
	l.tasks = append(l.tasks, t)
	l.CallSoon(t.wake)
	return f
}

// Await waits until the future is done and returns its result or error. If it is done already, no other task runs. If
// the task is cancelled meanwhile, so is the future, and Await returns Cancelled.
func Await[T any](t *Task, f *Future[T]) (T, error) {
	if err := t.wait(&f.future); err != nil {
		var none T
		return none, err
	}
	return f.value, nil
}

// wait suspends the task until the future is done, and returns the future's error.
func (t *Task) wait(f *future) error {
	if !f.done {
		if err := t.suspend(f); err != nil {
			return err
		}
	}
	return f.taken()
}

// suspend gives up the turn: until f is done, or for one turn if f is nil. The error is what the task is resumed with
// instead: Cancelled, or GeneratorExit when the loop is closed.
func (t *Task) suspend(f *future) error {
	if t.loop.closing {
		return coro.GeneratorExit
	}
	if t.loop.current != t {
		panic("aio: only the running task can wait: pass on the task of the function that is running")
	}
	_, err := t.yield(f)
	return err
}

// step resumes the coroutine, and registers what it waits for next.
func (t *Task) step() {
	if t.result.done {
		return
	}
	l, before := t.loop, t.loop.current
	l.current, t.waiter = t, nil
	var out any
	var err error
	if t.mustCancel {
		t.mustCancel = false
		out, err = t.coro.Throw(Cancelled)
	} else {
		out, err = t.coro.Send(nil)
	}
	l.current = before
	if err != nil {
		t.end(err)
		return
	}
	f := out.(*future)
	if f == nil {
		l.CallSoon(t.wake)
		return
	}
	f.whenDone(t.wake)
	t.waiter = f
	if t.mustCancel && f.Cancel() {
		t.mustCancel = false
	}
}

func (t *Task) end(err error) {
	last := len(t.loop.tasks) - 1
	t.loop.tasks[t.place] = t.loop.tasks[last]
	t.loop.tasks[t.place].place = t.place
	t.loop.tasks[last] = nil
	t.loop.tasks = t.loop.tasks[:last]

	if stop := (*coro.StopIteration)(nil); errors.As(err, &stop) {
		err = nil
		if t.mustCancel { // it returned before Cancelled could be delivered
			err = Cancelled
		}
	}
	t.result.finish(err)
	if err != nil && !errors.Is(err, Cancelled) {
		t.result.reportUntaken()
	}
}

// Cancel asks the task to end: what it awaits is cancelled, or it gets Cancelled where it waits next. It runs until it
// returns, which may be much later, or never. Cancel reports false if the task is over.
func (t *Task) Cancel() bool {
	if t.result.done {
		return false
	}
	t.requests++
	trace.Step(trace.TaskCancel, t.coro.ID(), 0, -1, 0)
	if t.waiter == nil || !t.waiter.Cancel() {
		t.mustCancel = true
	}
	return true
}

// Cancelling returns how many requests to cancel it were not taken back.
func (t *Task) Cancelling() int { return t.requests }

// Uncancel takes one request back and returns how many are left. The code that made a request calls it after handling
// it. With the last request, a Cancelled that was not delivered yet is taken back, too (as in Python since 3.13).
func (t *Task) Uncancel() int {
	if t.requests > 0 {
		if t.requests--; t.requests == 0 {
			t.mustCancel = false
		}
	}
	return t.requests
}

// Loop returns the loop that runs the task.
func (t *Task) Loop() *Loop { return t.loop }

// ID returns the task's number in traces.
func (t *Task) ID() uint32 { return t.coro.ID() }

// Sleep waits for at least d. With d of 0 or less it lets every ready callback run once.
func Sleep(t *Task, d time.Duration) error {
	if d <= 0 {
		return t.suspend(nil)
	}
	f := newFuture[None](t.loop, ForTime, -1)
	timer := t.loop.CallLater(d, func() { f.SetResult(None{}) })
	defer timer.Cancel()
	return t.wait(&f.future)
}
