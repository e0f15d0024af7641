package asgi

import (
	"errors"
	"io"
	"log"
	"net/netip"
	"time"

	"era/runnable/kit/aio"
	"era/runnable/kit/loop"
	"era/runnable/kit/sys"
)

// OnLoop is the engine of the loop that runs the task: each call of the application is its own task. A call that waits
// lets other tasks run, and may be made at any depth of calls: a coroutine has a stack.
func OnLoop(t *aio.Task) Engine { return onLoop{t, t.Loop()} }

type onLoop struct {
	task *aio.Task // for making other tasks
	loop *aio.Loop
}

func (e onLoop) Go(f func() error) {
	e.task.Go(func(*aio.Task) error { return logged(f()) })
}

// logged logs the error of a function whose result is not awaited.
func logged(err error) error {
	if err != nil && !errors.Is(err, aio.Cancelled) && !errors.Is(err, ErrDisconnected) {
		log.Print(err)
	}
	return nil
}

func (e onLoop) Sleep(d time.Duration) error { return aio.Sleep(e.loop.Current(), d) }

func (e onLoop) Dial(addr netip.AddrPort) (io.ReadWriteCloser, error) {
	conn, err := aio.Dial(e.loop.Current(), addr)
	if err != nil {
		return nil, err
	}
	return plainStream{conn, e.loop}, nil
}

// plainStream makes an io.ReadWriteCloser of a connection, which blocks the calling task.
type plainStream struct {
	conn *aio.Conn
	loop *aio.Loop
}

func (s plainStream) Read(p []byte) (int, error) { return s.conn.Read(s.loop.Current(), p) }

func (s plainStream) Write(p []byte) (int, error) {
	if _, err := s.conn.Write(p); err != nil {
		return 0, err
	}
	return len(p), s.conn.Drain(s.loop.Current())
}

func (s plainStream) Close() error { s.conn.Close(); return nil }

func (e onLoop) NewBell() Bell { return &loopBell{loop: e.loop} }

type loopBell struct {
	loop *aio.Loop
	rung bool
	wait *aio.Future[aio.None]
}

func (b *loopBell) Wait() error {
	if !b.rung {
		t := b.loop.Current()
		b.wait = aio.NewFuture[aio.None](t)
		if _, err := aio.Await(t, b.wait); err != nil {
			return err
		}
	}
	b.rung = false
	return nil
}

func (b *loopBell) Ring() {
	b.rung = true
	if b.wait != nil {
		b.wait.SetResult(aio.None{})
	}
}

// InThread runs f on a thread. back makes a task in the loop, and blocks the thread until it has ended.
func (e onLoop) InThread(f func(back Back) error) error {
	t := e.loop.Current()
	back := func(g func() error) error {
		result := make(chan error, 1)
		e.loop.CallSoonThreadsafe(func() {
			e.task.Go(func(*aio.Task) error { result <- g(); return nil })
		})
		return <-result
	}
	_, err := aio.RunInThread(t, func() (aio.None, error) { return aio.None{}, f(back) })
	return err
}

// ServeOnLoop answers the clients of a listening descriptor, all in turn on one thread, until Stop. Then it returns nil
// when all requests in progress are answered and the application has shut down.
func (s *Server) ServeOnLoop(t *aio.Task, listener int) error {
	if err := sys.NoDelay(listener); err != nil { // else a message waits 40 ms for an acknowledgement
		return err
	}
	e := onLoop{t, t.Loop()}
	return s.serve(e, func() error {
		accepting := t.Go(func(t *aio.Task) error {
			return aio.Serve(t, listener, func(t *aio.Task, conn *aio.Conn) error {
				s.converse(&loopStream{Conn: conn, loop: e.loop})
				return nil
			})
		})
		s.onStop(func() { e.loop.CallSoonThreadsafe(func() { accepting.Cancel() }) })
		_, err := aio.Await(t, accepting)
		if s.stopping() {
			err = nil // it was cancelled, as intended
		}
		return errors.Join(err, sys.Close(listener))
	})
}

// loopStream is a connection on the loop.
type loopStream struct {
	*aio.Conn
	loop     *aio.Loop
	enough   *aio.Future[aio.None] // set during Watch
	unwatch  bool
	deadline time.Time // zero for none
	timer    *loop.Timer
	due      time.Time // when the timer is due
}

func (s *loopStream) Take() ([]byte, error) { return s.Conn.Take(s.loop.Current()) }
func (s *loopStream) Drain() error          { return s.Conn.Drain(s.loop.Current()) }
func (s *loopStream) CloseWrite()           { s.Conn.CloseWrite() }

func (s *loopStream) Watch() {
	if s.unwatch {
		return
	}
	t := s.loop.Current()
	s.enough = aio.NewFuture[aio.None](t)
	s.Conn.AwaitEnd(t, s.enough) // how it ended does not matter
	s.enough = nil
}

func (s *loopStream) Rewatch() { s.unwatch = false }

func (s *loopStream) Unwatch() {
	s.unwatch = true
	if s.enough != nil {
		s.enough.SetResult(aio.None{})
	}
}

// Within keeps one timer, which is moved only if it must be earlier: otherwise a busy connection would make and drop a
// timer for each request.
func (s *loopStream) Within(d time.Duration) {
	if d == 0 {
		s.deadline = time.Time{}
		return
	}
	s.deadline = s.loop.Now().Add(d)
	if s.timer == nil || s.deadline.Before(s.due) {
		s.arm()
	}
}

func (s *loopStream) arm() {
	if s.timer != nil {
		s.timer.Cancel()
	}
	s.due = s.deadline
	s.timer = s.loop.CallAt(s.due, func() {
		s.timer = nil
		switch {
		case s.deadline.IsZero():
		case s.loop.Now().Before(s.deadline):
			s.arm()
		default:
			s.Conn.Abort()
		}
	})
}

func (s *loopStream) Abort() { s.Conn.Reset() }

func (s *loopStream) Close() {
	s.Conn.Close()
	if s.timer != nil && s.Buffered() == 0 {
		s.timer.Cancel()
	}
}

func (s *loopStream) Addresses() (client, server Address) {
	return address(s.Conn.RemoteAddr()), address(s.Conn.LocalAddr())
}

func address(a netip.AddrPort) Address {
	if !a.IsValid() {
		return Address{}
	}
	return Address{Host: a.Addr().String(), Port: int(a.Port())}
}
