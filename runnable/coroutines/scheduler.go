package main

import (
	"errors"
	"fmt"
	"log"
	"runtime/debug"
	"time"

	"era/runnable/kit/coro"
	"era/runnable/kit/readiness"
)

// wait is what a coroutine yields to wait for a descriptor.
type wait struct {
	fd    int
	event readiness.Events
}

// Reason is recorded in the trace of the yield.
func (w wait) Reason() (fd int, why uint32) { return w.fd, uint32(w.event) }

// anything is what a coroutine yields to wait for the next event of any kind, or for 10 ms.
type anything struct{}

// scheduler resumes each coroutine when what it waits for has happened.
type scheduler struct {
	selector readiness.Selector
	coros    coro.Set
	others   []*coro.Coro // those that wait for anything
	begun    []*coro.Coro // those that have not run yet
}

// start makes a coroutine. The scheduler begins it later: one coroutine does not resume another.
func (s *scheduler) start(body func(coro.Yield)) {
	s.begun = append(s.begun, s.coros.New(func(yield coro.Yield) (_ any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
		}()
		body(yield)
		return nil, nil
	}))
}

// resume runs the coroutine until it yields what it waits for next, or ends.
func (s *scheduler) resume(c *coro.Coro) {
	out, err := c.Send(nil)
	for err == nil {
		w, isWait := out.(wait)
		if !isWait { // anything
			s.others = append(s.others, c)
			return
		}
		if err = s.selector.Register(w.fd, w.event, c); err == nil {
			return
		}
		out, err = c.Throw(err) // ENOSPC or ENOMEM: nothing would ever resume it, so it receives the error
	}
	if stop := (*coro.StopIteration)(nil); !errors.As(err, &stop) {
		log.Printf("coroutine: %v", err) // only this coroutine's client is lost
	}
}

func (s *scheduler) run() error {
	for {
		for len(s.begun) > 0 {
			c := s.begun[0]
			s.begun = s.begun[1:]
			s.resume(c)
		}
		patience := time.Duration(-1) // forever
		if len(s.others) > 0 {
			patience = 10 * time.Millisecond // a coroutine that waits for anything may be the only one
		}
		ready, err := s.selector.Wait(patience) // the one call that waits
		if err != nil {
			return err
		}
		others := s.others
		s.others = nil
		for _, r := range ready {
			if err := s.selector.Unregister(r.FD); err != nil {
				return err
			}
			s.resume(r.Data.(*coro.Coro))
		}
		for _, c := range others {
			s.resume(c)
		}
	}
}
