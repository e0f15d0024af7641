// The coroutine server: a function that stops in the middle, says what it waits for, and goes on there later. So the
// handler is three steps again, as in the blocking server, and a small scheduler does the waiting for all. This is what
// PEP 342 made of Python's generators in 2005; here on kit/coro.
package main

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"runtime/debug"
	"time"

	"era/runnable/kit/coro"
	"era/runnable/kit/http1"
	"era/runnable/kit/job"
	"era/runnable/kit/readiness"
	"era/runnable/kit/sys"
)

func main() {
	addr, backend := job.Flags()
	listener := job.Listen(addr)
	if err := sys.SetNonblock(listener, true); err != nil {
		log.Fatalf("fcntl: %v", err)
	}
	selector, err := readiness.NewLazy()
	if err != nil {
		log.Fatal(err)
	}
	s := scheduler{selector: selector, waiting: map[int]*coro.Coro{}}
	s.start(func(yield coro.Yield) { serve(yield, &s, listener, backend) })
	log.Fatal(s.run())
}

// serve accepts clients and starts a coroutine for each.
func serve(yield coro.Yield, s *scheduler, listener int, backend sys.Addr) {
	for {
		conn, err := accept(yield, listener)
		if err == nil {
			s.start(func(yield coro.Yield) { handle(yield, conn, backend) })
			continue
		}
		if !sys.NoRoom(err) { // EMFILE: no descriptor is free
			log.Printf("accept: %v", err)
		}
		yield(wait{anything, 0}) // the listener may stay readable, and we would not sleep: let something else happen first
	}
}

// handle serves one connection until the client leaves: read the request, ask the backend, write the reply.
func handle(yield coro.Yield, conn int, backend sys.Addr) {
	defer sys.Close(conn)
	var inbox http1.Inbox
	for {
		request, err := readRequest(yield, conn, &inbox)
		if err != nil {
			return
		}
		reply := request.Reply()
		if request.Asks {
			if line, err := ask(yield, backend, request.Question); err == nil {
				reply = request.Answer(line)
			} else {
				reply = request.Unanswered()
			}
		}
		if err := writeAll(yield, conn, reply); err != nil {
			return
		}
		if request.Close {
			sys.Shutdown(conn, sys.SHUT_WR) // the client reads our end of file, and we read on until its own
		}
	}
}

var errEnd = errors.New("the peer sends no more")

// arrived is where all reads put their bytes. Between two yields nobody else runs, so one buffer serves all, as long as
// its bytes are taken before the next yield; and a connection that is silent holds none.
var arrived [64 << 10]byte

// readRequest waits until a whole request has arrived.
func readRequest(yield coro.Yield, conn int, inbox *http1.Inbox) (http1.Request, error) {
	for {
		if request, ok := inbox.Next(); ok {
			return request, nil
		}
		n, err := read(yield, conn, arrived[:4096]) // a slow client holds this coroutine only
		if err != nil {
			return http1.Request{}, err
		}
		if n == 0 {
			return http1.Request{}, errEnd
		}
		inbox.Add(arrived[:n])
	}
}

// ask connects to the backend, sends it one line and waits for the line that it answers.
func ask(yield coro.Yield, backend sys.Addr, question string) ([]byte, error) {
	conn, err := connect(yield, backend)
	if err != nil {
		return nil, err
	}
	defer sys.Close(conn)
	if err := writeAll(yield, conn, []byte(question)); err != nil {
		return nil, err
	}
	var line []byte
	for !bytes.HasSuffix(line, []byte("\n")) {
		n, err := read(yield, conn, arrived[:]) // a slow backend holds this coroutine only
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, errEnd
		}
		line = append(line, arrived[:n]...)
	}
	return line, nil
}

// Below are the calls of the blocking server once more, for non-blocking descriptors: each yields where it would have
// to wait, and is resumed when it need not.

func accept(yield coro.Yield, listener int) (conn int, err error) {
	for err = sys.EAGAIN; err == sys.EAGAIN; { // the client may have left between the wait and accept
		if _, err = yield(wait{listener, readiness.Readable}); err == nil {
			conn, err = sys.Accept(listener)
		}
	}
	if err != nil {
		return -1, err
	}
	if err = sys.SetNonblock(conn, true); err != nil { // accept hands out blocking ones, always
		sys.Close(conn)
	}
	return conn, err
}

func read(yield coro.Yield, fd int, p []byte) (int, error) {
	for {
		if _, err := yield(wait{fd, readiness.Readable}); err != nil {
			return -1, err
		}
		if n, err := sys.Read(fd, p); err != sys.EAGAIN {
			return n, err
		}
	}
}

func writeAll(yield coro.Yield, fd int, p []byte) error {
	for len(p) > 0 {
		n, err := sys.Write(fd, p) // there is nearly always room: try at once, and wait only if there is none
		switch err {
		case nil:
			p = p[n:]
		case sys.EAGAIN:
			if _, err := yield(wait{fd, readiness.Writable}); err != nil {
				return err
			}
		default:
			return err
		}
	}
	return nil
}

func connect(yield coro.Yield, addr sys.Addr) (fd int, err error) {
	if fd, err = sys.Socket(sys.AF_INET, sys.SOCK_STREAM, 0); err != nil {
		return -1, err
	}
	if err = sys.SetNonblock(fd, true); err == nil {
		err = sys.Connect(fd, addr)
	}
	if err == sys.EINPROGRESS {
		if _, err = yield(wait{fd, readiness.Writable}); err == nil {
			err = sys.SocketError(fd) // writable may mean connected, or refused: the pending error tells which
		}
	}
	if err != nil {
		sys.Close(fd)
		return -1, err
	}
	return fd, nil
}

// wait is what a coroutine yields: what it waits for. anything, in place of a descriptor, is whatever happens
// next, or 10 ms.
type wait struct {
	fd    int
	event readiness.Events
}

const anything = -1

// Reason is for the trace of the yield.
func (w wait) Reason() (fd int, why uint32) { return w.fd, uint32(w.event) }

// scheduler resumes each coroutine when what it waits for has happened.
type scheduler struct {
	selector readiness.Selector
	coros    coro.Set
	waiting  map[int]*coro.Coro // by descriptor
	others   []*coro.Coro       // that wait for anything
	begun    []*coro.Coro       // that have not run yet
}

// start makes a coroutine. It begins when the scheduler comes to it: one coroutine does not resume another.
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

// resume lets the coroutine go on until it yields what it waits for next, or ends.
func (s *scheduler) resume(c *coro.Coro) {
	out, err := c.Send(nil)
	for err == nil {
		w := out.(wait)
		if w.fd == anything {
			s.others = append(s.others, c)
			return
		}
		if err = s.selector.Register(w.fd, w.event); err == nil {
			s.waiting[w.fd] = c
			return
		}
		out, err = c.Throw(err) // ENOSPC or ENOMEM: nothing would ever resume it, so it is told
	}
	if stop := (*coro.StopIteration)(nil); !errors.As(err, &stop) {
		log.Printf("coroutine: %v", err) // what this coroutine did is lost, and no other
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
			c := s.waiting[r.FD]
			delete(s.waiting, r.FD)
			if err := s.selector.Unregister(r.FD); err != nil {
				return err
			}
			s.resume(c)
		}
		for _, c := range others {
			s.resume(c)
		}
	}
}
