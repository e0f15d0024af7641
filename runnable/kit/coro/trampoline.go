package coro

import "errors"

// Trampoline runs coroutines in turn on the caller's stack (PEP 342, example 3). A coroutine that yields another one
// calls it: the other runs on top of it, and what it returns, or its error, resumes the caller. Yielding anything else
// gives the others a turn. asyncio is this, plus a selector. The zero value is ready to use.
type Trampoline struct {
	Set   Set // of all coroutines that it runs
	queue []turn
}

// turn is a coroutine to resume, its callers, and what it is resumed with.
type turn struct {
	coro   *Coro
	caller *turn
	in     any
	err    error
}

// Add queues a coroutine.
func (t *Trampoline) Add(c *Coro) { t.queue = append(t.queue, turn{coro: c}) }

// Run resumes the coroutines in turn until all are over. It stops at the first error that no caller handled, and closes
// the coroutines that are left.
func (t *Trampoline) Run() error {
	for len(t.queue) > 0 {
		now := t.queue[0]
		t.queue = t.queue[1:]
		if err := t.resume(now); err != nil {
			return errors.Join(err, t.Set.Close())
		}
	}
	return nil
}

func (t *Trampoline) resume(now turn) error {
	var out any
	var err error
	if now.err != nil {
		out, err = now.coro.Throw(now.err)
	} else {
		out, err = now.coro.Send(now.in)
	}
	next := turn{coro: now.coro, caller: now.caller}
	if called, ok := out.(*Coro); ok && err == nil {
		next = turn{coro: called, caller: &turn{coro: now.coro, caller: now.caller}}
	}
	if stop := (*StopIteration)(nil); errors.As(err, &stop) {
		if now.caller == nil {
			return nil
		}
		next = turn{coro: now.caller.coro, caller: now.caller.caller, in: stop.Value}
	} else if err != nil {
		if now.caller == nil {
			return err
		}
		next = turn{coro: now.caller.coro, caller: now.caller.caller, err: err}
	}
	t.queue = append(t.queue, next)
	return nil
}
